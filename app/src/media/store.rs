//! Where the library is kept, and where its pictures are used. Each deed is one transaction with its line in the audit log.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::FromRow;
use uuid::Uuid;

use super::{ADDRESS, File, Picture, Words, file::FromFile, workshop::Kept};
use crate::{
    Error, Result,
    audit::{self, Event},
    content::Saved,
    db::{Db, Tx},
    on,
};

/// How many pictures a page of the library shows.
pub const PER_PAGE: u32 = 24;

/// A version that is about to be kept.
#[derive(Clone, Debug)]
pub struct NewVersion {
    pub kept: Kept,
    /// Who added it, if it is known.
    pub by: Option<Uuid>,
    /// Milliseconds since 1970, UTC.
    pub at: i64,
}

/// A version of a picture, in a list.
#[derive(Clone, Debug)]
pub struct Version {
    pub number: i64,
    /// In pixels.
    pub width: u32,
    pub height: u32,
    pub files: Vec<File>,
    /// Milliseconds since 1970, UTC.
    pub added_at: i64,
    /// While the account is there.
    pub added_by_email: Option<String>,
}

/// An article that shows a picture, in the revision that readers see, or in the newest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    pub article: Uuid,
    /// Of the newest revision.
    pub title: String,
    /// Whether readers see it there.
    pub read: bool,
}

/// Which pictures to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Words in what it is called, what it shows, or whom it is by; empty for any.
    pub search: String,
    pub archived: bool,
    /// From 1.
    pub page: u32,
}

impl Filter {
    /// For `like`: what the search would mean there by itself is taken for any letter.
    fn pattern(&self) -> String {
        format!("%{}%", self.search.trim().to_lowercase().replace(['%', '\\'], "_"))
    }
}

#[derive(FromRow)]
struct PictureRow {
    id: Uuid,
    title: String,
    alt: String,
    decorative: bool,
    credit: String,
    version: i64,
    width: i64,
    height: i64,
    files: String,
    archived_at: Option<i64>,
}

impl PictureRow {
    fn read(self) -> Result<Picture> {
        Ok(Picture {
            id: self.id,
            words: Words { title: self.title, alt: self.alt, decorative: self.decorative, credit: self.credit },
            version: self.version,
            width: pixels(self.width)?,
            height: pixels(self.height)?,
            files: files(&self.files)?,
            archived: self.archived_at.is_some(),
        })
    }
}

fn pixels(number: i64) -> Result<u32> {
    u32::try_from(number).map_err(Error::internal)
}

fn files(json: &str) -> Result<Vec<File>> {
    serde_json::from_str(json).map_err(Error::internal)
}

/// The picture of this id.
///
/// # Errors
/// When the database fails.
pub async fn picture(db: &Db, id: Uuid) -> Result<Option<Picture>> {
    let row: Option<PictureRow> = on!(db db, pool => sqlx::query_as(
        "select id, title, alt, decorative, credit, version, width, height, files, archived_at
         from media
         join media_version on media_id = id and number = version
         where id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await)?;
    row.map(PictureRow::read).transpose()
}

/// Those of these pictures that there are.
///
/// # Errors
/// When the database fails.
pub async fn pictures(db: &Db, ids: &BTreeSet<Uuid>) -> Result<HashMap<Uuid, Picture>> {
    let mut found = HashMap::new();
    for id in ids {
        if let Some(picture) = picture(db, *id).await? {
            found.insert(*id, picture);
        }
    }
    Ok(found)
}

/// The pictures that a filter leaves, the newest first, one page of them.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, filter: &Filter) -> Result<Vec<Picture>> {
    let rows: Vec<PictureRow> = on!(db db, pool => sqlx::query_as(
        "select id, title, alt, decorative, credit, version, width, height, files, archived_at
         from media
         join media_version on media_id = id and number = version
         where (case when $2 then archived_at is not null else archived_at is null end)
           and (lower(title) like $1 or lower(alt) like $1 or lower(credit) like $1)
         order by media.added_at desc, id desc
         limit $3 offset $4",
    )
    .bind(filter.pattern())
    .bind(filter.archived)
    .bind(i64::from(PER_PAGE))
    .bind(i64::from(PER_PAGE) * i64::from(filter.page.saturating_sub(1)))
    .fetch_all(pool)
    .await)?;
    rows.into_iter().map(PictureRow::read).collect()
}

