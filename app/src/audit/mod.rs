//! The audit log: who did what, to which account or setting, when and from where. Events are only ever added, and each is
//! bound to the one before it by a hash, so that a change or a removal shows ([`verify`]).
//!
//! An [`Event`] is made of ids and of names from the program's own text. Nothing that a person typed fits into one: no
//! health data, no e-mail address. Of a network address it keeps the network alone.

mod chain;
mod store;

use std::{fmt, net::IpAddr};

use uuid::Uuid;

pub use chain::{Broken, Recorded};
pub use store::{Filter, Place, Verdict, append, events, events_of, hash_at, record, verify};

use crate::clock::Clock;

/// Something that happened, to be recorded with the deed itself: see [`append`].
#[derive(Clone, Debug)]
pub struct Event {
    /// Milliseconds since 1 January 1970, UTC.
    pub at: u64,
    pub actor: Actor,
    pub action: Action,
    pub target: Option<Target>,
    pub origin: Option<Network>,
}

impl Event {
    pub fn new(clock: &Clock, actor: Actor, action: Action) -> Self {
        Self { at: clock.millis(), actor, action, target: None, origin: None }
    }

    /// To whom or what it was done.
    #[must_use]
    pub fn about(mut self, target: impl Into<Target>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// From where; nothing for the command line.
    #[must_use]
    pub fn seen_from(mut self, address: impl Into<Option<IpAddr>>) -> Self {
        self.origin = address.into().map(Network::of);
        self
    }
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Account(Uuid),
    CommandLine,
    /// Somebody who is not signed in, or nobody at all.
    Nobody,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => id.fmt(f),
            Self::CommandLine => f.write_str("command-line"),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

/// To whom or what it was done. Names come from the program's text, so that no typed word gets into the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// An account, a session, a passkey …
    Id(Uuid),
    /// A consent's kind, a limit's name …
    Name(&'static str),
    /// An account and the name of its role …
    NameOf(Uuid, &'static str),
    /// An article, an exercise, a rule set or a picture, and the number of one of its revisions.
    Revision(Uuid, i64),
    /// Something that there is one of, by its name, and which save of it.
    Save(&'static str, i64),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => f.write_str(name),
            Self::NameOf(id, name) => write!(f, "{id} {name}"),
            Self::Revision(id, number) => write!(f, "{id} {number}"),
            Self::Save(name, number) => write!(f, "{name} {number}"),
        }
    }
}

impl From<Uuid> for Target {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<&'static str> for Target {
    fn from(name: &'static str) -> Self {
        Self::Name(name)
    }
}

impl From<(Uuid, &'static str)> for Target {
    fn from((id, name): (Uuid, &'static str)) -> Self {
        Self::NameOf(id, name)
    }
}

impl From<(Uuid, i64)> for Target {
    fn from((article, number): (Uuid, i64)) -> Self {
        Self::Revision(article, number)
    }
}

impl From<(&'static str, i64)> for Target {
    fn from((name, number): (&'static str, i64)) -> Self {
        Self::Save(name, number)
    }
}

/// What somebody showed to sign in, or failed to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    Password,
    /// Of an authenticator app.
    Code,
    RecoveryCode,
    Passkey,
    /// That their mail reaches them: by a link to choose a new password.
    Link,
}

impl From<Factor> for Target {
    fn from(factor: Factor) -> Self {
        Self::Name(match factor {
            Factor::Password => "password",
            Factor::Code => "code",
            Factor::RecoveryCode => "recovery-code",
            Factor::Passkey => "passkey",
            Factor::Link => "link",
        })
    }
}

/// The network that an address belongs to: enough to tell home from abroad, too little to find a house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpAddr);

impl Network {
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4((address.to_bits() & (u32::MAX << 8)).into()),
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (u128::MAX << 80)).into()),
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0, if self.0.is_ipv4() { 24 } else { 48 })
    }
}

