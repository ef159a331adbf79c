//! Where pictures are received and made, by a child process (see `sciaticalm picture`), and what is made put in its place.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use object_store::ObjectStore;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader},
    process::Command,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use uuid::Uuid;

use super::{
    File,
    frames::{self, Answer, Format, LARGEST, LONGEST_LINE},
    place::{Place, create},
};
use crate::{Error, Result};

/// How long one picture may take, in a child that has its processor to itself for 15 seconds of it.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How many are made at one moment: each may take 512 MB.
const AT_ONCE: usize = 2;
/// How many are received at one moment: each takes a few megabytes, where the network is fast.
const RECEIVED_AT_ONCE: usize = 4;
/// How long a picture waits for its turn.
const PATIENCE: Duration = Duration::from_secs(120);
/// Bytes that are read at once of what a child wrote.
const PIECE: usize = 64 * 1024;
/// Bytes that one file may have: many times what any has.
const LARGEST_FILE: u64 = 2 * LARGEST;

/// Where pictures are made, and from where they are had.
#[derive(Debug)]
pub struct Workshop {
    /// Of this machine: what is unfinished is here.
    folder: PathBuf,
    place: Place,
    program: PathBuf,
    turns: Semaphore,
    arrivals: Arc<Semaphore>,
    time_limit: Duration,
}

/// A picture, made and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// In pixels.
    pub width: u32,
    pub height: u32,
    pub files: Vec<File>,
}

/// What a child is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    /// A picture is made anew, and its files kept.
    Make,
    /// A file that was made is looked at.
    Check,
    /// It is looked at and kept.
    Keep,
}

/// Why there is no picture.
#[derive(Debug)]
pub enum NotMade {
    /// What is wrong with what was sent, as a sentence without its full stop.
    Refused(String),
    Failed(Error),
}

impl From<io::Error> for NotMade {
    fn from(error: io::Error) -> Self {
        Self::Failed(Error::internal(format!("the pictures’ folder: {error}")))
    }
}

impl Workshop {
    /// With its files in `folder`, which need not be there yet. `program` is this program: its child is `program picture`.
    pub fn new(folder: PathBuf, program: PathBuf) -> Self {
        Self {
            place: Place::Folder(folder.clone()),
            folder,
            program,
            turns: Semaphore::new(AT_ONCE),
            arrivals: Arc::new(Semaphore::new(RECEIVED_AT_ONCE)),
            time_limit: TIME_LIMIT,
        }
    }

    /// As [`new`](Self::new), with another limit for one picture.
    #[must_use]
    pub fn with_time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// As [`new`](Self::new), with finished files in a bucket.
    #[must_use]
    pub fn with_bucket(self, bucket: Arc<dyn ObjectStore>) -> Self {
        Self { place: Place::Bucket(bucket), ..self }
    }

    /// This program, as a child is started from it: the one that runs, even where another took its place on the disk.
    pub fn this_program() -> PathBuf {
        let running = Path::new("/proc/self/exe");
        if running.exists() { running.to_owned() } else { std::env::current_exe().unwrap_or_default() }
    }

    /// Where pictures are received and made. It need not be there yet.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where finished files are.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// An empty file for what somebody sends, once it is its turn.
    ///
    /// # Errors
    /// [`NotMade::Refused`] where its turn does not come; else when the folder cannot be written.
    pub async fn receive(&self, id: Uuid) -> Result<Received, NotMade> {
        let arrival = timeout(PATIENCE, Arc::clone(&self.arrivals).acquire_owned()).await;
        let Ok(Ok(turn)) = arrival else { return Err(NotMade::Refused(MANY.to_owned())) };
        let incoming = self.folder.join("incoming");
        DirBuilder::new().recursive(true).mode(0o700).create(&incoming)?;
        let path = incoming.join(id.to_string());
        let file = create(&path)?;
        Ok(Received { path, file: Some(tokio::fs::File::from_std(file)), length: 0, turn: Some(turn) })
    }

    /// Throws away what was being received when the process before this one ended.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn tidy(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.folder.join("incoming")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Makes a picture of what was sent, and keeps its files.
    ///
    /// # Errors
    /// [`NotMade::Refused`] for what the child refused, or died of; else when the folder cannot be written.
    pub async fn make(&self, received: Received, id: Uuid) -> Result<Kept, NotMade> {
        self.have_made(received, id, Errand::Make).await
    }

