//! Which fields the form of each part has, and what the file says in them.

use toml_edit::{Item, TableLike, Value};

use super::{
    catalogue::Catalogue,
    condition::Written,
    condition_form::Draft,
    fields::{Control, Entry, sent},
    grades::{GRADE_COUNT, GRADE_OUT, GRADES, URGENCIES, grade, grade_count},
    parts::{NEW, Part},
    rows::Kind,
    words,
};

/// Where a question is asked, or a screen comes.
pub const PLACE: &str = "place";

const LIMITS: [&str; 18] = [
    "foot_points",
    "heel_walk_steps",
    "days",
    "fast_foot_points",
    "fast_days",
    "pain",
    "numbness",
    "calm_pain",
    "least_logged",
    "points",
    "percent",
    "running_days",
    "first_days",
    "nights",
    "of_nights",
    "adherence_percent",
    "pain_points",
    "trips",
];
const MORE_LIMITS: [&str; 1] = ["foot_at_most"];
/// Of a source, in the order of the file.
pub const SOURCE: [&str; 4] = ["title", "publisher", "url", "date"];
/// Of the week that a middle value is taken of: the field, and its name in the file.
pub const WEEK: [(&str, &str); 2] = [("week_days", "days"), ("week_least_logged", "least_logged")];

/// The fields, filled in. What was `given` in the form decides how many grades it has.
pub fn of(
    table: &dyn TableLike,
    part: Part,
    id: &str,
    known: Option<&Catalogue>,
    given: &[(String, String)],
) -> Vec<Entry> {
    let mut form = Fields { table, entries: vec![], known };
    if id == NEW {
        let hint = if part.has_words_for_ids() {
            "Small letters, digits and underscores. It stays: others name it."
        } else {
            "Letters, digits and hyphens. It stays: others name it."
        };
        form.add("id", "Its id", Some(hint), Control::line(""));
    }
    match part {
        Part::History => form.history(),
        Part::Condition => {
            let hint = "Rules and questions that name it hold when this does.";
            form.condition("condition", "When it holds", Some(hint), table.get(id));
        }
        Part::Question => form.question(id),
        Part::Rule => form.rule(given),
        Part::Screen => form.screen(id),
        Part::Choices => form.choices(id),
        Part::Daily => form.daily(),
        Part::SafetyNet => form.safety_net(),
        Part::Usual => {
            let hint = "Where a test case says nothing else. A sign of which nothing is said is answered no.";
            form.answers("What they answer", hint, Some(table));
        }
        Part::Source => form.source(id),
        Part::Watch => form.watch(),
        Part::Vignette => form.vignette(),
    }
    form.entries
}

/// Whether a field of a tracker's rule is one of its limits.
pub fn is_limit(name: &str) -> bool {
    LIMITS.contains(&name) || MORE_LIMITS.contains(&name) || WEEK.iter().any(|(week, _)| *week == name)
}

/// When a named condition holds, in words, or as the file has it.
pub fn condition_words(item: &Item, known: Option<&Catalogue>) -> String {
    let condition = known.and_then(|known| {
        let condition = Written::read(item.as_value()?)?.resolved(known)?;
        Some(words::condition(&known.rules, &condition))
    });
    condition.unwrap_or_else(|| bare(item))
}

/// A value as written, without what stands around it.
fn bare(item: &Item) -> String {
    item.to_string().trim().to_owned()
}

/// The fields of a form, as they are gathered.
pub struct Fields<'a> {
    pub table: &'a dyn TableLike,
    pub entries: Vec<Entry>,
    pub known: Option<&'a Catalogue>,
}

