//! The diary as files: three to take away, and the way back in for one of them.
//!
//! As with the export of everything, a download is asked for by form, by somebody who showed lately that it is them, and is
//! in the audit log: whoever has such a file can read the diary.

use axum::{
    extract::{
        Multipart, State,
        multipart::{MultipartError, MultipartRejection},
    },
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};

use crate::{
    AppState, Error, Result,
    account::{
        Fresh, SignedIn,
        consent::Consented,
        refusals::{Limit, Subject},
        session::Visitor,
        sign_in::told_to_wait,
    },
    audit::{self, Action, Actor, Event},
    exercise::{self, Exercise},
    routes::Routes,
    tracker::{
        entry::Entry,
        export::{Diary, csv, fhir, json},
        store::{self, Kept},
    },
    ui::{
        form::{Field, Problems},
        page::{Page, Private},
    },
};

const PAGE: &str = "/account/diary/export";
/// A file that is brought back, at most, with what a form has around it: many years of days with their corrections.
const LARGEST: usize = 16 * 1024 * 1024;

pub(super) fn routes() -> Routes {
    Routes::new()
        .page_for(PAGE, show)
        .form_for("/account/diary/export.csv", 0, table)
        .form_for("/account/diary/export.json", 0, entries)
        .form_for("/account/diary/export.fhir.json", 0, bundle)
        .form_for("/account/diary/import", LARGEST, import)
}

async fn show(_visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Response {
    page(&Problems::default()).respond(&state.site)
}

fn page(problems: &Problems) -> Page {
    let main = html! {
        (problems.summary())
        h1 { "Files of your diary" }
        p class="lead" { "What your account keeps on this server as a file: to look at, to show, or to bring back here or to another account. What waits on a device to be sent, or was logged without an account, is not in it." }
        p { strong { "Keep a file safe." } " Whoever has it can read your health entries. Do not save it on a device that you share." }
        (download("csv", "A table for a spreadsheet", "Download the table (CSV)", html! {
            "One row for each day, as it is after your corrections. Opens in Excel, LibreOffice, Numbers and others. It cannot be brought back in."
        }))
        (download("json", "Everything, to bring back", "Download your entries (JSON)", html! {
            "All entries with all that you corrected, and your plan. Bring it back below, on another server with this site, or on a device. Keep one as a copy of your own."
        }))
        (download("fhir.json", "For a clinic\u{2019}s records", "Download for a clinic (FHIR)", html! {
            "A bundle in the format that hospitals and surgeries exchange (FHIR R4), for whoever treats you, if their program can read it. It says what you wrote, and makes no diagnosis. It cannot be brought back in."
        }))
        (import_form(problems))
        p { a href="/account/export" { "Export all that we have about you" } ", your diary among it." }
        p { a href="/account/diary" { "Back to your diary" } }
    };
    Page::of_account("Files of your diary", PAGE, main)
}

fn download(name: &str, title: &str, button: &str, what: Markup) -> Markup {
    html! {
        h2 { (title) }
        p { (what) }
        form method="post" action={ (PAGE) "." (name) } { div class="actions" { button class="btn" { (button) } } }
    }
}

fn import_form(problems: &Problems) -> Markup {
    let file = Field {
        name: "file",
        label: "The file",
        hint: Some(
            "Its name ends in .json: one that you downloaded above, or diary.json from the archive of everything.",
        ),
        kind: "file",
        ..Field::default()
    };
    html! {
        h2 { "Bring a file back" }
        p { "What is in the file is added to your diary. Where both say something about the same, what was written last counts, and the other stays in the history. So it does no harm to bring a file back twice; and what you deleted here stays deleted." }
        form method="post" action="/account/diary/import" enctype="multipart/form-data" novalidate {
            (file.show(problems))
            div class="actions" { button class="btn" { "Bring it back" } }
        }
    }
}

async fn table(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let write = |state: &AppState, kept: &[Kept]| csv::write(&diary(kept), &state.site.rules);
    send(&visitor, state, File { kind: "csv", media: "text/csv; charset=utf-8", name: "diary.csv" }, write).await
}

async fn entries(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let write = |_: &AppState, kept: &[Kept]| json::write(kept.iter().map(|kept| (&kept.entry, Some(kept.saved_at))));
    send(&visitor, state, File { kind: "json", media: "application/json", name: "diary.json" }, write).await
}

async fn bundle(visitor: Fresh<SignedIn>, State(state): State<AppState>) -> Result<Response> {
    let known = exercise::store::known(&state.db).await?;
    let library: Vec<Exercise> = known.into_iter().map(|known| known.exercise).collect();
    let patient = fhir::opaque_id(visitor.account);
    let write = move |state: &AppState, kept: &[Kept]| {
        let (site, settings) = (&state.site, &state.site.settings);
        let teller = fhir::Teller {
            patient,
            site: &settings.public_url,
            name: &settings.name,
            rules: &site.rules,
            library: &library,
            now: state.clock.millis_i64(),
        };
        fhir::write(&diary(kept), teller)
    };
    send(&visitor, state, File { kind: "fhir.json", media: "application/fhir+json", name: "diary.fhir.json" }, write)
        .await
}

fn diary(kept: &[Kept]) -> Diary {
    Diary::of(kept.iter().map(|kept| &kept.entry))
}

struct File {
    /// How its name ends.
    kind: &'static str,
    media: &'static str,
    /// As the audit log calls it.
    name: &'static str,
}

async fn send(
    visitor: &Visitor,
    state: AppState,
    file: File,
    write: impl FnOnce(&AppState, &[Kept]) -> String + Send + 'static,
) -> Result<Response> {
    let turn = match limit("exports", visitor).watch(&state, state.guard.begin_export(visitor.account)).await {
        Err(error) => return told_to_wait(error, |message| page(&Problems::one("file", message)), &state),
        Ok(turn) => turn,
    };
    let event = Event::new(&state.clock, Actor::Account(visitor.account), Action::Exported)
        .about(file.name)
        .seen_from(visitor.origin.client.0);
    audit::record(&state.db, event).await?;
    let kept = store::entries_after(&state, visitor.account, 0, u32::MAX).await?;
    let name = format!("attachment; filename=\"diary-{}.{}\"", state.clock.today(), file.kind);
    // Years of days: work of tenths of a second.
    let text = tokio::task::spawn_blocking(move || write(&state, &kept)).await.map_err(Error::internal)?;
    drop(turn);
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?);
    response.extensions_mut().insert(Private);
    Ok(response)
}

