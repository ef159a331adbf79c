//! The safety check: a text that mentions the sign of an urgent or emergency rule must carry a care card that names the rule
//! and is at least as urgent, so that no article says less than the checker would.

use crate::{
    article::outline::Outline,
    triage::{
        RuleSet, Urgency,
        terms::{self, Term},
    },
};

/// A sign that is mentioned without the card that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: String,
    /// What a card for it must be at least.
    pub urgency: Urgency,
    /// The sentence that mentions it first, and where it stands; 0 for the title and the summary.
    pub sentence: String,
    pub line: usize,
    /// The term of the rule that is in it.
    pub term: String,
}

/// What a text, with its title and summary, mentions without a card for it: each rule once, by their order.
pub fn check(title: &str, summary: &str, outline: &Outline, rules: &RuleSet) -> Vec<Finding> {
    let whole = [title, summary].map(|text| (0, text));
    let body = outline.sentences.iter().map(|sentence| (sentence.line, sentence.text.as_str()));
    let sentences: Vec<(usize, &str, Vec<String>)> =
        whole.into_iter().chain(body).map(|(line, text)| (line, text, terms::words(text))).collect();
    let held_to = rules.rules.iter().filter(|rule| rule.highest() >= Urgency::Urgent);
    let without_card = held_to.filter(|rule| {
        let has = |urgency: Urgency, names: &[String]| urgency >= rule.highest() && names.contains(&rule.id);
        !outline.cards.iter().any(|card| has(card.urgency, &card.rules))
    });
    without_card
        .filter_map(|rule| {
            // Terms were read when the rules were: none is bad.
            let known = rule.terms.iter().filter_map(|term| Some((term, Term::read(term).ok()?)));
            let mut mentions = known.flat_map(|(name, term)| {
                sentences
                    .iter()
                    .filter(move |(.., words)| term.is_in(words))
                    .map(move |(line, text, _)| (*line, *text, name))
            });
            let (line, sentence, term) = mentions.next()?;
            Some(Finding {
                rule: rule.id.clone(),
                urgency: rule.highest(),
                sentence: sentence.to_owned(),
                line,
                term: term.clone(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    fn found(title: &str, text: &str) -> Vec<(String, usize)> {
        let rules = content::rules().unwrap();
        check(title, "", &Outline::of(text), &rules).into_iter().map(|finding| (finding.rule, finding.line)).collect()
    }

    const WAIT: &str = "## Rest\n\nRest a little. Saddle numbness can wait for a GP appointment.\n";

    #[test]
    fn a_sign_without_its_card_is_found_at_its_sentence() {
        assert_eq!(found("Rest", WAIT), [("E01".to_owned(), 3)]);
        let rules = content::rules().unwrap();
        let [finding] = check("Rest", "", &Outline::of(WAIT), &rules).try_into().unwrap();
        assert_eq!(finding.sentence, "Saddle numbness can wait for a GP appointment.");
        assert_eq!(finding.urgency, Urgency::Emergency);
        assert_eq!(found("Saddle numbness", "Rest."), [("E01".to_owned(), 0)]);
    }

    #[test]
    fn the_card_that_names_the_rule_is_what_it_takes() {
        let with = |card: &str| found("Rest", &format!("{WAIT}\n::: {card}\n- it is numb\n:::\n"));
        assert_eq!(with("emergency {rules=\"E01\"}"), []);
        for weaker in ["emergency", "emergency {rules=\"E02\"}", "urgent {rules=\"E01\"}", "soon {rules=\"E01\"}"] {
            assert_eq!(with(weaker).len(), 1, "{weaker}");
        }
    }

    #[test]
    fn what_is_no_sign_needs_no_card() {
        assert_eq!(found("Rest", "Rest, walk and sleep. Most back pain gets better in weeks.\n"), []);
    }

    /// What the articles we ship mention without a card for it, for a clinician to look at: the advice stands in the text, or
    /// in an urgent card with the words that say when to call an ambulance.
    const LEFT: [(&str, &[&str]); 8] = [
        ("back-pain-and-foot-drop.md", &[]),
        ("cauda-equina-warning-signs.md", &["F02"]),
        ("living-with-foot-drop.md", &["F06"]),
        ("moving-with-sciatica.md", &["F07"]),
        ("pain-relief-safely.md", &["W10", "W21"]),
        ("sitting-sleeping-working.md", &["W06", "W09"]),
        ("tests-and-treatments.md", &["W16"]),
        ("what-is-sciatica.md", &["E11", "F07", "W10"]),
    ];

    #[test]
    fn of_what_we_ship_it_is_known_what_does_not_pass() {
        for file in content::folder("articles") {
            let (front, body) = file.text.split_once("\n+++\n").unwrap();
            let title = front.lines().find_map(|line| line.strip_prefix("title = ")).unwrap();
            let rules: Vec<String> = found(title, body).into_iter().map(|(rule, _)| rule).collect();
            let (_, left) = LEFT.iter().find(|(name, _)| *name == file.name).unwrap();
            assert_eq!(rules, *left, "{}", file.name);
        }
    }
}
