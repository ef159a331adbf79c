//! Drawings: of SVG only what draws a shape is allowed, because a drawing becomes a part of the page.

/// What a drawing may be made of.
const SHAPES: [&str; 9] = ["svg", "g", "path", "circle", "ellipse", "line", "polyline", "polygon", "rect"];

/// What may be said of a shape. No `id` or `class`, which would meet the page's, and no `style`.
const SAID: [&str; 36] = [
    "aria-hidden",
    "cx",
    "cy",
    "d",
    "fill",
    "fill-opacity",
    "fill-rule",
    "focusable",
    "height",
    "opacity",
    "points",
    "preserveAspectRatio",
    "r",
    "role",
    "rx",
    "ry",
    "stroke",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "transform",
    "vector-effect",
    "version",
    "viewBox",
    "width",
    "x",
    "x1",
    "x2",
    "xmlns",
    "y",
    "y1",
    "y2",
];

const NAMESPACE: &str = "http://www.w3.org/2000/svg";

/// Why a text is no drawing that a page can take in; nothing where it is one.
pub fn problem(svg: &str) -> Option<String> {
    read(svg).err()
}

/// Reads a text of tags, one within the other, with nothing between them: neither text nor comments nor entities.
fn read(svg: &str) -> Result<(), String> {
    let mut rest = svg.trim();
    let mut open: Vec<&str> = vec![];
    if !rest.starts_with("<svg") {
        return Err("it has to begin with <svg".to_owned());
    }
    loop {
        if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>').ok_or("a tag does not end")?;
            if open.pop() != Some(name.trim_end()) {
                return Err(format!("</{}> ends what was not begun", shown(name)));
            }
            rest = after.trim_start();
        } else if let Some(after) = rest.strip_prefix('<') {
            let (name, is_empty, after) = tag(after)?;
            if (name == "svg") != open.is_empty() {
                return Err("it has to be one <svg> with shapes in it".to_owned());
            }
            if !is_empty {
                open.push(name);
            }
            rest = after.trim_start();
        } else {
            return Err("there is text between the shapes".to_owned());
        }
        match (open.is_empty(), rest.is_empty()) {
            (true, true) => return Ok(()),
            (true, false) => return Err("there is something after </svg>".to_owned()),
            (false, true) => return Err("it does not end with </svg>".to_owned()),
            (false, false) => {}
        }
    }
}

/// The name of the tag that begins here, whether it is empty, and what follows it.
fn tag(text: &str) -> Result<(&str, bool, &str), String> {
    let (name, mut rest) = word(text);
    if !SHAPES.contains(&name) {
        return Err(format!("it has <{}>, and may have shapes alone: {}", shown(text), SHAPES.join(", ")));
    }
    loop {
        let after = rest.trim_start();
        if let Some(after) = after.strip_prefix("/>") {
            return Ok((name, true, after));
        }
        if let Some(after) = after.strip_prefix('>') {
            return Ok((name, false, after));
        }
        let (attribute, value) = word(after);
        if after.len() == rest.len() || !SAID.contains(&attribute) {
            return Err(format!("<{name}> has “{}”, which a drawing may not have", shown(after)));
        }
        let value =
            value.strip_prefix("=\"").ok_or_else(|| format!("the value of “{attribute}” is not in double quotes"))?;
        let (value, after) = value.split_once('"').ok_or("a value does not end")?;
        if !is_plain(attribute, value) {
            return Err(format!("“{attribute}” of <{name}> has a value that a drawing may not have"));
        }
        rest = after;
    }
}

/// Letters, digits and hyphens, and what follows them.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').unwrap_or(text.len());
    text.split_at(end)
}

/// Numbers and names; nothing that loads, links or runs.
fn is_plain(attribute: &str, value: &str) -> bool {
    let plain =
        |letter: char| letter.is_ascii_alphanumeric() || letter.is_ascii_whitespace() || ".,#%()+-".contains(letter);
    if attribute == "xmlns" {
        value == NAMESPACE
    } else {
        value.chars().all(plain) && !value.to_ascii_lowercase().contains("url(")
    }
}

/// The first letters of what is wrong, for whoever has to find it.
fn shown(text: &str) -> String {
    text.chars().take_while(|letter| !letter.is_whitespace() && !"<>=/".contains(*letter)).take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_a_drawing() {
        for good in [
            "<svg></svg>",
            "<svg/>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\">\n  <g fill=\"none\" stroke=\"#0b5351\">\n<path\n d=\"M1 2l3-4.5e1z\" />\n</g></svg>\n",
            "<svg viewBox=\"0 0 9 9\"><circle cx=\"1\" cy=\"1\" r=\"1\" transform=\"rotate(45 1 1)\"/></svg>",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
    }

    #[test]
    fn nothing_else_is() {
        for (bad, said) in [
            ("", "begin with <svg"),
            ("<p></p>", "begin with <svg"),
            ("<svg onload=\"x\">", "onload"),
            ("<svg\nonload=\"x\"></svg>", "onload"),
            ("<svg/onload=\"x\"></svg>", "may not have"),
            ("<svg><script>x</script></svg>", "<script>"),
            ("<svg><SCRIPT/></svg>", "<SCRIPT>"),
            ("<svg><foreignObject/></svg>", "<foreignObject>"),
            ("<svg><form action=\"/admin\"></form></svg>", "<form>"),
            ("<svg><a href=\"/x\"><path d=\"\"/></a></svg>", "<a>"),
            ("<svg><image href=\"/x\"/></svg>", "<image>"),
            ("<svg><use href=\"#a\"/></svg>", "<use>"),
            ("<svg><path style=\"x\"/></svg>", "style"),
            ("<svg><path id=\"main\"/></svg>", "id"),
            ("<svg><path fill=\"url(#a)\"/></svg>", "fill"),
            ("<svg><path fill=\"&quot;\"/></svg>", "fill"),
            ("<svg><path fill=none /></svg>", "quotes"),
            ("<svg><path fill=\"none\"d=\"\"/></svg>", "may not have"),
            ("<svg xmlns=\"http://www.w3.org/1999/xhtml\"></svg>", "xmlns"),
            ("<svg>words</svg>", "text between"),
            ("<svg><!-- a --></svg>", "<!--"),
            ("<svg><![CDATA[a]]></svg>", "<![CDATA["),
            ("<svg></svg><p>", "after </svg>"),
            ("<svg><g></svg>", "ends what was not begun"),
            ("<svg><svg></svg></svg>", "one <svg>"),
            ("<svg><g>", "does not end"),
            ("<svg><path d=\"", "does not end"),
        ] {
            let problem = problem(bad).expect(bad);
            assert!(problem.contains(said), "{bad}: {problem}");
        }
    }
}
