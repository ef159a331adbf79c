//! Where links and their accesses are kept: `share_link` and `share_access`.

use uuid::Uuid;

use super::{Access, LISTED_FOR, Link, MOST_OPEN};
use crate::{
    AppState, Error, Result,
    account::{
        TokenHash,
        consent::{Consented, Kind},
    },
    audit::{self, Event, Network},
    day::Day,
    db::{Db, Tx},
    on,
    tracker::summary::Period,
};

/// What a name is sealed as: see [`Vault::seal`](crate::vault::Vault::seal).
const NAME: &str = "share link";
const HOUR: i64 = 60 * 60 * 1000;
/// How many accesses of one account are listed.
const LISTED: i64 = 500;

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    from_day: String,
    to_day: String,
    sealed: Vec<u8>,
    created_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
}

impl Row {
    async fn open(self, state: &AppState) -> Result<Link> {
        let name = state.vault.open(self.account_id, self.id, NAME, &self.sealed).await?;
        let day = |text: &str| text.parse::<Day>().map_err(Error::internal);
        Ok(Link {
            id: self.id,
            period: Period { from: day(&self.from_day)?, to: day(&self.to_day)? },
            name: String::from_utf8(name).map_err(Error::internal)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
        })
    }
}

/// Keeps a new link. The consent to keep entries is held by `consented`; that to share them is looked at in the transaction.
///
/// # Errors
/// [`Error::Forbidden`] where a consent was withdrawn meanwhile, [`Error::Conflict`] where the account has [`MOST_OPEN`] open
/// links; as [`Vault::seal`](crate::vault::Vault::seal); and when the database fails.
pub async fn keep(state: &AppState, consented: Consented, link: &Link, token: &TokenHash, event: Event) -> Result<()> {
    let account = consented.account();
    let sealed = state.vault.seal(account, link.id, NAME, link.name.as_bytes()).await?;
    let (link, token) = (link.clone(), token.clone());
    state
        .db
        .write(move |mut tx| {
            Box::pin(async move {
                // Whoever else writes for this account, or withdraws, waits from here on.
                consented.hold(&mut tx).await?;
                if !may_share(&mut tx, account).await? {
                    return Err(Error::Forbidden);
                }
                if open_links(&mut tx, account, link.created_at).await? >= MOST_OPEN {
                    return Err(Error::Conflict);
                }
                insert(&mut tx, account, &link, &token, &sealed).await?;
                audit::append(&mut tx, &event).await
            })
        })
        .await
}

async fn may_share(tx: &mut Tx<'_>, account: Uuid) -> Result<bool> {
    // An update, so that it takes the row's lock on either engine.
    let held = on!(tx tx, connection => sqlx::query(
        "update consent set withdrawn_at = null
         where account_id = $1 and kind = $2 and version = $3 and withdrawn_at is null",
    )
    .bind(account)
    .bind(Kind::Sharing.name())
    .bind(Kind::Sharing.text().version)
    .execute(connection)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(held > 0)
}

async fn open_links(tx: &mut Tx<'_>, account: Uuid, now: i64) -> Result<i64> {
    Ok(on!(tx tx, connection => sqlx::query_scalar(
        "select count(*) from share_link where account_id = $1 and revoked_at is null and expires_at > $2",
    )
    .bind(account)
    .bind(now)
    .fetch_one(connection)
    .await)?)
}

async fn insert(tx: &mut Tx<'_>, account: Uuid, link: &Link, token: &TokenHash, sealed: &[u8]) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into share_link (id, account_id, token_hash, from_day, to_day, sealed, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(link.id)
    .bind(account)
    .bind(token.as_bytes())
    .bind(link.period.from.to_string())
    .bind(link.period.to.to_string())
    .bind(sealed)
    .bind(link.created_at)
    .bind(link.expires_at)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// The account's links, the latest first.
///
/// # Errors
/// As [`Vault::open`](crate::vault::Vault::open); and when the database fails.
pub async fn links(state: &AppState, account: Uuid) -> Result<Vec<Link>> {
    let rows: Vec<Row> = on!(db &state.db, pool => sqlx::query_as(
        "select id, account_id, from_day, to_day, sealed, created_at, expires_at, revoked_at
         from share_link where account_id = $1 order by created_at desc, id desc",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    let mut links = Vec::with_capacity(rows.len());
    for row in rows {
        links.push(row.open(state).await?);
    }
    Ok(links)
}

/// When the account's links were opened, and from where, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn accesses(db: &Db, account: Uuid) -> Result<Vec<Access>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select a.link_id, a.network, a.last_at, a.times
         from share_access a join share_link l on l.id = a.link_id
         where l.account_id = $1 order by a.last_at desc, a.network limit $2",
    )
    .bind(account)
    .bind(LISTED)
    .fetch_all(pool)
    .await)?)
}

