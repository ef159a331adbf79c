//! Whether a rule set may decide about anybody: the same for one in the data folder, one that was published, and one that is
//! about to be.

use std::fmt;

use super::{Published, Texts};
use crate::{
    article::standing,
    content,
    day::Day,
    site::Settings,
    triage::{self, Rule, RuleSet, SignOff, Urgency, vignette},
};

/// A semantic version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub [u64; 3]);

impl Number {
    /// Of a version, with or without a hash behind it; nothing where it is not three numbers.
    pub fn of(version: &str) -> Option<Self> {
        let (numbers, _hash) = version.split_once('+').unwrap_or((version, ""));
        let mut parts = numbers.split('.').map(|part| part.parse().ok());
        let number = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then_some(Self(number))
    }

    /// The next version for a change that adds or tells otherwise.
    #[must_use]
    pub fn next(self) -> Self {
        let Self([major, minor, _]) = self;
        Self([major, minor + 1, 0])
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// Reads a rule set that suits the site.
///
/// # Errors
/// Everything that speaks against it.
pub fn read(text: &str, settings: &Settings) -> Result<RuleSet, Vec<String>> {
    let rules = triage::file::read(text)?;
    if Number::of(&rules.version).is_none() {
        return Err(vec![format!("version {:?}: write it as three numbers, like 1.2.0", rules.version)]);
    }
    no_weaker(&rules, &content::rules()?)?;
    standing::read_all(&rules, settings)?;
    Ok(rules)
}

/// As [`read`], of what was published, with its sign-off.
///
/// # Errors
/// As [`read`].
pub fn read_published(published: &Published, settings: &Settings) -> Result<RuleSet, Vec<String>> {
    let mut rules = read(&published.texts.rules, settings)?;
    if let (None, Some((name, registration, at))) = (&rules.sign_off, &published.signed_off) {
        let version = rules.version.split('+').next().unwrap_or_default().to_owned();
        let on = Day::from_epoch_days(at.div_euclid(24 * 60 * 60 * 1000)).unwrap_or_default();
        rules.sign_off = Some(SignOff { version, name: name.clone(), registration: registration.clone(), on });
    }
    Ok(rules)
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
    let (vignettes, _) = vignette::read_fitting(&content::text("triage/vignettes.toml").unwrap_or_default(), rules);
    for vignette in vignettes {
        let said = rules.assess(&vignette.answers).urgency;
        if said < vignette.expected {
            problems.push(format!("vignette {} gets {said:?}, and must get {:?}", vignette.id, vignette.expected));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// What came with the program.
pub fn built_in() -> Texts {
    let text = |path| content::text(path).unwrap_or_default();
    Texts { rules: text("triage/rules.toml"), vignettes: text("triage/vignettes.toml") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers() {
        assert!(Number::of("2.10.0+abc") > Number::of("2.9.9"));
        assert_eq!(Number::of("2.1.7+abc").unwrap().next().to_string(), "2.2.0");
        for wrong in ["latest", "1.2", "1.2.3.4", "-1.0.0", ""] {
            assert_eq!(Number::of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_weaker_rule_set_is_refused() {
        let (ours, text) = (content::rules().unwrap(), built_in().rules);
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
            assert!(text.contains(from), "{from}");
            let rules = triage::file::read(&text.replacen(from, to, 1)).unwrap();
            let problems = no_weaker(&rules, &ours).expect_err(to).join("; ");
            assert!(problems.contains(said), "{problems}");
        }
        assert_eq!(no_weaker(&ours, &ours), Ok(()));
    }
}
