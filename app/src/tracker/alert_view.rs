//! What the days say together, shown: an emergency in place of everything else, and a card for what is less, until it is
//! answered.

use leptos::prelude::*;

use super::{
    log::{Change, Measure, Onset, Reply},
    shell::{Tracking, saved},
    watch::{Alert, Reading, answer},
};
use crate::{
    day::Day,
    triage::{
        Urgency,
        result::{advice, emergency_card, how_sure, safety_net, until_you_are_seen},
    },
};

impl Tracking {
    fn reply(self, alert: &Alert, reply: Reply) {
        let today = self.sheet.with_untracked(|sheet| sheet.today().unwrap_or(alert.day));
        let (day, change) = answer(alert, reply, today);
        self.change_day(day, change);
    }

    /// What the alert's rule takes it for, and what to say or do about it.
    fn meaning(self, alert: &Alert) -> (String, Vec<String>) {
        // What the server alone found, by other rules, is in its words.
        if alert.values.is_empty() {
            return self.sheet.with_untracked(|sheet| {
                let (cause, act) = sheet.told_of(alert).unwrap_or_default();
                (cause.to_owned(), act.map(str::to_owned).into_iter().collect())
            });
        }
        self.rules.with_value(|rules| {
            let rule = rules.watch.iter().find(|rule| rule.id == alert.rule);
            let acts = rule.and_then(|rule| rule.act(alert.urgency));
            let acts = self.numbers.with_value(|numbers| acts.map(|act| numbers.fill(act)));
            (rule.map(|rule| rule.cause.clone()).unwrap_or_default(), acts.into_iter().collect())
        })
    }
}

/// The open alerts of what was measured, each on a card.
pub fn alerts(tracking: Tracking) -> impl IntoView {
    let open = Memo::new(move |_| tracking.rules.with_value(|rules| tracking.sheet.with(|sheet| sheet.alerts(rules))));
    move || open.get().into_iter().map(|alert| card(tracking, alert)).collect_view()
}

fn card(tracking: Tracking, alert: Alert) -> AnyView {
    let numbers = tracking.numbers.get_value();
    let (cause, acts) = tracking.meaning(&alert);
    let class = if alert.urgency == Urgency::Urgent { "care care--urgent" } else { "care" };
    let id = format!("alert-{}", alert.rule);
    view! {
        <section class=class aria-labelledby=id.clone()>
            <h2 id=id.clone() tabindex="-1">
                <span class="nhsuk-u-visually-hidden" hidden=alert.urgency < Urgency::Urgent>"Urgent: "</span>
                {numbers.heading(alert.urgency)}
            </h2>
            <div>
                <p>{cause}</p>
                {why(&alert)}
                <div inner_html=advice(&numbers, alert.urgency, &acts).into_string()></div>
                <p><a href="/seek-help">"Check whether you need help"</a></p>
                <div inner_html=tracking.rules.with_value(|rules| how_sure(rules).into_string())></div>
                {onset(tracking, &alert)}
                {answers(tracking, alert)}
            </div>
        </section>
    }
    .into_any()
}

/// An alert that needs help at once: nothing else is on the page until it is answered.
pub fn alarm(tracking: Tracking, alert: Alert) -> AnyView {
    let numbers = tracking.numbers.get_value();
    let (cause, acts) = tracking.meaning(&alert);
    let (sure, net) =
        tracking.rules.with_value(|rules| (how_sure(rules).into_string(), safety_net(rules, &numbers).into_string()));
    view! {
        <main id="main">
            <div inner_html=emergency_card(&numbers, &cause).into_string()></div>
            <div class="wrap after stack">
                {saved(tracking)}
                <div inner_html=until_you_are_seen(&numbers, &acts).into_string()></div>
                <section aria-labelledby="why">
                    <h2 id="why">"Why we say this"</h2>
                    {why(&alert)}
                    <div inner_html=sure></div>
                </section>
                {onset(tracking, &alert)}
                {answers(tracking, alert)}
                <div inner_html=net></div>
            </div>
        </main>
    }
    .into_any()
}

