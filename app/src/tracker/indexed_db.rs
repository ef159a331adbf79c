//! IndexedDB, as far as the tracker needs it: read some records, and change some within a transaction that the browser
//! writes through to the disk before it says so.
//!
//! By hand over `web-sys`: of the crates for it, one cannot ask for that durability, and the other loses the reason of a
//! commit that failed, which is how a full disk shows itself.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{
    DomException, Event, IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction,
};

use super::sheet::Trouble;

/// Of the database of no account; an account's has its id after it.
const NAME: &str = "sciaticalm";
const VERSION: u32 = 2;

/// One record for each entry. Its key says what it is about, then its id.
const ENTRIES: &str = "entries";

/// How the keys of what [waits](waiting) begin.
pub const WAITING: &str = "unsent";

/// How long to wait for the browser. It can fail to answer at all: WebKit has, and so does a page that another tab blocks.
const PATIENCE_MS: i32 = 10_000;

/// An open database, closed when this is dropped, so that no tab keeps a later version of the page waiting.
pub struct Database {
    database: IdbDatabase,
    whose: Option<Uuid>,
}

impl Drop for Database {
    fn drop(&mut self) {
        self.database.close();
    }
}

impl Database {
    /// The one of an account's entries, or of those of no account.
    pub async fn open(whose: Option<Uuid>) -> Result<Self, Trouble> {
        let window = web_sys::window().ok_or(Trouble::Blocked)?;
        let factory = window.indexed_db().map_err(thrown)?.ok_or(Trouble::Blocked)?;
        let name = whose.map_or_else(|| NAME.to_owned(), |id| format!("{NAME}-{}", id.simple()));
        let request = factory.open_with_u32(&name, VERSION).map_err(thrown)?;
        let upgrade = Closure::once(|event: Event| {
            create_stores(&event);
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database = answer(&request).await?.dyn_into().map_err(thrown)?;
        Ok(Self { database, whose })
    }

    /// Writes one record: `change` gets those whose keys begin so, and nobody else can write between that and the record
    /// that it returns with its key; nothing is written where it returns none. An account's waits for the server from then on.
    pub async fn change(
        &self,
        beginning: &str,
        change: impl FnOnce(Vec<Vec<u8>>) -> Option<(String, Vec<u8>)>,
    ) -> Result<(), Trouble> {
        let changes = self.begin()?;
        let Some((key, record)) = change(changes.all(beginning, beginning).await?) else {
            return Err(Trouble::Erased);
        };
        changes.put(&key, &record)?;
        if self.whose.is_some() {
            changes.put(&waiting(&key), &[])?;
        }
        changes.commit().await
    }

    /// Begins to change records: nobody else can write until it is [committed](Changes::commit).
    pub fn begin(&self) -> Result<Changes, Trouble> {
        Changes::of(self.strict().map_err(thrown)?)
    }

    /// Begins to read: all of one moment.
    pub fn look(&self) -> Result<Changes, Trouble> {
        Changes::of(self.database.transaction_with_str(ENTRIES).map_err(thrown)?)
    }

    /// A transaction that is complete only when it is on the disk. `web-sys` has the option behind a compiler flag alone;
    /// a browser that does not know it takes no notice.
    fn strict(&self) -> Result<IdbTransaction, JsValue> {
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        let begin: Function = Reflect::get(&self.database, &"transaction".into())?.dyn_into()?;
        begin.call3(&self.database, &ENTRIES.into(), &"readwrite".into(), &options)?.dyn_into()
    }
}

/// Changes of one transaction. Between them nothing else may be waited for, or it ends; and what was changed before an
/// error may stay.
pub struct Changes {
    transaction: IdbTransaction,
    entries: IdbObjectStore,
}

impl Changes {
    fn of(transaction: IdbTransaction) -> Result<Self, Trouble> {
        let entries = transaction.object_store(ENTRIES).map_err(thrown)?;
        Ok(Self { transaction, entries })
    }

    /// The records whose keys begin with `from`, with `to` or with anything between them.
    pub async fn all(&self, from: &str, to: &str) -> Result<Vec<Vec<u8>>, Trouble> {
        let range = range(from, to)?;
        let request = self.entries.get_all_with_key(&range).map_err(thrown)?;
        let found: Array = answer(&request).await?.dyn_into().map_err(thrown)?;
        Ok(found.iter().map(bytes).collect())
    }

    /// As [`Changes::all`], each record with its key, in the order of the keys. Many at once, because each request that
    /// is waited for by itself costs about a millisecond.
    pub async fn pairs(&self, from: &str, to: &str) -> Result<Vec<(String, Vec<u8>)>, Trouble> {
        let range = range(from, to)?;
        let keys = self.entries.get_all_keys_with_key(&range).map_err(thrown)?;
        let records = self.entries.get_all_with_key(&range).map_err(thrown)?;
        let keys: Array = answer(&keys).await?.dyn_into().map_err(thrown)?;
        let records: Array = answer(&records).await?.dyn_into().map_err(thrown)?;
        let keys = keys.iter().map(|key| key.as_string().unwrap_or_default());
        Ok(keys.zip(records.iter().map(bytes)).collect())
    }

    /// The keys that begin so.
    pub async fn keys(&self, beginning: &str) -> Result<Vec<String>, Trouble> {
        let range = range(beginning, beginning)?;
        let request = self.entries.get_all_keys_with_key(&range).map_err(thrown)?;
        let found: Array = answer(&request).await?.dyn_into().map_err(thrown)?;
        Ok(found.iter().filter_map(|key| key.as_string()).collect())
    }

    /// The record of this key; empty where it is none of ours.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let found = answer(&self.entries.get(&key.into()).map_err(thrown)?).await?;
        Ok((!found.is_undefined()).then(|| bytes(found)))
    }

    pub fn put(&self, key: &str, record: &[u8]) -> Result<(), Trouble> {
        self.entries.put_with_key(&Uint8Array::from(record), &key.into()).map_err(thrown).map(drop)
    }

    pub fn delete(&self, key: &str) -> Result<(), Trouble> {
        self.entries.delete(&key.into()).map_err(thrown).map(drop)
    }

    /// Everything in it.
    pub fn clear(&self) -> Result<(), Trouble> {
        self.entries.clear().map_err(thrown).map(drop)
    }

    /// It is all on the disk, or an error.
    pub async fn commit(self) -> Result<(), Trouble> {
        committed(&self.transaction).await
    }
}

fn create_stores(event: &Event) -> Option<()> {
    let request: IdbOpenDbRequest = event.target()?.dyn_into().ok()?;
    let database: IdbDatabase = request.result().ok()?.dyn_into().ok()?;
    database.create_object_store(ENTRIES).ok()?;
    Some(())
}

/// Beside the record of this key, that the server has yet to be told of it.
pub fn waiting(key: &str) -> String {
    format!("{WAITING}/{key}")
}

fn range(from: &str, to: &str) -> Result<IdbKeyRange, Trouble> {
    // After every key that begins so.
    let end = format!("{to}/\u{ffff}");
    IdbKeyRange::bound(&from.into(), &end.into()).map_err(thrown)
}

/// What is there but is no array of bytes reads as an empty record: broken, and left where it is.
fn bytes(record: JsValue) -> Vec<u8> {
    record.dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec()).unwrap_or_default()
}

