//! What we write to people about their accounts. No letter says anything about health.

use super::{Email, Role, Token};
use crate::{
    mail::{Link, Message},
    site::Settings,
};

const IF_IT_WAS_NOT_YOU: &str = "If this was not you, you need do nothing: without the link nothing happens.";

fn letter(kind: &'static str, to: &Email, subject: String, paragraphs: &[&str]) -> Message {
    Message {
        kind,
        to: to.as_str().to_owned(),
        subject,
        paragraphs: paragraphs.iter().map(|text| (*text).to_owned()).collect(),
        link: None,
        closing: vec![],
        stop: None,
    }
}

fn with_link(mut message: Message, label: &str, url: String, closing: &str) -> Message {
    message.link = Some(Link { label: label.to_owned(), url });
    message.closing = vec![closing.to_owned()];
    message
}

fn address(settings: &Settings, path: &str) -> String {
    format!("{}{path}", settings.public_url)
}

fn address_with(settings: &Settings, path: &str, token: &Token) -> String {
    format!("{}?token={}", address(settings, path), token.expose())
}

pub fn confirm_sign_up(settings: &Settings, to: &Email, token: &Token) -> Message {
    let name = &settings.name;
    let text = format!(
        "Somebody asked for an account at {name} with this email address. If it was you, follow the link within 24 hours and give the password that you chose."
    );
    let letter = letter("sign-up", to, format!("Finish creating your account at {name}"), &[&text]);
    with_link(
        letter,
        "Finish creating your account",
        address_with(settings, "/sign-up/confirm", token),
        IF_IT_WAS_NOT_YOU,
    )
}

/// The same whether or not the address has an account.
pub fn invitation(settings: &Settings, to: &Email, role: Role, token: &Token) -> Message {
    let name = &settings.name;
    let text = format!(
        "You are invited onto the staff of {name} as {}, who {} To accept, follow the link within 7 days: you sign in or create an account, and set up a second step.",
        role.name(),
        role.what_it_lets()
    );
    let letter = letter("invitation", to, format!("You are invited onto the staff of {name}"), &[&text]);
    let closing =
        "If you do not know why you are invited, you need do nothing: the invitation is deleted after 7 days.";
    with_link(letter, "Answer the invitation", address_with(settings, "/invitation", token), closing)
}

/// To who tried to sign up and has an account: the page said the same as to anybody.
pub fn you_have_an_account(settings: &Settings, to: &Email) -> Message {
    let name = &settings.name;
    let text = format!(
        "Somebody tried to create an account at {name} with this email address, which has one already. If it was you, sign in. If you have forgotten your password, you can choose a new one there."
    );
    let letter = letter("sign-up-known", to, format!("You already have an account at {name}"), &[&text]);
    with_link(
        letter,
        "Sign in",
        address(settings, "/sign-in"),
        "If this was not you, you need do nothing: nobody got into your account.",
    )
}

pub fn reset_password(settings: &Settings, to: &Email, token: &Token) -> Message {
    let name = &settings.name;
    let text = format!(
        "Somebody asked to choose a new password for your account at {name}. If it was you, follow the link within an hour."
    );
    let letter = letter("password-reset", to, format!("Choose a new password for {name}"), &[&text]);
    let url = address_with(settings, "/reset-password/choose", token);
    with_link(letter, "Choose a new password", url, IF_IT_WAS_NOT_YOU)
}

pub fn password_changed(settings: &Settings, to: &Email) -> Message {
    let name = &settings.name;
    let text = format!("The password of your account at {name} was changed, and every device was signed out.");
    let letter = letter("password-changed", to, format!("Your password for {name} was changed"), &[&text]);
    let closing = "If this was not you, choose a new password at once by the link above, and check that nobody else reads your email.";
    with_link(letter, "Choose a new password", address(settings, "/reset-password"), closing)
}

pub fn confirm_email(settings: &Settings, to: &Email, token: &Token) -> Message {
    let name = &settings.name;
    let text = format!(
        "Somebody asked to use this email address for their account at {name}. If it was you, follow the link within 24 hours."
    );
    let letter = letter("email-change", to, format!("Confirm your email address for {name}"), &[&text]);
    with_link(
        letter,
        "Confirm this address",
        address_with(settings, "/account/email/confirm", token),
        IF_IT_WAS_NOT_YOU,
    )
}

