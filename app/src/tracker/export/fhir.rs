//! The diary as a FHIR R4 Bundle (HL7, 4.0.1) for a clinic's records: what the patient measured and said, as they said it.
//!
//! Nothing is diagnosed: there is no Condition. Where no standard has a code for what we measure, the code is our own, in a
//! CodeSystem of this site that comes with the bundle; LOINC and SNOMED CT are used where clinical.md has the code, and for
//! the parts of the body. Ids are made from the patient's and from what they stand for, so that a bundle that is made again
//! says the same of the same: version 8 (RFC 9562, appendix B.2), of SHA-256.
//!
//! What has no place in it stays out: single sets of exercises and why one was left out, replies to alerts, the body chart
//! and what was there before a correction. The JSON has all of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::{Diary, utc};
use crate::{
    exercise::Exercise,
    tracker::{
        activities,
        log::{ACTIVITIES, DayLog, Measure, Place, Side, Words},
        plan::{self, Days, Dose, Item, Plan},
    },
    triage::RuleSet,
};

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const UCUM: &str = "http://unitsofmeasure.org";

/// Our own codes: code, what it is called, what it means.
const OWN_CODES: [(&str, &str, &str); 14] = [
    (
        "numbness",
        "Numbness, tingling or weakness of a leg",
        "In the patient's own words, from 0 (none) to 10 (the worst). Not a licensed scale.",
    ),
    (
        "foot-score",
        "How the foot lifts",
        "0: no movement; 1: a flicker; 2: the toes lift, the foot does not; 3: the foot lifts fully, sitting; 4: it lifts, \
         but tires or stays lower than the other; 5: as the other. Tested by the patient. Not the MRC scale.",
    ),
    ("heel-walk-steps", "Steps on the heel", "Steps that the patient could walk on the heel, 0 to 10."),
    ("heel-raises", "Heel raises", "Times that the patient could rise on tiptoe on one leg, 0 to 10."),
    ("trips", "Trips and stumbles", "Since the entry before, 0 to 20."),
    ("woken", "Times woken at night", "0 to 20."),
    ("sitting", "Time sitting", "Minutes of the day."),
    ("walking", "Time walking", "Minutes of the day."),
    ("effort", "How hard the exercises were", "0: easy; 1: fine; 2: hard; 3: too hard. Not the Borg scale."),
    ("exercise-sets-done", "Sets of exercises done", "Of all exercises together, on the day."),
    ("made-worse", "Whether the exercises made anything worse", "As the patient said when asked after exercising."),
    ("no-warning-signs", "None of the warning signs", "The patient was asked for each warning sign and has none."),
    ("medicines", "Medicines taken", "In the patient's own words."),
    ("note", "Note", "In the patient's own words."),
];

/// Whose diary it is, and what it is told with.
#[derive(Clone, Copy, Debug)]
pub struct Teller<'a> {
    /// Stands for the patient, and tells nothing of them.
    pub patient: Uuid,
    /// The site's public address, without a slash at the end.
    pub site: &'a str,
    /// What the site is called.
    pub name: &'a str,
    pub rules: &'a RuleSet,
    /// For the names of exercises.
    pub library: &'a [Exercise],
    /// When it is made: milliseconds since 1970, UTC.
    pub now: i64,
}

/// An id that is nobody's and always the same of the same account.
pub fn opaque_id(account: Uuid) -> Uuid {
    id_of(account, &["patient"])
}

fn id_of(root: Uuid, parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(root.as_bytes());
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.finalize()).for_each(|(byte, hashed)| *byte = hashed);
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// The bundle.
pub fn write(diary: &Diary, teller: Teller) -> String {
    let mut bundle = Bundle { teller, entries: String::new(), told: BTreeMap::new() };
    bundle.add(&["patient"], bundle.patient());
    bundle.add(&["codes"], bundle.own_codes());
    bundle.add(&["signs"], bundle.sign_codes());
    bundle.plan(diary);
    bundle.questionnaire(diary);
    diary.days.iter().for_each(|log| bundle.day(diary, log));
    bundle.provenance();
    let made_at = utc(teller.now).unwrap_or_default();
    let entries = bundle.entries;
    format!(
        "{{\"resourceType\": \"Bundle\", \"type\": \"collection\", \"timestamp\": \"{made_at}\", \"entry\": [{entries}\n]}}\n"
    )
}

