//! `sciaticalm import` and `export`: content as files, in folders that a git repository can hold.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use app::{
    AppState,
    article::import::is_slug,
    audit::{self, Action, Actor, Event},
    clock::Clock,
    content::{ContentFile, Origin, Saved},
    files::{
        BEGUN, FOLDERS, Limits, MARK, MOST_BYTES, OF_A_FOLDER, PICTURES, WHOLE, archive,
        export::{self, Exported},
        import::{self, Deed, Outcome, Report},
        is_of_a_picture, most_bytes, text, too_large,
    },
    mail::{Letterhead, Mailer},
    media::{
        file::{Brought, Bytes, id_of},
        workshop::format_of,
    },
    site::AssetUrls,
};

use crate::{
    assets::Assets,
    config::{SiteOptions, StoreOptions},
    limits::Limits as Requests,
    start::{self, Services},
    takeover::Running,
};

/// The endings of content.
const ENDINGS: [&str; 3] = ["md", "toml", "svg"];

/// `sciaticalm export`: all content, in place of what an earlier export left in the folder.
///
/// # Errors
/// When there is something else in the folder, nothing to export, or the database or the disk fails; then the folder says
/// that it is not whole.
pub async fn export(options: &StoreOptions, folder: &Path) -> Result<()> {
    may_be_replaced(folder)?;
    let workshop = start::workshop(options)?;
    let db = start::open_database(options).await?;
    let unwritable = || format!("cannot write in {}", folder.display());
    let mut counts = [0_usize; FOLDERS.len()];
    let mut is_begun = false;
    let mut progress = Progress::new("written");
    let mut take = |file: Exported| -> Result<()> {
        if !is_begun {
            begin(folder).with_context(unwritable)?;
            is_begun = true;
        }
        write_new(&folder.join(&file.name), &file.bytes).with_context(unwritable)?;
        if let Some(kind) = FOLDERS.iter().position(|kind| file.name.starts_with(kind)) {
            // Of what takes several files, one counts.
            let is_one = file.name.ends_with(".md") || file.name.ends_with(".toml");
            counts[kind] += usize::from(is_one && !file.name.ends_with("/vignettes.toml"));
        }
        progress.step();
        Ok(())
    };
    let written = export::each::<Failed>(&db, workshop.place(), |file| take(file).map_err(Failed)).await;
    let told = match written {
        Ok(()) => audit::record(&db, Event::new(&Clock::System, Actor::CommandLine, Action::ContentExported)).await,
        Err(_) => Ok(()),
    };
    db.close().await;
    written.map_err(|failed| failed.0)?;
    told?;
    if !is_begun {
        bail!("this site has no content: is it another (SCIATICALM_DATA_DIR, SCIATICALM_DATABASE_URL)?");
    }
    for kind in FOLDERS {
        sync(&folder.join(kind)).with_context(unwritable)?;
    }
    write_new(&folder.join(MARK), WHOLE.as_bytes()).with_context(unwritable)?;
    sync(folder).with_context(unwritable)?;
    for (kind, count) in FOLDERS.iter().zip(counts) {
        println!("{kind}: {count}");
    }
    println!("Exported to {}.", folder.display());
    Ok(())
}

/// Of the database or of the disk.
struct Failed(anyhow::Error);

