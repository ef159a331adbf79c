//! What names a part: it cannot go meanwhile.

use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::{
    Texts,
    condition::Written,
    parts::{Part, id_of, parse},
};

/// Why a part cannot go.
pub fn kept_by(texts: &Texts, part: Part, id: &str) -> Option<String> {
    let rules = parse(&texts.rules).ok()?;
    let cases = parse(&texts.vignettes).ok();
    let by = match part {
        Part::Question => {
            let mut by = by_conditions(&rules, &Named::Question(id));
            if has_word(rules.get("daily"), id) {
                by.push("the tracker's daily list".to_owned());
            }
            by.extend(by_answers(cases.as_ref(), id, |_| true));
            by
        }
        Part::Condition => by_conditions(&rules, &Named::Condition(id)),
        Part::Rule => {
            let names = |case: &Table| ["fires", "not"].iter().any(|key| has_word(case.get(key), id));
            let all = cases.as_ref().map(|cases| tables(cases.get("vignette"))).unwrap_or_default();
            all.into_iter().filter(|case| names(case)).map(|case| format!("the test case {}", id_of(case))).collect()
        }
        Part::Source => {
            let kinds = [("rule", "the rule"), ("watch", "the tracker's rule")];
            let cite = |(key, words)| {
                let all = tables(rules.get(key)).into_iter().filter(|rule| has_word(rule.get("sources"), id));
                all.map(move |rule| format!("{words} {}", id_of(rule)))
            };
            kinds.into_iter().flat_map(cite).collect()
        }
        Part::Choices => taking(&rules, id).into_iter().map(|question| format!("the question {question}")).collect(),
        Part::Screen => {
            let asked = tables(rules.get("screen")).into_iter().filter(|screen| id_of(screen) == id);
            let asked: Vec<&str> = asked.flat_map(|screen| tables(screen.get("question"))).map(id_of).collect();
            if asked.is_empty() {
                return None;
            }
            let asked = asked.join(", ");
            return Some(format!(
                "It cannot go while it asks {asked}. Move those to another screen first, or take them out"
            ));
        }
        _ => vec![],
    };
    kept("It", &by)
}

/// Why an answer of a list that questions share cannot go.
pub fn answer_kept_by(texts: &Texts, list: &str, answer: &str) -> Option<String> {
    let rules = parse(&texts.rules).ok()?;
    let cases = parse(&texts.vignettes).ok();
    let mut by = Vec::new();
    for question in taking(&rules, list) {
        let named = by_conditions(&rules, &Named::Answer(question, answer));
        for one in named.into_iter().chain(by_answers(cases.as_ref(), question, |given| given.as_str() == Some(answer)))
        {
            if !by.contains(&one) {
                by.push(one);
            }
        }
    }
    kept(&format!("The answer {answer}"), &by)
}

fn kept(what: &str, by: &[String]) -> Option<String> {
    (!by.is_empty()).then(|| format!("{what} cannot go while it is named by {}. Change those first", by.join(", ")))
}

fn tables(item: Option<&Item>) -> Vec<&Table> {
    item.and_then(Item::as_array_of_tables).into_iter().flatten().collect()
}

fn has_word(list: Option<&Item>, word: &str) -> bool {
    list.and_then(Item::as_array).is_some_and(|list| list.iter().any(|one| one.as_str() == Some(word)))
}

/// The questions that take their answers from a list.
fn taking<'a>(rules: &'a DocumentMut, list: &str) -> Vec<&'a str> {
    let all = tables(rules.get("screen")).into_iter().flat_map(|screen| tables(screen.get("question")));
    all.filter(|question| question.get("choices").and_then(Item::as_str) == Some(list)).map(id_of).collect()
}

/// What test cases answer to a question.
fn by_answers(cases: Option<&DocumentMut>, question: &str, is: impl Fn(&Item) -> bool) -> Vec<String> {
    let Some(cases) = cases else { return vec![] };
    let answers =
        |item: Option<&Item>| item.and_then(Item::as_table_like).and_then(|all| all.get(question)).is_some_and(&is);
    let usual = answers(cases.get("usual")).then(|| "what test cases usually answer".to_owned());
    let by = tables(cases.get("vignette")).into_iter().filter(|case| answers(case.get("answers")));
    usual.into_iter().chain(by.map(|case| format!("the test case {}", id_of(case)))).collect()
}

/// What a condition may name.
enum Named<'a> {
    Question(&'a str),
    Condition(&'a str),
    /// The question, and the answer to it.
    Answer(&'a str, &'a str),
}

impl Named<'_> {
    fn is_in(&self, written: &Written) -> bool {
        match self {
            Self::Question(id) => written.asks(id),
            Self::Condition(id) => written.names(id),
            Self::Answer(id, answer) => written.wants(id, answer),
        }
    }

    /// Where a condition cannot be read: whether the words occur.
    fn occurs_in(&self, text: &str) -> bool {
        let has =
            |id: &str| text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == id);
        match self {
            Self::Question(id) | Self::Condition(id) => has(id),
            Self::Answer(id, answer) => has(id) && has(answer),
        }
    }
}

fn by_conditions(rules: &DocumentMut, named: &Named<'_>) -> Vec<String> {
    let is_named = |item: Option<&Item>| item.is_some_and(|item| mentions(item, named));
    let by_rules = tables(rules.get("rule")).into_iter().filter(|rule| is_named(rule.get("grade")));
    let asked = tables(rules.get("screen")).into_iter().flat_map(|screen| tables(screen.get("question")));
    let by_questions = asked.filter(|question| is_named(question.get("asked_if")));
    let conditions = rules.get("conditions").and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter);
    let by_names = conditions.filter(|(_, item)| is_named(Some(item)));
    by_rules
        .map(|rule| format!("the rule {}", id_of(rule)))
        .chain(by_questions.map(|question| format!("the question {}", id_of(question))))
        .chain(by_names.map(|(name, _)| format!("the condition {name}")))
        .collect()
}

/// Whether conditions in it name this.
fn mentions(item: &Item, named: &Named<'_>) -> bool {
    let written = |item: &Item| item.as_value().and_then(Written::read);
    if let Some(condition) = written(item) {
        return named.is_in(&condition);
    }
    let grades: Option<Vec<Written>> = match item {
        Item::ArrayOfTables(grades) => grades.iter().map(|grade| written(grade.get("when")?)).collect(),
        _ => item.as_array().and_then(|grades| {
            grades.iter().map(|grade| Written::read(grade.as_inline_table()?.get("when")?)).collect()
        }),
    };
    grades.map_or_else(|| named.occurs_in(&item.to_string()), |grades| grades.iter().any(|when| named.is_in(when)))
}
