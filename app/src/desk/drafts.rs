//! What an editor typed and did not save yet: one draft for each person and article, kept on the server while they type, and
//! apart from the revisions. Nobody else reads it; others are told that it is there.

use std::str::FromStr;

use sqlx::FromRow;
use uuid::Uuid;

use super::manuscript::{Manuscript, Typed};
use crate::{
    Error, Result,
    db::{Db, Tx},
    on,
};

/// The article that an editor's page is about; nothing for one that is not begun, which addresses call "new".
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Subject(pub Option<Uuid>);

impl TryFrom<String> for Subject {
    type Error = uuid::Error;

    fn try_from(text: String) -> Result<Self, uuid::Error> {
        if text == "new" { Ok(Self(None)) } else { Ok(Self(Some(text.parse()?))) }
    }
}

impl Subject {
    /// As the database has it.
    fn key(self) -> Uuid {
        self.0.unwrap_or_default()
    }

    /// The address that the editor's own are below.
    pub fn address(self) -> String {
        self.0.map_or_else(|| "/admin/articles/new".to_owned(), |id| format!("/admin/articles/{id}"))
    }

    /// The editor's address.
    pub fn editor(self) -> String {
        if self.0.is_some() { format!("{}/edit", self.address()) } else { self.address() }
    }
}

/// One state of a draft: the open page that it came from, and which of that page's drafts it is. The default is of no draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub page: Uuid,
    pub number: i64,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.page, self.number)
    }
}

impl FromStr for Mark {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let (page, number) = text.split_once('.')?;
            Some(Self { page: page.parse().ok()?, number: number.parse().ok()? })
        };
        read().ok_or(Error::BadRequest("The form does not say which draft it is."))
    }
}

/// Where a text of an open page stands among the person's drafts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line {
    /// The page's own, and which of its drafts this is.
    pub mark: Mark,
    /// The draft that the page was made from, if any.
    pub from: Mark,
}

/// A draft as it is kept.
#[derive(Clone, Debug)]
pub struct Draft {
    pub typed: Typed,
    /// The revision that it was made from; 0 for an article that is not begun.
    pub base: i64,
    pub mark: Mark,
    /// Milliseconds since 1970, UTC.
    pub typed_at: i64,
}

impl Draft {
    /// Whether saving it would change what was saved: else there is nothing in it to be kept.
    pub fn says_more_than(&self, saved: &Manuscript) -> bool {
        !self.typed.note.trim().is_empty() || self.typed.read().0 != *saved
    }
}

/// Keeps a draft in the place of the person's last one, and says whether it did: not where that one came from another open
/// page and this one was not made from it.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    db: &Db,
    subject: Subject,
    account: Uuid,
    typed: &Typed,
    base: i64,
    line: Line,
    now: i64,
) -> Result<bool> {
    let text = serde_json::to_string(typed).map_err(Error::internal)?;
    db.write(move |mut tx| {
        Box::pin(async move {
            let kept = on!(tx &mut tx, connection => sqlx::query(
                "insert into article_draft (article_id, account_id, base, typed, page_id, number, typed_at)
                 values ($1, $2, $3, $4, $5, $6, $7)
                 on conflict (article_id, account_id) do update
                 set base = excluded.base, typed = excluded.typed, page_id = excluded.page_id, number = excluded.number,
                     typed_at = excluded.typed_at
                 where (article_draft.page_id = excluded.page_id and article_draft.number < excluded.number)
                    or (article_draft.page_id = $8 and article_draft.number = $9)",
            )
            .bind(subject.key())
            .bind(account)
            .bind(base)
            .bind(&text)
            .bind(line.mark.page)
            .bind(line.mark.number)
            .bind(now)
            .bind(line.from.page)
            .bind(line.from.number)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            // An earlier draft of the page that arrives after a later one has nothing that the later has not.
            Ok(kept > 0 || page_of(&mut tx, subject, account).await? == Some(line.mark.page))
        })
    })
    .await
}

async fn page_of(tx: &mut Tx<'_>, subject: Subject, account: Uuid) -> Result<Option<Uuid>> {
    Ok(on!(tx tx, connection => sqlx::query_scalar(
        "select page_id from article_draft where article_id = $1 and account_id = $2",
    )
    .bind(subject.key())
    .bind(account)
    .fetch_optional(connection)
    .await)?)
}

/// Ends the draft that a page kept, or that it was made from: what is in it was saved, or is not there any more. A draft of
/// another page of the same person stays.
pub(super) async fn end(tx: &mut Tx<'_>, subject: Subject, account: Uuid, line: Line) -> Result<()> {
    on!(tx tx, connection => sqlx::query(
        "delete from article_draft
         where article_id = $1 and account_id = $2 and (page_id = $3 or (page_id = $4 and number = $5))",
    )
    .bind(subject.key())
    .bind(account)
    .bind(line.mark.page)
    .bind(line.from.page)
    .bind(line.from.number)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// As [`end`], by itself.
///
/// # Errors
/// When the database fails.
pub async fn end_now(db: &Db, subject: Subject, account: Uuid, line: Line) -> Result<()> {
    db.write(move |mut tx| Box::pin(async move { end(&mut tx, subject, account, line).await })).await
}

/// Throws exactly this draft away, and says whether it was still there.
///
/// # Errors
/// When the database fails.
pub async fn discard(db: &Db, subject: Subject, account: Uuid, mark: Mark) -> Result<bool> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let gone = on!(tx &mut tx, connection => sqlx::query(
                "delete from article_draft where article_id = $1 and account_id = $2 and page_id = $3 and number = $4",
            )
            .bind(subject.key())
            .bind(account)
            .bind(mark.page)
            .bind(mark.number)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            Ok(gone > 0)
        })
    })
    .await
}

