//! The tracker's island: waits for the device, shows the day or, before anything else, the emergency that it holds.

use leptos::{html::Div, prelude::*};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::{
    Card,
    alert_view::alarm,
    device,
    log::{Change, DayLog, Writes, judge, ticked},
    sheet::{Keeping, Sheet, Stage},
    starter::Starter,
    today_view::today_view,
};
use crate::{
    day::Day,
    triage::{
        RuleSet,
        result::{emergency_card, how_sure, lead, safety_net, until_you_are_seen},
        watch::Watch,
    },
    ui::{Handed, Numbers},
};

/// What the page hands the tracker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Provision {
    pub exercises: Vec<Card>,
    pub starters: Vec<Starter>,
    pub rules: RuleSet,
    /// The rules' own, which they do not bring by themselves.
    pub watch: Vec<Watch>,
    pub numbers: Numbers,
}

/// What every part of the tracker shares.
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
        self.rules.with_value(|rules| self.sheet.update(|sheet| sheet.change(day, &change, &rules.version, now)));
        device::save(self);
    }
}

/// The whole tracker. The server renders it waiting, because only the device knows the date and the days; the browser then
/// puts its own in that place. So there is nothing in it to hydrate, and its views can be compiled otherwise than the
/// server's (xtask's `wasm.rs`).
#[island]
pub fn Tracker(handed: Handed<Provision>) -> impl IntoView {
    let Provision { exercises, starters, rules, watch, numbers } = handed.0;
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
                Stage::Waiting => view! { <div inner_html=waiting().into_string()></div> }.into_any(),
                Stage::Emergency(log) => emergency(tracking, log),
                Stage::Alarm(alert) => alarm(tracking, alert),
                Stage::Day => today_view(tracking),
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
    view! { <div class="tracker" node_ref=root inner_html=waiting().into_string()></div> }
}

/// Until the script is there: what the page is for, and what works without.
fn waiting() -> Markup {
    html! {
        main id="main" class="wrap" {
            div class="dateline" { h1 id="heading" tabindex="-1" { "Today" } }
            p class="noscript-note" {
                "Your day is about to open. The tracker keeps what you log on your device, so it needs script. Without it, look at the "
                a href="/exercises" { "exercises" } ", or " a href="/seek-help" { "check whether you need help" } "."
            }
        }
    }
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
