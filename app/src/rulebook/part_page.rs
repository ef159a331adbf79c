//! The forms of a rule set's parts.

use maud::{Markup, html};

use super::{
    Dossier, Texts,
    catalogue::{Catalogue, OURS, all_answers},
    condition_view::{self, Shown},
    editing,
    fields::{Answering, Control, Entry},
    grades::{GRADE_COUNT, GRADES},
    parts::{self, NEW, ONLY, Part},
    rows,
};
use crate::{
    desk::page,
    triage::{Kind, Question},
    ui::{
        form::{Field, Problems, choose, message, text_area, tick},
        page::Page,
    },
};

/// The parts that have a form.
pub(super) fn parts(dossier: &Dossier, texts: &Texts) -> Page {
    let title = format!("Change the rules, version {}", dossier.version());
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href={ "/admin/rules/" (dossier.id) } { "Rules, version " (dossier.version()) } }
        h1 { (title) }
        p { "Choose what to change. Each form writes into the " a href={ "/admin/rules/" (dossier.id) "/edit" } { "text" } ", which can also be changed as it stands." }
        @for part in Part::ALL.into_iter().filter(|part| !part.is_only()) {
            @let items = parts::list(texts, part);
            details open[matches!(part, Part::Rule | Part::History)] {
                summary { (part.plural()) @if part != Part::History { " (" (items.len()) ")" } }
                ul {
                    @for (id, words) in &items {
                        li { a href={ "/admin/rules/" (dossier.id) "/parts/" (part.name()) "/" (id) } { (id) } " " (words) }
                    }
                }
                @if part.comes_and_goes() {
                    p { a href={ "/admin/rules/" (dossier.id) "/parts/" (part.name()) "/" (NEW) } { "Add a " (part.words().to_lowercase()) } }
                }
            }
        }
        details open {
            summary { "The rest" }
            ul {
                @for part in Part::ALL.into_iter().filter(|part| part.is_only()) {
                    li { a href={ "/admin/rules/" (dossier.id) "/parts/" (part.name()) "/" (ONLY) } { (part.words()) } }
                }
            }
        }
    };
    page(title.clone(), format!("/admin/rules/{}/parts", dossier.id), &main)
}

/// The form of one part.
pub(super) struct PartForm<'a> {
    pub dossier: &'a Dossier,
    pub part: Part,
    pub item: &'a str,
    pub base: i64,
    pub entries: Vec<Entry>,
    /// What there is to choose from, where the file can be read so far.
    pub known: Option<&'a Catalogue>,
    /// When it fires, as it was saved.
    pub in_words: Vec<String>,
    pub note: &'a str,
    /// Whether the box that takes it out was ticked.
    pub taken_out: bool,
    /// The place that a button changed.
    pub open: String,
    pub problems: Problems,
    /// What it is now, where somebody else saved meanwhile.
    pub meanwhile: Option<Vec<Entry>>,
}

pub(super) fn part(form: &PartForm<'_>) -> Page {
    let (dossier, problems) = (form.dossier, &form.problems);
    let is_new = form.item == NEW;
    let title = if is_new { format!("Add a {}", form.part.words().to_lowercase()) } else { form.part.title(form.item) };
    let path = format!("/admin/rules/{}/parts/{}/{}", dossier.id, form.part.name(), form.item);
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href={ "/admin/rules/" (dossier.id) "/parts" } { "Rules, version " (dossier.version()) } }
        (problems.summary())
        h1 { (title) }
        @if let Some(theirs) = &form.meanwhile {
            section class="box" aria-labelledby="meanwhile_title" {
                h2 id="meanwhile_title" { "What it is now" }
                p { "Somebody else saved. What you typed is below, and was not saved yet." }
                dl { @for entry in theirs { dt { (entry.label) } dd { (entry.words(form.known)) } } }
            }
        }
        @if !form.in_words.is_empty() {
            section class="box" aria-labelledby="in_words_title" {
                h2 id="in_words_title" { "As it was saved" }
                ul { @for line in &form.in_words { li { (line) } } }
            }
        }
        form method="post" action=(path) novalidate {
            // What Enter in a field presses: the first button of a form.
            button class="nhsuk-u-visually-hidden" tabindex="-1" aria-hidden="true" { "Save" }
            input type="hidden" name="base" value=(form.base);
            (controls(&form.entries, form.known, &form.open, problems))
            @if form.part == Part::Question && OURS.contains(&form.item) {
                p { "This question stays: the picture of the body in the tracker ticks it." }
            } @else if form.part.comes_and_goes() && !is_new {
                (tick(editing::TAKE_OUT, "Take it out", Some("It is then gone from this version; earlier revisions keep it."), form.taken_out, problems))
            }
            (text_area("the_note", "What did you change, and why?", Some("For your colleagues."), form.note, problems))
            @if form.part == Part::Question && is_new {
                p { "A question that no rule uses cannot be saved as finished: save it unfinished, and then use it in the condition of a rule." }
            }
            @if form.part == Part::Screen && is_new {
                p { "A screen that asks nothing cannot be saved as finished: save it unfinished, and then move a question there." }
            }
            div class="actions" {
                button class="btn btn--main" { "Save" }
                button class="btn" name="press" value="unfinished" { "Save it unfinished" }
            }
        }
    };
    page(title.clone(), path.clone(), &main)
}

