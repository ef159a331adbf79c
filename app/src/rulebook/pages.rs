//! The rulebook's pages, as plain forms: whatever acts works without script.

use maud::{Markup, html};

use super::{
    Dossier, Listed, Origin, Publication, RevisionLine, Stage, Texts, difference::Section, gates::Report,
    outcomes::Change, words,
};
use crate::{
    account::{Role, session::Visitor},
    clock,
    desk::{Signature, compare::compare, differences, page, who},
    site::Site,
    triage::{Answers, Assessment, Choice, Kind, NO, NOT_SURE, PREFER_NOT, Question, RuleSet, Told, YES},
    ui::{
        form::{self, Problems, message, text_area, tick},
        page::Page,
    },
};

/// What a page says after a deed, by its name in the address.
pub(super) fn done(name: &str) -> Option<&'static str> {
    Some(match name {
        "begun" => "The draft is begun. Nothing changes for anybody until it is published.",
        "saved" => "Saved as a new revision. It is a draft, and has to be checked again.",
        "unchanged" => "Nothing was changed, so there is no new revision.",
        "checking" => "The checks run. Look again in a while.",
        "asked" => "Sent to a reviewer, and the checks run.",
        "withdrawn" => "Taken back: it is a draft again.",
        "published" => "Published. Every server uses it within five seconds.",
        "rolled-back" => "Rolled back. Every server uses it within five seconds.",
        _ => return None,
    })
}

fn number(version: &str) -> &str {
    version.split('+').next().unwrap_or_default()
}

/// Every rule set.
pub(super) fn list(visitor: &Visitor, site: &Site, listed: &[Listed]) -> Page {
    let current = listed.iter().filter_map(|one| one.publication).max();
    let writer = visitor.roles.has(Role::Editor) || visitor.roles.has(Role::Reviewer);
    let main = html! {
        h1 { "Rule sets" }
        p class="lead" { "What the checker asks, and what it makes of the answers. Wrong rules harm people: each change is checked, and published by a clinician who did not write it." }
        p {
            "This server decides by version " strong { (site.rules.version) } ", which "
            (match site.in_use.origin {
                Origin::Program => "came with the program.",
                Origin::Folder => "lies in its data folder.",
                Origin::Desk => "was published here.",
            })
        }
        @if let Some(refused) = &site.rules_refused { p class="notice" { "Beware: " (refused) "." } }
        @if writer {
            form method="post" action="/admin/rules/new" {
                div class="actions" { button class="btn btn--main" { "Begin a draft from version " (number(&site.rules.version)) } }
            }
        }
        @if listed.is_empty() { p { "None was written here yet." } } @else {
            h2 { (listed.len()) @if listed.len() == 1 { " rule set" } @else { " rule sets" } }
            ul class="found" { @for one in listed { (line(one, current)) } }
        }
    };
    page("Rule sets", "/admin/rules", &main)
}

fn line(one: &Listed, current: Option<i64>) -> Markup {
    html! {
        li {
            a href={ "/admin/rules/" (one.id) } { "Version " (if one.version.is_empty() { "that cannot be read" } else { &one.version }) }
            ul class="meta" {
                li class={ "status status--" (one.stage) } { (Stage::named(&one.stage).map_or("", Stage::words)) }
                @if one.publication.is_some() && one.publication == current { li { "what servers are to use" } }
                li { "changed " (clock::in_words(one.saved_at)) }
                @if let Some(email) = &one.saved_by_email { li { (email) } }
                @if !one.note.is_empty() { li { (one.note) } }
            }
        }
    }
}

/// What the checks of a text found.
pub(super) enum Found {
    Nothing,
    Running {
        done: i64,
        total: i64,
    },
    /// Nobody was heard of who runs them.
    Stopped,
    Done(Box<Report>),
}

