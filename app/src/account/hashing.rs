//! The threads that hash passwords: they give way to whatever else the site does.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use argon2::Block;
use tokio::sync::oneshot;

use crate::{Error, Result};

/// What Argon2 works in. A thread keeps its own from one password to the next: to ask the system for 19 MiB and to give them
/// back takes locks that all threads of the process share, and who holds one must not have a low priority.
pub type Memory = Vec<Block>;

type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// Threads of a low priority. They hold no lock that anybody else waits for while they work, so that nobody waits for
/// them but whoever's password it is. They end with this.
#[derive(Debug)]
pub struct Threads {
    work: mpsc::Sender<Work>,
}

impl Threads {
    /// # Errors
    /// [`Error::Internal`] when the system gives no threads.
    pub fn start(count: usize) -> Result<Self> {
        let (work, next) = mpsc::channel();
        let next = Arc::new(Mutex::new(next));
        for _ in 0..count {
            let next = Arc::clone(&next);
            let thread = thread::Builder::new().name("hashing".to_owned()).spawn(move || run(&next));
            thread.map_err(|error| Error::internal(format!("starting a thread that hashes: {error}")))?;
        }
        Ok(Self { work })
    }

    /// Has this done, and waits for it. Once begun it is done to its end, even when nobody waits any more.
    ///
    /// # Errors
    /// [`Error::Internal`] when it panics.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut Memory) -> T + Send + 'static) -> Result<T> {
        let (done, result) = oneshot::channel();
        let work = move |memory: &mut Memory| {
            // Whoever waited may have gone.
            let _ = done.send(work(memory));
        };
        self.work.send(Box::new(work)).map_err(|_| Error::internal("the threads that hash have ended"))?;
        result.await.map_err(|_| Error::internal("hashing a password panicked"))
    }
}

fn run(next: &Mutex<mpsc::Receiver<Work>>) {
    step_back();
    let mut memory = Memory::new();
    loop {
        // One waits with the lock, and the others for it.
        let work = next.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = work else { return };
        // What panics takes its own answer with it, and not the thread.
        let _ = catch_unwind(AssertUnwindSafe(|| work(&mut memory)));
        // What is left in it is made of the password.
        memory.fill(Block::default());
    }
}

/// Gives this thread a tenth of the share of the processor that others have who want it. Less would be better for readers,
/// but on a saturated site nobody would be signed in within the time that they may wait.
/// Elsewhere than on Linux all threads are equal: there a niceness would be the whole process's.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICER) {
        tracing::warn!("passwords are hashed with the same priority as everything else is done: {error}");
    }
}

#[cfg(target_os = "linux")]
const NICER: i32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_panics_takes_no_thread_with_it() {
        let threads = Threads::start(1).unwrap();
        assert!(threads.run(|_| panic!("as a test does")).await.map(|(): ()| ()).is_err());
        assert_eq!(threads.run(|_| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn nothing_of_a_password_is_left_for_the_next() {
        let threads = Threads::start(1).unwrap();
        let fill = |memory: &mut Memory| {
            memory.resize(2, Block::default());
            memory.iter_mut().for_each(|block| block.as_mut().fill(7));
        };
        threads.run(fill).await.unwrap();
        let left = |memory: &mut Memory| memory.iter().flat_map(|block| block.as_ref().to_vec()).max();
        assert_eq!(threads.run(left).await.unwrap(), Some(0));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_threads_stand_back_and_no_other_does() {
        let threads = Threads::start(1).unwrap();
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        let before = niceness();
        assert_eq!(threads.run(move |_| niceness()).await.unwrap(), (before + NICER).min(19));
        assert_eq!(niceness(), before);
    }
}