/// The fields of a form.
pub(super) fn controls(entries: &[Entry], known: Option<&Catalogue>, open: &str, problems: &Problems) -> Markup {
    html! { @for entry in entries { (control(entry, known, open, problems)) } }
}

fn control(entry: &Entry, known: Option<&Catalogue>, open: &str, problems: &Problems) -> Markup {
    let Entry { name, label, hint, control } = entry;
    match control {
        Control::Line(value) => {
            Field { name, label, hint: *hint, kind: "text", value, ..Field::default() }.show(problems)
        }
        Control::Lines(value) => text_area(name, label, *hint, value, problems),
        Control::Code(value) => html! { div class="code" { (text_area(name, label, *hint, value, problems)) } },
        Control::OneOf { chosen, choices } => {
            let blank =
                choices.iter().all(|(value, _)| value != chosen).then(|| (chosen.as_str(), "Choose".to_owned()));
            let all = blank.into_iter().chain(choices.iter().map(|(value, words)| (value.as_str(), words.clone())));
            choose(name, label, *hint, chosen, all, problems)
        }
        Control::Ticks { ticked, choices } => ticks(entry, ticked, choices, problems),
        Control::Tick(ticked) => tick(name, label, *hint, *ticked, problems),
        Control::Condition(draft) => match known {
            Some(known) => {
                let shown = Shown { hint: *hint, open, problems: Some(problems) };
                condition_view::builder(name, label, draft, known, &shown)
            }
            None => html! {},
        },
        Control::Answers(answers) => {
            html! { @if let Some(known) = known { (all_questions(entry, answers, known, problems)) } }
        }
        Control::Rows { kind, rows, choices } => {
            rows::Shown { id: name, name, label, hint: *hint, kind: *kind, rows, choices }.show(problems)
        }
        Control::Answering { answering, lists } => self::answering(entry, answering, lists, problems),
        Control::Count(count) => html! {
            input type="hidden" name=(name) value=(count);
            @if let (GRADE_COUNT, Some(next)) = (name.as_str(), GRADES.get(*count)) {
                div class="actions" { (condition_view::act("grade", name, next[0], html! { (label) })) }
            }
        },
    }
}

/// Those that are ticked, and folded the others.
fn ticks(entry: &Entry, ticked: &[String], choices: &[(String, String)], problems: &Problems) -> Markup {
    let Entry { name, label, hint, .. } = entry;
    let problem = problems.of(name);
    let described = problem.map(|_| format!("{name}-error"));
    let unknown = ticked.iter().filter(|id| choices.iter().all(|(known, _)| known != *id));
    let unknown = unknown.map(|id| (id.clone(), "It is not there any more".to_owned()));
    let (on, off): (Vec<_>, Vec<_>) = unknown.chain(choices.iter().cloned()).partition(|(id, _)| ticked.contains(id));
    let one = |(id, words): &(String, String), on: bool| {
        html! {
            label class="option" {
                input name=(name) type="checkbox" value=(id) checked[on];
                b { (id) }
                small { (words) }
            }
        }
    };
    html! {
        fieldset class={ "ticked" @if problem.is_some() { " nhsuk-form-group--error" } } id=(name) tabindex="-1" aria-describedby=[described] {
            legend { (label) }
            @if let Some(hint) = hint { p class="hint" { (hint) } }
            (message(name, problem))
            input type="hidden" name={ (name) "-shown" } value="yes";
            @for choice in &on { (one(choice, true)) }
            @if on.is_empty() { p { "None is ticked." } }
            @if !off.is_empty() {
                details {
                    summary { @if on.is_empty() { "Choose from " (off.len()) } @else { (off.len()) " others" } span class="nhsuk-u-visually-hidden" { ": " (label) } }
                    div { @for choice in &off { (one(choice, false)) } }
                }
            }
        }
    }
}