/// What there is to know about a rule set for whoever asks.
pub(super) struct Known<'a> {
    pub dossier: &'a Dossier,
    pub site: &'a Site,
    pub is_in_use: bool,
    /// Whether it was published last, and whether it is older than what was.
    pub is_last: bool,
    pub is_older: bool,
    pub differs: Result<Vec<Section>, Vec<String>>,
    pub found: Found,
    /// What the checks are made against.
    pub against: String,
    /// Nothing where it cannot be read.
    pub rules: Option<RuleSet>,
    /// Name and registration number as they last gave them; empty if they never did.
    pub signature: (String, String),
    pub writer: bool,
    pub reviewer: bool,
    pub on_call: bool,
    /// Whether they wrote a part of it or asked for it.
    pub own: bool,
}

/// What was asked by a form that could not be carried out, to be shown again; and what was done.
#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    pub problems: Problems,
    pub done: Option<&'static str>,
    pub publication: Option<&'a TypedPublication>,
    pub reason: &'a str,
}

/// The form of a publication, as it was sent.
#[derive(Debug, Default)]
pub(super) struct TypedPublication {
    pub revision: i64,
    /// What the checks were made against that were shown.
    pub against: String,
    pub name: String,
    pub registration: String,
    pub signed_off: bool,
    pub read: bool,
    /// The names of the boxes of lowered outcomes that were ticked.
    pub seen: Vec<String>,
}

impl TypedPublication {
    pub fn signature(&self) -> Signature<'_> {
        Signature { name: &self.name, registration: &self.registration }
    }

    pub fn of(fields: Vec<(String, String)>) -> Self {
        let mut typed = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "revision" => typed.revision = value.parse().unwrap_or_default(),
                "against" => typed.against = value,
                "name" => typed.name = value,
                "registration" => typed.registration = value,
                "signed_off" => typed.signed_off = true,
                "read" => typed.read = true,
                _ if name.starts_with("seen_") => typed.seen.push(name),
                _ => {}
            }
        }
        typed
    }
}

/// The name of the box of a lowered outcome.
pub(super) fn seen_name(n: usize) -> String {
    format!("seen_{}", n + 1)
}

pub(super) fn rule_set(known: &Known<'_>, asked: &Asked<'_>) -> Page {
    let dossier = known.dossier;
    let title = format!("Rules, version {}", dossier.version());
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href="/admin/rules" { "Rule sets" } }
        (asked.problems.summary())
        h1 { (title) }
        @if let Some(done) = asked.done { p class="notice" role="status" { (done) } }
        (standing(known))
        (differs(known))
        (checks(known))
        (next(known, asked))
        (history(known, asked))
    };
    page(title.clone(), format!("/admin/rules/{}", dossier.id), &main)
}

fn standing(known: &Known<'_>) -> Markup {
    let dossier = known.dossier;
    html! {
        section id="how_it_stands" tabindex="-1" aria-labelledby="standing_title" {
            h2 id="standing_title" { "How it stands" }
            ul class="meta" {
                li class={ "status status--" (dossier.stage.name()) } { (dossier.stage.words()) }
                li { "revision " (dossier.newest) }
                @if known.is_in_use { li { "what this server uses" } }
            }
            @if dossier.stage == Stage::InReview { p { "Asked for by " (who(dossier.asked_by_email.as_deref())) "." } }
            div class="actions" {
                @if known.writer && dossier.stage != Stage::Published {
                    a class="btn btn--main" href={ "/admin/rules/" (dossier.id) "/parts" } { "Change it by forms" }
                    a class="btn" href={ "/admin/rules/" (dossier.id) "/edit" } { "Edit the text" }
                }
                a class="btn" href={ "/admin/rules/" (dossier.id) "/try" } { "Try it" }
                a class="btn" href={ "/admin/rules/" (dossier.id) "/revisions/" (dossier.newest) "/rules.toml" } { "Download the rules" }
                a class="btn" href={ "/admin/rules/" (dossier.id) "/revisions/" (dossier.newest) "/vignettes.toml" } { "Download the test cases" }
            }
        }
    }
}

fn differs(known: &Known<'_>) -> Markup {
    html! {
        section aria-labelledby="differs_title" {
            h2 id="differs_title" { "What it changes" }
            p { "Against version " (number(&known.site.rules.version)) ", which is in use." }
            @match &known.differs {
                Err(problems) => {
                    p { "It cannot be read:" }
                    ul { @for problem in problems { li { (problem) } } }
                },
                Ok(sections) if sections.is_empty() => p { "Nothing." },
                Ok(sections) => @for section in sections {
                    h3 { (section.title) }
                    ul { @for line in &section.lines { li { (line) } } }
                },
            }
        }
    }
}

