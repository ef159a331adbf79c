//! Files that are brought in: all of them are read first, and if one is bad, or its old address is another article's, nothing is
//! changed. What is good is saved in one transaction. The same transaction, undone, says beforehand what an import would change.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use uuid::Uuid;

use super::{FOLDERS, PICTURES};
use crate::{
    AppState, Error, Result,
    article::{
        self,
        import::{FromFile, Place},
    },
    audit::{self, Event},
    clock::Clock,
    content::{self, ContentFile, Origin, Saved},
    db::Tx,
    exercise::{self, Exercise},
    media::{
        self,
        file::{Brought, FromFile as Picture},
    },
    rulebook::{self, store::Saving},
};

/// What files say, each with its name.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// Those of `drafts/` last.
    articles: Vec<(String, FromFile)>,
    exercises: Vec<(String, Exercise)>,
    rule_sets: Vec<(String, Saving)>,
    pictures: Vec<(String, Picture)>,
    /// One sentence for each bad file, with its name and line.
    pub problems: Vec<String>,
}

impl Package {
    /// Brought by somebody, who is remembered as who added its pictures, and as the writer of its rule sets: so they cannot
    /// publish those alone.
    #[must_use]
    pub fn by(mut self, account: Uuid) -> Self {
        for (_, saving) in &mut self.rule_sets {
            saving.by = Some(account);
        }
        for (_, picture) in &mut self.pictures {
            picture.by = Some(account);
        }
        self
    }

    /// Adds to its problems what is wrong with the files of its pictures, each of which a child looks at; with `keep`, what is
    /// good is put in place.
    ///
    /// # Errors
    /// When a folder cannot be read or written.
    pub async fn check_pictures(&mut self, state: &AppState, keep: bool) -> Result<()> {
        let pictures = self.pictures.iter().map(|(_, picture)| picture);
        self.problems.extend(media::file::check(state, pictures, keep).await?);
        Ok(())
    }

    /// The pictures that an article can show, once this is imported.
    fn shown(&self) -> BTreeSet<Uuid> {
        let pictures = self.pictures.iter().map(|(_, file)| &file.picture);
        pictures.filter(|picture| !picture.archived && picture.words.are_enough()).map(|picture| picture.id).collect()
    }
}

/// How an import went, or would go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Each file with what became of it, in the order of [`FOLDERS`].
    pub files: Vec<(String, Saved)>,
    /// Why nothing was saved.
    pub problems: Vec<String>,
}

impl Report {
    /// How many files of a folder became this.
    pub fn count(&self, folder: &str, became: Saved) -> usize {
        self.files.iter().filter(|(name, saved)| *saved == became && folder_of(name) == folder).count()
    }

    /// Whether anything is other than before.
    pub fn changes(&self) -> bool {
        self.files.iter().any(|(_, saved)| matches!(saved, Saved::New | Saved::Changed))
    }
}

/// What came of what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub report: Report,
    pub is_saved: bool,
}

fn folder_of(name: &str) -> &str {
    name.split('/').next().unwrap_or_default()
}

/// What is done with what was read.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Nothing: it is only looked at what it would change.
    Look,
    /// It is saved, with a line in the audit log where somebody did it.
    Save(Option<Event>),
    /// As [`Deed::Save`], if it changes just what somebody was shown.
    SaveAsShown(Report, Event),
}

/// Reads files by their names, whose folders say what they are; without a folder, their endings do. `brought` are the files of
/// pictures, which are not looked at yet.
pub fn read(state: &AppState, files: &[ContentFile], brought: &Brought) -> Package {
    let mut package = Package::default();
    let (mut drafts, mut rules) = (vec![], BTreeMap::<&str, [Option<&ContentFile>; 2]>::new());
    for file in files {
        let parts: Vec<&str> = file.name.split('/').collect();
        match parts[..] {
            ["rules", version, "rules.toml"] => rules.entry(version).or_default()[0] = Some(file),
            ["rules", version, "vignettes.toml"] => rules.entry(version).or_default()[1] = Some(file),
            [PICTURES, _] => match media::file::read(file, brought) {
                Ok(picture) => package.pictures.push((file.name.clone(), picture)),
                Err(problem) => package.problems.push(problem),
            },
            [.., name] if name.ends_with(".md") => {
                match article::import::read(&file.name, &file.text, &state.site.rules, &state.site.settings) {
                    Ok(article) if parts.len() > 1 && parts[0] == FOLDERS[1] => {
                        drafts.push((file.name.clone(), article))
                    }
                    Ok(article) => package.articles.push((full(&file.name, FOLDERS[0]), article)),
                    Err(problems) => package.problems.extend(problems),
                }
            }
            [.., name] if name.ends_with(".toml") => match read_exercise(file, files) {
                Ok(exercise) => package.exercises.push((full(&file.name, FOLDERS[2]), exercise)),
                Err(problem) => package.problems.push(problem),
            },
            // A drawing comes with the exercise of its name.
            _ => {}
        }
    }
    package.articles.extend(drafts);
    for (version, texts) in rules {
        match rulebook::files::read(version, texts, &state.clock) {
            Ok(saving) => package.rule_sets.push((format!("rules/{version}"), saving)),
            Err(problem) => package.problems.push(problem),
        }
    }
    package
}

