//! The editor: what is written about an article, its text, and what there is to say about it.

use maud::{Markup, PreEscaped, html};
use uuid::Uuid;

use super::{differences, findings};
use crate::{
    article::markdown::{Problem, Rendered},
    desk::{
        Dossier, Revision,
        advice::Advice,
        compare::compare,
        drafts::{Draft, Line, Other, Subject},
        live,
        manuscript::Typed,
        merge::{MINE, THEIRS},
        safety::Finding,
        when::{self, Now},
    },
    exercise::Exercise,
    ui::{
        form::{Field, Problems, text_area},
        page::Page,
    },
};

/// What the editor shows.
pub(in crate::desk) struct Editing<'a> {
    /// Nothing for an article that is not kept yet.
    pub dossier: Option<&'a Dossier>,
    pub typed: &'a Typed,
    pub problems: Problems,
    /// What somebody else saved, where it could not be brought together with this.
    pub meanwhile: Option<&'a Meanwhile<'a>>,
    /// The draft that it was opened with, if it was.
    pub draft: Option<&'a Draft>,
    /// Whether a draft was just thrown away.
    pub discarded: bool,
    /// Whether it has what was neither saved nor kept as a draft.
    pub unsaved: bool,
    /// Where it stands among the person's drafts.
    pub line: Line,
    pub account: Uuid,
    pub others: Vec<Other>,
    pub now: Now,
    /// Whom the settings tell about.
    pub authors: Vec<String>,
    pub judged: Judged,
    /// What a text can lead to with one press.
    pub exercises: Vec<Exercise>,
}

/// A text, judged.
pub(in crate::desk) struct Judged {
    pub title: String,
    pub summary: String,
    pub advice: Advice,
    pub findings: Vec<Finding>,
    /// The text as readers would see it, or why they cannot.
    pub rendered: Result<Rendered, Vec<Problem>>,
}

/// A newer revision than the one that somebody wrote from.
pub(in crate::desk) struct Meanwhile<'a> {
    pub base: &'a Revision,
    pub newest: &'a Revision,
    /// The fields that both changed.
    pub conflicts: &'a [&'static str],
    pub dossier: &'a Dossier,
}

fn page_title(editing: &Editing<'_>) -> String {
    match editing.dossier {
        Some(dossier) => format!("Edit: {}", dossier.title),
        None => "Write an article".to_owned(),
    }
}

pub(in crate::desk) fn page(editing: &Editing<'_>) -> Page {
    let subject = Subject(editing.dossier.map(|dossier| dossier.id));
    let title = page_title(editing);
    let main = html! {
        @if editing.dossier.is_some() {
            nav class="crumbs" aria-label="Breadcrumb" { a href=(subject.address()) { "About this article" } }
        }
        (editing.problems.summary())
        h1 { (title) }
        @if editing.typed.is_preview() { p class="notice" role="status" { "This is a preview: nothing is saved yet. " a href="#preview_title" { "See it below" } "." } }
        @if editing.discarded { p class="notice" role="status" { "Your draft is discarded." } }
        @if let Some(draft) = editing.draft {
            p class="notice" {
                "This is your draft, typed " (when::lately(draft.typed_at, &editing.now)) " and not saved yet." (super::draft::made_from(editing.dossier, draft)) " "
                a href={ (subject.address()) "/draft/discard" } { "Discard it\u{2026}" }
            }
        }
        div class="others" id="who_else" role="status" { (others(&editing.others, &editing.now)) }
        @if let Some(meanwhile) = editing.meanwhile { (saved_meanwhile(meanwhile)) }
        div class="editing" {
            form id="the_editor" method="post" action=(subject.editor()) novalidate data-live=(subject.address()) data-unsaved=[editing.unsaved.then_some("yes")] {
                (fields(editing))
            }
            section class="beside" id="beside_text" aria-label="Beside the text" tabindex="0" { (beside(&editing.judged)) }
        }
        (how_to_write())
        (pictures())
    };
    super::page(title, subject.editor(), &main).with_script(live::SCRIPT)
}

/// For how long after typing somebody counts as at it, in milliseconds.
const AT_IT: i64 = 15 * 60 * 1000;

