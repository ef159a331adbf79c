//! `sciaticalm keys`: what is done with the key store besides serving from it.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use app::{
    audit::{self, Action, Actor, Event},
    clock::Clock,
    db,
};

use crate::{
    backup::{self, WhereThere},
    config::StoreOptions,
    start::{self, plainly},
};

/// `sciaticalm keys rotate`.
///
/// # Errors
/// When the key store or the master key cannot be used; then every key still opens, and it can be done again.
pub async fn rotate(options: &StoreOptions) -> Result<()> {
    let vault = start::open_vault(options, Clock::System).await?;
    vault.prepare().await.map_err(plainly)?;
    let rotated = vault.rotate().await.map_err(plainly).context("nothing is lost; rotate again")?;
    vault.close().await;
    println!("The keys of {} accounts are now wrapped by master key {}.", rotated.accounts, rotated.master);
    // Afterwards: where the database is away, a master key that leaked is replaced all the same.
    record(options).await.context("the keys are rotated, but the audit log does not say so")?;
    match options.master_key {
        None => println!("Make a new copy of master.key, and a new backup of the keys: sciaticalm keys backup PATH"),
        Some(_) => println!("SCIATICALM_MASTER_KEY_OLD is not needed any more. Make a new backup of the keys."),
    }
    Ok(())
}

async fn record(options: &StoreOptions) -> Result<()> {
    let db = start::open_database(options).await?;
    let event = Event::new(&Clock::System, Actor::CommandLine, Action::KeysRotated);
    let recorded = audit::record(&db, event).await.map_err(plainly);
    db.close().await;
    recorded
}

/// `sciaticalm keys backup`: writes the one backup of the key store, in place of the one before, so that keys destroyed since
/// are in none.
///
/// # Errors
/// When there is a backup elsewhere, or it cannot be written.
pub async fn backup(options: &StoreOptions, path: &Path) -> Result<()> {
    let url = start::keys_url(options)?;
    if db::is_postgres(&url) {
        bail!(
            "the key store is in PostgreSQL: back it up with pg_dump, each time to the same file, so that there is only one"
        );
    }
    let vault = start::open_vault(options, Clock::System).await?;
    vault.prepare().await.map_err(plainly)?;
    let there = std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))?;
    let before = vault.store().backup_path().await.map_err(plainly)?;
    let elsewhere = before.filter(|before| Path::new(before) != there);
    if let Some(before) = &elsewhere
        && fs::exists(before).unwrap_or(true)
    {
        bail!("the backup of the keys is {before}, and there must be only one: name that file, or delete it first");
    }
    let noted = there.to_str().context("the path is not UTF-8")?;
    vault.store().set_backup_path(noted).await.map_err(plainly)?;
    vault.close().await;
    backup::copy(&url, &there, WhereThere::Replace).await?;
    println!("The keys are in {noted}. Keep it away from the copies of the database and of master.key.");
    if let Some(before) = elsewhere {
        println!("The backup before was {before}. Wherever it was taken, delete it: it holds keys destroyed since.");
    }
    Ok(())
}
