//! What every page of the tracker is made of: it waits for the device, shows its part or, before anything else, the
//! emergency that the days hold.

use leptos::{html::Div, prelude::*};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::{
    Card,
    alert_view::{alarm, alerts},
    device,
    entry::Unreadable,
    log::{Change, DayLog, Writes, judge, ticked},
    sheet::{Keeping, Sheet, Stage},
    starter::Starter,
    sync::view::{away, not_sent},
};
use crate::{
    day::Day,
    triage::{
        RuleSet, Urgency,
        result::{emergency_card, how_sure, lead, safety_net, until_you_are_seen},
        watch::Watch,
    },
    ui::Numbers,
};

/// What a page hands its part of the tracker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Provision {
    /// The library, and the plans to start from; empty for a part that needs none.
    pub exercises: Vec<Card>,
    pub starters: Vec<Starter>,
    pub rules: RuleSet,
    /// The rules' own, which they do not bring by themselves.
    pub watch: Vec<Watch>,
    pub numbers: Numbers,
}

/// A page of the tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Today,
    Plan,
    Body,
    Progress,
    /// Not in the row of parts: today's page leads to it, and it leads back.
    Session,
}

impl Part {
    /// The row of parts.
    const ROW: [Self; 4] = [Self::Today, Self::Plan, Self::Body, Self::Progress];

    pub fn path(self) -> &'static str {
        match self {
            Self::Today => "/tracker",
            Self::Plan => "/tracker/plan",
            Self::Body => "/tracker/body",
            Self::Progress => "/tracker/progress",
            Self::Session => "/tracker/session",
        }
    }

    /// In the row of them.
    fn name(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Plan => "Plan",
            Self::Body => "Body",
            Self::Progress => "Progress",
            Self::Session => "Guided session",
        }
    }

    /// Its heading, as far as it is known before the device has answered.
    fn heading(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Plan => "Your plan",
            Self::Body => "Your body",
            Self::Progress => "Your progress",
            Self::Session => "Guided session",
        }
    }
}

/// The ways from each part to the others.
pub fn parts(here: Part) -> Markup {
    html! {
        nav class="rooms" aria-label="Tracker" {
            ul {
                @for part in Part::ROW {
                    li { a href=(part.path()) aria-current=[(part == here).then_some("page")] { (part.name()) } }
                }
            }
        }
    }
}

/// For whoever has an exercise in their plan that is not in the library any more.
#[cfg(any(feature = "today", feature = "planning"))]
pub fn retired_note(card: &Card) -> Option<String> {
    let words = "This exercise is not in our library any more, and the guided session leaves it out.";
    (!card.is_offered()).then(|| format!("{words} {} Take it out of your plan, and choose another.", card.retired))
}

/// What every view of the tracker shares.
#[derive(Clone, Copy)]
pub struct Tracking {
    pub sheet: RwSignal<Sheet>,
    pub exercises: StoredValue<Vec<Card>>,
    pub starters: StoredValue<Vec<Starter>>,
    pub rules: StoredValue<RuleSet>,
    pub numbers: StoredValue<Numbers>,
}

impl Tracking {
    /// Changes the day on the screen, at once; the device follows.
    pub fn change(self, change: Change) {
        self.change_day(self.sheet.with_untracked(Sheet::shown), change);
    }

    /// Changes what stands from day to day, as [`Tracking::change`] does a day.
    pub fn stand(self, writes: Writes) {
        self.sheet.update(|sheet| sheet.stand(writes, device::now()));
        device::save(self);
    }

    pub fn change_day(self, day: Day, change: Change) {
        let now = device::now();
        self.rules.with_value(|rules| {
            self.sheet.update(|sheet| {
                sheet.change(day, &change, &rules.version, now);
                sheet.keep_alerts(rules, now);
            });
        });
        device::save(self);
    }

    /// A text that follows the sheet.
    pub fn text(self, text: impl Fn(&Sheet) -> String + Send + Sync + 'static) -> Memo<String> {
        // Boxed here and below: one memo for all of them is 10 KB less wasm.
        let text: Box<dyn Fn(&Sheet) -> String + Send + Sync> = Box::new(text);
        Memo::new(move |_| self.sheet.with(&text))
    }