/// Who else has a draft of the article.
pub(in crate::desk) fn others(others: &[Other], now: &Now) -> Markup {
    html! {
        @for other in others {
            p class="notice" {
                strong { (super::who(other.email.as_deref())) }
                @if now.millis - other.typed_at < AT_IT { " is editing this (last typed " } @else { " has a draft of this that is not saved (last typed " }
                (when::lately(other.typed_at, now)) ")."
            }
        }
    }
}

fn fields(editing: &Editing<'_>) -> Markup {
    let (typed, problems) = (editing.typed, &editing.problems);
    let line =
        |name, label, hint, value| Field { name, label, hint, kind: "text", value, ..Field::default() }.show(problems);
    let by =
        format!("As readers see it after \u{201c}By\u{201d}. Readers are told about: {}.", editing.authors.join("; "));
    html! {
        input type="hidden" name="base" value=(typed.base);
        input type="hidden" name="draft_mark" value=(editing.line.mark);
        input type="hidden" name="draft_from" value=(editing.line.from);
        input type="hidden" name="draft_of" value=(editing.account);
        (line("the_title", "Title", None, &typed.title))
        @if editing.dossier.is_none() {
            (line("the_slug", "Address", Some("Lower-case words joined by hyphens, like back-pain-at-night: what stands behind /articles/."), &typed.slug))
        }
        (text_area("the_summary", "Summary", Some("One or two sentences, for lists and search results."), &typed.summary, problems))
        (text_area("the_text", "Text", Some("In Markdown; how to write cards and lists stands at the end of this page."), &typed.markdown, problems))
        (marks(&editing.exercises))
        details class="about" open[about_is_wrong(problems) || editing.dossier.is_none()] {
            summary { "Author, tags, sources and review" }
            (line("the_author", "Author", Some(&by), &typed.author))
            (line("the_tags", "Tags", Some("Lower-case, with commas between them: back-pain, foot-drop."), &typed.tags))
            (text_area("the_sources", "Sources", Some("One on each line: title | publisher | address. The last two may be left out."), &typed.sources, problems))
            (text_area("the_conflicts", "Conflicts of interest", Some("Of the authors; empty where they have none to declare."), &typed.conflicts, problems))
            (Field {
                name: "review_months",
                label: "Months until the next review",
                hint: Some("From 1 to 60, counted from the day of the approval."),
                kind: "text",
                inputmode: Some("numeric"),
                value: &typed.review_months,
                ..Field::default()
            }.show(problems))
        }
        (line("the_note", "What did you change?", Some("For those who look at the revisions later."), &typed.note))
        div class="saving" {
            button class="btn btn--main" name="press" value="save" { "Save" }
            button class="btn" name="press" value="preview" { "Preview" }
            p { span id="draft_state" role="status" {} " " span id="draft_more" aria-hidden="true" hidden { "more to save\u{2026}" } }
        }
    }
}

/// How a mark goes into the text.
#[derive(Clone, Copy)]
enum Kind {
    /// Around the chosen words.
    Words,
    /// Before each chosen line.
    Lines,
    /// A block of its own around them.
    Block,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Lines => "lines",
            Self::Block => "block",
        }
    }
}

