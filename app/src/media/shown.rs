//! A picture as HTML, and an article's HTML with the pictures that it names.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write,
};

use maud::{Markup, PreEscaped, html};
use uuid::Uuid;

use super::{ADDRESS, File, Picture, frames::Format, named_by};

/// How wide a picture is in an article: as wide as the text.
pub const IN_TEXT: &str = "(min-width: 40em) 36rem, calc(100vw - 2rem)";

/// How an article's HTML begins a picture; ammonia writes it so.
const BEGINS: &str = "<img src=\"";

/// The picture, so wide (as `sizes` has it), with this description.
pub fn picture(picture: &Picture, sizes: &str, alt: &str) -> Markup {
    let of = |format: Format| {
        let files = picture.files.iter().filter(move |file| file.format == format);
        files.map(|file| format!("{ADDRESS}{} {}w", file.name, file.width)).collect::<Vec<_>>().join(", ")
    };
    let (webp, jpeg) = (of(Format::Webp), of(Format::Jpeg));
    let sizes_of = |set: &str| Some(sizes).filter(|_| !set.is_empty());
    html! {
        picture {
            @if !webp.is_empty() { source type=(Format::Webp.media_type()) srcset=(webp) sizes=(sizes); }
            img src={ (ADDRESS) (last(picture).map_or("", |file| &file.name)) }
                srcset=[Some(&jpeg).filter(|jpeg| !jpeg.is_empty())] sizes=[sizes_of(&jpeg)]
                alt=(alt) width=(picture.width) height=(picture.height) loading="lazy" decoding="async";
        }
    }
}

/// The file for who reads no WebP, as large as there is.
pub fn last(picture: &Picture) -> Option<&File> {
    let read_by_all = picture.files.iter().filter(|file| file.format != Format::Webp);
    read_by_all.max_by_key(|file| file.width).or(picture.files.first())
}

/// The pictures that an article's HTML names.
pub fn named_in(html: &str) -> BTreeSet<Uuid> {
    html.split(BEGINS).skip(1).filter_map(|rest| named_by(rest.split('"').next()?)).collect()
}

/// An article's HTML with the pictures that it names, as they are now. One that is not there any more is left out, and its
/// description stands in its place.
pub fn put_in(html: &str, pictures: &HashMap<Uuid, Picture>) -> String {
    let mut parts = html.split(BEGINS);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // Quotation marks are escaped within an attribute, and what closes a tag is not.
        let Some((attributes, rest)) = part.split_once("\">") else { continue };
        let address = attributes.split('"').next().unwrap_or_default();
        let own_alt = attributes.split_once(" alt=\"").map_or("", |(_, alt)| alt);
        match named_by(address).and_then(|id| pictures.get(&id)) {
            Some(shown) => {
                // The HTML has it escaped already.
                let alt = if own_alt.is_empty() { escaped(&shown.words.alt) } else { own_alt.to_owned() };
                let markup = picture(shown, IN_TEXT, "\u{1}").into_string();
                whole.push_str(&markup.replace('\u{1}', &alt));
                whole.push_str(&with_credit(rest, &shown.words.credit));
            }
            None => {
                whole.push_str(own_alt);
                whole.push_str(rest);
            }
        }
    }
    whole
}

/// What follows a picture, with whom it is by in the caption of its figure.
fn with_credit(rest: &str, credit: &str) -> String {
    const CAPTION: &str = "<figcaption>";
    if credit.is_empty() {
        return rest.to_owned();
    }
    let credit = format!("Picture: {}", escaped(credit));
    if let Some(after) = rest.strip_prefix("</figure>") {
        return format!("{CAPTION}{credit}</figcaption></figure>{after}");
    }
    match rest.strip_prefix(CAPTION).and_then(|caption| caption.split_once("</figcaption>")) {
        Some((caption, after)) => format!("{CAPTION}{caption}<br>{credit}</figcaption>{after}"),
        None => rest.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    PreEscaped(html! { (text) }.into_string()).into_string()
}

/// As Markdown has it: the picture's own description counts.
pub fn markdown(id: Uuid) -> String {
    let mut text = String::new();
    let _ = write!(text, "![]({ADDRESS}{id})");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Words;

    fn shown(id: Uuid, credit: &str) -> Picture {
        let file = |name: &str, format, width| File { name: name.to_owned(), format, width, bytes: 1 };
        Picture {
            id,
            words: Words { alt: "A \"leg\" & foot".to_owned(), credit: credit.to_owned(), ..Words::default() },
            version: 1,
            width: 640,
            height: 480,
            files: vec![
                file("a.webp", Format::Webp, 320),
                file("a.jpg", Format::Jpeg, 320),
                file("b.webp", Format::Webp, 640),
                file("b.jpg", Format::Jpeg, 640),
            ],
            archived: false,
        }
    }

    #[test]
    fn a_picture_stands_where_the_article_names_it() {
        let id = Uuid::from_u128(7);
        let pictures = HashMap::from([(id, shown(id, "Ann <Example>"))]);
        let article = format!("<p>One.</p><figure><img src=\"/media/{id}\" alt=\"\"></figure><p>Two.</p>");
        assert_eq!(named_in(&article), BTreeSet::from([id]));
        let html = put_in(&article, &pictures);
        for part in [
            "<p>One.</p><figure><picture><source type=\"image/webp\" srcset=\"/media/a.webp 320w, /media/b.webp 640w\"",
            "<img src=\"/media/b.jpg\" srcset=\"/media/a.jpg 320w, /media/b.jpg 640w\"",
            "alt=\"A &quot;leg&quot; &amp; foot\" width=\"640\" height=\"480\" loading=\"lazy\"",
            "</picture><figcaption>Picture: Ann &lt;Example&gt;</figcaption></figure><p>Two.</p>",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }

    #[test]
    fn an_articles_own_words_come_first() {
        let id = Uuid::from_u128(7);
        let pictures = HashMap::from([(id, shown(id, "Ann"))]);
        let article =
            format!("<figure><img src=\"/media/{id}\" alt=\"The left> leg\"><figcaption>Look.</figcaption></figure>");
        let html = put_in(&article, &pictures);
        assert!(html.contains("alt=\"The left> leg\""), "{html}");
        assert!(html.contains("<figcaption>Look.<br>Picture: Ann</figcaption>"), "{html}");
        // In a line of text there is no caption.
        let html = put_in(&format!("<li>x <img src=\"/media/{id}\" alt=\"y\"></li>"), &pictures);
        assert!(html.ends_with("</picture></li>") && !html.contains("Ann"), "{html}");
    }

    #[test]
    fn a_picture_that_is_gone_leaves_its_description() {
        let article = format!("<p><img src=\"/media/{}\" alt=\"A leg\"> goes on</p>", Uuid::from_u128(8));
        assert_eq!(put_in(&article, &HashMap::new()), "<p>A leg goes on</p>");
        assert_eq!(put_in("<p>No picture.</p>", &HashMap::new()), "<p>No picture.</p>");
    }
}