/// A bundle that is being written: each resource goes to its text at once, because years of days as values would take many
/// times as much memory.
struct Bundle<'a> {
    teller: Teller<'a>,
    entries: String,
    /// What was told, by the version of the rules that judged it.
    told: BTreeMap<Option<String>, Vec<Value>>,
}

impl Bundle<'_> {
    fn address(&self, parts: &[&str]) -> String {
        format!("urn:uuid:{}", id_of(self.teller.patient, parts))
    }

    fn reference(&self, parts: &[&str]) -> Value {
        json!({ "reference": self.address(parts) })
    }

    fn subject(&self) -> Value {
        self.reference(&["patient"])
    }

    fn own(&self, what: &str) -> String {
        format!("{}/fhir/{what}", self.teller.site)
    }

    /// Adds a resource under the id that its parts make.
    fn add(&mut self, parts: &[&str], mut resource: Value) {
        resource["id"] = id_of(self.teller.patient, parts).to_string().into();
        let entry = json!({ "fullUrl": self.address(parts), "resource": resource });
        self.entries.push_str(if self.entries.is_empty() { "\n" } else { ",\n" });
        self.entries.push_str(&entry.to_string());
    }

    /// Adds what the patient told; `rules` is the version that judged it, where one did.
    fn tell(&mut self, parts: &[&str], resource: Value, rules: Option<&str>) {
        self.add(parts, resource);
        let reference = self.reference(parts);
        self.told.entry(rules.and_then(plain)).or_default().push(reference);
    }

    fn patient(&self) -> Value {
        json!({
            "resourceType": "Patient",
            "identifier": [{ "system": self.own("patient"), "value": self.teller.patient.to_string() }],
        })
    }

    fn code_system(&self, system: &str, name: &str, title: &str, concepts: &[Value]) -> Value {
        json!({
            "resourceType": "CodeSystem",
            "url": self.own(system),
            "version": self.teller.rules.version,
            "name": name,
            "title": title,
            "status": "active",
            "content": "complete",
            "caseSensitive": true,
            "concept": concepts,
        })
    }

    fn own_codes(&self) -> Value {
        let concepts = OWN_CODES
            .map(|(code, display, definition)| json!({ "code": code, "display": display, "definition": definition }));
        self.code_system(CODES, "TrackerMeasures", "What patients measure themselves", &concepts)
    }

    fn sign_codes(&self) -> Value {
        let rules = self.teller.rules;
        let signs = rules.daily.iter().filter_map(|sign| rules.question(sign));
        let concepts: Vec<Value> = signs
            .map(|sign| json!({ "code": sign.id, "display": plain(&sign.said), "definition": plain(&sign.text) }))
            .collect();
        self.code_system(SIGNS, "WarningSigns", "Warning signs that patients are asked for", &concepts)
    }

    /// The plan as it stands, from when it was last changed; nothing where none was chosen.
    fn plan(&mut self, diary: &Diary) {
        let plan = Plan::of(&diary.standing);
        if plan.items.is_empty() {
            return;
        }
        let activities: Vec<Value> = plan.items.iter().map(|item| self.planned(item)).collect();
        let mut care = json!({
            "resourceType": "CarePlan",
            "status": "active",
            "intent": "plan",
            "title": "Exercises",
            "subject": self.subject(),
            "author": self.subject(),
            "activity": activities,
            "note": [{ "text": "Chosen by the patient from the exercises of this site. Nobody prescribed it." }],
        });
        if let Some(since) = plan::changed_at(&diary.standing).and_then(|stamp| utc(stamp.millis)) {
            care["period"] = json!({ "start": since });
        }
        self.tell(&["plan"], care, None);
    }

    fn planned(&self, item: &Item) -> Value {
        let exercise = self.teller.library.iter().find(|exercise| exercise.id == item.exercise);
        let name = exercise.map_or(item.exercise.as_str(), |exercise| exercise.name.as_str());
        let amount = match item.dose.words() {
            words if words.is_empty() => exercise.map(Exercise::dose).unwrap_or_default(),
            words => words,
        };
        let mut detail = json!({ "status": "in-progress", "scheduledTiming": { "repeat": repeat(&item.dose) } });
        let exercises = format!("{}/exercises", self.teller.site);
        detail["code"] = concept(exercise.map(|_| (exercises, item.exercise.as_str())), name);
        if let Some(amount) = plain(&amount) {
            detail["description"] = amount.into();
        }
        json!({ "detail": detail })
    }

    /// The form that the responses below answer; nothing where no activity was ever scored.
    fn questionnaire(&mut self, diary: &Diary) {
        if !diary.days.iter().any(|log| scores(log).next().is_some()) {
            return;
        }
        let item = |number: u8| {
            let text = format!("An activity of the patient's own ({number} of {ACTIVITIES}): how well can you do it?");
            json!({ "linkId": link(number), "text": text, "type": "integer" })
        };
        let form = json!({
            "resourceType": "Questionnaire",
            "url": self.own(ACTIVITY_FORM),
            "name": "OwnActivities",
            "title": "Activities of the patient's own, from 0 (cannot do it) to 10 (as before)",
            "status": "active",
            "subjectType": ["Patient"],
            "item": (1..=ACTIVITIES).map(item).collect::<Vec<_>>(),
        });
        self.add(&["activities"], form);
    }

    fn day(&mut self, diary: &Diary, log: &DayLog) {
        for measure in Measure::all() {
            let observed = log.measured(measure).and_then(|value| self.measured(measure, value));
            observed.into_iter().for_each(|observed| self.observe(log, &measure.field(), observed));
        }
        self.activities(diary, log);
        self.signs(log);
        let sets = log.sets().count();
        if sets > 0 {
            let observed =
                self.own_code("exercise-sets-done", json!({ "valueQuantity": quantity(sets, "sets", "{sets}") }));
            self.observe(log, "sets", observed);
        }
        if let Some(worse) = log.worse() {
            let observed = self.own_code("made-worse", json!({ "valueBoolean": worse }));
            self.observe(log, "worse", observed);
        }
        for words in [Words::Medicines, Words::Note] {
            if let Some(said) = plain(log.said(words)) {
                let observed = self.own_code(words.field(), json!({ "valueString": said }));
                self.observe(log, words.field(), observed);
            }
        }
    }

    /// Adds what was observed on a day, as a field of it says.
    fn observe(&mut self, log: &DayLog, field: &str, mut observed: Value) {
        let day = log.day.to_string();
        observed["resourceType"] = "Observation".into();
        observed["status"] = "final".into();
        observed["category"] = json!([{ "coding": [{ "system": CATEGORY, "code": "survey", "display": "Survey" }] }]);
        observed["subject"] = self.subject();
        observed["performer"] = json!([self.subject()]);
        observed["effectiveDateTime"] = day.as_str().into();
        let written = log.entry().field(field).map(|field| field.stamp().millis);
        if let Some(written) = written.and_then(utc) {
            observed["issued"] = written.into();
        }
        self.tell(&[&day, field], observed, log.rules());
    }

    /// Nothing for an activity: that is an answer to a form.
    fn measured(&self, measure: Measure, value: u16) -> Option<Value> {
        let value = |unit: &str, code: &str| json!({ "valueQuantity": quantity(value, unit, code) });
        let (mut observed, site) = match measure {
            Measure::Pain(place) => {
                let code = json!({
                    "coding": [{
                        "system": LOINC,
                        "code": "72514-3",
                        "display": "Pain severity - 0-10 verbal numeric rating [Score] - Reported",
                    }],
                    "text": place.name(),
                });
                let mut observed = value("score", "{score}");
                observed["code"] = code;
                let site = match place {
                    Place::Back => BACK,
                    Place::LeftLeg => leg(Side::Left),
                    Place::RightLeg => leg(Side::Right),
                };
                (observed, Some(site))
            }
            Measure::Numbness(side) => (self.own_code("numbness", value("score", "{score}")), Some(leg(side))),
            Measure::Foot(side) => (self.own_code("foot-score", value("score", "{score}")), Some(foot(side))),
            Measure::HeelWalk(side) => (self.own_code("heel-walk-steps", value("steps", "{steps}")), Some(foot(side))),
            Measure::HeelRaise(side) => (self.own_code("heel-raises", value("raises", "{raises}")), Some(leg(side))),
            Measure::Trips => (self.own_code("trips", value("trips", "{trips}")), None),
            Measure::Woken => (self.own_code("woken", value("times", "{times}")), None),
            Measure::Sitting => (self.own_code("sitting", value("minutes", "min")), None),
            Measure::Walking => (self.own_code("walking", value("minutes", "min")), None),
            Measure::Effort => (self.own_code("effort", value("score", "{score}")), None),
            Measure::Activity(_) => return None,
        };
        if let Some((code, display)) = site {
            observed["bodySite"] = json!({ "coding": [{ "system": SNOMED, "code": code, "display": display }] });
        }
        Some(observed)
    }

    /// An observation of our own code.
    fn own_code(&self, code: &str, mut observed: Value) -> Value {
        let display = OWN_CODES.iter().find(|(own, ..)| *own == code).map(|(_, display, _)| *display);
        let coding = json!({ "system": self.own(CODES), "code": code, "display": display });
        observed["code"] = json!({ "coding": [coding], "text": display });
        observed
    }

    fn signs(&mut self, log: &DayLog) {
        for sign in log.signs() {
            let rules = self.teller.rules;
            let listed = rules.daily.iter().any(|daily| daily == sign);
            let asked = rules.question(sign).filter(|_| listed);
            let words = asked.map_or("A warning sign from another version of the list", |asked| asked.said.as_str());
            let code = concept(asked.map(|_| (self.own(SIGNS), sign)), words);
            let mut observed = json!({ "code": code, "valueBoolean": true });
            if log.helped(sign) {
                observed["note"] = json!([{ "text": "The patient said that they got help for it." }]);
            }
            self.observe(log, &format!("sign:{sign}"), observed);
        }
        if log.no_signs() {
            let observed = self.own_code("no-warning-signs", json!({ "valueBoolean": true }));
            self.observe(log, "no_signs", observed);
        }
    }

    /// How well the patient's own activities went, where any was scored.
    fn activities(&mut self, diary: &Diary, log: &DayLog) {
        let items: Vec<Value> = scores(log)
            .map(|(number, score)| {
                let name = plain(activities::name_on(&diary.standing, number, log.day));
                let text = name.unwrap_or_else(|| format!("Activity {number}"));
                json!({ "linkId": link(number), "text": text, "answer": [{ "valueInteger": score }] })
            })
            .collect();
        if items.is_empty() {
            return;
        }
        let day = log.day.to_string();
        let response = json!({
            "resourceType": "QuestionnaireResponse",
            "questionnaire": self.own(ACTIVITY_FORM),
            "status": "completed",
            "subject": self.subject(),
            "source": self.subject(),
            "author": self.subject(),
            "authored": day,
            "item": items,
        });
        self.tell(&[&day, "activities"], response, log.rules());
    }

    /// Where all of it comes from, and which version of the rules judged it.
    fn provenance(&mut self) {
        let code = |code: &str| {
            let system = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
            json!({ "coding": [{ "system": system, "code": code }] })
        };
        for (rules, told) in std::mem::take(&mut self.told) {
            let mut provenance = json!({
                "resourceType": "Provenance",
                "target": told,
                "recorded": utc(self.teller.now),
                "agent": [
                    { "type": code("author"), "who": self.subject() },
                    { "type": code("assembler"), "who": { "display": self.teller.name } },
                ],
            });
            if let Some(version) = &rules {
                let what = json!({
                    "identifier": { "system": self.own("rules"), "value": version },
                    "display": format!("Rules for warning signs, version {version}"),
                });
                provenance["entity"] = json!([{ "role": "source", "what": what }]);
            }
            let version = rules.as_deref().unwrap_or_default();
            self.add(&["provenance", if rules.is_some() { "rules" } else { "none" }, version], provenance);
        }
    }
}

