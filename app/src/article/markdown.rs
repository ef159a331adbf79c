//! An article's body: Markdown with blocks for care cards, callouts, do and don't lists and the checker, to HTML.
//!
//! comrak parses; the blocks (`::: emergency {rules="E01"}` … `:::`) are written here; ammonia then lets through only
//! what is listed below, whatever the text tried.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    sync::LazyLock,
};

use ammonia::Builder;
use comrak::{
    Arena, Options, format_html,
    nodes::{Node, NodeValue},
    parse_document,
};

use uuid::Uuid;

use super::Section;
use crate::{
    media,
    triage::{RuleSet, Urgency},
    ui::Numbers,
};

/// A body, rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    pub html: String,
    pub contents: Vec<Section>,
    pub words: u32,
    /// The pictures of the library that it names, with their lines. What is known of them is put in when it is read.
    pub pictures: Vec<(usize, Uuid)>,
}

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Counted from 1.
    pub line: usize,
    pub message: String,
}

/// Renders `text`, for [`with_numbers`] to be shown. Cards may not be weaker than the rules they name.
///
/// # Errors
/// Every problem in the text, by line.
pub fn render(text: &str, rules: &RuleSet) -> Result<Rendered, Vec<Problem>> {
    if let Some(problem) = too_deep(text) {
        return Err(vec![problem]);
    }
    let options = options();
    let arena = Arena::new();
    let document = parse_document(&arena, text, &options);
    let mut writer = Writer {
        options: &options,
        rules,
        numbers: Numbers::places(),
        html: String::new(),
        contents: vec![],
        ids: HashSet::new(),
        numbered: HashMap::new(),
        problems: vec![],
    };
    for node in document.children() {
        writer.block(node);
    }
    let pictures = writer.pictures(document);
    if writer.problems.is_empty() {
        Ok(Rendered {
            html: CLEANER.clean(&writer.html).to_string(),
            contents: writer.contents,
            words: words(document),
            pictures,
        })
    } else {
        writer.problems.sort_by_key(|problem| problem.line);
        Err(writer.problems)
    }
}

/// What stands before the words of a card's heading, by how urgent it is.
const CARDS: [(Urgency, &str); 3] = [
    (Urgency::Emergency, "<span class=\"nhsuk-u-visually-hidden\">Emergency: </span>"),
    (Urgency::Urgent, "<span class=\"nhsuk-u-visually-hidden\">Urgent: </span>"),
    (Urgency::Soon, "<span class=\"nhsuk-u-visually-hidden\">Non-urgent: </span>"),
];

/// What was rendered, with these numbers: in their places in the text, and in the headings of cards, which are written anew. Older
/// revisions have the numbers in them that were right when they were saved.
pub fn with_numbers(html: &str, numbers: &Numbers) -> String {
    let mut shown = String::with_capacity(html.len() + 64);
    let mut rest = html;
    while let Some(at) = rest.find(SPAN) {
        let (before, from) = rest.split_at(at);
        shown.push_str(before);
        let card = CARDS.iter().find_map(|(urgency, mark)| Some((urgency, mark, from.strip_prefix(mark)?)));
        rest = if let Some((urgency, mark, heading)) = card {
            shown.push_str(mark);
            shown.push_str(&html_escape(&numbers.heading(*urgency)));
            shown.push_str(" if:");
            &heading[heading.find("</h").unwrap_or(0)..]
        } else {
            shown.push_str(SPAN);
            &from[SPAN.len()..]
        };
    }
    shown.push_str(rest);
    numbers.fill_html(&shown)
}

/// What [`CARDS`] begin with.
const SPAN: &str = "<span class=\"nhsuk-u-visually-hidden\">";

/// How many blocks or quotations may be begun inside one another. None may in an article, but a text is read to say where
/// they are, and each line is held against all that are open: thousands would take minutes.
const DEEPEST: usize = 50;

/// How many pictures an article may name: each is looked for.
const MOST_PICTURES: usize = 100;

