//! A condition while it is built in a form: a tree of groups and conditions, any of which may not be finished yet.
//!
//! Each has a place: the name of the field and, after hyphens, the way down to it ("when_1-0-2"). A group or a condition has a
//! field of that name, which says that it is there; the other fields of it begin with its place. So the tree is what was sent,
//! and a button that changes it needs no script.

use super::{
    catalogue::{Catalogue, telling_answers},
    condition::Written,
};
use crate::triage::{Kind, Question, YES};

/// The field of the buttons that change a form and save nothing: an [`Act`] and a place.
pub const ACT: &str = "act";

/// How the parts of a group count together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    All,
    Any,
    None,
    AtLeast(usize),
}

impl Join {
    /// As a field has it.
    pub fn name(self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Any => "any".to_owned(),
            Self::None => "none".to_owned(),
            Self::AtLeast(needed) => format!("least-{needed}"),
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        match name {
            "all" => Some(Self::All),
            "any" => Some(Self::Any),
            "none" => Some(Self::None),
            _ => name.strip_prefix("least-")?.parse().ok().map(Self::AtLeast),
        }
    }

    pub fn words(self) -> String {
        match self {
            Self::All => "all of these are so".to_owned(),
            Self::Any => "one or more of these are so".to_owned(),
            Self::None => "none of these is so".to_owned(),
            Self::AtLeast(needed) => format!("{needed} or more of these are so"),
        }
    }
}

/// What a single condition is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// It has to be chosen; this was, and its answers are not shown yet.
    Choosing(String),
    /// Answers to the question of this id: at least one.
    Answers(String, Vec<String>),
    /// The number answered, "least" or "below" or "is" what was typed.
    Number(String, String, String),
    Named(String),
    /// What the fail-safe rule has.
    #[default]
    Always,
}

/// How a number is compared, by the name of its choice.
pub const COMPARED: [(&str, &str); 3] =
    [("least", "this or more"), ("below", "less than this"), ("is", "exactly this")];

/// A group, or a condition of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draft {
    Group(Join, Vec<Draft>),
    One(About),
}

/// What is wrong, by field.
pub type Wrong = Vec<(String, String)>;

impl Draft {
    pub fn empty() -> Self {
        Self::Group(Join::All, vec![])
    }

    fn choosing() -> Self {
        Self::One(About::Choosing(String::new()))
    }

    /// What the file has, as a group; nothing where the form has no fields for it.
    pub fn of(written: &Written, known: &Catalogue) -> Option<Self> {
        Some(match Self::part(written, known)? {
            one @ Self::One(_) => Self::Group(Join::All, vec![one]),
            group @ Self::Group(..) => group,
        })
    }

    fn part(written: &Written, known: &Catalogue) -> Option<Self> {
        let parts = |parts: &[Written]| parts.iter().map(|part| Self::part(part, known)).collect::<Option<Vec<_>>>();
        let question = |id: &str| known.rules.question(id);
        let number = |id: &str, compared: &str, number: u16| {
            let is_one = matches!(question(id)?.kind, Kind::Number { .. });
            is_one.then(|| Self::One(About::Number(id.to_owned(), compared.to_owned(), number.to_string())))
        };
        match written {
            Written::All(none) if none.is_empty() => Some(Self::One(About::Always)),
            Written::All(all) => Some(Self::Group(Join::All, parts(all)?)),
            Written::Any(any) if !any.is_empty() => Some(Self::Group(Join::Any, parts(any)?)),
            Written::AtLeast(needed, of) if !of.is_empty() => Some(Self::Group(Join::AtLeast(*needed), parts(of)?)),
            Written::Any(_) | Written::AtLeast(..) => None,
            Written::Not(inner) => Some(match inner.as_ref() {
                Written::Any(any) if any.len() > 1 => Self::Group(Join::None, parts(any)?),
                one => Self::Group(Join::None, vec![Self::part(one, known)?]),
            }),
            Written::Least { question, number: least } => number(question, "least", *least),
            Written::Below { question, number: above } => number(question, "below", *above),
            Written::Is { question: id, one_of } => {
                let question = question(id)?;
                match (&question.kind, one_of.as_slice()) {
                    (Kind::Number { .. }, [one]) => number(id, "is", one.parse().ok()?),
                    (Kind::Number { .. }, _) => None,
                    _ => one_of
                        .iter()
                        .all(|answer| question.accepts(answer))
                        .then(|| Self::One(About::Answers(id.clone(), in_order(question, one_of)))),
                }
            }
            Written::Named(name) => known.condition(name).map(|_| Self::One(About::Named(name.clone()))),
        }
    }

