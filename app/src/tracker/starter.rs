//! A safe start: what a patient says about themselves, which exercises that leaves out, and which plan to start from. Pure.

use serde::{Deserialize, Serialize};

use super::{
    Card,
    entry::{Entry, Value},
    log::Writes,
    plan::Dose,
};
use crate::exercise::Caution;

const PREFIX: &str = "profile:";
const WHAT: &str = "what";
const FOOT: &str = "foot";

/// What a patient most wants help with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    Back,
    Leg,
    Foot,
    Settled,
}

impl Complaint {
    pub const ALL: [Self; 4] = [Self::Back, Self::Leg, Self::Foot, Self::Settled];

    /// In a form and in an entry.
    pub fn word(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Leg => "leg",
            Self::Foot => "foot",
            Self::Settled => "settled",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Back => "Back pain only",
            Self::Leg => "Pain down a leg",
            Self::Foot => "A weak foot or ankle",
            Self::Settled => "It has settled, and I want to keep well",
        }
    }
}

/// The foot scores, in words (clinical.md, section 3): of the weaker foot, 0 to 5.
pub const FOOT_SCORES: [&str; 6] = [
    "0: it does not move",
    "1: it only flickers",
    "2: the toes lift, the foot does not",
    "3: it lifts fully while I sit",
    "4: it lifts, but tires or lifts less than the other",
    "5: both lift the same",
];

/// Below this score of the weaker foot comes the check before any plan.
const STRONG_ENOUGH: u8 = 3;

/// What is asked with yes, no and not sure: the name of its field, and the question.
pub const ASKED: [(&str, &str); 6] = [
    ("weaker", "Is your foot or leg getting weaker?"),
    ("pregnant", "Are you more than 3 months pregnant?"),
    ("hip", "Have you had a hip replaced?"),
    ("bones", "Do you have thin bones (osteoporosis)?"),
    ("knees", "Do you have bad knees?"),
    ("wrists", "Do you have bad wrists?"),
];

/// As a form says the answers to [`ASKED`], and to the foot where there is no score.
pub const YES: &str = "yes";
pub const NO: &str = "no";
pub const NOT_SURE: &str = "not_sure";

fn asked_about(caution: Caution) -> &'static str {
    match caution {
        Caution::WorseningFoot => "weaker",
        Caution::PregnantOnBack | Caution::PregnantOnFront => "pregnant",
        Caution::HipReplacement => "hip",
        Caution::ThinBones => "bones",
        Caution::BadKnees => "knees",
        Caution::BadWrists => "wrists",
    }
}

/// What a patient said about themselves, of what stands from day to day, in the words of the form. What was not answered, or
/// with "not sure", counts as the careful answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Field and answer.
    said: Vec<(String, String)>,
}

/// Why an exercise is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Caution(Caution),
    /// It takes at least this foot score.
    Foot(u8),
}

impl Why {
    /// What follows "Bridge is left out: ".
    pub fn words(self) -> String {
        match self {
            Self::Caution(caution) => caution.reason().to_owned(),
            Self::Foot(score) => format!("not before your weaker foot scores {score} or more"),
        }
    }
}

impl Profile {
    pub fn of(standing: &Entry) -> Self {
        let said =
            standing.fields().iter().filter_map(|field| match (field.name.strip_prefix(PREFIX), field.value()) {
                (Some(name), Value::Text(answer)) => Some((name.to_owned(), answer.clone())),
                _ => None,
            });
        Self { said: said.collect() }
    }

    /// Of a form's fields; those that it does not ask are left.
    pub fn of_form(fields: &[(String, String)]) -> Self {
        let asks = |name: &str| name == WHAT || name == FOOT || ASKED.iter().any(|(asked, _)| *asked == name);
        Self { said: fields.iter().filter(|(name, _)| asks(name)).cloned().collect() }
    }

    /// What keeps these answers, in place of those before: what is not answered any more is taken back.
    pub fn writes(&self, before: &Self) -> Writes {
        let field = |name: &String| format!("{PREFIX}{name}");
        let new = self.said.iter().filter(|said| !before.said.contains(said));
        let mut writes: Writes = new.map(|(name, answer)| (field(name), Value::Text(answer.clone()))).collect();
        let gone = before.said.iter().filter(|(name, _)| self.answer(name).is_empty());
        writes.extend(gone.map(|(name, _)| (field(name), Value::Nothing)));
        writes
    }

    /// As the form said it; empty if it was not answered.
    pub fn answer(&self, name: &str) -> &str {
        self.said.iter().find(|(said, _)| said == name).map_or("", |(_, answer)| answer)
    }

    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    pub fn complaint(&self) -> Option<Complaint> {
        Complaint::ALL.into_iter().find(|complaint| complaint.word() == self.answer(WHAT))
    }