/// How many pictures a filter leaves.
///
/// # Errors
/// When the database fails.
pub async fn count(db: &Db, filter: &Filter) -> Result<u64> {
    let count: i64 = on!(db db, pool => sqlx::query_scalar(
        "select count(*)
         from media
         where (case when $2 then archived_at is not null else archived_at is null end)
           and (lower(title) like $1 or lower(alt) like $1 or lower(credit) like $1)",
    )
    .bind(filter.pattern())
    .bind(filter.archived)
    .fetch_one(pool)
    .await)?;
    u64::try_from(count).map_err(Error::internal)
}

#[derive(FromRow)]
struct VersionRow {
    number: i64,
    width: i64,
    height: i64,
    files: String,
    added_at: i64,
    added_by_email: Option<String>,
}

/// All versions of a picture, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn versions(db: &Db, id: Uuid) -> Result<Vec<Version>> {
    let rows: Vec<VersionRow> = on!(db db, pool => sqlx::query_as(
        "select number, width, height, files, added_at, email as added_by_email
         from media_version
         left join account on account.id = added_by
         where media_id = $1
         order by number desc",
    )
    .bind(id)
    .fetch_all(pool)
    .await)?;
    let read = |row: VersionRow| {
        Ok(Version {
            number: row.number,
            width: pixels(row.width)?,
            height: pixels(row.height)?,
            files: files(&row.files)?,
            added_at: row.added_at,
            added_by_email: row.added_by_email,
        })
    };
    rows.into_iter().map(read).collect()
}

#[derive(FromRow)]
struct UseRow {
    article: Uuid,
    title: String,
    number: i64,
    current: i64,
}

/// As `like` finds a picture in a text.
fn naming(id: Uuid) -> String {
    format!("%{ADDRESS}{id}%")
}

/// Where a picture is shown: in the newest revisions of articles, and in those that readers see.
///
/// # Errors
/// When the database fails.
pub async fn uses(db: &Db, id: Uuid) -> Result<Vec<Use>> {
    let rows: Vec<UseRow> = on!(db db, pool => sqlx::query_as(
        "select article.id as article, title, number, current_revision as current
         from article
         left join article_revision on article_id = article.id and number in (newest_revision, current_revision)
         where markdown like $1
         order by title, article.id, number",
    )
    .bind(naming(id))
    .fetch_all(pool)
    .await)?;
    let mut uses: Vec<Use> = Vec::new();
    for row in rows {
        let read = row.number == row.current;
        match uses.iter_mut().find(|one| one.article == row.article) {
            Some(one) => {
                one.read |= read;
                one.title = row.title;
            }
            None => uses.push(Use { article: row.article, title: row.title, read }),
        }
    }
    Ok(uses)
}

/// In how many drafts that nobody saved yet a picture is.
///
/// # Errors
/// When the database fails.
pub async fn drafts(db: &Db, id: Uuid) -> Result<i64> {
    Ok(on!(db db, pool => sqlx::query_scalar("select count(*) from article_draft where typed like $1")
        .bind(naming(id))
        .fetch_one(pool)
        .await)?)
}

/// Whether nothing that is written now shows it. An old revision may: what is restored of it names what is missing.
async fn is_unused(tx: &mut Tx<'_>, id: Uuid) -> Result<bool> {
    let uses: i64 = on!(tx tx, connection => sqlx::query_scalar(
        "select (
             select count(*)
             from article
             left join article_revision on article_id = article.id and number in (newest_revision, current_revision)
             where markdown like $1
         ) + (select count(*) from article_draft where typed like $1)",
    )
    .bind(naming(id))
    .fetch_one(connection)
    .await)?;
    Ok(uses == 0)
}

