//! Accounts in the database. A deed and its line in the audit log are one transaction.

use std::collections::HashMap;

use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::{
    Account, Email, Role, Roles, SecondSteps, TokenHash,
    password::Hash,
    second_steps::has_second_step,
    session::{Begun, Session, Stage},
};
use crate::{
    Error, Result,
    audit::{self, Event},
    db::{Db, Tx, push_list},
    on,
    together::Together,
};

/// How many sessions of one account there may be at once: more than anybody has devices.
const MOST_SESSIONS: i64 = 20;

/// What a link in an e-mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Choosing a password without knowing the old one.
    Password,
    /// Showing that a new address is theirs.
    Email,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Email => "email",
        }
    }
}

#[derive(FromRow)]
struct AccountRow {
    account_id: Uuid,
    email: String,
    password_hash: String,
    roles: String,
    account_created_at: i64,
    has_totp: bool,
    has_passkey: bool,
}

impl AccountRow {
    fn account(self) -> Result<Account> {
        let email = Email::read(&self.email).map_err(|_| Error::internal("an account's address is none"))?;
        Ok(Account {
            id: self.account_id,
            email,
            password: Hash::stored(self.password_hash),
            roles: Roles::read(&self.roles),
            created_at: self.account_created_at,
            second_steps: SecondSteps { totp: self.has_totp, passkey: self.has_passkey },
        })
    }
}

/// An account with what it can show; the two conditions below choose which.
macro_rules! select_account {
    ($condition:literal) => {
        concat!("select ", account_columns!(), " from account a where ", $condition)
    };
}

macro_rules! account_columns {
    () => {
        "a.id as account_id, a.email, a.password_hash, a.roles, a.created_at as account_created_at,
         exists (select 1 from totp t where t.account_id = a.id and t.confirmed_at is not null) as has_totp,
         exists (select 1 from passkey p where p.account_id = a.id) as has_passkey"
    };
}

/// # Errors
/// When the database fails.
pub async fn account_of(db: &Db, email: &Email) -> Result<Option<Account>> {
    let key = email.key();
    let row: Option<AccountRow> = on!(db db, pool => sqlx::query_as(select_account!("a.email_key = $1"))
        .bind(&key)
        .fetch_optional(pool)
        .await)?;
    row.map(AccountRow::account).transpose()
}

/// # Errors
/// When the database fails.
pub async fn account(db: &Db, id: Uuid) -> Result<Option<Account>> {
    let row: Option<AccountRow> = on!(db db, pool => sqlx::query_as(select_account!("a.id = $1"))
        .bind(id)
        .fetch_optional(pool)
        .await)?;
    row.map(AccountRow::account).transpose()
}

#[derive(FromRow)]
struct SessionRow {
    id: Uuid,
    account_id: Uuid,
    stage: String,
    strong: bool,
    remember: bool,
    device: String,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
    confirmed_at: i64,
}

impl SessionRow {
    fn session(self) -> Session {
        Session {
            id: self.id,
            account: self.account_id,
            stage: if self.stage == "full" { Stage::Full } else { Stage::Half },
            strong: self.strong,
            remember: self.remember,
            device: self.device,
            created_at: self.created_at,
            seen_at: self.seen_at,
            expires_at: self.expires_at,
            confirmed_at: self.confirmed_at,
        }
    }
}

/// Finds sessions by their tokens, and whose they are, whether or not they still hold: of many requests at once.
pub type Sessions = Together<TokenHash, Option<(Session, Account)>>;

/// How many are found at once.
const FOUND_AT_ONCE: usize = 256;

/// [`Sessions`] of this database.
pub fn find_sessions(db: Db) -> Sessions {
    Together::new(FOUND_AT_ONCE, move |tokens| {
        let db = db.clone();
        Box::pin(async move { sessions_with(&db, &tokens).await })
    })
}

#[derive(FromRow)]
struct FoundRow {
    token_hash: Vec<u8>,
    #[sqlx(flatten)]
    session: SessionRow,
    #[sqlx(flatten)]
    account: AccountRow,
}