    /// Of the weaker foot, 0 to 5.
    pub fn foot(&self) -> Option<u8> {
        self.answer(FOOT).parse().ok().filter(|score| *score <= 5)
    }

    fn is_free_of(&self, caution: Caution) -> bool {
        self.answer(asked_about(caution)) == NO
    }

    /// Whether to check for needing help before any plan: a foot that is weak, may be weak, or may be getting weaker.
    pub fn should_check(&self) -> bool {
        self.foot().is_none_or(|score| score < STRONG_ENOUGH) || !self.is_free_of(Caution::WorseningFoot)
    }
}

/// Whether an exercise is for this patient.
///
/// # Errors
/// The first reason why not.
pub fn suits(card: &Card, profile: &Profile) -> Result<(), Why> {
    if let Some(score) = card.min_foot_score
        && profile.foot().is_none_or(|foot| foot < score)
    {
        return Err(Why::Foot(score));
    }
    let caution = card.avoid.iter().find(|caution| !profile.is_free_of(**caution));
    caution.map_or(Ok(()), |caution| Err(Why::Caution(*caution)))
}

/// A plan to start from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Starter {
    pub id: String,
    pub name: String,
    /// One sentence.
    pub for_whom: String,
    /// One or two sentences.
    pub source: String,
    /// Exercises by id; never empty as it is shipped.
    pub items: Vec<(String, Dose)>,
}

/// The exercises of a plan that suit somebody, with their doses, and those that do not, with the reason.
pub type Fitted<'a> = (Vec<(&'a Card, Dose)>, Vec<(&'a Card, Why)>);

impl Starter {
    /// The plan as the library has its exercises now, which the desk may have changed since the plan was written: without those
    /// that are not offered, and with the starting dose where the plan's would be more than the most, or of another kind.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn within(&self, cards: &[Card]) -> Self {
        let item = |(exercise, dose): &(String, Dose)| {
            let card = cards.iter().find(|card| card.id == *exercise && card.is_offered())?;
            let dose = if card.ladder.has(*dose) { *dose } else { Dose { days: dose.days, ..card.ladder.start } };
            Some((exercise.clone(), dose))
        };
        Self { items: self.items.iter().filter_map(item).collect(), ..self.clone() }
    }

    /// What of it is for this patient, and what is left out and why, each in the plan's order. An exercise that the library
    /// does not have any more is neither.
    pub fn fitted<'a>(&self, cards: &'a [Card], profile: &Profile) -> Fitted<'a> {
        let (mut fits, mut left_out) = (vec![], vec![]);
        for (exercise, dose) in &self.items {
            let Some(card) = cards.iter().find(|card| card.id == *exercise) else { continue };
            match suits(card, profile) {
                Ok(()) => fits.push((card, *dose)),
                Err(why) => left_out.push((card, why)),
            }
        }
        (fits, left_out)
    }
}

/// The ids of the plans that are suggested to somebody; the file of plans must have them.
pub const SUGGESTED: [&str; 4] = [SETTLING, BUILDING_UP, FOOT_DROP, KEEPING_WELL];
const SETTLING: &str = "settling";
const BUILDING_UP: &str = "building-up";
const FOOT_DROP: &str = "foot-drop";
const KEEPING_WELL: &str = "keeping-well";

