//! The ways out: an SMTP server, or a folder.

use std::{
    fmt, fs, io,
    io::Write,
    net::IpAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use axum::http::Uri;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message as Letter, Tokio1Executor, transport::smtp};

use super::BadServer;

/// How long a server may take for one message, from the connection to its last word.
const TIME_LIMIT: Duration = Duration::from_secs(10);

pub(super) enum Delivery {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smtp(_) => "SMTP",
            Self::Folder(_) => "folder",
        })
    }
}

/// Why a letter did not go out. Holds no address.
#[derive(Debug)]
pub(super) struct Failure {
    pub cause: String,
    /// The server will not take it later either.
    pub is_final: bool,
}

impl Delivery {
    pub fn smtp(url: &str) -> Result<Self, BadServer> {
        let uri: Uri = url.parse().map_err(|_| BadServer::Unreadable)?;
        let required = uri.query().is_some_and(|query| query.split('&').any(|setting| setting == "tls=required"));
        let encrypted = uri.scheme_str() == Some("smtps") || required;
        if !encrypted && !is_this_machine(uri.host().ok_or(BadServer::Unreadable)?) {
            return Err(BadServer::Unencrypted);
        }
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| BadServer::Unreadable)?.build();
        Ok(Self::Smtp(transport))
    }

    pub async fn deliver(&self, letter: &Letter, name: &str) -> Result<(), Failure> {
        match self {
            Self::Smtp(transport) => by_smtp(transport, letter).await,
            Self::Folder(folder) => {
                let (folder, name, bytes) = (folder.clone(), name.to_owned(), letter.formatted());
                let written = tokio::task::spawn_blocking(move || write(&folder, &name, &bytes));
                written
                    .await
                    .unwrap_or_else(|error| Err(io::Error::other(error)))
                    .map_err(|error| Failure { cause: error.to_string(), is_final: false })
            }
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

async fn by_smtp(transport: &AsyncSmtpTransport<Tokio1Executor>, letter: &Letter) -> Result<(), Failure> {
    // Over everything: lettre limits the connecting alone.
    match tokio::time::timeout(TIME_LIMIT, transport.send(letter.clone())).await {
        Ok(sent) => sent
            .map(drop)
            .map_err(|error| Failure { cause: without_what_the_server_said(&error), is_final: error.is_permanent() }),
        Err(_) => Err(Failure { cause: format!("no answer in {} s", TIME_LIMIT.as_secs()), is_final: false }),
    }
}

/// A server's words often repeat the recipient's address.
fn without_what_the_server_said(error: &smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the server answered {code}"),
        None if error.is_response() => "the server's answer cannot be understood".to_owned(),
        None => error.to_string(),
    }
}

/// Readable by whom the server runs as, and nobody else: the links in it open accounts.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Under another name until it is whole, and over what a try before left.
    let unfinished = folder.join(format!("{name}.part"));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    fs::rename(unfinished, folder.join(name))
}