macro_rules! actions {
    ($($(#[$about:meta])* $action:ident $name:literal)*) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action {
            $($(#[$about])* $action,)*
        }

        impl Action {
            pub const ALL: &[Self] = &[$(Self::$action,)*];

            /// What the log holds. A name is never changed or used again for something else: old rows have it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)*
                }
            }
        }
    };
}

actions! {
    /// With the last [`Factor`] that it took: before a code there was a password, or a link to choose one.
    SignedIn "signed-in"
    /// Of the account that was tried, where there is one; else of nobody. With the [`Factor`] that was wrong.
    SignInFailed "sign-in-failed"
    SignedOut "signed-out"
    SignedOutEverywhere "signed-out-everywhere"
    SessionRevoked "session-revoked"
    /// The password or a passkey, as the [`Factor`] says, was shown again, before something that asks for it.
    IdentityConfirmed "identity-confirmed"
    SignedUp "signed-up"
    PasswordChanged "password-changed"
    PasswordResetAsked "password-reset-asked"
    PasswordReset "password-reset"
    EmailChangeAsked "email-change-asked"
    EmailChanged "email-changed"
    SecondStepOn "second-step-on"
    SecondStepOff "second-step-off"
    RecoveryCodeUsed "recovery-code-used"
    RecoveryCodesMade "recovery-codes-made"
    PasskeyAdded "passkey-added"
    PasskeyRemoved "passkey-removed"
    ConsentGiven "consent-given"
    ConsentWithdrawn "consent-withdrawn"
    /// All health entries of an account, as when their consent is withdrawn.
    EntriesErased "entries-erased"
    Exported "exported"
    RemindersOn "reminders-on"
    /// By the account's owner, or by nobody who is signed in: the link of an e-mail does it.
    RemindersOff "reminders-off"
    CalendarAddressMade "calendar-address-made"
    CalendarAddressRemoved "calendar-address-removed"
    /// By which a summary can be read: see `tracker/share`.
    LinkMade "share-link-made"
    LinkEnded "share-link-ended"
    /// The first time that a link was.
    LinkOpened "share-link-opened"
    AccountDeleted "account-deleted"
    RoleGranted "role-granted"
    RoleRevoked "role-revoked"
    /// On the command line.
    AdminInvited "admin-invited"
    /// By an administrator, to a role: about the invitation, so that no address gets in. So are the next three.
    StaffInvited "staff-invited"
    /// Then the role is granted, by whoever invited.
    InvitationAccepted "invitation-accepted"
    InvitationDeclined "invitation-declined"
    InvitationWithdrawn "invitation-withdrawn"
    /// Somebody asked for what their role does not allow. Not every time: see `account/refusals.rs`, for limits too.
    AccessRefused "access-refused"
    KeysRotated "keys-rotated"
    /// Of the first revision; the others are saved.
    ArticleBegun "article-begun"
    ArticleSaved "article-saved"
    /// An earlier revision was saved again as the newest.
    ArticleRestored "article-restored"
    ArticleSentToReview "article-sent-to-review"
    ArticleApproved "article-approved"
    /// A reviewer approved it although it mentions a sign without the card that belongs to it; why is in the approval.
    SafetyCheckOverridden "safety-check-overridden"
    /// Taken out of review, or its approval or planned publication withdrawn.
    ArticleWithdrawn "article-withdrawn"
    ArticleScheduled "article-scheduled"
    /// By somebody; or by nobody, where its time had come.
    ArticlePublished "article-published"
    /// By nobody: its review was overdue, and the settings say so.
    ArticleTakenDown "article-taken-down"
    ArticleArchived "article-archived"
    ArticleUnarchived "article-unarchived"
    ArticleRenamed "article-renamed"
    /// All content, as files.
    ContentExported "content-exported"
    /// From files.
    ContentImported "content-imported"
    /// To a clinician without an account: see `desk/review_link`.
    ReviewLinkSent "review-link-sent"
    ReviewLinkEnded "review-link-ended"
    ArticleApprovedByLink "article-approved-by-link"
    /// What a reader wrote was marked, as the name says.
    RemarkHandled "remark-handled"
    RemarkDeleted "remark-deleted"
    CommentMade "comment-made"
    CommentResolved "comment-resolved"
    /// Of a version of the triage rules; its later revisions are saved.
    RuleSetBegun "rule-set-begun"
    RuleSetSaved "rule-set-saved"
    /// Somebody asked for it to be published.
    RuleSetAskedFor "rule-set-asked-for"
    RuleSetWithdrawn "rule-set-withdrawn"
    RuleSetPublished "rule-set-published"
    /// An earlier one decides again; why is in the publication.
    RuleSetRolledBack "rule-set-rolled-back"
    /// Of the site: see `settings`.
    SettingsSaved "settings-saved"
    /// Begun from an earlier save.
    SettingsRestored "settings-restored"
    /// At the desk; its later revisions are saved.
    ExerciseBegun "exercise-begun"
    ExerciseSaved "exercise-saved"
    /// An earlier revision was saved again as the newest.
    ExerciseRestored "exercise-restored"
    ExerciseSentToReview "exercise-sent-to-review"
    ExerciseApproved "exercise-approved"
    /// Taken out of review, or its approval withdrawn.
    ExerciseWithdrawn "exercise-withdrawn"
    ExercisePublished "exercise-published"
    /// Taken out of the library.
    ExerciseArchived "exercise-archived"
    ExerciseUnarchived "exercise-unarchived"
    PictureAdded "picture-added"
    /// What is said of it was changed.
    PictureDescribed "picture-described"
    /// Wherever it is shown; with the number of the version that is shown now.
    PictureReplaced "picture-replaced"
    PictureArchived "picture-archived"
    PictureUnarchived "picture-unarchived"
    PictureDeleted "picture-deleted"
    LimitReached "limit-reached"
}

/// What an action is about, for whoever looks for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody's own account, and how they sign in.
    Account,
    /// Who is on the staff.
    Staff,
    Article,
    Exercise,
    Picture,
    RuleSet,
    /// The site's settings, keys and limits.
    Site,
}

