//! All content, file by file.

use std::collections::HashSet;

use uuid::Uuid;

use super::PICTURES;
use crate::{
    Error, Result, article,
    content::ContentFile,
    db::Db,
    exercise,
    media::{self, place::Place},
    rulebook,
};

/// A file of an export.
#[derive(Clone, Debug)]
pub struct Exported {
    /// With its folders.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl From<ContentFile> for Exported {
    fn from(ContentFile { name, text }: ContentFile) -> Self {
        Self { name, bytes: text.into_bytes() }
    }
}

/// Hands over every file, a few articles and one picture's file at a time, so that they are never all in memory.
///
/// # Errors
/// When the database fails, or a picture's file is not there; or the receiver's.
pub async fn each<E>(db: &Db, pictures: &Place, mut take: impl FnMut(Exported) -> Result<(), E>) -> Result<(), E>
where
    E: From<Error>,
{
    let mut part = article::export::next(db, None).await?;
    while let Some(there) = part {
        part = article::export::next(db, Some(&there)).await?;
        there.files.into_iter().map(Exported::from).try_for_each(&mut take)?;
    }
    for exercise in exercise::store::library(db).await? {
        exercise::export::files(&exercise).into_iter().map(Exported::from).try_for_each(&mut take)?;
    }
    for file in rulebook::files::all(db).await? {
        take(file.into())?;
    }
    let (mut last, mut written) = (Uuid::nil(), HashSet::new());
    loop {
        let some = media::store::after(db, last).await?;
        let Some(picture) = some.last() else { return Ok(()) };
        last = picture.id;
        for picture in some {
            take(media::file::write(&picture).into())?;
            for file in picture.files {
                // Two pictures may have a file in common.
                if !written.insert(file.name.clone()) {
                    continue;
                }
                let bytes = pictures.read(&file.name).await?;
                let lost = || Error::internal(format!("the picture {} lacks its file {}", picture.id, file.name));
                take(Exported { name: format!("{PICTURES}/{}", file.name), bytes: bytes.ok_or_else(lost)? })?;
            }
        }
    }
}

/// How many bytes the files of all pictures have.
///
/// # Errors
/// When the database fails.
pub async fn bytes_of_pictures(db: &Db) -> Result<u64> {
    let (mut last, mut bytes, mut counted) = (Uuid::nil(), 0, HashSet::new());
    loop {
        let some = media::store::after(db, last).await?;
        let Some(picture) = some.last() else { return Ok(bytes) };
        last = picture.id;
        let files = some.into_iter().flat_map(|picture| picture.files);
        bytes += files.filter_map(|file| counted.insert(file.name).then_some(file.bytes)).sum::<u64>();
    }
}
