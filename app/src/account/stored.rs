//! What is stored about a person: one list, from which the page is made, and against which tests hold the database and the
//! cookies. Whoever adds a column writes here what it is for.

use axum::{extract::State, response::Response};
use leptos::prelude::*;
use maud::{Markup, html};

use super::session::{device_cookie, session_cookie};
use crate::{
    AppState,
    routes::{CachePolicy, Routes},
    site::Settings,
    ui::page::Page,
};

/// One thing that is stored.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub what: &'static str,
    pub place: Place,
    pub why: &'static str,
    pub basis: Basis,
    pub how_long: &'static str,
    pub who_sees_it: &'static str,
}

/// Where it is.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// A table of the database, with every column.
    Table {
        name: &'static str,
        columns: &'static [&'static str],
    },
    /// A table of the key store, with every column.
    KeyStore {
        name: &'static str,
        columns: &'static [&'static str],
    },
    Cookie(fn(&Settings) -> String),
    /// In the browser, and nowhere else.
    Device,
    Log,
    Memory,
    /// The letters themselves.
    Mail,
}

/// Why it is lawful (UK GDPR, articles 6 and 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// 6(1)(b)
    Contract,
    /// 6(1)(a); for health, 9(2)(a) too
    Consent,
    /// 6(1)(f)
    LegitimateInterest,
    /// 6(1)(c), with 5(2) and 7(1): having to show that they agreed
    LegalDuty,
    /// Never reaches us.
    Yours,
}

impl Basis {
    fn words(self) -> &'static str {
        match self {
            Self::Contract => "You asked for an account, and there is none without it (contract)",
            Self::Consent => "You agreed to it, and can withdraw that (explicit consent)",
            Self::LegitimateInterest => "Keeping accounts and this site safe (legitimate interests)",
            Self::LegalDuty => "We have to be able to show that you agreed (legal obligation)",
            Self::Yours => "It stays with you: we never get it",
        }
    }
}

const ACCOUNT: &str = "Until you delete your account.";
const YOU: &str = "You; and whoever runs this server could look into its database.";
const NOBODY: &str = "Nobody: it cannot be read back.";

