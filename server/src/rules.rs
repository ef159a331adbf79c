//! Which rule set the site decides by: of the one in the binary, the one that whoever runs the site put into the data folder and
//! the one that was published at the desk, the newest by its version. A rule set that fails its checks is never used, and never
//! keeps the checker from answering.

use std::{fs, io, path::Path};

use app::{
    rulebook::{InUse, Origin, Published, Texts, soundness::Number},
    triage::{self, RuleSet},
};

/// Where an operator puts a rule set.
const FILE: &str = "rules.toml";
/// A copy of the last one that passed its checks.
const LAST_GOOD: &str = "rules.last-good.toml";

/// A copy of the last one that was published at the desk, for a start without the database.
const PUBLISHED: &str = "rules.published.json";

/// The rule set to decide by, and what is to be said about the one that was refused.
#[derive(Clone, Debug)]
pub struct Chosen {
    pub rules: RuleSet,
    pub in_use: InUse,
    pub refused: Option<String>,
}

impl Chosen {
    /// Of what is not from the desk.
    pub fn new(rules: RuleSet, texts: Texts, origin: Origin) -> Self {
        Self { rules, in_use: InUse { origin, texts, publication: 0 }, refused: None }
    }
}

/// The folder's rule set if it is sound and no older than the binary's; where it is not sound the last good copy, on the
/// same terms; else the binary's. `suits` says what the rest of the site has against a rule set.
pub fn choose(folder: &Path, built_in: Chosen, suits: impl Fn(&RuleSet) -> Result<(), Vec<String>>) -> Chosen {
    let path = folder.join(FILE);
    // Its people are the program's: an operator's file has none.
    let vignettes = built_in.in_use.texts.vignettes.clone();
    let of_folder =
        |rules, text| Chosen::new(rules, Texts { rules: text, vignettes: vignettes.clone() }, Origin::Folder);
    let problems = match read(&path, &suits) {
        Ok(None) => return built_in,
        Ok(Some((rules, _))) if is_older(&rules, &built_in.rules) => {
            tracing::warn!(
                theirs = rules.version,
                ours = built_in.rules.version,
                "the rule set in {} is older than this program's, which is used",
                path.display()
            );
            return built_in;
        }
        Ok(Some((rules, text))) => {
            keep(folder, &text);
            tracing::info!(version = rules.version, "using the rule set in {}", path.display());
            return of_folder(rules, text);
        }
        Err(problems) => problems,
    };
    let chosen = match read(&folder.join(LAST_GOOD), &suits) {
        Ok(Some((rules, text))) if !is_older(&rules, &built_in.rules) => of_folder(rules, text),
        _ => built_in,
    };
    let used = &chosen.rules.version;
    tracing::error!("the rule set in {} was refused; using version {used}: {}", path.display(), problems.join("; "));
    let refused = format!(
        "the rule set in {} was refused ({} {}, see the log); using version {used}",
        path.display(),
        problems.len(),
        if problems.len() == 1 { "problem" } else { "problems" }
    );
    Chosen { refused: Some(refused), ..chosen }
}

/// What to decide by once this was published at the desk. `local` is what the binary and the folder give, and `now` what is in use:
/// a publication that fails its checks in this program changes nothing but what is said about it.
pub fn take_over(
    local: &Chosen,
    now: &Chosen,
    published: &Published,
    suits: impl Fn(&Published) -> Result<RuleSet, Vec<String>>,
) -> Chosen {
    let seen = |chosen: &Chosen| Chosen {
        in_use: InUse { publication: published.number, ..chosen.in_use.clone() },
        ..chosen.clone()
    };
    match suits(published) {
        Ok(rules) if is_older(&rules, &local.rules) => {
            let ours = &local.rules.version;
            tracing::warn!(
                theirs = rules.version,
                ours,
                "the published rule set is older than what came with this program or lies in its data folder, which is used"
            );
            seen(local)
        }
        Ok(rules) => {
            tracing::info!(version = rules.version, "using the rule set that was published at the desk");
            let in_use = InUse { origin: Origin::Desk, texts: published.texts.clone(), publication: published.number };
            Chosen { rules, in_use, refused: local.refused.clone() }
        }
        Err(problems) => {
            let used = &now.rules.version;
            tracing::error!("the published rule set was refused; using version {used}: {}", problems.join("; "));
            let refused = format!(
                "the published rule set was refused ({} {}, see the log); using version {used}",
                problems.len(),
                if problems.len() == 1 { "problem" } else { "problems" }
            );
            Chosen { refused: Some(refused), ..seen(now) }
        }
    }
}