fn checks(known: &Known<'_>) -> Markup {
    let dossier = known.dossier;
    let run = |words: &str| {
        html! {
            @if known.writer && dossier.stage != Stage::Published { (press(dossier, "check", words, false)) }
        }
    };
    html! {
        section id="the_checks" tabindex="-1" aria-labelledby="checks_title" {
            h2 id="checks_title" { "The checks" }
            @match &known.found {
                Found::Nothing => {
                    p { "This text was not checked yet, against what is in use now." }
                    (run("Run the checks"))
                },
                Found::Stopped => {
                    p { "The checks stopped before they were done, perhaps because a server was restarted." }
                    (run("Run the checks again"))
                },
                Found::Running { done, total } => {
                    p { "They run: " (done * 100 / (*total).max(1)) "% is done." }
                    progress class="bar" max=(total) value=(done) aria-label="How far the checks are" {}
                    p { a href={ "/admin/rules/" (dossier.id) } { "Look again" } }
                },
                Found::Done(report) => (done_report(known, report)),
            }
        }
    }
}

fn done_report(known: &Known<'_>, report: &Report) -> Markup {
    let failed = report.gates.iter().filter(|gate| !gate.problems.is_empty());
    let comparison = &report.comparison;
    html! {
        @if report.passed() {
            p { strong { "It passes all " (report.gates.len()) " checks." } " They took " (seconds(report.millis)) "." }
        } @else {
            p { strong { "It fails its checks, and nobody can publish it." } }
            @for gate in failed {
                h3 { "Fails: " (gate.name) }
                ul { @for problem in gate.problems.iter().take(MOST_SHOWN) { li { (problem) } } }
                @if gate.problems.len() > MOST_SHOWN { p { "And " (gate.problems.len() - MOST_SHOWN) " more." } }
            }
        }
        details {
            summary { "What was checked" }
            ul { @for gate in &report.gates { li { (gate.name) @if gate.problems.is_empty() { " Passed." } @else { " Failed." } } } }
        }
        h3 { "Outcomes that change" }
        @if comparison.tried == 0 { p { "They were not compared." } }
        @else if comparison.changes.is_empty() {
            p { "None of " (comparison.tried) " random sets of answers gets another outcome." }
        } @else {
            p { "Of " (comparison.tried) " random sets of answers. Lowered outcomes come first: look at each." }
            ol class="changes" { @for (n, change) in comparison.changes.iter().enumerate() { (one_change(known, n, change)) } }
        }
    }
}

const MOST_SHOWN: usize = 20;

fn seconds(millis: u64) -> String {
    format!("{}.{} seconds", millis / 1_000, millis % 1_000 / 100)
}

fn one_change(known: &Known<'_>, n: usize, change: &Change) -> Markup {
    let sets: Vec<&RuleSet> = [known.rules.as_ref(), Some(&known.site.rules)].into_iter().flatten().collect();
    let fired = |fired: &[(String, crate::triage::Urgency)]| {
        let each: Vec<String> =
            fired.iter().map(|(rule, urgency)| format!("{rule} ({})", words::urgency(*urgency))).collect();
        each.join(", ")
    };
    html! {
        li class="box" {
            p {
                strong {
                    @if change.is_lowered() { "Lowered: " } @else { "Raised: " }
                    (words::urgency(change.from)) " → " (words::urgency(change.to))
                }
                " by rule " (change.rule) ", " (change.times) @if change.times == 1 { " time" } @else { " times" }
            }
            p { "For example somebody who answers no to all but:" }
            ul { @for (question, answer) in &change.example { li { (words::answer(&sets, question, answer)) } } }
            p { "Before: " (fired(&change.before)) ". Now: " (fired(&change.after)) "." }
            p { a href={ "/admin/rules/" (known.dossier.id) "/try?example=" (n + 1) } { "Try this example" span class="nhsuk-u-visually-hidden" { " " (n + 1) } } }
        }
    }
}

