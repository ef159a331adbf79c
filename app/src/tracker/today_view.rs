//! The day on the screen: its date, how it is with the device, pain, warning signs, and the exercises beside them.

use leptos::prelude::*;

use super::{
    device,
    island::Tracking,
    log::{Change, DayLog, Pain, Place, Unreadable, judge, ticked},
    plan_view::plan_view,
    sheet::{Keeping, Sheet},
};
use crate::{
    day::Day,
    triage::{Question, Urgency, result::advice},
    ui::CallButton,
};

pub fn today_view(tracking: Tracking) -> impl IntoView {
    view! {
        <main id="main" class="wrap">
            {dateline(tracking)}
            {trouble(tracking)}
            {unreadable(tracking)}
            {strip(tracking)}
            {back_to_today(tracking)}
            {warning(tracking)}
            <div class="grid">
                <div class="stack">{pains(tracking)} {signs(tracking)}</div>
                {plan_view(tracking)}
            </div>
        </main>
    }
}

/// "Today, Sunday 22 November", and whether it is saved.
fn dateline(tracking: Tracking) -> impl IntoView {
    let heading = move || {
        tracking.sheet.with(|sheet| {
            let day = sheet.shown();
            let today = if sheet.shows_today() { "Today, " } else { "" };
            format!("{today}{} {}", day.weekday(), day.without_year())
        })
    };
    let chip = move || {
        tracking.sheet.with(|sheet| match sheet.keeping() {
            Keeping::Saving => "Saving…",
            Keeping::NotSaved(_) => "Not saved",
            Keeping::Saved | Keeping::NotRead(_) if sheet.ask(DayLog::is_logged) => "Saved on this device",
            Keeping::Saved | Keeping::NotRead(_) => "Stays on this device",
        })
    };
    let not_saved = move || tracking.sheet.with(|sheet| matches!(sheet.keeping(), Keeping::NotSaved(_)));
    view! {
        <div class="dateline">
            <h1 id="heading" tabindex="-1">{heading}</h1>
            <span class="chip" class:chip--trouble=not_saved role="status">{chip}</span>
        </div>
    }
}

/// What the device did not do, what that means, and what to do.
fn trouble(tracking: Tracking) -> impl IntoView {
    let words = Memo::new(move |_| {
        tracking.sheet.with(|sheet| match sheet.keeping() {
            Keeping::Saving | Keeping::Saved => None,
            Keeping::NotSaved(trouble) => Some(format!(
                "Could not save on this device: {}. What you logged is still on this page, and is lost when you close it. {}",
                trouble.cause(),
                trouble.way_out()
            )),
            Keeping::NotRead(trouble) => Some(format!(
                "Could not read what is saved on this device: {}. You can log all the same. {}",
                trouble.cause(),
                trouble.way_out()
            )),
        })
    });
    let again = move |_| {
        device::save(tracking);
        device::refresh(tracking);
    };
    move || {
        words.get().map(|words| {
            view! {
                <div class="notice" role="alert">
                    <p>{words}</p>
                    <button type="button" class="btn" on:click=again>"Try again"</button>
                </div>
            }
        })
    }
}

/// The records that are there and cannot be used.
fn unreadable(tracking: Tracking) -> impl IntoView {
    let sentence = |what: &str, why: Unreadable| match why {
        Unreadable::Newer => format!("{what} was saved by a newer version of this page. Load the page again to see it."),
        Unreadable::Broken => format!("{what} cannot be read. It is kept as it is; what you log now is saved beside it."),
    };
    let lines = Memo::new(move |_| {
        tracking.sheet.with(|sheet| {
            let days = sheet.unreadable().map(|(day, why)| sentence(&format!("What you logged on {}", long(day)), why));
            let plan = sheet.plan_unreadable().map(|why| sentence("Your choice of exercises", why));
            days.chain(plan).collect::<Vec<_>>()
        })
    });
    move || lines.get().into_iter().map(|line| view! { <p class="notice">{line}</p> }).collect_view()
}

