//! Links of published articles that lead nowhere on this site: an article was archived, or an exercise is gone.
//!
//! Where articles lead to is noted by a job beside requests ([`note`]), from what readers see; whether that is there is asked when
//! the desk is opened. Other sites are not asked: that would tell them of our readers' articles, and have us ask whatever address an
//! editor types.

use std::collections::BTreeSet;

use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Result,
    db::{Db, Tx},
    on,
};

/// How many articles are noted in one go.
const AT_ONCE: i64 = 50;

/// A link that leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    pub article: Uuid,
    /// Of the article's newest revision.
    pub title: String,
    /// Where it leads: "/articles/gone".
    pub path: String,
}

#[derive(FromRow)]
struct Unnoted {
    id: Uuid,
    revision: i64,
    html: Option<String>,
}

/// Notes where the articles lead to whose published revision is another than when that was last noted; how many those were.
///
/// # Errors
/// When the database fails.
pub async fn note(db: &Db) -> Result<usize> {
    let rows: Vec<Unnoted> = on!(db db, pool => sqlx::query_as(
        "select id, current_revision as revision,
                (select html from article_revision where article_id = article.id and number = current_revision) as html
         from article
         where linked_revision <> current_revision
         limit $1",
    )
    .bind(AT_ONCE)
    .fetch_all(pool)
    .await)?;
    let noted = rows.len();
    for row in rows {
        let paths = paths(row.html.as_deref().unwrap_or_default());
        db.write(move |mut tx| Box::pin(async move { replace(&mut tx, row.id, row.revision, &paths).await })).await?;
    }
    Ok(noted)
}

async fn replace(tx: &mut Tx<'_>, article: Uuid, revision: i64, paths: &BTreeSet<String>) -> Result<()> {
    on!(tx &mut *tx, connection => sqlx::query("update article set linked_revision = $2 where id = $1")
        .bind(article)
        .bind(revision)
        .execute(connection)
        .await
        .map(drop))?;
    on!(tx &mut *tx, connection => sqlx::query("delete from article_link where article_id = $1")
        .bind(article)
        .execute(connection)
        .await
        .map(drop))?;
    for path in paths {
        on!(tx &mut *tx, connection => sqlx::query("insert into article_link (path, article_id) values ($1, $2)")
            .bind(path)
            .bind(article)
            .execute(connection)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// The paths on this site that a rendered text leads to, without what stands behind `#` or `?`.
fn paths(html: &str) -> BTreeSet<String> {
    let addresses = html.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    addresses
        .filter(|address| address.starts_with('/') && !address.starts_with("//"))
        .filter_map(|address| address.split(['#', '?']).next().map(str::to_owned))
        .collect()
}

/// The links of published articles to paths that are none of `there`, by path and title.
///
/// # Errors
/// When the database fails.
pub async fn failing(db: &Db, there: &BTreeSet<String>) -> Result<Vec<Failing>> {
    let linked: Vec<String> = on!(db db, pool => sqlx::query_scalar("select distinct path from article_link order by path")
        .fetch_all(pool)
        .await)?;
    let mut failing = Vec::new();
    for path in linked.into_iter().filter(|path| !there.contains(path)) {
        let from: Vec<(Uuid, String)> = on!(db db, pool => sqlx::query_as(
            "select id, newest_title
             from article_link
             join article on article.id = article_id
             where path = $1 and current_revision > 0
             order by newest_title, id",
        )
        .bind(&path)
        .fetch_all(pool)
        .await)?;
        failing.extend(from.into_iter().map(|(article, title)| Failing { article, title, path: path.clone() }));
    }
    Ok(failing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_this_site_are_noted_once_and_without_their_parts() {
        let html = r##"<a href="/articles/a">a</a> <a class="x" href="/articles/a#rest">b</a> <a href="https://example.org/">c</a>
            <a href="//example.org">d</a> <a href="/seek-help?from=a">e</a> <a href="#rest">f</a>"##;
        assert_eq!(paths(html), ["/articles/a", "/seek-help"].map(str::to_owned).into());
    }
}
