//! `sciaticalm admin`: the staff, from the command line of the machine that the site runs on.

use anyhow::{Result, anyhow};
use app::{
    account::{Account, Email, Role, Token, staff},
    audit::{Action, Actor, Event},
    clock::Clock,
    db::Db,
};
use clap::Subcommand;

use crate::{config::StoreOptions, start};

#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Make an administrator, and print a link by which they choose a password: once, within a day
    Create(Person),
    /// Show everybody who has a role
    List,
    /// Grant a role to an account, whose owner has set up a second step
    Grant(Granted),
    /// Take a role from an account, and sign it out
    Revoke(Granted),
    /// For somebody locked out: remove their second step and passkeys, sign them out, and print a link for a new password
    Reset(Person),
}

#[derive(Debug, clap::Args)]
pub struct Person {
    #[arg(long, value_parser = email)]
    email: Email,
    /// The site's address as readers see it, for the link
    #[arg(long, env = "SCIATICALM_PUBLIC_URL", default_value = "http://localhost:3000")]
    public_url: String,
}

#[derive(Debug, clap::Args)]
pub struct Granted {
    #[arg(long, value_parser = email)]
    email: Email,
    /// editor, reviewer or admin
    #[arg(long, value_parser = role)]
    role: Role,
}

fn email(text: &str) -> Result<Email, String> {
    Email::read(text).map_err(|_| "this is no email address".to_owned())
}

fn role(text: &str) -> Result<Role, String> {
    Role::named(text).ok_or_else(|| "a role is editor, reviewer or admin".to_owned())
}

/// Does what the command says.
///
/// # Errors
/// One sentence that says what to look at.
pub async fn run(options: &StoreOptions, command: AdminCommand) -> Result<()> {
    let db = start::open_database(options).await?;
    let done = carry_out(&db, options, command).await;
    db.close().await;
    done
}

async fn carry_out(db: &Db, options: &StoreOptions, command: AdminCommand) -> Result<()> {
    let clock = Clock::System;
    match command {
        AdminCommand::Create(person) => {
            let vault = start::open_vault(options, clock.clone()).await?;
            vault.prepare().await.map_err(start::plainly)?;
            let created = staff::create_admin(db, &vault, &clock, &person.email).await;
            vault.close().await;
            let token = created.map_err(|error| match error {
                app::Error::Conflict => anyhow!("this address has an account: use `sciaticalm admin grant`"),
                error => error.into(),
            })?;
            tell_link(&person, &token);
        }
        AdminCommand::List => {
            let everybody = staff::everybody(db).await?;
            if everybody.is_empty() {
                println!("Nobody has a role. Begin with `sciaticalm admin create --email …`.");
            }
            everybody.iter().for_each(tell);
        }
        AdminCommand::Grant(Granted { email, role }) => {
            staff::grant(db, &email, role, Event::new(&clock, Actor::CommandLine, Action::RoleGranted)).await?;
            println!("{} is {} now. They were signed out, and sign in again.", email.as_str(), role.name());
        }
        AdminCommand::Revoke(Granted { email, role }) => {
            staff::revoke(db, &email, role, Event::new(&clock, Actor::CommandLine, Action::RoleRevoked)).await?;
            println!("{} is not {} any more, and was signed out.", email.as_str(), role.name());
        }
        AdminCommand::Reset(person) => {
            let token = staff::reset(db, &clock, &person.email).await?;
            println!("Their password, second step and passkeys are removed, and they are signed out everywhere.");
            tell_link(&person, &token);
        }
    }
    Ok(())
}

fn tell_link(person: &Person, token: &Token) {
    println!("Give this link to {} and to nobody else. It works once, and for 24 hours:", person.email.as_str());
    println!("{}", staff::link_address(person.public_url.trim_end_matches('/'), token));
}

fn tell(account: &Account) {
    let steps = account.second_steps;
    let second = match (steps.totp, steps.passkey) {
        (true, true) => "authenticator app and passkey",
        (true, false) => "authenticator app",
        (false, true) => "passkey",
        (false, false) => "no second step yet",
    };
    println!("{}\t{}\t{second}", account.email.as_str(), account.roles);
}