    /// A state that follows the sheet.
    pub fn is(self, is: impl Fn(&Sheet) -> bool + Send + Sync + 'static) -> Memo<bool> {
        let is: Box<dyn Fn(&Sheet) -> bool + Send + Sync> = Box::new(is);
        Memo::new(move |_| self.sheet.with(&is))
    }

    /// What the rules say to the shown day.
    pub fn urgency(self, sheet: &Sheet) -> Option<Urgency> {
        self.rules.with_value(|rules| sheet.ask(|log| judge(rules, log).urgency))
    }
}

/// A part of the tracker. The server renders it waiting, because only the device knows the date and the days; the browser
/// then puts its own in that place. So there is nothing in it to hydrate, and its views can be compiled otherwise than the
/// server's (xtask's `wasm.rs`).
pub fn shell(
    provision: Provision,
    part: Part,
    view: impl Fn(Tracking) -> AnyView + Copy + Send + Sync + 'static,
) -> AnyView {
    let Provision { exercises, starters, rules, watch, numbers } = provision;
    let rules = RuleSet { watch, ..rules };
    let tracking = Tracking {
        sheet: RwSignal::new(Sheet::new(device::random())),
        exercises: StoredValue::new(exercises),
        starters: StoredValue::new(starters),
        rules: StoredValue::new(rules),
        numbers: StoredValue::new(numbers),
    };
    let stage = Memo::new(move |_| tracking.rules.with_value(|rules| tracking.sheet.with(|sheet| sheet.stage(rules))));
    let root = NodeRef::<Div>::new();
    Effect::new(move |_| {
        device::show(root, move || {
            let staged = move || match stage.get() {
                Stage::Waiting => view! { <div inner_html=waiting(part).into_string()></div> }.into_any(),
                Stage::Emergency(log) => emergency(tracking, log),
                Stage::Alarm(alert) => alarm(tracking, alert),
                Stage::Day => view(tracking),
            };
            staged.into_any()
        });
        device::begin(tracking);
    });
    Effect::new(move |before: Option<Stage>| {
        let now = stage.get();
        device::show_stage(before.as_ref(), &now);
        now
    });
    view! { <div class="tracker" node_ref=root inner_html=waiting(part).into_string()></div> }.into_any()
}

/// Until the script is there: what the page is for, and what works without.
fn waiting(part: Part) -> Markup {
    html! {
        main id="main" class="wrap" {
            (parts(part))
            div class="dateline" { h1 id="heading" tabindex="-1" { (part.heading()) } }
            p class="noscript-note" {
                "Your day is about to open. The tracker keeps what you log on your device, so it needs script. Without it, look at the "
                a href="/exercises" { "exercises" } ", print a " a href="/tracker/sheet" { "sheet for the week" } ", or "
                a href="/seek-help" { "check whether you need help" } "."
            }
        }
    }
}

/// The head of a part: the ways to the others, its heading, what the device did not do, and what waits for an answer.
pub fn head(tracking: Tracking, part: Part, heading: Memo<String>) -> AnyView {
    view! {
        <div inner_html=parts(part).into_string()></div>
        <div class="dateline">
            <h1 id="heading" tabindex="-1">{heading}</h1>
            {chip(tracking)}
        </div>
        {trouble(tracking)}
        {not_sent(tracking)}
        {away(tracking)}
        {unreadable(tracking)}
        {alerts(tracking)}
    }
    .into_any()
}

/// Whether it is saved, and where.
fn chip(tracking: Tracking) -> AnyView {
    let chip = tracking.text(|sheet| match sheet.keeping() {
        Keeping::Saving => "Saving…".to_owned(),
        Keeping::NotSaved(_) => "Not saved".to_owned(),
        Keeping::Saved | Keeping::NotRead(_) => sheet.contact.words(sheet.is_logged(sheet.shown())),
    });
    let class = tracking.text(|sheet| {
        let trouble = matches!(sheet.keeping(), Keeping::NotSaved(_)) || sheet.contact.is_stuck();
        if trouble { "chip chip--trouble".to_owned() } else { "chip".to_owned() }
    });
    view! { <span class=class role="status">{chip}</span> }.into_any()
}

