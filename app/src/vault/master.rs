//! The master keys, which wrap the accounts' keys: from a file that is made at the first start, or from the environment.
//!
//! The file has one key a line, the newest first, as `ID:KEY`. There are two while a rotation is under way, and one
//! otherwise. An id is made from its key, so that a damaged line is seen.

use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use sha2::{Digest, Sha256};

use super::key::{KEY, Key};

/// One master key.
#[derive(Debug)]
pub struct MasterKey {
    /// Twelve hexadecimal digits, made from the key. They tell keys apart, and nothing about them.
    pub id: String,
    pub key: Key,
}

impl MasterKey {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> Result<Self, Problem> {
        Key::random().map(Self::new).map_err(|_| Problem::NoRandomness)
    }

    fn new(key: Key) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"sciaticalm master key ");
        hash.update(key.expose());
        let id = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self { id, key }
    }

    fn from_base64(text: &str) -> Option<Self> {
        // One byte more than a key has, so that what is too long is seen.
        let mut bytes = Zeroizing::new([0; KEY + 1]);
        let length = BASE64.decode_slice(text.trim(), bytes.as_mut_slice()).ok()?;
        Key::from_bytes(&bytes[..length]).map(Self::new)
    }

    fn line(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(BASE64.encode(self.key.expose()));
        Zeroizing::new(format!("{}:{}\n", self.id, *key))
    }
}

/// What is wrong with the master keys, as a sentence for whoever runs the site.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("cannot read the master key {path}: {error}")]
    Unreadable { path: String, error: io::Error },
    #[error("cannot write the master key {path}: {error}")]
    Unwritable { path: String, error: io::Error },
    #[error("others than its owner may read the master key {path}: run `chmod 600 {path}`")]
    Exposed { path: String },
    #[error("line {line} of the master key {path} is damaged: put back your copy of that file")]
    Damaged { path: String, line: usize },
    #[error("the master key {path} is empty: put back your copy of that file")]
    Empty { path: String },
    #[error("{variable} must be 32 bytes in base64, as `openssl rand -base64 32` prints them")]
    NotAKey { variable: &'static str },
    #[error("the system has no randomness for a key")]
    NoRandomness,
    #[error("another rotation is under way")]
    RotationUnderWay,
}

/// The newest first.
type Ring = Vec<Arc<MasterKey>>;

/// The master keys that this process knows.
pub struct MasterKeys {
    /// Nothing where they are from the environment.
    file: Option<PathBuf>,
    ring: RwLock<Ring>,
}

impl MasterKeys {
    /// Those of a file, which need not be there yet.
    ///
    /// # Errors
    /// When the file is there and cannot be used.
    pub fn in_file(path: PathBuf) -> Result<Self, Problem> {
        let ring = read(&path)?;
        Ok(Self { file: Some(path), ring: RwLock::new(ring) })
    }

    /// Those of the environment: the one in use, and during a rotation the one before.
    ///
    /// # Errors
    /// When one of them is no key.
    pub fn given(current: &SecretString, old: Option<&SecretString>) -> Result<Self, Problem> {
        let parse = |variable, text: &SecretString| {
            MasterKey::from_base64(text.expose_secret()).map(Arc::new).ok_or(Problem::NotAKey { variable })
        };
        let mut ring = vec![parse("SCIATICALM_MASTER_KEY", current)?];
        if let Some(old) = old {
            ring.push(parse("SCIATICALM_MASTER_KEY_OLD", old)?);
        }
        Ok(Self { file: None, ring: RwLock::new(ring) })
    }

    /// Where they are, for a sentence.
    pub fn place(&self) -> String {
        match &self.file {
            Some(path) => path.display().to_string(),
            None => "SCIATICALM_MASTER_KEY or SCIATICALM_MASTER_KEY_OLD".to_owned(),
        }
    }

    /// The master key of this id. One that is not known may have come with a rotation: the file is read again.
    ///
    /// # Errors
    /// When the file cannot be used any more.
    pub fn find(&self, id: &str) -> Result<Option<Arc<MasterKey>>, Problem> {
        let known = |ring: &Ring| ring.iter().find(|master| master.id == id).cloned();
        if let Some(master) = known(&self.ring()) {
            return Ok(Some(master));
        }
        let Some(path) = &self.file else { return Ok(None) };
        let ring = read(path)?;
        let found = known(&ring);
        if found.is_some() {
            self.set_ring(ring);
        }
        Ok(found)
    }

    /// The newest; nothing where the file was never made.
    pub fn newest(&self) -> Option<Arc<MasterKey>> {
        self.ring().first().cloned()
    }