/// Where a text goes deeper than anybody would write.
pub(super) fn too_deep(text: &str) -> Option<Problem> {
    let mut open = 0_usize;
    for (at, line) in text.lines().enumerate() {
        match line.trim_start().trim_start_matches(['>', ' ']).strip_prefix(":::") {
            Some(rest) if rest.trim_matches([':', ' ']).is_empty() => open = open.saturating_sub(1),
            Some(_) => open += 1,
            None => {}
        }
        if open > DEEPEST || line.matches('>').count() > 10 * DEEPEST {
            let message = "too many blocks are begun here and not ended: end each with a line :::".to_owned();
            return Some(Problem { line: at + 1, message });
        }
    }
    None
}

/// How our Markdown is read.
pub(super) fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.block_directive = true;
    options.extension.table = true;
    // What looks like HTML is text.
    options.render.escape = true;
    options
}

/// What may stand in an article.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .tags(HashSet::from([
            "a",
            "blockquote",
            "br",
            "code",
            "div",
            "em",
            "figcaption",
            "figure",
            "h2",
            "h3",
            "h4",
            "hr",
            "img",
            "li",
            "ol",
            "p",
            "pre",
            "section",
            "span",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ]))
        .add_tag_attributes("h2", ["id"])
        .add_tag_attributes("h3", ["id"])
        .add_tag_attributes("section", ["aria-labelledby"])
        .add_tag_attributes("img", ["alt", "src"])
        .add_allowed_classes(
            "section",
            ["care", "care--emergency", "care--urgent", "care--soon", "callout", "dos", "donts"],
        )
        .add_allowed_classes("div", ["box", "check"])
        .add_allowed_classes("span", ["nhsuk-u-visually-hidden"])
        .add_allowed_classes("a", ["btn", "btn--main"])
        .url_schemes(HashSet::from(["http", "https", "tel"]))
        // No link opens a window of its own, so none needs `rel`.
        .link_rel(None);
    cleaner
});

struct Writer<'a> {
    options: &'a Options<'a>,
    rules: &'a RuleSet,
    numbers: Numbers,
    html: String,
    contents: Vec<Section>,
    ids: HashSet<String>,
    /// The next number for an id of these words.
    numbered: HashMap<String, u32>,
    problems: Vec<Problem>,
}