impl Fields<'_> {
    pub fn add(&mut self, name: &str, label: &str, hint: Option<&'static str>, control: Control) {
        self.entries.push(Entry { name: name.to_owned(), label: label.to_owned(), hint, control });
    }

    pub fn word(&self, key: &str) -> String {
        self.table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned()
    }

    pub fn list(&self, key: &str) -> Vec<String> {
        let all = self.table.get(key).and_then(Item::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    pub fn line(&mut self, name: &str, label: &str, hint: Option<&'static str>) {
        let value = Control::Line(self.word(name));
        self.add(name, label, hint, value);
    }

    /// Whether the file says that something is so.
    pub fn yes(&mut self, name: &str, label: &str, hint: &'static str) {
        let is = self.table.get(name).and_then(Item::as_bool).unwrap_or_default();
        self.add(name, label, Some(hint), Control::one_of(if is { "yes" } else { "no" }, YES_OR_NO));
    }

    pub fn lines(&mut self, name: &str, label: &str, hint: Option<&'static str>) {
        let value = Control::Lines(self.word(name));
        self.add(name, label, hint, value);
    }

    pub fn condition(&mut self, name: &str, label: &str, hint: Option<&'static str>, item: Option<&Item>) {
        let draft = match (item, self.known) {
            (None, Some(_)) => Some(Draft::empty()),
            (Some(item), Some(known)) => {
                item.as_value().and_then(Written::read).and_then(|written| Draft::of(&written, known))
            }
            (_, None) => None,
        };
        match draft {
            Some(draft) => self.add(name, label, hint, Control::Condition(draft)),
            None => self.add(name, label, Some(AS_WRITTEN), Control::Code(item.map(bare).unwrap_or_default())),
        }
    }

    fn ticks(&mut self, name: &str, label: &str, hint: Option<&'static str>, choices: Vec<(String, String)>) {
        let ticked = self.list(name);
        self.add(name, label, hint, Control::Ticks { ticked, choices });
    }

    fn rules(&self) -> Vec<(String, String)> {
        let rules = self.known.into_iter().flat_map(|known| &known.rules.rules);
        rules.map(|rule| (rule.id.clone(), rule.cause.clone())).collect()
    }

    fn safety_net(&mut self) {
        let rows = self.list("safety_net").into_iter().map(|line| (String::new(), line)).collect();
        let hint = "Every result shows these, in this order. A line that is empty is taken out.";
        let control = Control::Rows { kind: Kind::Lines, rows, choices: vec![] };
        self.add("safety_net", "Its lines", Some(hint), control);
    }

    /// What is answered to each question.
    fn answers(&mut self, label: &str, hint: &'static str, answers: Option<&dyn TableLike>) {
        let text = |item: &Item| item.as_str().map(str::to_owned).or_else(|| Some(item.as_integer()?.to_string()));
        let pairs = answers.into_iter().flat_map(TableLike::iter);
        let answers = pairs.filter_map(|(question, item)| Some((question.to_owned(), text(item)?))).collect();
        self.add("answer", label, Some(hint), Control::Answers(answers));
    }

    fn rule(&mut self, given: &[(String, String)]) {
        self.lines("cause", "What the signs may mean", Some("Readers see it with the result."));
        let there = grade_count(self.table);
        let wanted = sent(given, GRADE_COUNT).and_then(|count| count.parse().ok()).unwrap_or(there);
        let count = wanted.clamp(there.max(1), GRADES.len().max(there));
        for (n, names) in GRADES.iter().enumerate().take(count) {
            let grade = grade(self.table, n);
            let word = |key: &str| grade.and_then(|grade| grade.get(key)?.as_str()).unwrap_or_default().to_owned();
            let at = if n == 0 { String::new() } else { format!(", otherwise ({})", n + 1) };
            self.add(
                names[0],
                &format!("How urgent it is{at}"),
                None,
                Control::one_of(word("urgency"), URGENCIES.map(|one| (one, one))),
            );
            self.condition(names[1], &format!("When{at}"), None, grade.and_then(|grade| grade.get("when")));
            let hint =
                "{urgent} stands for the number of the urgent line. Leave it empty where nothing is to be added.";
            self.add(names[2], &format!("What to do beside{at}"), Some(hint), Control::Lines(word("act")));
            if count > 1 {
                self.add(GRADE_OUT[n], &format!("Take this grade out{at}"), None, Control::Tick(false));
            }
        }
        self.add(GRADE_COUNT, "Add a grade", None, Control::Count(there.max(1)));
        let terms =
            "By which an article mentions its sign, with commas between. A rule of at least “urgent” needs some.";
        self.add("terms", "Words", Some(terms), Control::Line(self.list("terms").join(", ")));
        self.sources();
        self.lines("note", "For clinicians", Some(NOTE));
        self.yes(
            "fail_safe",
            "Is it a fail-safe?",
            "A fail-safe fires when nothing else does, or when a question was left out.",
        );
    }

    /// Of a rule, or of a tracker's.
    fn sources(&mut self) {
        let sources = self.known.map(|known| known.sources.clone()).unwrap_or_default();
        let hint = "At least one. One that is not there is first added with a form of its own.";
        self.ticks("sources", "Sources", Some(hint), sources);
    }

    fn source(&mut self, id: &str) {
        let source = self.table.get(id).and_then(Item::as_table_like);
        let labels = ["Title", "Who published it", "Address", "Year"];
        let hints = [
            None,
            None,
            Some("Where we are certain of it; otherwise leave it empty."),
            Some("Of what we read, where it has one."),
        ];
        for ((name, label), hint) in SOURCE.into_iter().zip(labels).zip(hints) {
            let word = source.and_then(|source| source.get(name)?.as_str()).unwrap_or_default();
            self.add(name, label, hint, Control::line(word));
        }
    }

    fn history(&mut self) {
        self.lines("what", "What changed, for readers", None);
        self.line(
            "version",
            "Version",
            Some("Newer than any that was published. The first of its three numbers is for great changes."),
        );
        self.line("on", "Its day", Some("Year, month and day, like 2027-01-31."));
    }

    fn watch(&mut self) {
        self.lines("cause", "What it may mean", None);
        let count = grade_count(self.table);
        for (n, [urgency, _, act]) in GRADES.into_iter().enumerate().take(count) {
            let grade = grade(self.table, n);
            let word = |key: &str| grade.and_then(|grade| grade.get(key)?.as_str()).unwrap_or_default().to_owned();
            let at = if n == 0 { String::new() } else { format!(", otherwise ({})", n + 1) };
            let urgencies = Control::one_of(word("urgency"), URGENCIES.map(|one| (one, one)));
            self.add(urgency, &format!("How urgent it is{at}"), None, urgencies);
            self.add(act, &format!("What to do{at}"), None, Control::Lines(word("act")));
        }
        let limits = self.table.get("limits").and_then(Item::as_table_like);
        let number = |table: Option<&dyn TableLike>, key: &str| {
            table.and_then(|table| table.get(key)).and_then(Item::as_integer)
        };
        for name in LIMITS.into_iter().chain(MORE_LIMITS) {
            if let Some(limit) = number(limits, name) {
                self.add(name, &label(name), None, Control::line(limit.to_string()));
            }
        }
        let week = limits.and_then(|limits| limits.get("week")).and_then(Item::as_table_like);
        for (name, key) in WEEK {
            if let Some(limit) = number(week, key) {
                self.add(name, &label(name), None, Control::line(limit.to_string()));
            }
        }
        let days = number(Some(self.table), "answered_days").unwrap_or_default();
        let hint =
            "Days for which that answer also holds for the same again, if it is no worse. 0: it is asked each time.";
        self.add("answered_days", "“I have got help” holds", Some(hint), Control::line(days.to_string()));
        self.sources();
        self.lines("note", "For clinicians", Some(NOTE));
    }

    fn vignette(&mut self) {
        self.lines("story", "The story", None);
        let answers = self.table.get("answers").and_then(Item::as_table_like);
        self.answers("What they answer", "What is not answered here is as usual, or no.", answers);
        let urgency = Control::one_of(self.word("urgency"), URGENCIES.map(|one| (one, one)));
        self.add("urgency", "What they must be told", None, urgency);
        self.ticks("fires", "Rules that must fire", None, self.rules());
        self.ticks("not", "Rules that come near, and must not", None, self.rules());
        self.yes(
            "ordinary",
            "Is it ordinary back pain?",
            "Everyday back pain or sciatica, which must not lead to more than it needs.",
        );
    }
}

const AS_WRITTEN: &str =
    "It has no fields here, so it stands as the file has it. The first comment of the file explains that.";
const NOTE: &str = "Where it departs from its sources, and why. Leave it empty where it does not.";
const YES_OR_NO: [(&str, &str); 2] = [("no", "No"), ("yes", "Yes")];

fn label(name: &str) -> String {
    words::capital(&name.replace('_', " "))
}