impl From<app::Error> for Failed {
    fn from(error: app::Error) -> Self {
        Self(start::plainly(error))
    }
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
    for name in FOLDERS {
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
    write_new(&folder.join(MARK), BEGUN.as_bytes())?;
    // Before anything is removed: an export that is cut off by a power failure must not look whole.
    sync(folder)?;
    for name in FOLDERS {
        let path = folder.join(name);
        fs::create_dir_all(&path)?;
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                if name == FOLDERS[3] {
                    remove_rule_set(&entry.path())?;
                }
            } else if is_ours(name, &entry.path()) {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

/// The two files of a rule set, and their folder if nothing else is in it.
fn remove_rule_set(folder: &Path) -> io::Result<()> {
    for name in ["rules.toml", "vignettes.toml"] {
        ignore_missing(fs::remove_file(folder.join(name)))?;
    }
    match fs::remove_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        removed => removed,
    }
}

fn ignore_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn is_ours(folder: &str, path: &Path) -> bool {
    if folder == PICTURES {
        return is_of_the_library(path);
    }
    let named = path.file_stem().and_then(|stem| stem.to_str()).is_some_and(is_slug);
    named && path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
}

/// Whether a file in the folder of pictures has such a name as an export gives.
fn is_of_the_library(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    id_of(name).is_some() || format_of(name).is_some()
}

/// In place of what is there: of a link itself, and not of what it leads to.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    ignore_missing(fs::remove_file(path))?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// So that the names in a folder outlive a power failure.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// `sciaticalm import`: everything is saved, or, if one file is bad, nothing; with `only_look`, it is told what would change.
///
/// # Errors
/// When any file is bad, an export is not whole, or the database fails: nothing is saved then.
pub async fn import(options: &StoreOptions, site: &SiteOptions, paths: &[PathBuf], only_look: bool) -> Result<()> {
    let mut found = Found::new();
    for path in paths {
        found.add(path)?;
    }
    eprintln!("{} files read.", found.files.len() + found.pictures.len());
    let settings = site.clone().settings("http://localhost".to_owned())?;
    let media = start::workshop(options)?;
    let db = start::open_database(options).await?;
    let vault = start::open_vault(options, Clock::System).await?;
    // Importing sends nothing.
    let mail = Mailer::folder(options.data_dir.join("mail"), Letterhead::new(None, &settings, Clock::System)?);
    let services = Services { db, vault, mail, media, clock: Clock::System };
    let local = start::choose_in(&options.data_dir, &settings)?;
    let state = start::state_on(local.clone(), services, settings, AssetUrls::default())?;
    // Articles are read with the rules that were published.
    let running = Running::new(state, local, Assets::default(), Requests::default(), None);
    running.look().await?;
    let state = running.state();
    drop(running);
    let done = import_found(&state, found, only_look).await;
    state.close().await;
    done
}

async fn import_found(state: &AppState, found: Found, only_look: bool) -> Result<()> {
    let mut package = import::read(state, &found.files, &found.pictures);
    package.problems.extend(found.problems);
    if package.problems.is_empty() {
        package.check_pictures(state, !only_look).await.map_err(start::plainly)?;
    }
    if !package.problems.is_empty() {
        return refuse(&package.problems);
    }
    eprintln!("All of them are good.");
    let deed = if only_look {
        Deed::Look
    } else {
        Deed::Save(Some(Event::new(&Clock::System, Actor::CommandLine, Action::ContentImported)))
    };
    let Outcome { report, is_saved } =
        import::save(state, package, Origin::Imported, deed).await.map_err(start::plainly)?;
    if !report.problems.is_empty() {
        return refuse(&report.problems);
    }
    tell(&report);
    println!("{}", if is_saved { "Imported." } else { "Nothing was changed: this is what an import would do." });
    Ok(())
}

fn refuse(problems: &[String]) -> Result<()> {
    for problem in problems {
        println!("  {problem}");
    }
    bail!("nothing was imported: {} {}", problems.len(), if problems.len() == 1 { "problem" } else { "problems" })
}

fn tell(report: &Report) {
    for kind in FOLDERS {
        let [new, changed, same, kept] =
            [Saved::New, Saved::Changed, Saved::Same, Saved::Kept].map(|became| report.count(kind, became));
        println!("{kind}: {new} new, {changed} changed, {same} unchanged, {kept} left as they are");
    }
    let kept = report.files.iter().filter(|(_, saved)| *saved == Saved::Kept);
    for (name, _) in kept {
        let why = if name.starts_with(PICTURES) {
            "it was added or changed at the desk, or something here needs it as it is"
        } else {
            "it was written, renamed, published or archived at the desk"
        };
        println!("  {name}: left, because {why}");
    }
}

/// The files to import.
#[derive(Debug)]
struct Found {
    files: Vec<ContentFile>,
    /// Those of pictures, which stay where they are until they are looked at.
    pictures: Brought,
    /// One sentence for each path that is no content.
    problems: Vec<String>,
    left: Limits,
    progress: Progress,
}

impl Found {
    fn new() -> Self {
        Self {
            files: vec![],
            pictures: Brought::new(),
            problems: vec![],
            left: OF_A_FOLDER,
            progress: Progress::new("read"),
        }
    }

    /// A file, an archive, a folder of files, or a folder as an export makes it.
    fn add(&mut self, path: &Path) -> Result<()> {
        if !path.is_dir() {
            return if path.extension().is_some_and(|ending| ending == "zip") {
                self.add_archive(path)
            } else {
                self.add_file(path, folder_of(path).as_deref())
            };
        }
        if fs::read_to_string(path.join(MARK)).is_ok_and(|mark| mark.contains("complete = false")) {
            bail!("the export into {} was interrupted: it is not whole", path.display());
        }
        if !FOLDERS.iter().any(|name| path.join(name).is_dir()) {
            return self.add_folder(path, folder_of(path).as_deref());
        }
        for name in FOLDERS {
            let folder = path.join(name);
            match fs::symlink_metadata(&folder) {
                Ok(there) if there.is_dir() && name == FOLDERS[3] => self.add_rule_sets(&folder)?,
                Ok(there) if there.is_dir() => self.add_folder(&folder, Some(name))?,
                Ok(_) => self.problems.push(format!("{}: it is no folder, or a link to one", folder.display())),
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn add_archive(&mut self, path: &Path) -> Result<()> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        match archive::unpack(&bytes, self.left) {
            Ok((files, pictures)) => {
                self.files.extend(files);
                self.pictures.extend(pictures);
            }
            Err(problems) => self.problems.extend(problems),
        }
        Ok(())
    }

    fn add_rule_sets(&mut self, folder: &Path) -> Result<()> {
        for entry in entries(folder)? {
            let Some(name) = entry.file_name().and_then(|name| name.to_str()) else { continue };
            if fs::symlink_metadata(&entry).is_ok_and(|there| there.is_symlink()) {
                self.problems.push(format!("rules/{name}: it is a link, which is not followed"));
            } else if entry.is_dir() {
                self.add_folder(&entry, Some(&format!("{}/{name}", FOLDERS[3])))?;
            }
        }
        Ok(())
    }

    /// What is content in a folder, by name. Other files, and folders in it, are left alone.
    fn add_folder(&mut self, folder: &Path, kind: Option<&str>) -> Result<()> {
        for entry in entries(folder)? {
            let is_content = if kind == Some(PICTURES) { is_of_the_library(&entry) } else { kind_of(&entry).is_some() };
            if !is_content {
                continue;
            }
            if fs::symlink_metadata(&entry).is_ok_and(|there| there.is_symlink()) {
                self.problems.push(format!("{}: it is a link, which is not followed", name_of(&entry, kind)));
            } else {
                self.add_file(&entry, kind)?;
            }
        }
        Ok(())
    }

    fn add_picture(&mut self, path: &Path, name: String) -> Result<()> {
        let most = most_bytes(&name);
        match fs::metadata(path) {
            Ok(there) if !there.is_file() => self.problems.push(format!("{name}: it is no file")),
            Ok(there) if there.len() > most => self.problems.push(too_large(&name)),
            Ok(_) => {
                self.left.take(0).map_err(|problem| anyhow!("{name}: {problem}"))?;
                let file = name.rsplit('/').next().unwrap_or_default().to_owned();
                self.pictures.insert(file, Bytes::At(path.to_owned()));
                self.progress.step();
            }
            Err(error) => self.problems.push(format!("{name}: {error}")),
        }
        Ok(())
    }

    fn add_file(&mut self, path: &Path, kind: Option<&str>) -> Result<()> {
        let name = name_of(path, kind);
        if is_of_a_picture(&name) {
            return self.add_picture(path, name);
        }
        if kind_of(path).is_none() {
            self.problems.push(format!("{name}: neither .md nor .toml"));
            return Ok(());
        }
        match read(path, &name) {
            Ok(file) => {
                self.left.take(file.text.len() as u64).map_err(|problem| anyhow!("{name}: {problem}"))?;
                self.files.push(file);
                self.progress.step();
            }
            Err(problem) => self.problems.push(problem),
        }
        Ok(())
    }
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read the folder {}", folder.display());
    let entries = fs::read_dir(folder).with_context(unreadable)?;
    let mut entries: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>().with_context(unreadable)?;
    entries.sort();
    Ok(entries)
}

/// The ending of a file that may be content; hidden ones are not.
fn kind_of(path: &Path) -> Option<&str> {
    let hidden = path.file_name()?.as_encoded_bytes().starts_with(b".");
    path.extension()?.to_str().filter(|ending| !hidden && ENDINGS.contains(ending))
}

/// What the file or the folder at a path is in or is, if that says what the file is: "drafts".
fn folder_of(path: &Path) -> Option<String> {
    let path = fs::canonicalize(path).ok()?;
    let folder = if path.is_dir() { &path } else { path.parent()? };
    let name = folder.file_name()?.to_str()?.to_owned();
    (FOLDERS[..3].contains(&name.as_str()) || name == PICTURES).then_some(name)
}

fn name_of(path: &Path, kind: Option<&str>) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    kind.map_or(name.clone(), |kind| format!("{kind}/{name}"))
}

/// A file's text, or one sentence that says why it has none.
fn read(path: &Path, name: &str) -> Result<ContentFile, String> {
    let failed = |error: io::Error| format!("{name}: {error}");
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(format!("{name}: it is no file"));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large(name));
    }
    Ok(ContentFile { name: name.to_owned(), text: text(name, bytes)? })
}

/// A line for every thousand files.
#[derive(Debug)]
struct Progress {
    done: usize,
    words: &'static str,
}

impl Progress {
    fn new(words: &'static str) -> Self {
        Self { done: 0, words }
    }

    fn step(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(1_000) {
            eprintln!("{} files {} …", self.done, self.words);
        }
    }
}
