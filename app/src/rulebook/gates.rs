//! The checks that a rule set has to pass before anybody can publish it. They take a while, and run on a thread of their own: see
//! `checking.rs`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Texts,
    outcomes::{Comparing, Comparison},
    samples::{Dice, Sampler},
    soundness::{self, Number},
};
use crate::{
    article::{markdown, standing},
    content,
    site::Settings,
    triage::{
        self, RuleSet,
        laws::{self, Law},
        vignette,
    },
};

/// How many random answer sets are compared. A debug build is ten times slower, and publishes nothing that anybody relies on.
pub const COMPARED: u32 = if cfg!(debug_assertions) { 4_000 } else { 100_000 };
/// On how many each law is tried; each of these is some hundred assessments.
const TRIED: u32 = if cfg!(debug_assertions) { 5 } else { 400 };

/// What is checked, and against what.
#[derive(Clone, Debug)]
pub struct Case {
    pub draft: Texts,
    pub in_use: Texts,
    /// Versions that were published before: a new one is newer than all.
    pub published: Vec<String>,
    /// What readers see, or are about to: the ids and revisions of articles, whose texts never change.
    pub articles: Vec<(Uuid, i64)>,
    pub settings: Settings,
}

impl Case {
    /// The SHA-256, in hex, of all that a draft is held to. Checks that were made against anything else are of no use: the program
    /// that made them counts, and so does how much it tried.
    pub fn against(&self) -> String {
        let built_in = soundness::built_in();
        let numbers = format!("{:?}", self.settings.numbers);
        let tried = format!("{COMPARED} {TRIED}");
        let mut parts = vec![env!("CARGO_PKG_VERSION"), &tried, &numbers];
        for texts in [&self.in_use, &built_in] {
            parts.extend([texts.rules.as_str(), &texts.vignettes]);
        }
        parts.extend(self.published.iter().map(String::as_str));
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        for (id, revision) in &self.articles {
            digest.update(id);
            digest.update(revision.to_be_bytes());
        }
        format!("{:x}", digest.finalize())
    }
}

/// What the checks of one text found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub gates: Vec<Gate>,
    pub comparison: Comparison,
    /// How long they took.
    pub millis: u64,
}

impl Report {
    pub fn passed(&self) -> bool {
        !self.gates.is_empty() && self.gates.iter().all(|gate| gate.problems.is_empty())
    }
}

/// One check, and what it has against the rule set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    pub name: String,
    pub problems: Vec<String>,
}

fn gate(name: &str, problems: impl IntoIterator<Item = String>) -> Gate {
    Gate { name: name.to_owned(), problems: problems.into_iter().collect() }
}

/// How many steps a check has.
pub const STEPS: u32 = 2 * TRIED + COMPARED;

/// Checks a rule set, of whose articles [`in_articles`] said this. `step` is told after each piece of work how many of [`STEPS`] are
/// done; a piece takes milliseconds.
pub fn check(case: &Case, in_articles: Vec<String>, step: &mut dyn FnMut(u32)) -> Report {
    let (gates, read) = look(case, in_articles);
    let mut report = Report { gates, ..Report::default() };
    let Some((rules, in_use)) = read else { return report };
    let mut done = 0;
    report.gates.extend(hold(&rules, &case.draft, &mut || {
        done += 1;
        step(done);
    }));
    report.comparison = compare(&in_use, &rules, case, &mut |tried| step(done + tried));
    report
}

/// The checks that try nothing by chance; and the draft and what is in use, where both can be read.
fn look(case: &Case, in_articles: Vec<String>) -> (Vec<Gate>, Option<(RuleSet, RuleSet)>) {
    let rules = match triage::file::read(&case.draft.rules) {
        Ok(rules) => rules,
        Err(problems) => return (vec![gate(READS, problems)], None),
    };
    let in_use = triage::file::read(&case.in_use.rules);
    let weaker = content::rules().and_then(|built_in| soundness::no_weaker(&rules, &built_in)).err();
    let in_pages = standing::read_all(&rules, &case.settings).err().unwrap_or_default();
    let mut gates = vec![
        gate(READS, []),
        gate("Its version is newer than every one that servers may have.", version(&rules, &in_use, case)),
        gate("Its sign-off is left to whoever publishes it.", signed(&rules)),
        gate("Everybody of its test cases gets what they must.", own_vignettes(&rules, &case.draft)),
        gate("Nobody of the program's test cases is lost or told less.", kept_vignettes(&rules, case)),
        gate("It warns of all that the program's own rules warn of.", weaker.into_iter().flatten()),
        gate("The site's pages and articles say no less than it does.", in_pages.into_iter().chain(in_articles)),
    ];
    match in_use {
        Ok(in_use) => (gates, Some((rules, in_use))),
        // It was read when it came into use, by this program or another.
        Err(problems) => {
            gates.push(gate("It can be compared with the one in use.", problems));
            (gates, None)
        }
    }
}