/// The last seven days, each a way to that day.
fn strip(tracking: Tracking) -> impl IntoView {
    let week = Memo::new(move |_| tracking.sheet.with(|sheet| (sheet.week(), sheet.shown(), sheet.today())));
    move || {
        let (week, shown, today) = week.get();
        let days = week
            .into_iter()
            .map(|(day, logged)| {
                let class = match (logged, today == Some(day)) {
                    (true, true) => "done today",
                    (true, false) => "done",
                    (false, true) => "today",
                    (false, false) => "",
                };
                let hidden = format!("{}{}", &day.without_year()[day.day_of_month().to_string().len()..], if logged { ", logged" } else { "" });
                view! {
                    <li class=class>
                        <button
                            type="button"
                            aria-pressed=(day == shown).to_string()
                            on:click=move |_| tracking.sheet.update(|sheet| sheet.open(day))
                        >
                            {&day.weekday()[..3]} " " <b>{day.day_of_month()}</b>
                            <span class="nhsuk-u-visually-hidden">{hidden}</span>
                        </button>
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="days" aria-label="The last seven days">{days}</ul> }
    }
}

fn long(day: Day) -> String {
    format!("{} {}", day.weekday(), day.without_year())
}

/// So that nobody logs on the wrong day.
fn back_to_today(tracking: Tracking) -> impl IntoView {
    let earlier = Memo::new(move |_| tracking.sheet.with(|sheet| (!sheet.shows_today()).then(|| sheet.shown())));
    let back = move |_| {
        tracking.sheet.update(|sheet| sheet.today().into_iter().for_each(|today| sheet.open(today)));
        device::focus("heading");
    };
    move || {
        earlier.get().map(|day| {
            view! {
                <div class="notice" role="status">
                    <p>{format!("You are looking at {}. What you change here is saved for that day.", long(day))}</p>
                    <button type="button" class="btn" on:click=back>"Back to today"</button>
                </div>
            }
        })
    }
}

/// The card of an urgent sign, for as long as it is ticked; of an emergency that help was got for, a reminder.
fn warning(tracking: Tracking) -> impl IntoView {
    let warning = Memo::new(move |_| {
        tracking.rules.with_value(|rules| {
            tracking.ask(|log| {
                let judgement = judge(rules, log);
                let urgency = judgement.urgency?;
                let cause = crate::triage::result::lead(rules, &judgement.findings);
                let told = ticked(rules, log).map(|question| question.said.as_str()).collect::<Vec<_>>().join("; ");
                Some((urgency, cause, told))
            })
        })
    });
    move || {
        warning.get().map(|(urgency, cause, told)| {
            tracking.numbers.with_value(|numbers| match urgency {
                Urgency::Emergency => view! {
                    <section class="notice" aria-labelledby="warning">
                        <h2 id="warning">"You got help for this"</h2>
                        <p>{format!("You ticked: {told}. If it comes back or gets worse, call again.")}</p>
                        <CallButton number=numbers.emergency.clone()/>
                    </section>
                }
                .into_any(),
                _ => view! {
                    <section class="care care--urgent" aria-labelledby="warning">
                        <h2 id="warning" tabindex="-1">
                            <span class="nhsuk-u-visually-hidden">"Urgent: "</span>
                            {numbers.heading(urgency)}
                        </h2>
                        <div>
                            <p>{format!("You ticked: {told}. {cause}")}</p>
                            {advice(numbers, urgency)}
                        </div>
                    </section>
                }
                .into_any(),
            })
        })
    }
}

fn pains(tracking: Tracking) -> impl IntoView {
    let heading = move || {
        tracking.sheet.with(|sheet| match sheet.shows_today() {
            true => "How is it today?".to_owned(),
            false => format!("How was it on {}?", sheet.shown().weekday()),
        })
    };
    view! {
        <section class="box" aria-labelledby="pains">
            <h2 id="pains">{heading}</h2>
            {Place::ALL.map(|place| scale(tracking, place)).into_iter().collect_view()}
        </section>
    }
}

/// One pain, from 0 to 10. The inputs show what the log says; they exist only once it has been read, so there is nothing
/// that anybody could have chosen before the script was there.
fn scale(tracking: Tracking, place: Place) -> impl IntoView {
    let pain = Memo::new(move |_| tracking.ask(|log| log.pain(place)));
    let rate = move |pain| tracking.change(Change::Pain { place, pain });
    let field = place.field();
    let id = move |pain: Pain| format!("{field}-{}", pain.score());
    let steps = Pain::scale()
        .map(|step| {
            let meaning = match step.score() {
                0 => Some(", no pain"),
                Pain::WORST => Some(", worst pain"),
                _ => None,
            };
            view! {
                <label>
                    <input
                        type="radio"
                        id=id(step)
                        name=field
                        value=step.score()
                        prop:checked=move || pain.get() == Some(step)
                        on:change=move |_| rate(Some(step))
                    />
                    <span>{step.score()} {meaning.map(|words| view! { <span class="nhsuk-u-visually-hidden">{words}</span> })}</span>
                </label>
            }
        })
        .collect_view();
    let clear = move |_| {
        rate(None);
        // The button goes away, and must not take the focus with it.
        device::focus(&format!("{field}-0"));
    };
    view! {
        <fieldset class="scale"><legend>{place.name()}</legend>{steps}</fieldset>
        <div class="ends">
            <span aria-hidden="true">"no pain"</span>
            <Show when=move || pain.get().is_some()>
                <button type="button" class="btn btn--quiet" on:click=clear>
                    "Clear" <span class="nhsuk-u-visually-hidden">{format!(" {}", place.name().to_lowercase())}</span>
                </button>
            </Show>
            <span aria-hidden="true">"worst pain"</span>
        </div>
    }
}

/// The daily list of warning signs: open until it has been answered. A tick counts at once, because it may be an emergency.
fn signs(tracking: Tracking) -> impl IntoView {
    let open = tracking.sheet.with_untracked(|sheet| !sheet.ask(DayLog::signs_answered));
    let heading = move || {
        tracking.sheet.with(|sheet| match sheet.shows_today() {
            true => "Any warning signs today?".to_owned(),
            false => format!("Any warning signs on {}?", sheet.shown().weekday()),
        })
    };
    let options = tracking.rules.with_value(|rules| {
        let daily = rules.daily.iter().filter_map(|id| rules.question(id));
        daily.map(|question| sign(tracking, question)).collect_view()
    });
    let none = move |event| {
        tracking.change(if event_target_checked(&event) {
            Change::NoSigns { in_view: tracking.sheet.with_untracked(|sheet| sheet.ask(|log| log.signs.clone())) }
        } else {
            Change::SignsOpen
        });
    };
    view! {
        <details class="box chooser" open=open>
            <summary>{heading} " " <span class="hint">{move || tracking.ask(answer_so_far)}</span></summary>
            <fieldset class="signs" aria-describedby="signs-hint">
                <legend class="nhsuk-u-visually-hidden">{heading}</legend>
                <p class="hint" id="signs-hint">
                    "Tick anything that is not normal for you. If you are not sure, tick it. An emergency sign takes you straight to what to do."
                </p>
                {options}
                <p class="or">"or"</p>
                <label class="option">
                    <input type="checkbox" name="none" prop:checked=move || tracking.ask(|log| log.no_signs) on:change=none/>
                    <b>"None of these"</b>
                </label>
            </fieldset>
        </details>
    }
}

fn answer_so_far(log: &DayLog) -> String {
    match log.signs.len() {
        0 if log.no_signs => "None".to_owned(),
        0 => "Not answered yet".to_owned(),
        ticked => format!("{ticked} ticked"),
    }
}

fn sign(tracking: Tracking, question: &Question) -> impl IntoView + use<> {
    let id = StoredValue::new(question.id.clone());
    let change = move |event| {
        let there = event_target_checked(&event);
        let before = tracking.judged_untracked();
        tracking.change(Change::Sign { sign: id.get_value(), there });
        // The card of an urgent sign is at the top: the patient is taken to it, the first time.
        if before.is_none() && there && tracking.judged_untracked() == Some(Urgency::Urgent) {
            device::focus("warning");
        }
    };
    view! {
        <label class="option">
            <input
                type="checkbox"
                name=question.id.clone()
                prop:checked=move || tracking.ask(|log| id.with_value(|id| log.has_sign(id)))
                on:change=change
            />
            <b>{question.text.clone()}</b>
            {question.hint.clone().map(|hint| view! { <small>{hint}</small> })}
        </label>
    }
}

impl Tracking {
    /// What the rules say to the shown day, for now.
    fn judged_untracked(self) -> Option<Urgency> {
        let log = self.sheet.with_untracked(|sheet: &Sheet| sheet.day(sheet.shown()));
        self.rules.with_value(|rules| judge(rules, &log).urgency)
    }
}
