//! What many accounts save at the same moment, merged into what they have in one transaction: all share its commit, and its
//! way to the database and back.

use std::{collections::HashMap, ops::Range, sync::Arc};

use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{
    entry::Entry,
    store::{DELETED, Kept, MOST_ENTRIES, Merged, Sealed},
};
use crate::{
    Error, Result,
    account::consent::hold_to_entries,
    db::{Db, Tx, push_list},
    on,
    together::Together,
    vault::AccountKey,
};

/// Merges what it is given into what the accounts have.
pub type Saves = Together<Save, Result<Merged>>;

/// How many saves share a transaction: not all that wait, so that some are judged while others are written.
const SAVES_TOGETHER: usize = 32;
/// How many entries are opened and merged in one transaction, but always those of one save.
const ENTRIES_TOGETHER: usize = 256;
/// How many rows one statement asks for or writes: the engines limit what can be bound to one.
const ROWS: usize = 1_000;

/// [`Saves`] into this database.
pub fn saves(db: Db) -> Saves {
    Together::new(SAVES_TOGETHER, move |saves| {
        let db = db.clone();
        Box::pin(async move { save_all(&db, saves).await })
    })
}

/// One account's entries that are to be merged into what it has.
#[derive(Debug)]
pub struct Save {
    pub account: Uuid,
    pub key: AccountKey,
    pub entries: Vec<Entry>,
    /// Milliseconds since 1970, UTC.
    pub now: i64,
}

async fn save_all(db: &Db, saves: Vec<Save>) -> Result<Vec<Result<Merged>>> {
    let saves: Arc<[Save]> = saves.into();
    let mut merged = Vec::with_capacity(saves.len());
    while merged.len() < saves.len() {
        let group = group(&saves, merged.len());
        match save(db, &saves, group.clone()).await {
            Ok(group) => merged.extend(group),
            Err(error @ Error::Unavailable(_)) => return Err(error),
            Err(error) if group.len() == 1 => merged.push(Err(error)),
            Err(error) => {
                // What made it fail may be one of them, which must not fail the others.
                tracing::warn!(%error, "{} saves failed together, and are tried one by one", group.len());
                for at in group {
                    let one = save(db, &saves, at..at + 1).await;
                    merged.push(one.and_then(|mut one| one.pop().unwrap_or(Err(Error::internal("no save")))));
                }
            }
        }
    }
    Ok(merged)
}

/// Which saves go together, from the first of these.
fn group(saves: &[Save], first: usize) -> Range<usize> {
    let mut entries = 0;
    let fit = saves.iter().skip(first).take_while(|save| {
        entries += save.entries.len();
        entries <= ENTRIES_TOGETHER
    });
    first..first + fit.count().max(1)
}

async fn save(db: &Db, saves: &Arc<[Save]>, group: Range<usize>) -> Result<Vec<Result<Merged>>> {
    let saves = Arc::clone(saves);
    db.write(move |mut tx| {
        Box::pin(async move {
            let saves = saves.get(group).unwrap_or_default();
            let mut accounts: Vec<Uuid> = saves.iter().map(|save| save.account).collect();
            accounts.sort_unstable();
            accounts.dedup();
            // Whoever else writes for these accounts waits from here on: the numbers follow one another.
            let consents = hold_to_entries(&mut tx, &accounts).await?;
            let mut there = There::read(&mut tx, saves, &accounts).await?;
            let merged = saves.iter().map(|save| {
                let consent = *consents.get(&save.account).ok_or(Error::Forbidden)?;
                there.merge(consent, save)
            });
            let merged = merged.collect();
            there.write(&mut tx).await?;
            Ok(merged)
        })
    })
    .await
}

/// What of some accounts is there, as far as saves touch it, within a transaction that nobody else can write to them in.
struct There {
    lasts: HashMap<Uuid, i64>,
    /// Of those accounts that get an entry that they did not have.
    counts: HashMap<Uuid, Count>,
    rows: HashMap<(Uuid, Uuid), Row>,
}

/// How many entries an account has; marks of deleted ones are among all.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    all: i64,
    deleted: i64,
}

#[derive(Debug)]
struct Row {
    sealed: Sealed,
    /// What it is about in the database; nothing where it is not there.
    about: Option<String>,
    /// Whether the database has yet to be told.
    is_new: bool,
}