/// What the device did not do, what that means, and what to do.
fn trouble(tracking: Tracking) -> AnyView {
    let words = tracking.text(|sheet| match sheet.keeping() {
        Keeping::Saving | Keeping::Saved => String::new(),
        Keeping::NotSaved(trouble) => format!(
            "Could not save on this device: {}. What you logged is still on this page, and is lost when you close it. {}",
            trouble.cause(),
            trouble.way_out()
        ),
        Keeping::NotRead(trouble) => format!(
            "Could not read what is saved on this device: {}. You can log all the same. {}",
            trouble.cause(),
            trouble.way_out()
        ),
    });
    let fine = tracking.is(|sheet| matches!(sheet.keeping(), Keeping::Saving | Keeping::Saved));
    let again = move |_| {
        device::save(tracking);
        device::refresh(tracking);
    };
    view! {
        <div class="notice" hidden=fine>
            <p role="alert">{words}</p>
            <button type="button" class="btn" on:click=again>"Try again"</button>
        </div>
    }
    .into_any()
}

/// The records that are there and cannot be used.
fn unreadable(tracking: Tracking) -> AnyView {
    let words = tracking.text(|sheet| {
        let words = if sheet.unreadable().contains(&Unreadable::Newer) {
            "Some of what you logged was saved by a newer version of this page. Load the page again to see it."
        } else {
            "Some of what you logged cannot be read. It is kept as it is; what you log now is saved beside it."
        };
        words.to_owned()
    });
    let none = tracking.is(|sheet| sheet.unreadable().is_empty());
    view! { <p class="notice" hidden=none>{words}</p> }.into_any()
}

/// An emergency sign was ticked: nothing else is on the page until help was got, or the tick taken back.
fn emergency(tracking: Tracking, log: DayLog) -> AnyView {
    let day = log.day;
    let signs: Vec<String> = log.signs().into_iter().map(str::to_owned).collect();
    let last = signs.last().cloned().unwrap_or_default();
    let got_help = move |_| tracking.change_day(day, Change::GotHelp { signs: signs.clone() });
    let by_mistake = move |_| tracking.change_day(day, Change::Sign { sign: last.clone(), there: false });
    tracking.rules.with_value(|rules| {
        tracking.numbers.with_value(|numbers| {
            let judgement = judge(rules, &log);
            let told: Vec<String> = ticked(rules, &log).map(|question| question.said.clone()).collect();
            let told = if told.is_empty() { "a sign from another version of this page".to_owned() } else { told.join("; ") };
            let fired: Vec<&str> = judgement.findings.iter().map(|finding| finding.rule.as_str()).collect();
            view! {
                <main id="main">
                    <div inner_html=emergency_card(numbers, &lead(rules, &judgement.findings)).into_string()></div>
                    <div class="wrap after stack">
                        {saved(tracking)}
                        <div inner_html=until_you_are_seen(numbers, &[]).into_string()></div>
                        <section aria-labelledby="why">
                            <h2 id="why">"Why we say this"</h2>
                            <p>
                                {format!("On {} {} you ticked: {told}.", day.weekday(), day.without_year())} " "
                                <span class="rule">{format!("Rules: {}", fired.join(", "))}</span>
                            </p>
                            <div inner_html=how_sure(rules).into_string()></div>
                        </section>
                        <div class="actions">
                            <button type="button" class="btn" on:click=got_help>"I have got help"</button>
                            <button type="button" class="btn btn--quiet" on:click=by_mistake>"I ticked that by mistake"</button>
                        </div>
                        <div inner_html=safety_net(rules, numbers).into_string()></div>
                    </div>
                </main>
            }
            .into_any()
        })
    })
}

/// Whether the entry that holds the emergency is saved. Said beside the advice, never in its place.
pub fn saved(tracking: Tracking) -> AnyView {
    let words = tracking.text(|sheet| match sheet.keeping() {
        Keeping::Saving => "Saving your entry…".to_owned(),
        Keeping::Saved | Keeping::NotRead(_) => "Your entry is saved.".to_owned(),
        Keeping::NotSaved(trouble) => {
            format!(
                "Your entry could not be saved on this device: {}. Get help first. That matters more.",
                trouble.cause()
            )
        }
    });
    let fine = tracking.is(|sheet| !matches!(sheet.keeping(), Keeping::NotSaved(_)));
    view! {
        <div class="notice">
            <p role="status">{words}</p>
            <button type="button" class="btn" hidden=fine on:click=move |_| device::save(tracking)>"Try again"</button>
        </div>
    }
    .into_any()
}
