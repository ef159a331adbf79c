//! What a browser sends of a form, for tests: HTML in, fields out.

pub fn fields_in(html: &str) -> Vec<(String, String)> {
    let read =
        |text: &str| text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let attribute = |tag: &str, name: &str| {
        let rest = tag.split_once(&format!(" {name}=\""))?.1;
        Some(read(rest.split_once('"')?.0))
    };
    let mut fields = Vec::new();
    // The select that is open, and what of it would be sent.
    let mut select: Option<(String, Option<String>)> = None;
    for part in html.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or((part, ""));
        let ticked = !tag.contains("type=\"checkbox\"") || tag.ends_with(" checked");
        if tag.starts_with("input") && ticked {
            fields.push((attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap_or_default()));
        } else if tag.starts_with("textarea") {
            // The first line end is none of theirs.
            fields.push((attribute(tag, "name").unwrap(), read(text.strip_prefix('\n').unwrap_or(text))));
        } else if tag.starts_with("select") {
            select = Some((attribute(tag, "name").unwrap(), None));
        } else if tag.starts_with("option")
            && let Some((_, chosen)) = &mut select
            && (tag.ends_with(" selected") || chosen.is_none())
        {
            *chosen = attribute(tag, "value");
        } else if tag.starts_with("/select")
            && let Some((name, Some(chosen))) = select.take()
        {
            fields.push((name, chosen));
        }
    }
    fields
}
