//! Whose entries a device shows, where more than one person may use it: each account's are in a database of their own, and
//! those of no account in another. Pure; the ids alone are remembered, beside the databases.

use uuid::Uuid;

use super::Answer;

/// What a device remembers of accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Whose entries it shows; none: those of no account.
    pub shown: Option<Uuid>,
    /// Whose entries are still here though their owner is not signed in: it is to be asked whether to keep them.
    pub left: Vec<Uuid>,
    /// Whose are kept, as answered.
    pub kept: Vec<Uuid>,
    /// In whose entries here something waits for an answer, by the rules: so that it is said though they are not shown.
    pub warned: Vec<Uuid>,
}

const WARNED: &str = "warned";
const SHOWN: &str = "shown";
const LEFT: &str = "left";
const KEPT: &str = "kept";

impl Accounts {
    /// From [`Accounts::text`]; what is anything else is passed over.
    pub fn read(text: &str) -> Self {
        let mut accounts = Self::default();
        for line in text.lines() {
            let Some((what, id)) = line.split_once(' ') else { continue };
            let Ok(id) = u128::from_str_radix(id, 16) else { continue };
            let id = Uuid::from_u128(id);
            match what {
                SHOWN => accounts.shown = Some(id),
                LEFT => accounts.left.push(id),
                KEPT => accounts.kept.push(id),
                WARNED => accounts.warned.push(id),
                _ => {}
            }
        }
        accounts
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        for (what, ids) in
            [(SHOWN, self.shown.as_slice()), (LEFT, &self.left), (KEPT, &self.kept), (WARNED, &self.warned)]
        {
            for id in ids {
                text.push_str(&format!("{what} {}\n", id.simple()));
            }
        }
        text
    }

    /// Every account of which the device has entries.
    pub fn all(&self) -> Vec<Uuid> {
        self.shown.iter().chain(&self.left).chain(&self.kept).copied().collect()
    }

    /// Takes in who is signed in now, and which accounts are gone: returns those whose entries are to be erased here.
    /// `opening` is the first answer that a page got since it was opened or come back to: only then are the entries of whoever signed out put away, so that
    /// nobody's day goes from under their hands because a session ended.
    pub fn meet(&mut self, answer: &Answer, opening: bool) -> Vec<Uuid> {
        let gone: Vec<Uuid> = self.all().into_iter().filter(|id| answer.gone.contains(id)).collect();
        gone.iter().for_each(|id| self.forget(*id));
        match &answer.account {
            Some(account) if account.agreed || self.all().contains(&account.id) => self.show(account.id),
            // What somebody without an account has, or with one that keeps nothing on the server, is the device's alone.
            Some(_) => self.put_away(),
            None if opening => self.put_away(),
            None => {}
        }
        gone
    }

    fn show(&mut self, id: Uuid) {
        if self.shown != Some(id) {
            self.put_away();
            self.list_nowhere(id);
            self.shown = Some(id);
        }
    }

    fn put_away(&mut self) {
        self.left.extend(self.shown.take());
    }

    /// Before everything here is erased: nobody's is shown, and nobody's forgotten.
    pub fn put_all_away(&mut self) {
        self.put_away();
        self.left.append(&mut self.kept);
    }

    /// Whether anything of this account's waits for an answer. Returns whether that is news.
    pub fn warn(&mut self, id: Uuid, waits: bool) -> bool {
        let news = self.all().contains(&id) && self.warned.contains(&id) != waits;
        if news {
            self.warned.retain(|warned| *warned != id);
            self.warned.extend(waits.then_some(id));
        }
        news
    }

    /// What to say where nobody's entries are shown, though some are here.
    pub fn away(&self) -> Option<Away> {
        let away = self.shown.is_none() && !self.all().is_empty();
        away.then_some(Away { warned: !self.warned.is_empty(), asked: !self.left.is_empty() })
    }

    /// The answer to whether to keep what is left of an account.
    pub fn keep(&mut self, id: Uuid) {
        self.list_nowhere(id);
        self.kept.push(id);
    }

    pub fn forget(&mut self, id: Uuid) {
        self.list_nowhere(id);
        self.warned.retain(|warned| *warned != id);
    }

    fn list_nowhere(&mut self, id: Uuid) {
        self.shown = self.shown.filter(|shown| *shown != id);
        self.left.retain(|left| *left != id);
        self.kept.retain(|kept| *kept != id);
    }
}

