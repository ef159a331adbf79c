//! SVG, written anew from what is listed below. Whatever is not listed is left out: script, what answers to events, HTML inside,
//! links, other people's addresses, pictures inside, motion. What is not well-formed, has a document type (and with it
//! entities), or would draw for ever by using itself, is refused.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

use roxmltree::{Document, Node, ParsingOptions};

use super::Refused;

/// Bytes of text.
const LARGEST: usize = 1024 * 1024;
/// Elements and texts.
const MOST_NODES: u32 = 50_000;
/// Elements inside one another.
const DEEPEST: usize = 60;
/// Elements that are drawn, each as often as it is used.
const MOST_DRAWN: u64 = 200_000;
/// Pixels, where the file says nothing better.
const MOST_ACROSS: f64 = 4_096.0;

const SVG: &str = "http://www.w3.org/2000/svg";
const XLINK: &str = "http://www.w3.org/1999/xlink";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

const ELEMENTS: [&str; 24] = [
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "g",
    "line",
    "linearGradient",
    "marker",
    "mask",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "style",
    "svg",
    "symbol",
    "text",
    "title",
    "tspan",
    "use",
];

/// What may stand in a `url(#…)` or hold an id is looked at besides.
const ATTRIBUTES: [&str; 93] = [
    "class",
    "clip-path",
    "clip-rule",
    "clipPathUnits",
    "color",
    "color-interpolation",
    "cx",
    "cy",
    "d",
    "display",
    "dominant-baseline",
    "dx",
    "dy",
    "fill",
    "fill-opacity",
    "fill-rule",
    "font-family",
    "font-size",
    "font-stretch",
    "font-style",
    "font-variant",
    "font-weight",
    "fr",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "id",
    "lang",
    "lengthAdjust",
    "letter-spacing",
    "marker-end",
    "marker-mid",
    "marker-start",
    "markerHeight",
    "markerUnits",
    "markerWidth",
    "mask",
    "maskContentUnits",
    "maskUnits",
    "mask-type",
    "mix-blend-mode",
    "offset",
    "opacity",
    "orient",
    "overflow",
    "paint-order",
    "pathLength",
    "patternContentUnits",
    "patternTransform",
    "patternUnits",
    "points",
    "preserveAspectRatio",
    "r",
    "refX",
    "refY",
    "rotate",
    "rx",
    "ry",
    "shape-rendering",
    "spreadMethod",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "style",
    "text-anchor",
    "text-decoration",
    "text-rendering",
    "textLength",
    "transform",
    "transform-origin",
    "unicode-bidi",
    "vector-effect",
    "version",
    "viewBox",
    "visibility",
    "width",
    "word-spacing",
    "writing-mode",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
];

/// An SVG that nothing can hide in.
pub(super) struct Clean {
    /// In pixels, as it is shown where nobody says how large.
    pub width: u32,
    pub height: u32,
    pub text: String,
}

/// Writes an SVG anew.
pub(super) fn clean(text: &str) -> Result<Clean, Refused> {
    if text.len() > LARGEST {
        return Err(format!("The SVG is larger than {} KB", LARGEST / 1024));
    }
    // The parser goes as deep as the text does.
    if depth_at_most(text) > 10 * DEEPEST {
        return Err(too_deep());
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => {
            "The SVG begins with a document type (<!DOCTYPE …>), or is HTML: take that line out, or choose a picture"
                .to_owned()
        }
        roxmltree::Error::NodesLimitReached => "The SVG has too many parts: choose it as PNG".to_owned(),
        error => format!("The SVG is not well-formed: {error}"),
    })?;
    let root = document.root_element();
    if !root.has_tag_name((SVG, "svg")) {
        return Err(
            "The file is no SVG: its first element must be <svg xmlns=\"http://www.w3.org/2000/svg\">".to_owned()
        );
    }
    let (width, height) = size(root)?;
    let mut writer = Writer { out: String::new() };
    writer.element(root, 0)?;
    let text = writer.out;
    drawn_in_time(&text)?;
    Ok(Clean { width, height, text })
}

fn too_deep() -> Refused {
    "The SVG has too many parts inside one another: choose it as PNG".to_owned()
}

