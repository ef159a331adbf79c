//! The fields of what is asked: questions, screens, and the lists of both.

use toml_edit::Item;

use super::{
    fields::{Answering, Control},
    part_fields::{Fields, PLACE},
    parts::Part,
    places,
    rows::{self, Kind, Rows},
};

impl Fields<'_> {
    pub fn question(&mut self, id: &str) {
        self.lines("text", "The question", None);
        self.lines("hint", "More about it", Some("Leave it empty where none is needed."));
        self.line("said", "As said back to the reader", None);
        if let Some(known) = self.known {
            let chosen = places::place(known, Part::Question, id).unwrap_or_default();
            let hint = "What somebody has to answer first stands on an earlier screen.";
            let choices = places::choices(known, Part::Question, id);
            self.add(PLACE, "Where it is asked", Some(hint), Control::one_of(chosen, choices));
        }
        let role = Control::one_of(or(self.word("role"), "sign"), ROLES);
        self.add("role", "What its answer may do", None, role);
        let lists = self.known.map(|known| known.choices.clone()).unwrap_or_default();
        let answering = Control::Answering { answering: Answering::of(self.table), lists };
        self.add("answered", "How it is answered", None, answering);
        self.add(
            "unsure",
            "What “not sure” counts as",
            Some("Of a sign alone."),
            Control::one_of(self.word("unsure"), UNSURE),
        );
        self.yes("private", "Does it also offer “Prefer not to say”?", "That counts as no. Of a sign alone.");
        let hint = "Without a condition it is always asked. It can depend on earlier screens alone.";
        self.condition("asked_if", "It is asked", Some(hint), self.table.get("asked_if"));
    }

    pub fn screen(&mut self, id: &str) {
        self.line("title", "Title", Some("A question where it can be."));
        let hint = "It stands above the title, as in “Emergency signs”. Screens of one part say the same.";
        self.line("stage", "Part of the conversation", Some(hint));
        self.lines("hint", "Introduction", Some("Leave it empty where none is needed."));
        let layout = Control::one_of(self.word("layout"), LAYOUTS);
        self.add("layout", "How it is answered", None, layout);
        self.line("list", "What the list is headed with", Some("Of a list to tick, where the title does not say it."));
        self.yes(
            "follow_up",
            "Does it ask more about earlier answers?",
            "It may then soften them, so it is asked before a warning interrupts.",
        );
        let Some(known) = self.known else { return };
        let chosen = places::place(known, Part::Screen, id).unwrap_or_default();
        let hint = "A question can depend on earlier screens alone.";
        let choices = places::choices(known, Part::Screen, id);
        self.add(PLACE, "Where it comes", Some(hint), Control::one_of(chosen, choices));
        let asked = known.rules.screen(id).map(|screen| known.rules.on(screen)).unwrap_or_default();
        if !asked.is_empty() {
            let choices = asked.iter().map(|question| (question.id.clone(), question.text.clone())).collect();
            let rows: Rows = asked.iter().map(|question| (question.id.clone(), String::new())).collect();
            let hint = "In the order in which they are asked. The form of a question moves it to another screen.";
            self.add("question", "Its questions", Some(hint), Control::Rows { kind: Kind::Ordered, rows, choices });
        }
    }

    pub fn choices(&mut self, id: &str) {
        let rows = self.table.get(id).and_then(Item::as_array).map(rows::answers_in).unwrap_or_default();
        let control = Control::Rows { kind: Kind::Answers, rows, choices: vec![] };
        self.add("choices", "Its answers", Some(rows::ANSWERS), control);
    }

    pub fn daily(&mut self) {
        let signs =
            self.known.into_iter().flat_map(|known| &known.rules.questions).filter(|question| question.is_sign());
        let choices = signs.map(|question| (question.id.clone(), question.text.clone())).collect();
        let rows = self.list("daily").into_iter().map(|id| (id, String::new())).collect();
        let hint = "The tracker asks for these every day, in this order.";
        self.add("daily", "Its signs", Some(hint), Control::Rows { kind: Kind::Chosen, rows, choices });
    }
}

const ROLES: [(&str, &str); 2] = [
    ("sign", "A sign: it can only raise the outcome"),
    ("context", "A context: it chooses between outcomes; unanswered, it counts as what is more urgent"),
];
const LAYOUTS: [(&str, &str); 2] =
    [("ticks", "One list of signs to tick, with “None of these”"), ("choices", "Each question with its own answers")];
const UNSURE: [(&str, &str); 2] =
    [("", "As yes"), ("itself", "An answer of its own, which a rule of at least “soon” names")];

fn or(word: String, otherwise: &str) -> String {
    if word.is_empty() { otherwise.to_owned() } else { word }
}
