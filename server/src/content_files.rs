//! `sciaticalm import` and `export`: content as files, in folders that a git repository can hold.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, IsTerminal, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use app::{
    AppState,
    article::{self, import::is_slug},
    clock::Clock,
    content::{ContentFile, Imported, Origin},
    db::Db,
    exercise,
    mail::{Letterhead, Mailer},
    site::AssetUrls,
};

use crate::{
    config::{SiteOptions, StoreOptions},
    start::{self, Services},
};

const ARTICLES: &str = "articles";
const DRAFTS: &str = "drafts";
const EXERCISES: &str = "exercises";

/// What an export has in each of its folders.
const FOLDERS: [(&str, &[&str]); 3] = [(ARTICLES, &["md"]), (DRAFTS, &["md"]), (EXERCISES, &["toml", "svg"])];

/// In the folder of an export: that it is one, and whether it is whole.
const MARK: &str = "sciaticalm-export.toml";
const WHOLE: &str = "# Made by `sciaticalm export`, and to be read by `sciaticalm import`.\ncomplete = true\n";
const BEGUN: &str = "# `sciaticalm export` was interrupted: do it again.\ncomplete = false\n";

/// How many bytes a file may have.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// `sciaticalm export`: all articles and exercises, in place of what an earlier export left in the folder.
///
/// # Errors
/// When there is something else in the folder, nothing to export, or the database or the disk fails; then the folder says
/// that it is not whole.
pub async fn export(options: &StoreOptions, folder: &Path) -> Result<()> {
    may_be_replaced(folder)?;
    let db = start::open_database(options).await?;
    let exported = export_from(&db, folder).await;
    db.close().await;
    exported
}

async fn export_from(db: &Db, folder: &Path) -> Result<()> {
    let exercises = exercise::store::library(db).await?;
    let mut next = article::export::next(db, None).await?;
    if exercises.is_empty() && next.is_none() {
        bail!("this site has no content: is it another (SCIATICALM_DATA_DIR, SCIATICALM_DATABASE_URL)?");
    }
    let unwritable = || format!("cannot write in {}", folder.display());
    begin(folder).with_context(unwritable)?;
    let mut progress = Progress::default();
    let (mut articles, mut drafts) = (0_usize, 0_usize);
    while let Some(part) = next {
        for file in &part.files {
            write_new(&folder.join(&file.name), &file.text).with_context(unwritable)?;
            if file.name.starts_with(DRAFTS) {
                drafts += 1
            } else {
                articles += 1
            }
            progress.step();
        }
        next = article::export::next(db, Some(&part)).await?;
    }
    for exercise in &exercises {
        for file in exercise::export::files(exercise) {
            write_new(&folder.join(&file.name), &file.text).with_context(unwritable)?;
        }
        progress.step();
    }
    progress.end();
    write_new(&folder.join(MARK), WHOLE).with_context(unwritable)?;
    println!("articles: {articles}\ndrafts: {drafts}\nexercises: {}", exercises.len());
    println!("Exported to {}.", folder.display());
    Ok(())
}

/// A folder that is not there, that is empty but for hidden files (`.git`), or that an export made.
fn may_be_replaced(folder: &Path) -> Result<()> {
    if !folder.try_exists()? {
        return Ok(());
    }
    let unreadable = || format!("cannot read the folder {}", folder.display());
    let mut is_export = false;
    let mut is_empty = true;
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let name = entry.with_context(unreadable)?.file_name();
        is_export |= name == MARK;
        is_empty &= name.as_encoded_bytes().starts_with(b".");
    }
    if !is_empty && !is_export {
        bail!("{} is not empty, and no export: choose another folder", folder.display());
    }
    for (name, _) in FOLDERS {
        let path = folder.join(name);
        if fs::symlink_metadata(&path).is_ok_and(|there| !there.is_dir()) {
            bail!("{} is no folder", path.display());
        }
    }
    Ok(())
}

