//! The threads that hash passwords: they give way to whatever else the site does.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use argon2::Block;
use futures_util::future::select;
use tokio::{
    sync::oneshot::{self, Receiver},
    time::timeout,
};

use crate::{Error, Result};

/// What Argon2 works in. A thread keeps its own from one password to the next: to ask the system for 19 MiB and to give them
/// back takes locks that all threads of the process share, and who holds one must not have a low priority.
pub type Memory = Vec<Block>;

type Work = Box<dyn FnOnce(&mut Memory) + Send>;

/// How long idle threads have for one password: many times what it takes them on a machine that is not full. Where it is
/// full, they get next to nothing of it.
const IDLE_FOR: Duration = Duration::from_millis(250);
/// How long an idle thread leaves its processor to others after a password: about as long as one takes. However many wait,
/// half of the processor stays free.
const REST: Duration = Duration::from_millis(16);

/// Threads that run when no processor has anything else to do, and as many that take a password over where that does not
/// come soon. They hold no lock that anybody else waits for while they work, so that nobody waits for them but whoever's
/// password it is. They end with this.
#[derive(Debug)]
pub struct Threads {
    idle: mpsc::Sender<Work>,
    sure: mpsc::Sender<Work>,
}

impl Threads {
    /// So many of each.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system gives no threads.
    pub fn start(idle: usize, sure: usize) -> Result<Self> {
        let rest = || {
            stand_back();
            Some(REST)
        };
        Ok(Self { idle: start(idle, rest)?, sure: start(sure, || None)? })
    }

    /// Has this done, and waits for it: by an idle thread, and after a while by a sure one, whichever is done first. What
    /// was begun is done to its end, even when nobody waits any more.
    ///
    /// # Errors
    /// [`Error::Internal`] when it panics.
    pub async fn run<T: Send + 'static>(&self, work: impl Fn(&mut Memory) -> T + Send + Sync + 'static) -> Result<T> {
        let work = Arc::new(work);
        let mut idle = begin(&self.idle, &work)?;
        let done = match timeout(IDLE_FOR, &mut idle).await {
            Ok(done) => done,
            Err(_) => select(idle, begin(&self.sure, &work)?).await.factor_first().0,
        };
        done.map_err(|_| Error::internal("hashing a password panicked"))
    }
}

/// `prepare` says how long the thread that calls it rests after each password.
fn start(count: usize, prepare: fn() -> Option<Duration>) -> Result<mpsc::Sender<Work>> {
    let (work, next) = mpsc::channel();
    let next = Arc::new(Mutex::new(next));
    for _ in 0..count {
        let next = Arc::clone(&next);
        let thread = thread::Builder::new().name("hashing".to_owned()).spawn(move || run(&next, prepare()));
        thread.map_err(|error| Error::internal(format!("starting a thread that hashes: {error}")))?;
    }
    Ok(work)
}

fn begin<T: Send + 'static>(
    threads: &mpsc::Sender<Work>,
    work: &Arc<impl Fn(&mut Memory) -> T + Send + Sync + 'static>,
) -> Result<Receiver<T>> {
    let (done, result) = oneshot::channel();
    let work = Arc::clone(work);
    let work = move |memory: &mut Memory| {
        // Whoever waited may have gone, or have it from another thread.
        if !done.is_closed() {
            let _ = done.send(work(memory));
        }
    };
    threads.send(Box::new(work)).map_err(|_| Error::internal("the threads that hash have ended"))?;
    Ok(result)
}

fn run(next: &Mutex<mpsc::Receiver<Work>>, rest: Option<Duration>) {
    let mut memory = Memory::new();
    loop {
        // One waits with the lock, and the others for it.
        let work = next.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = work else { return };
        // What panics takes its own answer with it, and not the thread.
        let _ = catch_unwind(AssertUnwindSafe(|| work(&mut memory)));
        // What is left in it is made of the password.
        memory.fill(Block::default());
        if let Some(rest) = rest {
            thread::sleep(rest);
        }
    }
}

/// Lets this thread run when nothing else wants its processor. Elsewhere than on Linux all threads are equal.
fn stand_back() {
    #[cfg(target_os = "linux")]
    {
        let none = libc::sched_param { sched_priority: 0 };
        #[expect(unsafe_code, reason = "no crate that we have does it")]
        // SAFETY: it reads what the pointer leads to, which lives until it has returned, and writes nothing. 0 is the thread
        // that calls.
        let done = unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const none) };
        if done != 0 {
            let error = std::io::Error::last_os_error();
            tracing::warn!("passwords are hashed with the same priority as everything else is done: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn work_that_panics_takes_no_thread_with_it() {
        let threads = Threads::start(1, 1).unwrap();
        assert!(threads.run(|_| panic!("as a test does")).await.map(|(): ()| ()).is_err());
        assert_eq!(threads.run(|_| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn nothing_of_a_password_is_left_for_the_next() {
        let threads = Threads::start(1, 1).unwrap();
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
        // As `man proc` has it: the 41st field, of which the second is a name in brackets.
        let policy = || {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            stat.rsplit_once(") ").unwrap().1.split(' ').nth(41 - 3).unwrap().parse::<i32>().unwrap()
        };
        let threads = Threads::start(1, 1).unwrap();
        assert_eq!(threads.run(move |_| policy()).await.unwrap(), libc::SCHED_IDLE);
        assert_ne!(policy(), libc::SCHED_IDLE);
    }

    /// As on a machine that is full: the idle thread gets nowhere.
    #[tokio::test]
    async fn what_an_idle_thread_does_not_come_to_is_done_all_the_same() {
        let threads = Threads::start(1, 1).unwrap();
        let (go_on, stuck) = mpsc::channel::<()>();
        let stuck = Mutex::new(stuck);
        threads.idle.send(Box::new(move |_| stuck.lock().unwrap().recv().unwrap_or_default())).unwrap();
        let done = Arc::new(AtomicU32::new(0));
        for count in 1..=3 {
            let done = Arc::clone(&done);
            assert_eq!(threads.run(move |_| done.fetch_add(1, Ordering::Relaxed) + 1).await.unwrap(), count);
        }
        drop(go_on);
        // The idle thread has everything behind it now, and did none of it again.
        threads.run(|_| ()).await.unwrap();
        assert_eq!(done.load(Ordering::Relaxed), 3);
    }
}