/// To an address that somebody wants for their account, and that has one.
pub fn address_is_taken(settings: &Settings, to: &Email) -> Message {
    let name = &settings.name;
    let text = format!(
        "Somebody asked to use this email address for their account at {name}. It has an account of its own, so nothing was changed."
    );
    let letter = letter("email-change-known", to, format!("You already have an account at {name}"), &[&text]);
    with_link(letter, "Sign in", address(settings, "/sign-in"), "If this was not you, you need do nothing.")
}

/// To the old address, when a new one is asked for.
pub fn email_change_asked(settings: &Settings, to: &Email) -> Message {
    let name = &settings.name;
    let text = format!(
        "Somebody who is signed in to your account at {name} asked to change its email address. It will change once the new address is confirmed."
    );
    let letter = letter("email-change-asked", to, format!("A new email address was asked for at {name}"), &[&text]);
    let closing = "If this was not you, choose a new password at once by the link above: that also stops the change.";
    with_link(letter, "Choose a new password", address(settings, "/reset-password"), closing)
}

/// To who reads the mail, when what the account is signed in with changed.
fn security_notice(kind: &'static str, settings: &Settings, to: &Email, what: &str, text: &str) -> Message {
    let letter = letter(kind, to, format!("{what}: your account at {}", settings.name), &[text]);
    let closing = "If this was not you, choose a new password at once by the link above. Then look at what your account can be signed in with.";
    with_link(letter, "Choose a new password", address(settings, "/reset-password"), closing)
}

pub fn second_step_on(settings: &Settings, to: &Email) -> Message {
    let text = "Two-step sign-in was turned on. Besides the password, a code from an authenticator app is asked for from now on. Every other device was signed out.";
    security_notice("second-step-on", settings, to, "Two-step sign-in is on", text)
}

pub fn second_step_off(settings: &Settings, to: &Email) -> Message {
    let text = "The authenticator app was removed, and its recovery codes no longer work. No code is asked for any more. Every other device was signed out.";
    security_notice("second-step-off", settings, to, "The authenticator app was removed", text)
}

pub fn recovery_codes_made(settings: &Settings, to: &Email) -> Message {
    let text = "New recovery codes were made. The old ones no longer work. Every other device was signed out.";
    security_notice("recovery-codes-made", settings, to, "New recovery codes", text)
}

pub fn recovery_code_used(settings: &Settings, to: &Email, left: i64) -> Message {
    let left = match left {
        0 => "None is left: make new ones in your account, under Two-step sign-in.".to_owned(),
        1 => "One is left: make new ones in your account, under Two-step sign-in.".to_owned(),
        left => format!("{left} are left. You can make new ones in your account, under Two-step sign-in."),
    };
    let text = format!("Somebody signed in with a recovery code. Each works once. {left}");
    security_notice("recovery-code-used", settings, to, "A recovery code was used", &text)
}

pub fn passkey_added(settings: &Settings, to: &Email) -> Message {
    let text =
        "A passkey was added, which signs in to your account without a password. Every other device was signed out.";
    security_notice("passkey-added", settings, to, "A passkey was added", text)
}

pub fn passkey_removed(settings: &Settings, to: &Email) -> Message {
    let text = "A passkey was removed. It no longer signs in to your account. Every other device was signed out.";
    security_notice("passkey-removed", settings, to, "A passkey was removed", text)
}

/// To the old address, once the new one is in use.
pub fn email_changed(settings: &Settings, to: &Email) -> Message {
    let name = &settings.name;
    let text = format!(
        "The email address of your account at {name} was changed. We write to the new one from now on, and every other device was signed out."
    );
    let help = format!(
        "If this was not you, call {}: whoever runs this site can give you your account back.",
        settings.numbers.help_line
    );
    letter("email-changed", to, format!("Your email address for {name} was changed"), &[&text, &help])
}

/// To who deleted their account. The last letter there is.
pub fn account_deleted(settings: &Settings, to: &Email) -> Message {
    let name = &settings.name;
    let text = format!(
        "Your account at {name} was deleted, with everything in it. It cannot be brought back. We do not write to you again."
    );
    let help = format!(
        "If this was not you, call {}, and check that nobody else reads your email.",
        settings.numbers.help_line
    );
    letter("account-deleted", to, format!("Your account at {name} was deleted"), &[&text, &help])
}