impl Kind {
    pub const ALL: [Self; 7] =
        [Self::Account, Self::Staff, Self::Article, Self::Exercise, Self::Picture, Self::RuleSet, Self::Site];

    /// By the action's name, which begins with it; what begins with nothing of these is about an account.
    pub fn of(action: &str) -> Self {
        const BEGINNINGS: [(&str, Kind); 17] = [
            ("role-", Kind::Staff),
            ("admin-", Kind::Staff),
            ("staff-", Kind::Staff),
            ("invitation-", Kind::Staff),
            ("article-", Kind::Article),
            ("safety-check-", Kind::Article),
            ("comment-", Kind::Article),
            ("review-link-", Kind::Article),
            ("remark-", Kind::Article),
            ("picture-", Kind::Picture),
            ("content-", Kind::Site),
            ("exercise-", Kind::Exercise),
            ("rule-set-", Kind::RuleSet),
            ("settings-", Kind::Site),
            ("keys-", Kind::Site),
            ("limit-", Kind::Site),
            ("access-", Kind::Site),
        ];
        BEGINNINGS.iter().find(|(beginning, _)| action.starts_with(beginning)).map_or(Self::Account, |(_, kind)| *kind)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Staff => "staff",
            Self::Article => "article",
            Self::Exercise => "exercise",
            Self::Picture => "picture",
            Self::RuleSet => "rule-set",
            Self::Site => "site",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Account => "accounts",
            Self::Staff => "the staff",
            Self::Article => "articles",
            Self::Exercise => "exercises",
            Self::Picture => "pictures",
            Self::RuleSet => "rule sets",
            Self::Site => "the site: settings, content as files, keys and limits",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn of_an_address_the_network_alone_is_kept() {
        for (address, network) in [
            ("203.0.113.77", "203.0.113.0/24"),
            ("::ffff:203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("::1", "::/48"),
        ] {
            assert_eq!(Network::of(address.parse().unwrap()).to_string(), network);
        }
    }

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
    }

    #[test]
    fn actions_are_found_by_what_they_are_about() {
        for (action, kind) in [
            (Action::SignedIn, Kind::Account),
            (Action::RoleGranted, Kind::Staff),
            (Action::StaffInvited, Kind::Staff),
            (Action::CommentMade, Kind::Article),
            (Action::ReviewLinkSent, Kind::Article),
            (Action::PictureReplaced, Kind::Picture),
            (Action::RuleSetRolledBack, Kind::RuleSet),
            (Action::SettingsSaved, Kind::Site),
            (Action::AccessRefused, Kind::Site),
        ] {
            assert_eq!(Kind::of(action.name()), kind, "{action:?}");
        }
        // What is about nothing else is about an account, and has to be meant to.
        let of_accounts = [
            "sign",
            "session-",
            "identity-",
            "password-",
            "email-",
            "second-step-",
            "recovery-",
            "passkey-",
            "consent-",
            "entries-",
            "exported",
            "reminders-",
            "calendar-",
            "share-link-",
            "account-",
        ];
        for action in Action::ALL.iter().filter(|action| Kind::of(action.name()) == Kind::Account) {
            assert!(of_accounts.iter().any(|begins| action.name().starts_with(begins)), "{action:?}");
        }
    }

    #[test]
    fn a_target_is_told_by_its_id_and_name() {
        let id = Uuid::from_u128(7);
        assert_eq!(Target::from(id).to_string(), "00000000-0000-0000-0000-000000000007");
        assert_eq!(Target::from((id, "editor")).to_string(), "00000000-0000-0000-0000-000000000007 editor");
        assert_eq!(Target::from("reminders").to_string(), "reminders");
    }
}
