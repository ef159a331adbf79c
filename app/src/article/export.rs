//! Articles as files, as [`super::import`] reads them: `articles/` has what readers see and what is archived, `drafts/` the
//! newest text where readers do not see it yet.

use uuid::Uuid;

use super::{
    file::{Approval, ArticleFile, FrontMatter},
    store::{self, DAY, OnFile},
};
use crate::{Error, Result, content::ContentFile, day::Day, db::Db};

/// The files of some articles.
#[derive(Debug)]
pub struct Part {
    pub files: Vec<ContentFile>,
    last: Uuid,
}

/// The articles after those of a part, or the first; nothing where there are no more.
///
/// # Errors
/// When the database fails.
pub async fn next(db: &Db, after: Option<&Part>) -> Result<Option<Part>> {
    let rows = store::on_file(db, after.map_or(Uuid::nil(), |part| part.last)).await?;
    let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
    let mut files = Vec::with_capacity(rows.len());
    for row in rows {
        let folder = if row.is_draft() { "drafts" } else { "articles" };
        let name = format!("{folder}/{}.md", row.slug);
        // Once: a draft of what readers see leaves them to its article.
        let mut formerly =
            if row.is_draft() && row.current > 0 { vec![] } else { store::old_addresses(db, row.id).await? };
        formerly.sort_unstable();
        files.push(ContentFile { name, text: file(row, formerly)?.write() });
    }
    Ok(Some(Part { files, last }))
}

impl OnFile {
    /// Whether readers do not see it yet.
    pub(super) fn is_draft(&self) -> bool {
        self.number != self.current && !self.archived
    }
}

/// What a file says of the article with this revision.
pub(super) fn file(row: OnFile, formerly: Vec<String>) -> Result<ArticleFile> {
    let is_draft = row.is_draft();
    let day = |day: &str| match day {
        _ if is_draft => Ok(None),
        "" => Ok(None),
        day => day.parse().map(Some).map_err(Error::internal),
    };
    let front = FrontMatter {
        published: day(&row.published_on)?,
        reviewed: day(&row.reviewed_on)?,
        review_due: day(&row.review_due_on)?,
        approval: approval(&row)?,
        title: row.title,
        summary: row.summary,
        author: Some(row.author),
        review_months: Some(u8::try_from(row.review_months).unwrap_or(u8::MAX)),
        tags: serde_json::from_str(&row.tags).map_err(Error::internal)?,
        conflicts: row.conflicts,
        formerly,
        archived: row.archived,
        sources: serde_json::from_str(&row.sources).map_err(Error::internal)?,
    };
    Ok(ArticleFile { front, markdown: row.markdown })
}

fn approval(row: &OnFile) -> Result<Option<Approval>> {
    let (Some(name), Some(registration), Some(at)) = (&row.approver, &row.registration, row.approved_at) else {
        return Ok(None);
    };
    Ok(Some(Approval {
        name: name.clone(),
        registration: registration.clone(),
        on: Day::from_epoch_days(at.div_euclid(DAY)).map_err(Error::internal)?,
        override_reason: row.override_reason.clone(),
    }))
}
