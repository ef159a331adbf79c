//! The page of numbers: small charts, each with its table. No number under [`FEW`] is shown: it might be about one person.

use std::collections::HashMap;

use maud::{Markup, html};
use uuid::Uuid;

use super::{
    http::SPANS,
    store::{Helped, Read},
    urgency_name,
};
use crate::{day::Day, desk::page, triage::Urgency, ui::page::Page};

/// From here on a number is shown.
const FEW: i64 = 5;
/// The chart's height, in its own units.
const HEIGHT: i64 = 100;

/// What the page shows.
pub(super) struct Shown {
    pub days: i64,
    pub today: Day,
    /// By day; of the chosen article, or of all.
    pub reads: HashMap<String, i64>,
    /// By id.
    pub of_articles: HashMap<String, i64>,
    pub starts: HashMap<String, i64>,
    /// By urgency.
    pub results: HashMap<String, i64>,
    pub helped: Vec<Helped>,
    pub articles: Vec<Read>,
    pub chosen: Option<Uuid>,
}

pub(super) fn numbers(shown: &Shown) -> Page {
    let chosen = shown.chosen.and_then(|id| shown.articles.iter().find(|article| article.id == id));
    let reads = match chosen {
        Some(article) => format!("Reads of \u{201c}{}\u{201d}", article.title),
        None => "Reads of all articles".to_owned(),
    };
    let main = html! {
        h1 { "Numbers" }
        p class="lead" { "How many read and check, by day (UTC). Counted without cookies and addresses: somebody who reads twice is two." }
        (narrow(shown))
        (chart(&reads, "reads", "reads", &shown.reads, shown))
        div {
            h2 { "Reads by article" }
            section class="scrolls" tabindex="0" aria-label="Reads by article" {
                table {
                    thead { tr { th scope="col" { "Article" } th scope="col" { "Reads in " (shown.days) " days" } } }
                    tbody {
                        @for article in by_reads(shown) {
                            tr { th scope="row" { a href={ "?days=" (shown.days) "&article=" (article.id) } { (article.title) } } td { (words(count(&shown.of_articles, &article.id.to_string()))) } }
                        }
                    }
                }
            }
        }
        (chart("Starts of the checker", "starts", "starts", &shown.starts, shown))
        (results(shown))
        h2 { "How it is counted" }
        p { "A read is a page that a browser asked for, whether or not it had it already. Not counted: what calls itself a robot, what only asks whether the page is there, and what a browser fetches in advance. Robots that pose as browsers are counted." }
        p { "A start of the checker is its page being opened. With script, the checker runs on the reader\u{2019}s device and tells us nothing of the result; the results here are those of the form without script." }
        p { "Each server adds its counts to the database every few seconds; one that breaks down loses those. Numbers from 1 to 4 are shown as \u{201c}fewer than 5\u{201d}." }
        p { a href="/admin/feedback" { "What readers say" } }
    };
    page("Numbers", "/admin/numbers", &main)
}

fn narrow(shown: &Shown) -> Markup {
    html! {
        form class="narrow" method="get" action="/admin/numbers" {
            div class="field" {
                label for="days" { "Time" }
                select id="days" name="days" { @for days in SPANS { option value=(days) selected[days == shown.days] { (days) " days" } } }
            }
            div class="field" {
                label for="article" { "Article" }
                select id="article" name="article" {
                    option value="" { "All" }
                    @for article in &shown.articles { option value=(article.id) selected[shown.chosen == Some(article.id)] { (article.title) } }
                }
            }
            div class="actions" { button class="btn" { "Show" } }
        }
    }
}

fn count(counts: &HashMap<String, i64>, of: &str) -> i64 {
    counts.get(of).copied().unwrap_or_default()
}

/// A number as it may be shown.
fn words(count: i64) -> String {
    if (1..FEW).contains(&count) { format!("fewer than {FEW}") } else { count.to_string() }
}