const READS: &str = "It can be read, every rule can fire, and no emergency question can be skipped.";

/// Of the program, the data folder and the desk the newest decides: one that is not newer than all of them would not.
fn version(rules: &RuleSet, in_use: &Result<RuleSet, Vec<String>>, case: &Case) -> Vec<String> {
    let Some(number) = Number::of(&rules.version) else {
        return vec!["write its version as three numbers, like 1.2.0".to_owned()];
    };
    let built_in = content::rules();
    let known = [in_use, &built_in].into_iter().flatten().map(|rules| &rules.version);
    match known.chain(&case.published).filter_map(|version| Number::of(version)).max() {
        Some(newest) if number <= newest => {
            vec![format!("its version is {number}, and has to be newer than {newest}, which there is already")]
        }
        _ => vec![],
    }
}

/// A sign-off in the text would be a clinician's word that an editor wrote.
fn signed(rules: &RuleSet) -> Vec<String> {
    let problem = "take [sign_off] out: whoever publishes it signs it off, or does not";
    rules.sign_off.iter().map(|_| problem.to_owned()).collect()
}

fn own_vignettes(rules: &RuleSet, draft: &Texts) -> Vec<String> {
    let (vignettes, mut problems) = vignette::read_fitting(&draft.vignettes, rules);
    for vignette in &vignettes {
        let failures = vignette.failures(rules);
        if !failures.is_empty() {
            problems.push(format!("{}: {}", vignette.id, failures.join("; ")));
        }
    }
    for rule in &rules.rules {
        if !vignettes.iter().any(|vignette| vignette.fires.contains(&rule.id)) {
            problems.push(format!("rule {} fires in no test case", rule.id));
        }
        if !vignettes.iter().any(|vignette| vignette.not.contains(&rule.id)) {
            problems.push(format!("rule {} comes near, and does not fire, in no test case", rule.id));
        }
    }
    problems
}

/// The program's vignettes: [`soundness::no_weaker`] holds the rules to those that fit, and the rest must have been rewritten.
fn kept_vignettes(rules: &RuleSet, case: &Case) -> Vec<String> {
    let ids = |texts: &Texts| -> BTreeSet<String> {
        let (fitting, _) = vignette::read_fitting(&texts.vignettes, rules);
        fitting.into_iter().map(|vignette| vignette.id).collect()
    };
    let (ours, draft) = (soundness::built_in(), ids(&case.draft));
    let all: BTreeSet<String> = content::rules()
        .and_then(|built_in| vignette::read(&ours.vignettes, &built_in))
        .map(|vignettes| vignettes.into_iter().map(|vignette| vignette.id).collect())
        .unwrap_or_default();
    all.difference(&draft)
        .map(|id| format!("{id} is not among its test cases, or does not fit its questions"))
        .collect()
}

/// Where articles, given by their addresses and Markdown, say less than these rules do.
pub fn in_articles(rules: &RuleSet, articles: &[(String, String)]) -> Vec<String> {
    let mut problems = Vec::new();
    for (slug, text) in articles {
        if let Err(found) = markdown::render(text, rules) {
            problems.extend(found.iter().map(|problem| format!("article {slug}: {}", problem.message)));
        }
    }
    problems
}

/// The laws, on random answers: see [`laws`].
fn hold(rules: &RuleSet, draft: &Texts, step: &mut dyn FnMut()) -> Vec<Gate> {
    let (people, _) = vignette::read_fitting(&draft.vignettes, rules);
    let sampler = Sampler::new(&[rules], |_| false, &people);
    let mut dice = Dice::new(11);
    let mut gates: Vec<(Law, Gate)> = Vec::new();
    for (laws, whole) in [(&laws::OF_SOME_ANSWERS[..], false), (&laws::OF_WHOLE_ANSWERS[..], true)] {
        let mut of_these: Vec<(Law, Gate)> = laws.iter().map(|(name, law)| (*law, gate(name, []))).collect();
        for _ in 0..TRIED {
            let answers = if whole { sampler.whole(&mut dice) } else { sampler.some(&mut dice) };
            // One example of each is enough.
            for (law, gate) in of_these.iter_mut().filter(|(_, gate)| gate.problems.is_empty()) {
                gate.problems.extend(law(rules, &answers).err());
            }
            step();
        }
        gates.append(&mut of_these);
    }
    gates.into_iter().map(|(_, gate)| gate).collect()
}