    /// Whether what was sent is a file that a workshop made, this one or another's, and what it is. Its very bytes are kept
    /// if that is wanted.
    ///
    /// # Errors
    /// As [`make`](Self::make).
    pub async fn check(&self, received: Received, id: Uuid, keep: bool) -> Result<Kept, NotMade> {
        if received.length > LARGEST {
            return Err(NotMade::Refused(format!("The file is larger than {} MB", LARGEST / 1024 / 1024)));
        }
        self.have_made(received, id, if keep { Errand::Keep } else { Errand::Check }).await
    }

    async fn have_made(&self, mut received: Received, id: Uuid, errand: Errand) -> Result<Kept, NotMade> {
        received.turn = None;
        let Ok(turn) = timeout(PATIENCE, self.turns.acquire()).await else {
            return Err(NotMade::Refused(MANY.to_owned()));
        };
        let sent = received.whole().await?;
        let mut incoming = Incoming { folder: &self.folder, id, names: Vec::new() };
        let made = timeout(self.time_limit, self.in_child(sent, &mut incoming, errand)).await;
        drop(turn);
        let made = made.unwrap_or_else(|_| {
            tracing::warn!("a picture took longer than its time, and its child was ended");
            Err(NotMade::Refused(
                "The picture takes too long to read: save it anew, smaller, and choose that".to_owned(),
            ))
        })?;
        if errand != Errand::Check {
            incoming.put_in(&self.place).await.map_err(NotMade::Failed)?;
        }
        Ok(made)
    }

    async fn in_child(&self, sent: fs::File, incoming: &mut Incoming<'_>, errand: Errand) -> Result<Kept, NotMade> {
        let mut child = Command::new(&self.program)
            .arg("picture")
            .args((errand != Errand::Make).then_some("--as-it-is"))
            // It needs none, and some are secrets. Memory is not reserved in advance: it has little.
            .env_clear()
            .env("MIMALLOC_ARENA_RESERVE", "0")
            .current_dir("/")
            .stdin(Stdio::from(sent))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| NotMade::Failed(Error::internal(format!("the child for pictures: {error}"))))?;
        let out = child.stdout.take().ok_or_else(|| NotMade::Failed(Error::internal("the child has no output")))?;
        let kept = keep(BufReader::with_capacity(PIECE, out), incoming).await;
        let ended = child.wait().await?;
        match kept {
            Ok(kept) => Ok(kept),
            Err(NotKept::Refused(why)) => Err(NotMade::Refused(why)),
            Err(NotKept::Disk(error)) => Err(error.into()),
            Err(NotKept::Unfinished) => {
                tracing::warn!(%ended, "the child for pictures died of one");
                Err(NotMade::Refused(
                    "The picture cannot be read: it is damaged, or takes too much memory. Save it anew, smaller, and choose that"
                        .to_owned(),
                ))
            }
        }
    }

    /// Deletes files that no picture has any more. One that cannot be deleted stays, and harms nobody.
    pub async fn forget(&self, names: &[String]) {
        for name in names {
            if let Err(error) = self.place.delete(name).await {
                tracing::warn!(%error, name, "a picture’s file was not deleted");
            }
        }
    }
}

const MANY: &str = "Many pictures are being added just now: try again in a few minutes";

/// The file of this name, and what it is, where the name is one of ours: so that no address leads out of the folder.
pub fn format_of(name: &str) -> Option<Format> {
    let (hash, extension) = name.split_once('.')?;
    let hexadecimal = |letter: u8| letter.is_ascii_digit() || (b'a'..=b'f').contains(&letter);
    if hash.len() != 2 * HASH || !hash.bytes().all(hexadecimal) {
        return None;
    }
    Format::ALL.into_iter().find(|format| format.extension() == extension)
}

/// Bytes of a hash that a name has.
const HASH: usize = 16;

/// What was sent, on the disk until this is dropped.
#[derive(Debug)]
pub struct Received {
    path: PathBuf,
    file: Option<tokio::fs::File>,
    length: u64,
    /// Until it is here.
    turn: Option<OwnedSemaphorePermit>,
}

