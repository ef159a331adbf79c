//! The home page, the list of articles, and one article.

use leptos::prelude::*;
use serde_json::json;

use super::{Article, ArticleCard, reading_minutes};
use crate::{day::Day, feedback, site::Settings, ui::page::Page};

/// The front door: two things to do, and what is new.
pub fn home(newest: Vec<ArticleCard>) -> Page {
    Page::new(
        "Sciaticalm: back pain, sciatica and foot drop, made clearer",
        "Find out whether to get help now for back pain, sciatica or foot drop, what is going on, and what to do each day.",
        "/",
        || {
            view! {
                <main id="main">
                    <section class="hero">
                        <div class="wrap">
                            <h1>"Back pain, sciatica and foot drop, made clearer"</h1>
                            <p>"Find out whether to get help now, what is going on, and what to do each day to get better."</p>
                            <div class="actions">
                                <a class="btn btn--main" href="/seek-help">"Do I need help now?"</a>
                                <a class="btn" href="/tracker">"Start today’s exercises"</a>
                            </div>
                        </div>
                    </section>
                    <section class="wrap newest" aria-labelledby="newest">
                        <h2 id="newest">"Newest articles"</h2>
                        {cards(newest)}
                        <p><a href="/articles">"All articles"</a></p>
                    </section>
                </main>
            }
            .into_any()
        },
    )
}

/// What a list page shows.
pub struct List {
    pub articles: Vec<ArticleCard>,
    pub tags: Vec<String>,
    /// The tag that narrows the list.
    pub tag: Option<String>,
    /// From 1.
    pub page: u32,
    pub pages: u32,
}

pub fn list(list: List) -> Page {
    let title = match &list.tag {
        Some(tag) => format!("Articles about {}", spaced(tag)),
        None => "Articles".to_owned(),
    };
    let path = address(list.tag.as_deref(), list.page);
    let description =
        "Plain articles about back pain, sciatica and foot drop: what they are, what helps, when to seek help.";
    let heading = title.clone();
    Page::new(title, description, path, move || {
        let filter = tag_links(list.tags, list.tag.as_deref());
        let pager = pager(list.tag.as_deref(), list.page, list.pages);
        let body = if list.articles.is_empty() {
            view! { <p>"There are no articles yet. " <a href="/seek-help">"Check whether you need help"</a> "."</p> }
                .into_any()
        } else {
            view! { <h2 class="nhsuk-u-visually-hidden">"Newest first"</h2> {cards(list.articles)} }.into_any()
        };
        view! {
            <main id="main" class="wrap list">
                <h1>{heading}</h1>
                {filter}
                {body}
                {pager}
            </main>
        }
        .into_any()
    })
}

fn address(tag: Option<&str>, page: u32) -> String {
    match (tag, page) {
        (None, 1) => "/articles".to_owned(),
        (Some(tag), 1) => format!("/articles?tag={tag}"),
        (None, page) => format!("/articles?page={page}"),
        (Some(tag), page) => format!("/articles?tag={tag}&page={page}"),
    }
}

fn spaced(tag: &str) -> String {
    tag.replace('-', " ")
}

fn tag_links(tags: Vec<String>, current: Option<&str>) -> impl IntoView + use<> {
    let all = (None, "all".to_owned());
    let links = std::iter::once(all)
        .chain(tags.into_iter().map(|tag| (Some(tag.clone()), spaced(&tag))))
        .map(|(tag, name)| {
            let current = (tag.as_deref() == current).then_some("page");
            view! { <li><a href=address(tag.as_deref(), 1) aria-current=current>{name}</a></li> }
        })
        .collect_view();
    view! { <nav aria-label="Articles by subject"><ul class="tags">{links}</ul></nav> }
}

fn pager(tag: Option<&str>, page: u32, pages: u32) -> impl IntoView + use<> {
    let previous = (page > 1).then(|| address(tag, page - 1));
    let next = (page < pages).then(|| address(tag, page + 1));
    (pages > 1).then(move || {
        view! {
            <nav class="pager" aria-label="Pages">
                {previous.map(|href| view! { <a rel="prev" href=href>"Newer articles"</a> })}
                <span>{format!("Page {page} of {pages}")}</span>
                {next.map(|href| view! { <a rel="next" href=href>"Older articles"</a> })}
            </nav>
        }
    })
}