/// Which plan comes first, by its id: a weak foot before all else, and the gentlest for whoever did not say.
pub fn suggest(profile: &Profile) -> &'static str {
    if profile.foot().is_some_and(|score| score < 5) {
        return FOOT_DROP;
    }
    match profile.complaint() {
        Some(Complaint::Foot) => FOOT_DROP,
        Some(Complaint::Back) => BUILDING_UP,
        Some(Complaint::Settled) => KEEPING_WELL,
        Some(Complaint::Leg) | None => SETTLING,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::tracker::{
        entry::{About, Stamp, Write},
        starter_file,
    };

    fn profile(said: &[(&str, &str)]) -> Profile {
        let fields: Vec<_> = said.iter().map(|(name, answer)| ((*name).to_owned(), (*answer).to_owned())).collect();
        Profile::of_form(&fields)
    }

    /// Everybody whom the form can describe, each question left open or answered.
    fn everybody() -> impl Iterator<Item = Profile> {
        let feet = ["", "0", "1", "2", "3", "4", "5", NOT_SURE];
        let whats = ["", "back", "leg", "foot", "settled"];
        let answers = ["", YES, NO, NOT_SURE];
        (0..4_usize.pow(6)).flat_map(move |code| {
            feet.into_iter().flat_map(move |foot| {
                whats.into_iter().map(move |what| {
                    let asked = ASKED
                        .iter()
                        .enumerate()
                        .map(|(at, (name, _))| (*name, answers[code / 4_usize.pow(at as u32) % 4]));
                    let said: Vec<_> =
                        asked.chain([(FOOT, foot), (WHAT, what)]).filter(|(_, answer)| !answer.is_empty()).collect();
                    profile(&said)
                })
            })
        })
    }

    #[test]
    fn no_plan_gives_anybody_what_is_not_for_them_and_each_left_out_has_its_reason() {
        let (cards, starters) = starter_file::shipped().unwrap();
        for profile in everybody() {
            assert!(starters.iter().any(|starter| starter.id == suggest(&profile)), "{profile:?}");
            for starter in &starters {
                let (fits, left_out) = starter.fitted(&cards, &profile);
                assert_eq!(fits.len() + left_out.len(), starter.items.len());
                assert!(!fits.is_empty(), "{} has nothing for {profile:?}", starter.id);
                for (card, _) in fits {
                    // Said anew, not by `suits`.
                    for caution in &card.avoid {
                        assert_eq!(profile.answer(asked_about(*caution)), NO, "{} for {profile:?}", card.id);
                    }
                    assert!(card.min_foot_score.is_none_or(|least| profile.foot().is_some_and(|foot| foot >= least)));
                }
                assert!(left_out.iter().all(|(_, why)| why.words().starts_with("not ")));
            }
        }
    }

    #[test]
    fn whoever_answers_that_all_is_well_has_nothing_left_out() {
        let (cards, starters) = starter_file::shipped().unwrap();
        let mut said: Vec<_> = ASKED.iter().map(|(name, _)| (*name, NO)).collect();
        said.push((FOOT, "5"));
        let well = profile(&said);
        assert!(cards.iter().all(|card| suits(card, &well).is_ok()));
        assert!(starters.iter().all(|starter| starter.fitted(&cards, &well).1.is_empty()));
        assert!(!well.should_check());
        said.retain(|(name, _)| *name != "pregnant");
        let bridge = cards.iter().find(|card| card.id == "bridge").unwrap();
        let why = suits(bridge, &profile(&said)).unwrap_err();
        assert_eq!(why.words(), "not lying flat on your back after the first 3 months of pregnancy");
    }

    #[test]
    fn the_band_waits_for_a_foot_that_lifts() {
        let (cards, _) = starter_file::shipped().unwrap();
        let band = cards.iter().find(|card| card.id == "band-in-and-out").unwrap();
        assert_eq!(suits(band, &profile(&[(FOOT, "2")])), Err(Why::Foot(3)));
        assert_eq!(suits(band, &profile(&[(FOOT, NOT_SURE)])), Err(Why::Foot(3)));
        assert_eq!(suits(band, &profile(&[(FOOT, "3")])), Ok(()));
    }

    #[test]
    fn a_foot_that_is_or_may_be_weak_or_weakening_is_checked_first() {
        let check = |said: &[(&str, &str)]| profile(said).should_check();
        assert!(check(&[]));
        assert!(check(&[("weaker", NO), (FOOT, "2")]) && check(&[("weaker", NO), (FOOT, NOT_SURE)]));
        assert!(check(&[("weaker", YES), (FOOT, "5")]) && check(&[("weaker", NOT_SURE), (FOOT, "5")]));
        assert!(!check(&[("weaker", NO), (FOOT, "3")]));
    }

    #[test]
    fn the_plan_that_comes_first_is_for_what_was_said() {
        let of = |what: &str, foot: &str| suggest(&profile(&[(WHAT, what), (FOOT, foot)]));
        assert_eq!(of("back", "5"), "building-up");
        assert_eq!(of("leg", "5"), "settling");
        assert_eq!(of("settled", "5"), "keeping-well");
        assert_eq!(of("settled", "4"), "foot-drop");
        assert_eq!(of("foot", NOT_SURE), "foot-drop");
        assert_eq!(suggest(&Profile::default()), "settling");
    }

    #[test]
    fn a_profile_reads_as_it_was_written_and_an_answer_is_taken_back() {
        let mut standing = Entry::new(Uuid::nil(), About::Standing);
        let mut write = |millis, profile: &Profile| {
            for (name, value) in profile.writes(&Profile::of(&standing)) {
                standing.write(&name, Write { stamp: Stamp { millis, count: 0, writer: 1 }, value });
            }
            Profile::of(&standing)
        };
        let first = profile(&[(FOOT, "3"), ("hip", YES), ("someone_else's", "x")]);
        let read = write(1, &first);
        assert_eq!((read.foot(), read.answer("hip"), read.answer("someone_else's")), (Some(3), YES, ""));
        let read = write(2, &profile(&[("hip", NO)]));
        assert_eq!((read.foot(), read.answer("hip")), (None, NO));
    }
}