impl Received {
    /// Takes more of it; what is beyond the largest that a picture may be is counted and not kept.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), NotMade> {
        self.length += bytes.len() as u64;
        if let Some(file) = self.file.as_mut().filter(|_| self.length <= LARGEST) {
            file.write_all(bytes).await?;
        }
        Ok(())
    }

    /// Bytes that were sent.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// To be read from its beginning.
    async fn whole(&mut self) -> io::Result<fs::File> {
        if let Some(mut file) = self.file.take() {
            file.flush().await?;
        }
        fs::File::open(&self.path)
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Files that a child wrote, beside their place until all are there.
struct Incoming<'a> {
    folder: &'a Path,
    id: Uuid,
    names: Vec<String>,
}

impl Incoming<'_> {
    fn path(&self, number: usize) -> PathBuf {
        self.folder.join("incoming").join(format!("{}.{number}", self.id))
    }

    async fn put_in(&self, place: &Place) -> Result<()> {
        let files = self.names.iter().enumerate().map(|(number, name)| (self.path(number), name.as_str()));
        place.take(&files.collect::<Vec<_>>()).await
    }
}

impl Drop for Incoming<'_> {
    fn drop(&mut self) {
        // One more than is named: the one that was being written.
        for number in 0..=self.names.len() {
            let _ = fs::remove_file(self.path(number));
        }
    }
}

/// Why an answer of a child was not kept.
enum NotKept {
    Refused(String),
    /// The child ended before it was done, or wrote what it never does.
    Unfinished,
    Disk(io::Error),
}

impl From<io::Error> for NotKept {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Reads a child's answer, and writes its files onto the disk.
async fn keep(mut out: impl AsyncBufReadExt + Unpin, incoming: &mut Incoming<'_>) -> Result<Kept, NotKept> {
    let mut line = String::new();
    let read = (&mut out).take(LONGEST_LINE).read_line(&mut line).await;
    read.map_err(|_| NotKept::Unfinished)?;
    let made = match serde_json::from_str(&line).map_err(|_| NotKept::Unfinished)? {
        Answer::Refused(why) => return Err(NotKept::Refused(why)),
        Answer::Picture(made) => made,
    };
    let mut files = Vec::new();
    for frames::File { format, width, bytes } in made.files {
        if bytes > LARGEST_FILE {
            return Err(NotKept::Unfinished);
        }
        let path = incoming.path(files.len());
        let name = format!("{}.{}", copy(&mut out, bytes, &path).await?, format.extension());
        incoming.names.push(name.clone());
        files.push(File { name, format, width, bytes });
    }
    if files.is_empty() {
        return Err(NotKept::Unfinished);
    }
    Ok(Kept { width: made.width, height: made.height, files })
}

/// Copies so many bytes onto the disk, and returns their hash.
async fn copy(from: &mut (impl AsyncRead + Unpin), bytes: u64, path: &Path) -> Result<String, NotKept> {
    let mut file = tokio::fs::File::from_std(create(path)?);
    let (mut hash, mut left) = (Sha256::new(), bytes);
    let mut piece = vec![0; PIECE];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let read = from.read(&mut piece[..most]).await.map_err(|_| NotKept::Unfinished)?;
        if read == 0 {
            return Err(NotKept::Unfinished);
        }
        hash.update(&piece[..read]);
        file.write_all(&piece[..read]).await?;
        left -= read as u64;
    }
    file.flush().await?;
    file.sync_all().await?;
    Ok(hash.finalize()[..HASH].iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_ours_are_files() {
        let hash = "0123456789abcdef0123456789abcdef";
        assert_eq!(format_of(&format!("{hash}.webp")), Some(Format::Webp));
        assert_eq!(format_of(&format!("{hash}.jpg")), Some(Format::Jpeg));
        assert_eq!(format_of(&format!("{hash}.svg")), Some(Format::Svg));
        for name in [
            "",
            "incoming",
            "../sciaticalm.db",
            "x.webp",
            &format!("{hash}.html"),
            &format!("{hash}.svg.webp"),
            &format!("{}.svg", hash.to_uppercase()),
        ] {
            assert_eq!(format_of(name), None, "{name}");
        }
    }
}
