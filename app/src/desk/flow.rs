//! The way from a draft to what readers see, which articles and exercises share: stages, approvals and what is said on a
//! revision, in tables of the same shape.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Approval, Comment, RevisionLine, Stage};
use crate::{
    Error, Result,
    db::{Db, Tx},
    on,
};

/// The tables of one kind of thing. Each has its own, so that a reference is to a row that is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    /// With `id`, `stage`, `newest_revision`, `current_revision` and `archived_at`.
    pub thing: &'static str,
    /// The column by which the others name it.
    pub of: &'static str,
    pub revision: &'static str,
    pub approval: &'static str,
    pub comment: &'static str,
    /// What is true of a revision that came from a file.
    pub from_file: &'static str,
    /// The name under which somebody without an account said something.
    pub said_as: &'static str,
    /// What is set as well when the stage changes, each followed by a comma.
    pub resets: &'static str,
    /// What an approval has beside the rest, each after a comma.
    pub approved: &'static str,
}

impl Kind {
    /// Puts the names of the tables in place of `{thing}`, `{revision}` and so on. Each is a word of the program's own text.
    fn sql(&self, text: &str) -> AssertSqlSafe<String> {
        let names = [
            ("{thing}", self.thing),
            ("{of}", self.of),
            ("{revision}", self.revision),
            ("{approval}", self.approval),
            ("{comment}", self.comment),
            ("{from_file}", self.from_file),
            ("{said_as}", self.said_as),
            ("{resets}", self.resets),
            ("{approved}", self.approved),
        ];
        AssertSqlSafe(names.iter().fold(text.to_owned(), |text, (name, word)| text.replace(name, word)))
    }

    /// Brings the newest revision from one of these stages to another.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is not the newest, in none of these stages, or archived; or when the database fails.
    pub async fn advance(&self, tx: &mut Tx<'_>, id: Uuid, revision: i64, from: &[Stage], to: Stage) -> Result<()> {
        for stage in from {
            let update = self.sql(
                "update {thing} set {resets} stage = $4
                 where id = $1 and newest_revision = $2 and stage = $3 and archived_at is null",
            );
            let moved = on!(tx &mut *tx, connection => sqlx::query(update)
                .bind(id)
                .bind(revision)
                .bind(stage.name())
                .bind(to.name())
                .execute(connection)
                .await
                .map(|done| done.rows_affected()))?;
            if moved > 0 {
                return Ok(());
            }
        }
        Err(Error::Conflict)
    }

