//! `sciaticalm audit verify`.

use anyhow::{Result, bail};
use app::audit::{self, Broken, Verdict};

use crate::{
    config::{Noted, StoreOptions},
    start::open_database,
};

/// Says whether the audit log is as it was written.
///
/// # Errors
/// When it is not, with the first number that is wrong; when it does not hold what was noted; when the database fails.
pub async fn verify(options: &StoreOptions, noted: Option<Noted>) -> Result<()> {
    let db = open_database(options).await?;
    let verdict = audit::verify(&db).await?;
    let hash_now = match &noted {
        Some(noted) => audit::hash_at(&db, noted.number).await?,
        None => None,
    };
    db.close().await;
    let (number, hash) = match verdict {
        Verdict::Whole { number, hash } => (number, hash),
        Verdict::Broken(Broken { number, what }) => bail!("the audit log is broken: event {number} {what}"),
    };
    if let Some(noted) = noted
        && hash_now.as_deref() != Some(&noted.hash)
    {
        bail!("the audit log is not the one that was noted: event {} has another hash, or is gone", noted.number);
    }
    println!("The audit log is whole: {number} events. The last one is\n{number}:{hash}");
    println!(
        "Note this line where nobody who runs the database can change it, and give it to the next check: --noted."
    );
    Ok(())
}
