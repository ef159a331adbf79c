//! What can go wrong with a request, and the one place that turns it into a status.

use std::{error::Error as StdError, fmt};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

use crate::{account::Next, db::is_unreachable, problem::FieldError};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request could not be answered as asked. What a reader or a program is told is made from the status, in one place
/// (the server's error pages), so that a cause is logged once and never sent.
#[derive(Debug)]
pub enum Error {
    /// There is nothing at this address.
    NotFound,
    /// The request is not one that our pages make; the sentence says in what way, without echoing what was sent.
    BadRequest(&'static str),
    /// A program's request is sound JSON, but these fields are not what the address takes.
    BadFields(Vec<FieldError>),
    /// Nobody is signed in, and this needs somebody; the address to come back to, where it is one to read.
    SignIn { next: Option<Next> },
    /// The password was right; the second step comes first.
    SecondStep,
    /// On the staff, and nothing beside a password was ever set up.
    SetUpSecondStep,
    /// Signed in, and it was not shown lately that it is still them.
    Confirm { next: Next },
    /// Signed in, and not somebody who may do this.
    Forbidden,
    /// Too often, or too many at once.
    TooMany { seconds: u64 },
    /// It would break a rule of the store: the same thing exists already.
    Conflict,
    /// The database does not answer, or where pictures are; the cause is for the log. What needs neither still works.
    Unavailable(Box<dyn StdError + Send + Sync>),
    /// Our own fault or a neighbour's; the cause is for the log.
    Internal(Box<dyn StdError + Send + Sync>),
}

impl Error {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::BadFields(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SignIn { next: None } => StatusCode::UNAUTHORIZED,
            Self::SignIn { .. } | Self::SecondStep | Self::SetUpSecondStep | Self::Confirm { .. } => {
                StatusCode::SEE_OTHER
            }
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// An internal error that has a sentence for a cause.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::BadRequest(reason) => f.write_str(reason),
            Self::BadFields(fields) => write!(f, "{} fields are wrong", fields.len()),
            Self::SignIn { .. } => f.write_str("nobody is signed in"),
            Self::SecondStep => f.write_str("the second step is not done"),
            Self::SetUpSecondStep => f.write_str("there is no second step yet"),
            Self::Confirm { .. } => f.write_str("it was not shown lately who it is"),
            Self::Forbidden => f.write_str("not allowed"),
            Self::TooMany { seconds } => write!(f, "too many: wait {seconds} s"),
            Self::Conflict => f.write_str("it exists already"),
            Self::Unavailable(cause) => write!(f, "what this needs does not answer: {cause}"),
            Self::Internal(cause) => write!(f, "internal: {cause}"),
        }
    }
}

impl StdError for Error {}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Conflict,
            gone if is_unreachable(gone) => Self::Unavailable(Box::new(error)),
            _ => Self::Internal(Box::new(error)),
        }
    }
}

/// What the error page may say beside its status.
#[derive(Clone, Copy, Debug)]
pub struct Reason(pub &'static str);

/// What the error's body may name beside it, where the body is for a program.
#[derive(Clone, Debug)]
pub struct BadFields(pub Vec<FieldError>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        match self {
            Self::SignIn { next: Some(next) } => return Redirect::to(&next.after("/sign-in")).into_response(),
            Self::SecondStep => return Redirect::to("/sign-in/code").into_response(),
            Self::SetUpSecondStep => return Redirect::to("/account/two-step").into_response(),
            Self::Confirm { next } => return Redirect::to(&next.after("/account/confirm")).into_response(),
            Self::TooMany { seconds } => {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Self::Forbidden => {
                response.extensions_mut().insert(Reason("Your account does not have the role that this page is for."));
            }
            Self::Unavailable(cause) | Self::Internal(cause) => {
                tracing::error!(cause = %Causes(cause.as_ref()), "a request failed");
            }
            Self::BadRequest(reason) => {
                response.extensions_mut().insert(Reason(reason));
            }
            Self::BadFields(fields) => {
                response.extensions_mut().insert(BadFields(fields));
            }
            Self::NotFound | Self::Conflict | Self::SignIn { next: None } => {}
        }
        response
    }
}

/// An error with what caused it, on one line.
struct Causes<'a>(&'a (dyn StdError + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}
