//! Standing pages: privacy and accessibility, from `content/pages`, rendered at start.

use axum::{extract::State, http::Uri, response::Response};
use leptos::prelude::*;
use serde::Deserialize;

use super::markdown;
use crate::{
    AppState, Error, Result, content,
    day::Day,
    routes::{CachePolicy, Routes},
    site::Settings,
    triage::RuleSet,
    ui::page::Page,
};

/// A page that stands by itself.
#[derive(Clone, Debug)]
pub struct StandingPage {
    slug: String,
    title: String,
    summary: String,
    updated: Day,
    html: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    summary: String,
    updated: Day,
}

/// Reads every standing page.
///
/// # Errors
/// What is wrong, with the file's name; a test keeps them right.
pub fn read_all(rules: &RuleSet, settings: &Settings) -> Result<Vec<StandingPage>, Vec<String>> {
    content::folder("pages").into_iter().map(|file| read(&file.name, &file.text, rules, settings)).collect()
}

fn read(name: &str, text: &str, rules: &RuleSet, settings: &Settings) -> Result<StandingPage, Vec<String>> {
    let (front, body) = text
        .strip_prefix("+++\n")
        .and_then(|rest| rest.split_once("\n+++\n"))
        .ok_or_else(|| vec![format!("{name}: no front matter")])?;
    let matter: FrontMatter = toml::from_str(front).map_err(|error| vec![format!("{name}: {}", error.message())])?;
    // In links too, which is why it is done before they are read.
    let body = settings.numbers.fill_all(body);
    let rendered = markdown::render(&body, rules).map_err(|problems| {
        problems.iter().map(|problem| format!("{name}: {}", problem.message)).collect::<Vec<_>>()
    })?;
    Ok(StandingPage {
        slug: name.strip_suffix(".md").unwrap_or(name).to_owned(),
        title: matter.title,
        summary: matter.summary,
        updated: matter.updated,
        html: markdown::with_numbers(&rendered.html, &settings.numbers),
    })
}

pub fn routes() -> Routes {
    Routes::new().page("/privacy", CachePolicy::Revalidate, standing).page(
        "/accessibility",
        CachePolicy::Revalidate,
        standing,
    )
}

async fn standing(State(state): State<AppState>, uri: Uri) -> Result<Response> {
    let slug = uri.path().trim_start_matches('/');
    let page = state.site.standing.iter().find(|page| page.slug == slug).ok_or(Error::NotFound)?;
    Ok(page.page().respond(&state.site))
}

impl StandingPage {
    fn page(&self) -> Page {
        let page = self.clone();
        Page::new(page.title.clone(), page.summary.clone(), format!("/{}", page.slug), move || {
            view! {
                <main id="main" class="wrap panel">
                    <h1>{page.title}</h1>
                    <p class="lead">{page.summary}</p>
                    <div class="prose" inner_html=page.html></div>
                    <p class="version">"Last changed " {page.updated.long()} "."</p>
                </main>
            }
            .into_any()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_ship_is_sound() {
        let pages = read_all(&content::rules().unwrap(), &Settings::default()).unwrap();
        let slugs: Vec<&str> = pages.iter().map(|page| page.slug.as_str()).collect();
        assert_eq!(slugs, ["accessibility", "privacy"]);
    }
}
