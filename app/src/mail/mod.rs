//! E-mail: what a message says, and the way out: an SMTP server or, where none is set, a folder of `.eml` files.
//!
//! Sending answers at once and does its work behind the request, so that a page takes the same time whether or not it
//! sends anything. The log tells what kind of message went wrong and why, never to whom or with which link.

mod delivery;
mod letter;

use std::{
    fmt,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Semaphore, watch};

use delivery::Delivery;
pub use letter::{BadSender, Letterhead};

/// A message to one person, in words; [`Letterhead`] makes a letter of it.
#[derive(Clone)]
pub struct Message {
    /// What the log calls it: "reset-password".
    pub kind: &'static str,
    /// One plain address, without a name.
    pub to: String,
    pub subject: String,
    pub paragraphs: Vec<String>,
    pub link: Option<Link>,
    /// Paragraphs after the link.
    pub closing: Vec<String>,
    /// Of a letter that comes again and again: the address of our own site where it is stopped, by a button on its page or
    /// by a mail program's own (RFC 8058).
    pub stop: Option<String>,
}

/// Where the message leads: an address of our own site, and what one does there.
#[derive(Clone)]
pub struct Link {
    pub label: String,
    pub url: String,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}

/// How many messages may wait or be on their way; one more is dropped.
const QUEUE: usize = 256;
/// How many are handed to the server at once.
const CONNECTIONS: usize = 2;
/// How long to wait before a message that could not be sent is tried again; after the last, it is given up.
const WAITS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(25)];

/// Sends messages. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    letterhead: RwLock<Letterhead>,
    delivery: Delivery,
    waits: [Duration; 3],
    connections: Semaphore,
    /// How many messages wait or are on their way.
    unsent: watch::Sender<usize>,
    /// How many were to be sent so far: keeps files in order.
    count: AtomicU64,
    sent: AtomicU64,
    /// The last try, where it failed.
    failed: Mutex<Option<Failed>>,
}

/// How sending goes, on this server since it started.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Where messages are written that reach nobody; nothing where a mail server takes them.
    pub folder: Option<PathBuf>,
    /// How many wait or are on their way.
    pub unsent: usize,
    pub sent: u64,
    /// The last try, where it failed.
    pub failed: Option<Failed>,
}

/// A message that could not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Milliseconds since 1970, UTC.
    pub at: i64,
    pub kind: &'static str,
    /// Names nobody.
    pub cause: String,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailer({:?})", self.0.delivery)
    }
}

/// What is wrong with the address of the mail server. The address is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadServer {
    #[error("write it as smtps://USER:PASSWORD@HOST, or smtp://USER:PASSWORD@HOST:587?tls=required")]
    Unreadable,
    #[error("without encryption only a server on this machine is used: write smtps://…, or add ?tls=required")]
    Unencrypted,
}

impl Mailer {
    /// Sends by the SMTP server at `url`: `smtps://user:password@host`, `smtp://user:password@host:587?tls=required`, or
    /// `smtp://127.0.0.1:port`.
    ///
    /// # Errors
    /// When the address is none, or would send mail to another machine without encryption.
    pub fn smtp(url: &SecretString, letterhead: Letterhead) -> Result<Self, BadServer> {
        Ok(Self::new(Delivery::smtp(url.expose_secret())?, letterhead, WAITS))
    }

    /// Writes each message into the folder, which is made when the first one comes.
    pub fn folder(path: impl Into<PathBuf>, letterhead: Letterhead) -> Self {
        Self::new(Delivery::Folder(path.into()), letterhead, WAITS)
    }

    fn new(delivery: Delivery, letterhead: Letterhead, waits: [Duration; 3]) -> Self {
        Self(Arc::new(Inner {
            letterhead: RwLock::new(letterhead),
            delivery,
            waits,
            connections: Semaphore::new(CONNECTIONS),
            unsent: watch::Sender::new(0),
            count: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            failed: Mutex::new(None),
        }))
    }

    /// Calls the site by another name from now on.
    pub fn rename_site(&self, name: &str) {
        self.0.letterhead.write().unwrap_or_else(PoisonError::into_inner).rename(name);
    }

    /// Sends a message, soon. When too many wait already it is dropped, and the log says so.
    pub fn send(&self, message: Message) {
        let Some(place) = self.take_place() else {
            tracing::error!(kind = message.kind, "an e-mail was dropped: {QUEUE} wait already");
            return;
        };
        let number = self.0.count.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move { place.0.deliver(message, number).await });
    }

    /// Waits until nothing waits or is on its way.
    pub async fn flush(&self) {
        // The sender lives in `self`: it cannot be gone.
        let _ = self.0.unsent.subscribe().wait_for(|unsent| *unsent == 0).await;
    }

    /// How many messages wait or are on their way.
    pub fn unsent(&self) -> usize {
        *self.0.unsent.borrow()
    }

    /// How sending goes.
    pub fn standing(&self) -> Standing {
        Standing {
            folder: match &self.0.delivery {
                Delivery::Folder(folder) => Some(folder.clone()),
                Delivery::Smtp(_) => None,
            },
            unsent: self.unsent(),
            sent: self.0.sent.load(Ordering::Relaxed),
            failed: self.0.failed.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    fn take_place(&self) -> Option<Place> {
        let free = self.0.unsent.send_if_modified(|unsent| {
            let free = *unsent < QUEUE;
            *unsent += usize::from(free);
            free
        });
        free.then(|| Place(Arc::clone(&self.0)))
    }
}

/// A message's place among those unsent, given back when it is sent, given up, or its task panics.
struct Place(Arc<Inner>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.unsent.send_modify(|unsent| *unsent -= 1);
    }
}

impl Inner {
    async fn deliver(&self, message: Message, number: u64) {
        let kind = message.kind;
        let letterhead = self.letterhead.read().unwrap_or_else(PoisonError::into_inner).clone();
        let letter = match letterhead.letter(message) {
            Ok(letter) => letter,
            Err(error) => return tracing::error!(kind, %error, "an e-mail was dropped"),
        };
        let name = letterhead.file_name(number);
        let mut waits = self.waits.iter();
        loop {
            let failure = {
                // Given back while it waits, so that one message holds up no other. Never closed.
                let _connection = self.connections.acquire().await;
                match self.delivery.deliver(&letter, &name).await {
                    Ok(()) => {
                        self.sent.fetch_add(1, Ordering::Relaxed);
                        self.note(None);
                        return tracing::debug!(kind, "sent an e-mail");
                    }
                    Err(failure) => failure,
                }
            };
            let cause = failure.cause;
            self.note(Some(Failed { at: letterhead.now(), kind, cause: cause.clone() }));
            match waits.next() {
                Some(wait) if !failure.is_final => {
                    tracing::warn!(kind, %cause, "an e-mail could not be sent; trying again in {wait:?}");
                    tokio::time::sleep(*wait).await;
                }
                _ => return tracing::error!(kind, %cause, "an e-mail could not be sent, and was given up"),
            }
        }
    }

    fn note(&self, failed: Option<Failed>) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = failed;
    }
}

#[cfg(test)]
mod tests;
