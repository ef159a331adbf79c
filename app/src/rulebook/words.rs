//! Rule sets in words: a condition as a sentence that somebody who never saw the file can check.

use crate::triage::{Condition, NO, NOT_SURE, Question, RuleSet, Urgency, YES};

/// "an emergency".
pub fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::SelfCare => "self-care",
        Urgency::Routine => "routine",
        Urgency::Soon => "soon",
        Urgency::Urgent => "urgent",
        Urgency::Emergency => "an emergency",
    }
}

/// When a condition holds.
pub fn condition(rules: &RuleSet, condition: &Condition) -> String {
    told(rules, condition, false)
}

fn told(rules: &RuleSet, condition: &Condition, inside: bool) -> String {
    let question = |at: u16| rules.questions.get(usize::from(at));
    let join = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| told(rules, part, parts.len() > 1)).collect();
        let joined = parts.join(&format!(" {word} "));
        if inside && parts.len() > 1 { format!("({joined})") } else { joined }
    };
    match condition {
        Condition::Is { question: at, one_of } => {
            question(*at).map_or_else(String::new, |question| answered(question, one_of))
        }
        Condition::Within { question: at, least, most } => {
            let said = question(*at).map_or("", |question| &question.said);
            match (*least, *most) {
                (0, most) => format!("“{said}” is {most} or less"),
                (least, u16::MAX) => format!("“{said}” is {least} or more"),
                (least, most) => format!("“{said}” is {least} to {most}"),
            }
        }
        Condition::All(parts) if parts.is_empty() => "always".to_owned(),
        Condition::Any(parts) if parts.is_empty() => "never".to_owned(),
        Condition::All(parts) => join(parts, "and"),
        Condition::Any(parts) => join(parts, "or"),
        Condition::Not(inner) => format!("not ({})", told(rules, inner, false)),
        Condition::AtLeast(needed, parts) => {
            let parts: Vec<String> = parts.iter().map(|part| told(rules, part, true)).collect();
            format!("at least {needed} of: {}", parts.join("; "))
        }
    }
}

fn answered(question: &Question, one_of: &[String]) -> String {
    let said = &question.said;
    match one_of {
        [one] if one == YES && question.is_sign() => format!("“{said}”"),
        [one] if one == NO => format!("no to “{said}”"),
        [one] if one == NOT_SURE => format!("not sure of “{said}”"),
        several => {
            let words: Vec<&str> = several.iter().map(|answer| question.words(answer)).collect();
            format!("“{said}”: {}", words.join(" or "))
        }
    }
}

/// One answer of an example: "Fever: Yes".
pub fn answer(rules: &[&RuleSet], id: &str, given: &str) -> String {
    rules.iter().find_map(|rules| rules.question(id)).map_or_else(
        || format!("{id}: {given}"),
        |question| format!("{}: {}", capital(&question.said), question.words(given)),
    )
}

/// With a capital letter first.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    #[test]
    fn conditions_are_sentences() {
        let rules = content::rules().unwrap();
        let of = |rule: &str, grade: usize| condition(&rules, &rules.rule(rule).unwrap().grades[grade].when);
        assert_eq!(of("W01", 0), format!("“{}”", rules.question("fever").unwrap().said));
        assert_eq!(of("G03", 0), "always");
        let g01 = of("G01", 0);
        assert!(g01.contains(" and (") && g01.contains(" or ") && g01.contains("not (“"), "{g01}");
        assert!(of("W14", 0).contains(" is 4 or less"), "{}", of("W14", 0));
    }
}
