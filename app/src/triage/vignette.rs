//! Vignettes: people in our own words, with their answers and the outcome they must get. The evidence for the rules, run by
//! the tests and shown on the page about the checker.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Answers, NO, RuleSet, Told, Urgency};

/// A person, their answers, and what the checker must say.
#[derive(Clone, Debug)]
pub struct Vignette {
    pub id: String,
    pub story: String,
    /// What the person said beside "none of these".
    pub answers: Answers,
    pub expected: Urgency,
    /// Rules that must fire.
    pub fires: Vec<String>,
    /// Rules that come near, and must not.
    pub not: Vec<String>,
    /// Everyday back pain or sciatica, which must not escalate.
    pub ordinary: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What is answered where a vignette says nothing.
    usual: BTreeMap<String, Answer>,
    vignette: Vec<VignetteFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VignetteFile {
    id: String,
    story: String,
    answers: BTreeMap<String, Answer>,
    urgency: Urgency,
    #[serde(default)]
    fires: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    #[serde(default)]
    ordinary: bool,
}

/// A text, or a whole number.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Answer {
    Text(String),
    Number(u16),
}

/// Reads the vignettes, and completes each to a whole conversation: signs that are asked and not named are answered no,
/// and contexts as usual.
///
/// # Errors
/// Every problem found: an unknown question, answer or rule, or a question left open.
pub fn read(text: &str, rules: &RuleSet) -> Result<Vec<Vignette>, Vec<String>> {
    let (vignettes, problems) = read_fitting(text, rules);
    if problems.is_empty() { Ok(vignettes) } else { Err(problems) }
}

/// As [`read`]: those that fit the rules, and what is wrong with the others.
pub fn read_fitting(text: &str, rules: &RuleSet) -> (Vec<Vignette>, Vec<String>) {
    let file: File = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => return (vec![], vec![error.to_string().trim_end().to_owned()]),
    };
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let mut vignettes = Vec::new();
    for vignette in file.vignette {
        let before = problems.len();
        let mut say = |problem: String| problems.push(format!("vignette {}: {problem}", vignette.id));
        if !seen.insert(vignette.id.clone()) {
            say("there are two of this id".to_owned());
        }
        for rule in vignette.fires.iter().chain(&vignette.not).filter(|rule| rules.rule(rule).is_none()) {
            say(format!("there is no rule {rule:?}"));
        }
        let mut answers = Answers::default();
        for (question, answer) in &vignette.answers {
            let answer = answer.text();
            if rules.accepts(question, &answer) {
                answers.set(question, &answer);
            } else {
                say(format!("the rules do not take {question} = {answer:?}"));
            }
        }
        complete(rules, &file.usual, &mut answers);
        let told = Told::new(rules, &answers);
        for question in told.unanswered() {
            say(format!("{} is left open", question.id));
        }
        for question in
            vignette.answers.keys().filter(|id| rules.question(id).is_some_and(|known| !told.is_asked(known)))
        {
            say(format!("{question} is answered, and never asked"));
        }
        if problems.len() == before {
            vignettes.push(Vignette {
                id: vignette.id,
                story: vignette.story,
                answers,
                expected: vignette.urgency,
                fires: vignette.fires,
                not: vignette.not,
                ordinary: vignette.ordinary,
            });
        }
    }
    (vignettes, problems)
}

/// Question by question, as they come to be asked.
fn complete(rules: &RuleSet, usual: &BTreeMap<String, Answer>, answers: &mut Answers) {
    for question in &rules.questions {
        if answers.has(&question.id) || !Told::new(rules, answers).is_asked(question) {
            continue;
        }
        if let Some(answer) = usual.get(&question.id) {
            answers.set(&question.id, &answer.text());
        } else if question.is_sign() {
            answers.set(&question.id, NO);
        }
    }
}

impl Answer {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Vignette {
    /// What the rules say otherwise than they must; nothing where all is well.
    pub fn failures(&self, rules: &RuleSet) -> Vec<String> {
        let assessment = rules.assess(&self.answers);
        let fired = |rule: &String| assessment.findings.iter().any(|finding| finding.rule == *rule);
        let mut failures = Vec::new();
        if assessment.urgency != self.expected {
            failures.push(format!("{:?}, not {:?}", assessment.urgency, self.expected));
        }
        failures.extend(self.fires.iter().filter(|rule| !fired(rule)).map(|rule| format!("{rule} does not fire")));
        failures.extend(self.not.iter().filter(|rule| fired(rule)).map(|rule| format!("{rule} fires")));
        failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    #[test]
    fn every_vignette_gets_its_outcome() {
        let rules = content::rules().unwrap();
        let vignettes = content::vignettes(&rules).unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
        let wrong: Vec<String> = vignettes
            .iter()
            .filter_map(|vignette| {
                let failures = vignette.failures(&rules);
                (!failures.is_empty()).then(|| format!("{}: {}", vignette.id, failures.join("; ")))
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn each_rule_fires_in_one_vignette_and_nearly_in_another() {
        let rules = content::rules().unwrap();
        let vignettes = content::vignettes(&rules).unwrap();
        for rule in &rules.rules {
            assert!(vignettes.iter().any(|vignette| vignette.fires.contains(&rule.id)), "{} fires in none", rule.id);
            assert!(vignettes.iter().any(|vignette| vignette.not.contains(&rule.id)), "{} comes near in none", rule.id);
        }
        assert!(vignettes.len() >= 80, "{}", vignettes.len());
        let ordinary = vignettes.iter().filter(|vignette| vignette.ordinary);
        assert!(ordinary.clone().count() >= 20, "{}", ordinary.count());
        for vignette in ordinary {
            assert!(vignette.expected <= Urgency::Routine, "{} is ordinary", vignette.id);
        }
    }

    #[test]
    fn a_vignette_that_does_not_fit_the_rules_is_named() {
        let rules = content::rules().unwrap();
        for (answers, said) in [
            ("saddel = \"yes\"", "vignette x: the rules do not take saddel"),
            ("saddle = \"maybe\"", "vignette x: the rules do not take saddle = \"maybe\""),
            ("saddle = \"yes\"", "vignette x: saddle_since is left open"),
            ("saddle_since = \"long\"", "vignette x: saddle_since is answered, and never asked"),
        ] {
            let text = format!(
                "[usual]\nage = 40\n[[vignette]]\nid = \"x\"\nstory = \"\"\nurgency = \"soon\"\nanswers = {{ {answers} }}\n"
            );
            let problems = read(&text, &rules).expect_err(answers).join("\n");
            assert!(problems.contains(said), "{answers}: {problems}");
        }
    }
}
