//! The parts of a rule set's file that have a form, and where they stand in it.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use super::{
    Texts,
    catalogue::{Catalogue, OURS},
    part_fields, places,
};

/// A part that has a form of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Question,
    /// Questions that are asked together.
    Screen,
    /// Answers that questions share.
    Choices,
    Rule,
    /// A condition that rules and questions name.
    Condition,
    /// Where rules come from.
    Source,
    /// A rule of the tracker.
    Watch,
    /// The signs that the tracker asks for every day.
    Daily,
    /// The warning signs that every result shows.
    SafetyNet,
    Vignette,
    /// What test cases answer where they say nothing.
    Usual,
    /// What readers are told of the newest version.
    History,
}

/// Stands in an address for a part that is not there yet.
pub const NEW: &str = "new";
/// Stands in an address for what there is once.
pub const ONLY: &str = "only";

impl Part {
    pub const ALL: [Self; 12] = [
        Self::History,
        Self::Rule,
        Self::Condition,
        Self::Source,
        Self::Screen,
        Self::Question,
        Self::Choices,
        Self::SafetyNet,
        Self::Daily,
        Self::Watch,
        Self::Vignette,
        Self::Usual,
    ];

    /// As an address writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Screen => "screen",
            Self::Choices => "answers",
            Self::Rule => "rule",
            Self::Condition => "condition",
            Self::Source => "source",
            Self::Watch => "watch",
            Self::Daily => "daily",
            Self::SafetyNet => "safety-net",
            Self::Vignette => "case",
            Self::Usual => "usual",
            Self::History => "history",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Question => "Question",
            Self::Screen => "Screen",
            Self::Choices => "List of answers",
            Self::Rule => "Rule",
            Self::Condition => "Named condition",
            Self::Source => "Source",
            Self::Watch => "Tracker rule",
            Self::Daily => "The tracker’s daily list",
            Self::SafetyNet => "What to watch for",
            Self::Vignette => "Test case",
            Self::Usual => "What test cases usually answer",
            Self::History => "What readers are told of version",
        }
    }

    /// Of more than one.
    pub fn plural(self) -> String {
        match self {
            Self::Choices => "Lists of answers".to_owned(),
            Self::History => self.words().to_owned(),
            _ => format!("{}s", self.words()),
        }
    }

    /// Which of them this is, as a heading says it.
    pub fn title(self, id: &str) -> String {
        if self.is_only() { self.words().to_owned() } else { format!("{} {id}", self.words()) }
    }

    /// Whether there is one, which has no id.
    pub fn is_only(self) -> bool {
        matches!(self, Self::Daily | Self::SafetyNet | Self::Usual)
    }

    /// Whether there can be one more and one fewer: of the others the program knows which there are, or they stand on a page.
    pub fn comes_and_goes(self) -> bool {
        !self.is_only() && !matches!(self, Self::Watch | Self::History)
    }

    /// Whether this one can go.
    pub fn can_go(self, id: &str) -> bool {
        self.comes_and_goes() && !(self == Self::Question && OURS.contains(&id))
    }

    /// The table that has them by their names, where they have no table of their own.
    pub fn names(self) -> Option<&'static str> {
        match self {
            Self::Condition => Some("conditions"),
            Self::Source => Some("sources"),
            Self::Choices => Some("choices"),
            _ => None,
        }
    }

    /// Whether its ids are words joined by underscores.
    pub fn has_words_for_ids(self) -> bool {
        self.names().is_some() || matches!(self, Self::Question | Self::Screen)
    }

    /// The tables of the file that these are, where each is one.
    fn tables(self) -> &'static str {
        if self == Self::Vignette { "vignette" } else { self.name() }
    }

    fn text(self, texts: &Texts) -> &str {
        if matches!(self, Self::Vignette | Self::Usual) { &texts.vignettes } else { &texts.rules }
    }

    /// The texts with this one in the place of that which holds the part.
    pub fn changed(self, texts: &Texts, changed: &DocumentMut) -> Texts {
        let changed = changed.to_string();
        match self {
            Self::Vignette | Self::Usual => Texts { vignettes: changed, rules: texts.rules.clone() },
            _ => Texts { rules: changed, vignettes: texts.vignettes.clone() },
        }
    }
}

pub fn parse(text: &str) -> Result<DocumentMut, String> {
    text.parse::<DocumentMut>().map_err(|error| error.to_string())
}

/// The text that has the parts of a kind, and what there is to choose from.
pub fn open(texts: &Texts, part: Part) -> Result<(DocumentMut, Option<Catalogue>), String> {
    let document = parse(part.text(texts))?;
    let known = match part {
        Part::Vignette | Part::Usual => Catalogue::of(texts),
        _ => Catalogue::gather(&texts.rules, &document),
    };
    Ok((document, known))
}

