//! Who is on the staff. The first administrator comes from the command line; after that, administrators grant roles.

use uuid::Uuid;

use super::{Account, Email, Role, Roles, Token, password_reset::link, store};
use crate::{
    Error, Result,
    audit::{Action, Actor, Event},
    clock::Clock,
    db::Db,
    vault::Vault,
};

/// How long the link of an invitation is good.
const INVITED_FOR: i64 = 24 * 60 * 60 * 1000;

/// Makes an administrator, who chooses a password by the link, and must set up a second step before anything else.
///
/// # Errors
/// [`Error::Conflict`] where the address has an account: grant it the role instead.
pub async fn create_admin(db: &Db, vault: &Vault, clock: &Clock, email: &Email) -> Result<Token> {
    let id = clock.new_id();
    // First: an account without a key counts as deleted.
    vault.make_key(id).await?;
    let roles = Roles::default().with(Role::Admin);
    let invited = Event::new(clock, Actor::CommandLine, Action::AdminInvited).about(id);
    store::invite(db, id, email.clone(), roles, clock.millis_i64(), invited).await?;
    let asked = Event::new(clock, Actor::CommandLine, Action::PasswordResetAsked).about(id);
    link(db, clock, id, INVITED_FOR, asked).await
}

/// Everybody who has a role, by address.
///
/// # Errors
/// When the database fails.
pub async fn everybody(db: &Db) -> Result<Vec<Account>> {
    store::staff(db).await
}

/// Somebody who has a role.
#[derive(Clone, Debug)]
pub struct Member {
    pub account: Account,
    /// Milliseconds since 1970, UTC; none where it was not in the last year. Only the day is anybody else's business.
    pub seen_at: Option<i64>,
}

/// As [`everybody`], with when they were last here.
///
/// # Errors
/// When the database fails.
pub async fn members(db: &Db) -> Result<Vec<Member>> {
    let seen = store::staff_seen(db).await?;
    let members = everybody(db).await?.into_iter();
    Ok(members.map(|account| Member { seen_at: seen.get(&account.id).copied(), account }).collect())
}

/// Why a role was not granted.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("there is no account with this address")]
    NoAccount,
    #[error("this account has no second step yet: its owner sets up an authenticator app or a passkey first")]
    NoSecondStep,
    #[error("this is the last administrator")]
    LastAdmin,
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Grants a role. Only to who has a second step: else whoever has stolen the password could set up theirs.
///
/// # Errors
/// See [`Refused`].
pub async fn grant(db: &Db, email: &Email, role: Role, event: Event) -> Result<(), Refused> {
    let account = store::account_of(db, email).await?.ok_or(Refused::NoAccount)?;
    let event = event.about((account.id, role.name()));
    let granted = store::set_role(db, account.id, role, true, event).await;
    granted.map_err(|error| refused(error, Refused::NoSecondStep))
}

/// Takes a role away, at once.
///
/// # Errors
/// See [`Refused`].
pub async fn revoke(db: &Db, email: &Email, role: Role, event: Event) -> Result<(), Refused> {
    let account = store::account_of(db, email).await?.ok_or(Refused::NoAccount)?;
    take(db, account.id, role, event.about((account.id, role.name()))).await
}

async fn take(db: &Db, account: Uuid, role: Role, event: Event) -> Result<(), Refused> {
    let taken = store::set_role(db, account, role, false, event).await;
    taken.map_err(|error| refused(error, Refused::LastAdmin))
}

fn refused(error: Error, conflict: Refused) -> Refused {
    match error {
        Error::Conflict => conflict,
        Error::NotFound => Refused::NoAccount,
        error => Refused::Failed(error),
    }
}

/// Takes an account off the administrators, if it is one, before it is deleted. A transaction of its own: deleting begins with
/// the key store, which takes part in none, and must not begin if this is refused.
///
/// # Errors
/// [`Refused::LastAdmin`], and when the database fails.
pub async fn step_down(db: &Db, account: &Account, event: Event) -> Result<(), Refused> {
    if !account.roles.has(Role::Admin) {
        return Ok(());
    }
    take(db, account.id, Role::Admin, event.about((account.id, Role::Admin.name()))).await
}

/// Signs an account out everywhere. Says nothing of whether there is one.
///
/// # Errors
/// When the database fails.
pub async fn sign_out(db: &Db, email: &Email, event: Event) -> Result<()> {
    let Some(account) = store::account_of(db, email).await? else { return Ok(()) };
    store::end_sessions(db, account.id, event.about(account.id)).await
}

/// Whether an account may go, for a page to say it beforehand: not the last administrator's.
///
/// # Errors
/// [`Refused::LastAdmin`], and when the database fails.
pub async fn may_leave(db: &Db, account: &Account) -> Result<(), Refused> {
    if account.roles.has(Role::Admin) && is_last_admin(&everybody(db).await?, account.id) {
        return Err(Refused::LastAdmin);
    }
    Ok(())
}

fn is_last_admin(staff: &[Account], account: Uuid) -> bool {
    let mut admins = staff.iter().filter(|staff| staff.roles.has(Role::Admin)).map(|staff| staff.id);
    admins.next() == Some(account) && admins.next().is_none()
}

/// For somebody who has lost everything: removes what they signed in with, signs them out, and makes a link by which to
/// choose a password.
///
/// # Errors
/// See [`Refused`].
pub async fn reset(db: &Db, clock: &Clock, email: &Email) -> Result<Token, Refused> {
    let account = store::account_of(db, email).await?.ok_or(Refused::NoAccount)?;
    let off = Event::new(clock, Actor::CommandLine, Action::SecondStepOff).about(account.id);
    store::forget_ways_in(db, account.id, off).await?;
    let asked = Event::new(clock, Actor::CommandLine, Action::PasswordResetAsked).about(account.id);
    Ok(link(db, clock, account.id, INVITED_FOR, asked).await?)
}

/// The address at which a link's token is used.
pub fn link_address(public_url: &str, token: &Token) -> String {
    format!("{public_url}/reset-password/choose?token={}", token.expose())
}