async fn sessions_with(db: &Db, tokens: &[TokenHash]) -> Result<Vec<Option<(Session, Account)>>> {
    let rows: Vec<FoundRow> = on!(db db, pool => {
        let mut query = QueryBuilder::new(concat!(
            "select s.token_hash, s.id, s.stage, s.strong, s.remember, s.device, s.created_at, s.seen_at, s.expires_at,
                    s.confirmed_at, ",
            account_columns!(),
            " from session s join account a on a.id = s.account_id where s.token_hash in ",
        ));
        push_list(&mut query, tokens.iter().map(TokenHash::as_bytes));
        query.build_query_as().fetch_all(pool).await
    })?;
    let mut found = HashMap::with_capacity(rows.len());
    for FoundRow { token_hash, session, account } in rows {
        match account.account() {
            Ok(account) => drop(found.insert(token_hash, (session.session(), account))),
            // One account that is broken must not keep the others out.
            Err(error) => tracing::error!(%error, account = %session.account_id, "an account cannot be read"),
        }
    }
    // Two requests at once may well have one token.
    Ok(tokens.iter().map(|token| found.get(token.as_bytes()).cloned()).collect())
}

/// Every session of an account, the last seen first.
///
/// # Errors
/// When the database fails.
pub async fn sessions(db: &Db, account: Uuid) -> Result<Vec<Session>> {
    let rows: Vec<SessionRow> = on!(db db, pool => sqlx::query_as(
        "select id, account_id, stage, strong, remember, device, created_at, seen_at, expires_at, confirmed_at
         from session where account_id = $1 order by seen_at desc",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    Ok(rows.into_iter().map(SessionRow::session).collect())
}

/// Begins a session. The one before, if there was one, ends with it: nobody who planted or saw its token gets further.
///
/// # Errors
/// [`Error::SignIn`] where the password was changed since it was tried, which ended every session.
pub async fn begin_session(db: &Db, begun: &Begun, before: Option<TokenHash>, event: Option<Event>) -> Result<()> {
    let (session, token, device) = (begun.session.clone(), begun.token.clone(), begun.device.clone());
    let (device_before, password) = (begun.device_before.clone(), begun.password.clone());
    db.write(move |mut tx| {
        Box::pin(async move {
            if !still_has(&mut tx, session.account, &password).await? {
                return Err(Error::SignIn { next: None });
            }
            if let Some(before) = &before {
                delete_session(&mut tx, before).await?;
            }
            insert_session(&mut tx, &session, &token).await?;
            end_oldest_sessions(&mut tx, &session, &token).await?;
            if session.stage == Stage::Full {
                if let Some(before) = &device_before {
                    forget_device(&mut tx, session.account, before).await?;
                }
                know_device(&mut tx, session.account, &device, session.created_at).await?;
            }
            match &event {
                Some(event) => audit::append(&mut tx, event).await,
                None => Ok(()),
            }
        })
    })
    .await
}

/// Whether the account's password is this one, and stays so until the transaction ends: hence an update.
async fn still_has(tx: &mut Tx<'_>, account: Uuid, password: &Hash) -> Result<bool> {
    let statement = "update account set password_hash = password_hash where id = $1 and password_hash = $2";
    let found = on!(tx tx, connection => sqlx::query(statement)
        .bind(account)
        .bind(password.as_str())
        .execute(connection)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(found == 1)
}

async fn forget_device(tx: &mut Tx<'_>, account: Uuid, device: &TokenHash) -> Result<()> {
    on!(tx tx, connection => sqlx::query("delete from known_device where account_id = $1 and token_hash = $2")
        .bind(account)
        .bind(device.as_bytes())
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

async fn insert_session(tx: &mut Tx<'_>, session: &Session, token: &TokenHash) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into session (token_hash, id, account_id, stage, strong, remember, device, created_at, seen_at, expires_at,
                              confirmed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(token.as_bytes())
    .bind(session.id)
    .bind(session.account)
    .bind(session.stage.name())
    .bind(session.strong)
    .bind(session.remember)
    .bind(&session.device)
    .bind(session.created_at)
    .bind(session.seen_at)
    .bind(session.expires_at)
    .bind(session.confirmed_at)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// Ends the sessions that were not seen for longest, beyond [`MOST_SESSIONS`] with this new one. Half sessions count by
/// themselves: whoever knows the password alone must not sign its owner out.
async fn end_oldest_sessions(tx: &mut Tx<'_>, new: &Session, token: &TokenHash) -> Result<()> {
    // SQLite has no offset without a limit.
    on!(tx tx, connection => sqlx::query(
        "delete from session where id in (
             select id from session where account_id = $1 and stage = $2 and token_hash <> $3
             order by seen_at desc, created_at desc, id desc limit 1000 offset $4
         )",
    )
    .bind(new.account)
    .bind(new.stage.name())
    .bind(token.as_bytes())
    .bind(MOST_SESSIONS - 1)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

async fn delete_session(tx: &mut Tx<'_>, token: &TokenHash) -> Result<()> {
    on!(tx tx, connection => sqlx::query("delete from session where token_hash = $1")
        .bind(token.as_bytes())
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

async fn know_device(tx: &mut Tx<'_>, account: Uuid, device: &TokenHash, now: i64) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into known_device (token_hash, account_id, seen_at) values ($1, $2, $3)
         on conflict (account_id, token_hash) do update set seen_at = excluded.seen_at",
    )
    .bind(device.as_bytes())
    .bind(account)
    .bind(now)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// Whether the owner of the address, if there is one, signed in on this device since then.
///
/// # Errors
/// When the database fails.
pub async fn knows_device(db: &Db, email: &Email, device: &TokenHash, since: i64) -> Result<bool> {
    let key = email.key();
    let known: Option<i64> = on!(db db, pool => sqlx::query_scalar(
        "select d.seen_at from known_device d join account a on a.id = d.account_id
         where a.email_key = $1 and d.token_hash = $2 and d.seen_at > $3",
    )
    .bind(&key)
    .bind(device.as_bytes())
    .bind(since)
    .fetch_optional(pool)
    .await)?;
    Ok(known.is_some())
}

/// Notes that a session was used.
///
/// # Errors
/// When the database fails.
pub async fn touch_session(db: &Db, token: &TokenHash, now: i64) -> Result<()> {
    let token = token.clone();
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query("update session set seen_at = $1 where token_hash = $2")
                .bind(now)
                .bind(token.as_bytes())
                .execute(connection)
                .await
                .map(drop))?;
            Ok(())
        })
    })
    .await
}

/// Ends the session with this token.
///
/// # Errors
/// When the database fails.
pub async fn end_session(db: &Db, token: &TokenHash, event: Event) -> Result<()> {
    let token = token.clone();
    db.write(move |mut tx| {
        Box::pin(async move {
            delete_session(&mut tx, &token).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// Ends one session of an account, by the id in its list.
///
/// # Errors
/// [`Error::NotFound`] where the account has none with this id.
pub async fn end_session_of(db: &Db, account: Uuid, session: Uuid, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let ended = on!(tx &mut tx, connection => sqlx::query("delete from session where account_id = $1 and id = $2")
                .bind(account)
                .bind(session)
                .execute(connection)
                .await
                .map(|done| done.rows_affected()))?;
            if ended == 0 {
                return Err(Error::NotFound);
            }
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// Ends every session of an account and forgets its devices.
///
/// # Errors
/// When the database fails.
pub async fn end_sessions(db: &Db, account: Uuid, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            sign_out_everywhere(&mut tx, account).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// Ends every session of an account but the one with this token, if there is one: what the account is signed in with has
/// changed, and the others were begun with what it was.
pub(super) async fn end_other_sessions(tx: &mut Tx<'_>, account: Uuid, kept: Option<&TokenHash>) -> Result<()> {
    // No token has an empty hash.
    let kept = kept.map(TokenHash::as_bytes).unwrap_or_default();
    on!(tx tx, connection => sqlx::query("delete from session where account_id = $1 and token_hash <> $2")
        .bind(account)
        .bind(kept)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

async fn sign_out_everywhere(tx: &mut Tx<'_>, account: Uuid) -> Result<()> {
    on!(tx tx, connection => sqlx::query("delete from session where account_id = $1")
        .bind(account)
        .execute(connection)
        .await
        .map(drop))?;
    on!(tx tx, connection => sqlx::query("delete from known_device where account_id = $1")
        .bind(account)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

/// A sign-up that waits for its address to be confirmed.
#[derive(Clone, Debug)]
pub struct SignUp {
    pub email: Email,
    pub password: Hash,
    pub expires_at: i64,
}

/// # Errors
/// When the database fails.
pub async fn ask_to_sign_up(db: &Db, token: TokenHash, sign_up: SignUp) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "insert into sign_up (token_hash, email, email_key, password_hash, expires_at) values ($1, $2, $3, $4, $5)",
            )
            .bind(token.as_bytes())
            .bind(sign_up.email.as_str())
            .bind(sign_up.email.key())
            .bind(sign_up.password.as_str())
            .bind(sign_up.expires_at)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    })
    .await
}

/// The sign-up that a link is for, if it still is.
///
/// # Errors
/// When the database fails.
pub async fn sign_up(db: &Db, token: &TokenHash, now: i64) -> Result<Option<SignUp>> {
    let row: Option<(String, String, i64)> = on!(db db, pool => sqlx::query_as(
        "select email, password_hash, expires_at from sign_up where token_hash = $1 and expires_at > $2",
    )
    .bind(token.as_bytes())
    .bind(now)
    .fetch_optional(pool)
    .await)?;
    row.map(|(email, password, expires_at)| {
        let email = Email::read(&email).map_err(|_| Error::internal("a sign-up's address is none"))?;
        Ok(SignUp { email, password: Hash::stored(password), expires_at })
    })
    .transpose()
}

/// Makes the account that a sign-up asked for, and forgets every sign-up with its address.
///
/// # Errors
/// [`Error::Conflict`] where the address has an account by now; [`Error::NotFound`] where the link was used meanwhile.
pub async fn create_account(db: &Db, id: Uuid, token: TokenHash, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let used: Option<(String, String, String)> = on!(tx &mut tx, connection => sqlx::query_as(
                "delete from sign_up where token_hash = $1 and expires_at > $2 returning email, email_key, password_hash",
            )
            .bind(token.as_bytes())
            .bind(now)
            .fetch_optional(connection)
            .await)?;
            let Some((email, key, password)) = used else { return Err(Error::NotFound) };
            insert_account(&mut tx, NewAccount { id, email: &email, key: &key, password: &password, roles: "", now }).await?;
            on!(tx &mut tx, connection => sqlx::query("delete from sign_up where email_key = $1")
                .bind(&key)
                .execute(connection)
                .await
                .map(drop))?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

pub(super) struct NewAccount<'a> {
    pub id: Uuid,
    pub email: &'a str,
    pub key: &'a str,
    pub password: &'a str,
    pub roles: &'a str,
    pub now: i64,
}

pub(super) async fn insert_account(tx: &mut Tx<'_>, account: NewAccount<'_>) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into account (id, email, email_key, password_hash, roles, created_at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(account.id)
    .bind(account.email)
    .bind(account.key)
    .bind(account.password)
    .bind(account.roles)
    .bind(account.now)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// Makes an account without a password, for somebody who will choose one by a link.
///
/// # Errors
/// [`Error::Conflict`] where the address has an account.
pub async fn invite(db: &Db, id: Uuid, email: Email, roles: Roles, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let (key, roles) = (email.key(), roles.to_string());
            let account = NewAccount { id, email: email.as_str(), key: &key, password: "", roles: &roles, now };
            insert_account(&mut tx, account).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// Every account that is staff's, by address.
///
/// # Errors
/// When the database fails.
pub async fn staff(db: &Db) -> Result<Vec<Account>> {
    let rows: Vec<AccountRow> = on!(db db, pool => sqlx::query_as(select_account!("a.roles <> '' order by a.email_key"))
        .fetch_all(pool)
        .await)?;
    rows.into_iter().map(AccountRow::account).collect()
}

/// When each account of the staff was last seen, where it was in the last year: by its sessions, and by its devices, which are
/// remembered for longer but know of sign-ins alone. Milliseconds since 1970, UTC.
///
/// # Errors
/// When the database fails.
pub async fn staff_seen(db: &Db) -> Result<HashMap<Uuid, i64>> {
    let rows: Vec<(Uuid, Option<i64>, Option<i64>)> = on!(db db, pool => sqlx::query_as(
        "select id,
                (select max(seen_at) from session where session.account_id = account.id),
                (select max(seen_at) from known_device where known_device.account_id = account.id)
         from account
         where roles <> ''",
    )
    .fetch_all(pool)
    .await)?;
    Ok(rows.into_iter().filter_map(|(id, session, device)| Some((id, session.max(device)?))).collect())
}

/// Grants an account a role, or takes it away, and signs it out: what its sessions were begun with is not what it is now.
///
/// # Errors
/// [`Error::NotFound`] where there is no such account; [`Error::Conflict`] where a role is for somebody without a second step,
/// or without whom there would be no administrator.
pub async fn set_role(db: &Db, account: Uuid, role: Role, has: bool, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            set_role_in(&mut tx, account, role, has).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

pub(super) async fn set_role_in(tx: &mut Tx<'_>, account: Uuid, role: Role, has: bool) -> Result<()> {
    let everybody = hold_roles(tx, account).await?;
    let before = everybody.iter().find(|(id, _)| *id == account).map(|(_, roles)| roles).ok_or(Error::NotFound)?;
    let mut others = everybody.iter().filter(|(id, _)| *id != account);
    let allowed = if has {
        has_second_step(tx, account).await?
    } else {
        role != Role::Admin || !before.has(role) || others.any(|(_, roles)| roles.has(role))
    };
    if !allowed {
        return Err(Error::Conflict);
    }
    let roles = if has { before.with(role) } else { before.without(role) };
    on!(tx tx, connection => sqlx::query("update account set roles = $1 where id = $2")
        .bind(roles.to_string())
        .bind(account)
        .execute(connection)
        .await
        .map(drop))?;
    sign_out_everywhere(tx, account).await
}

/// The roles of an account and of everybody on the staff, which nobody else changes until the transaction ends: of two
/// administrators who go at once, the second finds that they are the last. SQLite has one writer; PostgreSQL locks the rows,
/// by id, so that no two wait for each other.
pub(super) async fn hold_roles(tx: &mut Tx<'_>, account: Uuid) -> Result<Vec<(Uuid, Roles)>> {
    let statement = match tx {
        Tx::Sqlite(_) => "select id, roles from account where roles <> '' or id = $1",
        Tx::Postgres(_) => "select id, roles from account where roles <> '' or id = $1 order by id for update",
    };
    let rows: Vec<(Uuid, String)> =
        on!(tx tx, connection => sqlx::query_as(statement).bind(account).fetch_all(connection).await)?;
    Ok(rows.into_iter().map(|(id, roles)| (id, Roles::read(&roles))).collect())
}

/// Takes away all that an account is signed in with, its password and the links that it was sent too, and signs it out: without
/// its second step, a password that somebody else knows would be enough.
///
/// # Errors
/// When the database fails.
pub async fn forget_ways_in(db: &Db, account: Uuid, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            update_password(&mut tx, account, &Hash::none()).await?;
            delete_mail_tokens(&mut tx, account).await?;
            for statement in [
                "delete from totp where account_id = $1",
                "delete from recovery_code where account_id = $1",
                "delete from passkey where account_id = $1",
            ] {
                on!(tx &mut tx, connection => sqlx::query(statement).bind(account).execute(connection).await.map(drop))?;
            }
            sign_out_everywhere(&mut tx, account).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// A link for an e-mail.
#[derive(Clone, Debug)]
pub struct MailToken {
    pub account: Uuid,
    pub purpose: Purpose,
    /// The new address, where it is for one.
    pub email: Option<Email>,
    pub expires_at: i64,
}

/// # Errors
/// When the database fails.
pub async fn add_mail_token(db: &Db, token: TokenHash, mail: MailToken, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            insert_mail_token(&mut tx, &token, &mail).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// Keeps the link for a change of address, which somebody asked for with this password.
///
/// # Errors
/// [`Error::SignIn`] where the password was changed since it was tried, which made every link before it worthless.
pub async fn ask_to_change_email(
    db: &Db,
    token: TokenHash,
    mail: MailToken,
    password: Hash,
    event: Event,
) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            if !still_has(&mut tx, mail.account, &password).await? {
                return Err(Error::SignIn { next: None });
            }
            insert_mail_token(&mut tx, &token, &mail).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

async fn insert_mail_token(tx: &mut Tx<'_>, token: &TokenHash, mail: &MailToken) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "insert into mail_token (token_hash, account_id, purpose, email, expires_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(token.as_bytes())
    .bind(mail.account)
    .bind(mail.purpose.name())
    .bind(mail.email.as_ref().map(Email::as_str))
    .bind(mail.expires_at)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// The account that a link is for, if it still is.
///
/// # Errors
/// When the database fails.
pub async fn account_of_mail_token(db: &Db, token: &TokenHash, purpose: Purpose, now: i64) -> Result<Option<Account>> {
    let id: Option<Uuid> = on!(db db, pool => sqlx::query_scalar(
        "select account_id from mail_token where token_hash = $1 and purpose = $2 and expires_at > $3",
    )
    .bind(token.as_bytes())
    .bind(purpose.name())
    .bind(now)
    .fetch_optional(pool)
    .await)?;
    match id {
        Some(id) => account(db, id).await,
        None => Ok(None),
    }
}

/// Takes a link, once: of two that come at the same time one finds it gone.
async fn take_mail_token(
    tx: &mut Tx<'_>,
    token: &TokenHash,
    purpose: Purpose,
    now: i64,
) -> Result<(Uuid, Option<String>)> {
    let taken = on!(tx tx, connection => sqlx::query_as(
        "delete from mail_token where token_hash = $1 and purpose = $2 and expires_at > $3 returning account_id, email",
    )
    .bind(token.as_bytes())
    .bind(purpose.name())
    .bind(now)
    .fetch_optional(connection)
    .await)?;
    taken.ok_or(Error::NotFound)
}

/// Forgets every link that an account was sent: after its password or address changed, an old one must open nothing.
async fn delete_mail_tokens(tx: &mut Tx<'_>, account: Uuid) -> Result<()> {
    on!(tx tx, connection => sqlx::query("delete from mail_token where account_id = $1")
        .bind(account)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

async fn update_password(tx: &mut Tx<'_>, account: Uuid, password: &Hash) -> Result<()> {
    on!(tx tx, connection => sqlx::query("update account set password_hash = $1 where id = $2")
        .bind(password.as_str())
        .bind(account)
        .execute(connection)
        .await
        .map(drop))?;
    Ok(())
}

/// Sets a password by a link, and signs the account out everywhere.
///
/// # Errors
/// [`Error::NotFound`] where the link is used or too old.
pub async fn reset_password(db: &Db, token: TokenHash, password: Hash, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let (account, _) = take_mail_token(&mut tx, &token, Purpose::Password, now).await?;
            update_password(&mut tx, account, &password).await?;
            delete_mail_tokens(&mut tx, account).await?;
            sign_out_everywhere(&mut tx, account).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// Changes a password from the one that was tried, and signs the account out everywhere.
///
/// # Errors
/// [`Error::SignIn`] where the password was changed since it was tried, which ended every session.
pub async fn change_password(db: &Db, account: Uuid, before: Hash, password: Hash, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            if !still_has(&mut tx, account, &before).await? {
                return Err(Error::SignIn { next: None });
            }
            update_password(&mut tx, account, &password).await?;
            delete_mail_tokens(&mut tx, account).await?;
            sign_out_everywhere(&mut tx, account).await?;
            audit::append(&mut tx, &event).await
        })
    })
    .await
}

/// Gives an account the address that a link was sent to, and ends every session of it but the one that is kept. Returns the
/// new address.
///
/// # Errors
/// [`Error::NotFound`] where the link is used or too old; [`Error::Conflict`] where somebody else has the address by now.
pub async fn change_email(db: &Db, token: TokenHash, now: i64, kept: Option<TokenHash>, event: Event) -> Result<Email> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let (account, email) = take_mail_token(&mut tx, &token, Purpose::Email, now).await?;
            let email = email.and_then(|email| Email::read(&email).ok()).ok_or(Error::NotFound)?;
            on!(tx &mut tx, connection => sqlx::query("update account set email = $1, email_key = $2 where id = $3")
                .bind(email.as_str())
                .bind(email.key())
                .bind(account)
                .execute(connection)
                .await
                .map(drop))?;
            delete_mail_tokens(&mut tx, account).await?;
            end_other_sessions(&mut tx, account, kept.as_ref()).await?;
            audit::append(&mut tx, &event).await?;
            Ok(email)
        })
    })
    .await
}

/// Removes what has expired: nothing of it opens anything any more, and nobody needs it.
///
/// # Errors
/// When the database fails.
pub async fn remove_expired(db: &Db, now: i64, devices_seen_before: i64) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            for (statement, before) in [
                ("delete from session where expires_at <= $1", now),
                ("delete from sign_up where expires_at <= $1", now),
                ("delete from mail_token where expires_at <= $1", now),
                ("delete from invitation where expires_at <= $1", now),
                ("delete from known_device where seen_at <= $1", devices_seen_before),
            ] {
                on!(tx &mut tx, connection => sqlx::query(statement).bind(before).execute(connection).await.map(drop))?;
            }
            Ok(())
        })
    })
    .await
}