/// What the browser says to a request.
async fn answer(request: &IdbRequest) -> Result<JsValue, Trouble> {
    settled(|settle| {
        request.set_onsuccess(Some(settle));
        request.set_onerror(Some(settle));
    })
    .await?;
    match request.error() {
        Ok(Some(error)) => Err(Trouble::named(&error.name())),
        _ => request.result().map_err(thrown),
    }
}

async fn committed(transaction: &IdbTransaction) -> Result<(), Trouble> {
    let end = settled(|settle| {
        transaction.set_oncomplete(Some(settle));
        transaction.set_onabort(Some(settle));
    })
    .await?;
    match (end.type_() == "complete", transaction.error()) {
        (true, _) => Ok(()),
        (false, Some(error)) => Err(Trouble::named(&error.name())),
        (false, None) => Err(Trouble::Other("AbortError".to_owned())),
    }
}

/// Waits for the first event that `listen` hands its function to. Goes on within that event, while the transaction still
/// takes requests.
async fn settled(listen: impl Fn(&Function)) -> Result<Event, Trouble> {
    let promise = Promise::new(&mut |resolve, _| {
        listen(&resolve);
        // Resolves with nothing, where an event is something.
        if let Some(window) = web_sys::window() {
            let _: Result<i32, JsValue> =
                window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, PATIENCE_MS);
        }
    });
    let event = promise.await.map_err(thrown)?;
    event.dyn_into().map_err(|_| Trouble::NoAnswer)
}

fn thrown(error: JsValue) -> Trouble {
    match error.dyn_into::<DomException>() {
        Ok(exception) => Trouble::named(&exception.name()),
        Err(_) => Trouble::Other("unknown error".to_owned()),
    }
}
