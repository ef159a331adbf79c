//! Invitations onto the staff, in the database. Whether an invited address has an account is nobody's business until its owner
//! answers.

use sqlx::FromRow;
use uuid::Uuid;

use super::{
    Email, Role, TokenHash,
    password::Hash,
    store::{NewAccount, hold_roles, insert_account, set_role_in},
};
use crate::{
    Error, Result,
    audit::{self, Action, Actor, Event},
    db::{Db, Tx},
    on,
};

/// How long one is good, in milliseconds.
pub const GOOD_FOR: i64 = 7 * 24 * 60 * 60 * 1000;

/// An invitation that waits for an answer.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub id: Uuid,
    pub email: Email,
    pub role: Role,
    /// The administrator's address.
    pub invited_by: String,
    /// Milliseconds since 1970, UTC.
    pub expires_at: i64,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    email: String,
    role: String,
    invited_by: String,
    expires_at: i64,
}

impl Row {
    fn invitation(self) -> Result<Invitation> {
        Ok(Invitation {
            id: self.id,
            email: Email::read(&self.email).map_err(|_| Error::internal("an invitation's address is none"))?,
            role: Role::named(&self.role).ok_or_else(|| Error::internal("an invitation's role is none"))?,
            invited_by: self.invited_by,
            expires_at: self.expires_at,
        })
    }
}

/// Somebody who is being invited.
#[derive(Clone, Debug)]
pub struct Inviting {
    pub id: Uuid,
    pub token: TokenHash,
    pub email: Email,
    pub role: Role,
    pub by: Uuid,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
}

/// Keeps an invitation, in place of one of the same address and role.
///
/// # Errors
/// When the database fails.
pub async fn invite(db: &Db, inviting: Inviting, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let key = inviting.email.key();
            on!(tx &mut tx, connection => sqlx::query("delete from invitation where email_key = $1 and role = $2")
                .bind(&key)
                .bind(inviting.role.name())
                .execute(connection)
                .await
                .map(drop))?;
            on!(tx &mut tx, connection => sqlx::query(
                "insert into invitation (id, token_hash, email, email_key, role, invited_by, invited_at, expires_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(inviting.id)
            .bind(inviting.token.as_bytes())
            .bind(inviting.email.as_str())
            .bind(&key)
            .bind(inviting.role.name())
            .bind(inviting.by)
            .bind(inviting.at)
            .bind(inviting.at + GOOD_FOR)
            .execute(connection)
            .await
            .map(drop))?;
            audit::append(&mut tx, &event.about((inviting.id, inviting.role.name()))).await
        })
    })
    .await
}

/// Those that wait, the next to expire first.
///
/// # Errors
/// When the database fails.
pub async fn waiting(db: &Db, now: i64) -> Result<Vec<Invitation>> {
    let rows: Vec<Row> = on!(db db, pool => sqlx::query_as(
        "select invitation.id, invitation.email, role, account.email as invited_by, expires_at
         from invitation
         join account on account.id = invited_by
         where expires_at > $1
         order by expires_at, invitation.email_key",
    )
    .bind(now)
    .fetch_all(pool)
    .await)?;
    rows.into_iter().map(Row::invitation).collect()
}

/// The invitation that a link is of, if it still holds.
///
/// # Errors
/// When the database fails.
pub async fn of_link(db: &Db, token: &TokenHash, now: i64) -> Result<Option<Invitation>> {
    let row: Option<Row> = on!(db db, pool => sqlx::query_as(
        "select invitation.id, invitation.email, role, account.email as invited_by, expires_at
         from invitation
         join account on account.id = invited_by
         where token_hash = $1 and expires_at > $2",
    )
    .bind(token.as_bytes())
    .bind(now)
    .fetch_optional(pool)
    .await)?;
    row.map(Row::invitation).transpose()
}

/// Ends an invitation without an answer, or with the answer that nobody comes.
///
/// # Errors
/// [`Error::NotFound`] where there is none any more.
pub async fn end(db: &Db, id: Uuid, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let role: Option<String> = on!(tx &mut tx, connection => sqlx::query_scalar(
                "delete from invitation where id = $1 returning role",
            )
            .bind(id)
            .fetch_optional(connection)
            .await)?;
            let role = role.and_then(|role| Role::named(&role)).ok_or(Error::NotFound)?;
            audit::append(&mut tx, &event.about((id, role.name()))).await
        })
    })
    .await
}

/// Makes an account with the invited address, which the link has shown to be theirs. The invitation waits on.
///
/// # Errors
/// [`Error::Conflict`] where the address has an account by now.
pub async fn create_account(db: &Db, id: Uuid, email: Email, password: Hash, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let key = email.key();
            let account =
                NewAccount { id, email: email.as_str(), key: &key, password: password.as_str(), roles: "", now };
            insert_account(&mut tx, account).await?;
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

/// Takes an invitation: once, by the account with its address, while who invited still administers the site. The account has the
/// role then, and is signed out, as where a role is granted.
///
/// # Errors
/// [`Error::NotFound`] where there is no such invitation for this account; [`Error::Conflict`] where the account has no second step.
pub async fn accept(db: &Db, account: Uuid, token: TokenHash, now: i64, accepted: Event, granted: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            // First: whoever changes roles takes these rows before any other.
            let staff = hold_roles(&mut tx, account).await?;
            let Taken { id, role, invited_by } = take(&mut tx, account, &token, now).await?;
            let role = Role::named(&role).ok_or(Error::NotFound)?;
            if !staff.iter().any(|(id, roles)| *id == invited_by && roles.has(Role::Admin)) {
                return Err(Error::NotFound);
            }
            set_role_in(&mut tx, account, role, true).await?;
            audit::append(&mut tx, &accepted.about((id, role.name()))).await?;
            let granted = Event { actor: Actor::Account(invited_by), ..granted };
            audit::append(&mut tx, &granted.about((account, role.name()))).await
        })
    })
    .await
}

#[derive(FromRow)]
struct Taken {
    id: Uuid,
    role: String,
    invited_by: Uuid,
}

async fn take(tx: &mut Tx<'_>, account: Uuid, token: &TokenHash, now: i64) -> Result<Taken> {
    let taken: Option<Taken> = on!(tx tx, connection => sqlx::query_as(
        "delete from invitation
         where token_hash = $1 and expires_at > $2 and email_key = (select email_key from account where id = $3)
         returning id, role, invited_by",
    )
    .bind(token.as_bytes())
    .bind(now)
    .bind(account)
    .fetch_optional(connection)
    .await)?;
    taken.ok_or(Error::NotFound)
}

/// What [`accept`] is to be recorded as granted by: who invited is put in there.
pub fn granted(event: &Event) -> Event {
    Event { action: Action::RoleGranted, origin: None, ..event.clone() }
}
