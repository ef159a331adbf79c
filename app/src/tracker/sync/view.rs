//! What is said and asked about where the entries are: why something was not sent, whose the days on this device are, and how
//! to erase them.

use leptos::prelude::*;

use super::Deed;
use crate::tracker::{device, sheet::Sheet, shell::Tracking};

impl Tracking {
    fn decide(self, deed: Deed) {
        device::decide(self, deed);
        // What was pressed goes away, and must not take the focus with it.
        device::focus("heading");
    }
}

/// Why something was not sent, and what to do.
pub fn not_sent(tracking: Tracking) -> AnyView {
    let words =
        tracking.text(|sheet| sheet.contact.trouble().map(|why| why.way_out().0).unwrap_or_default().to_owned());
    let way = |sheet: &Sheet| sheet.contact.trouble().and_then(|why| why.way_out().1);
    let name = tracking.text(move |sheet| way(sheet).map(|(name, _)| name).unwrap_or_default().to_owned());
    let address = tracking.text(move |sheet| way(sheet).map(|(_, address)| address).unwrap_or_default().to_owned());
    let fine = tracking.is(|sheet| sheet.contact.trouble().is_none());
    let no_way = tracking.is(move |sheet| way(sheet).is_none());
    view! { <p class="notice" hidden=fine>{words} " " <a href=address hidden=no_way>{name}</a></p> }.into_any()
}

/// That an account's days are here and not shown, and that something in them waits for an answer, until its owner is back.
pub fn away(tracking: Tracking) -> AnyView {
    let here = tracking.is(|sheet| sheet.contact.away.is_none_or(|away| away.asked && !away.warned));
    let fine = tracking.is(|sheet| !sheet.contact.away.is_some_and(|away| away.warned));
    view! {
        <div class="notice" hidden=here>
            <p hidden=fine>
                <strong>"A warning waits for an answer in an account\u{2019}s days on this device."</strong>
                " If it is yours, sign in now to see it, or " <a href="/seek-help">"check whether you need help"</a> "."
            </p>
            <p>
                "An account\u{2019}s days are put away on this device. What you log now is kept apart from them. To see them, "
                <a href="/sign-in?next=/tracker">"sign in"</a> " to it."
            </p>
        </div>
    }
    .into_any()
}

/// The plain questions: whether days without an account are to be added to it, and what is to become of what another account
/// left here.
pub fn questions(tracking: Tracking) -> AnyView {
    view! {
        {add(tracking)}
        {left(tracking)}
        {may_be_cleared(tracking)}
    }
    .into_any()
}

fn add(tracking: Tracking) -> AnyView {
    let heading =
        tracking.text(|sheet| format!("Add {} kept on this device to your account?", sheet.contact.without.words()));
    let answers = [
        ("btn btn--main", "Yes, add them", Deed::Add),
        ("btn", "Keep them apart", Deed::KeepApart),
        ("btn", "They are not mine", Deed::KeepApart),
    ];
    view! {
        <section class="box" aria-labelledby="add" hidden=tracking.is(|sheet| !sheet.contact.asks_to_add())>
            <h2 id="add">{heading}</h2>
            <p>
                "This was logged here without an account. If you add it, it is sent to the server and shows on all your devices. If you do not, it stays on this device, and shows when nobody is signed in."
            </p>
            {buttons(tracking, answers)}
        </section>
    }
    .into_any()
}

fn buttons<const N: usize>(tracking: Tracking, answers: [(&'static str, &'static str, Deed); N]) -> AnyView {
    let buttons = answers.map(|(class, words, deed)| {
        view! { <button type="button" class=class on:click=move |_| tracking.decide(deed)>{words}</button> }.into_any()
    });
    view! { <div class="actions">{buttons.into_iter().collect_view()}</div> }.into_any()
}