/// Adds a picture with its first version.
///
/// # Errors
/// When the database fails.
pub async fn add(db: &Db, id: Uuid, words: Words, version: NewVersion, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            insert(&mut tx, id, &Row { words: &words, archived_at: None, of_file: false }, &version).await?;
            audit::append(&mut tx, &event.about((id, 1))).await
        })
    })
    .await
}

async fn insert_version(tx: &mut Tx<'_>, id: Uuid, number: i64, version: &NewVersion) -> Result<()> {
    let files = serde_json::to_string(&version.kept.files).map_err(Error::internal)?;
    on!(tx tx, connection => sqlx::query(
        "insert into media_version (media_id, number, width, height, files, added_at, added_by)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(number)
    .bind(i64::from(version.kept.width))
    .bind(i64::from(version.kept.height))
    .bind(&files)
    .bind(version.at)
    .bind(version.by)
    .execute(connection)
    .await
    .map(drop))?;
    Ok(())
}

/// The pictures after the one of this id, a few of them, by id.
///
/// # Errors
/// When the database fails.
pub async fn after(db: &Db, id: Uuid) -> Result<Vec<Picture>> {
    let rows: Vec<PictureRow> = on!(db db, pool => sqlx::query_as(
        "select id, title, alt, decorative, credit, version, width, height, files, archived_at
         from media
         join media_version on media_id = id and number = version
         where id > $1
         order by id
         limit $2",
    )
    .bind(id)
    .bind(i64::from(PER_PAGE))
    .fetch_all(pool)
    .await)?;
    rows.into_iter().map(PictureRow::read).collect()
}

/// Adds a picture of a file, whose own files are in place, or makes the one that is there as the file has it. What the desk wrote
/// stays as it is; so does what a text here would be shown without, or with nothing said of it.
///
/// # Errors
/// When the database fails.
pub async fn save_file(tx: &mut Tx<'_>, file: &FromFile, now: i64) -> Result<Saved> {
    let Picture { id, words, version: _, width, height, files, archived } = file.picture.clone();
    let version = NewVersion { kept: Kept { width, height, files }, by: file.by, at: now };
    // First, so that the desk cannot begin with it in between.
    let of_file: Option<bool> = on!(tx &mut *tx, connection => sqlx::query_scalar(
        "update media set version = version where id = $1 returning of_file",
    )
    .bind(id)
    .fetch_optional(connection)
    .await)?;
    let Some(of_file) = of_file else {
        let row = Row { words: &words, archived_at: archived.then_some(now), of_file: true };
        insert(tx, id, &row, &version).await?;
        return Ok(Saved::New);
    };
    let there: PictureRow = on!(tx &mut *tx, connection => sqlx::query_as(
        "select id, title, alt, decorative, credit, version, width, height, files, archived_at
         from media
         join media_version on media_id = id and number = version
         where id = $1",
    )
    .bind(id)
    .fetch_one(connection)
    .await)?;
    let there = there.read()?;
    if there == (Picture { version: there.version, ..file.picture.clone() }) {
        return Ok(Saved::Same);
    }
    let says_less = there.words.are_enough() && !words.are_enough();
    let hides = archived && !there.archived;
    if !of_file || says_less || (hides && !is_unused(tx, id).await?) {
        return Ok(Saved::Kept);
    }
    if (there.width, there.height, &there.files) != (width, height, &version.kept.files) {
        show_next(tx, id, there.version, &version).await?;
    }
    say(tx, id, &words, true).await?;
    if archived != there.archived {
        on!(tx tx, connection => sqlx::query("update media set archived_at = $2 where id = $1")
            .bind(id)
            .bind(archived.then_some(now))
            .execute(connection)
            .await
            .map(drop))?;
    }
    Ok(Saved::Changed)
}

/// Those of these pictures that are as a file had them.
///
/// # Errors
/// When the database fails.
pub async fn of_files(db: &Db, ids: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>> {
    let mut found = BTreeSet::new();
    for id in ids {
        let of_file: Option<bool> = on!(db db, pool => sqlx::query_scalar("select of_file from media where id = $1")
            .bind(*id)
            .fetch_optional(pool)
            .await)?;
        if of_file == Some(true) {
            found.insert(*id);
        }
    }
    Ok(found)
}

/// What a row says of a new picture.
struct Row<'a> {
    words: &'a Words,
    archived_at: Option<i64>,
    of_file: bool,
}

async fn insert(tx: &mut Tx<'_>, id: Uuid, row: &Row<'_>, version: &NewVersion) -> Result<()> {
    on!(tx &mut *tx, connection => sqlx::query(
        "insert into media (id, title, alt, decorative, credit, version, added_at, archived_at, of_file)
         values ($1, $2, $3, $4, $5, 1, $6, $7, $8)",
    )
    .bind(id)
    .bind(&row.words.title)
    .bind(&row.words.alt)
    .bind(row.words.decorative)
    .bind(&row.words.credit)
    .bind(version.at)
    .bind(row.archived_at)
    .bind(row.of_file)
    .execute(connection)
    .await
    .map(drop))?;
    insert_version(tx, id, 1, version).await
}

/// Says anew what a picture is called and shows.
///
/// # Errors
/// [`Error::NotFound`] where it is gone; or when the database fails.
pub async fn describe(db: &Db, id: Uuid, words: Words, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            say(&mut tx, id, &words, false).await?;
            audit::append(&mut tx, &event.about(id)).await
        })
    })
    .await
}