fn cards(articles: Vec<ArticleCard>) -> impl IntoView {
    let cards = articles
        .into_iter()
        .map(|card| {
            view! {
                <article class="box">
                    <h3><a href=format!("/articles/{}", card.slug)>{card.title}</a></h3>
                    <ul class="meta">
                        <li>{card.published.long()}</li>
                        <li>{minutes(card.words)}</li>
                    </ul>
                    <p>{card.summary}</p>
                </article>
            }
        })
        .collect_view();
    view! { <div class="grid">{cards}</div> }
}

fn minutes(words: u32) -> String {
    match reading_minutes(words) {
        1 => "1 minute to read".to_owned(),
        minutes => format!("{minutes} minutes to read"),
    }
}

/// One article, with everything around it, as it is read `today`.
pub fn article(article: Article, related: Vec<ArticleCard>, settings: &Settings, today: Day) -> Page {
    let path = format!("/articles/{}", article.slug);
    let url = format!("{}{path}", settings.public_url);
    let structured_data = structured_data(&article, &url, settings);
    let disclaimer = disclaimer(&article, settings);
    let mut page = Page::new(article.title.clone(), article.summary.clone(), path, move || {
        let contents = contents_list(&article);
        let again = contents_list(&article);
        view! {
            <div class="wrap article">
                <main id="main">
                    <nav class="crumbs" aria-label="Breadcrumb"><a href="/articles">"Articles"</a></nav>
                    <h1>{article.title.clone()}</h1>
                    {facts(&article)}
                    {overdue(&article, today)}
                    <p class="lead">{article.summary.clone()}</p>
                    <details class="contents"><summary>"On this page"</summary>{contents}</details>
                    <div class="prose" inner_html=article.html.clone()></div>
                    {disclaimer}
                    {tags(&article.tags)}
                    {sources(&article)}
                    {feedback::question(&article.slug)}
                    {share(&article.title, &url)}
                    {(!related.is_empty()).then(|| view! {
                        <section class="related" aria-labelledby="related">
                            <h2 id="related">"Related articles"</h2>
                            {cards(related)}
                        </section>
                    })}
                </main>
                <aside class="aside stack" aria-label="About this article">
                    <nav class="box" aria-labelledby="on-this-page"><h2 id="on-this-page">"On this page"</h2>{again}</nav>
                    <div class="box">
                        <h2>"Not sure?"</h2>
                        <p>"Answer a few questions. Nothing is stored."</p>
                        <a class="btn btn--main" href="/seek-help">"Check now"</a>
                    </div>
                </aside>
            </div>
        }
        .into_any()
    });
    page.structured_data = Some(structured_data);
    page
}

fn facts(article: &Article) -> impl IntoView + use<> {
    view! {
        <ul class="meta">
            <li>"Published " {day(article.published)}</li>
            <li>"Last reviewed " {day(article.reviewed)}</li>
            <li>"Next review " {day(article.review_due)}</li>
            <li>{minutes(article.words)}</li>
            <li>"By " {article.author.clone()}</li>
        </ul>
    }
}

/// For an article that nobody has looked at in time: what it says may have changed.
fn overdue(article: &Article, today: Day) -> impl IntoView + use<> {
    (article.review_due < today).then(|| {
        view! {
            <p class="notice">
                "This article should have been reviewed by " {day(article.review_due)} ", and has not been yet. What it says may be \
                 out of date."
            </p>
        }
    })
}

fn day(day: Day) -> impl IntoView {
    view! { <time datetime=day.to_string()>{day.long()}</time> }
}

fn contents_list(article: &Article) -> impl IntoView + use<> {
    let items = article
        .contents
        .iter()
        .map(|section| view! { <li><a href=format!("#{}", section.id)>{section.title.clone()}</a></li> })
        .collect_view();
    view! { <ul>{items}</ul> }
}