/// Ends a link of the account's, at once. One that has ended already stays as it is.
///
/// # Errors
/// [`Error::NotFound`] where the account has no such link, whoever else has; and when the database fails.
pub async fn revoke(db: &Db, account: Uuid, link: Uuid, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let found: Option<Option<i64>> = on!(tx &mut tx, connection => sqlx::query_scalar(
                "select revoked_at from share_link where id = $1 and account_id = $2",
            )
            .bind(link)
            .bind(account)
            .fetch_optional(connection)
            .await)?;
            let revoked = found.ok_or(Error::NotFound)?;
            if revoked.is_some() {
                return Ok(());
            }
            on!(tx &mut tx, connection => sqlx::query(
                "update share_link set revoked_at = $1 where id = $2 and account_id = $3 and revoked_at is null",
            )
            .bind(now)
            .bind(link)
            .bind(account)
            .execute(connection)
            .await
            .map(drop))?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// Ends all links of an account, in the transaction of what makes it so: they do not come back with a new consent.
///
/// # Errors
/// When the database fails.
pub async fn revoke_all_in(tx: &mut Tx<'_>, account: Uuid, now: i64) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "update share_link set revoked_at = $1 where account_id = $2 and revoked_at is null",
    )
    .bind(now)
    .bind(account)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// The link of this token, and whose it is, if it opens now.
///
/// # Errors
/// As [`links`].
pub async fn find(state: &AppState, token: &TokenHash, now: i64) -> Result<Option<(Uuid, Link)>> {
    let row: Option<Row> = on!(db &state.db, pool => sqlx::query_as(
        "select l.id, l.account_id, l.from_day, l.to_day, l.sealed, l.created_at, l.expires_at, l.revoked_at
         from share_link l
         where l.token_hash = $1 and l.revoked_at is null and l.expires_at > $2
           and exists (select 1 from consent c where c.account_id = l.account_id
                       and c.kind = $3 and c.version = $4 and c.withdrawn_at is null)
           and exists (select 1 from consent c where c.account_id = l.account_id
                       and c.kind = $5 and c.version = $6 and c.withdrawn_at is null)",
    )
    .bind(token.as_bytes())
    .bind(now)
    .bind(Kind::Entries.name())
    .bind(Kind::Entries.text().version)
    .bind(Kind::Sharing.name())
    .bind(Kind::Sharing.text().version)
    .fetch_optional(pool)
    .await)?;
    let Some(row) = row else { return Ok(None) };
    let account = row.account_id;
    Ok(Some((account, row.open(state).await?)))
}

/// Notes that a link is being opened, before anything of it is shown; the first time in the audit log, too. Says whether it
/// still opens: what was ended meanwhile does not.
///
/// # Errors
/// When the database fails: then nothing is shown.
pub async fn note_access(db: &Db, link: Uuid, network: Network, now: i64, first: Event) -> Result<bool> {
    let network = network.to_string();
    db.write(move |mut tx| {
        Box::pin(async move {
            let before: i64 = on!(tx &mut tx, connection => sqlx::query_scalar(
                "select count(*) from share_access where link_id = $1",
            )
            .bind(link)
            .fetch_one(connection)
            .await)?;
            let noted = on!(tx &mut tx, connection => sqlx::query(
                "insert into share_access (link_id, network, hour, last_at, times)
                 select id, $2, $3, $4, 1 from share_link where id = $1 and revoked_at is null
                 on conflict (link_id, network, hour) do update
                 set last_at = excluded.last_at, times = share_access.times + 1",
            )
            .bind(link)
            .bind(&network)
            .bind(now.div_euclid(HOUR))
            .bind(now)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if noted > 0 && before == 0 {
                audit::append(&mut tx, &first).await?;
            }
            Ok(noted > 0)
        })
    })
    .await
}

/// Removes the links of everybody that expired so long ago that they are not listed any more, with their accesses.
///
/// # Errors
/// When the database fails.
pub async fn remove_expired(db: &Db, now: i64) -> Result<()> {
    let before = now - LISTED_FOR;
    db.write(move |mut tx| {
        Box::pin(async move {
            for statement in [
                "delete from share_access where link_id in (select id from share_link where expires_at <= $1)",
                "delete from share_link where expires_at <= $1",
            ] {
                on!(tx &mut tx, connection => sqlx::query(statement).bind(before).execute(connection).await.map(drop))?;
            }
            Ok(())
        })
    })
    .await
}
