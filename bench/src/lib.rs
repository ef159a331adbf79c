//! Benchmarks, in a package of their own: the tests need neither criterion nor an optimised build. Here is what several of them
//! begin with.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a benchmark fails by panicking")]

use std::{path::Path, sync::Arc, time::Duration};

use app::{
    AppState,
    clock::Clock,
    db::Db,
    mail::{Letterhead, Mailer},
    media::workshop::Workshop,
    site::{AssetUrls, Settings},
    vault::{Vault, master::MasterKeys, store::KeyStore},
};
use server::start::{self, Services};

/// A site on an empty database. Its keys and mail are in the folder.
pub async fn site(folder: &Path, database_url: &str) -> AppState {
    let (clock, settings) = (Clock::System, Settings::default());
    let db = Db::open(database_url).await.unwrap();
    db.migrate().await.unwrap();
    let keys = KeyStore::open(&format!("sqlite:{}", folder.join("keys.db").display())).await.unwrap();
    let vault = Vault::new(keys, MasterKeys::in_file(folder.join("master.key")).unwrap(), clock.clone());
    let mail = Mailer::folder(folder.join("mail"), Letterhead::new(None, &settings, clock.clone()).unwrap());
    vault.prepare().await.unwrap();
    let media = Arc::new(Workshop::new(folder.join("media"), Workshop::this_program()));
    start::state(Services { db, vault, mail, media, clock }, settings, AssetUrls::default()).unwrap()
}

/// The time that this part of them stay below; 0.5 is the median.
pub fn quantile(mut times: Vec<Duration>, part: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * part).round() as usize]
}