/// A field for each question, by screen; folded where nothing is answered.
fn all_questions(entry: &Entry, answers: &[(String, String)], known: &Catalogue, problems: &Problems) -> Markup {
    let Entry { name, label, hint, .. } = entry;
    let answer = |id: &str| answers.iter().find(|(known, _)| known == id).map_or("", |(_, answer)| answer.as_str());
    let wrong = |question: &&Question| problems.of(&format!("{name}-{}", question.id)).is_some();
    let unknown: Vec<_> = answers.iter().filter(|(id, _)| known.rules.question(id).is_none()).collect();
    html! {
        fieldset id=(name) tabindex="-1" {
            legend { h2 { (label) } }
            @if let Some(hint) = hint { p class="hint" { (hint) } }
            (message(name, problems.of(name)))
            @for (id, answer) in unknown {
                (Field { name: &format!("{name}-{id}"), label: id, hint: Some("There is no such question any more: empty it."), kind: "text", value: answer, ..Field::default() }.show(problems))
            }
            @for (screen, questions) in known.by_screen() {
                @let answered = questions.iter().filter(|question| !answer(&question.id).is_empty()).count();
                details open[answered > 0 || questions.iter().any(|question| wrong(&question))] {
                    summary { (screen.title) @if answered > 0 { " (" (answered) " answered)" } span class="nhsuk-u-visually-hidden" { " " (screen.id) } }
                    div { @for question in questions { (answer_field(&format!("{name}-{}", question.id), question, answer(&question.id), problems)) } }
                }
            }
        }
    }
}

fn answer_field(name: &str, question: &Question, answer: &str, problems: &Problems) -> Markup {
    let label = format!("{} ({})", question.text, question.id);
    if let Kind::Number { unit, min, max } = &question.kind {
        let hint = format!("{min} to {max} {unit}. Leave it empty where it is as usual.");
        let hint = Some(hint.as_str());
        return Field {
            name,
            label: &label,
            hint,
            kind: "text",
            inputmode: Some("numeric"),
            value: answer,
            ..Field::default()
        }
        .show(problems);
    }
    let answers = all_answers(question);
    let odd = Some(answer).filter(|answer| !answer.is_empty() && answers.iter().all(|(known, _)| known != answer));
    let usual = ("", if question.is_sign() { "As usual: no" } else { "As usual" }.to_owned());
    let all = std::iter::once(usual)
        .chain(answers.iter().map(|(answer, words)| (answer.as_str(), words.clone())))
        .chain(odd.map(|answer| (answer, format!("{answer} (no answer any more)"))));
    choose(name, &label, None, answer, all, problems)
}

fn answering(entry: &Entry, answering: &Answering, lists: &[String], problems: &Problems) -> Markup {
    let Entry { name, label, hint, .. } = entry;
    let kinds = [
        ("yes-no".to_owned(), "Yes or no".to_owned()),
        ("own".to_owned(), "One of its own answers".to_owned()),
        ("number".to_owned(), "A number".to_owned()),
    ];
    let lists = lists.iter().map(|list| (format!("list:{list}"), format!("One of the answers of the list “{list}”")));
    let kinds: Vec<(String, String)> = kinds.into_iter().chain(lists).collect();
    let show =
        |words: &str| html! { div class="actions" { (condition_view::act("show", name, name, html! { (words) })) } };
    html! {
        (choose(name, label, *hint, &answering.name(), kinds.iter().map(|(value, words)| (value.as_str(), words.clone())), problems))
        @match answering {
            Answering::YesNo | Answering::List(_) => (show("Show the fields for such an answer")),
            Answering::Own(rows) => {
                @let group = format!("{name}-own");
                (rows::Shown { id: &group, name, label: "Its answers", hint: Some(rows::ANSWERS), kind: rows::Kind::Answers, rows, choices: &[] }.show(problems))
            }
            Answering::Number { unit, min, max } => {
                fieldset class="group" {
                    legend { "The number" }
                    div class="narrow" {
                        @for (end, words, value) in [("unit", "Unit", unit), ("min", "The least", min), ("max", "The most", max)] {
                            (Field { name: &format!("{name}-{end}"), label: words, kind: "text", value, ..Field::default() }.show(problems))
                        }
                    }
                    (show("Show the fields for such an answer"))
                }
            }
        }
    }
}