fn limit(name: &'static str, visitor: &Visitor) -> Limit<'static> {
    Limit { name, client: visitor.origin.client, subject: Subject::Account(visitor.account) }
}

async fn import(
    visitor: SignedIn,
    State(state): State<AppState>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    let again = |why: String| {
        let page = page(&Problems::one("file", why)).with_status(StatusCode::UNPROCESSABLE_ENTITY);
        Ok(page.respond(&state.site))
    };
    let _turn = match limit("imports", &visitor).watch(&state, state.guard.begin_export(visitor.account)).await {
        Err(error) => return told_to_wait(error, |message| page(&Problems::one("file", message)), &state),
        Ok(turn) => turn,
    };
    if Consented::to_entries(&state.db, visitor.account).await?.is_none() {
        return again("You have not agreed that health entries are kept on this server. Agree under Consents in your account, then bring the file back".to_owned());
    };
    let text = match sent(form).await {
        Ok(text) => text,
        Err(why) => return again(why.to_owned()),
    };
    let now = state.clock.millis_i64();
    let read = tokio::task::spawn_blocking(move || json::read(&text, now)).await.map_err(Error::internal)?;
    let entries: Vec<Entry> = match read {
        Ok(entries) => entries,
        Err(refused) => {
            return again(format!(
                "This file cannot be brought back, and nothing was changed. What is wrong: {refused}"
            ));
        }
    };
    match store::merge(&state, visitor.account, entries).await {
        Ok(_) => Ok(Redirect::to("/account/diary?done=imported").into_response()),
        Err(Error::Conflict) => again("Nothing was changed: your diary has no room for what is in the file, or the file has an entry about one day that your diary has about another".to_owned()),
        // Withdrawn at the same moment.
        Err(Error::Forbidden) => again("Nothing was changed: you have withdrawn your consent".to_owned()),
        Err(error) => Err(error),
    }
}

/// The text of the file that was sent, or what is wrong with it.
async fn sent(form: Result<Multipart, MultipartRejection>) -> Result<String, &'static str> {
    const NONE: &str = "Choose a file whose name ends in .json";
    let told = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "The file is larger than 16 MB: choose one that was downloaded here",
        _ => "The file did not arrive whole. Try again",
    };
    let mut form = form.map_err(|_| NONE)?;
    while let Some(field) = form.next_field().await.map_err(told)? {
        if field.name() != Some("file") {
            continue;
        }
        let bytes = field.bytes().await.map_err(told)?;
        return match &bytes[..] {
            [] => Err(NONE),
            [b'P', b'K', 3, 4, ..] => Err("This is an archive (ZIP). Unpack it, and choose diary.json from it"),
            _ => String::from_utf8(bytes.into()).map_err(|_| NONE),
        };
    }
    Err(NONE)
}
