//! The session on the screen. As on today's page nothing is built anew under the patient's hands: what comes and goes is
//! `hidden`, so that the focus stays on the button that was pressed.

use leptos::prelude::*;
use maud::html;

use super::{
    Guide,
    controls::{controls, settings},
    course::{Count, Course},
    cues,
};
use crate::{
    tracker::{
        Card, device,
        doing::how_it_went,
        log::Change,
        shell::{Part, Tracking, head},
    },
    triage::result::safety_net,
};

/// A session and what shows it.
#[derive(Clone, Copy)]
pub struct Running {
    pub tracking: Tracking,
    guides: StoredValue<Vec<Guide>>,
    pub course: RwSignal<Course>,
    now: RwSignal<i64>,
    pub mode: RwSignal<Mode>,
}

/// What of the session is in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    On,
    /// Why an exercise is skipped is being chosen.
    Skipping,
    /// "This feels wrong".
    Stopped,
}

type Is = dyn Fn(&Course, Mode) -> bool + Send + Sync;

impl Running {
    /// The session of today, as far as it is not done.
    fn begin(tracking: Tracking, guides: StoredValue<Vec<Guide>>) -> Self {
        let course = tracking.sheet.with_untracked(|sheet| {
            let plan = sheet.plan_shown();
            let due = tracking.exercises.with_value(|cards| {
                let dose = |card: &Card| {
                    let mut due = plan.due(sheet.shown());
                    let item = due.find(|item| item.exercise == card.id)?;
                    Some((card.id.clone(), card.in_numbers(item.dose)))
                };
                // Nobody is led through what is not in the library any more.
                cards.iter().filter(|card| card.is_offered()).filter_map(dose).collect()
            });
            sheet.ask(|log| Course::new(sheet.shown(), due, log))
        });
        Self {
            tracking,
            guides,
            course: RwSignal::new(course),
            now: RwSignal::new(device::now()),
            mode: RwSignal::new(Mode::On),
        }
    }

    /// Does this, logs what it finished, and tells what is on now where that is something else.
    pub fn act(self, act: &dyn Fn(&mut Course, i64) -> Vec<Change>) {
        let now = device::now();
        let mut course = self.course.get_untracked();
        let before = (course.said(), course.place());
        for change in act(&mut course, now) {
            self.tracking.change_day(course.day, change);
        }
        let (said, over) = (course.said(), course.exercise().is_none());
        let goes_on = (said.clone(), course.place()) != before;
        self.now.set(now);
        self.course.set(course);
        if goes_on {
            cues::give(&said);
        }
        if over {
            self.end();
        }
    }

    /// The controls go away, and must not take the focus with them.
    fn end(self) {
        cues::keep_awake(false);
        device::focus("heading");
    }

    fn tick(self) {
        let course = self.course.get_untracked();
        if self.mode.get_untracked() != Mode::Stopped && course.is_timed() {
            let mut next = course.clone();
            let waits = next.tick(device::now()).is_empty() && next == course;
            if waits { self.now.set(device::now()) } else { self.act(&Course::tick) }
        }
    }

    /// One of the buttons that the session goes on by.
    pub fn press(self, act: &dyn Fn(&mut Course, i64) -> Vec<Change>) {
        cues::allow();
        cues::keep_awake(true);
        self.act(act);
        cues::show("on", true);
    }

    pub fn pause(self) {
        if self.course.with_untracked(Course::is_timed) {
            self.course.update(|course| course.pause(device::now()));
        }
    }

    /// On the page, as it begins or again: while it was left, the browser took the lock on the screen away.
    fn wake(self) {
        if self.course.with_untracked(|course| course.exercise().is_some())
            && self.mode.get_untracked() != Mode::Stopped
        {
            cues::keep_awake(true);
        }
    }

    pub fn stop(self) {
        self.pause();
        cues::hush();
        self.mode.set(Mode::Stopped);
        self.end();
    }

    /// A text that follows the session.
    pub fn text(self, text: impl Fn(&Course) -> String + Send + Sync + 'static) -> Memo<String> {
        let text: Box<dyn Fn(&Course) -> String + Send + Sync> = Box::new(text);
        Memo::new(move |_| self.course.with(&text))
    }

    /// A state that follows the session.
    pub fn is(self, is: impl Fn(&Course, Mode) -> bool + Send + Sync + 'static) -> Memo<bool> {
        let is: Box<Is> = Box::new(is);
        Memo::new(move |_| self.course.with(|course| is(course, self.mode.get())))
    }

    /// Something of the exercise that is on; empty where none is.
    fn of_card(self, course: &Course, of: impl FnOnce(&Card) -> String) -> String {
        self.tracking.exercises.with_value(|cards| {
            let card = cards.iter().find(|card| Some(card.id.as_str()) == course.exercise());
            card.map(of).unwrap_or_default()
        })
    }

    /// As [`Running::of_card`].
    pub fn of_guide(self, course: &Course, of: impl FnOnce(&Guide) -> String) -> String {
        let at = self
            .tracking
            .exercises
            .with_value(|cards| cards.iter().position(|card| Some(card.id.as_str()) == course.exercise()));
        self.guides.with_value(|guides| at.and_then(|at| guides.get(at)).map(of).unwrap_or_default())
    }
}