/// Everything that is stored about a person.
pub const STORED: &[Item] = &[
    Item {
        what: "Your account: its number, your email address as you write it and in small letters, a fingerprint (hash) of your password, whether you are on the staff, and when it was made",
        place: Place::Table {
            name: "account",
            columns: &["id", "email", "email_key", "password_hash", "roles", "created_at"],
        },
        why: "To let you sign in, and to write to you about your account.",
        basis: Basis::Contract,
        how_long: ACCOUNT,
        who_sees_it: "You; administrators see the addresses of staff; and whoever runs this server could look into its database. Nobody can read your password.",
    },
    Item {
        what: "A sign-up that you have not confirmed: your email address, a fingerprint of the password and of the link, and when it ends",
        place: Place::Table {
            name: "sign_up",
            columns: &["token_hash", "email", "email_key", "password_hash", "expires_at"],
        },
        why: "To make your account once you follow the link.",
        basis: Basis::Contract,
        how_long: "24 hours, or until you confirm.",
        who_sees_it: YOU,
    },
    Item {
        what: "Where you are signed in: the kind of browser and device, when you signed in and were last here, when it ends, and how you showed that it is you",
        place: Place::Table {
            name: "session",
            columns: &[
                "token_hash",
                "id",
                "account_id",
                "stage",
                "strong",
                "remember",
                "device",
                "created_at",
                "seen_at",
                "expires_at",
                "confirmed_at",
            ],
        },
        why: "To keep you signed in, and to let you sign a device out from afar.",
        basis: Basis::Contract,
        how_long: "Until you sign out, and 12 hours at most, or 90 days where you chose to be remembered.",
        who_sees_it: "You; of the staff, administrators see on which day they were last here; and whoever runs this server could look into its database.",
    },
    Item {
        what: "Devices on which you signed in before: a fingerprint of their cookie, and when",
        place: Place::Table { name: "known_device", columns: &["token_hash", "account_id", "seen_at"] },
        why: "So that an attacker who tries passwords does not slow you down.",
        basis: Basis::LegitimateInterest,
        how_long: "A year after you last signed in there, or until you sign out everywhere or delete your account.",
        who_sees_it: YOU,
    },
    Item {
        what: "Links that we sent you: a fingerprint of each, what it is for, a new email address that you asked for, and when it ends",
        place: Place::Table {
            name: "mail_token",
            columns: &["token_hash", "account_id", "purpose", "email", "expires_at"],
        },
        why: "To know that it is you who follows the link.",
        basis: Basis::Contract,
        how_long: "Until it is used, and 24 hours at most.",
        who_sees_it: YOU,
    },
    Item {
        what: "If somebody invited you onto the staff of this site: your email address as they wrote it and in small letters, a fingerprint of the link that you were sent, the role, who invited you, when, and when the invitation ends",
        place: Place::Table {
            name: "invitation",
            columns: &["id", "token_hash", "email", "email_key", "role", "invited_by", "invited_at", "expires_at"],
        },
        why: "To know that it is you who answers it.",
        basis: Basis::LegitimateInterest,
        how_long: "Until you answer it or it is withdrawn, and 7 days at most.",
        who_sees_it: "You; administrators; and whoever runs this server could look into its database.",
    },
    Item {
        what: "Your authenticator app, if you set one up: the secret that it shares with us, encrypted under your account\u{2019}s key, since when, and the time of the last code",
        place: Place::Table { name: "totp", columns: &["account_id", "sealed", "confirmed_at", "last_step"] },
        why: "To check its codes, each once.",
        basis: Basis::Contract,
        how_long: "Until you turn it off or delete your account.",
        who_sees_it: NOBODY,
    },
    Item {
        what: "Your recovery codes: a fingerprint of each that you have not used",
        place: Place::Table { name: "recovery_code", columns: &["account_id", "code_hash"] },
        why: "To let you in when you have lost your authenticator app.",
        basis: Basis::Contract,
        how_long: "Until it is used, or you make new ones or delete your account.",
        who_sees_it: NOBODY,
    },
    Item {
        what: "Your passkeys: the name that you gave each, its public key, and when it was made and last used",
        place: Place::Table {
            name: "passkey",
            columns: &["account_id", "id", "credential_id", "name", "passkey", "created_at", "used_at"],
        },
        why: "To let you sign in without a password. Your fingerprint or face never leaves your device.",
        basis: Basis::Contract,
        how_long: "Until you remove it or delete your account.",
        who_sees_it: YOU,
    },
    Item {
        what: "What you agreed to: which consent, in which version of its words, when you gave it and when you withdrew it",
        place: Place::Table {
            name: "consent",
            columns: &["account_id", "id", "kind", "version", "given_at", "withdrawn_at"],
        },
        why: "To do what you agreed to and nothing else, and to be able to show that you agreed.",
        basis: Basis::LegalDuty,
        how_long: ACCOUNT,
        who_sees_it: YOU,
    },
    Item {
        what: "Your health entries, if you agreed to that: what you write in your diary here and log in the tracker while you are signed in (pain scores, warning signs, foot tests, exercises, medicines, notes, your plan, and what the tracker warned you of), by day, encrypted under your account\u{2019}s key, and when each was saved",
        place: Place::Table {
            name: "health_entry",
            columns: &["account_id", "id", "about", "revision", "sealed", "saved_at"],
        },
        why: "So that you find them on every device on which you sign in.",
        basis: Basis::Consent,
        how_long: "Until you delete them, withdraw your consent or delete your account.",
        who_sees_it: "You. Whoever runs this server holds the keys, and is bound not to use them to read your entries.",
    },
    Item {
        what: "Your reminders, if you chose any: the time, the days of the week and the time zone, when you chose them and how often you did, and when the next email goes",
        place: Place::Table {
            name: "reminder",
            columns: &["account_id", "minute", "days", "zone", "due_at", "revision", "changed_at"],
        },
        why: "To remind you then. Emails are sent only if you agreed to them.",
        basis: Basis::Contract,
        how_long: ACCOUNT,
        who_sees_it: YOU,
    },
    Item {
        what: "The calendar of your reminders, if you made one: a fingerprint of its address, a number for its event, and when it was made",
        place: Place::Table { name: "reminder_calendar", columns: &["account_id", "token_hash", "id", "made_at"] },
        why: "To give your calendar program the days and the time. It says nothing about your health.",
        basis: Basis::Contract,
        how_long: "Until you remove it or delete your account.",
        who_sees_it: "You; whoever has its address sees the days, the time and the time zone; and whoever runs this server could look into its database.",
    },
    Item {
        what: "The links in the reminders that we sent you: a fingerprint of each, and when it ends",
        place: Place::Table { name: "reminder_link", columns: &["token_hash", "account_id", "expires_at"] },
        why: "So that one press stops the emails, without signing in.",
        basis: Basis::Consent,
        how_long: "60 days, or until you delete your account.",
        who_sees_it: YOU,
    },
    Item {
        what: "Links by which you share a summary: a fingerprint of each, the days that it shows, the name that you chose to show, encrypted under your account\u{2019}s key, when it was made, when it expires and when you ended it",
        place: Place::Table {
            name: "share_link",
            columns: &[
                "id",
                "account_id",
                "token_hash",
                "from_day",
                "to_day",
                "sealed",
                "created_at",
                "expires_at",
                "revoked_at",
            ],
        },
        why: "To show the summary to whoever has the link, and to let you end it.",
        basis: Basis::Consent,
        how_long: "90 days after the link has expired, or until you delete your account.",
        who_sees_it: YOU,
    },
    Item {
        what: "When a link that you shared was opened: the hour, the last time in it and how often, and the network that it came from without its last part",
        place: Place::Table { name: "share_access", columns: &["link_id", "network", "hour", "last_at", "times"] },
        why: "To show you who read what you shared.",
        basis: Basis::Consent,
        how_long: "As long as the link is kept.",
        who_sees_it: YOU,
    },
    Item {
        what: "Your account\u{2019}s key, itself encrypted: the account\u{2019}s number, which main key encrypts it, and when it was made",
        place: Place::KeyStore { name: "account_key", columns: &["account_id", "master", "wrapped", "created_at"] },
        why: "To encrypt your entries, so that a stolen copy of the database shows nothing.",
        basis: Basis::LegitimateInterest,
        how_long: "The key: until you delete your account, when it is destroyed, so that no backup can be read either. That an account with this number had a key stays.",
        who_sees_it: NOBODY,
    },
    Item {
        what: "If you write articles here, as one of the staff: each text that you saved, when, and your note on it",
        place: Place::Table {
            name: "article_revision",
            columns: &[
                "article_id",
                "number",
                "title",
                "summary",
                "author",
                "markdown",
                "html",
                "contents",
                "words",
                "sources",
                "tags",
                "saved_at",
                "saved_by",
                "note",
                "review_months",
                "conflicts",
                "origin",
            ],
        },
        why: "So that it is known who changed what of an article, and can be undone.",
        basis: Basis::LegitimateInterest,
        how_long: "The texts as long as this site runs; that they are yours until you delete your account.",
        who_sees_it: "The staff; what is published, everybody.",
    },
    Item {
        what: "If you write articles here, as one of the staff: of which articles the newest text is yours",
        place: Place::Table {
            name: "article",
            columns: &[
                "id",
                "slug",
                "current_revision",
                "created_at",
                "newest_revision",
                "stage",
                "publish_at",
                "archived_at",
                "published_on",
                "reviewed_on",
                "review_due_on",
                "filed_as",
                "newest_title",
                "newest_summary",
                "newest_author",
                "newest_tags",
                "newest_saved_at",
                "newest_saved_by",
                "review_told",
                "linked_revision",
            ],
        },
        why: "So that the list of articles can show you what you were writing, and we can write to you when its review is due.",
        basis: Basis::LegitimateInterest,
        how_long: "Until somebody else changes the article, or you delete your account.",
        who_sees_it: "The staff.",
    },
    Item {
        what: "If you write articles here, as one of the staff: what you typed and did not save yet, and when",
        place: Place::Table {
            name: "article_draft",
            columns: &["article_id", "account_id", "base", "typed", "page_id", "number", "typed_at"],
        },
        why: "So that nothing is lost when a browser or a connection fails, and so that two do not write the same without knowing it.",
        basis: Basis::LegitimateInterest,
        how_long: "Until you save or discard it, or delete your account.",
        who_sees_it: "You. The other staff see that you are writing, and when you last typed.",
    },
    Item {
        what: "If you wrote to us under an article: what you wrote, on which day, and whether the article was useful. Nothing that says that it was you",
        place: Place::Table {
            name: "article_remark",
            columns: &["id", "article_id", "revision", "day", "useful", "said", "stage"],
        },
        why: "To make the article better.",
        basis: Basis::LegitimateInterest,
        how_long: "Two years, or until an editor deletes it.",
        who_sees_it: "The staff.",
    },
    Item {
        what: "If you administer this site: an archive of content that you sent, until you decide whether it is imported",
        place: Place::Table { name: "content_upload", columns: &["account_id", "archive", "sent_at"] },
        why: "So that you see what it would change before anything is changed.",
        basis: Basis::LegitimateInterest,
        how_long: "Until you import it or decide against it; at most two hours.",
        who_sees_it: YOU,
    },
    Item {
        what: "If you approve articles here, as a clinician: your name and registration number, which revision you approved and when, and why where you decided against the safety check",
        place: Place::Table {
            name: "article_approval",
            columns: &["article_id", "revision", "reviewer", "name", "registration", "approved_at", "override_reason"],
        },
        why: "So that readers can see who answers for what an article says.",
        basis: Basis::LegitimateInterest,
        how_long: "As long as this site runs, because readers were told of it; the link to your account until you delete it.",
        who_sees_it: "Name and number everybody; the rest the staff.",
    },
    Item {
        what: "If you are one of the staff: what you said on an article\u{2019}s revision, and which comments you closed",
        place: Place::Table {
            name: "article_comment",
            columns: &[
                "id",
                "article_id",
                "revision",
                "said_by",
                "said",
                "said_at",
                "resolved_at",
                "resolved_by",
                "said_as",
            ],
        },
        why: "So that those who write and those who review understand one another.",
        basis: Basis::LegitimateInterest,
        how_long: "The comment as long as this site runs; that it is yours until you delete your account.",
        who_sees_it: "The staff.",
    },
    Item {
        what: "If you asked a clinician without an account to review an article, as one of the staff: whom, when, and until when they could",
        place: Place::Table {
            name: "review_link",
            columns: &[
                "id",
                "article_id",
                "revision",
                "token_hash",
                "email",
                "made_by",
                "made_at",
                "expires_at",
                "ended_at",
            ],
        },
        why: "So that it is known who asked for a review, and that a link can be taken back.",
        basis: Basis::LegitimateInterest,
        how_long: "As long as this site runs; that it was you until you delete your account. The clinician\u{2019}s address until 90 days after the link ended.",
        who_sees_it: "The staff.",
    },
    Item {
        what: "If you write exercises here, as one of the staff: each text that you saved, when, and your note on it",
        place: Place::Table {
            name: "exercise_revision",
            columns: &["exercise_id", "number", "body", "review_months", "saved_at", "saved_by", "note", "from_file"],
        },
        why: "So that it is known who changed what of an exercise, and can be undone.",
        basis: Basis::LegitimateInterest,
        how_long: "The texts as long as this site runs; that they are yours until you delete your account.",
        who_sees_it: "The staff; what is published, everybody.",
    },
    Item {
        what: "If you approve exercises here, as a clinician: your name and registration number, and which revision you approved and when",
        place: Place::Table {
            name: "exercise_approval",
            columns: &["exercise_id", "revision", "reviewer", "name", "registration", "approved_at"],
        },
        why: "So that readers can see who answers for what an exercise says.",
        basis: Basis::LegitimateInterest,
        how_long: "As long as this site runs, because readers were told of it; the link to your account until you delete it.",
        who_sees_it: "Name and number everybody; the rest the staff.",
    },
    Item {
        what: "If you are one of the staff: what you said on an exercise\u{2019}s revision, and which comments you closed",
        place: Place::Table {
            name: "exercise_comment",
            columns: &["id", "exercise_id", "revision", "said_by", "said", "said_at", "resolved_at", "resolved_by"],
        },
        why: "So that those who write and those who review understand one another.",
        basis: Basis::LegitimateInterest,
        how_long: "The comment as long as this site runs; that it is yours until you delete your account.",
        who_sees_it: "The staff.",
    },
    Item {
        what: "If you write rule sets here, as one of the staff: each text that you saved, when, and your note on it",
        place: Place::Table {
            name: "rule_set_revision",
            columns: &[
                "rule_set_id",
                "number",
                "rules",
                "vignettes",
                "digest",
                "version",
                "saved_at",
                "saved_by",
                "note",
            ],
        },
        why: "So that it is known who changed what of the rules, and that somebody else looked at it.",
        basis: Basis::LegitimateInterest,
        how_long: "The texts as long as this site runs; that they are yours until you delete your account.",
        who_sees_it: "The staff; what is published, everybody.",
    },
    Item {
        what: "If you asked for a rule set to be published, as one of the staff: that you did, and when",
        place: Place::Table {
            name: "rule_set",
            columns: &["id", "stage", "newest_revision", "begun_at", "asked_by", "asked_at"],
        },
        why: "So that no rule set is published by one person alone.",
        basis: Basis::LegitimateInterest,
        how_long: "The rule set as long as this site runs; that you asked until you delete your account.",
        who_sees_it: "The staff.",
    },
    Item {
        what: "If you published a rule set here or took one back: your name and registration number, when, and why you took it back",
        place: Place::Table {
            name: "rule_set_publication",
            columns: &[
                "number",
                "rule_set_id",
                "revision",
                "published_at",
                "published_by",
                "name",
                "registration",
                "signed_off",
                "rollback_reason",
            ],
        },
        why: "So that it is known who answers for what the site advises.",
        basis: Basis::LegitimateInterest,
        how_long: "As long as this site runs; the link to your account until you delete it.",
        who_sees_it: "The staff; name and number everybody where you signed off the whole rule set.",
    },
    Item {
        what: "If you administer this site: which of its settings you saved, and when",
        place: Place::Table {
            name: "site_settings",
            columns: &["number", "settings", "saved_at", "saved_by", "begun_from"],
        },
        why: "So that it is known who changed what of the site, the numbers to call among it, and can be undone.",
        basis: Basis::LegitimateInterest,
        how_long: "The settings as long as this site runs; that they are yours until you delete your account.",
        who_sees_it: "Administrators.",
    },
    Item {
        what: "If you add pictures here, as one of the staff: each version that you added, and when",
        place: Place::Table {
            name: "media_version",
            columns: &["media_id", "number", "width", "height", "files", "added_at", "added_by"],
        },
        why: "So that it is known who changed what readers see, and can be undone.",
        basis: Basis::LegitimateInterest,
        how_long: "The pictures as long as this site runs; that you added them until you delete your account. What a camera noted in a picture (where it was taken, too) is never kept.",
        who_sees_it: "The staff; the pictures everybody.",
    },
    Item {
        what: "What was done in your account: signing in and out, changes, exports. For each the account\u{2019}s number, what and when, of a sign-in by what (password, code or passkey), and the network that it came from without its last part; never what you wrote",
        place: Place::Table {
            name: "audit_event",
            columns: &["number", "at", "actor", "action", "target", "origin", "previous", "hash"],
        },
        why: "To find out what happened if somebody else gets into an account, and to show that nothing was changed afterwards.",
        basis: Basis::LegitimateInterest,
        how_long: "As long as this site runs: the log is only ever added to. After you delete your account it holds a number that leads to nobody.",
        who_sees_it: "You, in your export; and administrators.",
    },
    Item {
        what: "That you are signed in, as a random text",
        place: Place::Cookie(session_cookie),
        why: "So that you need not give your password on every page. Strictly necessary: without it there is no signing in.",
        basis: Basis::Contract,
        how_long: "Until you close the browser or sign out; 90 days where you chose to be remembered.",
        who_sees_it: "Your browser, and this site.",
    },
    Item {
        what: "That you signed in on this device before, as a random text",
        place: Place::Cookie(device_cookie),
        why: "So that an attacker who tries passwords does not slow you down. Strictly necessary for safe signing in; it is set when you sign in, and never to follow you.",
        basis: Basis::LegitimateInterest,
        how_long: "A year after you last signed in, or until you delete your account.",
        who_sees_it: "Your browser, and this site.",
    },
    Item {
        what: "What you log in the tracker without an account, and the pages that work without a network",
        place: Place::Device,
        why: "So that the tracker works without an account and without us.",
        basis: Basis::Yours,
        how_long: "Until you erase this device on the tracker\u{2019}s page, or clear this site\u{2019}s data in your browser.",
        who_sees_it: "Whoever can use your browser.",
    },
    Item {
        what: "With an account, and if you agreed to keep entries with it: a copy of its entries, and the account\u{2019}s number, in each browser in which you opened the tracker while signed in",
        place: Place::Device,
        why: "So that the tracker works without a network, and shows nobody another\u{2019}s entries.",
        basis: Basis::Consent,
        how_long: "Until you erase it there: the tracker asks when you have signed out. If you delete your account, until the tracker is next opened there with a connection.",
        who_sees_it: "Whoever can use your browser, while you are signed in.",
    },
    Item {
        what: "For each request: when, the kind of request, the path of the page, whether it worked and how long it took. No address of yours, no account",
        place: Place::Log,
        why: "To keep the site running.",
        basis: Basis::LegitimateInterest,
        how_long: "As long as whoever runs this server keeps its logs.",
        who_sees_it: "Whoever runs this server.",
    },
    Item {
        what: "The network addresses that forms and programs come from, and fingerprints of the email addresses that are tried",
        place: Place::Memory,
        why: "To slow down whoever tries many passwords or asks too often.",
        basis: Basis::LegitimateInterest,
        how_long: "About an hour, in working memory alone.",
        who_sees_it: "Nobody.",
    },
    Item {
        what: "The emails that we send you about your account, and the reminders that you agreed to: your address and what they say, never anything about health",
        place: Place::Mail,
        why: "To confirm that it is you, and to tell you when something changes.",
        basis: Basis::Contract,
        how_long: "Here, until they are sent. The services that carry email keep their own copies. Where no mail server is set up, they stay as files on this server.",
        who_sees_it: "You; whoever runs the services that carry your email.",
    },
];