async fn say(tx: &mut Tx<'_>, id: Uuid, words: &Words, of_file: bool) -> Result<()> {
    let said = on!(tx tx, connection => sqlx::query(
        "update media set title = $2, alt = $3, decorative = $4, credit = $5, of_file = $6 where id = $1",
    )
    .bind(id)
    .bind(&words.title)
    .bind(&words.alt)
    .bind(words.decorative)
    .bind(&words.credit)
    .bind(of_file)
    .execute(connection)
    .await
    .map(|done| done.rows_affected()))?;
    if said == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Shows a new version in the place of `base`, with these words.
///
/// # Errors
/// [`Error::Conflict`] where `base` is not shown any more; or when the database fails.
pub async fn replace(db: &Db, id: Uuid, base: i64, words: Words, version: NewVersion, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            show_next(&mut tx, id, base, &version).await?;
            say(&mut tx, id, &words, false).await?;
            audit::append(&mut tx, &event.about((id, base + 1))).await
        })
    })
    .await
}

async fn show_next(tx: &mut Tx<'_>, id: Uuid, base: i64, version: &NewVersion) -> Result<()> {
    let moved = on!(tx &mut *tx, connection => sqlx::query("update media set version = $3 where id = $1 and version = $2")
        .bind(id)
        .bind(base)
        .bind(base + 1)
        .execute(connection)
        .await
        .map(|done| done.rows_affected()))?;
    if moved == 0 {
        return Err(Error::Conflict);
    }
    insert_version(tx, id, base + 1, version).await
}

/// Takes a picture that nothing shows out of the library's list.
///
/// # Errors
/// [`Error::Conflict`] where it is used, or archived already; or when the database fails.
pub async fn archive(db: &Db, id: Uuid, now: i64, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let archived = on!(tx &mut tx, connection => sqlx::query(
                "update media set archived_at = $2, of_file = false where id = $1 and archived_at is null",
            )
            .bind(id)
            .bind(now)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if archived == 0 || !is_unused(&mut tx, id).await? {
                return Err(Error::Conflict);
            }
            audit::append(&mut tx, &event.about(id)).await
        })
    })
    .await
}