pub fn id_of(table: &Table) -> &str {
    table.get("id").and_then(Item::as_str).unwrap_or_default()
}

/// The ids of the parts of a kind, with words that tell them apart; nothing where the text cannot be read.
pub fn list(texts: &Texts, part: Part) -> Vec<(String, String)> {
    if part.is_only() {
        return vec![(ONLY.to_owned(), part.words().to_owned())];
    }
    let Ok(document) = parse(part.text(texts)) else { return vec![] };
    let word = |table: &Table, key: &str| table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned();
    let tables = |item: Option<&Item>, id: &str, words: &str| {
        let all = item.and_then(Item::as_array_of_tables).into_iter().flatten();
        all.map(|table| (word(table, id), word(table, words))).collect::<Vec<_>>()
    };
    if let Some(key) = part.names() {
        let known = Catalogue::of(texts);
        let named = document.get(key).and_then(Item::as_table).into_iter().flat_map(Table::iter);
        let words = |item: &Item| match part {
            Part::Source => source_words(item),
            Part::Choices => {
                let all = item.as_array().into_iter().flatten().filter_map(Value::as_inline_table);
                all.filter_map(|one| one.get("text")?.as_str()).collect::<Vec<_>>().join("; ")
            }
            _ => part_fields::condition_words(item, known.as_ref()),
        };
        return named.map(|(name, item)| (name.to_owned(), words(item))).collect();
    }
    let words = match part {
        Part::Question => {
            let screens = document.get("screen").and_then(Item::as_array_of_tables).into_iter().flatten();
            return screens.flat_map(|screen| tables(screen.get("question"), "id", "text")).collect();
        }
        Part::History => {
            return tables(document.get("history"), "version", "what").into_iter().take(1).collect();
        }
        Part::Screen => "title",
        Part::Vignette => "story",
        _ => "cause",
    };
    tables(document.get(part.tables()), "id", words)
}

/// What a source is, in words.
pub fn source_words(source: &Item) -> String {
    let word = |key: &str| source.get(key).and_then(Item::as_str).unwrap_or_default();
    format!("{}, {}", word("title"), word("publisher"))
}

/// The table of a part; of what has a name, that which has them all.
pub fn find<'a>(document: &'a mut DocumentMut, part: Part, id: &str) -> Option<&'a mut dyn TableLike> {
    if let Some(key) = part.names() {
        let named = document.get_mut(key)?.as_table_mut()?;
        return (id == NEW || named.contains_key(id)).then_some(named);
    }
    let table = match part {
        Part::Daily | Part::SafetyNet if id == ONLY => document.as_table_mut(),
        Part::Usual if id == ONLY => document.get_mut("usual")?.as_table_mut()?,
        Part::Daily | Part::SafetyNet | Part::Usual => return None,
        Part::Question => {
            places::questions(document).find_map(|(_, all)| all.iter_mut().find(|one| id_of(one) == id))?
        }
        Part::History => document
            .get_mut("history")?
            .as_array_of_tables_mut()?
            .iter_mut()
            .next()
            .filter(|table| table.get("version").and_then(Item::as_str) == Some(id))?,
        _ => document.get_mut(part.tables())?.as_array_of_tables_mut()?.iter_mut().find(|table| id_of(table) == id)?,
    };
    Some(table)
}

/// The part as [`find`] does, and an empty one where the id is [`NEW`].
pub fn find_or_add<'a>(document: &'a mut DocumentMut, part: Part, id: &str) -> Option<&'a mut dyn TableLike> {
    if id == NEW && part.comes_and_goes() {
        match part.names() {
            Some(key) => {
                document.entry(key).or_insert_with(toml_edit::table);
            }
            None => tables_mut(document, part)?.push(empty(part)),
        }
    }
    find(document, part, id)
}

/// Those of a kind; of questions, those of the first screen.
pub fn tables_mut(document: &mut DocumentMut, part: Part) -> Option<&mut ArrayOfTables> {
    match part {
        Part::Question => places::questions(document).next().map(|(_, all)| all),
        _ => document.get_mut(part.tables())?.as_array_of_tables_mut(),
    }
}

/// With its keys in the order of the others of its kind.
fn empty(part: Part) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table.insert("id", value(NEW));
    match part {
        Part::Vignette => {
            table.insert("story", value(""));
            table.insert("answers", value(InlineTable::new()));
            table.insert("urgency", value(""));
            table.insert("fires", value(Array::new()));
            table.insert("not", value(Array::new()));
        }
        Part::Question => {
            table.insert("text", value(""));
            table.insert("said", value(""));
        }
        Part::Screen => {
            table.insert("stage", value(""));
            table.insert("title", value(""));
        }
        _ => {
            table.insert("cause", value(""));
            table.insert("terms", value(Array::new()));
            table.insert("grade", value(Array::new()));
            table.insert("sources", value(Array::new()));
        }
    }
    table
}