/// The copy of what was published last; nothing where there is none, or it cannot be read.
pub fn last_published(folder: &Path) -> Option<Published> {
    let text = fs::read_to_string(folder.join(PUBLISHED)).ok()?;
    let read = serde_json::from_str(&text);
    read.inspect_err(|error| tracing::warn!(%error, "the copy of the published rule set cannot be read")).ok()
}

/// Keeps a copy of what was published.
pub fn keep_published(folder: &Path, published: &Published) {
    let written = serde_json::to_string(published).map_err(io::Error::other);
    if let Err(error) = written.and_then(|text| write(folder, PUBLISHED, &text)) {
        tracing::warn!(%error, "cannot keep a copy of the published rule set in {}", folder.display());
    }
}

/// A sound rule set with its text; nothing where there is no file.
fn read(
    path: &Path,
    suits: impl Fn(&RuleSet) -> Result<(), Vec<String>>,
) -> Result<Option<(RuleSet, String)>, Vec<String>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(vec![format!("it cannot be read: {error}")]),
    };
    let rules = triage::file::read(&text)?;
    if Number::of(&rules.version).is_none() {
        return Err(vec![format!("version {:?}: write it as three numbers, like 1.2.0", rules.version)]);
    }
    suits(&rules)?;
    Ok(Some((rules, text)))
}

fn is_older(rules: &RuleSet, built_in: &RuleSet) -> bool {
    Number::of(&rules.version) < Number::of(&built_in.version)
}

/// Without the copy the site only falls back further.
fn keep(folder: &Path, text: &str) {
    if let Err(error) = write(folder, LAST_GOOD, text) {
        tracing::warn!(%error, "cannot keep a copy of the rule set in {}", folder.display());
    }
}

/// Writes a file whole or not at all.
pub(crate) fn write(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let new = folder.join(format!("{name}.new"));
    fs::write(&new, text).and_then(|()| fs::rename(&new, folder.join(name)))
}

#[cfg(test)]
mod tests {
    use app::content;
    use tempfile::TempDir;

    use super::*;

    fn written(version: &str) -> String {
        let text = content::text("triage/rules.toml").unwrap();
        let line = text.lines().find(|line| line.starts_with("version = ")).unwrap();
        let ours = line.trim_start_matches("version = ");
        // Its own, and that of the newest change.
        text.replacen(ours, &format!("{version:?}"), 2)
    }

    fn texts(version: &str) -> Texts {
        Texts { rules: written(version), vignettes: String::new() }
    }

    fn built_in() -> Chosen {
        let texts = texts("2.3.0");
        Chosen::new(triage::file::read(&texts.rules).unwrap(), texts, Origin::Program)
    }

    fn published(number: i64, version: &str) -> Published {
        Published { number, texts: texts(version), signed_off: None }
    }

    fn version(chosen: &Chosen) -> &str {
        chosen.rules.version.split('+').next().unwrap()
    }

    fn suits(published: &Published) -> Result<RuleSet, Vec<String>> {
        triage::file::read(&published.texts.rules)
    }

    #[test]
    fn the_newest_of_program_folder_and_desk_decides() {
        let local = built_in();
        let taken = take_over(&local, &local, &published(4, "2.4.0"), suits);
        assert_eq!((version(&taken), taken.in_use.origin, taken.in_use.publication), ("2.4.0", Origin::Desk, 4));
        // Of equals the desk's: that is what somebody chose last.
        let same = take_over(&local, &local, &published(5, "2.3.0"), suits);
        assert_eq!(same.in_use.origin, Origin::Desk);
        let older = take_over(&local, &taken, &published(6, "2.2.0"), suits);
        assert_eq!((version(&older), older.in_use.origin, older.in_use.publication), ("2.3.0", Origin::Program, 6));
        assert_eq!(older.refused, None);
    }

    #[test]
    fn a_publication_that_fails_here_leaves_what_is_in_use() {
        let local = built_in();
        let taken = take_over(&local, &local, &published(4, "2.4.0"), suits);
        let broken = Published { texts: Texts { rules: broken(), ..Texts::default() }, ..published(5, "2.5.0") };
        let after = take_over(&local, &taken, &broken, suits);
        assert_eq!((version(&after), after.in_use.publication), ("2.4.0", 5));
        assert!(after.refused.as_deref().unwrap().contains("refused (1 problem, see the log); using version 2.4.0+"));
        let mended = take_over(&local, &after, &published(6, "2.6.0"), suits);
        assert_eq!((version(&mended), &mended.refused), ("2.6.0", &None));
    }

