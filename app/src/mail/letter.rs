//! From a message to a letter: headers, a plain part and an HTML part. Nothing in a message can become a second header or
//! a second recipient, and no link leads away from our site.

use std::time::{Duration, UNIX_EPOCH};

use axum::http::Uri;
use lettre::{
    Address, Message as Letter,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use maud::{DOCTYPE, Markup, html};

use super::{Link, Message};
use crate::{clock::Clock, day::Day, site::Settings};

/// The longest address that SMTP carries (RFC 5321, 4.5.3.1.3, without the angle brackets).
const LONGEST_ADDRESS: usize = 254;
/// In characters. Longer ones are cut: mail programs show less.
const LONGEST_SUBJECT: usize = 200;

/// What all our letters have in common: who they are from, and the site's name and address.
#[derive(Clone, Debug)]
pub struct Letterhead {
    from: Mailbox,
    /// Whether the sender is named after the site.
    named_after_site: bool,
    site: String,
    /// Without a slash at the end.
    public_url: String,
    host: String,
    clock: Clock,
}

/// The sender that was set is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write it as no-reply@example.org, or Name <no-reply@example.org>")]
pub struct BadSender;

/// Why no letter can be made of a message. Does not repeat what was in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    #[error("its recipient is not one plain address")]
    Recipient,
    #[error("its link does not lead to this site")]
    Link,
    #[error("its headers cannot be written")]
    Headers,
}

impl Letterhead {
    /// `from` is the sender that was set; without one it is the site's name and `no-reply@` its host.
    ///
    /// # Errors
    /// When `from` is no address.
    pub fn new(from: Option<&str>, settings: &Settings, clock: Clock) -> Result<Self, BadSender> {
        let named_after_site = from.is_none();
        let site = one_line(&settings.name);
        let public_url = settings.public_url.clone();
        let host = public_url.parse::<Uri>().ok().and_then(|url| Some(url.host()?.to_owned()));
        let host = host.unwrap_or_else(|| "localhost".to_owned());
        let from = match from {
            Some(from) if from.contains(char::is_control) => return Err(BadSender),
            Some(from) => from.parse().map_err(|_| BadSender)?,
            None => Mailbox::new(Some(site.clone()), Address::new("no-reply", &host).map_err(|_| BadSender)?),
        };
        Ok(Self { from, named_after_site, site, public_url, host, clock })
    }

    /// Calls the site by another name.
    pub(super) fn rename(&mut self, name: &str) {
        self.site = one_line(name);
        if self.named_after_site {
            self.from.name = Some(self.site.clone());
        }
    }

    /// # Errors
    /// When the recipient is not one address, or a link not one of this site.
    pub(super) fn letter(&self, message: Message) -> Result<Letter, Unwritable> {
        let to = recipient(&message.to)?;
        let links = message.link.iter().map(|link| &link.url).chain(&message.stop);
        if links.into_iter().any(|url| !self.is_ours(url)) {
            return Err(Unwritable::Link);
        }
        let subject: String = one_line(&message.subject).chars().take(LONGEST_SUBJECT).collect();
        let (plain, html) = (self.plain(&message), self.html(&message, &subject).into_string());
        let mut letter = Letter::builder()
            .date(UNIX_EPOCH + Duration::from_millis(self.clock.millis()))
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(format!("<{}@{}>", random_name(), self.host)))
            // Tells programs that answer mail (out of office) not to (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if let Some(url) = &message.stop {
            // Where a mail program's own button to unsubscribe leads (RFC 2369), and that it may press it for its reader
            // (RFC 8058).
            letter = letter
                .raw_header(header("List-Unsubscribe", &format!("<{url}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        letter.multipart(MultiPart::alternative_plain_html(plain, html)).map_err(|_| Unwritable::Headers)
    }

    /// Milliseconds since 1970, UTC.
    pub(super) fn now(&self) -> i64 {
        self.clock.millis_i64()
    }

    /// A file's name that sorts by time, then by the order of sending, and that nobody guesses.
    pub(super) fn file_name(&self, number: u64) -> String {
        let millis = self.clock.millis();
        let day = i64::try_from(millis / 86_400_000).ok().and_then(|days| Day::from_epoch_days(days).ok());
        let (day, millis) = (day.unwrap_or_default(), millis % 86_400_000);
        let (seconds, millis) = (millis / 1_000, millis % 1_000);
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        format!("{day}T{hours:02}-{minutes:02}-{seconds:02}.{millis:03}Z-{number:06}-{}.eml", random_name())
    }

    /// An address that a mail program can tell apart from the text around it, and that leads here.
    fn is_ours(&self, url: &str) -> bool {
        let path = url.strip_prefix(&self.public_url);
        path.is_some_and(|path| path.starts_with('/')) && url.bytes().all(|byte| byte.is_ascii_graphic())
    }

    fn plain(&self, message: &Message) -> String {
        let mut blocks: Vec<String> = message.paragraphs.iter().map(|paragraph| one_line(paragraph)).collect();
        if let Some(Link { label, url }) = &message.link {
            // On a line of its own: nothing before or after can be taken for a part of it.
            blocks.push(format!("{}:\n{url}", one_line(label)));
        }
        blocks.extend(message.closing.iter().map(|paragraph| one_line(paragraph)));
        if let Some(url) = &message.stop {
            blocks.push(format!("{STOP}:\n{url}"));
        }
        blocks.push(format!("-- \n{}\n{}\n{AUTOMATIC}\n", self.site, self.public_url));
        blocks.join("\n\n")
    }

    /// Without colours or pictures of its own, so that it looks right in the dark and asks nobody for anything.
    fn html(&self, message: &Message, subject: &str) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en-GB" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (subject) }
                }
                body style="font: 1.1em/1.5 sans-serif; max-width: 36em; margin: 0 auto; padding: 1em" {
                    h1 style="font-size: 1.3em" { (subject) }
                    @for paragraph in &message.paragraphs {
                        p { (one_line(paragraph)) }
                    }
                    @if let Some(Link { label, url }) = &message.link {
                        p { a href=(url) style="font-weight: bold" { (one_line(label)) } }
                        p {
                            "If the link does not work, copy this address into your browser:" br;
                            span style="word-break: break-all" { (url) }
                        }
                    }
                    @for paragraph in &message.closing {
                        p { (one_line(paragraph)) }
                    }
                    @if let Some(url) = &message.stop { p { a href=(url) { (STOP) } } }
                    hr;
                    p style="font-size: 0.9em" {
                        (self.site) ", " a href=(self.public_url) { (self.public_url) } br;
                        (AUTOMATIC)
                    }
                }
            }
        }
    }
}

const AUTOMATIC: &str = "This message was sent by a computer. Replies are not read.";

const STOP: &str = "Stop these emails";

/// One that lettre has no type for.
fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Narrower than the mail standards: what no person has in an address, and some server might read as another one.
fn recipient(to: &str) -> Result<Address, Unwritable> {
    let odd = |byte: u8| !byte.is_ascii_graphic() || br#"<>()[]\,:;""#.contains(&byte);
    if to.len() > LONGEST_ADDRESS || to.bytes().any(odd) || to.bytes().filter(|byte| *byte == b'@').count() != 1 {
        return Err(Unwritable::Recipient);
    }
    to.parse().map_err(|_| Unwritable::Recipient)
}

/// The text with each control character, line ends among them, as a space.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// 16 random bytes. Not a secret, but no two alike; without the system's randomness the file's number must do.
fn random_name() -> String {
    let mut bytes = [0; 16];
    let _ = getrandom::fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}