pub fn view(tracking: Tracking, guides: StoredValue<Vec<Guide>>) -> AnyView {
    let running = Running::begin(tracking, guides);
    cues::run(move || running.tick(), move |left| if left { running.pause() } else { running.wake() });
    let heading = tracking.text(move |_| match (running.mode.get(), running.course.with(|c| c.exercise().is_some())) {
        (Mode::Stopped, _) => "Stop the session".to_owned(),
        (_, true) => "Guided session".to_owned(),
        (_, false) if running.course.with(Course::is_empty) => "No session today".to_owned(),
        _ => "Session finished".to_owned(),
    });
    let said = running.text(move |course| {
        let name = running.of_card(course, |card| format!("{}. ", card.name));
        format!("{}{}", if course.begins() { name } else { String::new() }, course.said())
    });
    view! {
        <main id="main" class="wrap">
            {head(tracking, Part::Session, heading)}
            {sign_of_the_day(tracking)}
            {exercise(running)}
            {finished(running)}
            {stopped(running)}
            <p class="nhsuk-u-visually-hidden" role="status" data-said="">{said}</p>
        </main>
    }
    .into_any()
}

/// Whoever comes here by the address, on a day with a warning sign.
fn sign_of_the_day(tracking: Tracking) -> AnyView {
    let calm = tracking.is(move |sheet| tracking.urgency(sheet).is_none());
    view! {
        <p class="notice" hidden=calm>
            "You ticked a warning sign today. " <a href=Part::Today.path()>"First do what today’s page says about it"</a>
            ". Exercises can wait."
        </p>
    }
    .into_any()
}

/// The exercise that is on.
fn exercise(running: Running) -> AnyView {
    let off = running.is(|course, mode| course.exercise().is_none() || mode == Mode::Stopped);
    let name = running.text(move |course| running.of_card(course, |card| card.name.clone()));
    let figure = running.text(move |course| running.of_card(course, |card| card.figure.clone()));
    let place = running.text(Course::place);
    let dose = running.text(move |course| match course.dose().map(|dose| dose.words()) {
        Some(words) if !words.is_empty() => words,
        _ => running.of_card(course, |card| card.dose.clone()),
    });
    let steps = running.text(move |course| running.of_guide(course, steps));
    view! {
        <div class="session" hidden=off>
            <section class="on" id="on" aria-labelledby="exercise">
                <p class="place">{place}</p>
                <h2 id="exercise">{name}</h2>
                <div class="figure" inner_html=figure></div>
                {counter(running)}
                <p class="amount">{dose}</p>
            </section>
            <section class="steps" aria-labelledby="how" inner_html=steps></section>
            {controls(running)}
        </div>
        <div class="settings" hidden=off>{settings()}</div>
    }
    .into_any()
}

fn steps(guide: &Guide) -> String {
    html! {
        h2 id="how" { "How to do it" }
        p { (guide.start) }
        ol { @for step in &guide.steps { li { (step) } } }
        p { (guide.pain_limit) }
    }
    .into_string()
}

/// What is on, and how far it is. What changes each second is not read out: the status says what changes for good.
fn counter(running: Running) -> AnyView {
    let state = running.text(Course::state);
    let count = running.text(move |course| match course.count(running.now.get()) {
        Count::Dose => String::new(),
        Count::Seconds(1) => "<b>1</b> second".to_owned(),
        Count::Seconds(seconds) => format!("<b>{seconds}</b> seconds"),
        Count::Times(1) => "<b>1</b> time".to_owned(),
        Count::Times(reps) => format!("<b>{reps}</b> times"),
        Count::Reps(done, all) => format!("<b>{done}</b> of {all} done"),
    });
    view! {
        <div class="counter">
            <p class="state">{state}</p>
            <p role="timer" aria-live="off" inner_html=count></p>
        </div>
    }
    .into_any()
}

/// After the last exercise, or where there was none.
fn finished(running: Running) -> AnyView {
    let going_on = running.is(|course, mode| course.exercise().is_some() || mode == Mode::Stopped);
    let words = running.text(|course| {
        let words = if course.is_empty() {
            "No exercises are planned for today. Walking is fine."
        } else {
            "That was the last exercise for today. Each set you finished is logged."
        };
        words.to_owned()
    });
    view! {
        <section class="stack" hidden=going_on aria-labelledby="heading">
            <p>{words}</p>
            <h2 class="nhsuk-u-visually-hidden">"After the session"</h2>
            {how_it_went(running.tracking)}
            <p class="actions"><a class="btn btn--main" href=Part::Today.path()>"Back to today"</a></p>
        </section>
    }
    .into_any()
}

/// "This feels wrong": when to stop, and where help is. It logs nothing.
fn stopped(running: Running) -> AnyView {
    let going_on = running.is(|_, mode| mode != Mode::Stopped);
    let rules = running.text(move |course| running.of_guide(course, stop_rules));
    let tracking = running.tracking;
    let net = tracking
        .rules
        .with_value(|rules| tracking.numbers.with_value(|numbers| safety_net(rules, numbers).into_string()));
    view! {
        <section class="stack" hidden=going_on aria-labelledby="heading">
            <p>"Stop, and rest in a position that is comfortable. The sets you finished are logged, and nothing else."</p>
            <div class="box" inner_html=rules></div>
            <p class="actions">
                <a class="btn btn--main" href="/seek-help">"Check whether you need help"</a>
                <a class="btn" href=Part::Today.path()>"Back to today"</a>
            </p>
            <div inner_html=net></div>
        </section>
    }
    .into_any()
}

/// When to stop this exercise, with a heading that says so.
pub fn stop_rules(guide: &Guide) -> String {
    html! {
        h2 { "When to stop" }
        ul { @for rule in &guide.stop { li { (rule) } } }
    }
    .into_string()
}
