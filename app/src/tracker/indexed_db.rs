//! IndexedDB, as far as the tracker needs it: read some records, and write one within a transaction that the browser
//! writes through to the disk before it says so.
//!
//! By hand over `web-sys`: of the crates for it, one cannot ask for that durability, and the other loses the reason of a
//! commit that failed, which is how a full disk shows itself.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{
    DomException, Event, IdbDatabase, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction,
};

use super::sheet::Trouble;

const NAME: &str = "sciaticalm";
const VERSION: u32 = 2;

/// One record for each entry. Its key says what it is about, then its id.
const ENTRIES: &str = "entries";

/// How long to wait for the browser. It can fail to answer at all: WebKit has, and so does a page that another tab blocks.
const PATIENCE_MS: i32 = 10_000;

/// An open database, closed when this is dropped, so that no tab keeps a later version of the page waiting.
pub struct Database(IdbDatabase);

impl Drop for Database {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Database {
    pub async fn open() -> Result<Self, Trouble> {
        let window = web_sys::window().ok_or(Trouble::Blocked)?;
        let factory = window.indexed_db().map_err(thrown)?.ok_or(Trouble::Blocked)?;
        let request = factory.open_with_u32(NAME, VERSION).map_err(thrown)?;
        let upgrade = Closure::once(|event: Event| {
            create_stores(&event);
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database = answer(&request).await?.dyn_into().map_err(thrown)?;
        Ok(Self(database))
    }

    /// The records whose keys begin with any of these, from one beginning to another, all of one moment: whoever writes
    /// waits until the last of them is here.
    pub async fn read(&self, ranges: &[(&str, &str)]) -> Result<Vec<Vec<u8>>, Trouble> {
        let transaction = self.0.transaction_with_str(ENTRIES).map_err(thrown)?;
        let entries = transaction.object_store(ENTRIES).map_err(thrown)?;
        let mut records = vec![];
        for (from, to) in ranges {
            records.extend(all(&entries, from, to).await?);
        }
        Ok(records)
    }

    /// Writes one record: `change` gets those whose keys begin so, and nobody else can write between that and the record
    /// that it returns with its key.
    pub async fn change(
        &self,
        beginning: &str,
        change: impl FnOnce(Vec<Vec<u8>>) -> (String, Vec<u8>),
    ) -> Result<(), Trouble> {
        let transaction = self.strict().map_err(thrown)?;
        let entries = transaction.object_store(ENTRIES).map_err(thrown)?;
        let (key, record) = change(all(&entries, beginning, beginning).await?);
        entries.put_with_key(&Uint8Array::from(record.as_slice()), &key.into()).map_err(thrown)?;
        committed(&transaction).await
    }

    /// A transaction that is complete only when it is on the disk. `web-sys` has the option behind a compiler flag alone;
    /// a browser that does not know it takes no notice.
    fn strict(&self) -> Result<IdbTransaction, JsValue> {
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        let begin: Function = Reflect::get(&self.0, &"transaction".into())?.dyn_into()?;
        begin.call3(&self.0, &ENTRIES.into(), &"readwrite".into(), &options)?.dyn_into()
    }
}

fn create_stores(event: &Event) -> Option<()> {
    let request: IdbOpenDbRequest = event.target()?.dyn_into().ok()?;
    let database: IdbDatabase = request.result().ok()?.dyn_into().ok()?;
    database.create_object_store(ENTRIES).ok()?;
    Some(())
}

/// The records whose keys begin with `from`, with `to` or with anything between them.
async fn all(store: &IdbObjectStore, from: &str, to: &str) -> Result<Vec<Vec<u8>>, Trouble> {
    // After every key that begins so.
    let end = format!("{to}/\u{ffff}");
    let range = IdbKeyRange::bound(&from.into(), &end.into()).map_err(thrown)?;
    let found: Array = answer(&store.get_all_with_key(&range).map_err(thrown)?).await?.dyn_into().map_err(thrown)?;
    // What is there but is no array of bytes reads as an empty record: broken, and left where it is.
    let bytes = |record: JsValue| record.dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec()).unwrap_or_default();
    Ok(found.iter().map(bytes).collect())
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