/// Brings an archived picture back.
///
/// # Errors
/// [`Error::Conflict`] where it is not archived; or when the database fails.
pub async fn unarchive(db: &Db, id: Uuid, event: Event) -> Result<()> {
    db.write(move |mut tx| {
        Box::pin(async move {
            let back = on!(tx &mut tx, connection => sqlx::query(
                "update media set archived_at = null, of_file = false where id = $1 and archived_at is not null",
            )
            .bind(id)
            .execute(connection)
            .await
            .map(|done| done.rows_affected()))?;
            if back == 0 {
                return Err(Error::Conflict);
            }
            audit::append(&mut tx, &event.about(id)).await
        })
    })
    .await
}

/// Deletes a picture that nothing shows, and returns the names of the files that no other picture has.
///
/// # Errors
/// [`Error::Conflict`] where it is used; [`Error::NotFound`] where it is gone; or when the database fails.
pub async fn delete(db: &Db, id: Uuid, event: Event) -> Result<Vec<String>> {
    db.write(move |mut tx| {
        Box::pin(async move {
            if !is_unused(&mut tx, id).await? {
                return Err(Error::Conflict);
            }
            let lists: Vec<String> = on!(tx &mut tx, connection => sqlx::query_scalar(
                "select files from media_version where media_id = $1",
            )
            .bind(id)
            .fetch_all(connection)
            .await)?;
            if lists.is_empty() {
                return Err(Error::NotFound);
            }
            on!(tx &mut tx, connection => sqlx::query("delete from media_version where media_id = $1")
                .bind(id)
                .execute(connection)
                .await
                .map(drop))?;
            on!(tx &mut tx, connection => sqlx::query("delete from media where id = $1")
                .bind(id)
                .execute(connection)
                .await
                .map(drop))?;
            let mut names = BTreeSet::new();
            for list in &lists {
                names.extend(files(list)?.into_iter().map(|file| file.name));
            }
            let mut alone = Vec::new();
            for name in names {
                if !is_a_files_name(&mut tx, &name).await? {
                    alone.push(name);
                }
            }
            audit::append(&mut tx, &event.about(id)).await?;
            Ok(alone)
        })
    })
    .await
}

async fn is_a_files_name(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    let versions: i64 = on!(tx tx, connection => sqlx::query_scalar(
        "select count(*) from media_version where files like $1",
    )
    .bind(format!("%\"{name}\"%"))
    .fetch_one(connection)
    .await)?;
    Ok(versions > 0)
}

/// Whether a version of a picture has a file of this name.
///
/// # Errors
/// When the database fails.
pub async fn is_named(db: &Db, name: &str) -> Result<bool> {
    let versions: i64 = on!(db db, pool => sqlx::query_scalar("select count(*) from media_version where files like $1")
        .bind(format!("%\"{name}\"%"))
        .fetch_one(pool)
        .await)?;
    Ok(versions > 0)
}

/// The names of the files of all versions of all pictures.
///
/// # Errors
/// When the database fails.
pub async fn file_names(db: &Db) -> Result<HashSet<String>> {
    let (mut last, mut names) = ((Uuid::nil(), 0), HashSet::new());
    loop {
        let some: Vec<(Uuid, i64, String)> = on!(db db, pool => sqlx::query_as(
            "select media_id, number, files
             from media_version
             where media_id > $1 or (media_id = $1 and number > $2)
             order by media_id, number
             limit 500",
        )
        .bind(last.0)
        .bind(last.1)
        .fetch_all(pool)
        .await)?;
        let Some((id, number, _)) = some.last() else { return Ok(names) };
        last = (*id, *number);
        for (_, _, list) in &some {
            names.extend(files(list)?.into_iter().map(|file| file.name));
        }
    }
}

/// The versions that an account added, by picture and number, with when.
///
/// # Errors
/// When the database fails.
pub async fn added_by(db: &Db, account: Uuid) -> Result<Vec<(Uuid, i64, i64)>> {
    Ok(on!(db db, pool => sqlx::query_as(
        "select media_id, number, added_at from media_version where added_by = $1 order by added_at",
    )
    .bind(account)
    .fetch_all(pool)
    .await)?)
}