fn disclaimer(article: &Article, settings: &Settings) -> impl IntoView + use<> {
    let reviewed = match &article.approved_by {
        Some(by) => format!("It was reviewed by {} ({}).", by.name, by.registration),
        None => "It was reviewed by its authors, and has not been signed off by a clinician.".to_owned(),
    };
    let author = settings.about_author(&article.author).map(|about| {
        view! { <p>"About the author: " {article.author.clone()} ". " {about.to_owned()}</p> }
    });
    let conflicts = (!article.conflicts.is_empty())
        .then(|| view! { <p>"The authors’ conflicts of interest: " {article.conflicts.clone()}</p> });
    view! {
        <section class="disclaimer" aria-labelledby="disclaimer">
            <h2 id="disclaimer">"Information, not medical advice"</h2>
            <p>
                {settings.disclaimer.clone()} " " {reviewed} " If you are worried, " <a href="/seek-help">"check whether to seek help now"</a> "."
            </p>
            {author}
            {conflicts}
        </section>
    }
}

fn tags(tags: &[String]) -> impl IntoView + use<> {
    let links = tags
        .iter()
        .map(|tag| view! { <li><a rel="tag" href=address(Some(tag), 1)>{tag.clone()}</a></li> })
        .collect_view();
    view! { <ul class="tags" aria-label="Tags">{links}</ul> }
}

fn sources(article: &Article) -> impl IntoView + use<> {
    let items = article
        .sources
        .iter()
        .map(|source| {
            let title = match &source.url {
                Some(url) => view! { <a href=url.clone()>{source.title.clone()}</a> }.into_any(),
                None => source.title.clone().into_any(),
            };
            let publisher = source.publisher.as_ref().map(|publisher| format!(", {publisher}"));
            view! { <li>{title} {publisher}</li> }
        })
        .collect_view();
    (!article.sources.is_empty()).then(|| {
        view! {
            <section class="sources">
                <details><summary>"Where this comes from"</summary><ul>{items}</ul></details>
            </section>
        }
    })
}

/// Plain links: nobody is told of a reader before the reader asks for it.
fn share(title: &str, url: &str) -> impl IntoView + use<> {
    let (title, url) = (encoded(title), encoded(url));
    view! {
        <section class="share" aria-labelledby="share">
            <h2 id="share">"Share this article"</h2>
            <ul class="share">
                <li><a href=format!("mailto:?subject={title}&body={url}")>"E-mail"</a></li>
                <li><a href=format!("https://wa.me/?text={title}%20{url}")>"WhatsApp"</a></li>
                <li><a href=format!("https://www.facebook.com/sharer/sharer.php?u={url}")>"Facebook"</a></li>
                <li><a href=format!("https://bsky.app/intent/compose?text={title}%20{url}")>"Bluesky"</a></li>
            </ul>
        </section>
    }
}

/// Percent-encoded for a query.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// schema.org: what search engines may say of the page. `reviewedBy` only where a clinician has signed it off.
fn structured_data(article: &Article, url: &str, settings: &Settings) -> serde_json::Value {
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "headline": article.title,
        "description": article.summary,
        "url": url,
        "inLanguage": "en-GB",
        "datePublished": article.published.to_string(),
        "lastReviewed": article.reviewed.to_string(),
        "keywords": article.tags.join(", "),
        "about": { "@type": "MedicalCondition", "name": about(&article.tags) },
        "audience": { "@type": "PeopleAudience", "audienceType": "Patient" },
        "author": { "@type": "Organization", "name": article.author },
        "publisher": { "@type": "Organization", "name": settings.name, "url": settings.public_url },
    });
    if let Some(by) = &article.approved_by {
        data["reviewedBy"] = json!({ "@type": "Person", "name": by.name, "identifier": by.registration });
    }
    data
}

fn about(tags: &[String]) -> &'static str {
    let has = |tag: &str| tags.iter().any(|known| known == tag);
    match () {
        () if has("foot-drop") => "Foot drop",
        () if has("sciatica") => "Sciatica",
        () => "Back pain",
    }
}
