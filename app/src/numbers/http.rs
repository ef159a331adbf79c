//! `/admin/numbers`: how many read and check.

use std::collections::HashMap;

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    What,
    pages::{self, Shown},
    store::{self, Number},
};
use crate::{AppState, Result, account::Writer, routes::Routes};

/// How many days a page may show; the first is what it shows unless it is asked otherwise.
pub(super) const SPANS: [i64; 3] = [30, 91, 365];

pub fn routes() -> Routes {
    Routes::new().page_for("/admin/numbers", show)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    days: String,
    article: String,
}

/// For who writes and who reviews.
async fn show(_staff: Writer, State(state): State<AppState>, Query(asked): Query<Asked>) -> Result<Response> {
    let days = asked.days.parse().ok().filter(|days| SPANS.contains(days)).unwrap_or(SPANS[0]);
    let today = state.clock.today();
    let from = today.plus(1 - days);
    let articles = store::articles(&state.db).await?;
    let chosen = asked.article.parse::<Uuid>().ok().filter(|id| articles.iter().any(|article| article.id == *id));
    let about = chosen.map(|id| id.to_string()).unwrap_or_default();
    let counts =
        |numbers: Vec<Number>| numbers.into_iter().map(|number| (number.of, number.count)).collect::<HashMap<_, _>>();
    let shown = Shown {
        days,
        today,
        reads: counts(store::by_day(&state.db, What::ArticleRead, &about, from).await?),
        of_articles: counts(store::by_subject(&state.db, What::ArticleRead, from).await?),
        starts: counts(store::by_day(&state.db, What::CheckerStart, "", from).await?),
        results: counts(store::by_subject(&state.db, What::CheckerResult, from).await?),
        helped: store::helped(&state.db, from).await?,
        articles,
        chosen,
    };
    Ok(pages::numbers(&shown).respond(&state.site))
}