/// Says that the folder is not whole, and removes what an export before left there. Whatever else is there stays.
fn begin(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    write_new(&folder.join(MARK), BEGUN)?;
    for (name, endings) in FOLDERS {
        let path = folder.join(name);
        fs::create_dir_all(&path)?;
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() && is_ours(&entry.path(), endings) {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

fn is_ours(path: &Path, endings: &[&str]) -> bool {
    let named = path.file_stem().and_then(|stem| stem.to_str()).is_some_and(is_slug);
    named && path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known))
}

/// In place of what is there: of a link itself, and not of what it leads to.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

/// `sciaticalm import`: every good file is saved, every bad one named.
///
/// # Errors
/// When an export is not whole or the database fails, and at the end if any file was bad.
pub async fn import(options: &StoreOptions, site: &SiteOptions, paths: &[PathBuf]) -> Result<()> {
    let mut found = Found::default();
    for path in paths {
        found.add(path)?;
    }
    let settings = site.clone().settings("http://localhost".to_owned());
    let db = start::open_database(options).await?;
    let vault = start::open_vault(options, Clock::System).await?;
    // Importing sends nothing.
    let mail = Mailer::folder(options.data_dir.join("mail"), Letterhead::new(None, &settings, Clock::System)?);
    let services = Services { db, vault, mail, clock: Clock::System };
    let state = start::state_of(&options.data_dir, services, settings, AssetUrls::default())?;
    let imported = import_found(&state, &found).await;
    state.close().await;
    tell(&imported?, &found.problems)
}

/// What came of each kind, in this order: articles before their drafts.
type Report = [(&'static str, Imported); 3];

async fn import_found(state: &AppState, found: &Found) -> Result<Report> {
    let mut progress = Progress::default();
    let mut articles = Imported::default();
    for path in &found.articles {
        import_article(state, path, &mut articles).await?;
        progress.step();
    }
    let mut drafts = Imported::default();
    for path in &found.drafts {
        import_article(state, path, &mut drafts).await?;
        progress.step();
    }
    let mut exercises = Imported::default();
    for path in &found.exercises {
        import_exercise(state, path, &mut exercises).await?;
        progress.step();
    }
    progress.end();
    Ok([(ARTICLES, articles), (DRAFTS, drafts), (EXERCISES, exercises)])
}

async fn import_article(state: &AppState, path: &Path, imported: &mut Imported) -> Result<()> {
    match read(path) {
        Ok(file) => article::import::import_one(state, Origin::Imported, &file, imported).await?,
        Err(problem) => imported.problems.push(problem),
    }
    Ok(())
}

async fn import_exercise(state: &AppState, path: &Path, imported: &mut Imported) -> Result<()> {
    let figure = path.with_extension("svg");
    let figure = match fs::symlink_metadata(&figure) {
        Ok(there) if there.is_symlink() => Err(is_link(&figure)),
        Ok(_) => read(&figure).map(Some),
        Err(_) => Ok(None),
    };
    match (read(path), figure) {
        (Ok(file), Ok(figure)) => {
            let figure = figure.as_ref().map(|figure| figure.text.as_str());
            exercise::import::import_one(state, Origin::Imported, &file, figure, imported).await?;
        }
        (Err(problem), _) | (_, Err(problem)) => imported.problems.push(problem),
    }
    Ok(())
}

fn tell(report: &Report, unknown: &[String]) -> Result<()> {
    let mut bad = unknown.len();
    for (kind, imported) in report {
        let Imported { saved, unchanged, kept, problems } = imported;
        println!("{kind}: {saved} saved, {unchanged} unchanged, {kept} left as they are, {} problems.", problems.len());
        bad += problems.len();
    }
    if report.iter().any(|(_, imported)| imported.kept > 0) {
        println!("What was left was written, renamed, published or archived at the desk.");
    }
    for problem in report.iter().flat_map(|(_, imported)| &imported.problems).chain(unknown) {
        println!("  {problem}");
    }
    if bad == 0 { Ok(()) } else { bail!("{bad} problems: see above") }
}

/// The files to import: where they are, and not yet what is in them.
#[derive(Debug, Default)]
struct Found {
    articles: Vec<PathBuf>,
    drafts: Vec<PathBuf>,
    exercises: Vec<PathBuf>,
    /// One sentence for each path that is no content.
    problems: Vec<String>,
}

impl Found {
    /// A file, a folder of files, or a folder as an export makes it.
    fn add(&mut self, path: &Path) -> Result<()> {
        if !path.is_dir() {
            self.add_file(path);
            return Ok(());
        }
        if fs::read_to_string(path.join(MARK)).is_ok_and(|mark| mark.contains("complete = false")) {
            bail!("the export into {} was interrupted: it is not whole", path.display());
        }
        if !FOLDERS.iter().any(|(name, _)| path.join(name).is_dir()) {
            self.add_folder(path);
            return Ok(());
        }
        for (name, _) in FOLDERS {
            let folder = path.join(name);
            match fs::symlink_metadata(&folder) {
                Ok(there) if there.is_dir() => self.add_folder(&folder),
                Ok(_) => self.problems.push(format!("{}: it is no folder, or a link to one", folder.display())),
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// What is content in a folder, by name. Other files, and folders in it, are left alone.
    fn add_folder(&mut self, folder: &Path) {
        let entries = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>());
        match entries {
            Err(error) => self.problems.push(format!("{}: {error}", folder.display())),
            Ok(mut entries) => {
                entries.sort();
                entries.iter().filter(|entry| kind_of(entry).is_some()).for_each(|entry| {
                    if fs::symlink_metadata(entry).is_ok_and(|there| there.is_symlink()) {
                        self.problems.push(is_link(entry));
                    } else {
                        self.add_file(entry);
                    }
                });
            }
        }
    }

    fn add_file(&mut self, path: &Path) {
        match kind_of(path) {
            Some("md") if folder_of(path).as_deref() == Some(DRAFTS) => self.drafts.push(path.to_owned()),
            Some("md") => self.articles.push(path.to_owned()),
            Some("toml") => self.exercises.push(path.to_owned()),
            // Comes with the exercise of its name.
            Some(_) => {}
            None => self.problems.push(format!("{}: neither .md nor .toml", path.display())),
        }
    }
}

/// The ending of a file that may be content; hidden ones are not.
fn kind_of(path: &Path) -> Option<&str> {
    let hidden = path.file_name()?.as_encoded_bytes().starts_with(b".");
    path.extension()?.to_str().filter(|ending| !hidden && ["md", "toml", "svg"].contains(ending))
}

/// The folder that a file is in, if that says what the file is.
fn folder_of(path: &Path) -> Option<String> {
    let folder = fs::canonicalize(path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")));
    let name = folder.ok()?.file_name()?.to_str()?.to_owned();
    FOLDERS.iter().any(|(known, _)| *known == name).then_some(name)
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder_of(path).map_or(name.clone(), |folder| format!("{folder}/{name}"))
}

fn is_link(path: &Path) -> String {
    format!("{}: it is a link, which is not followed", name_of(path))
}

/// A file's text, or one sentence that says why it has none.
fn read(path: &Path) -> Result<ContentFile, String> {
    let name = name_of(path);
    let failed = |error: io::Error| format!("{name}: {error}");
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(format!("{name}: it is no file"));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("{name}: it is larger than {} MB", MOST_BYTES / 1024 / 1024));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = sound.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("{name}, line {line}: it is not UTF-8 text")
    })?;
    Ok(ContentFile { name, text })
}

/// How many are done, for whoever watches a terminal.
#[derive(Debug, Default)]
struct Progress {
    done: usize,
}

impl Progress {
    fn step(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(100) && io::stderr().is_terminal() {
            eprint!("\r{} …", self.done);
        }
    }

    fn end(&self) {
        if self.done >= 100 && io::stderr().is_terminal() {
            eprint!("\r\x1b[K");
        }
    }
}
