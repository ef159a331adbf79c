//! Programs that run beside the tests, and the folders they use; both are gone afterwards.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::command::{program, run};

const FOLDER: &str = "sciaticalm-test-";

/// How long a program may take to start, and to stop when told to.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program, stopped by its own process id when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    name: String,
}

impl Running {
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { child, name: name.to_owned() })
    }

    /// Waits until it is ready; an error if it ends before, or takes too long.
    pub fn wait_until(&mut self, ready: impl Fn() -> bool) -> Result<()> {
        let start = Instant::now();
        while !ready() {
            if let Some(status) = self.child.try_wait().context("cannot ask after a process")? {
                bail!("{} ended at once ({status})", self.name);
            }
            ensure!(start.elapsed() < PATIENCE, "{} was not ready after {} s", self.name, PATIENCE.as_secs());
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Asks it to end, as a system does that shuts down, and waits; an error if it does not.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.child.try_wait().context("cannot ask after a process")? {
            return Ok(status);
        }
        let process = self.child.id().to_string();
        // The standard library can only kill; the shell's own `kill` is in every shell.
        run(program("sh").args(["-c", "kill -TERM \"$1\"", "sh", &process]))?;
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().context("cannot ask after a process")? {
                return Ok(status);
            }
            sleep(Duration::from_millis(20));
        }
        bail!("{} was still running {} s after it was told to stop", self.name, PATIENCE.as_secs())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.stop().is_err() {
            // Nothing is left to try after this, and nobody to tell.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A folder of this run in the system's temporary folder, which everybody may enter; removed when dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn make(name: &str) -> Result<Self> {
        let path = env::temp_dir().join(format!("{FOLDER}{}-{name}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("Cannot remove {}: {error}", self.0.display());
        }
    }
}

/// Removes the folders of runs that were killed before they could.
pub fn remove_abandoned_folders() -> Result<()> {
    let temporary = env::temp_dir();
    for entry in fs::read_dir(&temporary).with_context(|| format!("cannot list {}", temporary.display()))? {
        let Ok(entry) = entry else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(FOLDER).and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            // It may be another user's, and is then theirs to remove.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// A port on which nobody listens now.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot find a free port")?;
    Ok(listener.local_addr().context("cannot find a free port")?.port())
}