    /// As a form sent it; nothing where it was not in the form.
    pub fn sent(place: &str, fields: &[(String, String)]) -> Option<Self> {
        let all = |name: &str| {
            let name = format!("{place}-{name}");
            fields.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.clone())
        };
        let first = |name: &str| all(name).next().unwrap_or_default();
        let kind = fields.iter().find(|(known, _)| known == place).map(|(_, kind)| kind.as_str())?;
        let about = first("about");
        Some(match kind {
            "group" => {
                let parts = (0..).map_while(|n| Self::sent(&format!("{place}-{n}"), fields)).collect();
                Self::Group(Join::named(&first("join")).unwrap_or(Join::All), parts)
            }
            "answers" => Self::One(About::Answers(about, all("is").collect())),
            "number" => Self::One(About::Number(about, first("compared"), first("number").trim().to_owned())),
            "named" => Self::One(About::Named(about)),
            "always" => Self::One(About::Always),
            _ => Self::One(About::Choosing(about)),
        })
    }

    /// What the file is to have; nothing where an empty one may be left out.
    ///
    /// # Errors
    /// What is not finished, or cannot be.
    pub fn written(&self, place: &str, known: &Catalogue) -> Result<Option<Written>, Wrong> {
        if let Self::Group(_, parts) = self
            && parts.is_empty()
        {
            return Ok(None);
        }
        let mut wrong = Vec::new();
        let written = self.part_written(place, "", known, &mut wrong);
        match written.filter(|_| wrong.is_empty()) {
            // A group of one condition is that condition.
            Some(Written::All(mut parts)) if parts.len() == 1 => Ok(parts.pop()),
            Some(written) => Ok(Some(written)),
            None => Err(wrong),
        }
    }

    fn part_written(&self, place: &str, number: &str, known: &Catalogue, wrong: &mut Wrong) -> Option<Written> {
        match self {
            Self::Group(_, parts) if parts.is_empty() => {
                wrong.push((
                    place.to_owned(),
                    format!("Group {number} is empty: add a condition to it, or take it out"),
                ));
                None
            }
            Self::Group(join, parts) => {
                let mut written: Vec<Written> = (0..)
                    .zip(parts)
                    .filter_map(|(n, part)| {
                        part.part_written(&format!("{place}-{n}"), &numbered(number, n), known, wrong)
                    })
                    .collect();
                Some(match join {
                    Join::All => Written::All(written),
                    Join::Any => Written::Any(written),
                    Join::None if written.len() == 1 => Written::Not(Box::new(written.pop()?)),
                    Join::None => Written::Not(Box::new(Written::Any(written))),
                    Join::AtLeast(needed) => {
                        if !(1..=parts.len()).contains(needed) {
                            let there = parts.len();
                            let problem =
                                format!("There are only {there} conditions: choose how many of them there have to be");
                            wrong.push((format!("{place}-join"), problem));
                        }
                        Written::AtLeast(*needed, written)
                    }
                })
            }
            Self::One(about) => match about.written(known) {
                Ok(written) => Some(written),
                Err((field, problem)) => {
                    wrong.push((format!("{place}{field}"), format!("Condition {number}: {problem}")));
                    None
                }
            },
        }
    }

    /// Does what a button asks for. Returns the place to show open.
    pub fn act(&mut self, place: &str, act: &str, at: &str, known: &Catalogue) -> Option<String> {
        let way: Vec<usize> = match at.strip_prefix(place)? {
            "" => vec![],
            way => way.strip_prefix('-')?.split('-').map(|n| n.parse().ok()).collect::<Option<_>>()?,
        };
        if act == "out" {
            let (last, above) = way.split_last()?;
            let Self::Group(_, parts) = self.at(above)? else { return None };
            if *last < parts.len() {
                parts.remove(*last);
            }
            return at.rsplit_once('-').map(|(above, _)| above.to_owned());
        }
        let part = self.at(&way)?;
        match (act, part) {
            ("add" | "group", Self::Group(_, parts)) => {
                let new = Self::choosing();
                parts.push(if act == "add" { new } else { Self::Group(Join::Any, vec![new]) });
                return Some(format!("{at}-{}", parts.len() - 1));
            }
            ("wrap", part @ Self::One(_)) => *part = Self::Group(Join::Any, vec![part.clone()]),
            ("choose", part @ Self::One(_)) => {
                let Self::One(about) = part else { return None };
                *about = About::Choosing(about.chosen());
            }
            ("show", Self::One(about)) => about.show(known),
            _ => {}
        }
        Some(at.to_owned())
    }

    fn at(&mut self, way: &[usize]) -> Option<&mut Self> {
        match (way, self) {
            ([], part) => Some(part),
            ([first, rest @ ..], Self::Group(_, parts)) => parts.get_mut(*first)?.at(rest),
            _ => None,
        }
    }
}