/// A form of one button, about the newest revision.
fn press(dossier: &Dossier, act: &str, words: &str, main: bool) -> Markup {
    form::press(&format!("/admin/rules/{}/{act}", dossier.id), dossier.newest, words, main)
}

fn next(known: &Known<'_>, asked: &Asked<'_>) -> Markup {
    let dossier = known.dossier;
    html! {
        section aria-labelledby="next_title" {
            h2 id="next_title" { "What is next" }
            @match dossier.stage {
                Stage::Draft if known.writer => {
                    p { "When it is ready, ask a reviewer to publish it. It is checked first." }
                    (press(dossier, "ask", "Ask for it to be published", true))
                },
                Stage::Draft => p { "Somebody is writing it." },
                Stage::InReview => {
                    (publishing(known, asked))
                    @if known.writer {
                        p { "Taken back, it is a draft again." }
                        (press(dossier, "withdraw", "Take it back", false))
                    }
                },
                Stage::Published => p { "It was published, and is not changed any more. Begin a draft for another version." },
            }
        }
    }
}

fn publishing(known: &Known<'_>, asked: &Asked<'_>) -> Markup {
    let (dossier, problems) = (known.dossier, &asked.problems);
    let Found::Done(report) = &known.found else {
        return html! { p { "A reviewer can publish it once its checks are done." } };
    };
    if !report.passed() {
        return html! { p { "Nobody can publish it: it fails its checks." } };
    }
    if !known.reviewer || known.own {
        return html! {
            @if known.own { p { "You wrote a part of it or asked for it, so somebody else has to publish it: a reviewer." } }
            @else { p { "It waits for a reviewer." } }
        };
    }
    let (name, registration) = known.signature.clone();
    let begun = TypedPublication { name, registration, ..TypedPublication::default() };
    let typed = asked.publication.unwrap_or(&begun);
    let lowered: Vec<&Change> = report.comparison.lowered().collect();
    let problem = problems.of("lowered");
    html! {
        form method="post" action={ "/admin/rules/" (dossier.id) "/publish" } novalidate {
            input type="hidden" name="revision" value=(dossier.newest);
            input type="hidden" name="against" value=(known.against);
            @if !lowered.is_empty() {
                fieldset class={ @if problem.is_some() { "nhsuk-form-group--error" } } aria-describedby=[problem.map(|_| "lowered-error")] {
                    legend { h3 { "Lowered outcomes" } }
                    (message("lowered", problem))
                    @for (n, change) in lowered.iter().enumerate() {
                        @let name = seen_name(n);
                        label class="option" {
                            // The error summary leads to the first.
                            input id=(if n == 0 { "lowered" } else { &name }) name=(name) type="checkbox" value="yes" checked[typed.seen.contains(&name)];
                            b { "I have seen number " (n + 1) ": " (words::urgency(change.from)) " → " (words::urgency(change.to)) " by rule " (change.rule) }
                        }
                    }
                }
            }
            (typed.signature().fields(problems))
            (tick("read", "I have read what it changes, and publish it", None, typed.read, problems))
            (tick("signed_off", "I sign off the whole rule set, and not this change alone", Some("Readers are then told your name and number, and not any more that no clinician has signed the rules off."), typed.signed_off, problems))
            div class="actions" { button class="btn btn--main" { "Publish revision " (dossier.newest) } }
        }
    }
}

fn history(known: &Known<'_>, asked: &Asked<'_>) -> Markup {
    let dossier = known.dossier;
    html! {
        @if !dossier.publications.is_empty() {
            section aria-labelledby="published_title" {
                h2 id="published_title" { "Published" }
                ul { @for publication in &dossier.publications { li { (published(publication)) } } }
                @if !known.is_last && !known.is_older {
                    p { "It was rolled back from. What it says can be published again as a new version, by two people." }
                } @else if known.on_call && known.is_older {
                    h3 { "Roll back to it" }
                    p { "Every server then decides by this version again, within five seconds. It takes one person, so that it can be done at any hour." }
                    form method="post" action={ "/admin/rules/" (dossier.id) "/roll-back" } novalidate {
                        (text_area("reason", "Why", None, asked.reason, &asked.problems))
                        div class="actions" { button class="btn btn--main" { "Roll back to version " (dossier.version()) } }
                    }
                }
            }
        }
        section aria-labelledby="revisions_title" {
            h2 id="revisions_title" { "Revisions" }
            ol class="revisions" {
                @for line in &dossier.revisions { li { (revision(dossier, line)) } }
            }
        }
    }
}

