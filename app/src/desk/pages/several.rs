//! What is to be done with several articles, and what became of each.

use maud::{Markup, html};

use super::page;
use crate::{
    day::Day,
    desk::{
        Dossier, Stage, Status,
        several::{Act, Done, Typed},
    },
    ui::{
        form::{Field, Problems, message},
        page::Page,
    },
};

const PATH: &str = "/admin/articles/several";

const ACTS: [(&str, &str, &str); 3] = [
    (
        "add-tag",
        "Add a tag",
        "Each gets a new revision, a draft: it is approved again before readers find it by the tag.",
    ),
    (
        "remove-tag",
        "Take a tag away",
        "Each gets a new revision, a draft: it is approved again before readers do without the tag.",
    ),
    ("archive", "Archive them", "Readers do not see them any more. Nothing is deleted, and each can be brought back."),
];

pub(in crate::desk) fn ask(typed: &Typed, chosen: &[Dossier], today: Day, problems: &Problems) -> Page {
    let tag = Field {
        name: "tag",
        label: "Tag",
        hint: Some("To add or to take away: lower-case words joined by hyphens, like back-pain."),
        kind: "text",
        autocomplete: Some("off"),
        value: &typed.tag,
        ..Field::default()
    };
    let (none, wrong) = (problems.of("chosen"), problems.of("act"));
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href=(typed.back) { "Back to the list" } }
        (problems.summary())
        h1 { "Tag or archive several articles" }
        @if chosen.is_empty() {
            div id="chosen" tabindex="-1" { (message("chosen", none)) p { "None is ticked." } }
            p { a href=(typed.back) { "Back to the list" } }
        } @else {
            form method="post" action=(PATH) novalidate {
                input type="hidden" name="back" value=(typed.back);
                input type="hidden" name="sure" value="yes";
                fieldset id="chosen" tabindex="-1" class={ "question" @if none.is_some() { " nhsuk-form-group--error" } } {
                    legend { "Articles" }
                    (message("chosen", none))
                    @for dossier in chosen {
                        label class="option" {
                            input type="checkbox" name="article" value=(dossier.id) checked;
                            b { (dossier.title) }
                            small { (standing(dossier, today)) }
                        }
                    }
                }
                fieldset id="act" tabindex="-1" class={ "question" @if wrong.is_some() { " nhsuk-form-group--error" } } {
                    legend { "What to do with them" }
                    (message("act", wrong))
                    @for (value, words, means) in ACTS {
                        label class="option" {
                            input type="radio" name="act" value=(value) checked[typed.act == value];
                            b { (words) }
                            small { (means) }
                        }
                    }
                }
                (tag.show(problems))
                div class="actions" { button class="btn btn--main" { "Do it now" } a href=(typed.back) { "Cancel" } }
            }
        }
    };
    page("Tag or archive several articles", PATH, &main)
}

/// How an article stands, and what a new revision would undo.
fn standing(dossier: &Dossier, today: Day) -> Markup {
    let status = dossier.status(today);
    html! {
        (status.words())
        @match dossier.stage {
            _ if status == Status::Archived => {}
            Stage::InReview => { ": a new revision takes it out of review" }
            Stage::Approved if dossier.publish_at.is_some() => { ": a new revision calls its publication off" }
            Stage::Approved => { ": a new revision has to be approved again" }
            Stage::Draft | Stage::Published => {}
        }
    }
}

pub(in crate::desk) fn done(act: &Act, back: &str, done: &[Done]) -> Page {
    let (did, not): (Vec<&Done>, Vec<&Done>) = done.iter().partition(|one| one.became.is_ok());
    let title = match act {
        Act::Archive => "Archived".to_owned(),
        Act::AddTag(tag) => format!("Tag added: {tag}"),
        Act::RemoveTag(tag) => format!("Tag taken away: {tag}"),
    };
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href=(back) { "Back to the list" } }
        h1 { (title) }
        p class="notice" role="status" {
            @match did.len() { 0 => "Nothing was done.", 1 => "It was done with one article.", count => { "It was done with " (count) " articles." } }
        }
        @if !did.is_empty() {
            ul class="found" { @for one in did { li { a href={ "/admin/articles/" (one.dossier.id) } { (one.dossier.title) } } } }
        }
        @if !not.is_empty() {
            h2 { "Not done" }
            ul class="found" {
                @for one in not {
                    li {
                        a href={ "/admin/articles/" (one.dossier.id) } { (one.dossier.title) }
                        @if let Err(why) = one.became { ul class="meta" { li { (why) } } }
                    }
                }
            }
        }
    };
    page(title, PATH, &main)
}