const CODES: &str = "CodeSystem/measures";
const SIGNS: &str = "CodeSystem/warning-signs";
const ACTIVITY_FORM: &str = "Questionnaire/own-activities";
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";

/// SNOMED CT: code and words.
type Part = (&'static str, &'static str);

const BACK: Part = ("77568009", "Structure of back of trunk");

fn leg(side: Side) -> Part {
    match side {
        Side::Left => ("32153003", "Structure of left lower limb"),
        Side::Right => ("62175007", "Structure of right lower limb"),
    }
}

fn foot(side: Side) -> Part {
    match side {
        Side::Left => ("22335008", "Structure of left foot"),
        Side::Right => ("7769000", "Structure of right foot"),
    }
}

fn quantity<T: Into<Value>>(value: T, unit: &str, code: &str) -> Value {
    let value: Value = value.into();
    json!({ "value": value, "unit": unit, "system": UCUM, "code": code })
}

/// The activities that were scored, by number.
fn scores(log: &DayLog) -> impl Iterator<Item = (u8, u16)> {
    (1..=ACTIVITIES).filter_map(|number| Some((number, log.measured(Measure::Activity(number))?)))
}

fn link(number: u8) -> String {
    format!("activity-{number}")
}

/// Once a day, on its days of the week.
fn repeat(dose: &Dose) -> Value {
    let mut repeat = json!({ "frequency": 1, "period": 1, "periodUnit": "d" });
    if dose.days != Days::DAILY {
        let include = |name: &&&str| Days::named(name).is_some_and(|day| dose.days.include(day));
        repeat["dayOfWeek"] = Days::NAMES.iter().filter(include).copied().collect::<Vec<_>>().into();
    }
    repeat
}

