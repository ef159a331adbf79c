//! What the patient can do: their own activities, rated each fortnight.

use leptos::prelude::*;
use maud::html;

use crate::tracker::{
    activities::{self, Activity, EVERY, FEWEST, LONGEST},
    device,
    log::{ACTIVITIES, Change, DayLog, Measure, WORST},
    sheet::{Sheet, WATCHED},
    shell::Tracking,
    trend::{Difference, Size, Toward},
};

pub fn abilities(tracking: Tracking) -> AnyView {
    let when = tracking.text(when);
    let what_changed =
        tracking.text(|sheet| difference(sheet).map_or_else(String::new, |difference| changed(&difference)));
    let no_worse = tracking.is(|sheet| {
        difference(sheet).is_none_or(|difference| difference.toward != Toward::Worse || !difference.matters())
    });
    view! {
        <section class="box" aria-labelledby="own">
            <h2 id="own" tabindex="-1">"What can you do?"</h2>
            <p>
                "Choose three to five things that matter to you, and that your back or leg makes hard. Rate each of them every two weeks."
            </p>
            <p class="marked">{when} " " {what_changed}</p>
            <p class="notice" hidden=no_worse>
                "You can do less than before. If a leg or foot is weaker or more numb, or anything worries you, "
                <a href="/seek-help">"check whether you need help"</a> "."
            </p>
            {(1..=ACTIVITIES).map(|number| activity(tracking, number)).collect_view()}
            {add(tracking)}
        </section>
    }
    .into_any()
}

fn all(sheet: &Sheet) -> Vec<Activity> {
    Activity::all(sheet.standing())
}

/// When they were last rated, and when it is due again.
fn when(sheet: &Sheet) -> String {
    let (activities, today) = (all(sheet), sheet.today().unwrap_or_default());
    if activities.is_empty() {
        return String::new();
    }
    let Some(last) = activities::last_rated(&activities, sheet.logs()) else {
        return "Not rated yet. Rate them today.".to_owned();
    };
    let due = last.plus(EVERY);
    let next = match due <= today {
        true => "It is time to rate them again.".to_owned(),
        false => ["Due again on ", &due.without_year(), "."].concat(),
    };
    ["Last rated on ", &last.without_year(), ". ", &next].concat()
}

/// Of the days that the device has read.
fn difference(sheet: &Sheet) -> Option<Difference> {
    let today = sheet.today()?;
    activities::changed(&all(sheet), sheet.logs(), today.plus(1 - WATCHED), today)
}

fn changed(difference: &Difference) -> String {
    let Difference { before, now, toward, size } = difference;
    let step = match size {
        Size::Slight => "no change that matters",
        Size::Small => "a small change",
        Size::Medium => "a medium change",
        Size::Large => "a large change",
    };
    let way = match toward {
        Toward::Better if *size > Size::Slight => " for the better",
        Toward::Worse if *size > Size::Slight => " for the worse",
        _ => "",
    };
    let [before, now] = [before, now].map(|(day, mean)| [mean.words().as_str(), " on ", &day.without_year()].concat());
    ["On average ", &before, " and ", &now, ": ", step, way, "."].concat()
}

/// One activity, which shows while it has a name.
fn activity(tracking: Tracking, number: u8) -> AnyView {
    let name =
        tracking.text(move |sheet| Activity::of(sheet.standing(), number).map_or_else(String::new, |it| it.name));
    let none = tracking.is(move |sheet| Activity::of(sheet.standing(), number).is_none());
    let unrated = tracking.is(move |sheet| rating(sheet, number).is_none());
    let clear = move |_| {
        rate(tracking, number, None);
        // The button goes away, and must not take the focus with it.
        device::focus(&step_id(number, 0));
    };
    let steps = (0..=WORST).map(|score| step(tracking, number, score)).collect_view();
    view! {
        <div hidden=none>
            <fieldset class="scale"><legend>{name}</legend>{steps}</fieldset>
            <div class="ends">
                <span aria-hidden="true">"cannot do it"</span>
                <button type="button" class="btn btn--quiet" hidden=unrated on:click=clear>
                    "Clear" <span class="nhsuk-u-visually-hidden">" " {name}</span>
                </button>
                <span aria-hidden="true">"as before"</span>
            </div>
            {correct(tracking, number, name)}
        </div>
    }
    .into_any()
}

