//! Where review links are kept.

use uuid::Uuid;

use super::{ADDRESS_KEPT_FOR, ReviewLink};
use crate::{
    Error, Result,
    account::{Email, TokenHash},
    audit::{self, Event},
    db::{Db, Tx},
    desk::{Approval, Comment, Stage, store::ARTICLES},
    on,
};

/// Keeps a new link.
///
/// # Errors
/// [`Error::Conflict`] where the revision is not in review any more; [`Error::Forbidden`] where whoever asks, or an account
/// with the address that it is for, wrote a part of what readers do not see yet; or when the database fails.
pub async fn keep(db: &Db, link: ReviewLink, to: &Email, token: TokenHash, event: Event) -> Result<()> {
    let key = to.key();
    db.write(move |mut tx| {
        Box::pin(async move {
            ARTICLES.advance(&mut tx, link.article_id, link.revision, &[Stage::InReview], Stage::InReview).await?;
            let theirs: Option<Uuid> = on!(tx &mut tx, connection => sqlx::query_scalar("select id from account where email_key = $1")
                .bind(&key)
                .fetch_optional(connection)
                .await)?;
            for account in [link.made_by, theirs].into_iter().flatten() {
                if ARTICLES.wrote_of_it(&mut tx, link.article_id, Some(account)).await? {
                    return Err(Error::Forbidden);
                }
            }
            on!(tx &mut tx, connection => sqlx::query(
                "insert into review_link (id, article_id, revision, token_hash, email, made_by, made_at, expires_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(link.id)
            .bind(link.article_id)
            .bind(link.revision)
            .bind(token.as_bytes())
            .bind(&link.email)
            .bind(link.made_by)
            .bind(link.made_at)
            .bind(link.expires_at)
            .execute(connection)
            .await
            .map(drop))?;
            audit::append(&mut tx, &event.about((link.article_id, link.revision))).await
        })
    })
    .await
}

/// The link with this token, while it is open.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, token: &TokenHash, now: i64) -> Result<Option<ReviewLink>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select id, article_id, revision, email, made_by, made_at, expires_at, ended_at
         from review_link
         where token_hash = $1 and ended_at is null and expires_at > $2",
    )
    .bind(token.as_bytes())
    .bind(now)
    .fetch_optional(pool)
    .await)?)
}

/// The links to one revision, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn links(db: &Db, article: Uuid, revision: i64) -> Result<Vec<ReviewLink>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select id, article_id, revision, email, made_by, made_at, expires_at, ended_at
         from review_link
         where article_id = $1 and revision = $2
         order by made_at desc, id",
    )
    .bind(article)
    .bind(revision)
    .fetch_all(pool)
    .await)?)
}

/// Ends a link, where it is open; whether it was.
async fn end_in(tx: &mut Tx<'_>, link: Uuid, now: i64) -> Result<bool> {
    let ended = on!(tx tx, connection => sqlx::query(
        "update review_link set ended_at = $2 where id = $1 and ended_at is null and expires_at > $2",
    )
    .bind(link)
    .bind(now)
    .execute(connection)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(ended > 0)
}

/// Takes a link back. One that has ended stays as it is.
///
/// # Errors
/// [`Error::NotFound`] where the article has no such link; or when the database fails.
pub async fn end(db: &Db, article: Uuid, link: Uuid, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let revision: Option<i64> = on!(tx &mut tx, connection => sqlx::query_scalar(
                "select revision from review_link where id = $1 and article_id = $2",
            )
            .bind(link)
            .bind(article)
            .fetch_optional(connection)
            .await)?;
            let revision = revision.ok_or(Error::NotFound)?;
            if end_in(&mut tx, link, now).await? {
                audit::append(&mut tx, &event.about((article, revision))).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Approves the link's revision, which ends the link.
///
/// # Errors
/// [`Error::NotFound`] where the link has ended meanwhile; [`Error::Conflict`] where the revision is not in review any more;
/// or when the database fails.
pub async fn approve(db: &Db, link: ReviewLink, approval: Approval, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            if !end_in(&mut tx, link.id, approval.approved_at).await? {
                return Err(Error::NotFound);
            }
            ARTICLES.approve(&mut tx, link.article_id, &approval).await?;
            audit::append(&mut tx, &event.about((link.article_id, link.revision))).await
        })
    })
    .await
}

/// Says something on the link's revision, under the name that was given.
///
/// # Errors
/// [`Error::NotFound`] where the link has ended meanwhile; or when the database fails.
pub async fn comment(db: &Db, link: Uuid, comment: Comment, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let article: Option<Uuid> = on!(tx &mut tx, connection => sqlx::query_scalar(
                "insert into article_comment (id, article_id, revision, said_as, said, said_at)
                 select $1, article_id, revision, $3, $4, $5
                 from review_link
                 where id = $2 and ended_at is null and expires_at > $5
                 returning article_id",
            )
            .bind(comment.id)
            .bind(link)
            .bind(&comment.said_as)
            .bind(&comment.said)
            .bind(comment.said_at)
            .fetch_optional(connection)
            .await)?;
            audit::append(&mut tx, &event.about((article.ok_or(Error::NotFound)?, comment.revision))).await
        })
    })
    .await
}

/// Empties the addresses of links that ended long ago. What they approved and said stays.
///
/// # Errors
/// When the database fails.
pub async fn forget_addresses(db: &Db, now: i64) -> Result<()> {
    let before = now - ADDRESS_KEPT_FOR;
    db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "update review_link set email = '' where email <> '' and (expires_at < $1 or ended_at < $1)",
            )
            .bind(before)
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    })
    .await
}
