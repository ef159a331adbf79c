//! What an account shows beside its password, in the database. A deed and its line in the audit log are one transaction.

use sqlx::FromRow;
use uuid::Uuid;

use super::{Roles, TokenHash, store::end_other_sessions};
use crate::{
    Error, Result,
    audit::{self, Event},
    db::{Db, Tx},
    on,
};

/// An authenticator app.
#[derive(Clone, Debug, FromRow)]
pub struct StoredTotp {
    pub sealed: Vec<u8>,
    /// When a first code showed that the app has the secret.
    pub confirmed_at: Option<i64>,
}

/// # Errors
/// When the database fails.
pub async fn totp(db: &Db, account: Uuid) -> Result<Option<StoredTotp>> {
    Ok(on!(db db, pool => sqlx::query_as("select sealed, confirmed_at from totp where account_id = $1")
        .bind(account)
        .fetch_optional(pool)
        .await)?)
}

/// Keeps the secret of an app that has shown no code yet, in place of one that never did.
///
/// # Errors
/// [`Error::Conflict`] where an app is in use.
pub async fn begin_totp(db: &Db, account: Uuid, sealed: Vec<u8>) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let kept = on!(tx &mut tx, connection => sqlx::query(
                "insert into totp (account_id, sealed, confirmed_at, last_step) values ($1, $2, null, 0)
                 on conflict (account_id) do update set sealed = excluded.sealed where totp.confirmed_at is null",
            )
            .bind(account)
            .bind(&sealed)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if kept == 0 { Err(Error::Conflict) } else { Ok(()) }
        })
    })
    .await
}

/// An app that has just shown its first code.
#[derive(Clone, Debug)]
pub struct FirstCode {
    /// The secret that the code is of.
    pub sealed: Vec<u8>,
    pub step: i64,
    pub at: i64,
}

/// Puts an app in use, with recovery codes, and ends every session of the account: none of them showed a code.
///
/// # Errors
/// [`Error::Conflict`] where an app is in use, or this secret is not the one that is kept any more.
pub async fn turn_on_totp(
    db: &Db,
    account: Uuid,
    first: FirstCode,
    codes: Vec<Vec<u8>>,
    events: [Event; 2],
) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let on = on!(tx &mut tx, connection => sqlx::query(
                "update totp set confirmed_at = $1, last_step = $2
                 where account_id = $3 and sealed = $4 and confirmed_at is null",
            )
            .bind(first.at)
            .bind(first.step)
            .bind(account)
            .bind(&first.sealed)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if on == 0 {
                return Err(Error::Conflict);
            }
            replace_recovery_codes(&mut tx, account, &codes).await?;
            end_other_sessions(&mut tx, account, None).await?;
            for event in &events {
                audit::append(&mut tx, event).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Takes the code of a half minute: of two that come at the same time, or of one that comes twice, the second is refused.
///
/// # Errors
/// When the database fails.
pub async fn take_step(db: &Db, account: Uuid, step: i64) -> Result<bool> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let taken = on!(tx &mut tx, connection => sqlx::query(
                "update totp set last_step = $1 where account_id = $2 and confirmed_at is not null and last_step < $1",
            )
            .bind(step)
            .bind(account)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            Ok(taken > 0)
        })
    })
    .await
}

/// What an account can show beside its password.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// The authenticator app, with its recovery codes.
    App,
    /// The passkey with this id.
    Passkey(Uuid),
}

