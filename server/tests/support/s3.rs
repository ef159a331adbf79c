//! A bucket on loopback: the S3 of the crate s3s over a folder, which checks signatures.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use object_store::ObjectStore;
use rcgen::{CertifiedKey, KeyPair};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use server::{bucket, config::MediaOptions};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

const KEY_ID: &str = "a-key";
/// What must be in no log.
pub const SECRET: &str = "an-s3-secret";
/// Where the files are.
const FOLDER: &str = "pictures/of/a-site";

/// Until it is dropped.
pub struct S3 {
    pub addr: SocketAddr,
    folder: TempDir,
    serving: JoinHandle<()>,
}

impl S3 {
    pub async fn start() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), TempDir::new().unwrap(), None).await
    }

    /// Over TLS, as whoever trusts this certificate knows it.
    pub async fn start_with_tls(certificate: &CertifiedKey<KeyPair>) -> Self {
        let key = PrivateKeyDer::try_from(certificate.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.cert.der().clone()], key)
            .unwrap();
        let tls = TlsAcceptor::from(Arc::new(config));
        Self::at("127.0.0.1:0".parse().unwrap(), TempDir::new().unwrap(), Some(tls)).await
    }

    async fn at(addr: SocketAddr, folder: TempDir, tls: Option<TlsAcceptor>) -> Self {
        fs::create_dir_all(folder.path().join("pictures")).unwrap();
        let mut builder = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let service = builder.build();
        let listener = TcpListener::bind(addr).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            // With their connections, where it is stopped.
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (service, tls) = (service.clone(), tls.clone());
                connections.spawn(async move {
                    let http = auto::Builder::new(TokioExecutor::new());
                    match tls {
                        None => drop(http.serve_connection(TokioIo::new(stream), service).await),
                        Some(tls) => {
                            // Who does not trust us goes.
                            let Ok(stream) = tls.accept(stream).await else { return };
                            drop(http.serve_connection(TokioIo::new(stream), service).await);
                        }
                    }
                });
            }
        });
        Self { addr, folder, serving }
    }

    /// Stops answering.
    pub async fn stop(self) -> Stopped {
        let Self { addr, folder, serving } = self;
        serving.abort();
        let _ = serving.await;
        Stopped { addr, folder }
    }

    pub fn options(&self) -> MediaOptions {
        options_at(&format!("http://{}", self.addr))
    }

    pub fn bucket(&self) -> Arc<dyn ObjectStore> {
        bucket::open(&self.options()).unwrap().unwrap()
    }

    /// The environment of the program.
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("SCIATICALM_MEDIA_URL", format!("s3://{FOLDER}/")),
            ("SCIATICALM_MEDIA_ENDPOINT", format!("http://{}", self.addr)),
            ("SCIATICALM_MEDIA_KEY_ID", KEY_ID.to_owned()),
            ("SCIATICALM_MEDIA_SECRET", SECRET.to_owned()),
        ]
    }

    /// Where the files of the bucket are on the disk.
    pub fn files(&self) -> PathBuf {
        self.folder.path().join(FOLDER)
    }
}

/// An S3 that does not answer.
pub struct Stopped {
    addr: SocketAddr,
    folder: TempDir,
}

impl Stopped {
    pub async fn start(self) -> S3 {
        S3::at(self.addr, self.folder, None).await
    }
}

/// The bucket of an S3 at this address.
pub fn options_at(endpoint: &str) -> MediaOptions {
    MediaOptions {
        media_url: Some(format!("s3://{FOLDER}")),
        media_endpoint: Some(endpoint.to_owned()),
        media_region: "us-east-1".to_owned(),
        media_key_id: Some(KEY_ID.to_owned()),
        media_secret: Some(SECRET.to_owned().into()),
    }
}
