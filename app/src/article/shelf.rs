//! Articles that were just read, in memory: what is read many times a second is asked of the database once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{Article, ArticleCard, pictures, store};
use crate::{Result, db::Db};

/// How long an article is taken for what the database has. An editor, on whatever server, sees a change after that.
const FRESH: Duration = Duration::from_secs(1);

/// An article, and those that are offered beside it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub article: Article,
    pub related: Vec<ArticleCard>,
}

/// By slug, with when it was read. Only what is there is kept: nobody fills it with slugs that they make up.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<HashMap<String, (Instant, Arc<Shown>)>>);

impl Shelf {
    /// The article at this address, as readers see it, at most a second ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article(&self, db: &Db, slug: &str) -> Result<Option<Arc<Shown>>> {
        if let Some((read, shown)) = self.kept().get(slug)
            && read.elapsed() < FRESH
        {
            return Ok(Some(Arc::clone(shown)));
        }
        let shown = match store::article(db, slug).await? {
            Some(article) => {
                let html = pictures::put_in(db, article.html).await?;
                let article = Article { html, ..article };
                Some(Arc::new(Shown { article, related: store::related(db, slug).await? }))
            }
            None => None,
        };
        match &shown {
            Some(shown) => self.kept().insert(slug.to_owned(), (Instant::now(), Arc::clone(shown))),
            None => self.kept().remove(slug),
        };
        Ok(shown)
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, (Instant, Arc<Shown>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
