//! What a handler may rely on about whoever asks: each type here can only come from a request that showed it.
//!
//! A handler takes one as its first argument, and [`Routes::page_for`](crate::routes::Routes::page_for) reads from that type
//! who may use the route, so that no table can say other than what is checked.

use std::{convert::Infallible, ops::Deref, time::Duration};

use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
};

use super::{
    Next, Role, refusals,
    session::{Stage, Visitor},
};
use crate::{
    AppState, Error,
    routes::{Proof, Who},
};

/// How long ago somebody may have shown that it is them: to see a form, and to send it.
const FRESH_TO_READ: i64 = 10 * 60 * 1000;
/// Longer, so that a form that was opened in time can still be filled in.
const FRESH_TO_SEND: i64 = 30 * 60 * 1000;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn(Visitor);

/// Somebody whose password was right, and who has the second step before them.
#[derive(Clone, Debug)]
pub struct HalfSignedIn(Visitor);

macro_rules! staff {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Visitor);

        impl Proof for $name {
            const WHO: Who = Who::Staff(Role::$name);
        }

        impl Shown for $name {
            const ROLE: Option<Role> = Some(Role::$name);

            fn of(visitor: Visitor) -> Result<Self, Error> {
                of_staff(visitor, Role::$name).map(Self)
            }
        }

        shown!($name);
    )*};
}

macro_rules! shown {
    ($name:ident) => {
        impl Deref for $name {
            type Target = Visitor;

            fn deref(&self) -> &Visitor {
                &self.0
            }
        }

        impl FromRequestParts<AppState> for $name {
            type Rejection = Error;

            async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
                let visitor = visitor(parts, state).await?;
                let asked = Self::of(visitor.clone());
                if let (Err(Error::Forbidden), Some(role)) = (&asked, Self::ROLE) {
                    refusals::record_access(&visitor, role, state).await?;
                }
                asked
            }
        }
    };
}

/// Makes the proof of a visitor, or says what is missing.
trait Shown: Sized {
    /// The role that it is a proof of.
    const ROLE: Option<Role> = None;

    fn of(visitor: Visitor) -> Result<Self, Error>;
}

impl Proof for SignedIn {
    const WHO: Who = Who::SignedIn;
}

impl Shown for SignedIn {
    fn of(visitor: Visitor) -> Result<Self, Error> {
        match visitor.stage {
            Stage::Full => Ok(Self(visitor)),
            Stage::Half => Err(Error::SecondStep),
        }
    }
}

impl Proof for HalfSignedIn {
    const WHO: Who = Who::HalfSignedIn;
}

impl Shown for HalfSignedIn {
    fn of(visitor: Visitor) -> Result<Self, Error> {
        Ok(Self(visitor))
    }
}

shown!(SignedIn);
shown!(HalfSignedIn);

staff! {
    /// Somebody who writes articles and exercises.
    Editor
    /// A clinician, who approves them.
    Reviewer
    /// Somebody who grants roles.
    Admin
}

/// Somebody on the staff, whatever their role.
#[derive(Clone, Debug)]
pub struct Staff(Visitor);

impl Proof for Staff {
    const WHO: Who = Who::AnyStaff;
}

impl Shown for Staff {
    /// What a patient who asks is told to lack: the least of them.
    const ROLE: Option<Role> = Some(Role::Editor);

    fn of(visitor: Visitor) -> Result<Self, Error> {
        let role = visitor.roles.iter().next().unwrap_or(Role::Editor);
        of_staff(visitor, role).map(Self)
    }
}

shown!(Staff);

macro_rules! either {
    ($($(#[$doc:meta])* $name:ident $one:ident $other:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Visitor);

        impl Proof for $name {
            const WHO: Who = Who::Either(Role::$one, Role::$other);
        }

        impl Shown for $name {
            /// What somebody who has neither is told to lack.
            const ROLE: Option<Role> = Some(Role::$one);

            fn of(visitor: Visitor) -> Result<Self, Error> {
                let role = if visitor.roles.has(Role::$other) { Role::$other } else { Role::$one };
                of_staff(visitor, role).map(Self)
            }
        }

        shown!($name);
    )*};
}

either! {
    /// Somebody who writes rule sets and exercises.
    Writer Editor Reviewer
    /// Somebody who may ask a clinician without an account to review a text.
    Inviter Reviewer Admin
    /// Somebody who may take a rule set back, at any hour.
    OnCall Reviewer Admin
}

fn of_staff(visitor: Visitor, role: Role) -> Result<Visitor, Error> {
    let SignedIn(visitor) = SignedIn::of(visitor)?;
    match (visitor.roles.has(role), visitor.strong) {
        (false, _) => Err(Error::Forbidden),
        // Staff have more to lose than a password keeps.
        (true, false) => Err(Error::SetUpSecondStep),
        (true, true) => Ok(visitor),
    }
}

/// The same, from somebody who showed in the last minutes that it is still them.
#[derive(Clone, Debug)]
pub struct Fresh<P>(P);

impl<P: Proof> Proof for Fresh<P> {
    const WHO: Who = P::WHO;
    const FRESH: bool = true;
}

impl<P> Deref for Fresh<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.0
    }
}

impl<P> FromRequestParts<AppState> for Fresh<P>
where
    P: FromRequestParts<AppState, Rejection = Error> + Deref<Target = Visitor> + Send,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        let proof = P::from_request_parts(parts, state).await?;
        let limit = if parts.method == Method::POST { FRESH_TO_SEND } else { FRESH_TO_READ };
        if state.clock.millis_i64() - proof.confirmed_at <= limit {
            return Ok(Self(proof));
        }
        Err(Error::Confirm { next: page_of(parts) })
    }
}

/// Whoever sends it is read, with the proof or why there is none: for a form that may tell of an emergency, which must be
/// answered whoever it is, and for a device that has to learn that its account is gone. What needs the proof still has to
/// take it out.
#[derive(Debug)]
pub struct Heard<P>(Result<P, Error>);

/// How long an emergency waits until it is known who it is.
const HEARD_WITHIN: Duration = Duration::from_secs(2);

impl<P> Heard<P> {
    /// # Errors
    /// What the proof's own extractor would have answered; [`Error::Unavailable`] where that took too long.
    pub fn proof(self) -> Result<P, Error> {
        self.0
    }
}

impl<P: Proof> Proof for Heard<P> {
    const WHO: Who = P::WHO;
    const FRESH: bool = P::FRESH;
    const HEARD: bool = true;
}

impl<P> FromRequestParts<AppState> for Heard<P>
where
    P: FromRequestParts<AppState, Rejection = Error> + Send,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let proof = tokio::time::timeout(HEARD_WITHIN, P::from_request_parts(parts, state)).await;
        Ok(Self(proof.unwrap_or_else(|late| Err(Error::Unavailable(Box::new(late))))))
    }
}

async fn visitor(parts: &mut Parts, state: &AppState) -> Result<Visitor, Error> {
    let found = Visitor::of_request(parts, state).await?;
    found.ok_or_else(|| Error::SignIn { next: (parts.method != Method::POST).then(|| address(parts)) })
}

/// The page to come back to. A form's address may be for sending alone: its page is then that of its part of the account.
fn page_of(parts: &Parts) -> Next {
    if parts.method != Method::POST {
        return address(parts);
    }
    let part: Vec<&str> = parts.uri.path().split('/').take(3).collect();
    Next::from(part.join("/"))
}

/// Where the request wanted to go.
fn address(parts: &Parts) -> Next {
    parts.uri.path_and_query().map(Next::from).unwrap_or_default()
}