/// "1.2": the second part of the first.
pub fn numbered(above: &str, n: usize) -> String {
    if above.is_empty() { (n + 1).to_string() } else { format!("{above}.{}", n + 1) }
}

/// The answers to choose from: those that a condition can tell apart, and any other that is ticked already.
pub fn answers_of(question: &Question, ticked: &[String]) -> Vec<(String, String)> {
    let mut answers = telling_answers(question);
    for answer in ticked {
        if question.accepts(answer) && answers.iter().all(|(known, _)| known != answer) {
            answers.push((answer.clone(), question.words(answer).to_owned()));
        }
    }
    answers
}

/// Those of the answers that are ticked, in the question's order, whatever the order of the ticks.
fn in_order(question: &Question, ticked: &[String]) -> Vec<String> {
    let answers = answers_of(question, ticked).into_iter().map(|(answer, _)| answer);
    answers.filter(|answer| ticked.contains(answer)).collect()
}

impl About {
    /// What is chosen, as the list to choose from names it.
    fn chosen(&self) -> String {
        match self {
            Self::Choosing(id) | Self::Answers(id, _) | Self::Number(id, ..) => id.clone(),
            Self::Named(name) => format!("@{name}"),
            Self::Always => String::new(),
        }
    }

    /// With the answers of what was chosen.
    fn show(&mut self, known: &Catalogue) {
        let Self::Choosing(chosen) = self else { return };
        let chosen = chosen.clone();
        if let Some(name) = chosen.strip_prefix('@') {
            if known.condition(name).is_some() {
                *self = Self::Named(name.to_owned());
            }
        } else if let Some(question) = known.rules.question(&chosen) {
            *self = match question.kind {
                Kind::Number { .. } => Self::Number(chosen, "least".to_owned(), String::new()),
                // Nearly always what is meant; of a context it can be either.
                Kind::YesNo if question.is_sign() => Self::Answers(chosen, vec![YES.to_owned()]),
                _ => Self::Answers(chosen, vec![]),
            };
        }
    }