/// An account's entries are on the device, and nobody is signed in to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away {
    /// Something in them waits for an answer.
    pub warned: bool,
    /// It is yet to be asked whether to keep them.
    pub asked: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracker::sync::Account;

    const ANNA: Uuid = Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_000a);
    const BEN: Uuid = Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_000b);

    fn signed_in(id: Uuid, agreed: bool) -> Answer {
        Answer { time: 0, gone: vec![], account: Some(Account { id, agreed, shared: None }) }
    }

    const SIGNED_OUT: Answer = Answer { time: 0, gone: vec![], account: None };

    fn of_anna() -> Accounts {
        Accounts { shown: Some(ANNA), ..Accounts::default() }
    }

    #[test]
    fn what_is_remembered_is_read_again() {
        let kept = vec![Uuid::from_u128(3), Uuid::from_u128(4)];
        let accounts = Accounts { shown: Some(ANNA), left: vec![BEN], kept, warned: vec![BEN] };
        assert_eq!(Accounts::read(&accounts.text()), accounts);
        assert_eq!(Accounts::read(""), Accounts::default());
        assert_eq!(
            Accounts::read("shown\nshown nobody\nmore 1\nleft 5"),
            Accounts { left: vec![Uuid::from_u128(5)], ..Accounts::default() }
        );
    }

    #[test]
    fn whoever_agreed_sees_their_own_and_nobody_elses() {
        let mut accounts = Accounts::default();
        accounts.meet(&signed_in(ANNA, true), true);
        assert_eq!(accounts, of_anna());
        accounts.meet(&signed_in(BEN, true), false);
        assert_eq!(accounts, Accounts { shown: Some(BEN), left: vec![ANNA], ..Accounts::default() });
        accounts.keep(ANNA);
        accounts.meet(&signed_in(ANNA, true), true);
        assert_eq!(accounts, Accounts { shown: Some(ANNA), left: vec![BEN], ..Accounts::default() });
    }

    #[test]
    fn who_did_not_agree_uses_the_device_as_without_an_account_and_sees_nobody_elses() {
        let mut accounts = Accounts::default();
        accounts.meet(&signed_in(BEN, false), true);
        assert_eq!(accounts, Accounts::default());
        let mut accounts = of_anna();
        accounts.meet(&signed_in(BEN, false), false);
        assert_eq!(accounts, Accounts { left: vec![ANNA], ..Accounts::default() });
    }

    #[test]
    fn who_withdrew_the_consent_still_sees_their_own() {
        let mut accounts = of_anna();
        accounts.meet(&signed_in(ANNA, false), true);
        assert_eq!(accounts, of_anna());
        let mut kept = Accounts { kept: vec![ANNA], ..Accounts::default() };
        kept.meet(&signed_in(ANNA, false), true);
        assert_eq!(kept, of_anna());
    }

    #[test]
    fn whoever_signed_out_is_put_away_at_the_next_opening_and_not_under_their_hands() {
        let mut accounts = of_anna();
        accounts.meet(&SIGNED_OUT, false);
        assert_eq!(accounts, of_anna());
        accounts.meet(&SIGNED_OUT, true);
        assert_eq!(accounts, Accounts { left: vec![ANNA], ..Accounts::default() });
        accounts.keep(ANNA);
        accounts.meet(&SIGNED_OUT, true);
        assert_eq!(accounts, Accounts { kept: vec![ANNA], ..Accounts::default() }, "not asked again");
    }

    #[test]
    fn a_warning_is_said_for_as_long_as_it_waits_whether_or_not_its_days_are_shown() {
        let mut accounts = of_anna();
        assert!(accounts.warn(ANNA, true) && !accounts.warn(ANNA, true));
        assert!(!accounts.warn(BEN, true), "there is nothing of hers here");
        assert_eq!(accounts.away(), None);
        accounts.meet(&SIGNED_OUT, true);
        assert_eq!(accounts.away(), Some(Away { warned: true, asked: true }));
        accounts.keep(ANNA);
        assert_eq!(accounts.away(), Some(Away { warned: true, asked: false }));
        accounts.meet(&signed_in(ANNA, true), true);
        assert_eq!(accounts.away(), None);
        assert!(accounts.warn(ANNA, false));
        accounts.meet(&SIGNED_OUT, true);
        assert_eq!(accounts.away(), Some(Away { warned: false, asked: true }));
        accounts.warn(ANNA, true);
        accounts.forget(ANNA);
        assert_eq!(accounts, Accounts::default());
    }

    #[test]
    fn before_everything_is_erased_nobodys_is_shown_and_nobodys_forgotten() {
        let mut accounts = Accounts { shown: Some(ANNA), kept: vec![BEN], ..Accounts::default() };
        accounts.put_all_away();
        assert_eq!(accounts, Accounts { left: vec![ANNA, BEN], ..Accounts::default() });
    }

    #[test]
    fn an_account_that_was_deleted_is_erased_wherever_it_is() {
        for mut accounts in [
            of_anna(),
            Accounts { left: vec![ANNA], ..Accounts::default() },
            Accounts { kept: vec![ANNA], ..Accounts::default() },
        ] {
            let answer = Answer { gone: vec![ANNA, BEN], ..SIGNED_OUT };
            assert_eq!(accounts.meet(&answer, false), [ANNA]);
            assert_eq!(accounts, Accounts::default());
        }
    }
}