fn published(publication: &Publication) -> Markup {
    html! {
        (clock::in_words(publication.published_at)) " (UTC)"
        @if let Some(reason) = &publication.rollback_reason {
            ": rolled back to by " (who(publication.published_by_email.as_deref())) ", because: " q { (reason) }
        } @else if publication.name.is_empty() {
            ": replaced by what was published then; it did not come from the desk"
        } @else {
            ": published by " (publication.name) " (" (publication.registration) ")"
        }
        "."
    }
}

fn revision(dossier: &Dossier, line: &RevisionLine) -> Markup {
    html! {
        "Revision " (line.number) @if !line.version.is_empty() { ", version " (line.version) } ": "
        a href={ "/admin/rules/" (dossier.id) "/revisions/" (line.number) "/rules.toml" } { "rules" span class="nhsuk-u-visually-hidden" { " of revision " (line.number) } }
        ", "
        a href={ "/admin/rules/" (dossier.id) "/revisions/" (line.number) "/vignettes.toml" } { "test cases" span class="nhsuk-u-visually-hidden" { " of revision " (line.number) } }
        p class="hint" { (clock::in_words(line.saved_at)) " (UTC)" @if line.saved_by.is_some() { ", " (who(line.saved_by_email.as_deref())) } }
        @if !line.note.is_empty() { p { (line.note) } }
    }
}

/// The form with the whole text.
pub(super) struct Editing<'a> {
    pub dossier: &'a Dossier,
    /// The revision that it is a change of.
    pub base: i64,
    pub rules: &'a str,
    pub vignettes: &'a str,
    pub note: &'a str,
    pub problems: Problems,
    /// What somebody else saved while this was being written.
    pub meanwhile: Option<&'a Texts>,
}

pub(super) fn editor(editing: &Editing<'_>) -> Page {
    let dossier = editing.dossier;
    let title = format!("Edit the rules, version {}", dossier.version());
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href={ "/admin/rules/" (dossier.id) } { "Rules, version " (dossier.version()) } }
        (editing.problems.summary())
        h1 { (title) }
        p { "Here is the whole file. Paste another over it to import that. Begin with its first comment: it explains how rules are written." }
        @if let Some(theirs) = editing.meanwhile {
            section class="box" aria-labelledby="meanwhile_title" {
                h2 id="meanwhile_title" { "What somebody else saved meanwhile" }
                p { "Struck out is what they do not have, underlined what you do not have. Below the form is yours; nothing of it was lost." }
                (compared("Rules", editing.rules, &theirs.rules))
                (compared("Test cases", editing.vignettes, &theirs.vignettes))
            }
        }
        form method="post" action={ "/admin/rules/" (dossier.id) "/edit" } novalidate {
            input type="hidden" name="base" value=(editing.base);
            div class="file" { (text_area("the_rules", "Rules", Some("As TOML."), editing.rules, &editing.problems)) }
            div class="file" { (text_area("the_cases", "Test cases", Some("As TOML."), editing.vignettes, &editing.problems)) }
            (text_area("the_note", "What did you change?", Some("For your colleagues."), editing.note, &editing.problems))
            div class="actions" {
                button class="btn btn--main" name="press" value="save" { "Save" }
                button class="btn" name="press" value="unfinished" { "Save it unfinished" }
            }
        }
    };
    page(title.clone(), format!("/admin/rules/{}/edit", dossier.id), &main)
}

/// What they have otherwise than I.
fn compared(title: &str, mine: &str, theirs: &str) -> Markup {
    let shown = compare(&mine.replace("\r\n", "\n"), theirs);
    html! {
        h3 { (title) }
        @if shown.is_empty() { p { "The same as yours." } } @else { (differences(&shown)) }
    }
}