    /// Approves exactly this revision, which is in review.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is not in review any more; [`Error::Forbidden`] where the reviewer wrote a part of what
    /// readers do not see yet; or when the database fails.
    pub async fn approve(&self, tx: &mut Tx<'_>, id: Uuid, approval: &Approval) -> Result<()> {
        self.advance(tx, id, approval.revision, &[Stage::InReview], Stage::Approved).await?;
        if self.wrote_of_it(tx, id, approval.reviewer).await? {
            return Err(Error::Forbidden);
        }
        let insert = self.sql(
            "insert into {approval} ({of}, revision, reviewer, name, registration, approved_at)
             values ($1, $2, $3, $4, $5, $6)",
        );
        on!(tx tx, connection => sqlx::query(insert)
            .bind(id)
            .bind(approval.revision)
            .bind(approval.reviewer)
            .bind(&approval.name)
            .bind(&approval.registration)
            .bind(approval.approved_at)
            .execute(connection)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Whether an account saved a revision after the one that readers see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn wrote_of_it(&self, tx: &mut Tx<'_>, id: Uuid, account: Option<Uuid>) -> Result<bool> {
        let count = self.sql(
            "select count(*)
             from {revision}
             join {thing} on {thing}.id = {of}
             where {of} = $1 and number > current_revision and saved_by = $2",
        );
        let own: i64 = on!(tx tx, connection => sqlx::query_scalar(count)
            .bind(id)
            .bind(account)
            .fetch_one(connection)
            .await)?;
        Ok(own > 0)
    }

    /// Takes the newest revision back to a draft: out of review, or its approval withdrawn.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is neither in review nor approved; or when the database fails.
    pub async fn withdraw(&self, tx: &mut Tx<'_>, id: Uuid, revision: i64) -> Result<()> {
        self.advance(tx, id, revision, &[Stage::InReview, Stage::Approved], Stage::Draft).await?;
        let delete = self.sql("delete from {approval} where {of} = $1 and revision = $2");
        on!(tx tx, connection => sqlx::query(delete).bind(id).bind(revision).execute(connection).await.map(drop))?;
        Ok(())
    }

    /// Brings something back to the desk: approved where its newest revision is, else as a draft.
    ///
    /// # Errors
    /// [`Error::Conflict`] where it is not archived; or when the database fails.
    pub async fn unarchive(&self, tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        let update = self.sql(
            "update {thing}
             set archived_at = null,
                 stage = case
                     when stage <> 'published' then stage
                     when exists (select 1 from {approval} where {of} = {thing}.id and revision = newest_revision) then 'approved'
                     else 'draft'
                 end
             where id = $1 and archived_at is not null",
        );
        let back = on!(tx tx, connection => sqlx::query(update)
            .bind(id)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
        if back == 0 { Err(Error::Conflict) } else { Ok(()) }
    }

    /// Says something on a revision.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such revision; or when the database fails.
    pub async fn comment(&self, tx: &mut Tx<'_>, id: Uuid, comment: &Comment) -> Result<()> {
        let insert = self.sql(
            "insert into {comment} (id, {of}, revision, said_by, said, said_at)
             select $1, {of}, number, $4, $5, $6 from {revision} where {of} = $2 and number = $3",
        );
        let added = on!(tx tx, connection => sqlx::query(insert)
            .bind(comment.id)
            .bind(id)
            .bind(comment.revision)
            .bind(comment.said_by)
            .bind(&comment.said)
            .bind(comment.said_at)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
        if added == 0 { Err(Error::NotFound) } else { Ok(()) }
    }

    /// Closes a comment, and returns the revision that it is on; one that is closed stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such comment; or when the database fails.
    pub async fn resolve(&self, tx: &mut Tx<'_>, id: Uuid, comment: Uuid, by: Uuid, now: i64) -> Result<i64> {
        let update = self.sql(
            "update {comment}
             set resolved_at = coalesce(resolved_at, $3), resolved_by = coalesce(resolved_by, $4)
             where id = $2 and {of} = $1
             returning revision",
        );
        let revision: Option<i64> = on!(tx tx, connection => sqlx::query_scalar(update)
            .bind(id)
            .bind(comment)
            .bind(now)
            .bind(by)
            .fetch_optional(connection)
            .await)?;
        revision.ok_or(Error::NotFound)
    }

    /// Newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revisions(&self, db: &Db, id: Uuid) -> Result<Vec<RevisionLine>> {
        let select = self.sql(
            "select number, saved_at, saved_by, email as saved_by_email, note, {from_file} as from_file
             from {revision}
             left join account on account.id = saved_by
             where {of} = $1
             order by number desc",
        );
        Ok(on!(db db, pool => sqlx::query_as(select).bind(id).fetch_all(pool).await)?)
    }

    /// Oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn comments(&self, db: &Db, id: Uuid) -> Result<Vec<Comment>> {
        let select = self.sql(
            "select {comment}.id, revision, said_by, email as said_by_email, {said_as} as said_as, said, said_at, resolved_at
             from {comment}
             left join account on account.id = said_by
             where {of} = $1
             order by said_at, {comment}.id",
        );
        Ok(on!(db db, pool => sqlx::query_as(select).bind(id).fetch_all(pool).await)?)
    }

    /// Newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn approvals(&self, db: &Db, id: Uuid) -> Result<Vec<Approval>> {
        let select = self.sql(
            "select revision, reviewer, name, registration, approved_at {approved}
             from {approval}
             where {of} = $1
             order by revision desc",
        );
        Ok(on!(db db, pool => sqlx::query_as(select).bind(id).fetch_all(pool).await)?)
    }

    /// Name and registration number as this reviewer last gave them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_signature(&self, db: &Db, reviewer: Uuid) -> Result<Option<(String, String)>> {
        let select =
            self.sql("select name, registration from {approval} where reviewer = $1 order by approved_at desc limit 1");
        Ok(on!(db db, pool => sqlx::query_as(select).bind(reviewer).fetch_optional(pool).await)?)
    }
}