fn left(tracking: Tracking) -> AnyView {
    let unsent = tracking.text(|sheet| match sheet.contact.left {
        Some((_, 1)) => "1 of them was not sent to the server yet: it is lost if you erase it.".to_owned(),
        Some((_, unsent)) if unsent > 0 => {
            format!("{unsent} of them were not sent to the server yet: they are lost if you erase them.")
        }
        _ => String::new(),
    });
    let none = tracking.is(|sheet| sheet.contact.left.is_none());
    let nobody = tracking.is(|sheet| sheet.contact.whose.is_some());
    let decide = move |deed: fn(uuid::Uuid) -> Deed| {
        if let Some((id, _)) = tracking.sheet.with_untracked(|sheet| sheet.contact.left) {
            tracking.decide(deed(id));
        }
    };
    view! {
        <section class="box" aria-labelledby="left" hidden=none>
            <h2 id="left">"Entries of an account are still on this device"</h2>
            <p hidden=nobody>
                "You are signed out. What you log now is kept apart. " <a href="/sign-in?next=/tracker">"Sign in"</a>
                " to see the account\u{2019}s days."
            </p>
            <p>"They are not shown to anybody who is not signed in to it. Keep them here, or erase them? " {unsent}</p>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| decide(Deed::Keep)>"Keep them"</button>
                <button type="button" class="btn" on:click=move |_| decide(Deed::Erase)>"Erase them from this device"</button>
            </div>
        </section>
    }
    .into_any()
}

/// For who has logged some days, and has them nowhere else.
fn may_be_cleared(tracking: Tracking) -> AnyView {
    const SOME_DAYS: usize = 3;
    let safe = tracking
        .is(|sheet| !sheet.contact.may_be_cleared || sheet.contact.whose.is_some() || sheet.logged_days() < SOME_DAYS);
    view! {
        <p class="notice" hidden=safe>
            "Your browser may clear what is kept here, when the device runs out of room or you have not been here for some time. "
            <a href="/account">"An account"</a> " keeps a copy."
        </p>
    }
    .into_any()
}

/// Erasing everything here: always there, and asked about first.
pub fn this_device(tracking: Tracking) -> AnyView {
    let asked = RwSignal::new(false);
    let fine = tracking.is(|sheet| !sheet.contact.not_erased);
    let with = tracking.is(|sheet| sheet.contact.whose.is_none());
    let unsent = tracking.text(|sheet| match sheet.contact.sending.waiting {
        0 => String::new(),
        1 => "1 of them was not sent to the server yet, and is lost.".to_owned(),
        waiting => format!("{waiting} of them were not sent to the server yet, and are lost."),
    });
    let ask = move |_| {
        asked.set(true);
        device::focus("erase");
    };
    let keep = move |_| {
        asked.set(false);
        device::focus("ask-to-erase");
    };
    let erase = move |_| {
        asked.set(false);
        tracking.decide(Deed::EraseAll);
    };
    view! {
        <details class="box">
            <summary>"Erase this device"</summary>
            <p class="notice" role="alert" hidden=fine>
                "Nothing was erased: you could not be signed out first, and it would all come back. Try again when there is a connection."
            </p>
            <p>"Takes everything that the tracker keeps off this device: of every account, and without one."</p>
            <p hidden=asked>
                <button type="button" id="ask-to-erase" class="btn" on:click=ask>"Erase everything on this device"</button>
            </p>
            <div hidden=move || !asked.get()>
                <h2 id="erase" tabindex="-1">"Erase everything that the tracker keeps on this device?"</h2>
                <p>
                    "There is no copy anywhere else of what was logged here without an account, or not sent to the server yet. It cannot be brought back."
                </p>
                <p hidden=with>
                    "You are signed out here as well. What is on the server stays there. " {unsent}
                </p>
                <div class="actions">
                    <button type="button" class="btn" on:click=erase>"Yes, erase it all"</button>
                    <button type="button" class="btn btn--main" on:click=keep>"Keep it"</button>
                </div>
            </div>
        </details>
    }
    .into_any()
}
