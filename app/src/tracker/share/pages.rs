//! The pages of links: the list with the form, the link that was just made, and what whoever has it sees.

use axum::http::StatusCode;
use maud::{Markup, html};

use super::{Access, LASTS, Link, State, http::Fields};
use crate::{
    account::consent::Kind,
    clock::in_words,
    site::Site,
    tracker::summary::http::STYLES,
    ui::{
        form::{Field, Problems, message},
        page::Page,
    },
};

/// How many accesses of one link are told one by one.
const TOLD: usize = 20;

pub fn list(
    links: &[Link],
    accesses: &[Access],
    now: i64,
    not_agreed: &[Kind],
    fields: &Fields,
    problems: &Problems,
) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Sharing" }
        p class="lead" { "Links by which a clinician can read the summary of what you logged, without an account." }
        p {
            "A link shows the " a href="/account/diary/summary" { "summary" } " of the days that you choose, and your plan, as they are when it is "
            "opened. It shows nothing else of your account and can change nothing. " strong { "Whoever has the link can read it" }
            ", so send it only to whom you mean it for."
        }
        @if not_agreed.is_empty() { (form(fields, problems)) } @else { (consents_first(not_agreed)) }
        section aria-labelledby="links" {
            h2 id="links" { "Your links" }
            @if links.is_empty() { p { "You have made none." } }
            @else {
                p class="hint" { "A link that has expired is listed for 90 days more. Some mail and message services open a link themselves to check it: that is listed too." }
                ul class="devices" { @for link in links { (one(link, accesses, now)) } }
            }
        }
        p { a href="/account" { "Back to your account" } }
    };
    Page::of_account("Sharing", "/account/sharing", main)
}

fn consents_first(not_agreed: &[Kind]) -> Markup {
    html! {
        div class="notice" role="status" {
            p { strong { "To share a summary, you have to agree first to:" } }
            ul { @for kind in not_agreed { li { (kind.text().title) } } }
            p { a href="/account/consents" { "Read what that means and agree" } }
        }
    }
}

fn form(fields: &Fields, problems: &Problems) -> Markup {
    let name = Field {
        name: "name",
        label: "Name to show (optional)",
        hint: Some("The page names nobody but by what you type here, up to 80 letters."),
        kind: "text",
        autocomplete: Some("off"),
        value: &fields.name,
        ..Field::default()
    };
    let problem = problems.of("lasts");
    html! {
        h2 { "Make a link" }
        form method="post" action="/account/sharing" novalidate {
            (fields.period.fields(problems))
            div class={ "field" @if problem.is_some() { " nhsuk-form-group--error" } } {
                label for="lasts" { "How long it works" }
                (message("lasts", problem))
                select id="lasts" name="lasts" aria-describedby=[problem.map(|_| "lasts-error")] aria-invalid=[problem.map(|_| "true")] {
                    @for days in LASTS {
                        @let days = days.to_string();
                        option value=(days) selected[days == fields.lasts] { (days) " days" }
                    }
                }
            }
            (name.show(problems))
            div class="actions" { button class="btn btn--main" { "Make a link" } }
        }
    }
}

fn one(link: &Link, accesses: &[Access], now: i64) -> Markup {
    let opened: Vec<&Access> = accesses.iter().filter(|access| access.link_id == link.id).collect();
    let times: i64 = opened.iter().map(|access| access.times).sum();
    let state = link.state(now);
    html! {
        li class="box" {
            h3 { (link.period.words()) }
            p {
                @match state {
                    State::Open => { strong { "Works until " (in_words(link.expires_at)) " (UTC)." } },
                    State::Expired => { strong { "Expired" } " on " (in_words(link.expires_at)) " (UTC)." },
                    State::Revoked => { strong { "Ended" } @if let Some(at) = link.revoked_at { " on " (in_words(at)) " (UTC)" } "." },
                }
                " Made on " (in_words(link.created_at)) " (UTC)"
                @if link.name.is_empty() { ", without a name." } @else { ", with the name “" (link.name) "”." }
            }
            @if opened.is_empty() { p { "Never opened." } }
            @else {
                p { "Opened " (times) @if times == 1 { " time:" } @else { " times:" } }
                ul {
                    @for access in opened.iter().take(TOLD) {
                        li { (in_words(access.last_at)) " (UTC), from the network " (access.network) @if access.times > 1 { ": " (access.times) " times in that hour" } }
                    }
                }
                @if opened.len() > TOLD { p class="hint" { "And earlier ones, which your export has." } }
            }
            @if state == State::Open {
                form method="post" action={ "/account/sharing/" (link.id) "/end" } {
                    button class="btn" { "End this link" span class="nhsuk-u-visually-hidden" { " to " (link.period.words()) } }
                }
            }
        }
    }
}

pub fn made(link: &Link, address: &str) -> Page {
    let main = html! {
        h1 { "Your link is ready" }
        p class="lead" { "It shows the summary of " (link.period.words()) " until " (in_words(link.expires_at)) " (UTC)." }
        h2 { "Copy it now" }
        p { code class="summary__link" { (address) } }
        p { strong { "It is not shown again:" } " we keep only a fingerprint of it. If you lose it, end it and make another." }
        p { "Whoever has it can read the summary. Send it only to the person whom you mean it for, and check the address before you do." }
        div class="actions" { a class="btn btn--main" href="/account/sharing" { "I have copied it" } }
    };
    let mut page = Page::of_account("Your link is ready", "/account/sharing", main);
    page.styles = STYLES;
    page
}

pub fn shared(site: &Site, link: &Link, summary: &Markup) -> Page {
    let main = html! {
        h1 { "Summary for a clinician" }
        div class="notice no-print" {
            p {
                "A patient shares this page with you by its link. It shows what they logged from " (link.period.words()) " and their plan, "
                "and nothing else of their account. It works until " strong { (in_words(link.expires_at)) " (UTC)" }
                ", or until the patient ends it."
            }
            p { "Each opening is noted, with its time and the network it comes from without the last part, and the patient sees that." }
        }
        (summary)
        p class="no-print" { "To print it or save it as a file, use your browser\u{2019}s “Print”. Please do not pass the link on." }
        p class="no-print" { "Made with " (site.settings.name) "." }
    };
    let mut page = Page::private("Summary for a clinician", "/shared", main);
    page.styles = STYLES;
    page
}

/// The same for a link that never was, one that has expired and one that was ended: it tells nobody which.
pub fn does_not_work(site: &Site) -> Page {
    let numbers = &site.settings.numbers;
    let main = html! {
        h1 { "This link does not work" }
        p class="lead" { "There is nothing to read at this address." }
        h2 { "What may have happened" }
        ul {
            li { "The address is not whole, or has a letter too many: such links are long, and mail programs break them." }
            li { "The link has expired." }
            li { "Whoever made it has ended it, or has deleted their account." }
        }
        h2 { "What you can do" }
        ul {
            li { "Copy the whole link again from where you got it." }
            li { "Ask the patient for a new one: they make it on the page of their account, under “Sharing”." }
        }
        p {
            "If you are worried about somebody\u{2019}s health, do not wait for this page: call " (numbers.urgent_name) " on " (numbers.urgent)
            ", or " (numbers.emergency) " in an emergency."
        }
    };
    Page::private("This link does not work", "/shared", main).with_status(StatusCode::NOT_FOUND)
}
