//! Which rule set a running server decides by, and which settings it has: it looks every two seconds whether others were published or
//! saved, and takes them over between two requests. A request that began with one rule set ends with it, because it has the router,
//! and so the state, that was there when it came.

use std::{
    convert::Infallible,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use app::{
    AppState,
    rulebook::{self, Published, soundness},
    settings::{self, Saved},
    site::{Settings, Site},
};
use axum::{Router, extract::Request};
use tower::{ServiceExt, service_fn};

use crate::{
    assets::Assets,
    limits::{Limiter, Limits},
    router,
    rules::{self, Chosen},
    saved, start,
};

/// Often enough that every server has a new rule set within five seconds.
const LOOK: Duration = Duration::from_secs(2);

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    current: RwLock<Arc<Current>>,
    /// What the binary and the data folder give.
    local: Chosen,
    /// What the process was started with.
    given: Settings,
    assets: Assets,
    limiter: Arc<Limiter>,
    /// Where copies are kept; nowhere in tests.
    folder: Option<PathBuf>,
}

/// What was sound of what was taken over.
#[derive(Clone, Copy, Debug, Default)]
struct Took {
    rules: bool,
    settings: bool,
}

/// Never changed: another takes its place.
#[derive(Debug)]
struct Current {
    chosen: Chosen,
    /// The save that was seen last; 0 where there is none.
    save: i64,
    state: AppState,
    router: Router,
}

impl Running {
    /// `state` is on the rule set of `local`, with the settings that the process was started with. Where the folder has copies of what
    /// was published and saved last, they are taken over at once: the database may be away.
    pub fn new(state: AppState, local: Chosen, assets: Assets, limits: Limits, folder: Option<PathBuf>) -> Arc<Self> {
        let limiter = Limiter::new(limits);
        let router = router::router_within(state.clone(), assets.clone(), Arc::clone(&limiter));
        let given = state.site.settings.clone();
        let current = RwLock::new(Arc::new(Current { chosen: local.clone(), save: 0, state, router }));
        let running = Self { current, local, given, assets, limiter, folder };
        if let Some(folder) = &running.folder {
            running.take_over(rules::last_published(folder).as_ref(), saved::last(folder).as_ref());
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

    /// Looks whether another rule set was published or other settings saved, and takes them over: `true` where there were any.
    ///
    /// # Errors
    /// When the database fails: then all stays as it is.
    pub async fn look(&self) -> app::Result<bool> {
        let now = self.current();
        let db = &now.state.db;
        let published = if rulebook::store::last(db).await? == now.chosen.in_use.publication {
            None
        } else {
            rulebook::store::published(db).await?
        };
        let last = settings::store::last(db).await?;
        let save = if last == now.save { None } else { settings::store::saved(db, last).await? };
        if published.is_none() && save.is_none() {
            return Ok(false);
        }
        let took = self.take_over(published.as_ref(), save.as_ref());
        if let Some(folder) = &self.folder {
            if let Some(published) = published.filter(|_| took.rules) {
                rules::keep_published(folder, &published);
            }
            if let Some(save) = save.filter(|_| took.settings) {
                saved::keep(folder, &save);
            }
        }
        Ok(true)
    }

    /// Whether the site can decide by the one and be run with the other: all is made before anything is replaced.
    fn take_over(&self, published: Option<&Published>, save: Option<&Saved>) -> Took {
        let now = self.current();
        let site = &now.state.site;
        let kept = saved::Taken { settings: site.settings.clone(), refused: site.settings_refused.clone() };
        let taken = save.map_or(kept, |save| saved::take_over(&self.given, &site.settings, save));
        let read = |published: &Published| soundness::read_published(published, &taken.settings);
        let chosen = match published {
            Some(published) => rules::take_over(&self.local, &now.chosen, published, read),
            None => now.chosen.clone(),
        };
        let took = Took {
            rules: published.is_some() && chosen.refused == self.local.refused,
            settings: save.is_some() && taken.refused.is_none(),
        };
        match start::site_on(chosen.clone(), taken.settings, site.assets.clone()) {
            Ok(site) => {
                let site = Site { settings_refused: taken.refused, ..site };
                now.state.mail.rename_site(&site.settings.name);
                let state = AppState { site: Arc::new(site), ..now.state.clone() };
                let router = router::router_within(state.clone(), self.assets.clone(), Arc::clone(&self.limiter));
                let save = save.map_or(now.save, |save| save.number);
                *self.current.write().unwrap_or_else(PoisonError::into_inner) =
                    Arc::new(Current { chosen, save, state, router });
                took
            }
            // What is sound was read with the same pages: a broken build.
            Err(problems) => {
                tracing::error!("the site could not be made anew: {}", problems.join("; "));
                Took::default()
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
                    tracing::error!(%error, "could not look for another rule set or other settings; trying again in {} s", LOOK.as_secs())
                }
            }
        }
    }
}
