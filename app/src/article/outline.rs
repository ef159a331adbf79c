//! What a text is made of, by line: its sentences, headings, links, pictures and care cards. For advice and checks, which
//! read what a reader reads and not the marks around it.

use comrak::{
    Arena,
    nodes::{Node, NodeValue},
    parse_document,
};

use super::markdown::{self, Block};
use crate::triage::Urgency;

/// A text, taken apart. Lines count from 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    pub sentences: Vec<Sentence>,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    pub pictures: Vec<Picture>,
    pub cards: Vec<Card>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub line: usize,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    pub line: usize,
    /// As written: 2 for `##`.
    pub level: u8,
    pub title: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub line: usize,
    pub address: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub line: usize,
    pub address: String,
    pub description: String,
}

/// A care card and the rules that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub line: usize,
    pub urgency: Urgency,
    pub rules: Vec<String>,
}

impl Outline {
    /// Takes a text apart. What cannot be rendered is passed over, and so is all of a text that nobody would write:
    /// [`markdown::render`] says what that is.
    pub fn of(text: &str) -> Self {
        let mut outline = Self::default();
        if markdown::too_deep(text).is_some() {
            return outline;
        }
        let options = markdown::options();
        let arena = Arena::new();
        for node in parse_document(&arena, text, &options).descendants() {
            outline.add(node);
        }
        outline
    }

    fn add(&mut self, node: Node<'_>) {
        let data = node.data();
        let line = data.sourcepos.start.line;
        match &data.value {
            NodeValue::Heading(heading) => {
                let title = markdown::text(node);
                self.sentences.push(Sentence { line, text: title.clone() });
                self.headings.push(Heading { line, level: heading.level, title });
            }
            NodeValue::Paragraph | NodeValue::TableCell => {
                let whole = markdown::text(node);
                let sentences = sentences(&whole).into_iter();
                self.sentences.extend(sentences.map(|text| Sentence { line, text: text.to_owned() }));
            }
            NodeValue::Link(link) => self.links.push(Link { line, address: link.url.clone() }),
            NodeValue::Image(image) => {
                self.pictures.push(Picture { line, address: image.url.clone(), description: markdown::text(node) });
            }
            NodeValue::BlockDirective(directive) => match Block::read(&directive.info) {
                Ok(Block::Card { urgency, rules }) => self.cards.push(Card { line, urgency, rules }),
                Ok(Block::Callout { title }) => self.sentences.push(Sentence { line, text: title }),
                _ => {}
            },
            _ => {}
        }
    }
}

/// The sentences of a paragraph: each ends with a full stop, question or exclamation mark before a space, or with it.
pub fn sentences(paragraph: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut rest = paragraph.trim();
    while let Some(end) = end_of_sentence(rest) {
        let (sentence, more) = rest.split_at(end);
        sentences.push(sentence.trim());
        rest = more.trim_start();
    }
    if !rest.is_empty() {
        sentences.push(rest);
    }
    sentences
}

fn end_of_sentence(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().peekable();
    while let Some((_, letter)) = letters.next() {
        if !matches!(letter, '.' | '!' | '?') {
            continue;
        }
        // What closes a quotation or a bracket belongs to it.
        while letters.next_if(|(_, next)| matches!(next, '"' | '”' | '’' | '\'' | ')')).is_some() {}
        let (at, next) = *letters.peek()?;
        let begins = text[at..].trim_start().chars().next();
        // "e.g. a pillow" goes on.
        if next.is_whitespace() && begins.is_some_and(|first| !first.is_lowercase()) {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_by_line() {
        let outline = Outline::of(
            "## Rest\n\nRest a **little**. Then walk!\n\n::: emergency {rules=\"E01 E02\"}\n- numb [there](/seek-help)\n:::\n\n![A leg](/leg.png)\n",
        );
        let told: Vec<(usize, &str)> =
            outline.sentences.iter().map(|sentence| (sentence.line, sentence.text.as_str())).collect();
        assert_eq!(told[..4], [(1, "Rest"), (3, "Rest a little."), (3, "Then walk!"), (6, "numb there")]);
        assert_eq!(outline.headings, [Heading { line: 1, level: 2, title: "Rest".to_owned() }]);
        assert_eq!(outline.links, [Link { line: 6, address: "/seek-help".to_owned() }]);
        assert_eq!(
            outline.pictures,
            [Picture { line: 9, address: "/leg.png".to_owned(), description: "A leg".to_owned() }]
        );
        let rules = vec!["E01".to_owned(), "E02".to_owned()];
        assert_eq!(outline.cards, [Card { line: 5, urgency: Urgency::Emergency, rules }]);
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        for (paragraph, expected) in [
            ("One. Two? Three!", vec!["One.", "Two?", "Three!"]),
            ("Use a pillow, e.g. a flat one. Sleep.", vec!["Use a pillow, e.g. a flat one.", "Sleep."]),
            ("He said “go.” Then he went", vec!["He said “go.”", "Then he went"]),
            ("About 2.5 km a day", vec!["About 2.5 km a day"]),
            ("  ", vec![]),
        ] {
            assert_eq!(sentences(paragraph), expected);
        }
    }
}