#[derive(FromRow)]
struct DraftRow {
    article_id: Uuid,
    base: i64,
    typed: String,
    page_id: Uuid,
    number: i64,
    typed_at: i64,
}

impl TryFrom<DraftRow> for Draft {
    type Error = Error;

    fn try_from(row: DraftRow) -> Result<Self> {
        let typed: Typed = serde_json::from_str(&row.typed).map_err(Error::internal)?;
        let base = if row.base == 0 { String::new() } else { row.base.to_string() };
        Ok(Self {
            typed: Typed { base, ..typed },
            base: row.base,
            mark: Mark { page: row.page_id, number: row.number },
            typed_at: row.typed_at,
        })
    }
}

/// Somebody's draft of an article.
///
/// # Errors
/// When the database fails.
pub async fn draft(db: &Db, subject: Subject, account: Uuid) -> Result<Option<Draft>> {
    let row: Option<DraftRow> = on!(db db, pool => sqlx::query_as(
        "select article_id, base, typed, page_id, number, typed_at
         from article_draft
         where article_id = $1 and account_id = $2",
    )
    .bind(subject.key())
    .bind(account)
    .fetch_optional(pool)
    .await)?;
    row.map(Draft::try_from).transpose()
}

/// All of somebody's drafts, the last typed first.
///
/// # Errors
/// When the database fails.
pub async fn drafts_of(db: &Db, account: Uuid) -> Result<Vec<(Subject, Draft)>> {
    let rows: Vec<DraftRow> = on!(db db, pool => sqlx::query_as(
        "select article_id, base, typed, page_id, number, typed_at
         from article_draft
         where account_id = $1
         order by typed_at desc, article_id",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?;
    let subject = |id: Uuid| Subject(Some(id).filter(|id| !id.is_nil()));
    rows.into_iter().map(|row| Ok((subject(row.article_id), row.try_into()?))).collect()
}

/// Somebody else who has a draft of an article.
#[derive(Clone, Debug, FromRow)]
pub struct Other {
    /// While the account is there.
    pub email: Option<String>,
    /// Milliseconds since 1970, UTC.
    pub typed_at: i64,
}

/// Who else has a draft of an article, the last to type first; nobody for one that is not begun.
///
/// # Errors
/// When the database fails.
pub async fn others(db: &Db, subject: Subject, account: Uuid) -> Result<Vec<Other>> {
    let Some(id) = subject.0 else { return Ok(vec![]) };
    Ok(on!(db db, pool => sqlx::query_as(
        "select email, typed_at
         from article_draft
         left join account on account.id = account_id
         where article_id = $1 and account_id <> $2
         order by typed_at desc, email",
    )
    .bind(id)
    .bind(account)
    .fetch_all(pool)
    .await)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_is_written() {
        let mark = Mark { page: Uuid::from_u128(7), number: 12 };
        assert_eq!(mark.to_string().parse::<Mark>().unwrap(), mark);
        for wrong in ["", "1", "00000000-0000-0000-0000-000000000007", "x.1", "00000000-0000-0000-0000-000000000007.x"]
        {
            assert!(wrong.parse::<Mark>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_article_that_is_not_begun_is_called_new() {
        let subject = |text: &str| Subject::try_from(text.to_owned());
        assert_eq!(subject("new").unwrap().editor(), "/admin/articles/new");
        let id = Uuid::from_u128(7);
        assert_eq!(subject(&id.to_string()).unwrap(), Subject(Some(id)));
        assert!(subject("newer").is_err());
    }
}
