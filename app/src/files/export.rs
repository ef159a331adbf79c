//! All content, file by file.

use crate::{Result, article, content::ContentFile, db::Db, exercise, rulebook};

/// Hands over every file, a few articles at a time, so that they are never all in memory.
///
/// # Errors
/// When the database fails; or the receiver's.
pub async fn each<E>(db: &Db, mut take: impl FnMut(ContentFile) -> Result<(), E>) -> Result<(), E>
where
    E: From<crate::Error>,
{
    let mut part = article::export::next(db, None).await?;
    while let Some(there) = part {
        part = article::export::next(db, Some(&there)).await?;
        there.files.into_iter().try_for_each(&mut take)?;
    }
    for exercise in exercise::store::library(db).await? {
        exercise::export::files(&exercise).into_iter().try_for_each(&mut take)?;
    }
    for file in rulebook::files::all(db).await? {
        take(file)?;
    }
    Ok(())
}
