//! `sciaticalm serve`: listens, answers, and stops when told, after what is in flight.

use std::{io, net::SocketAddr, time::Duration};

use anyhow::{Context, Result, anyhow};
use app::{clock::Clock, numbers, site::Settings};
use axum::serve::ListenerExt;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    assets::Assets,
    config::{ServeOptions, StoreOptions},
    limits::Limits,
    links::Asker,
    start::{self, Services},
    takeover::Running,
    tls::{self, TlsListener},
};

/// How long requests in flight may take once the process was told to stop.
const GRACE: Duration = Duration::from_secs(30);
/// How long e-mails may take after the last request.
const MAIL_GRACE: Duration = Duration::from_secs(10);

pub async fn serve(store: &StoreOptions, options: ServeOptions) -> Result<()> {
    // First, so that a second start by mistake touches nothing.
    let listener = listen(options.addr).await?;
    let port = listener.local_addr().context("the listener has no address")?.port();
    let files = tls::Files::of(options.tls_cert, options.tls_key)?;
    // Broken files are said before anything is touched.
    files.as_ref().map(tls::Files::read).transpose()?;
    let scheme = if files.is_some() { "https" } else { "http" };
    let public_url = options.public_url.unwrap_or_else(|| format!("{scheme}://localhost:{port}"));
    let db = start::expect_database(store).await?;
    let vault = start::open_vault(store, Clock::System).await?;
    let assets = Assets::load()?;
    let settings = options.site.settings(public_url.clone())?;
    warn_of_plain_http(&settings);
    let mail = start::mailer(&options.mail, &store.data_dir, &settings, Clock::System)?;
    let media = start::workshop(store)?;
    start::look_for_pictures(&media).await?;
    if let Err(error) = media.tidy() {
        tracing::warn!(%error, "what was being uploaded when the site stopped could not be deleted");
    }
    let asker = options.check_links.then(|| Asker::new(&settings.public_url)).transpose().unwrap_or_else(|error| {
        tracing::error!("links to other sites are not asked: {error:#}");
        None
    });
    let services = Services { db, vault, mail: mail.clone(), media, clock: Clock::System };
    let limits = Limits { per_second: options.api_rate, trusted_proxies: options.trusted_proxies };
    let local = start::choose_in(&store.data_dir, &settings)?;
    let state = start::state_on(local.clone(), services, settings, assets.urls())?;
    let running = Running::new(state, local, assets, limits, Some(store.data_dir.clone()));
    let prepared = start::prepare_if_there(&running).await?;
    let service = Running::router(&running).into_make_service_with_connect_info::<SocketAddr>();

    println!("Sciaticalm is ready at {public_url}");
    tracing::info!(addr = %options.addr, "listening");
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let graceful = {
        let mut stopping = stopping.clone();
        async move {
            told_to_stop().await;
            tracing::info!("stopping: finishing what is in flight");
            let _ = stop.send(true);
            let _ = stopping.changed().await;
        }
    };
    let serving = async {
        match files {
            None => axum::serve(listener, service).with_graceful_shutdown(graceful).await?,
            Some(files) => {
                // Tapped only because axum knows the address behind such a listener.
                let listener = TlsListener::new(listener, files)?.tap_io(|_| {});
                axum::serve(listener, service).with_graceful_shutdown(graceful).await?;
            }
        }
        anyhow::Ok(())
    };
    tokio::select! {
        served = serving => served.context("the server stopped")?,
        () = start::keep_trying(&running), if !prepared => {}
        () = running.keep_looking() => {}
        () = start::each_hour(&running) => {}
        () = start::each_minute(&running) => {}
        () = start::keep_publishing(&running) => {}
        () = start::keep_counting(&running) => {}
        () = start::keep_asking(&running, asker.as_ref()) => {}
        () = too_late(stopping) => tracing::warn!("stopped with requests still in flight"),
    }
    if tokio::time::timeout(MAIL_GRACE, mail.flush()).await.is_err() {
        tracing::error!("stopped with {} e-mails unsent: they are lost", mail.unsent());
    }
    let state = running.state();
    if let Err(error) = numbers::flush(&state).await {
        tracing::warn!(%error, "what was counted in the last seconds is lost");
    }
    drop(running);
    state.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Browsers keep a session's cookie only where nobody on the way can read it, or where there is no way.
fn warn_of_plain_http(settings: &Settings) {
    let host = settings.public_url.strip_prefix("http://").map(|rest| rest.split('/').next().unwrap_or_default());
    let is_loopback = |host: &str| {
        let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
    };
    if host.is_some_and(|host| !is_loopback(host)) {
        tracing::warn!(
            "the site's address begins with http://: whoever is on the way can read passwords and take over accounts. \
             Accounts need https: see SCIATICALM_TLS_CERT, or put a proxy in front, and set SCIATICALM_PUBLIC_URL"
        );
    }
}

async fn listen(addr: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(addr).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!(
            "cannot listen on {addr}: another program does. Stop it, or choose another address with SCIATICALM_ADDR"
        ),
        _ => anyhow!("cannot listen on {addr} (SCIATICALM_ADDR): {error}"),
    })
}

async fn told_to_stop() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}

async fn too_late(mut stopping: tokio::sync::watch::Receiver<bool>) {
    if stopping.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(GRACE).await;
}