/// Tables that hold nothing about a person.
pub const NOT_ABOUT_PEOPLE: &[&str] = &[
    "article_link",
    "article_redirect",
    "article_tag",
    // Which pages of other sites articles lead to, and whether they are there.
    "outer_link",
    "outer_link_round",
    "rule_set_check",
    "media",
    "exercise",
    // How far each exercise is at the desk.
    "exercise_work",
    // Counts by day.
    "checker_feedback",
    "article_vote",
    "daily_number",
    // Of the whole log.
    "audit_head",
    // Which master key is in use, and where the backup is.
    "key_store",
    "_sqlx_migrations",
];

impl Place {
    fn words(self, settings: &Settings) -> Markup {
        match self {
            Self::Table { name, .. } => html! { "The database of this server (" code { (name) } ")" },
            Self::KeyStore { name, .. } => {
                html! { "The key store of this server, apart from the database (" code { (name) } ")" }
            }
            Self::Cookie(cookie) => html! { "A cookie in your browser: " code { (cookie(settings)) } },
            Self::Device => html! { "Your browser, on your device" },
            Self::Log => html! { "The log of this server" },
            Self::Memory => html! { "The working memory of this server" },
            Self::Mail => html! { "Email" },
        }
    }
}

pub fn routes() -> Routes {
    Routes::new().page("/privacy/what-we-store", CachePolicy::Revalidate, show)
}

