//! "Did this help you decide?": a question under a result, answered by one press, of which a count is kept and no more.

use maud::{Markup, html};

use super::Urgency;

/// The question, as a plain form: it works without script, and leaves the result's page.
pub fn helped_form(urgency: Urgency, version: &str) -> Markup {
    html! {
        form class="helped" method="post" action="/seek-help/helped" aria-labelledby="helped" {
            h2 id="helped" { "Did this help you decide?" }
            p class="hint" { "Only a count is kept, by day, kind of result and version of the rules. Your answers are not sent." }
            input type="hidden" name="urgency" value=(word(urgency));
            input type="hidden" name="version" value=(version);
            div class="actions" {
                button class="btn" name="helped" value="yes" { "Yes" }
                button class="btn" name="helped" value="no" { "No" }
            }
        }
    }
}

/// How an urgency is written in the form and in the table.
pub(crate) fn word(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::SelfCare => "self-care",
        Urgency::Routine => "routine",
        Urgency::Soon => "soon",
        Urgency::Urgent => "urgent",
        Urgency::Emergency => "emergency",
    }
}

#[cfg(feature = "ssr")]
pub use server::*;

#[cfg(feature = "ssr")]
mod server {
    use std::time::Duration;

    use leptos::prelude::*;
    use serde::Deserialize;

    use super::super::{Urgency, result::safety_net, store};
    use crate::{
        AppState, Error,
        site::Site,
        ui::{call::tel, page::Page},
    };

    /// What the form says. Its `version` is for whoever reads the form: the count goes to the rules that are in use, so
    /// that nobody can fill the table with versions of their own making.
    #[derive(Clone, Copy, Debug, Deserialize)]
    pub struct Feedback {
        pub urgency: Urgency,
        pub helped: Helped,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Helped {
        Yes,
        No,
    }

    /// How long somebody waits for a count to be kept.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Counts it, or says in the log that it could not: whoever answered has done their part either way.
    pub async fn count(state: &AppState, feedback: Feedback) {
        let helped = feedback.helped == Helped::Yes;
        let (day, version) = (state.clock.today(), &state.site.rules.version);
        let counted = store::count_feedback(&state.db, day, feedback.urgency, version, helped);
        let counted = tokio::time::timeout(PATIENCE, counted).await;
        if let Err(error) = counted.unwrap_or_else(|_| Err(Error::internal("it took too long"))) {
            tracing::warn!(%error, "an answer to \"did this help?\" was not counted");
        }
    }

    pub fn thanks(site: &Site) -> Page {
        let numbers = site.settings.numbers.clone();
        let safety_net = safety_net(&site.rules, &numbers).into_string();
        Page::new(
            "Thank you",
            "What to watch for after a check, and where to go next.",
            "/seek-help/thanks",
            move || {
                view! {
                    <main id="main" class="wrap panel prose">
                        <h1>"Thank you"</h1>
                        <p class="lead">"Your answer helps us make the checker better."</p>
                        <p>
                            "If you are still not sure what to do, call " {numbers.urgent_name.clone()} " on "
                            <a href=tel(&numbers.urgent)>{numbers.urgent.clone()}</a> "."
                        </p>
                        <div inner_html=safety_net></div>
                        <div class="actions">
                            <a class="btn btn--main" href="/seek-help">"Check again"</a>
                            <a class="btn" href="/articles">"All articles"</a>
                            <a class="btn" href="/">"Home"</a>
                        </div>
                    </main>
                }
                .into_any()
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_urgency_is_written_as_it_is_read() {
        for urgency in Urgency::ALL {
            assert_eq!(serde_json::to_value(urgency).unwrap(), word(urgency));
        }
    }

    #[test]
    fn the_form_says_what_is_kept() {
        let html = helped_form(Urgency::SelfCare, "1.0.0+ab\"").into_string();
        assert!(html.contains("Did this help you decide?") && html.contains("Only a count is kept"), "{html}");
        assert!(html.contains("name=\"urgency\" value=\"self-care\""), "{html}");
        assert!(html.contains("value=\"1.0.0+ab&quot;\""), "{html}");
    }
}
