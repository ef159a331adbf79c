//! The form of an exercise.

use maud::{Markup, PreEscaped, html};

use super::{compared, drawings, preview};
use crate::{
    day::Day,
    desk::{
        exercises::{Dossier, Text, form::Typed},
        page as desk_page,
        pages::revision::parts,
    },
    exercise::{Caution, figure},
    tracker::plan::{LONGEST_HOLD, MOST_REPS, MOST_SETS},
    ui::{
        form::{Field, Problems, text_area, tick},
        page::Page,
    },
};

/// What the form shows.
pub(in crate::desk::exercises) struct Editing<'a> {
    /// Nothing for an exercise that is not kept yet.
    pub dossier: Option<&'a Dossier>,
    pub typed: &'a Typed,
    pub problems: Problems,
    /// The number of a revision that somebody saved meanwhile; what was typed, and what that one says.
    pub meanwhile: Option<(i64, &'a Text, &'a Text)>,
    /// What was typed, where it is to be looked at.
    pub preview: Option<Text>,
    pub today: Day,
}

pub(in crate::desk::exercises) fn page(editing: &Editing<'_>) -> Page {
    let (title, path) = match editing.dossier {
        Some(dossier) => (format!("Edit: {}", dossier.name), format!("{}/edit", dossier.path())),
        None => ("Write an exercise".to_owned(), "/admin/exercises/new".to_owned()),
    };
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" {
            @match editing.dossier {
                Some(dossier) => a href=(dossier.path()) { "About this exercise" },
                None => a href="/admin/exercises" { "Exercises on the desk" },
            }
        }
        (editing.problems.summary())
        h1 { (title) }
        @if editing.preview.is_some() {
            p class="notice" role="status" { "This is a preview: nothing is saved yet. " a href="#preview_title" { "See it below" } "." }
        }
        @if let Some((number, mine, theirs)) = editing.meanwhile { (saved_meanwhile(number, mine, theirs)) }
        form method="post" action=(path) enctype="multipart/form-data" novalidate { (fields(editing)) }
        @if let Some(text) = &editing.preview { (preview(&text.exercise, None, editing.today)) }
    };
    desk_page(title.clone(), path.clone(), &main)
}

fn saved_meanwhile(number: i64, mine: &Text, theirs: &Text) -> Markup {
    html! {
        section class="box" aria-labelledby="meanwhile_title" {
            h2 id="meanwhile_title" { "Revision " (number) " was saved while you were writing" }
            p { "Below the form has yours; nothing of it is lost, and nothing of it is saved yet. What is " del { "struck through" } " is yours alone, what is " ins { "underlined" } " theirs alone." }
            (parts(&compared(mine, theirs)))
            (drawings(("Yours", mine), ("Theirs", theirs)))
        }
    }
}

fn fields(editing: &Editing<'_>) -> Markup {
    let (typed, problems) = (editing.typed, &editing.problems);
    let line = |name, label, hint| {
        Field { name, label, hint, kind: "text", value: typed.said(name), ..Field::default() }.show(problems)
    };
    let number = |name, label, hint| {
        Field {
            name,
            label,
            hint,
            kind: "text",
            inputmode: Some("numeric"),
            value: typed.said(name),
            ..Field::default()
        }
        .show(problems)
    };
    let area = |name, label, hint| text_area(name, label, hint, typed.said(name), problems);
    let (sets, reps, hold) = (
        format!("From 1 to {MOST_SETS}."),
        format!("From 1 to {MOST_REPS}; empty where it is not counted."),
        format!("From 1 to {LONGEST_HOLD}; empty where it is not held."),
    );
    html! {
        input type="hidden" name="base" value=(typed.said("base"));
        fieldset {
            legend { h2 { "What it is" } }
            (line("the_name", "Name", None))
            @if editing.dossier.is_none() {
                (line("the_slug", "Address", Some("Lower-case words joined by hyphens, like bridge-with-one-leg: what stands behind /exercises/. It never changes, because plans have it.")))
            }
            (line("purpose", "What it is good for", Some("In a few words.")))
            (area("the_summary", "Summary", Some("One or two sentences: what one does.")))
            (number("position", "Place in the library", Some("A number: the lowest comes first. Ours are ten apart.")))
        }
        fieldset {
            legend { h2 { "How to do it" } }
            (area("start", "How to begin", Some("How to lie, sit or stand.")))
            (area("steps", "Steps", Some("One on each line, in their order.")))
            (area("easier", "Easier version", Some("For whoever finds it too hard.")))
        }
        fieldset {
            legend { h2 { "How much" } }
            p class="hint" { "What it starts with. It has a number of times, a hold, or minutes." }
            div class="amounts" {
                (number("sets", "Sets", Some(&sets)))
                (number("reps", "Times in each set", Some(&reps)))
                (number("hold", "Hold, in seconds", Some(&hold)))
                (number("minutes", "Minutes", Some("Empty where it is not timed.")))
            }
            p class="hint" { "How far it may grow without a professional; empty where it stays as it starts." }
            div class="amounts" {
                (number("most_sets", "Up to this many sets", None))
                (number("most_reps", "Up to this many times", None))
                (number("most_hold", "Up to this many seconds", None))
            }
            (tick("side", "It is done with the left and with the right", None, typed.has("side", "yes"), problems))
            (line("frequency", "How often", Some("Like: once a day.")))
        }
        fieldset {
            legend { h2 { "Safety" } }
            (area("pain_limit", "How much it may hurt", None))
            (area("stop_when", "When to stop", Some("One reason on each line.")))
            (area("care", "What to mind", Some("Empty where there is nothing.")))
            (number("min_foot_score", "Not below this foot score", Some("From 0 to 5; empty where it is for any foot.")))
            fieldset {
                legend { "Whom it is not for, or not without asking" }
                @for caution in Caution::ALL {
                    label class="option" {
                        input type="checkbox" name="avoid" value=(caution.name()) checked[typed.has("avoid", caution.name())];
                        b { (caution.words()) }
                    }
                }
            }
        }
        fieldset {
            legend { h2 { "Drawing" } }
            @if figure::problem(typed.said("figure")).is_none() {
                div class="figure figure--small" aria-hidden="true" { (PreEscaped(typed.said("figure"))) }
            }
            (area("figure_alt", "The drawing in words", Some("For whoever cannot see it: who does what.")))
            (Field { name: "drawing", label: "Choose a drawing", hint: Some("An SVG file. It takes the place of the one below. Shapes alone: no text, script, style or links."), kind: "file", ..Field::default() }.show(problems))
            div class="code" { (area("figure", "Or paste it as SVG", None)) }
        }
        fieldset {
            legend { h2 { "Source and review" } }
            (line("source_title", "Title of the source", None))
            (line("source_publisher", "Who published it", None))
            (line("source_url", "Its address", Some("Beginning with https://; empty where it has none.")))
            (number("review_months", "Months until the next review", Some("From 1 to 60, counted from the day of the approval.")))
            (line("the_note", "What did you change?", Some("For those who look at the revisions later.")))
        }
        div class="saving" {
            button class="btn btn--main" name="press" value="save" { "Save" }
            button class="btn" name="press" value="preview" { "Preview" }
        }
    }
}
