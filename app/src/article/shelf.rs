//! Articles that were just read, in memory: what is read many times a second is asked of the database once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
    time::{Duration, Instant},
};

use super::{Article, ArticleCard, markdown::with_numbers, pictures, store};
use crate::{Result, db::Db, ui::Numbers};

/// How long an article is taken for what the database has. An editor, on whatever server, sees a change after that.
const FRESH: Duration = Duration::from_secs(1);

/// An article, and those that are offered beside it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub article: Article,
    pub related: Vec<ArticleCard>,
    /// How often it was read since that was last added to the database.
    pub reads: Arc<AtomicU64>,
}

/// By slug, with when it was read. Only what is there is kept: nobody fills it with slugs that they make up.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<HashMap<String, (Instant, Arc<Shown>)>>);

impl Shelf {
    /// The article at this address, as readers see it, with these numbers, at most a second ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn article(&self, db: &Db, slug: &str, numbers: &Numbers) -> Result<Option<Arc<Shown>>> {
        if let Some((read, shown)) = self.kept().get(slug)
            && read.elapsed() < FRESH
        {
            return Ok(Some(Arc::clone(shown)));
        }
        let shown = match store::article(db, slug).await? {
            Some(mut article) => {
                article.html = with_numbers(&pictures::put_in(db, article.html).await?, numbers);
                for section in &mut article.contents {
                    section.title = numbers.fill_all(&section.title);
                }
                let related = store::related(db, slug).await?;
                // Counted on, whatever the article says by now.
                let reads = self.kept().get(slug).map(|(_, shown)| Arc::clone(&shown.reads)).unwrap_or_default();
                Some(Arc::new(Shown { article, related, reads }))
            }
            None => None,
        };
        match &shown {
            Some(shown) => self.kept().insert(slug.to_owned(), (Instant::now(), Arc::clone(shown))),
            None => self.kept().remove(slug),
        };
        Ok(shown)
    }

    /// How often each article was read, by address.
    pub fn reads(&self) -> Vec<(String, Arc<AtomicU64>)> {
        self.kept().iter().map(|(slug, (_, shown))| (slug.clone(), Arc::clone(&shown.reads))).collect()
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, (Instant, Arc<Shown>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