fn rating(sheet: &Sheet, number: u8) -> Option<u16> {
    let activity = Activity::of(sheet.standing(), number)?;
    sheet.ask(|log: &DayLog| activity.rated(log))
}

fn rate(tracking: Tracking, number: u8, value: Option<u16>) {
    tracking.change(Change::Measured { measure: Measure::Activity(number), value });
}

fn step_id(number: u8, score: u16) -> String {
    format!("{}-{score}", Measure::Activity(number).field())
}

fn step(tracking: Tracking, number: u8, score: u16) -> AnyView {
    let meaning = match score {
        0 => ", cannot do it",
        WORST => ", as before",
        _ => "",
    };
    let words = score.to_string();
    view! {
        <label>
            <input
                type="radio"
                id=step_id(number, score)
                name=Measure::Activity(number).field()
                value=words.clone()
                prop:checked=tracking.is(move |sheet| rating(sheet, number) == Some(score))
                on:change=move |_| rate(tracking, number, Some(score))
            />
            <span>{words} <span class="nhsuk-u-visually-hidden">{meaning}</span></span>
        </label>
    }
    .into_any()
}

/// Its name to correct, or the whole to remove.
fn correct(tracking: Tracking, number: u8, name: Memo<String>) -> AnyView {
    let id = activities::field(number);
    let rename = move |event: leptos::ev::SubmitEvent| {
        let Some(fields) = device::fields(&event) else { return };
        event.prevent_default();
        if let Some(writes) = activities::rename(number, typed(&fields)) {
            tracking.stand(writes);
            device::focus("own");
        }
    };
    let remove = move |_| {
        tracking.stand(activities::remove(number));
        device::focus("own");
    };
    view! {
        <details class="change">
            <summary>"Reword or remove" <span class="nhsuk-u-visually-hidden">": " {name}</span></summary>
            <form on:submit=rename>
                <div class="field">
                    <label for=id.clone()>"In other words, for the same activity"</label>
                    <input id=id name="name" required maxlength=LONGEST.to_string() autocomplete="off" prop:value=name/>
                </div>
                <div class="actions">
                    <button class="btn">"Save the words" <span class="nhsuk-u-visually-hidden">", " {name}</span></button>
                    <button type="button" class="btn btn--quiet" on:click=remove>
                        "Remove" <span class="nhsuk-u-visually-hidden">", " {name}</span>
                    </button>
                </div>
                <p class="hint">"For another activity, remove this one and add the other. What you rated before is kept."</p>
            </form>
        </details>
    }
    .into_any()
}

fn typed(fields: &[(String, String)]) -> &str {
    fields.iter().find(|(name, _)| name == "name").map_or("", |(_, name)| name.trim())
}

fn add(tracking: Tracking) -> AnyView {
    let full = tracking.is(|sheet| all(sheet).len() >= usize::from(ACTIVITIES));
    let wrong = RwSignal::new(false);
    let right = tracking.is(move |_| !wrong.get());
    // Made anew when one was added or removed, and so emptied.
    let form = tracking.text(|sheet| add_form(all(sheet).len()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        let Some(fields) = device::fields(&event) else { return };
        event.prevent_default();
        let writes = tracking.sheet.with_untracked(|sheet| activities::add(sheet.standing(), typed(&fields)));
        wrong.set(writes.is_none());
        if let Some(writes) = writes {
            tracking.stand(writes);
            device::focus("own");
        }
    };
    view! {
        <form class="new-activity" hidden=full on:submit=submit>
            <p class="nhsuk-error-message" id="new-error" role="alert" hidden=right>"Write what the activity is"</p>
            <div inner_html=form></div>
        </form>
    }
    .into_any()
}

fn add_form(so_far: usize) -> String {
    let label = match so_far {
        0 => "Your first activity",
        _ if so_far < FEWEST => "Your next activity",
        _ => "Another activity, if you want one",
    };
    // So that the text differs each time, and the field is empty again.
    let id = ["new-activity-", &so_far.to_string()].concat();
    html! {
        div class="field" {
            label for=(id) { (label) }
            p class="hint" id="new-hint" {
                "For example: putting on socks, sitting through a meal, climbing stairs, carrying the shopping, sleeping through the night, walking to the shop"
            }
            input id=(id) name="name" maxlength=(LONGEST) autocomplete="off" aria-describedby="new-error new-hint";
        }
        div class="actions" { button class="btn" { "Add this activity" } }
    }
    .into_string()
}