    /// The newest, made where there is none, for a key store that has never been used.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn newest_or_first(&self) -> Result<Arc<MasterKey>, Problem> {
        if let Some(newest) = self.newest() {
            return Ok(newest);
        }
        let Some(path) = &self.file else { return Err(Problem::NotAKey { variable: "SCIATICALM_MASTER_KEY" }) };
        let first = Arc::new(MasterKey::random()?);
        if put(path, &[Arc::clone(&first)], Mode::IfMissing)? {
            tracing::warn!(
                "made the master key {0}. Keep a copy of it, away from the copies of the database: without it nobody's \
                 health entries can be opened again",
                path.display()
            );
            self.set_ring(vec![Arc::clone(&first)]);
            return Ok(first);
        }
        // Another process was quicker.
        self.set_ring(read(path)?);
        self.newest().ok_or_else(|| Problem::Empty { path: path.display().to_string() })
    }

    /// Begins a rotation: the master key to wrap by from now on, on the disk beside those before.
    ///
    /// # Errors
    /// When the file cannot be used, or another rotation is under way.
    pub fn begin_rotation(&self) -> Result<Rotation<'_>, Problem> {
        let Some(path) = &self.file else {
            let to = self.newest().ok_or(Problem::NotAKey { variable: "SCIATICALM_MASTER_KEY" })?;
            return Ok(Rotation { to, keys: self, _lock: None });
        };
        let folder = folder_of(path);
        let unreadable = |error| Problem::Unreadable { path: folder.display().to_string(), error };
        let lock = File::open(folder).map_err(unreadable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Problem::RotationUnderWay),
            Err(TryLockError::Error(error)) => return Err(unreadable(error)),
        }
        let to = Arc::new(MasterKey::random()?);
        let mut ring = read(path)?;
        ring.insert(0, Arc::clone(&to));
        put(path, &ring, Mode::Replace)?;
        self.set_ring(ring);
        Ok(Rotation { to, keys: self, _lock: Some(lock) })
    }

    fn ring(&self) -> Ring {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_ring(&self, ring: Ring) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKeys").field("file", &self.file).finish_non_exhaustive()
    }
}

/// A rotation under way. Where it does not come to its end, both keys stay in the file, and the next one finishes it.
#[derive(Debug)]
pub struct Rotation<'a> {
    pub to: Arc<MasterKey>,
    keys: &'a MasterKeys,
    _lock: Option<File>,
}

impl Rotation<'_> {
    /// Forgets the master keys before: no account's key is wrapped by them any more.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(self) -> Result<(), Problem> {
        let ring = vec![self.to];
        if let Some(path) = &self.keys.file {
            put(path, &ring, Mode::Replace)?;
        }
        self.keys.set_ring(ring);
        Ok(())
    }
}

/// The keys in the file; none where it is not there.
fn read(path: &Path) -> Result<Ring, Problem> {
    let named = || path.display().to_string();
    let unreadable = |error| Problem::Unreadable { path: named(), error };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ring::new()),
        Err(error) => return Err(unreadable(error)),
    };
    if file.metadata().map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
        return Err(Problem::Exposed { path: named() });
    }
    let text = Zeroizing::new(io::read_to_string(file).map_err(unreadable)?);
    let mut ring = Ring::new();
    for (at, line) in text.lines().enumerate() {
        let master = line.split_once(':').and_then(|(id, key)| {
            let master = MasterKey::from_base64(key)?;
            (master.id == id).then_some(master)
        });
        ring.push(Arc::new(master.ok_or_else(|| Problem::Damaged { path: named(), line: at + 1 })?));
    }
    if ring.is_empty() { Err(Problem::Empty { path: named() }) } else { Ok(ring) }
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    IfMissing,
    Replace,
}

/// Writes the file whole or not at all, for its owner alone, and onto the disk; `false` where it was not to be replaced.
fn put(path: &Path, ring: &[Arc<MasterKey>], mode: Mode) -> Result<bool, Problem> {
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let written = write_new(&new, ring).and_then(|()| match mode {
        Mode::Replace => fs::rename(&new, path),
        Mode::IfMissing => fs::hard_link(&new, path),
    });
    if mode == Mode::IfMissing || written.is_err() {
        let _ = fs::remove_file(&new);
    }
    match written.and_then(|()| File::open(folder_of(path))?.sync_all()) {
        Ok(()) => Ok(true),
        Err(error) if mode == Mode::IfMissing && error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Problem::Unwritable { path: path.display().to_string(), error }),
    }
}

fn write_new(path: &Path, ring: &[Arc<MasterKey>]) -> io::Result<()> {
    // What a process of the same number left when it was killed.
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    for master in ring {
        file.write_all(master.line().as_bytes())?;
    }
    file.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}