async fn show(State(state): State<AppState>) -> Response {
    let html = body(&state.site.settings).into_string();
    Page::new(
        "What we store",
        "Everything that this site stores about you: what, where, why, for how long, and who sees it.",
        "/privacy/what-we-store",
        move || view! { <main id="main" class="wrap panel prose account" inner_html=html></main> }.into_any(),
    )
    .respond(&state.site)
}

fn body(settings: &Settings) -> Markup {
    let (with_account, without): (Vec<&Item>, Vec<&Item>) =
        STORED.iter().partition(|item| !matches!(item.place, Place::Device | Place::Log | Place::Memory));
    html! {
        h1 { "What we store" }
        p class="lead" { "Everything that this site stores about you. The program itself is checked against this list." }
        p { "Nothing is sold, and nothing is given to anybody for advertising. No page loads anything from another company\u{2019}s site." }
        h2 { "Whether or not you have an account" }
        @for item in without { (one(item, settings)) }
        h2 { "Only if you have an account, or ask for one" }
        @for item in with_account { (one(item, settings)) }
        h2 { "Backups" }
        p {
            "Whoever runs this site makes backups of its database, so that nothing is lost when a disk breaks. They hold what the "
            "database held on that day, until they are replaced. The accounts\u{2019} keys are not in them: once you delete your account, "
            "your health entries cannot be read from any backup."
        }
        h2 { "What you can do" }
        ul {
            li { a href="/account/export" { "Export your data" } " as a file." }
            li { a href="/account/consents" { "See and withdraw your consents" } "." }
            li { a href="/account/delete" { "Delete your account" } ", at once." }
        }
        p { "More about your rights and whom to ask: " a href="/privacy" { "Privacy" } "." }
    }
}

fn one(item: &Item, settings: &Settings) -> Markup {
    html! {
        section class="box" {
            h3 { (item.what) }
            dl class="parts" {
                dt { "Where" } dd { (item.place.words(settings)) }
                dt { "Why" } dd { (item.why) }
                dt { "Why we may" } dd { (item.basis.words()) "." }
                dt { "How long" } dd { (item.how_long) }
                dt { "Who sees it" } dd { (item.who_sees_it) }
            }
        }
    }
}
