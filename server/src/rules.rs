//! Which rule set the site decides by: the one in the binary, or a newer one that whoever runs the site put into the data
//! folder. A rule set that fails its checks is never used, and never keeps the checker from answering.

use std::{fs, io, path::Path};

use app::{
    content,
    triage::{self, Rule, RuleSet, Urgency},
};

/// Where an operator puts a rule set.
const FILE: &str = "rules.toml";
/// A copy of the last one that passed its checks.
const LAST_GOOD: &str = "rules.last-good.toml";

/// The rule set to decide by, and what is to be said about the one that was refused.
#[derive(Debug)]
pub struct Chosen {
    pub rules: RuleSet,
    pub refused: Option<String>,
}

/// The folder's rule set if it is sound and no older than the binary's; where it is not sound the last good copy, on the
/// same terms; else the binary's. `suits` says what the rest of the site has against a rule set.
pub fn choose(folder: &Path, built_in: RuleSet, suits: impl Fn(&RuleSet) -> Result<(), Vec<String>>) -> Chosen {
    let path = folder.join(FILE);
    let problems = match read(&path, &suits) {
        Ok(None) => return Chosen { rules: built_in, refused: None },
        Ok(Some((rules, _))) if is_older(&rules, &built_in) => {
            tracing::warn!(
                theirs = rules.version,
                ours = built_in.version,
                "the rule set in {} is older than this program's, which is used",
                path.display()
            );
            return Chosen { rules: built_in, refused: None };
        }
        Ok(Some((rules, text))) => {
            keep(folder, &text);
            tracing::info!(version = rules.version, "using the rule set in {}", path.display());
            return Chosen { rules, refused: None };
        }
        Err(problems) => problems,
    };
    let rules = match read(&folder.join(LAST_GOOD), &suits) {
        Ok(Some((rules, _))) if !is_older(&rules, &built_in) => rules,
        _ => built_in,
    };
    let used = &rules.version;
    tracing::error!("the rule set in {} was refused; using version {used}: {}", path.display(), problems.join("; "));
    let refused = format!(
        "the rule set in {} was refused ({} {}, see the log); using version {used}",
        path.display(),
        problems.len(),
        if problems.len() == 1 { "problem" } else { "problems" }
    );
    Chosen { rules, refused: Some(refused) }
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
    if number(&rules.version).is_none() {
        return Err(vec![format!("version {:?}: write it as three numbers, like 1.2.0", rules.version)]);
    }
    suits(&rules)?;
    Ok(Some((rules, text)))
}

/// Whether a rule set still warns of what the binary's warns of: no emergency may become less, and nobody of the vignettes
/// that it can be asked for may be told less than they must.
///
/// # Errors
/// Each way in which it is weaker.
pub fn no_weaker(rules: &RuleSet, built_in: &RuleSet) -> Result<(), Vec<String>> {
    let weaker = |rule: &&Rule| rules.rule(&rule.id).is_none_or(|theirs| theirs.highest() < rule.highest());
    let mut problems: Vec<String> = built_in
        .rules
        .iter()
        .filter(|rule| rule.highest() == Urgency::Emergency)
        .filter(weaker)
        .map(|rule| format!("rule {} is no emergency any more", rule.id))
        .collect();
    // Those that it asks in another way are for its own author to test.
    for vignette in content::vignettes(rules).unwrap_or_default() {
        let said = rules.assess(&vignette.answers).urgency;
        if said < vignette.expected {
            problems.push(format!("vignette {} gets {said:?}, and must get {:?}", vignette.id, vignette.expected));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn is_older(rules: &RuleSet, built_in: &RuleSet) -> bool {
    number(&rules.version) < number(&built_in.version)
}

/// The semantic version in front of the hash.
fn number(version: &str) -> Option<[u64; 3]> {
    let (numbers, _hash) = version.split_once('+').unwrap_or((version, ""));
    let mut parts = numbers.split('.').map(|part| part.parse().ok());
    let number = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(number)
}

/// Writes the copy whole or not at all. Without it the site only falls back further.
fn keep(folder: &Path, text: &str) {
    let (new, copy) = (folder.join("rules.last-good.new"), folder.join(LAST_GOOD));
    if let Err(error) = fs::write(&new, text).and_then(|()| fs::rename(&new, &copy)) {
        tracing::warn!(%error, "cannot keep a copy of the rule set in {}", copy.display());
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn written(version: &str) -> String {
        let text = content::text("triage/rules.toml").unwrap();
        let line = text.lines().find(|line| line.starts_with("version = ")).unwrap();
        let ours = line.trim_start_matches("version = ");
        // Its own, and that of the newest change.
        text.replacen(ours, &format!("{version:?}"), 2)
    }

    fn built_in() -> RuleSet {
        triage::file::read(&written("2.3.0")).unwrap()
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
    fn a_weaker_rule_set_is_refused() {
        for (from, to, said) in [
            (
                "{ urgency = \"emergency\", when = \"chest\" }",
                "{ urgency = \"urgent\", when = \"chest\" }",
                "rule E11 is no emergency any more",
            ),
            (
                "{ urgency = \"urgent\", when = \"fever\" }",
                "{ urgency = \"soon\", when = \"fever\" }",
                "and must get Urgent",
            ),
        ] {
            let text = written("3.0.0");
            assert!(text.contains(from), "{from}");
            let rules = triage::file::read(&text.replacen(from, to, 1)).unwrap();
            let problems = no_weaker(&rules, &built_in()).expect_err(to).join("; ");
            assert!(problems.contains(said), "{problems}");
        }
        assert_eq!(no_weaker(&built_in(), &built_in()), Ok(()));
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
