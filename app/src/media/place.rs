//! Where the finished files of pictures are: in a folder, or in a bucket that several servers share. Either holds them by their
//! names and nothing else, so that what was copied from the one into the other is found there.

use std::{
    fs,
    future::Future,
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use axum::body::Bytes;
use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use object_store::{
    Attribute, Attributes, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt, PutMultipartOptions, PutOptions,
    PutPayload, path::Path as Key,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::workshop::format_of;
use crate::{Error, Result};

/// Bytes that are read at once of a file.
const PIECE: usize = 64 * 1024;
/// Bytes that are sent at once to a bucket, which takes no smaller part of a larger file.
const PART: usize = 5 * 1024 * 1024;
/// How long a bucket may take until it answers: less than a page may.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one may take to take a file.
const TO_SEND: Duration = Duration::from_secs(60);

/// Where they are.
#[derive(Clone, Debug)]
pub enum Place {
    /// It need not be there yet.
    Folder(PathBuf),
    /// Whatever is in the bucket is these files: of another site there is nothing.
    Bucket(Arc<dyn ObjectStore>),
}

/// A file's bytes, piece by piece.
pub struct Contents {
    /// In bytes.
    pub length: u64,
    pub pieces: BoxStream<'static, io::Result<Bytes>>,
}

impl Contents {
    /// Of a file on the disk.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn of(path: &Path) -> io::Result<Self> {
        let file = tokio::fs::File::open(path).await?;
        let length = file.metadata().await?.len();
        let pieces = stream::try_unfold(file, |mut file| async move {
            let mut piece = vec![0; PIECE];
            let read = file.read(&mut piece).await?;
            piece.truncate(read);
            Ok((read > 0).then_some((Bytes::from(piece), file)))
        });
        Ok(Self { length, pieces: pieces.boxed() })
    }
}

impl Place {
    /// Whether there is a file of this name.
    ///
    /// # Errors
    /// When the folder cannot be read, or the bucket does not answer.
    pub async fn has(&self, name: &str) -> Result<bool> {
        match self {
            Self::Folder(folder) => tokio::fs::try_exists(folder.join(name)).await.map_err(of_folder),
            Self::Bucket(bucket) => Ok(if_there(in_time(PATIENCE, bucket.head(&key(name))).await)?.is_some()),
        }
    }

    /// The file of this name; nothing where there is none.
    ///
    /// # Errors
    /// As [`has`](Self::has).
    pub async fn open(&self, name: &str) -> Result<Option<Contents>> {
        match self {
            Self::Folder(folder) => match Contents::of(&folder.join(name)).await {
                Ok(contents) => Ok(Some(contents)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(of_folder(error)),
            },
            Self::Bucket(bucket) => {
                let found = if_there(in_time(PATIENCE, bucket.get(&key(name))).await)?;
                Ok(found.map(|found| Contents {
                    length: found.meta.size,
                    pieces: found.into_stream().map_err(|error| io::Error::other(why(&error))).boxed(),
                }))
            }
        }
    }

    /// The bytes of the file of this name; nothing where there is none.
    ///
    /// # Errors
    /// As [`has`](Self::has).
    pub async fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(Contents { mut pieces, .. }) = self.open(name).await? else { return Ok(None) };
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.try_next().await.map_err(|error| self.failed(error))? {
            bytes.extend_from_slice(&piece);
        }
        Ok(Some(bytes))
    }

    /// Puts a file there under this name, whole or not at all, and in place of one that there is.
    ///
    /// # Errors
    /// When the contents cannot be read, the folder cannot be written, or the bucket does not take it.
    pub async fn put(&self, name: &str, contents: Contents) -> Result<()> {
        match self {
            Self::Folder(folder) => write(folder, name, contents).await.map_err(of_folder),
            Self::Bucket(bucket) => match timeout(TO_SEND, send(bucket.as_ref(), name, contents)).await {
                Ok(sent) => sent,
                Err(_) => Err(away(format!("it did not take a file within {} s", TO_SEND.as_secs()))),
            },
        }
    }

    /// Puts files of the disk there, each under its name. They may be gone from where they were; a folder is on the same disk.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub async fn take(&self, files: &[(PathBuf, &str)]) -> Result<()> {
        match self {
            Self::Folder(folder) => {
                let rename = |(path, name): &(PathBuf, &str)| fs::rename(path, folder.join(name));
                let renamed = files.iter().try_for_each(rename).and_then(|()| fs::File::open(folder)?.sync_all());
                renamed.map_err(of_folder)
            }
            Self::Bucket(_) => {
                for (path, name) in files {
                    self.put(name, Contents::of(path).await.map_err(of_folder)?).await?;
                }
                Ok(())
            }
        }
    }

    /// Deletes the file of this name, if there is one.
    ///
    /// # Errors
    /// When it cannot be deleted.
    pub async fn delete(&self, name: &str) -> Result<()> {
        match self {
            Self::Folder(folder) => match tokio::fs::remove_file(folder.join(name)).await {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(of_folder(error)),
                _ => Ok(()),
            },
            Self::Bucket(bucket) => if_there(in_time(PATIENCE, bucket.delete(&key(name))).await).map(drop),
        }
    }

    /// The names of the files that were put there before this moment, in milliseconds since 1970. What is called otherwise
    /// than a picture's file is not of ours.
    ///
    /// # Errors
    /// As [`has`](Self::has).
    pub async fn older_than(&self, moment: i64) -> Result<Vec<String>> {
        let mut names = Vec::new();
        match self {
            Self::Folder(folder) => {
                let mut entries = match tokio::fs::read_dir(folder).await {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(names),
                    entries => entries.map_err(of_folder)?,
                };
                while let Some(entry) = entries.next_entry().await.map_err(of_folder)? {
                    let Ok(name) = entry.file_name().into_string() else { continue };
                    if format_of(&name).is_some() && self.is_older(&name, moment).await? {
                        names.push(name);
                    }
                }
            }
            Self::Bucket(bucket) => {
                let mut found = bucket.list(None);
                while let Some(meta) = in_time(PATIENCE, found.try_next()).await.map_err(Error::from)? {
                    let name = meta.location.as_ref();
                    if format_of(name).is_some() && put_at(&meta) < moment {
                        names.push(name.to_owned());
                    }
                }
            }
        }
        Ok(names)
    }

    /// Whether there is a file of this name that was put there before this moment, in milliseconds since 1970.
    ///
    /// # Errors
    /// As [`has`](Self::has).
    pub async fn is_older(&self, name: &str, moment: i64) -> Result<bool> {
        match self {
            Self::Folder(folder) => match tokio::fs::metadata(folder.join(name)).await {
                Ok(there) => {
                    let at = there.modified().map_err(of_folder)?.duration_since(UNIX_EPOCH).unwrap_or_default();
                    Ok(there.is_file() && i64::try_from(at.as_millis()).unwrap_or(i64::MAX) < moment)
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(of_folder(error)),
            },
            Self::Bucket(bucket) => {
                let found = if_there(in_time(PATIENCE, bucket.head(&key(name))).await)?;
                Ok(found.is_some_and(|meta| put_at(&meta) < moment))
            }
        }
    }

    /// Whether files can be had from there at all.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where a bucket does not answer, and [`Error::Internal`] where it does, and refuses.
    pub async fn ask(&self) -> Result<()> {
        let Self::Bucket(bucket) = self else { return Ok(()) };
        match in_time(PATIENCE, bucket.list(None).try_next()).await {
            Err(Failed::Answered(error)) if refuses(&error) => Err(Error::internal(why(&error))),
            asked => asked.map(drop).map_err(Error::from),
        }
    }

    fn failed(&self, error: io::Error) -> Error {
        match self {
            Self::Folder(_) => of_folder(error),
            Self::Bucket(_) => away(error.to_string()),
        }
    }
}

async fn write(folder: &Path, name: &str, mut contents: Contents) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let unfinished = folder.join(format!("{name}.new"));
    // What was left when the process was killed.
    let _ = fs::remove_file(&unfinished);
    let mut file = tokio::fs::File::from_std(create(&unfinished)?);
    while let Some(piece) = contents.pieces.try_next().await? {
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    file.sync_all().await?;
    fs::rename(&unfinished, folder.join(name))?;
    fs::File::open(folder)?.sync_all()
}

/// In one piece where it is small enough, and else in parts, of which no more than one is in memory.
async fn send(bucket: &dyn ObjectStore, name: &str, mut contents: Contents) -> Result<()> {
    let kind = format_of(name).map(|format| (Attribute::ContentType, format.media_type()));
    let attributes: Attributes = kind.into_iter().collect();
    let Some(first) = part(&mut contents).await.map_err(of_folder)? else {
        return Err(Error::internal(format!("{name} is empty")));
    };
    if first.len() < PART {
        let options = PutOptions { attributes, ..PutOptions::default() };
        return bucket.put_opts(&key(name), first.into(), options).await.map(drop).map_err(|error| away(why(&error)));
    }
    let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
    let mut upload = bucket.put_multipart_opts(&key(name), options).await.map_err(|error| away(why(&error)))?;
    let sent = send_parts(upload.as_mut(), first, contents).await;
    if sent.is_err() {
        // So that nobody pays for what nobody sees.
        let _ = upload.abort().await;
    }
    sent
}

async fn send_parts(upload: &mut dyn MultipartUpload, first: Vec<u8>, mut contents: Contents) -> Result<()> {
    let mut next = Some(first);
    while let Some(bytes) = next {
        upload.put_part(PutPayload::from(bytes)).await.map_err(|error| away(why(&error)))?;
        next = part(&mut contents).await.map_err(of_folder)?;
    }
    upload.complete().await.map(drop).map_err(|error| away(why(&error)))
}

/// The next part; nothing at the end.
async fn part(contents: &mut Contents) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    while bytes.len() < PART
        && let Some(piece) = contents.pieces.try_next().await?
    {
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
}

/// For its owner alone.
pub(super) fn create(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

fn key(name: &str) -> Key {
    Key::from(name)
}

fn put_at(meta: &ObjectMeta) -> i64 {
    meta.last_modified.timestamp_millis()
}

fn of_folder(error: io::Error) -> Error {
    Error::internal(format!("the pictures\u{2019} folder: {error}"))
}

fn away(why: String) -> Error {
    Error::Unavailable(format!("the pictures\u{2019} bucket: {why}").into())
}

/// Why a bucket did not do what was asked.
enum Failed {
    Answered(object_store::Error),
    Silent,
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Answered(error) => away(why(&error)),
            Failed::Silent => away(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }
}

async fn in_time<T>(limit: Duration, asked: impl Future<Output = object_store::Result<T>>) -> Result<T, Failed> {
    match timeout(limit, asked).await {
        Ok(answer) => answer.map_err(Failed::Answered),
        Err(_) => Err(Failed::Silent),
    }
}

/// What there is, where there is something.
fn if_there<T>(found: Result<T, Failed>) -> Result<Option<T>> {
    match found {
        Err(Failed::Answered(object_store::Error::NotFound { .. })) => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// Whether the bucket answered, and that it may not or cannot do this: asked again, it would say the same.
fn refuses(error: &object_store::Error) -> bool {
    use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
    matches!(error, NotFound { .. } | PermissionDenied { .. } | Unauthenticated { .. })
        // What of an answer is no error of its own, as of a list's, is in the text alone.
        || first_cause(error).contains("status code: 4")
}

/// Letters of a cause that are told.
const MOST_OF_A_CAUSE: usize = 200;

/// Why, in words that hold nothing of a request: an answer may repeat what was signed, so that only its code is told.
fn why(error: &object_store::Error) -> String {
    let cause = first_cause(error);
    if let Some((_, code)) = cause.split_once("<Code>") {
        return format!("it answers {}", code.chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
    }
    match error {
        object_store::Error::NotFound { .. } => "there is none of this name".to_owned(),
        error if refuses(error) => "it refuses this key and secret".to_owned(),
        _ => cause.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_OF_A_CAUSE).collect(),
    }
}

/// What began it, in its own words.
fn first_cause(error: &object_store::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