/// Removes a second step, and ends every session of the account but the one that is kept.
///
/// # Errors
/// [`Error::NotFound`] where there is no such step; [`Error::Conflict`] where it is the last one of somebody on the staff.
pub async fn remove(db: &Db, account: Uuid, step: Step, kept: TokenHash, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let roles = hold_account(&mut tx, account).await?;
            if !remove_step(&mut tx, account, step).await? {
                return Err(Error::NotFound);
            }
            if roles.are_staff() && !has_second_step(&mut tx, account).await? {
                return Err(Error::Conflict);
            }
            end_other_sessions(&mut tx, account, Some(&kept)).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

async fn remove_step(tx: &mut Tx<'_>, account: Uuid, step: Step) -> Result<bool> {
    let removed = match step {
        Step::App => {
            replace_recovery_codes(tx, account, &[]).await?;
            on!(tx tx, connection => sqlx::query("delete from totp where account_id = $1 and confirmed_at is not null")
                .bind(account)
                .execute(connection)
                .await
                .map(|done| done.rows_affected()))?
        }
        Step::Passkey(id) => {
            on!(tx tx, connection => sqlx::query("delete from passkey where account_id = $1 and id = $2")
                .bind(account)
                .bind(id)
                .execute(connection)
                .await
                .map(|done| done.rows_affected()))?
        }
    };
    Ok(removed > 0)
}

/// The roles of an account, which nobody else changes until the transaction ends: hence an update.
async fn hold_account(tx: &mut Tx<'_>, account: Uuid) -> Result<Roles> {
    let roles: Option<String> = on!(tx tx, connection => sqlx::query_scalar(
        "update account set roles = roles where id = $1 returning roles",
    )
    .bind(account)
    .fetch_optional(connection)
    .await)?;
    roles.map(|roles| Roles::read(&roles)).ok_or(Error::NotFound)
}

pub(super) async fn has_second_step(tx: &mut Tx<'_>, account: Uuid) -> Result<bool> {
    let there: i64 = on!(tx tx, connection => sqlx::query_scalar(
        "select (select count(*) from totp where account_id = $1 and confirmed_at is not null)
              + (select count(*) from passkey where account_id = $1)",
    )
    .bind(account)
    .fetch_one(connection)
    .await)?;
    Ok(there > 0)
}

async fn replace_recovery_codes(tx: &mut Tx<'_>, account: Uuid, hashes: &[Vec<u8>]) -> Result<()> {
    on!(tx tx, connection => sqlx::query("delete from recovery_code where account_id = $1")
        .bind(account)
        .execute(connection)
        .await
        .map(drop))?;
    for hash in hashes {
        on!(tx tx, connection => sqlx::query("insert into recovery_code (account_id, code_hash) values ($1, $2)")
            .bind(account)
            .bind(hash)
            .execute(connection)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Gives an account with an app new recovery codes, and ends every session of it but the one that is kept; the old codes are
/// worth nothing.
///
/// # Errors
/// [`Error::NotFound`] where there is no app.
pub async fn make_recovery_codes(
    db: &Db,
    account: Uuid,
    codes: Vec<Vec<u8>>,
    kept: TokenHash,
    event: Event,
) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let app: Option<i64> = on!(tx &mut tx, connection => sqlx::query_scalar(
                "select confirmed_at from totp where account_id = $1 and confirmed_at is not null",
            )
            .bind(account)
            .fetch_optional(connection)
            .await)?;
            if app.is_none() {
                return Err(Error::NotFound);
            }
            replace_recovery_codes(&mut tx, account, &codes).await?;
            end_other_sessions(&mut tx, account, Some(&kept)).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// How many recovery codes are left.
///
/// # Errors
/// When the database fails.
pub async fn recovery_codes(db: &Db, account: Uuid) -> Result<i64> {
    Ok(on!(db db, pool => sqlx::query_scalar("select count(*) from recovery_code where account_id = $1")
        .bind(account)
        .fetch_one(pool)
        .await)?)
}

/// Takes a recovery code, once, and says how many are left; `None` where it is none.
///
/// # Errors
/// When the database fails.
pub async fn take_recovery_code(db: &Db, account: Uuid, hash: Vec<u8>, event: Event) -> Result<Option<i64>> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let taken = on!(tx &mut tx, connection => sqlx::query(
                "delete from recovery_code where account_id = $1 and code_hash = $2",
            )
            .bind(account)
            .bind(&hash)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if taken == 0 {
                return Ok(None);
            }
            let left: i64 = on!(tx &mut tx, connection => sqlx::query_scalar(
                "select count(*) from recovery_code where account_id = $1",
            )
            .bind(account)
            .fetch_one(connection)
            .await)?;
            audit::append(&mut tx, &event).await?;
            Ok(Some(left))
        })
    })
    .await
}

/// A passkey as the database has it.
#[derive(Clone, Debug, FromRow)]
pub struct StoredPasskey {
    pub account_id: Uuid,
    pub id: Uuid,
    pub name: String,
    /// As webauthn-rs writes it.
    pub passkey: String,
    pub created_at: i64,
    pub used_at: Option<i64>,
}

/// The passkeys of an account, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn passkeys(db: &Db, account: Uuid) -> Result<Vec<StoredPasskey>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select account_id, id, name, passkey, created_at, used_at from passkey
         where account_id = $1 order by created_at desc, id",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?)
}

/// # Errors
/// When the database fails.
pub async fn passkey_of(db: &Db, credential: &[u8]) -> Result<Option<StoredPasskey>> {
    let credential = credential.to_vec();
    Ok(on!(db db, pool => sqlx::query_as(
        "select account_id, id, name, passkey, created_at, used_at from passkey where credential_id = $1",
    )
    .bind(&credential)
    .fetch_optional(pool)
    .await)?)
}

/// Keeps a new passkey, and ends every session of its account but the one that is kept.
///
/// # Errors
/// [`Error::Conflict`] where the credential is kept already, or the account has as many as it may.
pub async fn add_passkey(
    db: &Db,
    new: StoredPasskey,
    credential: Vec<u8>,
    most: i64,
    kept: TokenHash,
    event: Event,
) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let there: i64 = on!(tx &mut tx, connection => sqlx::query_scalar(
                "select count(*) from passkey where account_id = $1",
            )
            .bind(new.account_id)
            .fetch_one(connection)
            .await)?;
            if there >= most {
                return Err(Error::Conflict);
            }
            on!(tx &mut tx, connection => sqlx::query(
                "insert into passkey (account_id, id, credential_id, name, passkey, created_at, used_at)
                 values ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(new.account_id)
            .bind(new.id)
            .bind(&credential)
            .bind(&new.name)
            .bind(&new.passkey)
            .bind(new.created_at)
            .bind(new.used_at)
            .execute(connection)
            .await
            .map(drop))?;
            end_other_sessions(&mut tx, new.account_id, Some(&kept)).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// Notes that a passkey was used, with its new counter; `false` where it was used or removed in the meantime.
///
/// # Errors
/// When the database fails.
pub async fn use_passkey(db: &Db, before: StoredPasskey, passkey: String, now: i64) -> Result<bool> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let used = on!(tx &mut tx, connection => sqlx::query(
                "update passkey set passkey = $1, used_at = $2 where account_id = $3 and id = $4 and passkey = $5",
            )
            .bind(&passkey)
            .bind(now)
            .bind(before.account_id)
            .bind(before.id)
            .bind(&before.passkey)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            Ok(used > 0)
        })
    })
    .await
}
