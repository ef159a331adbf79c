//! Addresses of the home page and of articles.

use std::sync::atomic::Ordering;

use axum::{
    extract::{Path, Query, Request, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{import::is_slug, pages, store};
use crate::{
    AppState, Error, Result, numbers,
    routes::{CachePolicy, Routes},
};

pub fn routes() -> Routes {
    Routes::new().page("/", CachePolicy::Revalidate, home).page("/articles", CachePolicy::Revalidate, list).page(
        "/articles/{slug}",
        CachePolicy::Revalidate,
        article,
    )
}

async fn home(State(state): State<AppState>) -> Result<Response> {
    let mut newest = store::newest(&state.db, None, 1).await?;
    newest.truncate(3);
    Ok(pages::home(newest).respond(&state.site))
}

#[derive(Deserialize)]
struct ListQuery {
    tag: Option<String>,
    page: Option<u32>,
}

async fn list(State(state): State<AppState>, Query(query): Query<ListQuery>) -> Result<Response> {
    let page = query.page.unwrap_or(1);
    let tags = store::tags(&state.db).await?;
    if query.tag.as_ref().is_some_and(|tag| !tags.contains(tag)) || page == 0 {
        return Err(Error::NotFound);
    }
    let tag = query.tag.as_deref();
    let count = store::count(&state.db, tag).await?;
    let pages = u32::try_from(count.div_ceil(u64::from(store::PER_PAGE))).unwrap_or(u32::MAX).max(1);
    if page > pages {
        return Err(Error::NotFound);
    }
    let articles = store::newest(&state.db, tag, page).await?;
    Ok(pages::list(pages::List { articles, tags, tag: query.tag, page, pages }).respond(&state.site))
}

async fn article(State(state): State<AppState>, Path(slug): Path<String>, request: Request) -> Result<Response> {
    if !is_slug(&slug) {
        return Err(Error::NotFound);
    }
    let Some(shown) = state.articles.article(&state.db, &slug, &state.site.settings.numbers).await? else {
        let now = store::redirect(&state.db, &slug).await?.ok_or(Error::NotFound)?;
        return Ok(Redirect::permanent(&format!("/articles/{now}")).into_response());
    };
    if numbers::is_read(&request) {
        shown.reads.fetch_add(1, Ordering::Relaxed);
    }
    let (article, related) = (shown.article.clone(), shown.related.clone());
    Ok(pages::article(article, related, &state.site.settings, state.clock.today()).respond(&state.site))
}
