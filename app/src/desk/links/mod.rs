//! Links of published articles that fail: within the site, because an article was archived or an exercise is gone, and to other
//! sites, whose pages come and go without us.
//!
//! Where articles lead to is noted by a job beside requests ([`note`]), from what readers see: the text and the addresses of the
//! sources. Whether a page of ours is there is asked when the desk is opened ([`failing`]). Whether another site's is there is asked
//! now and then by one of the servers ([`outer::ask_due`]). Two things spoke against asking others, and are met:
//!
//! - It might tell them about readers. Nobody's visit makes us ask, the times follow from when we asked before, and the question has
//!   no cookie and no referrer. It says that this site has a link to that page, which is published anyway.
//! - It would have us ask whatever address an editor types, machines on our own network among them. Only addresses that anybody on
//!   the internet can reach are asked, on the usual ports, at the first step and after each redirect, and nothing of an answer is kept
//!   or shown but whether it was one: see `server/src/links`.

pub mod found;
pub mod outer;

use std::collections::BTreeSet;

use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Error, Result,
    article::Source,
    db::{Db, Tx},
    on,
};

/// How many articles are noted in one go.
const AT_ONCE: i64 = 50;

/// Bytes of an address. Longer ones are not noted: an index takes no more, and hardly a page has one.
const LONGEST: usize = 2_000;

/// A link within the site that leads nowhere.
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
    /// Nothing where readers see nothing.
    html: Option<String>,
    sources: Option<String>,
}

/// Notes where the articles lead to whose published revision is another than when that was last noted; how many those were.
///
/// # Errors
/// When the database fails.
pub async fn note(db: &Db) -> Result<usize> {
    let rows: Vec<Unnoted> = on!(db db, pool => sqlx::query_as(
        "select id, current_revision as revision, html, sources
         from article
         left join article_revision on article_id = id and number = current_revision
         where linked_revision <> current_revision
         limit $1",
    )
    .bind(AT_ONCE)
    .fetch_all(pool)
    .await)?;
    let noted = rows.len();
    for row in rows {
        let sources: Vec<Source> =
            row.sources.map_or(Ok(vec![]), |sources| serde_json::from_str(&sources)).map_err(Error::internal)?;
        let addresses = addresses(row.html.as_deref().unwrap_or_default(), &sources);
        db.write(move |mut tx| Box::pin(async move { replace(&mut tx, row.id, row.revision, &addresses).await }))
            .await?;
    }
    Ok(noted)
}

async fn replace(tx: &mut Tx<'_>, article: Uuid, revision: i64, addresses: &BTreeSet<String>) -> Result<()> {
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
    for address in addresses {
        on!(tx &mut *tx, connection => sqlx::query("insert into article_link (address, article_id) values ($1, $2)")
            .bind(address)
            .bind(article)
            .execute(connection)
            .await
            .map(drop))?;
        if !address.starts_with('/') {
            outer::add(tx, address).await?;
        }
    }
    outer::forget(tx).await
}

/// Where a rendered text and its sources lead to: paths on this site without what stands behind `#` or `?`, and addresses of other
/// sites without what stands behind `#`.
fn addresses(html: &str, sources: &[Source]) -> BTreeSet<String> {
    let in_text = html.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(unescaped);
    let of_sources = sources.iter().filter_map(|source| source.url.clone());
    in_text.chain(of_sources).filter_map(|address| address_of(&address)).filter(|it| it.len() <= LONGEST).collect()
}

/// Nothing for a number to call, or a place in the text itself.
pub(super) fn address_of(link: &str) -> Option<String> {
    let address = link.split('#').next().unwrap_or_default();
    if let Some(of_host) = address.strip_prefix("//") {
        // By whatever the page came, which is this on any site that has readers.
        return Some(format!("https://{of_host}"));
    }
    if address.starts_with('/') {
        return address.split('?').next().map(str::to_owned);
    }
    outer::is_outer(address).then(|| address.to_owned())
}

/// An attribute's value, as the program writes it into HTML.
fn unescaped(value: &str) -> String {
    let value = value.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">");
    value.replace("&nbsp;", "\u{a0}").replace("&amp;", "&")
}

/// The links of published articles to paths that are none of `there`, by path and title.
///
/// # Errors
/// When the database fails.
pub async fn failing(db: &Db, there: &BTreeSet<String>) -> Result<Vec<Failing>> {
    let linked: Vec<String> = on!(db db, pool => sqlx::query_scalar(
        "select distinct address from article_link where address like '/%' order by address",
    )
    .fetch_all(pool)
    .await)?;
    let mut failing = Vec::new();
    for path in linked.into_iter().filter(|path| !there.contains(path)) {
        let from: Vec<(Uuid, String)> = on!(db db, pool => sqlx::query_as(
            "select id, newest_title
             from article_link
             join article on article.id = article_id
             where address = $1 and current_revision > 0
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

    fn source(url: Option<&str>) -> Source {
        Source { title: "S".to_owned(), publisher: None, url: url.map(str::to_owned) }
    }

    #[test]
    fn what_a_text_and_its_sources_lead_to_is_noted_once_and_without_its_parts() {
        let html = r##"<a href="/articles/a">a</a> <a class="x" href="/articles/a#rest">b</a> <a href="https://example.org/?a=1&amp;b=&quot;#c">c</a>
            <a href="//example.org/d">d</a> <a href="/seek-help?from=a">e</a> <a href="#rest">f</a> <a href="tel:999">g</a> <a href="HTTP://example.org">h</a>"##;
        let sources = [source(Some("https://example.org/d#e")), source(None), source(Some("javascript:alert(1)"))];
        let expected = [
            "/articles/a",
            "/seek-help",
            "HTTP://example.org",
            "https://example.org/?a=1&b=\"",
            "https://example.org/d",
        ];
        assert_eq!(addresses(html, &sources), expected.map(str::to_owned).into());
    }

    #[test]
    fn what_no_index_takes_is_left_out() {
        let long = format!("https://example.org/{}", "a".repeat(LONGEST));
        let html = format!("<a href=\"{long}\">a</a> <a href=\"/{}\">b</a>", "b".repeat(LONGEST));
        assert_eq!(addresses(&html, &[source(Some(&long))]), BTreeSet::new());
    }
}