/// Most read first; among those whose number is not shown, by title.
fn by_reads(shown: &Shown) -> Vec<&Read> {
    let rank = |article: &&Read| match count(&shown.of_articles, &article.id.to_string()) {
        few if few < FEW => i64::from(few > 0),
        many => many,
    };
    let mut articles: Vec<&Read> = shown.articles.iter().collect();
    articles.sort_by_key(|article| -rank(article));
    articles
}

/// One bar a day. What is drawn is what the table says: a day with fewer than five has a short bar of its own kind.
fn chart(title: &str, id: &str, unit: &str, counts: &HashMap<String, i64>, shown: &Shown) -> Markup {
    let days: Vec<(Day, i64)> = (0..shown.days)
        .rev()
        .map(|back| shown.today.plus(-back))
        .map(|day| (day, count(counts, &day.to_string())))
        .collect();
    let most = days.iter().map(|(_, count)| *count).max().unwrap_or_default().max(FEW);
    let total: i64 = days.iter().map(|(_, count)| count).sum();
    let (first, last) = (shown.today.plus(1 - shown.days), shown.today);
    html! {
        section aria-labelledby={ (id) "_title" } {
            h2 id={ (id) "_title" } { (title) }
            p { (words(total)) " " (unit) " from " (first.long()) " to " (last.long()) "." }
            figure class="bars" {
                figcaption { (unit) " a day; the highest bar is " @if most > FEW { (most) } @else { "at most " (FEW) } }
                svg viewBox={ "0 0 " (shown.days * 4) " " (HEIGHT) } preserveAspectRatio="none" width="100%" height="140" fill="currentColor" role="img" aria-label={ (title) ": " (unit) " a day from " (first.long()) " to " (last.long()) ". The numbers are in the table." } {
                    @for (n, (_, count)) in days.iter().enumerate().filter(|(_, (_, count))| *count > 0) {
                        @let height = (if *count < FEW { FEW / 2 } else { *count } * HEIGHT / most).max(1);
                        rect x=(n * 4) y=(HEIGHT - height) width="3" height=(height) opacity=[(*count < FEW).then_some("0.5")] {}
                    }
                    rect x="0" y=(HEIGHT - 1) width=(shown.days * 4) height="1" opacity="0.5" {}
                }
                p class="ends" { span { (first.short_with_year()) } span { (last.short_with_year()) } }
            }
            details {
                summary { "As a table" span class="nhsuk-u-visually-hidden" { ": " (title) } }
                table {
                    thead { tr { th scope="col" { "Day" } th scope="col" { (unit) } } }
                    tbody { @for (day, count) in days.iter().rev() { tr { th scope="row" { (day.long()) } td { (words(*count)) } } } }
                }
            }
            p class="hint" { "Source: this site\u{2019}s own counts, up to " (last.long()) "." }
        }
    }
}

fn results(shown: &Shown) -> Markup {
    html! {
        div {
            h2 { "Results of the checker" }
            p { "In " (shown.days) " days. Results as the form without script gave them; answers to \u{201c}Did this help you decide?\u{201d} from all." }
            section class="scrolls" tabindex="0" aria-label="Results of the checker" {
                table {
                    thead { tr { th scope="col" { "Result" } th scope="col" { "Shown without script" } th scope="col" { "Helped" } th scope="col" { "Did not help" } } }
                    tbody {
                        @for urgency in Urgency::ALL {
                            @let name = urgency_name(urgency);
                            @let helped = shown.helped.iter().find(|helped| helped.urgency == name);
                            tr {
                                th scope="row" { (name) }
                                td { (words(count(&shown.results, name))) }
                                td { (words(helped.map_or(0, |helped| helped.yes))) }
                                td { (words(helped.map_or(0, |helped| helped.no))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_might_be_one_person_is_not_told() {
        assert_eq!([0, 1, 4, 5].map(words), ["0", "fewer than 5", "fewer than 5", "5"]);
    }
}