impl There {
    async fn read(tx: &mut Tx<'_>, saves: &[Save], accounts: &[Uuid]) -> Result<Self> {
        let lasts: Vec<(Uuid, i64)> = on!(tx tx, connection => {
            let mut query = QueryBuilder::new(
                "select id, (select coalesce(max(revision), 0) from health_entry where account_id = account.id)
                 from account where id in ",
            );
            push_list(&mut query, accounts);
            query.build_query_as().fetch_all(connection).await
        })?;
        let ids = saves.iter().flat_map(|save| save.entries.iter().map(|entry| (save.account, entry.id)));
        let (ids, mut rows): (Vec<_>, HashMap<_, _>) = (ids.collect(), HashMap::new());
        for ids in ids.chunks(ROWS) {
            let found: Vec<Found> = on!(tx tx, connection => {
                let mut query = QueryBuilder::new(
                    "select account_id, id, about, revision, sealed, saved_at from health_entry
                     where (account_id, id) in (",
                );
                query.push_values(ids, |mut pair, (account, id)| {
                    pair.push_bind(account).push_bind(id);
                });
                query.push(")").build_query_as().fetch_all(connection).await
            })?;
            rows.extend(found.into_iter().map(|Found { account_id, sealed }| {
                let about = Some(sealed.about.clone());
                ((account_id, sealed.id), Row { sealed, about, is_new: false })
            }));
        }
        let gets_more = |save: &&Save| save.entries.iter().any(|entry| !rows.contains_key(&(save.account, entry.id)));
        let growing: Vec<Uuid> = saves.iter().filter(gets_more).map(|save| save.account).collect();
        let counts = if growing.is_empty() { HashMap::new() } else { counts(tx, &growing).await? };
        Ok(Self { lasts: lasts.into_iter().collect(), counts, rows })
    }

    /// Merges one save: all of it or, on an error, nothing.
    fn merge(&mut self, consent: Uuid, save: &Save) -> Result<Merged> {
        let before = self.lasts.get(&save.account).copied().unwrap_or_default();
        let mut count = self.counts.get(&save.account).copied().unwrap_or_default();
        let (mut last, mut kept, mut size) = (before, Vec::with_capacity(save.entries.len()), 0);
        let mut new: HashMap<Uuid, Sealed> = HashMap::new();
        for entry in &save.entries {
            let there = new.get(&entry.id).or_else(|| self.rows.get(&(save.account, entry.id)).map(|row| &row.sealed));
            let merged = match there {
                None => {
                    count.make_sure_of_room()?;
                    count.all += 1;
                    entry.clone()
                }
                Some(there) => {
                    let opened = there.open(&save.key)?;
                    let Some(merged) = with(&opened.entry, entry)? else {
                        size += there.sealed.len();
                        kept.push(opened);
                        continue;
                    };
                    count.deleted -= i64::from(opened.entry.is_deleted());
                    merged
                }
            };
            count.deleted += i64::from(merged.is_deleted());
            last += 1;
            let one = Kept { entry: merged, revision: last, saved_at: save.now };
            let sealed = Sealed::seal(&one, &save.key)?;
            size += sealed.sealed.len();
            kept.push(one);
            new.insert(entry.id, sealed);
        }
        self.lasts.insert(save.account, last);
        self.counts.insert(save.account, count);
        for (id, sealed) in new {
            let about = self.rows.remove(&(save.account, id)).and_then(|row| row.about);
            self.rows.insert((save.account, id), Row { sealed, about, is_new: true });
        }
        Ok(Merged { consent, before, last, kept, size })
    }

    async fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        let new = self.rows.into_iter().filter(|(_, row)| row.is_new);
        let is_about_the_same = |row: &Row| row.about.as_ref().is_none_or(|about| *about == row.sealed.about);
        let (same, other): (Vec<_>, Vec<_>) = new.partition(|(_, row)| is_about_the_same(row));
        // What an entry is about has an index, whose page is written anew for each row that is told it: one page of three.
        write(tx, &same, "").await?;
        write(tx, &other, "about = excluded.about, ").await
    }
}

async fn write(tx: &mut Tx<'_>, rows: &[((Uuid, Uuid), Row)], and: &str) -> Result<()> {
    for rows in rows.chunks(ROWS) {
        on!(tx tx, connection => {
            let mut query =
                QueryBuilder::new("insert into health_entry (account_id, id, about, revision, sealed, saved_at) ");
            query.push_values(rows, |mut row, ((account, id), Row { sealed, .. })| {
                row.push_bind(account)
                    .push_bind(id)
                    .push_bind(&sealed.about)
                    .push_bind(sealed.revision)
                    .push_bind(&sealed.sealed)
                    .push_bind(sealed.saved_at);
            });
            query
                .push(" on conflict (account_id, id) do update set ")
                .push(and)
                .push("revision = excluded.revision, sealed = excluded.sealed, saved_at = excluded.saved_at")
                .build()
                .execute(connection)
                .await
                .map(drop)
        })?;
    }
    Ok(())
}

#[derive(Debug, sqlx::FromRow)]
struct Found {
    account_id: Uuid,
    #[sqlx(flatten)]
    sealed: Sealed,
}

impl Count {
    fn make_sure_of_room(self) -> Result<()> {
        if self.all - self.deleted < MOST_ENTRIES && self.deleted < MOST_ENTRIES {
            Ok(())
        } else {
            Err(Error::Conflict)
        }
    }
}

async fn counts(tx: &mut Tx<'_>, accounts: &[Uuid]) -> Result<HashMap<Uuid, Count>> {
    let rows: Vec<(Uuid, i64, i64)> = on!(tx tx, connection => {
        let mut query = QueryBuilder::new("select account_id, count(*), count(case when about = ");
        query.push_bind(DELETED).push(" then 1 end) from health_entry where account_id in ");
        push_list(&mut query, accounts);
        query.push(" group by account_id").build_query_as().fetch_all(connection).await
    })?;
    Ok(rows.into_iter().map(|(account, all, deleted)| (account, Count { all, deleted })).collect())
}

/// What is there, with what was sent; nothing where that adds nothing.
fn with(there: &Entry, sent: &Entry) -> Result<Option<Entry>> {
    if there.about != sent.about {
        return Err(Error::Conflict);
    }
    let mut merged = there.clone();
    merged.merge(sent);
    if merged == *there {
        return Ok(None);
    }
    // Two that are each sound can be too much together.
    merged.check().map_err(|_| Error::Conflict)?;
    Ok(Some(merged))
}
