//! Rows of a form, in an order. Buttons move them, add one and take one out; they change the form and save nothing, as those of
//! a condition do.

use maud::{Markup, html};
use toml_edit::{Array, InlineTable, Value};

use super::{
    condition_form::Wrong,
    condition_view::act,
    fields::{sent, wrong},
};
use crate::ui::form::{Field, Problems, choose, message, text_area};

/// What a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What is there in any case: its order alone changes.
    Ordered,
    /// One of what there is to choose from.
    Chosen,
    /// Words.
    Lines,
    /// The id and the words of an answer.
    Answers,
}

/// The id and the words of each row: of what is ordered or chosen the id alone, of lines the words alone. A row with nothing in it
/// is left out of the file.
pub type Rows = Vec<(String, String)>;

/// What is to be known of the rows of answers.
pub const ANSWERS: &str = "The id is what conditions and test cases name. “not_sure” is one that says nothing. An answer with both fields empty is taken out.";

/// The answers of a list, as the file has it.
pub fn answers_in(list: &Array) -> Rows {
    let word = |one: &InlineTable, key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    list.iter().filter_map(Value::as_inline_table).map(|one| (word(one, "id"), word(one, "text"))).collect()
}

/// As a form sent them; nothing where they were not in it.
pub fn rows_sent(name: &str, fields: &[(String, String)]) -> Option<Rows> {
    let field =
        |n: usize, end: &str| sent(fields, &format!("{name}-{n}-{end}")).map(|value| value.replace("\r\n", "\n"));
    let row = |n: usize| match (field(n, "id"), field(n, "text")) {
        (None, None) => None,
        (id, text) => Some((id.unwrap_or_default().trim().to_owned(), text.unwrap_or_default().trim().to_owned())),
    };
    let mut rows: Rows = (0..).map_while(row).collect();
    if rows.is_empty() {
        return None;
    }
    // One of them is for what is new.
    while rows.last().is_some_and(is_blank) {
        rows.pop();
    }
    Some(rows)
}

fn is_blank((id, text): &(String, String)) -> bool {
    id.is_empty() && text.is_empty()
}

/// Does what a button asks for. Returns the place to lead to.
pub fn press(rows: &mut Rows, name: &str, act: &str, at: &str) -> Option<String> {
    let Some(n) = at.strip_prefix(name)?.strip_prefix('-') else { return (at == name).then(|| at.to_owned()) };
    let n: usize = n.parse().ok().filter(|n| *n < rows.len())?;
    let to = match act {
        "up" => n.checked_sub(1)?,
        "down" => Some(n + 1).filter(|to| *to < rows.len())?,
        "out" => {
            rows.remove(n);
            return Some(name.to_owned());
        }
        _ => return None,
    };
    rows.swap(n, to);
    Some(format!("{name}-{to}"))
}

/// The rows with their fields and buttons, in a group.
pub struct Shown<'a> {
    /// Of the group.
    pub id: &'a str,
    /// What the names of the fields begin with.
    pub name: &'a str,
    pub label: &'a str,
    pub hint: Option<&'a str>,
    pub kind: Kind,
    pub rows: &'a Rows,
    /// The ids and the words of what there is to choose from.
    pub choices: &'a [(String, String)],
}