/// A file's name with the folder that it belongs to.
fn full(name: &str, folder: &str) -> String {
    if name.contains('/') { name.to_owned() } else { format!("{folder}/{name}") }
}

fn read_exercise(file: &ContentFile, files: &[ContentFile]) -> Result<Exercise, String> {
    let figure = file.name.replace(".toml", ".svg");
    let figure = files.iter().find(|other| other.name == figure).map(|figure| figure.text.as_str());
    exercise::import::read(&file.name, &file.text, figure)
}

/// The files that came with the program.
pub fn shipped() -> Vec<ContentFile> {
    let named = |folder: &str| {
        let name = move |file: ContentFile| ContentFile { name: format!("{folder}/{}", file.name), ..file };
        content::folder(folder).into_iter().map(name).collect::<Vec<_>>()
    };
    [named(FOLDERS[0]), named(FOLDERS[2])].concat()
}

/// Does with a package what is asked, for whoever gives it. What an operator gives in the program's very words stays the
/// program's, so that the next program brings it up to date.
///
/// # Errors
/// When the database fails, and then nothing is saved.
pub async fn save(state: &AppState, package: Package, giver: Origin, deed: Deed) -> Result<Outcome> {
    let ours = if giver == Origin::Shipped { package.clone() } else { read(state, &shipped(), &Brought::new()) };
    let mut problems = Vec::new();
    let mut brought = package.shown();
    // What the desk wrote is left as it is.
    let there = media::store::pictures(&state.db, &brought).await?;
    let of_files = media::store::of_files(&state.db, &brought).await?;
    brought.retain(|id| !there.contains_key(id) || of_files.contains(id));
    for (name, article) in package.articles.iter().filter(|(_, article)| article.place == Place::Published) {
        let named = article.pictures.iter().filter(|(_, id)| !brought.contains(id)).copied();
        let missing = article::pictures::missing(&state.db, &named.collect::<Vec<_>>()).await?;
        problems.extend(missing.iter().map(|problem| format!("{name}, line {}: {}", problem.line, problem.message)));
    }
    if !matches!(deed, Deed::Look) && problems.is_empty() {
        // Before the rows that name them.
        problems.extend(media::file::put_in_place(state, &package.pictures).await?);
    }
    let clock = state.clock.clone();
    let undone = Arc::new(OnceLock::new());
    let seen = Arc::clone(&undone);
    let saved = state.db.write(move |mut tx| {
        Box::pin(async move {
            let mut report = save_all(&mut tx, &package, &ours, giver, &clock).await?;
            report.problems.splice(0..0, problems);
            let event = match deed {
                Deed::Save(event) if report.problems.is_empty() => event,
                Deed::SaveAsShown(shown, event) if report.problems.is_empty() && report == shown => Some(event),
                _ => {
                    // An error undoes what was written; what it would have been goes another way.
                    let _ = seen.set(report);
                    return Err(Error::Conflict);
                }
            };
            if let Some(event) = event {
                audit::append(&mut tx, &event).await?;
            }
            Ok(Outcome { report, is_saved: true })
        })
    });
    match (saved.await, undone.get()) {
        (Err(Error::Conflict), Some(report)) => Ok(Outcome { report: report.clone(), is_saved: false }),
        (saved, _) => saved,
    }
}

async fn save_all(tx: &mut Tx<'_>, package: &Package, ours: &Package, giver: Origin, clock: &Clock) -> Result<Report> {
    let of = |is_ours: bool| if is_ours { Origin::Shipped } else { giver };
    let mut report = Report::default();
    for (name, article) in &package.articles {
        let of = of(ours.articles.iter().any(|(_, ours)| ours == article));
        let (saved, taken) = article::store::save_file(tx, article, giver, of, clock).await?;
        report.files.push((name.clone(), saved));
        let of_another = |old: &String| format!("{name}, line 2: its old address {old} is another article\u{2019}s");
        report.problems.extend(taken.iter().map(of_another));
    }
    for (name, exercise) in &package.exercises {
        let of = of(ours.exercises.iter().any(|(_, ours)| ours == exercise));
        report.files.push((name.clone(), exercise::store::save_file(tx, exercise, giver, of, clock).await?));
    }
    for (name, saving) in &package.rule_sets {
        report.files.push((name.clone(), rulebook::store::save_file(tx, clock.new_id(), saving).await?));
    }
    for (name, picture) in &package.pictures {
        report.files.push((name.clone(), media::store::save_file(tx, picture, clock.millis_i64()).await?));
    }
    Ok(report)
}