/// Words, with their code where they have one.
fn concept(coded: Option<(String, &str)>, words: &str) -> Value {
    // FHIR has no empty text.
    let words = plain(words).unwrap_or_else(|| "Without a name".to_owned());
    let mut concept = json!({ "text": words });
    if let Some((system, code)) = coded {
        concept["coding"] = json!([{ "system": system, "code": code, "display": words }]);
    }
    concept
}

/// A text as FHIR has it: no control letters, no blanks but the plain ones, and never empty.
fn plain(text: &str) -> Option<String> {
    let kept = |letter: &char| matches!(letter, '\n' | '\r' | '\t') || !letter.is_control();
    let blank = |letter: char| if letter.is_whitespace() && !"\n\r\t".contains(letter) { ' ' } else { letter };
    let text: String = text.chars().filter(kept).map(blank).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracker::{
        entry::{About, Entry, Stamp, Value as Said, Write},
        log::Change,
    };

    /// Noon of 22 November 2026.
    const NOW: i64 = 1_795_348_800_000;

    fn stamp() -> Stamp {
        Stamp { millis: NOW, count: 0, writer: 1 }
    }

    fn bundle(changes: &[Change], standing: &[(&str, &str)]) -> Vec<Value> {
        let mut log = DayLog::empty("2026-11-22".parse().unwrap());
        changes.iter().for_each(|change| log.write(&change.writes(&log.clone(), "2.1.0"), stamp()));
        let mut stands = Entry::new(Uuid::nil(), About::Standing);
        for (field, text) in standing {
            stands.write(field, Write { stamp: stamp(), value: Said::Text((*text).to_owned()) });
        }
        let diary = Diary { standing: stands, days: vec![log] };
        let rules = crate::content::rules().unwrap();
        let library = crate::content::folder("exercises");
        let library = library.iter().filter_map(|file| Some((file.name.strip_suffix(".toml")?, file)));
        let library: Vec<Exercise> = library
            .map(|(id, file)| crate::exercise::import::read(id, &file.text, Some("<svg></svg>")).unwrap())
            .collect();
        let teller = Teller {
            patient: Uuid::from_u128(7),
            site: "https://example.org",
            name: "Sciaticalm",
            rules: &rules,
            library: &library,
            now: NOW,
        };
        let bundle: Value = serde_json::from_str(&write(&diary, teller)).unwrap();
        assert_eq!((&bundle["type"], &bundle["timestamp"]), (&"collection".into(), &"2026-11-22T12:00:00Z".into()));
        bundle["entry"].as_array().unwrap().iter().map(|entry| entry["resource"].clone()).collect()
    }

    fn of_type(bundle: &[Value], kind: &str) -> Vec<Value> {
        bundle.iter().filter(|resource| resource["resourceType"] == kind).cloned().collect()
    }

    fn number(measure: Measure, value: u16) -> Change {
        Change::Measured { measure, value: Some(value) }
    }

    #[test]
    fn a_pain_has_the_standard_code_its_side_and_its_day() {
        let bundle = bundle(&[number(Measure::Pain(Place::LeftLeg), 4)], &[]);
        let observed = &of_type(&bundle, "Observation")[0];
        assert_eq!(observed["code"]["coding"][0]["code"], "72514-3");
        assert_eq!(observed["valueQuantity"]["value"], 4);
        assert_eq!(observed["valueQuantity"]["code"], "{score}");
        assert_eq!(observed["bodySite"]["coding"][0]["display"], "Structure of left lower limb");
        assert_eq!((&observed["status"], &observed["effectiveDateTime"]), (&"final".into(), &"2026-11-22".into()));
        assert_eq!(observed["issued"], "2026-11-22T12:00:00Z");
    }

    #[test]
    fn every_measure_has_a_code_that_the_bundle_explains() {
        let all: Vec<Change> = Measure::all().map(|measure| number(measure, 1)).collect();
        let signs = [Change::NoSigns { in_view: vec![] }, Change::Worse(true)];
        let bundle = bundle(&[&all[..], &signs[..]].concat(), &[]);
        let systems = of_type(&bundle, "CodeSystem");
        let known = |system: &Value, code: &Value| {
            let of = systems.iter().find(|own| own["url"] == *system);
            of.is_some_and(|own| own["concept"].as_array().unwrap().iter().any(|concept| concept["code"] == *code))
        };
        let observations = of_type(&bundle, "Observation");
        assert_eq!(observations.len(), 16 + 2, "activities are answers to a form");
        for observed in &observations {
            let coding = &observed["code"]["coding"][0];
            assert!(coding["system"] == LOINC || known(&coding["system"], &coding["code"]), "{coding}");
        }
        assert!(of_type(&bundle, "Condition").is_empty());
    }

    #[test]
    fn activities_are_answers_under_the_names_that_they_have() {
        let scored = [number(Measure::Activity(1), 3), number(Measure::Activity(4), 10)];
        let bundle = bundle(&scored, &[("activity_name_4", "Stairs\u{a0}at\u{7} home")]);
        let response = &of_type(&bundle, "QuestionnaireResponse")[0];
        let items: Vec<(&str, &str, i64)> = response["item"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                let answer = item["answer"][0]["valueInteger"].as_i64().unwrap();
                (item["linkId"].as_str().unwrap(), item["text"].as_str().unwrap(), answer)
            })
            .collect();
        assert_eq!(items, [("activity-1", "Activity 1", 3), ("activity-4", "Stairs at home", 10)]);
        assert_eq!(response["questionnaire"], of_type(&bundle, "Questionnaire")[0]["url"]);
    }

    #[test]
    fn the_plan_says_what_is_done_how_much_and_when() {
        let chosen = [("plan:bridge", "2x10 hold 5 mon,thu"), ("plan:walking", "1 daily")];
        let bundle = bundle(&[], &chosen);
        let care = &of_type(&bundle, "CarePlan")[0];
        assert_eq!(care["period"]["start"], "2026-11-22T12:00:00Z");
        let (bridge, walking) = (&care["activity"][0]["detail"], &care["activity"][1]["detail"]);
        assert_eq!(
            (&bridge["code"]["text"], &bridge["description"]),
            (&"Bridge".into(), &"10 times, hold 5 seconds · 2 sets".into())
        );
        assert_eq!(bridge["scheduledTiming"]["repeat"]["dayOfWeek"], json!(["mon", "thu"]));
        assert!(walking["description"].as_str().unwrap().contains("minutes"), "{walking}");
        assert!(of_type(&self::bundle(&[], &[]), "CarePlan").is_empty());
    }

    #[test]
    fn warning_signs_and_the_rules_that_judged_them_are_told() {
        let tick = |sign: &str| Change::Sign { sign: sign.to_owned(), there: true };
        let bundle =
            bundle(&[tick("fever"), tick("from \u{1}elsewhere"), Change::GotHelp { signs: vec!["fever".into()] }], &[]);
        let signs = of_type(&bundle, "Observation");
        assert_eq!(
            (&signs[0]["code"]["coding"][0]["code"], &signs[0]["valueBoolean"]),
            (&"fever".into(), &true.into())
        );
        assert!(signs[0]["note"][0]["text"].as_str().unwrap().contains("help"));
        assert_eq!(signs[1]["code"], json!({ "text": "A warning sign from another version of the list" }));
        let provenance = &of_type(&bundle, "Provenance")[0];
        assert_eq!(provenance["entity"][0]["what"]["identifier"]["value"], "2.1.0");
        assert_eq!(provenance["target"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn the_same_diary_makes_the_same_bundle_and_ids_of_another_patient_are_others() {
        let changes = [number(Measure::Trips, 1)];
        assert_eq!(bundle(&changes, &[]), bundle(&changes, &[]));
        let account = Uuid::from_u128(1);
        assert_ne!(opaque_id(account), account);
        assert_ne!(opaque_id(account), opaque_id(Uuid::from_u128(2)));
        assert_eq!(opaque_id(account).get_version_num(), 8);
    }
}