    #[test]
    fn what_was_published_is_there_again_after_a_start() {
        let folder = TempDir::new().unwrap();
        assert!(last_published(folder.path()).is_none());
        keep_published(folder.path(), &published(4, "2.4.0"));
        let kept = last_published(folder.path()).unwrap();
        assert_eq!((kept.number, kept.texts), (4, texts("2.4.0")));
        put(&folder, PUBLISHED, "{");
        assert!(last_published(folder.path()).is_none());
    }

    /// Starts a site with this in its data folder; says which version it uses and whether it refused one.
    fn start(folder: &TempDir) -> (String, Option<String>) {
        let chosen = choose(folder.path(), built_in(), |_| Ok(()));
        (chosen.rules.version.split('+').next().unwrap().to_owned(), chosen.refused)
    }

    fn put(folder: &TempDir, file: &str, text: &str) {
        fs::write(folder.path().join(file), text).unwrap();
    }

    fn broken() -> String {
        format!("{}\n[unfinished\n", written("9.0.0"))
    }

    #[test]
    fn without_a_file_the_binary_decides() {
        let folder = TempDir::new().unwrap();
        assert_eq!(start(&folder), ("2.3.0".to_owned(), None));
        put(&folder, LAST_GOOD, &written("3.0.0"));
        assert_eq!(start(&folder), ("2.3.0".to_owned(), None), "a file that was taken away is not used");
    }

    #[test]
    fn a_newer_rule_set_is_used_and_kept() {
        let folder = TempDir::new().unwrap();
        for version in ["2.3.0", "2.3.1", "2.10.0", "10.0.0"] {
            put(&folder, FILE, &written(version));
            assert_eq!(start(&folder), (version.to_owned(), None));
            assert_eq!(fs::read_to_string(folder.path().join(LAST_GOOD)).unwrap(), written(version));
        }
    }

    #[test]
    fn an_older_rule_set_is_not_used() {
        let folder = TempDir::new().unwrap();
        for version in ["2.2.9", "1.99.99"] {
            put(&folder, FILE, &written(version));
            assert_eq!(start(&folder), ("2.3.0".to_owned(), None));
            assert!(!folder.path().join(LAST_GOOD).exists());
        }
    }

    #[test]
    fn a_broken_rule_set_gives_way_to_the_last_good_one() {
        let folder = TempDir::new().unwrap();
        put(&folder, FILE, &written("3.0.0"));
        start(&folder);
        put(&folder, FILE, &broken());
        let (used, refused) = start(&folder);
        let refused = refused.unwrap();
        assert_eq!(used, "3.0.0");
        assert!(refused.contains("rules.toml was refused (1 problem, see the log); using version 3.0.0+"), "{refused}");
        assert_eq!(fs::read_to_string(folder.path().join(LAST_GOOD)).unwrap(), written("3.0.0"), "it is kept");
    }

    #[test]
    fn a_broken_rule_set_gives_way_to_the_binary_where_the_last_good_one_is_missing_old_or_broken() {
        for last_good in [None, Some(written("2.2.0")), Some(broken()), Some("nothing".to_owned())] {
            let folder = TempDir::new().unwrap();
            put(&folder, FILE, &broken());
            if let Some(text) = &last_good {
                put(&folder, LAST_GOOD, text);
            }
            let (used, refused) = start(&folder);
            assert_eq!(used, "2.3.0");
            assert!(refused.unwrap().contains("using version 2.3.0+"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for version in ["latest", "1.2", "1.2.3.4", "-1.0.0"] {
            let folder = TempDir::new().unwrap();
            put(&folder, FILE, &written(version));
            assert!(start(&folder).1.is_some(), "{version}");
        }
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(FILE), b"version = \"\xff\"").unwrap();
        assert!(start(&folder).1.is_some(), "not UTF-8");
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join(FILE)).unwrap();
        assert!(start(&folder).1.is_some(), "a folder");
    }

    #[test]
    fn what_the_rest_of_the_site_cannot_work_with_is_refused() {
        let folder = TempDir::new().unwrap();
        put(&folder, FILE, &written("3.0.0"));
        let chosen = choose(folder.path(), built_in(), |rules| {
            if rules.version.starts_with("3.") { Err(vec!["a page names rule E01".to_owned()]) } else { Ok(()) }
        });
        assert!(chosen.rules.version.starts_with("2.3.0+") && chosen.refused.is_some());
    }
}