    /// # Errors
    /// What is wrong, and the end of its field's name.
    pub fn written(&self, known: &Catalogue) -> Result<Written, (&'static str, String)> {
        let gone = || ("", "it asks what is not there any more: take it out".to_owned());
        match self {
            Self::Choosing(id) if id.is_empty() => {
                Err(("-about", "choose what it is about, or take it out".to_owned()))
            }
            Self::Choosing(_) => Err(("-about", "look at its answers, and choose which count".to_owned())),
            Self::Always => Ok(Written::All(vec![])),
            Self::Named(name) => known.condition(name).map(|_| Written::Named(name.clone())).ok_or_else(gone),
            Self::Answers(id, ticked) => {
                let question = known.rules.question(id).ok_or_else(gone)?;
                let one_of = in_order(question, ticked);
                if one_of.is_empty() {
                    return Err(("-is", "choose the answers that count".to_owned()));
                }
                Ok(Written::Is { question: id.clone(), one_of })
            }
            Self::Number(id, compared, typed) => {
                let question = known.rules.question(id).ok_or_else(gone)?;
                let Kind::Number { min, max, .. } = question.kind else { return Err(gone()) };
                let number = typed.parse::<u16>().ok().filter(|number| (min..=max).contains(number));
                let number = number.ok_or_else(|| ("-number", format!("enter a whole number from {min} to {max}")))?;
                let question = id.clone();
                match compared.as_str() {
                    "least" => Ok(Written::Least { question, number }),
                    "below" if number == 0 => Err(("-number", "no number is less than 0".to_owned())),
                    "below" => Ok(Written::Below { question, number }),
                    "is" => Ok(Written::Is { question, one_of: vec![number.to_string()] }),
                    _ => Err(("-compared", "choose how the number counts".to_owned())),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use toml_edit::{DocumentMut, Item, Value};

    use super::*;
    use crate::rulebook::{condition_view, soundness::built_in, tests::browser::fields_in};

    fn known() -> Catalogue {
        Catalogue::of(&built_in()).unwrap()
    }

    /// Every condition of the shipped file, wherever it stands.
    fn shipped() -> Vec<Value> {
        fn gather(item: &Item, found: &mut Vec<Value>) {
            if let Some(tables) = item.as_array_of_tables() {
                for table in tables {
                    table.iter().for_each(|(key, item)| match item {
                        Item::Value(value) if ["asked_if", "when"].contains(&key) => found.push(value.clone()),
                        Item::Value(Value::Array(grades)) if key == "grade" => {
                            let grades = grades.iter().filter_map(Value::as_inline_table);
                            found.extend(grades.filter_map(|grade| grade.get("when")).cloned());
                        }
                        item => gather(item, found),
                    });
                }
            }
        }
        let document: DocumentMut = built_in().rules.parse().unwrap();
        let mut found: Vec<Value> = document["conditions"]
            .as_table()
            .unwrap()
            .iter()
            .map(|(_, item)| item.as_value().unwrap().clone())
            .collect();
        document.iter().for_each(|(_, item)| gather(item, &mut found));
        found
    }

    /// "none|elsewhere" is what "elsewhere|none" is.
    fn in_order_of_answers(written: Written) -> Written {
        let each = |parts: Vec<Written>| parts.into_iter().map(in_order_of_answers).collect();
        match written {
            Written::Is { question, mut one_of } => {
                one_of.sort();
                Written::Is { question, one_of }
            }
            Written::All(parts) => Written::All(each(parts)),
            Written::Any(parts) => Written::Any(each(parts)),
            Written::AtLeast(needed, parts) => Written::AtLeast(needed, each(parts)),
            Written::Not(inner) => Written::Not(Box::new(in_order_of_answers(*inner))),
            leaf => leaf,
        }
    }

    #[test]
    fn every_condition_we_ship_goes_through_the_form_and_stays_the_same() {
        let known = known();
        let shipped = shipped();
        assert!(shipped.len() > 150, "{}", shipped.len());
        for value in shipped {
            let written = Written::read(&value).unwrap_or_else(|| panic!("{value}"));
            assert_eq!(Written::read(&written.value()), Some(written.clone()), "{value}");
            let draft = Draft::of(&written, &known).unwrap_or_else(|| panic!("{value}"));
            let html = condition_view::builder("when_1", "When", &draft, &known, &condition_view::Shown::default())
                .into_string();
            let sent = Draft::sent("when_1", &fields_in(&html)).unwrap();
            assert_eq!(sent, draft, "{value}");
            let back = sent.written("when_1", &known).unwrap().unwrap();
            assert_eq!(in_order_of_answers(back), in_order_of_answers(written.clone()), "{value}");
            assert!(written.resolved(&known).is_some(), "{value}");
        }
    }

    #[test]
    fn buttons_build_a_condition_and_lose_nothing() {
        let known = known();
        let mut draft = Draft::of(&Written::read(&"fever".into()).unwrap(), &known).unwrap();
        let press = |draft: &mut Draft, act: &str, at: &str| draft.act("when_1", act, at, &known).unwrap();
        assert_eq!(press(&mut draft, "group", "when_1"), "when_1-1");
        let Draft::Group(_, parts) = &mut draft else { panic!() };
        parts[1] = Draft::Group(
            Join::AtLeast(2),
            vec![Draft::One(About::Choosing("age".into())), Draft::One(About::Choosing("@back_pain".into()))],
        );
        // What was chosen is not saved before its answers were looked at.
        let wrong = draft.written("when_1", &known).unwrap_err();
        assert_eq!(wrong[0].0, "when_1-1-0-about", "{wrong:?}");
        assert!(wrong[0].1.starts_with("Condition 2.1: look at its answers"), "{wrong:?}");
        assert_eq!(press(&mut draft, "show", "when_1-1-0"), "when_1-1-0");
        press(&mut draft, "show", "when_1-1-1");
        let wrong = draft.written("when_1", &known).unwrap_err();
        assert_eq!(
            wrong,
            [("when_1-1-0-number".to_owned(), "Condition 2.1: enter a whole number from 0 to 120".to_owned())]
        );
        *draft.at(&[1, 0]).unwrap() = Draft::One(About::Number("age".into(), "below".into(), "16".into()));
        assert_eq!(press(&mut draft, "wrap", "when_1-0"), "when_1-0");
        assert_eq!(press(&mut draft, "add", "when_1-0"), "when_1-0-1");
        assert_eq!(press(&mut draft, "out", "when_1-0-1"), "when_1-0");
        let written = draft.written("when_1", &known).unwrap().unwrap();
        let expected = "{ all = [{ any = [\"fever\"] }, { at_least = 2, of = [\"age<16\", \"@back_pain\"] }] }";
        assert_eq!(written.value().to_string(), expected);
        // Nowhere, and nothing that is there, is asked for.
        for (act, at) in [
            ("out", "when_1"),
            ("out", "when_1-9-9"),
            ("add", "when_2"),
            ("add", "when_1-x"),
            ("add", "when_1-99999999999999999999"),
        ] {
            assert_eq!(draft.act("when_1", act, at, &known), None, "{act} {at}");
        }
    }

    #[test]
    fn what_is_not_finished_is_said_at_its_place() {
        let known = known();
        let group = |join, parts: Vec<Draft>| Draft::Group(join, parts);
        let answers = |id: &str, ticked: &[&str]| {
            Draft::One(About::Answers(id.into(), ticked.iter().map(|answer| (*answer).to_owned()).collect()))
        };
        for (draft, field, said) in [
            (group(Join::All, vec![group(Join::Any, vec![])]), "when_1-0", "Group 1 is empty"),
            (group(Join::All, vec![Draft::choosing()]), "when_1-0-about", "choose what it is about"),
            (group(Join::All, vec![answers("fever", &[])]), "when_1-0-is", "choose the answers"),
            (group(Join::All, vec![answers("fever", &["maybe"])]), "when_1-0-is", "choose the answers"),
            (group(Join::All, vec![answers("fevers", &["yes"])]), "when_1-0", "not there any more"),
            (group(Join::AtLeast(3), vec![answers("fever", &["yes"])]), "when_1-join", "There are only 1"),
        ] {
            let wrong = draft.written("when_1", &known).unwrap_err();
            assert!(wrong[0].0 == field && wrong[0].1.contains(said), "{wrong:?}");
        }
        assert_eq!(Draft::empty().written("when_1", &known), Ok(None));
        // What the form has no fields for.
        for text in ["{ any = [] }", "\"fevers\"", "\"@nothing\"", "\"fever=maybe\"", "\"fever>=3\""] {
            let written = Written::read(&text.parse().unwrap()).unwrap();
            assert_eq!(Draft::of(&written, &known), None, "{text}");
        }
        assert_eq!(Written::read(&"{ all = [], any = [] }".parse().unwrap()), None);
    }
}