/// What a button writes: its name, how, the mark with `{}` for what was chosen, and what stands there where nothing was.
type Tool = (&'static str, Kind, &'static str, &'static str);

const TOOLS: [Tool; 14] = [
    ("Heading", Kind::Lines, "## {}", "Heading"),
    ("Smaller heading", Kind::Lines, "### {}", "Heading"),
    ("Bold", Kind::Words, "**{}**", "bold words"),
    ("Italic", Kind::Words, "*{}*", "words"),
    ("Link", Kind::Words, "[{}](/seek-help)", "its words"),
    ("List", Kind::Lines, "- {}", "a point"),
    ("Numbered list", Kind::Lines, "1. {}", "a step"),
    ("Emergency card", Kind::Block, "::: emergency {rules=\"E01\"}\n- {}\n:::", "what to call an ambulance for"),
    ("Urgent card", Kind::Block, "::: urgent {rules=\"F01\"}\n- {}\n:::", "what to see a GP for today"),
    ("Soon card", Kind::Block, "::: soon\n- {}\n:::", "what to see a GP for in the next days"),
    ("Callout", Kind::Block, "::: warning {title=\"Take care\"}\n{}\n:::", "Something to know."),
    ("Do", Kind::Block, "::: do\n- {}\n:::", "what helps"),
    ("Don\u{2019}t", Kind::Block, "::: dont\n- {}\n:::", "what harms"),
    ("Checker", Kind::Block, "::: checker\n:::", ""),
];

/// The tools that write marks: of use with script alone, which shows them above the text.
fn marks(exercises: &[Exercise]) -> Markup {
    let tool = |(name, kind, mark, words): &Tool| {
        let key = match *name {
            "Bold" => Some("Control+B"),
            "Italic" => Some("Control+I"),
            "Link" => Some("Control+K"),
            _ => None,
        };
        html! {
            button type="button" data-kind=(kind.name()) data-mark=(mark) data-words=(words) aria-keyshortcuts=[key] { (name) }
        }
    };
    html! {
        div class="marks" id="text_marks" hidden {
            div role="toolbar" aria-label="Write marks into the text" aria-controls="the_text" {
                @for one in &TOOLS { (tool(one)) }
            }
            div class="marks__exercise" {
                label class="nhsuk-u-visually-hidden" for="exercise_chosen" { "Exercise" }
                select id="exercise_chosen" { @for one in exercises { option value=(one.id) { (one.name) } } }
                button type="button" data-kind="words" { "Link to this exercise" }
            }
            div class="marks__picture" { button type="button" id="choose_picture" aria-haspopup="dialog" { "Put in a picture\u{2026}" } }
        }
    }
}

/// Where a picture is chosen: of use with script alone, which opens it.
fn pictures() -> Markup {
    html! {
        dialog id="pictures" class="chooser" aria-labelledby="pictures_title" {
            h2 id="pictures_title" { "Put in a picture" }
            form method="dialog" {
                div class="field" {
                    label for="picture_words" { "Search" }
                    input id="picture_words" type="search" autocomplete="off";
                }
                div class="actions" {
                    a class="btn" href="/admin/media/new" target="_blank" { "Add a picture (in a new tab)" }
                    button class="btn" value="close" { "Close" }
                }
                div id="pictures_found" {}
            }
        }
    }
}

/// Whether a field that is folded away is to be mended.
fn about_is_wrong(problems: &Problems) -> bool {
    ["the_author", "the_tags", "the_sources", "the_conflicts", "review_months"]
        .iter()
        .any(|name| problems.of(name).is_some())
}

fn saved_meanwhile(meanwhile: &Meanwhile<'_>) -> Markup {
    let newest = meanwhile.newest;
    let line = meanwhile.dossier.revisions.iter().find(|line| line.number == newest.number);
    let manuscript = &newest.manuscript;
    html! {
        section class="box" aria-labelledby="meanwhile_title" {
            h2 id="meanwhile_title" { "Revision " (newest.number) " was saved while you were writing" }
            p {
                "By " (super::who(line.and_then(|line| line.saved_by_email.as_deref()))) ". What only one of you changed is brought together below. "
                "Nothing of yours is lost, and nothing is saved yet."
            }
            @for (field, label, theirs) in [
                ("the_title", "Title", manuscript.title.as_str()),
                ("the_summary", "Summary", &manuscript.summary),
                ("the_author", "Author", &manuscript.author),
                ("the_tags", "Tags", &manuscript.tags.join(", ")),
                ("the_sources", "Sources", &Typed::of(manuscript, 0).sources),
                ("the_conflicts", "Conflicts of interest", &manuscript.conflicts),
                ("review_months", "Months until the next review", &manuscript.review_months.to_string()),
            ] {
                @if meanwhile.conflicts.contains(&field) { p { strong { (label) } " in revision " (newest.number) ": " q { (theirs) } } }
            }
            @if meanwhile.conflicts.contains(&"the_text") {
                p {
                    "In the text, what you both changed stands between the lines " code { (MINE) } " and " code { (THEIRS) }
                    ", yours first. Keep what is right, and take those lines and " code { "=======" } " out."
                }
            }
            details {
                summary { "What revision " (newest.number) " changed" }
                (differences(&compare(&meanwhile.base.manuscript.markdown, &manuscript.markdown)))
            }
        }
    }
}

/// The text as readers would see it, and what there is to say about it.
pub(in crate::desk) fn beside(judged: &Judged) -> Markup {
    html! { (preview(judged)) (advice(judged)) }
}

fn preview(judged: &Judged) -> Markup {
    html! {
        section class="preview" aria-labelledby="preview_title" {
            h2 id="preview_title" { "Preview" }
            @match &judged.rendered {
                Ok(rendered) => {
                    p class="preview-title" { (judged.title) }
                    p class="lead" { (judged.summary) }
                    @if rendered.html.is_empty() { p class="hint" { "Nothing is written yet." } }
                    div class="prose" { (PreEscaped(&rendered.html)) }
                },
                Err(problems) => {
                    p { strong { "It cannot be shown yet." } " It can be saved, but not sent to review, until this is mended:" }
                    ul { @for problem in problems { li { "Line " (problem.line) ": " (problem.message) } } }
                },
            }
        }
    }
}

fn advice(judged: &Judged) -> Markup {
    let advice = &judged.advice;
    html! {
        section class="advice" aria-labelledby="advice_title" {
            h2 id="advice_title" { "About the text" }
            ul class="meta" {
                li { (advice.words) @if advice.words == 1 { " word" } @else { " words" } }
                li { (advice.minutes) @if advice.minutes == 1 { " minute" } @else { " minutes" } " to read" }
                @if let Some(grade) = advice.grade {
                    li { "reading grade " (one_decimal(grade)) " (Flesch\u{2013}Kincaid: years of school; aim for 6 to 8)" }
                }
            }
            @if !judged.findings.is_empty() {
                h3 { "The safety check" }
                p { "Before this is approved, each of these needs its card, or a reviewer\u{2019}s decision:" }
                (findings(&judged.findings))
            }
            @if !advice.notes.is_empty() {
                h3 { "To look at" }
                ul { @for (line, what) in &advice.notes { li { "Line " (line) ": " (what) } } }
            }
            @if !advice.hardest.is_empty() {
                details data-part="hardest" {
                    summary { "The hardest sentences" }
                    ul { @for (grade, sentence) in &advice.hardest { li { "Grade " (one_decimal(*grade)) ", line " (sentence.line) ": " q { (sentence.text) } } } }
                }
            }
            @if !advice.long.is_empty() {
                details data-part="long" {
                    summary { "Long sentences (" (advice.long.len()) ")" }
                    ul { @for sentence in &advice.long { li { "Line " (sentence.line) ": " q { (sentence.text) } } } }
                }
            }
        }
    }
}

fn one_decimal(number: f64) -> String {
    format!("{number:.1}")
}

fn how_to_write() -> Markup {
    html! {
        details {
            summary { "How to write cards, lists, links and pictures" }
            p { "Begin a section with " code { "## Heading" } " and one inside it with " code { "### Heading" } ". A list has a line for each point, beginning with " code { "- " } ". A link is " code { "[its words](/seek-help)" } "." }
            p { "A picture stands on a line by itself: " code { "![](/media/\u{2026})" } ". The page of each picture in the " a href="/admin/media" { "library" } " has that line to copy. Words between the brackets describe it in this article alone; a caption goes behind the address, in quotation marks." }
            p { "A block stands between a line that begins with " code { ":::" } " and a line " code { ":::" } ":" }
            pre tabindex="0" {
                "::: emergency {rules=\"E01 E02\"}\n- what to call an ambulance for\n:::\n\n"
                "::: urgent {rules=\"F01\"}\n- what to see a GP for today\n:::\n\n"
                "::: soon\n- what to see a GP for in the next days\n:::\n\n"
                "::: warning {title=\"Take care\"}\nSomething to know.\n:::\n\n"
                "::: do\n- what helps\n:::\n\n::: dont\n- what harms\n:::\n\n::: checker\n:::\n"
            }
            p { "A number to call is written as its name, so that it stays right when it changes: " code { "{emergency}" } ", " code { "{urgent}" } ", " code { "{urgent_name}" } ", " code { "{help_line}" } ", " code { "{maternity}" } " or " code { "{listening}" } "." }
            p { "The rules are listed at the end of the page " a href="/seek-help/about" { "about the checker" } "." }
        }
    }
}