impl Shown<'_> {
    pub fn show(&self, problems: &Problems) -> Markup {
        let Self { id, name, label, hint, kind, rows, .. } = self;
        let problem = problems.of(id);
        let described = problem.map(|_| format!("{id}-error"));
        html! {
            fieldset class={ "group rows" @if problem.is_some() { " nhsuk-form-group--error" } } id=(id) tabindex="-1" aria-describedby=[described] {
                legend { (label) }
                @if let Some(hint) = hint { p class="hint" { (hint) } }
                (message(id, problem))
                @if !rows.is_empty() {
                    ol { @for (n, row) in rows.iter().enumerate() { (self.row(n, row, problems)) } }
                }
                @if *kind != Kind::Ordered {
                    div id={ (name) "-" (rows.len()) } tabindex="-1" { (self.fields(rows.len(), &Default::default(), problems)) }
                    div class="actions" { (act("add", name, &format!("{name}-{}", rows.len()), html! { "Add another" span class="nhsuk-u-visually-hidden" { " (" (label) ")" } })) }
                }
            }
        }
    }

    fn row(&self, n: usize, row: &(String, String), problems: &Problems) -> Markup {
        let name = self.name;
        let place = format!("{name}-{n}");
        let button = |act_name: &str, to: String, words: &str| {
            act(
                act_name,
                &place,
                &to,
                html! { (words) span class="nhsuk-u-visually-hidden" { " " (n + 1) " (" (self.label) ")" } },
            )
        };
        html! {
            li id=(place) tabindex="-1" {
                (self.fields(n, row, problems))
                div class="actions" {
                    @if n > 0 { (button("up", format!("{name}-{}", n - 1), "Move up")) }
                    @if n + 1 < self.rows.len() { (button("down", format!("{name}-{}", n + 1), "Move down")) }
                    @if self.kind != Kind::Ordered { (button("out", name.to_owned(), "Take it out")) }
                }
            }
        }
    }

    fn fields(&self, n: usize, row: &(String, String), problems: &Problems) -> Markup {
        let Self { name, choices, kind, rows, .. } = self;
        let (id, text) = row;
        let [id_name, text_name] = ["id", "text"].map(|end| format!("{name}-{n}-{end}"));
        let field = |name: &str, label: &str, value: &str| {
            Field { name, label, kind: "text", value, ..Field::default() }.show(problems)
        };
        match kind {
            Kind::Ordered | Kind::Chosen if !id.is_empty() => {
                let words = choices
                    .iter()
                    .find(|(known, _)| known == id)
                    .map_or("It is not there any more", |(_, words)| words);
                html! {
                    input type="hidden" name=(id_name) value=(id);
                    p { (words) " " code { (id) } }
                }
            }
            Kind::Ordered => html! {},
            Kind::Chosen => {
                let others = choices.iter().filter(|(known, _)| rows.iter().all(|(id, _)| id != known));
                let others = others.map(|(known, words)| (known.as_str(), format!("{words} ({known})")));
                let all = std::iter::once(("", "Nothing".to_owned())).chain(others);
                choose(&id_name, &format!("What comes as number {}", n + 1), None, "", all, problems)
            }
            Kind::Lines => text_area(&text_name, &format!("Line {}", n + 1), None, text, problems),
            Kind::Answers => html! {
                div class="narrow" {
                    (field(&id_name, &format!("Id of answer {}", n + 1), id))
                    (field(&text_name, &format!("Words of answer {}", n + 1), text))
                }
            },
        }
    }
}

/// Words, one of them on each line of the file.
///
/// # Errors
/// What is wrong, by field.
pub fn lines(name: &str, rows: &Rows) -> Result<Value, Wrong> {
    let rows = rows.iter().filter(|row| !is_blank(row));
    let lines: Vec<Value> =
        rows.map(|(_, text)| text.split_whitespace().collect::<Vec<_>>().join(" ").into()).collect();
    if lines.is_empty() { Err(wrong(name, "Enter a line or more")) } else { Ok(on_lines(lines)) }
}

/// What was chosen, on one line of the file.
///
/// # Errors
/// What is wrong, by field.
pub fn chosen(name: &str, rows: &Rows, choices: &[(String, String)]) -> Result<Value, Wrong> {
    let ids: Vec<&str> = rows.iter().map(|(id, _)| id.as_str()).filter(|id| !id.is_empty()).collect();
    for (n, id) in ids.iter().enumerate() {
        if ids[..n].contains(id) {
            return Err(wrong(name, format!("{id} is there twice")));
        }
        if choices.iter().all(|(known, _)| known != id) {
            return Err(wrong(name, format!("{id} cannot be chosen: take it out")));
        }
    }
    if ids.is_empty() { Err(wrong(name, "Choose one or more")) } else { Ok(ids.into_iter().collect::<Array>().into()) }
}

/// Answers, one of them on each line of the file.
///
/// # Errors
/// What is wrong, by field.
pub fn answers(name: &str, rows: &Rows) -> Result<Value, Wrong> {
    let mut all = Vec::new();
    for (n, (id, text)) in rows.iter().enumerate().filter(|(_, row)| !is_blank(row)) {
        let problem = |end: &str, problem: String| Err(wrong(format!("{name}-{n}-{end}"), problem));
        if !is_word(id) {
            return problem(
                "id",
                format!("Enter an id of small letters, digits and underscores for the answer “{text}”"),
            );
        }
        if text.is_empty() {
            return problem("text", format!("Enter the words of the answer {id}"));
        }
        if rows[..n].iter().any(|(other, _)| other == id) {
            return problem("id", format!("Two answers have the id {id}"));
        }
        all.push(InlineTable::from_iter([("id", id.as_str()), ("text", text.as_str())]).into());
    }
    if all.len() < 2 { Err(wrong(format!("{name}-0-id"), "Enter two answers or more")) } else { Ok(on_lines(all)) }
}

/// Whether it is lower-case words joined by underscores.
pub fn is_word(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

fn on_lines(values: Vec<Value>) -> Value {
    let mut all = Array::new();
    for mut value in values {
        value.decor_mut().set_prefix("\n  ");
        all.push_formatted(value);
    }
    all.set_trailing_comma(true);
    all.set_trailing("\n");
    all.into()
}
