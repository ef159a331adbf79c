//! Which rule set a running server decides by: it looks every two seconds whether another was published, and takes it over
//! between two requests. A request that began with one rule set ends with it, because it has the router, and so the state, that
//! was there when it came.

use std::{
    convert::Infallible,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use app::{
    AppState,
    rulebook::{self, Published, soundness},
};
use axum::{Router, extract::Request};
use tower::{ServiceExt, service_fn};

use crate::{
    assets::Assets,
    limits::{Limiter, Limits},
    router,
    rules::{self, Chosen},
    start,
};

/// Often enough that every server has a new rule set within five seconds.
const LOOK: Duration = Duration::from_secs(2);

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    current: RwLock<Arc<Current>>,
    /// What the binary and the data folder give.
    local: Chosen,
    assets: Assets,
    limiter: Arc<Limiter>,
    /// Where copies are kept; nowhere in tests.
    folder: Option<PathBuf>,
}

/// Never changed: another takes its place.
#[derive(Debug)]
struct Current {
    chosen: Chosen,
    state: AppState,
    router: Router,
}

impl Running {
    /// `state` is on the rule set of `local`. Where the folder has a copy of what was published last, that is taken over at once:
    /// the database may be away.
    pub fn new(state: AppState, local: Chosen, assets: Assets, limits: Limits, folder: Option<PathBuf>) -> Arc<Self> {
        let limiter = Limiter::new(limits);
        let router = router::router_within(state.clone(), assets.clone(), Arc::clone(&limiter));
        let current = RwLock::new(Arc::new(Current { chosen: local.clone(), state, router }));
        let running = Self { current, local, assets, limiter, folder };
        if let Some(published) = running.folder.as_deref().and_then(rules::last_published) {
            running.take_over(&published);
        }
        Arc::new(running)
    }

    fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The state as it is now.
    pub fn state(&self) -> AppState {
        self.current().state.clone()
    }

    /// The site as a service: each request gets the rule set that is there when it comes.
    pub fn router(running: &Arc<Self>) -> Router {
        let running = Arc::clone(running);
        Router::new().fallback_service(service_fn(move |request: Request| {
            let router = running.current().router.clone();
            async move {
                Ok::<_, Infallible>(match router.oneshot(request).await {
                    Ok(answer) => answer,
                    Err(never) => match never {},
                })
            }
        }))
    }

    /// Looks whether another rule set was published, and takes it over: `true` where one was.
    ///
    /// # Errors
    /// When the database fails: then all stays as it is.
    pub async fn look(&self) -> app::Result<bool> {
        let now = self.current();
        let db = &now.state.db;
        if rulebook::store::last(db).await? == now.chosen.in_use.publication {
            return Ok(false);
        }
        let Some(published) = rulebook::store::published(db).await? else { return Ok(false) };
        let took = self.take_over(&published);
        if let (true, Some(folder)) = (took, &self.folder) {
            rules::keep_published(folder, &published);
        }
        Ok(true)
    }

    /// Whether the site can decide by it: all is made before anything is replaced.
    fn take_over(&self, published: &Published) -> bool {
        let now = self.current();
        let site = &now.state.site;
        let read = |published: &Published| soundness::read_published(published, &site.settings);
        let chosen = rules::take_over(&self.local, &now.chosen, published, read);
        let sound = chosen.refused == self.local.refused;
        match start::site_on(chosen.clone(), site.settings.clone(), site.assets.clone()) {
            Ok(site) => {
                let state = AppState { site: Arc::new(site), ..now.state.clone() };
                let router = router::router_within(state.clone(), self.assets.clone(), Arc::clone(&self.limiter));
                *self.current.write().unwrap_or_else(PoisonError::into_inner) =
                    Arc::new(Current { chosen, state, router });
                sound
            }
            // What is sound was read with the same pages: a broken build.
            Err(problems) => {
                tracing::error!("the site could not be made on the published rule set: {}", problems.join("; "));
                false
            }
        }
    }

    /// Looks every two seconds. Does not end.
    pub async fn keep_looking(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.look().await {
                Ok(_) => {}
                // Said once, where the database is waited for.
                Err(app::Error::Unavailable(_)) => {}
                Err(error) => {
                    tracing::error!(%error, "could not look for another rule set; trying again in {} s", LOOK.as_secs())
                }
            }
        }
    }
}
