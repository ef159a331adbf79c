//! Encryption at rest: who has the database, or a backup of it, but not the keys can read nothing of anybody's health.
//!
//! What an account keeps is sealed under a key of its own, with the account, the entry and its kind bound in, so that
//! nothing opens where it does not belong. Accounts' keys are wrapped by a master key ([`master`]) and kept apart from the
//! data ([`store`]). Destroying an account's key makes what it sealed unreadable, in every backup too.

mod key;
pub mod master;
pub mod store;

use std::{fmt, sync::Arc};

use secrecy::zeroize::Zeroizing;
use uuid::Uuid;

use self::{
    key::Key,
    master::{MasterKey, MasterKeys},
    store::{KeyStore, WrappedKey},
};
use crate::{Error, Result, clock::Clock};

/// What is sealed is padded to a multiple of so many bytes: its length must not tell a pain of 9 from one of 10.
const PADDED_TO: usize = 256;
/// Where the padding begins; zeros follow.
const PADDING_BEGINS: u8 = 0x80;
/// How many keys a rotation wraps anew in one transaction.
const BATCH: i64 = 256;
/// How often to look again: each time is one rotation that came to its end between two looks, and once is rare.
const ATTEMPTS: usize = 8;

/// Seals and opens what accounts keep. Cheap to clone. Holds master keys alone: an account's key is fetched for each call.
#[derive(Clone)]
pub struct Vault {
    store: KeyStore,
    masters: Arc<MasterKeys>,
    clock: Clock,
}

impl Vault {
    /// [`Vault::prepare`] before use.
    pub fn new(store: KeyStore, masters: MasterKeys, clock: Clock) -> Self {
        Self { store, masters: Arc::new(masters), clock }
    }

    /// Brings the key store to this version of the program, makes the first master key, and logs an error where keys are
    /// wrapped by a master key that is not there: the rest of the site works without.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the key store does not answer; others when it or the master key's file is unusable.
    pub async fn prepare(&self) -> Result<()> {
        self.store.migrate().await?;
        if self.store.current_master().await?.is_none() {
            let first = self.masters.newest_or_first().map_err(Error::internal)?;
            self.store.name_first_master(&first.id).await?;
        }
        for id in self.lost_masters().await? {
            tracing::error!(
                "health entries cannot be opened or saved: their keys are wrapped by the master key {id}, which is \
                 not in {}. Put your copy of it back",
                self.masters.place()
            );
        }
        // What a process that was killed may have left in it.
        self.store.empty_log().await.or_else(|error| {
            tracing::warn!(%error, "the key store's log");
            Ok(())
        })
    }

    /// The master keys that wrap somebody's key and are not there: what those keys sealed cannot be opened.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the key store does not answer; others when the master key's file is unusable.
    pub async fn lost_masters(&self) -> Result<Vec<String>> {
        let mut lost = Vec::new();
        for id in self.store.masters_in_use().await? {
            if self.masters.find(&id).map_err(Error::internal)?.is_none() {
                lost.push(id);
            }
        }
        Ok(lost)
    }

    /// Encrypts `plain` under the account's key, which is made at the first time, and binds account, id and kind to it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the account's key was destroyed; [`Error::Unavailable`] when the key store does not answer;
    /// [`Error::Internal`] when the master key is not there.
    pub async fn seal(&self, account: Uuid, id: Uuid, kind: &str, plain: &[u8]) -> Result<Vec<u8>> {
        self.key_or_new(account).await?.seal(id, kind, plain)
    }

    /// What [`Vault::seal`] sealed for the same account, id and kind.
    ///
    /// # Errors
    /// As [`Vault::seal`]; [`Error::NotFound`] also when the account never had a key, [`Error::Internal`] also when it was
    /// sealed for another account, id or kind, or was changed.
    pub async fn open(&self, account: Uuid, id: Uuid, kind: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        self.key(account).await?.open(id, kind, sealed)
    }

