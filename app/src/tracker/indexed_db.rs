//! IndexedDB, as far as the tracker needs it: read some records, and change one within a transaction that the browser
//! writes through to the disk before it says so.
//!
//! By hand over `web-sys`: of the crates for it, one cannot ask for that durability, and the other loses the reason of a
//! commit that failed, which is how a full disk shows itself.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{DomException, Event, IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction};

use super::sheet::Trouble;

const NAME: &str = "sciaticalm";
const VERSION: u32 = 1;

/// One record for each day, by its date.
pub const DAYS: &str = "days";
/// One record, of the name [`PLAN`].
pub const PLAN: &str = "plan";
/// Records that could not be read and had to make room for one that can: kept, never looked at.
const ASIDE: &str = "aside";

/// How long to wait for the browser. It can fail to answer at all: WebKit has, and so does a page that another tab blocks.
const PATIENCE_MS: i32 = 10_000;

/// An open database, closed when this is dropped, so that no tab keeps a later version of the page waiting.
pub struct Database(IdbDatabase);

impl Drop for Database {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// What to store in place of what was there.
pub struct Replacement {
    pub record: String,
    /// What was there cannot be read: keep it aside.
    pub keep_old: bool,
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

    /// The records of these stores and keys, in their order and all of one moment: whoever writes waits until the last of
    /// them is here.
    pub async fn read(&self, keys: Vec<(&str, String)>) -> Result<Vec<Option<String>>, Trouble> {
        let stores = Array::of2(&DAYS.into(), &PLAN.into());
        let transaction = self.0.transaction_with_str_sequence(&stores).map_err(thrown)?;
        let mut records = Vec::with_capacity(keys.len());
        for (store, key) in keys {
            let store = transaction.object_store(store).map_err(thrown)?;
            records.push(text(&get(&store, &key).await?));
        }
        Ok(records)
    }

    /// Changes one record: `change` gets what is stored, and nobody else can write between that and what it returns.
    pub async fn change(
        &self,
        store: &str,
        key: &str,
        change: impl FnOnce(Option<&str>) -> Result<Replacement, Trouble>,
    ) -> Result<(), Trouble> {
        let transaction = self.strict(store).map_err(thrown)?;
        let records = transaction.object_store(store).map_err(thrown)?;
        let old = get(&records, key).await?;
        let replaced = change(text(&old).as_deref()).and_then(|new| {
            if new.keep_old {
                transaction.object_store(ASIDE).and_then(|aside| aside.put(&old)).map_err(thrown)?;
            }
            records.put_with_key(&new.record.into(), &key.into()).map_err(thrown)
        });
        if let Err(trouble) = replaced {
            // Nothing by halves; whether this too fails makes no difference.
            let _: Result<(), JsValue> = transaction.abort();
            return Err(trouble);
        }
        committed(&transaction).await
    }

    /// A transaction that is complete only when it is on the disk. `web-sys` has the option behind a compiler flag alone;
    /// a browser that does not know it takes no notice.
    fn strict(&self, store: &str) -> Result<IdbTransaction, JsValue> {
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        let begin: Function = Reflect::get(&self.0, &"transaction".into())?.dyn_into()?;
        let stores = Array::of2(&store.into(), &ASIDE.into());
        begin.call3(&self.0, &stores, &"readwrite".into(), &options)?.dyn_into()
    }
}

fn create_stores(event: &Event) -> Option<()> {
    let request: IdbOpenDbRequest = event.target()?.dyn_into().ok()?;
    let database: IdbDatabase = request.result().ok()?.dyn_into().ok()?;
    database.create_object_store(DAYS).ok()?;
    database.create_object_store(PLAN).ok()?;
    let numbered = web_sys::IdbObjectStoreParameters::new();
    numbered.set_auto_increment(true);
    database.create_object_store_with_optional_parameters(ASIDE, &numbered).ok()?;
    Some(())
}

async fn get(store: &IdbObjectStore, key: &str) -> Result<JsValue, Trouble> {
    answer(&store.get(&key.into()).map_err(thrown)?).await
}

/// A record's text. What is there but is no text is not nothing: it must not be written over as if it were.
fn text(record: &JsValue) -> Option<String> {
    (!record.is_undefined()).then(|| record.as_string().unwrap_or_default())
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