fn compare(in_use: &RuleSet, rules: &RuleSet, case: &Case, step: &mut dyn FnMut(u32)) -> Comparison {
    let (mut people, _) = vignette::read_fitting(&case.in_use.vignettes, in_use);
    people.extend(vignette::read_fitting(&case.draft.vignettes, rules).0);
    let mut comparing = Comparing::new(in_use, rules, &people);
    for tried in 1..=COMPARED {
        comparing.step();
        step(tried);
    }
    comparing.finish()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::{rulebook::editing, site::Settings};

    /// A draft begun from the program's rules, with this changed.
    pub fn case(from: &str, to: &str) -> Case {
        let in_use = soundness::built_in();
        let draft = editing::begin(&in_use, "2027-01-01".parse().unwrap(), &[]).unwrap();
        assert!(from.is_empty() || draft.rules.contains(from), "{from}");
        let draft = Texts { rules: draft.rules.replacen(from, to, usize::from(!from.is_empty())), ..draft };
        Case { draft, in_use, published: vec![], articles: vec![], settings: Settings::default() }
    }

    fn failed(case: &Case) -> Vec<String> {
        look(case, vec![]).0.into_iter().flat_map(|gate| gate.problems).collect()
    }

    #[test]
    fn a_draft_that_changes_nothing_passes() {
        let mut last = 0;
        let report = check(&case("", ""), vec![], &mut |done| {
            assert!(done > last && done <= STEPS);
            last = done;
        });
        assert!(report.passed(), "{:?}", report.gates);
        assert_eq!((report.comparison.changes.len(), last), (0, STEPS));
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    }

    #[test]
    fn each_check_can_fail() {
        for (from, to, said) in [
            ("version = \"2.2.0\"", "version = \"2.1.0\"", "has to be newer than 2.1.0"),
            ("[[rule]]\nid = \"E01\"", "[[rule]\nid = \"E01\"", "TOML parse error"),
            (
                "{ urgency = \"urgent\", when = \"fever\" }",
                "{ urgency = \"emergency\", when = \"fever\" }",
                "Emergency, not Urgent",
            ),
            (
                "{ urgency = \"emergency\", when = \"chest\" }",
                "{ urgency = \"urgent\", when = \"chest\" }",
                "rule E11 is no emergency any more",
            ),
        ] {
            let case = case(from, to);
            let mut text = case.draft.rules.clone();
            if to.contains("2.1.0") {
                text = text.replacen("version = \"2.2.0\"", "version = \"2.1.0\"", 1);
            }
            let problems = failed(&Case { draft: Texts { rules: text, ..case.draft.clone() }, ..case }).join("; ");
            assert!(problems.contains(said), "{said}: {problems}");
        }
        // One that was published before, and rolled back from.
        let again = Case { published: vec!["2.2.0".to_owned()], ..case("", "") };
        assert!(failed(&again).join("; ").contains("has to be newer than 2.2.0"));
        let signed = case(
            "[choices]\n",
            "[sign_off]\nversion = \"2.2.0\"\nname = \"A. Body\"\nregistration = \"GMC 1\"\non = \"2027-01-31\"\n\n[choices]\n",
        );
        assert!(failed(&signed).join("; ").contains("take [sign_off] out"), "{:?}", failed(&signed));
        let mut without = case("", "");
        without.draft.vignettes =
            without.draft.vignettes.replacen("id = \"ordinary-lift\"", "id = \"someone-else\"", 1);
        assert!(failed(&without).join("; ").contains("ordinary-lift is not among its test cases"));
        let weak = ("feet".to_owned(), "::: urgent {rules=\"E08\"}\n- both feet drop\n:::\n".to_owned());
        let good = ("hands".to_owned(), "Wave.\n".to_owned());
        let found = in_articles(&triage::file::read(&case("", "").draft.rules).unwrap(), &[good, weak]);
        assert!(found.len() == 1 && found[0].starts_with("article feet: "), "{found:?}");
        let report = check(&case("", ""), found.clone(), &mut |_| {});
        assert!(!report.passed() && report.gates.iter().any(|gate| gate.problems == found), "{:?}", report.gates);
    }

    #[test]
    fn checks_hold_for_what_they_were_made_against_alone() {
        let against = case("", "").against();
        assert_eq!(against, case("when = \"chest\" }", "when = \"calf\" }").against(), "whatever the draft says");
        let mut others = BTreeSet::from([against]);
        let mut in_use = case("", "");
        in_use.in_use.vignettes.push('\n');
        for other in [
            Case { published: vec!["2.2.0".to_owned()], ..case("", "") },
            Case { articles: vec![(Uuid::nil(), 1)], ..case("", "") },
            Case { articles: vec![(Uuid::nil(), 2)], ..case("", "") },
            in_use,
        ] {
            assert!(others.insert(other.against()), "{other:?}");
        }
    }

    #[test]
    fn a_law_that_is_broken_is_named() {
        // A lump as well makes less of it.
        let case = case(
            "{ urgency = \"urgent\", when = \"fever\" }",
            "{ urgency = \"emergency\", when = { not = \"lump\" } }",
        );
        let report = check(&case, vec![], &mut |_| {});
        let broken = report.gates.iter().find(|gate| gate.name.starts_with("One more warning sign")).unwrap();
        assert!(broken.problems[0].contains("lump=yes lowered Emergency to"), "{:?}", report.gates);
    }
}
