//! Who is on the staff: granting a role, and taking it back.

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use crate::{
    AppState, Result,
    account::{
        Account, Admin, Email, Fresh, Role,
        staff::{self, Refused},
    },
    audit::{Action, Actor, Event},
    routes::Routes,
    ui::{
        form::{Field, Problems, message},
        page::Page,
    },
};

const FORM_LIMIT: usize = 4 * 1024;

pub fn routes() -> Routes {
    Routes::new()
        .page_for("/admin/people", show)
        .form_for("/admin/people", FORM_LIMIT, grant)
        .form_for("/admin/people/revoke", FORM_LIMIT, revoke)
        .form_for("/admin/people/sign-out", FORM_LIMIT, sign_out)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields {
    email: String,
    role: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Whom {
    account: String,
}

async fn show(_admin: Fresh<Admin>, State(state): State<AppState>) -> Result<Response> {
    page(&state, &Fields::default(), &Problems::default()).await
}

async fn page(state: &AppState, fields: &Fields, problems: &Problems) -> Result<Response> {
    let staff = staff::everybody(&state.db).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::of_account("People", "/admin/people", body(&staff, fields, problems))
        .with_status(status)
        .respond(&state.site))
}

async fn grant(admin: Fresh<Admin>, State(state): State<AppState>, Form(fields): Form<Fields>) -> Result<Response> {
    let mut problems = Problems::default();
    let (email, role) = (Email::read(&fields.email).ok(), Role::named(&fields.role));
    if email.is_none() {
        problems.add("email", "Enter the email address of an account");
    }
    if role.is_none() {
        problems.add("role", "Choose a role");
    }
    if let (Some(email), Some(role)) = (email, role) {
        match staff::grant(&state.db, &email, role, event(&admin, &state, Action::RoleGranted)).await {
            Ok(()) => return Ok(Redirect::to("/admin/people").into_response()),
            Err(Refused::Failed(error)) => return Err(error),
            Err(refused) => problems.add("email", sentence(&refused)),
        }
    }
    page(&state, &fields, &problems).await
}

async fn revoke(admin: Fresh<Admin>, State(state): State<AppState>, Form(fields): Form<Fields>) -> Result<Response> {
    let (Ok(email), Some(role)) = (Email::read(&fields.email), Role::named(&fields.role)) else {
        return Err(crate::Error::NotFound);
    };
    match staff::revoke(&state.db, &email, role, event(&admin, &state, Action::RoleRevoked)).await {
        Ok(()) => Ok(Redirect::to("/admin/people").into_response()),
        Err(Refused::Failed(error)) => Err(error),
        Err(refused) => page(&state, &Fields::default(), &Problems::one("email", sentence(&refused))).await,
    }
}

/// Says the same whether or not there is such an account: who has one is no administrator's business.
async fn sign_out(admin: Fresh<Admin>, State(state): State<AppState>, Form(whom): Form<Whom>) -> Result<Response> {
    let Ok(email) = Email::read(&whom.account) else {
        let problems = Problems::one("account", "Enter the email address of an account");
        return page(&state, &Fields::default(), &problems).await;
    };
    staff::sign_out(&state.db, &email, event(&admin, &state, Action::SignedOutEverywhere)).await?;
    let main = html! {
        h1 { "Signed out" }
        p class="lead" { "If there is an account with the address " strong { (email.as_str()) } ", it is signed out everywhere." }
        p { "Whoever knows its password can sign in again: tell its owner to choose a new one." }
        p { a href="/admin/people" { "Back to people" } }
    };
    Ok(Page::of_account("Signed out", "/admin/people", main).respond(&state.site))
}

/// What an event about somebody else begins with.
fn event(admin: &Admin, state: &AppState, action: Action) -> Event {
    Event::new(&state.clock, Actor::Account(admin.account), action).seen_from(admin.origin.client.0)
}

/// As the command line says it, with a capital.
fn sentence(refused: &Refused) -> String {
    let text = refused.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

fn body(staff: &[Account], fields: &Fields, problems: &Problems) -> Markup {
    let field = Field {
        name: "email",
        label: "Email address of their account",
        hint: Some("They have signed up, and set up two-step sign-in or a passkey."),
        kind: "email",
        autocomplete: Some("off"),
        value: &fields.email,
        ..Field::default()
    };
    let whom = Field {
        name: "account",
        label: "Email address of any account",
        kind: "email",
        autocomplete: Some("off"),
        ..Field::default()
    };
    html! {
        (problems.summary())
        h1 { "People" }
        p class="lead" { "Whoever has a role, and what it lets them do." }
        ul class="devices" {
            @for account in staff {
                li class="box" {
                    h2 { (account.email.as_str()) }
                    @if !account.second_steps.any() { p { "Has no second step yet, and can do nothing until it is set up." } }
                    @for role in account.roles.iter() {
                        form method="post" action="/admin/people/revoke" {
                            input type="hidden" name="email" value=(account.email.as_str());
                            input type="hidden" name="role" value=(role.name());
                            p { (role.name()) ": " (what_it_lets(role)) }
                            button class="btn" {
                                "Take this role away"
                                span class="nhsuk-u-visually-hidden" { ": " (role.name()) " from " (account.email.as_str()) }
                            }
                        }
                    }
                }
            }
        }
        h2 { "Grant a role" }
        p { "They are signed out, and have it when they sign in again." }
        form method="post" action="/admin/people" novalidate {
            (field.show(problems))
            @let problem = problems.of("role");
            fieldset id="role" tabindex="-1" class={ "question" @if problem.is_some() { " nhsuk-form-group--error" } } {
                legend { "Role" }
                (message("role", problem))
                @for role in Role::ALL {
                    label class="option" {
                        input type="radio" name="role" value=(role.name()) checked[fields.role == role.name()];
                        b { (role.name()) }
                        small { (what_it_lets(role)) }
                    }
                }
            }
            div class="actions" { button class="btn btn--main" { "Grant the role" } }
        }
        h2 { "Sign somebody out" }
        p { "On every device, at once: when one was lost or stolen, say. Their password and their second step stay." }
        form method="post" action="/admin/people/sign-out" novalidate {
            (whom.show(problems))
            div class="actions" { button class="btn" { "Sign out everywhere" } }
        }
        p { a href="/admin/audit" { "What was done" } }
        p { a href="/account" { "Back to your account" } }
    }
}

fn what_it_lets(role: Role) -> &'static str {
    match role {
        Role::Editor => "writes articles and exercises.",
        Role::Reviewer => "a clinician, who approves them.",
        Role::Admin => "grants roles, and sees what was done.",
    }
}