/// Answers that are tried, and what both rule sets make of them.
pub(super) struct Trying<'a> {
    pub dossier: &'a Dossier,
    pub draft: (&'a RuleSet, &'a Assessment),
    pub in_use: (&'a RuleSet, &'a Assessment),
    pub answers: &'a Answers,
}

pub(super) fn cannot_be_tried(dossier: &Dossier, problems: &[String]) -> Page {
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href={ "/admin/rules/" (dossier.id) } { "Rules, version " (dossier.version()) } }
        h1 { "It cannot be tried" }
        p { "The text cannot be read:" }
        ul { @for problem in problems { li { (problem) } } }
    };
    page("It cannot be tried", format!("/admin/rules/{}/try", dossier.id), &main)
}

pub(super) fn trying(trying: &Trying<'_>) -> Page {
    let dossier = trying.dossier;
    let title = format!("Try the rules, version {}", dossier.version());
    let (rules, _) = trying.draft;
    let told = Told::new(rules, trying.answers);
    let main = html! {
        nav class="crumbs" aria-label="Breadcrumb" { a href={ "/admin/rules/" (dossier.id) } { "Rules, version " (dossier.version()) } }
        h1 { (title) }
        section id="outcome" tabindex="-1" aria-labelledby="outcome_title" {
            h2 id="outcome_title" { "The outcome" }
            table {
                caption class="nhsuk-u-visually-hidden" { "What both rule sets say to these answers" }
                thead { tr { th scope="col" { "Rules" } th scope="col" { "Outcome" } th scope="col" { "Rules that fire" } } }
                tbody {
                    (outcome("This version", trying.draft.1))
                    (outcome(&format!("In use ({})", number(&trying.in_use.0.version)), trying.in_use.1))
                }
            }
            @if trying.draft.1.urgency != trying.in_use.1.urgency {
                p { strong { @if trying.draft.1.urgency < trying.in_use.1.urgency { "It is lowered." } @else { "It is raised." } } }
            }
        }
        form method="post" action={ "/admin/rules/" (dossier.id) "/try#outcome" } novalidate {
            @for screen in &rules.screens {
                @let shown: Vec<&Question> = rules.on(screen).iter().filter(|question| told.is_asked(question)).collect();
                @if !shown.is_empty() {
                    fieldset {
                        legend { h2 { (screen.title) } }
                        @for question in shown { (try_question(question, trying.answers.get(&question.id))) }
                    }
                }
            }
            div class="actions" { button class="btn btn--main" { "Show the outcome" } }
        }
    };
    page(title.clone(), format!("/admin/rules/{}/try", dossier.id), &main)
}

fn outcome(name: &str, assessment: &Assessment) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            td { (words::urgency(assessment.urgency)) }
            td {
                @for (n, finding) in assessment.findings.iter().enumerate() {
                    @if n > 0 { ", " }
                    (finding.rule) " (" (words::urgency(finding.urgency)) ")"
                }
            }
        }
    }
}

fn try_question(question: &Question, answer: Option<&str>) -> Markup {
    let id = format!("try_{}", question.id);
    let choices: Vec<Choice> = match &question.kind {
        Kind::OneOf(choices) => choices.clone(),
        _ => [NO, YES, NOT_SURE, PREFER_NOT]
            .into_iter()
            .filter(|answer| question.accepts(answer))
            .map(|answer| Choice { id: answer.to_owned(), text: question.words(answer).to_owned() })
            .collect(),
    };
    html! {
        div class="field" {
            label for=(id) { (question.text) }
            @if matches!(question.kind, Kind::Number { .. }) {
                input id=(id) name=(question.id) type="text" inputmode="numeric" value=[answer];
            } @else {
                select id=(id) name=(question.id) {
                    @if !question.is_sign() { option value="" { "Not answered" } }
                    @for choice in &choices { option value=(choice.id) selected[answer == Some(choice.id.as_str())] { (choice.text) } }
                }
            }
        }
    }
}