/// The dated values behind an alert, and its rule.
fn why(alert: &Alert) -> AnyView {
    let values = alert.values.iter().map(|value| view! { <li>{told(value)}</li> }.into_any()).collect_view();
    view! {
        <ul>{values}</ul>
        <p hidden=!alert.values.is_empty()>
            {format!("The server finds this in what you logged, for {}, by other rules than this page has. Load the page again to get them.", alert.day.without_year())}
        </p>
        <p><span class="rule">{format!("Rules: {}", alert.rule)}</span></p>
    }
    .into_any()
}

/// Asked where the last test of a weaker foot was days ago.
fn onset(tracking: Tracking, alert: &Alert) -> AnyView {
    let (ask, day) = (alert.ask_onset, alert.day);
    let options = [
        (Onset::TwoDaysOrLess, "In the last 2 days"),
        (Onset::Longer, "Longer ago"),
        (Onset::NotSure, "I am not sure"),
    ];
    let options = options.map(|(onset, words)| {
        let choose = move |_| tracking.change_day(day, Change::WeakerSince(onset));
        view! { <button type="button" class="btn" on:click=choose>{words}</button> }.into_any()
    });
    view! {
        <section class="box" hidden=!ask aria-label="Since when">
            <h3>{format!("Your foot was weaker when you tested it on {}. When did that begin?", day.without_year())}</h3>
            <div class="actions">{options.into_iter().collect_view()}</div>
        </section>
    }.into_any()
}

fn answers(tracking: Tracking, alert: Alert) -> AnyView {
    let replies = [
        (Reply::GotHelp, "btn", "I have got help"),
        (Reply::Mistake, "btn btn--quiet", "What I logged was a mistake"),
        (Reply::RemindTomorrow, "btn btn--quiet", "Remind me tomorrow"),
    ];
    let offered = if alert.urgency == Urgency::Emergency { 2 } else { 3 };
    let alert = StoredValue::new(alert);
    let buttons = replies.into_iter().take(offered).map(|(reply, class, words)| {
        let say = move |_| {
            alert.with_value(|alert| {
                tracking.reply(alert, reply);
                // To mend it there: an alert goes by itself when its values do.
                if reply == Reply::Mistake {
                    tracking.sheet.update(|sheet| sheet.open(alert.day));
                }
            });
        };
        view! { <button type="button" class=class on:click=say>{words}</button> }.into_any()
    });
    view! { <div class="actions">{buttons.collect_view()}</div> }.into_any()
}

/// A cause, dated.
fn told(reading: &Reading) -> String {
    let on = Day::without_year;
    match reading {
        Reading::Sign { day, .. } => format!("You ticked a warning sign on {}.", on(*day)),
        Reading::Measured { day, measure, value } => format!("{} on {}: {value}.", name(*measure), on(*day)),
        Reading::Changed { measure, from, before, to, now } => {
            format!("{}: {before} on {}, {now} on {}.", name(*measure), on(*from), on(*to))
        }
        Reading::LegPain { from, to, halves } => {
            let half = if halves % 2 == 1 { ".5" } else { "" };
            format!("Your leg pain was usually {}{half} from {} to {}.", halves / 2, on(*from), on(*to))
        }
        Reading::Adherence { from, to, percent } => {
            format!("You did {percent}% of your exercises from {} to {}.", on(*from), on(*to))
        }
        Reading::Onset { day, onset } => {
            let since = match onset {
                Onset::TwoDaysOrLess => "it began within 2 days",
                Onset::Longer => "it began more than 2 days before",
                Onset::NotSure => "you are not sure when it began",
            };
            format!("On {} you said that {since}.", on(*day))
        }
    }
}

/// What was measured, at the beginning of a sentence.
fn name(measure: Measure) -> String {
    match measure {
        Measure::Pain(place) => place.name().to_owned(),
        Measure::Numbness(side) => format!("Numbness of the {} leg", side.name()),
        Measure::Foot(side) => format!("Score of the {} foot", side.name()),
        Measure::HeelWalk(side) => format!("Steps on the {} heel", side.name()),
        Measure::HeelRaise(side) => format!("Times up on the {} tiptoe", side.name()),
        Measure::Trips => "Trips".to_owned(),
        Measure::Woken => "Times woken at night".to_owned(),
        Measure::Sitting => "Minutes sitting".to_owned(),
        Measure::Walking => "Minutes walking".to_owned(),
        Measure::Effort => "Effort".to_owned(),
        Measure::Activity(number) => format!("Activity {number}"),
    }
}
