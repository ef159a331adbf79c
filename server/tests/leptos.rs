//! What we rely on Leptos for, as it was verified; two of these were defects of its earlier versions.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use app::{
    day::Day,
    site::{AssetUrls, Settings, Site},
    ui::page::Page,
};
use leptos::prelude::*;

fn site() -> Site {
    let _ = any_spawner::Executor::init_tokio();
    let rules = app::content::rules().unwrap();
    Site {
        settings: Settings::default(),
        assets: AssetUrls::default(),
        rules,
        vignettes: vec![],
        in_use: app::rulebook::InUse {
            origin: app::rulebook::Origin::Program,
            texts: app::rulebook::Texts::default(),
            publication: 0,
        },
        rules_refused: None,
        settings_refused: None,
        standing: vec![],
        starters: vec![],
    }
}

fn rendered(site: &Site, body: impl FnOnce() -> AnyView + Send + 'static) -> String {
    Page::new("Test", "A test.", "/test", body).to_html(site)
}

#[island]
fn Outer(label: String, children: Children) -> impl IntoView {
    view! { <section title=label>{children()}</section> }
}

#[island]
fn Inner(day: Day) -> impl IntoView {
    view! { <b>{day.long()}</b> }
}

#[tokio::test]
async fn text_in_a_textarea_is_escaped() {
    let typed = "</textarea><script>alert(1)</script>".to_owned();
    let html = rendered(&site(), move || view! { <textarea>{typed}</textarea> }.into_any());
    assert!(!html.contains("<script>alert"), "{html}");
    assert!(html.contains("&lt;/textarea"), "{html}");
}

#[tokio::test]
async fn text_and_attributes_are_escaped() {
    let text = "\"><script>alert(1)</script>".to_owned();
    let html = rendered(&site(), move || view! { <p title=text.clone()>{text.clone()}</p> }.into_any());
    assert!(!html.contains("<script>alert"), "{html}");
}

#[tokio::test]
async fn islands_with_children_and_inside_one_another_render() {
    let day = Day::new(2026, 11, 22).unwrap();
    let html = rendered(&site(), move || {
        view! { <Outer label="outside".to_owned()><p>"between"</p><Inner day/></Outer> }.into_any()
    });
    assert_eq!(html.matches("<leptos-island").count(), 2, "{html}");
    assert!(html.contains("<leptos-children") && html.contains("between"), "{html}");
    assert!(html.contains("<b>22 November 2026</b>"), "{html}");
    assert!(html.contains("2026-11-22"), "the inner island's props are on the page: {html}");
}

/// Holds a share of `alive` for as long as its owner lives.
fn watched(alive: &Arc<()>) -> AnyView {
    let share = Arc::clone(alive);
    provide_context(Arc::clone(&share));
    let kept = StoredValue::new(share);
    let (count, _) = signal(Arc::clone(&kept.get_value()));
    view! { <p>{move || Arc::strong_count(&count.get()).to_string()}</p> }.into_any()
}

#[tokio::test]
async fn no_owner_is_alive_after_a_thousand_renders() {
    let site = site();
    let alive = Arc::new(());
    for _ in 0..1_000 {
        let mine = Arc::clone(&alive);
        let day = Day::new(2026, 11, 22).unwrap();
        rendered(&site, move || {
            let watched = watched(&mine);
            view! { <Outer label=String::new()>{watched}<Inner day/></Outer> }.into_any()
        });
    }
    assert_eq!(Arc::strong_count(&alive), 1, "something of a render outlived it");
}

#[tokio::test]
async fn a_panic_in_a_view_leaves_the_next_page_whole() {
    let site = site();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        rendered(&site, || if true { panic!("a bug in a view") } else { ().into_any() })
    }));
    assert!(panicked.is_err());
    assert!(rendered(&site, || view! { <p>"whole"</p> }.into_any()).ends_with("</html>"));
}
