//! The page for when there is no network: whom to call, what to watch for, and the way to the checker, which works
//! without one. The browser keeps it; it needs no script.

use leptos::prelude::*;

use super::result::safety_net;
use crate::{
    site::Site,
    ui::{call::tel, page::Page},
};

pub fn offline(site: &Site) -> Page {
    let numbers = site.settings.numbers.clone();
    let safety_net = safety_net(&site.rules, &numbers).into_string();
    Page::new(
        "You are offline",
        "What still works without a network: whom to call, the warning signs, and the seek-help checker.",
        "/offline",
        move || {
            view! {
                <main id="main" class="wrap panel prose">
                    <h1>"You are offline"</h1>
                    <p class="lead">"This page could not be loaded. A phone can call without the internet."</p>
                    <ul>
                        <li>"In an emergency, call " <a href=tel(&numbers.emergency)>{numbers.emergency.clone()}</a> "."</li>
                        <li>
                            "For urgent help, call " {numbers.urgent_name.clone()} " on "
                            <a href=tel(&numbers.urgent)>{numbers.urgent.clone()}</a> "."
                        </li>
                        <li>
                            "Our help line is " <a href=tel(&numbers.help_line)>{numbers.help_line.clone()}</a>
                            ". It is not for emergencies."
                        </li>
                    </ul>
                    <p>
                        <a class="btn btn--call" href=tel(&numbers.emergency)>"Call " {numbers.emergency.clone()}</a>
                    </p>
                    <div inner_html=safety_net></div>
                    <h2>"Check if you need help"</h2>
                    <p>
                        "If you have opened the checker on this device before, it works offline, in a browser with script. Your \
                         answers stay on the device."
                    </p>
                    <p><a class="btn btn--main" href="/seek-help">"Check if you need help"</a></p>
                    <h2>"Your tracker"</h2>
                    <p>
                        "If you have opened the " <a href="/tracker">"tracker"</a> " on this device before, it works offline too. What you \
                         log is kept on the device."
                    </p>
                </main>
            }
            .into_any()
        },
    )
}
