//! The checker: a form that the server understands, taken over by the browser, which then decides on the device.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "hydrate")]
use super::conversation::{BACK, CLEAR, GO, Notice, Place};
use super::{RuleSet, conversation::Step, screens};
use crate::ui::{Numbers, handed};

/// What the page hands the checker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Conversation {
    pub rules: RuleSet,
    pub numbers: Numbers,
    pub step: Step,
    /// When the server made the page, in words.
    pub now: String,
}

/// The whole conversation, from wherever `step` is. Each page of it is one text of HTML; inputs are the form's own, so that
/// what is ticked before the script is there stays ticked.
#[island]
pub fn Checker() -> impl IntoView {
    let Conversation { rules, numbers, step, now } = handed();
    let handed = StoredValue::new((rules, numbers, now));
    let step = RwSignal::new(step);
    let page = move || {
        handed.with_value(|(rules, numbers, now)| {
            #[cfg(feature = "hydrate")]
            let now = &crate::ui::browser::now_in_words().unwrap_or_else(|| now.clone());
            step.with(|step| screens::page(rules, numbers, step, now))
        })
    };
    // Read out as the page changes; the heading, which gets the focus, is read by itself.
    let spoken = move || handed.with_value(|(rules, ..)| step.with(|step| screens::place_in_words(rules, step)));
    #[cfg(feature = "hydrate")]
    let walk = hydrate::Walk::begin(step, handed);
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        #[cfg(feature = "hydrate")]
        walk.submit(&event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    let on_click = move |event: leptos::ev::MouseEvent| {
        #[cfg(feature = "hydrate")]
        crate::ui::browser::print_if_asked(&event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    view! {
        <div class="checker" on:submit=on_submit on:click=on_click>
            <p class="nhsuk-u-visually-hidden" role="status">{spoken}</p>
            <div inner_html=page></div>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod hydrate {
    //! The conversation beside the browser's own history: back and forward follow the pages. An entry of the history holds
    //! the number of a page and nothing else; where that was is known only here, and gone with the page.

    use super::*;
    use crate::{triage::conversation, ui::browser};

    type Held = StoredValue<(RuleSet, Numbers, String)>;

    #[derive(Clone, Copy)]
    pub struct Walk {
        step: RwSignal<Step>,
        held: Held,
        /// The way to each page so far, and which of them is shown.
        ways: StoredValue<(Vec<String>, usize)>,
        /// When the page that is shown came, in the milliseconds of events.
        shown_at: StoredValue<f64>,
    }

    /// A second click of a double click must not dismiss a warning that its first click brought.
    const DOUBLE_CLICK: f64 = 500.0;

    impl Walk {
        pub fn begin(step: RwSignal<Step>, held: Held) -> Self {
            let first = step.with_untracked(Step::way_here);
            let walk =
                Self { step, held, ways: StoredValue::new((vec![first], 0)), shown_at: StoredValue::new(f64::MIN) };
            Effect::new(move |before: Option<()>| {
                step.track();
                match before {
                    None => {
                        browser::mark_ready();
                        if browser::history_number().is_none() {
                            browser::set_history_number(0);
                        }
                        // Only a page of ours that was loaded again has a number already.
                        if browser::history_number().is_some_and(|number| number > 0) {
                            browser::set_history_number(0);
                            // Showing it would take away what was ticked while the script was on its way.
                            let new = step.with_untracked(|step| step.answers.is_empty());
                            if new && !browser::anything_ticked() {
                                step.update(|step| step.notice = Some(Notice::LoadedAgain));
                            }
                        }
                    }
                    Some(()) => browser::announce_page(),
                }
            });
            browser::on_history(move || walk.follow_history());
            walk
        }

        pub fn submit(self, event: &leptos::ev::SubmitEvent) {
            let Some(fields) = browser::fields(event) else { return };
            let warning = self.step.with_untracked(|step| matches!(step.place, Place::Warning(_) | Place::Result(_)));
            if warning && event.time_stamp() - self.shown_at.get_value() < DOUBLE_CLICK {
                event.prevent_default();
                return;
            }
            // A form that the device cannot place goes to the server, which answers with a page.
            let Ok(next) = self.held.with_value(|(rules, ..)| conversation::submit(rules, &fields)) else { return };
            event.prevent_default();
            self.shown_at.set_value(event.time_stamp());
            let pressed = fields.iter().find(|(name, _)| name == GO).map(|(_, value)| value.as_str());
            if pressed == Some(BACK) && self.ways.with_value(|(_, at)| *at > 0) {
                // Keeps what was ticked; the history then says which page to show.
                self.step.update_untracked(|step| step.answers = next.answers);
                browser::go_back();
                return;
            }
            if pressed == Some(CLEAR) {
                self.ways.set_value((vec![next.way_here()], 0));
                browser::set_history_number(0);
            } else if next.way_here() != self.step.with_untracked(Step::way_here) {
                self.ways.update_value(|(ways, at)| {
                    *at += 1;
                    ways.truncate(*at);
                    ways.push(next.way_here());
                    browser::push_history_number(*at);
                });
            }
            self.step.set(next);
        }

        /// Shows the page of the history's entry, with every answer as it is now.
        fn follow_history(self) {
            // A link within the page makes an entry too, without a number: it is of the page that is shown.
            let Some(number) = browser::history_number() else {
                return browser::set_history_number(self.ways.with_value(|(_, at)| *at));
            };
            if self.ways.with_value(|(_, at)| *at == number) {
                return;
            }
            let way = self.ways.with_value(|(ways, _)| ways.get(number).cloned());
            let (answers, warned) = self.step.with_untracked(|step| (step.answers.clone(), step.warned));
            let next = self.held.with_value(|(rules, ..)| {
                let way = way.as_deref();
                // What was cleared, or is of a page before this one was loaded, is not there any more.
                way.and_then(|way| conversation::visit(rules, way, answers, warned))
                    .unwrap_or_else(|| Step { notice: Some(Notice::LoadedAgain), ..conversation::start(rules) })
            });
            if way.is_some() {
                self.ways.update_value(|(_, at)| *at = number);
            } else {
                self.ways.set_value((vec![next.way_here()], 0));
                browser::set_history_number(0);
            }
            self.step.set(next);
        }
    }
}