    /// The account's key for opening and sealing many entries in one request, made at the first time. Not to be kept for
    /// longer.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub async fn key_to_write(&self, account: Uuid) -> Result<AccountKey> {
        self.key_or_new(account).await
    }

    /// The account's key, for opening many entries in one request. Not to be kept for longer.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub async fn key(&self, account: Uuid) -> Result<AccountKey> {
        self.find_key(account).await?.ok_or(Error::NotFound)
    }

    /// Makes the key of a new account: one without a key counts as deleted.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub async fn make_key(&self, account: Uuid) -> Result<()> {
        self.key_or_new(account).await.map(drop)
    }

    /// Whether the account had a key that was destroyed: that is, whether it was deleted. Of an account that never had one,
    /// nothing is known.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn is_destroyed(&self, account: Uuid) -> Result<bool> {
        Ok(self.store.key(account).await?.is_some_and(|key| key.is_destroyed()))
    }

    /// Destroys the account's key: nothing that it sealed can be opened again, nor anything be sealed for the account.
    ///
    /// # Errors
    /// When the key store fails; then the key may still be there.
    pub async fn destroy(&self, account: Uuid) -> Result<()> {
        self.store.destroy(account, self.now()).await?;
        if let Err(error) = self.store.empty_log().await {
            tracing::error!(%error, "a destroyed key may still be in the key store's log, until the next is destroyed");
        }
        Ok(())
    }

    /// Wraps every account's key by a new master key, and forgets the one before. May be interrupted at any time: both
    /// are known until all is done, and the next rotation does the rest. A site that is running meanwhile goes on.
    ///
    /// # Errors
    /// When the key store or the master key's file fails, or a key cannot be unwrapped; then no master key is forgotten.
    pub async fn rotate(&self) -> Result<Rotated> {
        for id in self.store.masters_in_use().await? {
            self.masters.find(&id).map_err(Error::internal)?.ok_or_else(|| self.no_master())?;
        }
        let rotation = self.masters.begin_rotation().map_err(Error::internal)?;
        let to = Arc::clone(&rotation.to);
        // From here on a running site wraps by the new one alone, so that those found now are all.
        self.store.set_current_master(&to.id).await?;
        let mut accounts = 0;
        loop {
            let keys = self.store.keys_not_under(&to.id, BATCH).await?;
            if keys.is_empty() {
                break;
            }
            accounts += keys.len();
            let keys = keys.into_iter().map(|old| self.rewrapped(old, &to)).collect::<Result<Vec<_>>>()?;
            self.store.rewrap(keys).await?;
        }
        self.store.empty_log().await?;
        rotation.finish().map_err(Error::internal)?;
        Ok(Rotated { master: to.id.clone(), accounts })
    }

    /// Where the keys are kept, for those who back them up.
    pub fn store(&self) -> &KeyStore {
        &self.store
    }

    /// Waits for what is being written, and closes.
    pub async fn close(self) {
        self.store.close().await;
    }

    async fn key_or_new(&self, account: Uuid) -> Result<AccountKey> {
        for _ in 0..ATTEMPTS {
            if let Some(key) = self.find_key(account).await? {
                return Ok(key);
            }
            let Some(master) = self.current_master().await? else { continue };
            let wrapped = wrap(account, &Key::random()?, &master)?;
            // Another request may be quicker: what counts is what is there afterwards.
            self.store.add(wrapped, self.now()).await?;
        }
        Err(self.no_master())
    }

    /// Nothing where the account never had a key.
    async fn find_key(&self, account: Uuid) -> Result<Option<AccountKey>> {
        for _ in 0..ATTEMPTS {
            let Some(found) = self.store.key(account).await? else { return Ok(None) };
            if found.is_destroyed() {
                return Err(Error::NotFound);
            }
            if let Some(master) = self.masters.find(&found.master).map_err(Error::internal)? {
                return unwrap(&found, &master).map(|key| Some(AccountKey { account, key }));
            }
            // A rotation may have come to its end since the key was read.
        }
        Err(self.no_master())
    }

    /// Nothing where it is not there, or a rotation has replaced it since it was read which one it is.
    async fn current_master(&self) -> Result<Option<Arc<MasterKey>>> {
        let Some(id) = self.store.current_master().await? else {
            return Err(Error::internal("the key store is not prepared"));
        };
        self.masters.find(&id).map_err(Error::internal)
    }

    fn no_master(&self) -> Error {
        Error::internal(format!("the master key that wraps an account's key is not in {}", self.masters.place()))
    }

    fn rewrapped(&self, old: WrappedKey, to: &MasterKey) -> Result<(WrappedKey, WrappedKey)> {
        let master = self.masters.find(&old.master).map_err(Error::internal)?.ok_or_else(|| self.no_master())?;
        let key = unwrap(&old, &master)?;
        let new = wrap(old.account_id, &key, to)?;
        Ok((old, new))
    }

    fn now(&self) -> i64 {
        i64::try_from(self.clock.millis()).unwrap_or(i64::MAX)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

/// What a rotation did.
#[derive(Debug)]
pub struct Rotated {
    /// The id of the master key in use now.
    pub master: String,
    /// How many accounts' keys it wraps anew.
    pub accounts: usize,
}

/// The key of one account, unwrapped. Wiped when dropped.
#[derive(Debug)]
pub struct AccountKey {
    account: Uuid,
    key: Key,
}

impl AccountKey {
    /// See [`Vault::seal`].
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn seal(&self, id: Uuid, kind: &str, plain: &[u8]) -> Result<Vec<u8>> {
        self.key.seal(&self.bound(id, kind), &padded(plain))
    }

    /// See [`Vault::open`].
    ///
    /// # Errors
    /// When it was sealed for another account, id or kind, or was changed.
    pub fn open(&self, id: Uuid, kind: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let opened = self.key.open(&self.bound(id, kind), sealed).and_then(unpadded);
        opened.ok_or_else(|| Error::internal("a health entry does not open: it was changed, or belongs elsewhere"))
    }

    /// Two ids of 16 bytes, then the kind: no other three give the same bytes.
    fn bound(&self, id: Uuid, kind: &str) -> Vec<u8> {
        [self.account.as_bytes().as_slice(), id.as_bytes(), kind.as_bytes()].concat()
    }
}

fn padded(plain: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = (plain.len() + 1).next_multiple_of(PADDED_TO);
    let mut padded = Zeroizing::new(Vec::with_capacity(length));
    padded.extend_from_slice(plain);
    padded.push(PADDING_BEGINS);
    padded.resize(length, 0);
    padded
}

fn unpadded(mut padded: Vec<u8>) -> Option<Vec<u8>> {
    let end = padded.iter().rposition(|byte| *byte != 0)?;
    if padded[end] != PADDING_BEGINS {
        return None;
    }
    padded.truncate(end);
    Some(padded)
}

fn wrap(account: Uuid, key: &Key, master: &MasterKey) -> Result<WrappedKey> {
    let wrapped = master.key.seal(&bound_to_wrapping(account), key.expose())?;
    Ok(WrappedKey { account_id: account, master: master.id.clone(), wrapped })
}

fn unwrap(wrapped: &WrappedKey, master: &MasterKey) -> Result<Key> {
    let bytes = master.key.open(&bound_to_wrapping(wrapped.account_id), &wrapped.wrapped).map(Zeroizing::new);
    let key = bytes.and_then(|bytes| Key::from_bytes(&bytes));
    key.ok_or_else(|| Error::internal("an account's key does not unwrap: the key store was changed"))
}

fn bound_to_wrapping(account: Uuid) -> Vec<u8> {
    [b"account key".as_slice(), account.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ENTRY: &[u8] = b"numb below the left knee";

    fn account_key() -> AccountKey {
        AccountKey { account: id(1), key: Key::random().unwrap() }
    }

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn what_is_sealed_opens_again_and_shows_nothing() {
        let key = account_key();
        let sealed = key.seal(id(2), "note", ENTRY).unwrap();
        assert_eq!(key.open(id(2), "note", &sealed).unwrap(), ENTRY);
        assert!(!sealed.windows(6).any(|window| ENTRY.windows(6).any(|part| part == window)));
    }

    #[test]
    fn the_same_entry_sealed_twice_differs() {
        let key = account_key();
        assert_ne!(key.seal(id(2), "note", ENTRY).unwrap(), key.seal(id(2), "note", ENTRY).unwrap());
    }

    #[test]
    fn nothing_opens_where_it_does_not_belong() {
        let key = account_key();
        let sealed = key.seal(id(2), "note", ENTRY).unwrap();
        assert!(key.open(id(3), "note", &sealed).is_err(), "another entry");
        assert!(key.open(id(2), "notes", &sealed).is_err(), "another kind");
        assert!(key.open(id(2), "", &sealed).is_err(), "no kind");
        let key = AccountKey { account: id(4), ..key };
        assert!(key.open(id(2), "note", &sealed).is_err(), "another account, even with the same key");
        let other = account_key();
        assert!(other.open(id(2), "note", &sealed).is_err(), "the same account, with another key");
    }

    #[test]
    fn nothing_that_was_changed_opens() {
        let key = account_key();
        let sealed = key.seal(id(2), "note", ENTRY).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.open(id(2), "note", &changed).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(key.open(id(2), "note", &sealed[..length]).is_err(), "{length} bytes");
        }
        assert!(key.open(id(2), "note", &[&sealed[..], &[0]].concat()).is_err(), "longer");
    }

    #[test]
    fn a_wrapped_key_belongs_to_its_account_and_its_master() {
        let (first, second) = (MasterKey::random().unwrap(), MasterKey::random().unwrap());
        let key = Key::random().unwrap();
        let wrapped = wrap(id(1), &key, &first).unwrap();
        assert_eq!(unwrap(&wrapped, &first).unwrap().expose(), key.expose());
        assert!(unwrap(&wrapped, &second).is_err());
        assert!(unwrap(&WrappedKey { account_id: id(2), ..wrapped }, &first).is_err());
    }

    #[test]
    fn the_length_of_what_is_sealed_tells_no_score() {
        let key = account_key();
        let length = |plain: &[u8]| key.seal(id(2), "pain", plain).unwrap().len();
        assert_eq!(length(b"9"), length(b"10"));
        assert_eq!(length(b""), length(&[7; PADDED_TO - 1]));
    }

    #[test]
    fn debug_prints_no_key() {
        let key = account_key();
        let master = MasterKey::random().unwrap();
        let shown = format!("{key:?} {master:?}");
        for secret in [key.key.expose(), master.key.expose()] {
            assert!(!shown.contains(&format!("{secret:?}")), "{shown}");
            assert!(!shown.contains(&String::from_utf8_lossy(secret)[..]), "{shown}");
        }
        assert!(shown.contains("key: Key"), "{shown}");
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_again(plain: Vec<u8>, kind: String) {
            let key = account_key();
            let sealed = key.seal(id(2), &kind, &plain).unwrap();
            prop_assert_eq!(key.open(id(2), &kind, &sealed).unwrap(), plain);
        }

        #[test]
        fn padding_comes_off_as_it_went_on(plain: Vec<u8>, more in 0_usize..600) {
            let plain = [plain, vec![0; more]].concat();
            let padded = padded(&plain);
            prop_assert_eq!(padded.len() % PADDED_TO, 0);
            prop_assert_eq!(unpadded(padded.to_vec()), Some(plain));
        }
    }
}