impl Writer<'_> {
    fn block(&mut self, node: Node<'_>) {
        let value = node.data().value.clone();
        match value {
            NodeValue::Heading(heading) if heading.level == 1 => {
                self.problem(node, "the title is the page's only heading of the first level: begin sections with ##");
            }
            NodeValue::Heading(heading) => {
                let title = text(node);
                let id = self.unused_id(&title);
                if heading.level == 2 {
                    self.contents.push(Section { id: id.clone(), title });
                }
                let level = heading.level.min(4);
                let _ = write!(self.html, "<h{level} id=\"{id}\">");
                self.inside(node);
                let _ = writeln!(self.html, "</h{level}>");
            }
            NodeValue::BlockDirective(directive) => match Block::read(&directive.info) {
                Ok(block) => self.directive(node, &block),
                Err(message) => self.problem(node, &message),
            },
            _ => self.plain(node),
        }
    }

    /// The pictures that a text names. Others' would tell them who reads here.
    fn pictures(&mut self, document: Node<'_>) -> Vec<(usize, Uuid)> {
        let mut pictures = Vec::new();
        for node in document.descendants() {
            let address = match &node.data().value {
                NodeValue::Image(image) => image.url.clone(),
                _ => continue,
            };
            match media::named_by(&address) {
                Some(_) if pictures.len() == MOST_PICTURES => {
                    self.problem(node, &format!("an article has at most {MOST_PICTURES} pictures"));
                    return pictures;
                }
                Some(id) => pictures.push((node.data().sourcepos.start.line, id)),
                None => self.problem(
                    node,
                    &format!("“{address}” is no picture of the library: add it there, and write its address, which begins with {}", media::ADDRESS),
                ),
            }
        }
        pictures
    }

    /// A picture on a line by itself, perhaps with a caption.
    fn figure(&mut self, image: Node<'_>) {
        let (address, caption) = match &image.data().value {
            NodeValue::Image(image) => (html_escape(&image.url), html_escape(&image.title)),
            _ => return,
        };
        let _ = write!(self.html, "<figure><img src=\"{address}\" alt=\"{}\">", html_escape(&text(image)));
        if !caption.is_empty() {
            let _ = write!(self.html, "<figcaption>{caption}</figcaption>");
        }
        self.html.push_str("</figure>\n");
    }

    fn plain(&mut self, node: Node<'_>) {
        if let Some(image) = image_alone(node) {
            return self.figure(image);
        }
        if let Some(inner) = node.descendants().find(|inner| matches!(inner.data().value, NodeValue::BlockDirective(_)))
        {
            self.problem(inner, "a block stands by itself, not inside another");
        }
        if format_html(node, self.options, &mut self.html).is_err() {
            self.problem(node, "it could not be written as HTML");
        }
    }

    fn inside(&mut self, node: Node<'_>) {
        for child in node.children() {
            self.plain(child);
        }
    }

    fn directive(&mut self, node: Node<'_>, block: &Block) {
        match block {
            Block::Card { urgency, rules } => self.card(node, *urgency, rules),
            Block::Callout { title } => {
                let title = html_escape(title);
                self.section(node, "callout", &format!("<span class=\"nhsuk-u-visually-hidden\">Important: </span>{title}"), true);
            }
            Block::Do => self.section(node, "dos", "Do", false),
            Block::Dont => self.section(node, "donts", "Don’t", false),
            Block::Checker => self.html.push_str(
                "<div class=\"box check\">\n<p>Not sure how urgent it is? Answer a few questions. Nothing is stored.</p>\n\
                 <p><a class=\"btn btn--main\" href=\"/seek-help\">Check if you need help</a></p>\n</div>\n",
            ),
        }
    }

    fn card(&mut self, node: Node<'_>, urgency: Urgency, rules: &[String]) {
        for id in rules {
            match self.rules.rule(id) {
                None => self.problem(node, &format!("there is no rule {id}")),
                Some(rule) if rule.highest() > urgency => {
                    let needed = rule.highest();
                    self.problem(node, &format!("the card is weaker than rule {id}, which can be {needed:?}"));
                }
                Some(_) => {}
            }
        }
        let (class, hidden) = match urgency {
            Urgency::Emergency => ("care care--emergency", CARDS[0].1),
            Urgency::Urgent => ("care care--urgent", CARDS[1].1),
            _ => ("care care--soon", CARDS[2].1),
        };
        let heading = html_escape(&self.numbers.heading(urgency));
        let heading = format!("{hidden}{heading} if:");
        self.section(node, class, &heading, true);
    }

    /// A labelled section; its heading is one level below the one it stands under.
    fn section(&mut self, node: Node<'_>, class: &str, heading: &str, in_div: bool) {
        let level = if self.contents.is_empty() { 2 } else { 3 };
        let kind = class.rsplit("--").next().unwrap_or(class);
        let id = self.unused_id(kind);
        // A landmark needs a name of its own: a second card of a kind has the first one's heading, and is none.
        let label = if id == kind { format!(" aria-labelledby=\"{id}\"") } else { String::new() };
        let _ = writeln!(self.html, "<section class=\"{class}\"{label}>");
        let _ = writeln!(self.html, "<h{level} id=\"{id}\">{heading}</h{level}>");
        if in_div {
            self.html.push_str("<div>\n");
        }
        self.inside(node);
        self.html.push_str(if in_div { "</div>\n</section>\n" } else { "</section>\n" });
    }

    fn unused_id(&mut self, title: &str) -> String {
        let words: Vec<String> = title
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        let base = if words.is_empty() { "section".to_owned() } else { words.join("-") };
        let mut id = base.clone();
        // From where it came to for the last heading of these words: thousands of one heading would take minutes.
        let number = self.numbered.entry(base.clone()).or_insert(2);
        // `main` is the page's own.
        while id == "main" || !self.ids.insert(id.clone()) {
            id = format!("{base}-{number}");
            *number += 1;
        }
        id
    }

    fn problem(&mut self, node: Node<'_>, message: &str) {
        let line = node.data().sourcepos.start.line;
        self.problems.push(Problem { line, message: message.to_owned() });
    }
}

/// A block's first line.
pub(super) enum Block {
    Card { urgency: Urgency, rules: Vec<String> },
    Callout { title: String },
    Do,
    Dont,
    Checker,
}

