//! TLS for those without a proxy: certificate and key from files, which are read again on SIGHUP.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use axum::serve::Listener;
use tokio::{
    io,
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
    server::TlsStream,
};

/// How long somebody may take to agree on keys.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How many may do so at once: who wants more waits before we have done anything for them.
const HANDSHAKES: usize = 256;
/// What to wait when the system takes no more connections: too many open files, say.
const PAUSE: Duration = Duration::from_secs(1);

/// Where certificate and key are.
#[derive(Clone, Debug)]
pub struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    /// None where neither is set.
    ///
    /// # Errors
    /// Where one is set and the other is not.
    pub fn of(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Self>> {
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some(Self { certificate, key })),
            (None, None) => Ok(None),
            (Some(_), None) => bail!("SCIATICALM_TLS_CERT goes with SCIATICALM_TLS_KEY, which is not set"),
            (None, Some(_)) => bail!("SCIATICALM_TLS_KEY goes with SCIATICALM_TLS_CERT, which is not set"),
        }
    }

    /// # Errors
    /// One sentence that says which file to look at.
    pub fn read(&self) -> Result<Arc<ServerConfig>> {
        let chain = read(&self.certificate, "SCIATICALM_TLS_CERT")?;
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&chain).collect();
        let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
        let certificates = certificates.ok_or_else(|| {
            anyhow!("there is no certificate in PEM in {} (SCIATICALM_TLS_CERT)", self.certificate.display())
        })?;
        // Which of the ways to be no key it is may tell of the key.
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key, "SCIATICALM_TLS_KEY")?)
            .map_err(|_| anyhow!("there is no private key in PEM in {} (SCIATICALM_TLS_KEY)", self.key.display()))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .context("TLS cannot be set up")?
            .with_no_client_auth()
            .with_single_cert(certificates, key);
        let mut config = config.with_context(|| {
            format!(
                "the certificate in {} (SCIATICALM_TLS_CERT) does not go with the key in {} (SCIATICALM_TLS_KEY)",
                self.certificate.display(),
                self.key.display()
            )
        })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn read(path: &Path, variable: &str) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {} ({variable})", path.display()))
}

/// Takes connections, and hands on those that have agreed on keys.
#[derive(Debug)]
pub struct TlsListener {
    done: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    addr: SocketAddr,
}

impl TlsListener {
    /// Reads the files first, and again on each SIGHUP; broken ones then change nothing.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub fn new(listener: TcpListener, files: Files) -> Result<Self> {
        let addr = listener.local_addr().context("the listener has no address")?;
        let config = Arc::new(RwLock::new(files.read()?));
        tokio::spawn(read_again(files, Arc::clone(&config)));
        let (done, receiver) = mpsc::channel(1);
        tokio::spawn(take(listener, config, done));
        Ok(Self { done: receiver, addr })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.done.recv().await {
            Some(accepted) => accepted,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.addr)
    }
}

/// Ends, and closes the port, when nobody receives any more.
async fn take(
    listener: TcpListener,
    config: Arc<RwLock<Arc<ServerConfig>>>,
    done: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let places = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = done.closed() => return,
        };
        match taken {
            Ok((stream, peer)) => {
                let config = Arc::clone(&config.read().unwrap_or_else(PoisonError::into_inner));
                tokio::spawn(shake_hands(stream, peer, TlsAcceptor::from(config), done.clone(), place));
            }
            // One connection that broke off is no reason to wait.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!(%error, "cannot take a connection");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn shake_hands(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    done: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
    place: OwnedSemaphorePermit,
) {
    let _ = stream.set_nodelay(true);
    // Who fails at it is told by TLS itself; scanners would fill the log.
    if let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await {
        drop(place);
        let _ = done.send((stream, peer)).await;
    }
}

async fn read_again(files: Files, config: Arc<RwLock<Arc<ServerConfig>>>) {
    let Ok(mut hangups) = signal(SignalKind::hangup()) else { return };
    while hangups.recv().await.is_some() {
        match files.read() {
            Ok(new) => {
                *config.write().unwrap_or_else(PoisonError::into_inner) = new;
                tracing::info!("read the certificate again");
            }
            Err(error) => tracing::error!("kept the old certificate: {error:#}"),
        }
    }
}