/// A bound on how many elements are inside one another, without reading them.
fn depth_at_most(text: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match (byte, bytes.get(at + 1)) {
            (b'<', Some(b'/')) => open = open.saturating_sub(1),
            (b'<', Some(letter)) if letter.is_ascii_alphabetic() => open += 1,
            (b'/', Some(b'>')) => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

/// In whole pixels: as its attributes say, or else its `viewBox`.
fn size(root: Node<'_, '_>) -> Result<(u32, u32), Refused> {
    let length = |name| {
        let value: f64 = root.attribute(name)?.trim().trim_end_matches("px").parse().ok()?;
        (value.is_finite() && value > 0.0).then_some(value)
    };
    let shape = root.attribute("viewBox").and_then(|view| {
        let numbers: Vec<f64> = view
            .split([' ', ',', '\n', '\t'])
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        let [_, _, width, height] = numbers[..] else { return None };
        (width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0).then_some((width, height))
    });
    let (width, height) = match (length("width"), length("height"), shape) {
        (Some(width), Some(height), _) => (width, height),
        (Some(width), None, Some((across, down))) => (width, width * down / across),
        (None, Some(height), Some((across, down))) => (height * across / down, height),
        (_, _, Some(shape)) => shape,
        _ => {
            return Err("The SVG does not say how large it is: its first element needs a viewBox, or width and height"
                .to_owned());
        }
    };
    let scale = (MOST_ACROSS / width.max(height)).min(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 4,096")]
    let whole = |length: f64| (length * scale).round().clamp(1.0, MOST_ACROSS) as u32;
    Ok((whole(width), whole(height)))
}

struct Writer {
    out: String,
}

impl Writer {
    fn element(&mut self, node: Node<'_, '_>, depth: usize) -> Result<(), Refused> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        let name = match node.tag_name().name() {
            // A link that leads nowhere any more.
            "a" => "g",
            name => name,
        };
        if node.tag_name().namespace() != Some(SVG) || !ELEMENTS.contains(&name) {
            return Ok(());
        }
        if name == "style" {
            let text: String = node.children().filter_map(|child| child.text()).collect();
            // Which of its elements use which parts is not looked at, so none may.
            if is_plain_css(&text)
                && !text.to_ascii_lowercase().contains("url")
                && node.attribute("type").is_none_or(|kind| kind.trim() == "text/css")
            {
                let _ = write!(self.out, "<style>{}</style>", escaped(&text));
            }
            return Ok(());
        }
        let _ = write!(self.out, "<{name}");
        if depth == 0 {
            let _ = write!(self.out, " xmlns=\"{SVG}\"");
        }
        for attribute in node.attributes() {
            let value = attribute.value();
            let name = match (attribute.namespace(), attribute.name()) {
                (None | Some(XLINK), "href") if value.starts_with('#') && is_name(&value[1..]) => "href",
                (None, name) if ATTRIBUTES.contains(&name) && is_plain_css(value) => name,
                (Some(XML), "space") => "xml:space",
                _ => continue,
            };
            let _ = write!(self.out, " {name}=\"{}\"", escaped(value));
        }
        self.out.push('>');
        for child in node.children() {
            if child.is_element() {
                self.element(child, depth + 1)?;
            } else if child.is_text() && ["text", "tspan", "title", "desc"].contains(&name) {
                self.out.push_str(&escaped(child.text().unwrap_or_default()));
            }
        }
        let _ = write!(self.out, "</{name}>");
        Ok(())
    }
}

/// Whether a style, or an attribute's value, can load nothing and hide nothing: its only addresses are parts of the picture.
fn is_plain_css(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    if text.contains(['@', '\\', '<', '\u{0}'])
        || ["javascript:", "expression", "image(", "image-set", "src(", "import", "data:"]
            .iter()
            .any(|word| text.contains(word))
    {
        return false;
    }
    let mut rest = text.as_str();
    while let Some(at) = rest.find("url") {
        rest = rest[at + 3..].trim_start();
        let Some(inside) = rest.strip_prefix('(') else { continue };
        let Some((address, after)) = inside.split_once(')') else { return false };
        let address = address.trim().trim_matches(['"', '\'']);
        if !address.strip_prefix('#').is_some_and(is_name) {
            return false;
        }
        rest = after;
    }
    true
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || "-_.:".contains(letter))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Whether drawing it ends: what uses parts of itself draws them again each time, and ten parts that each use the next ten
/// times are ten thousand million.
fn drawn_in_time(text: &str) -> Result<(), Refused> {
    let unreadable = |error| format!("The SVG could not be written anew: {error}");
    let document = Document::parse(text).map_err(unreadable)?;
    let parts = document.descendants().filter_map(|node| Some((node.attribute("id")?, node))).collect();
    let mut drawn = Drawn { parts, weights: HashMap::new(), open: HashSet::new() };
    match drawn.weight(document.root_element()) {
        Some(weight) if weight <= MOST_DRAWN => Ok(()),
        Some(_) => Err("The SVG uses its parts too often: choose it as PNG".to_owned()),
        None => Err("The SVG has a part that uses itself: choose it as PNG".to_owned()),
    }
}

struct Drawn<'a, 'input> {
    parts: HashMap<&'a str, Node<'a, 'input>>,
    /// Of the parts that have an id.
    weights: HashMap<&'a str, u64>,
    /// The parts that are being weighed.
    open: HashSet<&'a str>,
}

impl<'a, 'input> Drawn<'a, 'input> {
    /// How many elements are drawn; nothing where there is no end to it.
    fn weight(&mut self, node: Node<'a, 'input>) -> Option<u64> {
        let mut weight = 1_u64;
        let texts: Vec<&'a str> = if node.has_tag_name((SVG, "style")) {
            vec![]
        } else {
            node.attributes().map(|attribute| attribute.value()).collect()
        };
        for id in texts.into_iter().flat_map(names_in) {
            weight = weight.saturating_add(self.weight_of_part(id)?);
        }
        for child in node.children().filter(Node::is_element) {
            weight = weight.saturating_add(self.weight(child)?);
        }
        Some(weight)
    }

    fn weight_of_part(&mut self, id: &'a str) -> Option<u64> {
        if let Some(weight) = self.weights.get(id) {
            return Some(*weight);
        }
        let Some(part) = self.parts.get(id).copied() else { return Some(0) };
        if self.open.len() > DEEPEST || !self.open.insert(id) {
            return None;
        }
        let weight = self.weight(part)?;
        self.open.remove(id);
        self.weights.insert(id, weight);
        Some(weight)
    }
}

/// The parts that an attribute's value uses: `#leg`, or `url(#skin)`.
fn names_in(value: &str) -> impl Iterator<Item = &str> {
    let value = if value.starts_with('#') || value.contains("url") { value } else { "" };
    value.split('#').skip(1).map(|rest| {
        rest.split(|letter: char| !(letter.is_alphanumeric() || "-_.:".contains(letter))).next().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(inside: &str) -> String {
        let text = format!("<svg xmlns='{SVG}' xmlns:xlink='{XLINK}' viewBox='0 0 20 10'>{inside}</svg>");
        clean(&text).map(|clean| clean.text).unwrap_or_else(|refused| panic!("{refused}: {inside}"))
    }

    fn refused(text: &str) -> String {
        clean(text).err().unwrap_or_else(|| panic!("it was taken: {text}"))
    }

    #[test]
    fn what_draws_is_kept() {
        for kept in [
            "<path d=\"M0 0h1\" fill=\"#fff\" transform=\"scale(2)\"></path>",
            "<g id=\"a\"><title>A &amp; B</title><rect width=\"1\" height=\"1\" style=\"fill:url(#b)\"></rect></g>",
            "<linearGradient id=\"b\"><stop offset=\"0\" stop-color=\"red\"></stop></linearGradient>",
            "<style>.a{fill:red}</style>",
            "<text x=\"1\">L5 <tspan>S1</tspan></text>",
            "<g id=\"a\"></g><use href=\"#a\"></use>",
        ] {
            assert!(cleaned(kept).contains(kept), "{kept} became {}", cleaned(kept));
        }
        assert!(cleaned("<g id='a'/><use xlink:href='#a'/>").contains("<use href=\"#a\">"));
        assert!(cleaned("<a href='https://example.org'><circle r='1'/></a>").contains("<g><circle r=\"1\">"));
    }

    #[test]
    fn what_acts_or_asks_others_is_left_out() {
        for (inside, gone) in [
            ("<script>alert(1)</script>", "alert"),
            ("<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>", "alert"),
            ("<g onload='alert(1)' ONCLICK='alert(1)'/>", "alert"),
            (
                "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><iframe src='x'/></body></foreignObject>",
                "iframe",
            ),
            ("<image href='https://example.org/x.png'/>", "example.org"),
            ("<image href='data:image/png;base64,AAAA'/>", "data:"),
            ("<use href='https://example.org/x.svg#a'/>", "example.org"),
            ("<use xlink:href='data:image/svg+xml,x#a'/>", "data:"),
            ("<a xlink:href='javascript:alert(1)'><g/></a>", "javascript"),
            ("<g fill='url(https://example.org/x)'/>", "example.org"),
            ("<g style='fill:URL( \"//example.org\" )'/>", "example.org"),
            ("<g style='background:u\\72l(//example.org)'/>", "example.org"),
            ("<style>@import '//example.org';</style>", "example.org"),
            ("<style>g{fill:url(//example.org)}</style>", "example.org"),
            ("<style>a{}&lt;/style>&lt;script>alert(1)</style>", "alert"),
            ("<set attributeName='href' to='javascript:alert(1)'/>", "javascript"),
            ("<animate attributeName='x' values='javascript:alert(1)'/>", "javascript"),
            ("<!-- alert -->", "alert"),
            ("<?xml-stylesheet href='//example.org'?>", "example.org"),
            ("<metadata>where it was made</metadata>", "made"),
            ("<filter id='f'><feImage href='//example.org'/></filter>", "example.org"),
            ("<g><![CDATA[<script>alert(1)</script>]]></g>", "alert"),
        ] {
            assert!(!cleaned(inside).to_lowercase().contains(gone), "{inside} became {}", cleaned(inside));
        }
        let text = cleaned("<text><![CDATA[<script>alert(1)</script>]]></text>");
        assert!(text.contains("&lt;script&gt;") && !text.contains("<script"), "{text}");
    }

    #[test]
    fn bombs_and_what_is_not_well_formed_are_refused() {
        let entity =
            "<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><svg xmlns='http://www.w3.org/2000/svg'>&b;</svg>";
        assert!(refused(entity).contains("document type"));
        let external = "<!DOCTYPE svg SYSTEM 'file:///etc/passwd'><svg xmlns='http://www.w3.org/2000/svg'/>";
        assert!(refused(external).contains("document type"));
        assert!(
            refused("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><g></svg>").contains("not well-formed")
        );
        assert!(refused("<svg viewBox='0 0 1 1'/>").contains("no SVG"));
        assert!(refused("<svg xmlns='http://www.w3.org/2000/svg'/>").contains("how large"));
        let within = |inside: &str| format!("<svg xmlns='{SVG}' viewBox='0 0 1 1'>{inside}</svg>");
        assert!(refused(&within(&"<g>".repeat(100_000))).contains("inside one another"));
        let deep = format!("{}{}", "<g>".repeat(100), "</g>".repeat(100));
        assert!(refused(&within(&deep)).contains("inside one another"));
        assert!(refused(&within(&"<g/>".repeat(60_000))).contains("too many parts"));
        assert!(refused(&within("<g id='a'><use href='#a'/></g>")).contains("uses itself"));
        assert!(refused(&within("<pattern id='a'><rect fill='url(#a)'/></pattern>")).contains("uses itself"));
        let mut laughs = "<g id='p0'><rect/></g>".to_owned();
        for n in 1..20 {
            let uses = format!("<use href='#p{}'/>", n - 1).repeat(10);
            let _ = write!(laughs, "<g id='p{n}'>{uses}</g>");
        }
        assert!(refused(&within(&laughs)).contains("too often"));
        assert!(refused(&within(&"x".repeat(LARGEST))).contains("larger"));
    }

    #[test]
    fn its_size_is_what_it_says() {
        for (attributes, expected) in [
            ("viewBox='0 0 20 10'", (20, 10)),
            ("viewBox='0,0,20,10' width='100%'", (20, 10)),
            ("width='30px' height='15'", (30, 15)),
            ("width='40' viewBox='0 0 20 10'", (40, 20)),
            ("viewBox='0 0 40960 10'", (4096, 1)),
        ] {
            let clean = clean(&format!("<svg xmlns='{SVG}' {attributes}/>")).ok().unwrap();
            assert_eq!((clean.width, clean.height), expected, "{attributes}");
        }
    }
}
