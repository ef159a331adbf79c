//! Who is on the staff: inviting somebody, and taking a role back.

use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    AppState, Error, Result,
    account::{
        Admin, Email, Fresh, Role, day_of,
        invitations::{self, Invitation},
        invite,
        staff::{self, Member, Refused},
    },
    audit::Action,
    desk::{event, page as desk_page},
    routes::Routes,
    ui::{
        form::{Field, Problems, message},
        page::Page,
    },
};

const FORM_LIMIT: usize = 4 * 1024;
const HERE: &str = "/admin/people";

pub fn routes() -> Routes {
    Routes::new()
        .page_for(HERE, show)
        .form_for(HERE, FORM_LIMIT, ask)
        .form_for("/admin/people/withdraw", FORM_LIMIT, withdraw)
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

#[derive(Debug, Deserialize)]
struct Which {
    invitation: Uuid,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ShowQuery {
    /// The name of what was just done.
    done: String,
}

async fn show(_admin: Fresh<Admin>, State(state): State<AppState>, Query(query): Query<ShowQuery>) -> Result<Response> {
    let done = match query.done.as_str() {
        "invited" => Some("The invitation is kept, and its letter on its way. It is good for 7 days."),
        "withdrawn" => Some("The invitation is withdrawn: its link opens nothing any more."),
        "revoked" => Some("The role is taken away."),
        _ => None,
    };
    page(&state, &Fields::default(), &Problems::default(), done).await
}

async fn page(state: &AppState, fields: &Fields, problems: &Problems, done: Option<&str>) -> Result<Response> {
    let known = Known {
        members: staff::members(&state.db).await?,
        invitations: invitations::waiting(&state.db, state.clock.millis_i64()).await?,
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let main = body(&known, fields, problems, done);
    Ok(desk_page("People", HERE, &main).with_status(status).respond(&state.site))
}

/// Invites somebody. What is done and said does not depend on whether the address has an account: that is not even looked up.
async fn ask(admin: Fresh<Admin>, State(state): State<AppState>, Form(fields): Form<Fields>) -> Result<Response> {
    let mut problems = Problems::default();
    let (email, role) = (Email::read(&fields.email).ok(), Role::named(&fields.role));
    if email.is_none() {
        problems.add("email", "Enter the email address of whom you invite");
    }
    if role.is_none() {
        problems.add("role", "Choose a role");
    }
    if let (Some(email), Some(role)) = (email, role) {
        let has = |member: &Member| member.account.email.key() == email.key() && member.account.roles.has(role);
        if staff::members(&state.db).await?.iter().any(has) {
            problems.add("email", "They have this role already");
        } else {
            invite(&state, &admin, email, role).await?;
            return Ok(Redirect::to("/admin/people?done=invited").into_response());
        }
    }
    page(&state, &fields, &problems, None).await
}

async fn withdraw(admin: Fresh<Admin>, State(state): State<AppState>, Form(which): Form<Which>) -> Result<Response> {
    match invitations::end(&state.db, which.invitation, event(&admin, &state, Action::InvitationWithdrawn)).await {
        // Answered meanwhile, or expired: the page shows which are left.
        Ok(()) | Err(Error::NotFound) => Ok(Redirect::to("/admin/people?done=withdrawn").into_response()),
        Err(error) => Err(error),
    }
}

async fn revoke(admin: Fresh<Admin>, State(state): State<AppState>, Form(fields): Form<Fields>) -> Result<Response> {
    let (Ok(email), Some(role)) = (Email::read(&fields.email), Role::named(&fields.role)) else {
        return Err(Error::NotFound);
    };
    match staff::revoke(&state.db, &email, role, event(&admin, &state, Action::RoleRevoked)).await {
        Ok(()) => Ok(Redirect::to("/admin/people?done=revoked").into_response()),
        Err(Refused::Failed(error)) => Err(error),
        Err(refused) => page(&state, &Fields::default(), &Problems::one("staff", sentence(&refused)), None).await,
    }
}

/// Says the same whether or not there is such an account: who has one is no administrator's business.
async fn sign_out(admin: Fresh<Admin>, State(state): State<AppState>, Form(whom): Form<Whom>) -> Result<Response> {
    let Ok(email) = Email::read(&whom.account) else {
        let problems = Problems::one("account", "Enter the email address of an account");
        return page(&state, &Fields::default(), &problems, None).await;
    };
    staff::sign_out(&state.db, &email, event(&admin, &state, Action::SignedOutEverywhere)).await?;
    let main = html! {
        h1 { "Signed out" }
        p class="lead" { "If there is an account with the address " strong { (email.as_str()) } ", it is signed out everywhere." }
        p { "Whoever knows its password can sign in again: tell its owner to choose a new one." }
        p { a href="/admin/people" { "Back to people" } }
    };
    Ok(Page::of_account("Signed out", HERE, main).respond(&state.site))
}

/// As the command line says it, with a capital.
fn sentence(refused: &Refused) -> String {
    let text = refused.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// Who is there, and who may come.
struct Known {
    members: Vec<Member>,
    invitations: Vec<Invitation>,
}

fn body(known: &Known, fields: &Fields, problems: &Problems, done: Option<&str>) -> Markup {
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
        @if let Some(done) = done { p class="notice" role="status" { (done) } }
        p class="lead" { "Whoever has a role, and what it lets them do." }
        section aria-labelledby="staff_title" {
            h2 id="staff_title" { "On the staff" }
            (message("staff", problems.of("staff")))
            ul class="devices" id="staff" tabindex="-1" {
                @for member in &known.members { li class="box" { (one(member)) } }
            }
        }
        section aria-labelledby="waiting_title" {
            h2 id="waiting_title" { "Invitations" }
            @if known.invitations.is_empty() { p { "None waits for an answer." } }
            ul class="devices" {
                @for invitation in &known.invitations { li class="box" { (waiting(invitation)) } }
            }
        }
        section aria-labelledby="invite_title" {
            h2 id="invite_title" { "Invite somebody" }
            (invite_form(fields, problems))
        }
        section aria-labelledby="sign_out_title" {
            h2 id="sign_out_title" { "Sign somebody out" }
            p { "On every device, at once: when one was lost or stolen, say. Their password and their second step stay." }
            form method="post" action="/admin/people/sign-out" novalidate {
                (whom.show(problems))
                div class="actions" { button class="btn" { "Sign out everywhere" } }
            }
        }
        p { a href="/admin/audit" { "What was done" } }
    }
}

fn one(member: &Member) -> Markup {
    let account = &member.account;
    html! {
        h3 { (account.email.as_str()) }
        p class="hint" {
            @match member.seen_at { Some(at) => { "Last here on " (day_of(at)) }, None => "Not here in the last year" }
        }
        @if !account.second_steps.any() { p { "Has no second step yet, and can do nothing until it is set up." } }
        @for role in account.roles.iter() {
            form method="post" action="/admin/people/revoke" {
                input type="hidden" name="email" value=(account.email.as_str());
                input type="hidden" name="role" value=(role.name());
                p { (role.name()) ": " (role.what_it_lets()) }
                button class="btn" {
                    "Take this role away"
                    span class="nhsuk-u-visually-hidden" { ": " (role.name()) " from " (account.email.as_str()) }
                }
            }
        }
    }
}

fn waiting(invitation: &Invitation) -> Markup {
    html! {
        h3 { (invitation.email.as_str()) }
        p { (invitation.role.name()) ": " (invitation.role.what_it_lets()) }
        p class="hint" { "Invited by " (invitation.invited_by) ", good until " (day_of(invitation.expires_at)) }
        form method="post" action="/admin/people/withdraw" {
            input type="hidden" name="invitation" value=(invitation.id);
            button class="btn" {
                "Withdraw"
                span class="nhsuk-u-visually-hidden" { " the invitation of " (invitation.email.as_str()) " as " (invitation.role.name()) }
            }
        }
    }
}

fn invite_form(fields: &Fields, problems: &Problems) -> Markup {
    let field = Field {
        name: "email",
        label: "Their email address",
        hint: Some("They need no account yet."),
        kind: "email",
        autocomplete: Some("off"),
        value: &fields.email,
        ..Field::default()
    };
    html! {
        p { "We send them a letter with a link. They sign in or create an account, set up a second step, and accept; then they have the role." }
        form method="post" action=(HERE) novalidate {
            (field.show(problems))
            @let problem = problems.of("role");
            fieldset id="role" tabindex="-1" class={ "question" @if problem.is_some() { " nhsuk-form-group--error" } } {
                legend { "Role" }
                (message("role", problem))
                @for role in Role::ALL {
                    label class="option" {
                        input type="radio" name="role" value=(role.name()) checked[fields.role == role.name()];
                        b { (role.name()) }
                        small { (role.what_it_lets()) }
                    }
                }
            }
            div class="actions" { button class="btn btn--main" { "Send the invitation" } }
        }
    }
}