impl Block {
    pub(super) fn read(info: &str) -> Result<Self, String> {
        let info = info.trim();
        let (kind, attributes) = info.split_once(char::is_whitespace).unwrap_or((info, ""));
        let card = |urgency| {
            let rules = attribute(attributes, "rules")?.unwrap_or_default();
            Ok(Self::Card { urgency, rules: rules.split_whitespace().map(str::to_owned).collect() })
        };
        match kind {
            "emergency" => card(Urgency::Emergency),
            "urgent" => card(Urgency::Urgent),
            "soon" => card(Urgency::Soon),
            "warning" => {
                let title = attribute(attributes, "title")?;
                Ok(Self::Callout { title: title.unwrap_or_else(|| "Important".to_owned()) })
            }
            "do" => Ok(Self::Do),
            "dont" => Ok(Self::Dont),
            "checker" => Ok(Self::Checker),
            _ => Err(format!(
                "there is no block {kind:?}; there are emergency, urgent, soon, warning, do, dont and checker"
            )),
        }
    }
}

/// The value of `{name="value"}`.
fn attribute(text: &str, name: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let value = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .and_then(|inside| inside.trim().strip_prefix(name))
        .and_then(|rest| rest.trim_start().strip_prefix('='))
        .and_then(|rest| rest.trim().strip_prefix('"'))
        .and_then(|rest| rest.strip_suffix('"'));
    value.map(|value| Some(value.to_owned())).ok_or_else(|| format!("write {{{name}=\"…\"}} after the block's name"))
}

/// The words of a node, without marks.
pub(super) fn text(node: Node<'_>) -> String {
    let mut text = String::new();
    for inner in node.descendants() {
        match &inner.data().value {
            NodeValue::Text(part) => text.push_str(part),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak | NodeValue::Paragraph | NodeValue::Item(_) => text.push(' '),
            _ => {}
        }
    }
    text.trim().to_owned()
}

fn words(document: Node<'_>) -> u32 {
    let words = document.children().map(|block| text(block).split_whitespace().count()).sum::<usize>();
    u32::try_from(words).unwrap_or(u32::MAX)
}

/// The picture that is all of a paragraph.
fn image_alone(node: Node<'_>) -> Option<Node<'_>> {
    let mut children = node.children();
    let only = matches!(node.data().value, NodeValue::Paragraph).then(|| children.next())??;
    let is_image = matches!(only.data().value, NodeValue::Image(_));
    (is_image && children.next().is_none()).then_some(only)
}

fn html_escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    fn html(text: &str) -> String {
        let rules = content::rules().unwrap();
        render(text, &rules).map(|rendered| with_numbers(&rendered.html, &Numbers::default())).unwrap()
    }

    fn problems(text: &str) -> Vec<Problem> {
        let rules = content::rules().unwrap();
        render(text, &rules).expect_err("problems")
    }

    #[test]
    fn a_care_card_says_how_urgent_it_is_in_words_too() {
        let html = html("::: emergency {rules=\"E01 E02\"}\n- you are numb\n- you cannot pee\n:::\n");
        assert!(html.contains("<section class=\"care care--emergency\" aria-labelledby=\"emergency\">"), "{html}");
        assert!(html.contains("<h2 id=\"emergency\"><span class=\"nhsuk-u-visually-hidden\">Emergency: </span>Call 999 or go to A&amp;E now if:</h2>"), "{html}");
        assert!(html.contains("<li>you are numb</li>"), "{html}");
    }

    #[test]
    fn other_numbers_reach_what_was_rendered_before() {
        let rules = content::rules().unwrap();
        let text = "::: emergency\n- you are numb\n:::\n\n::: urgent\n- it hurts\n:::\n\n::: warning {title=\"Note\"}\nCall {emergency}.\n:::\n";
        let rendered = render(text, &rules).unwrap().html;
        assert!(!rendered.contains("999") && !rendered.contains("111"), "{rendered}");
        let there = Numbers { emergency: "112".to_owned(), urgent_name: "A & B".to_owned(), ..Numbers::default() };
        // As it was saved when numbers were still written into what is stored.
        let before = with_numbers(&rendered, &Numbers::default());
        for html in [&rendered, &before] {
            let shown = with_numbers(html, &there);
            assert!(shown.contains("Call 112 or go to A&amp;E now if:</h2>"), "{shown}");
            assert!(shown.contains("get help from A &amp; B if:</h2>"), "{shown}");
            assert!(shown.contains("Important: </span>Note"), "{shown}");
        }
        assert!(with_numbers(&rendered, &there).contains("<p>Call 112.</p>"));
    }

    #[test]
    fn a_card_weaker_than_its_rules_is_rejected_at_its_line() {
        let found = problems("Text.\n\n::: urgent {rules=\"F01 E08\"}\n- both feet drop\n:::\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
        assert!(found[0].message.contains("weaker than rule E08"), "{found:?}");
    }

    #[test]
    fn unknown_blocks_and_rules_and_nested_blocks_are_rejected() {
        for text in [
            "::: danger\nx\n:::\n",
            "::: emergency {rules=\"E99\"}\n- x\n:::\n",
            "::: emergency {rules=E01}\n- x\n:::\n",
            "# A second title\n",
            ":::: warning\n::: emergency\n- x\n:::\n::::\n",
            "> ::: emergency\n> - x\n> :::\n",
        ] {
            assert!(!problems(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn script_does_not_get_through() {
        for text in [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "<img src=x onerror=alert(1)>",
            "[x](data:text/html,<script>alert(1)</script>)",
            "::: warning {title=\"<script>alert(1)</script>\"}\nx\n:::",
        ] {
            let html = html(text);
            for bad in ["<script", "javascript:", "<img", "data:text"] {
                assert!(!html.contains(bad), "{text} became {html}");
            }
        }
    }

    #[test]
    fn a_picture_is_the_librarys_and_stands_as_a_figure() {
        let id = Uuid::from_u128(7);
        let rules = content::rules().unwrap();
        let text = format!(
            "One.\n\n![](/media/{id})\n\n![A \"leg\" & foot](/media/{id} \"Look \\\"here\\\"\")\n\n- a ![b](/media/{id}) c\n"
        );
        let rendered = render(&text, &rules).unwrap();
        assert_eq!(rendered.pictures, [(3, id), (5, id), (7, id)]);
        for part in [
            format!("<figure><img src=\"/media/{id}\" alt=\"\"></figure>"),
            format!(
                "<figure><img src=\"/media/{id}\" alt=\"A &quot;leg&quot; &amp; foot\"><figcaption>Look \"here\"</figcaption></figure>"
            ),
            format!("<li>a <img src=\"/media/{id}\" alt=\"b\"> c</li>"),
        ] {
            assert!(rendered.html.contains(&part), "{part} is not in {}", rendered.html);
        }
    }

    #[test]
    fn anybody_elses_picture_is_refused_with_its_line() {
        for address in [
            "https://example.org/x.png",
            "//example.org/x.png",
            "/favicon.svg",
            "data:image/png;base64,AAAA",
            "/media/7",
            "x.jpg",
            "javascript:alert(1)",
        ] {
            let found = problems(&format!("One.\n\nTwo ![a]({address}).\n"));
            assert_eq!(found.len(), 1, "{address}: {found:?}");
            assert!(found[0].line == 3 && found[0].message.contains("library"), "{found:?}");
        }
    }

    #[test]
    fn what_is_nested_without_end_is_refused_before_it_is_read() {
        let text = "::: emergency\n- a\n".repeat(10_000);
        assert_eq!(problems(&text).iter().map(|problem| problem.line).collect::<Vec<_>>(), [101]);
        assert_eq!(problems(&">".repeat(100_000)).len(), 1);
        assert!(html(&"::: emergency\n- a\n:::\n\n".repeat(200)).contains("care--emergency"));
    }

    #[test]
    fn sections_are_listed_and_their_ids_differ() {
        let rules = content::rules().unwrap();
        let rendered = render("## Rest\n\na b c\n\n## Rest\n\n### More\n\n## Main\n", &rules).unwrap();
        let ids: Vec<&str> = rendered.contents.iter().map(|section| section.id.as_str()).collect();
        assert_eq!(ids, ["rest", "rest-2", "main-2"]);
        assert_eq!(rendered.words, 7);
    }
}
