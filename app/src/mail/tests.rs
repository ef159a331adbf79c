//! Letters as a mail program reads them, a server that takes one and servers that do not.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Mutex,
    time::Instant,
};

use mailparse::{MailHeaderMap, ParsedMail};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{clock::Clock, site::Settings};

/// 22 November 2026, 12:00 UTC.
const NOW: Clock = Clock::Fixed(1_795_348_800_000);

fn letterhead() -> Letterhead {
    let settings = Settings { public_url: "https://back.example.org".to_owned(), ..Settings::default() };
    Letterhead::new(None, &settings, NOW).unwrap()
}

fn message() -> Message {
    Message {
        kind: "reset-password",
        to: "zoe@example.net".to_owned(),
        subject: "Choose a new password".to_owned(),
        paragraphs: vec!["Hello".to_owned(), "Somebody asked for a new password.".to_owned()],
        link: Some(Link {
            label: "Choose a password".to_owned(),
            url: "https://back.example.org/reset-password/choose?token=AAAA-_=&a=1".to_owned(),
        }),
        closing: vec!["If it was not you, do nothing.".to_owned()],
        stop: None,
    }
}

fn letter(message: Message) -> Vec<u8> {
    letterhead().letter(message).unwrap().formatted()
}

fn parts(letter: &ParsedMail<'_>) -> (String, String) {
    assert_eq!(letter.ctype.mimetype, "multipart/alternative");
    let [plain, html] = &letter.subparts[..] else { panic!("{} parts", letter.subparts.len()) };
    for (part, kind) in [(plain, "text/plain"), (html, "text/html")] {
        assert_eq!((part.ctype.mimetype.as_str(), part.ctype.charset.as_str()), (kind, "utf-8"));
    }
    (plain.get_body().unwrap(), html.get_body().unwrap())
}

/// The names of its headers, once for each time that they are there.
fn header_names(bytes: &[u8]) -> Vec<String> {
    let letter = mailparse::parse_mail(bytes).unwrap();
    let mut names: Vec<String> = letter.headers.iter().map(|header| header.get_key().to_lowercase()).collect();
    names.sort();
    names
}

const HEADERS: [&str; 8] =
    ["auto-submitted", "content-type", "date", "from", "message-id", "mime-version", "subject", "to"];

#[test]
fn a_letter_that_comes_again_can_be_stopped_by_a_mail_programs_own_button() {
    let url = format!("https://back.example.org/reminders/stop?token={}", "0a".repeat(32));
    let bytes = letter(Message { stop: Some(url.clone()), ..message() });
    assert!(String::from_utf8_lossy(&bytes).lines().all(|line| line.len() <= 998), "RFC 5322, 2.1.1");
    let letter = mailparse::parse_mail(&bytes).unwrap();
    let header = |name: &str| letter.headers.get_first_value(name).unwrap();
    assert_eq!(header("List-Unsubscribe"), format!("<{url}>"));
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let (plain, html) = parts(&letter);
    assert!(plain.replace("\r\n", "\n").contains(&format!("Stop these emails:\n{url}\n")), "{plain}");
    assert!(html.contains(&format!("<a href=\"{url}\">Stop these emails</a>")), "{html}");
    let elsewhere = Message { stop: Some("https://evil.example/stop".to_owned()), ..message() };
    assert!(letterhead().letter(elsewhere).is_err());
    let broken = Message { stop: Some("https://back.example.org/\r\nBcc: zoe@example.net".to_owned()), ..message() };
    assert!(letterhead().letter(broken).is_err());
}

#[test]
fn a_letter_says_the_same_in_both_parts() {
    let bytes = letter(message());
    let letter = mailparse::parse_mail(&bytes).unwrap();
    let header = |name: &str| letter.headers.get_first_value(name).unwrap();
    assert_eq!(header_names(&bytes), HEADERS);
    assert_eq!(header("From"), "Sciaticalm <no-reply@back.example.org>");
    assert_eq!(header("To"), "zoe@example.net");
    assert_eq!(header("Subject"), "Choose a new password");
    assert_eq!(header("Date"), "Sun, 22 Nov 2026 12:00:00 +0000");
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    assert!(header("Message-ID").ends_with("@back.example.org>"));
    let (plain, html) = parts(&letter);
    for text in ["Hello", "Somebody asked for a new password.", "Choose a password", "If it was not you, do nothing."] {
        assert!(plain.contains(text) && html.contains(text), "{text}: {plain} {html}");
    }
    let url = "https://back.example.org/reset-password/choose?token=AAAA-_=&a=1";
    assert!(plain.lines().any(|line| line == url), "{plain}");
    let escaped = url.replace('&', "&amp;");
    assert!(html.contains(&format!("href=\"{escaped}\"")) && html.contains(&format!(">{escaped}<")), "{html}");
}

#[test]
fn a_letter_asks_nobody_for_anything() {
    let bytes = letter(message());
    let (_, html) = parts(&mailparse::parse_mail(&bytes).unwrap());
    for part in ["src=", "url(", "<img", "<link", "<script", "@import"] {
        assert!(!html.contains(part), "{part}: {html}");
    }
    let elsewhere = html.split("http").skip(1).filter(|rest| !rest.starts_with("s://back.example.org")).count();
    assert_eq!(elsewhere, 0, "{html}");
}

#[test]
fn accents_emoji_markup_and_long_links_arrive_whole() {
    let token = "Ab0-_=".repeat(300);
    let mut message = message();
    message.subject = "Zoé’s café: your new password is waiting for you 🙂".to_owned();
    message.paragraphs = vec![
        "Dear Zoé".to_owned(),
        "a = b <b>no markup</b> & \"so\"".to_owned(),
        format!("x{}", " very long".repeat(300)),
        ".".to_owned(),
        "From here".to_owned(),
    ];
    message.link.as_mut().unwrap().url = format!("https://back.example.org/c?token={token}");
    let subject = message.subject.clone();
    let bytes = letter(message.clone());
    assert!(bytes.is_ascii() && bytes.split(|byte| *byte == b'\n').all(|line| line.len() < 999));
    let letter = mailparse::parse_mail(&bytes).unwrap();
    assert_eq!(letter.headers.get_first_value("Subject").unwrap(), subject);
    let (plain, html) = parts(&letter);
    for paragraph in &message.paragraphs {
        assert!(plain.lines().any(|line| line == paragraph), "{paragraph}: {plain}");
    }
    assert!(plain.lines().any(|line| line.ends_with(&token)), "{plain}");
    assert!(html.contains(&format!("token={token}\"")) && html.contains("Dear Zoé"), "{html}");
    assert!(html.contains("&lt;b&gt;no markup&lt;/b&gt;"), "{html}");
}

#[test]
fn a_recipient_that_is_not_one_plain_address_is_refused() {
    for to in [
        "",
        "a",
        "@",
        "a@",
        "@b.org",
        "a@b.org\r\nBcc: c@d.org",
        "a@b.org\nBcc: c@d.org",
        "a@b.org\rBcc: c@d.org",
        "a\r\n@b.org",
        "a@b.org\0",
        "a@b.org\r\n\r\nHello",
        "a@b.org, c@d.org",
        "a@b.org,c@d.org",
        "a@b.org;c@d.org",
        "<a@b.org>",
        "A <a@b.org>",
        "a@b.org> <c@d.org",
        "a@b.org>\r\nRCPT TO:<c@d.org",
        "\"a b\"@c.org",
        "\"a@b.org\"@c.org",
        "a@b@c.org",
        "a b@c.org",
        "a@b .org",
        "a@[127.0.0.1]",
        "a(comment)@b.org",
        "zoé@example.org",
        "a@exämple.org",
        "a@b.org\u{2028}",
        &format!("{}@example.org", "a".repeat(10_000)),
        &format!("a@{}.org", "b".repeat(10_000)),
    ] {
        let message = Message { to: to.to_owned(), ..message() };
        assert_eq!(letterhead().letter(message).err(), Some(letter::Unwritable::Recipient), "{to:?}");
    }
}

#[test]
fn a_subject_cannot_become_a_header() {
    for subject in [
        "Hello\r\nBcc: c@d.org",
        "Hello\nBcc: c@d.org",
        "Hello\rBcc: c@d.org",
        "Hello\r\n\r\nBody",
        "é\r\nBcc: c@d.org",
        "é\r\n Bcc: c@d.org",
        "\r\nBcc: c@d.org",
        "a\0b",
        "a, b <c@d.org>",
        "=?utf-8?q?=0D=0ABcc:_c@d.org?=",
        "a\u{2028}Bcc: c@d.org",
        &"a".repeat(10_000),
        &"é ".repeat(5_000),
        &"a\r\n".repeat(3_000),
        "",
    ] {
        let bytes = letter(Message { subject: subject.to_owned(), ..message() });
        assert_eq!(header_names(&bytes), HEADERS, "{subject:?}");
        let letter = mailparse::parse_mail(&bytes).unwrap();
        assert_eq!(letter.headers.get_first_value("To").unwrap(), "zoe@example.net", "{subject:?}");
        let _ = parts(&letter);
        let head = bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
        let longest = bytes[..head].split(|byte| *byte == b'\n').map(<[u8]>::len).max();
        assert!(longest < Some(999), "{subject:?}");
    }
}

#[test]
fn text_cannot_become_a_part_or_a_line_of_its_own() {
    let mut message = message();
    message.paragraphs = vec!["Device: x\r\n\r\nhttps://evil.example\r\n--boundary\r\n\0".to_owned()];
    let bytes = letter(message);
    let (plain, _) = parts(&mailparse::parse_mail(&bytes).unwrap());
    assert!(plain.lines().next().unwrap().starts_with("Device: x    https://evil.example"), "{plain}");
}

#[test]
fn a_link_leads_to_our_site_or_there_is_no_letter() {
    for url in [
        "https://evil.example/",
        "https://back.example.org.evil.example/",
        "https://back.example.org@evil.example/",
        "https://back.example.org",
        "javascript:alert(1)",
        "/reset",
        "https://back.example.org/a b",
        "https://back.example.org/\r\nx",
        "https://back.example.org/é",
    ] {
        let mut message = message();
        message.link.as_mut().unwrap().url = url.to_owned();
        assert_eq!(letterhead().letter(message).err(), Some(letter::Unwritable::Link), "{url:?}");
    }
}

#[test]
fn the_sender_is_what_was_set_or_made_of_the_site() {
    let named = |name: &str, url: &str, from: Option<&str>| {
        let settings = Settings { name: name.to_owned(), public_url: url.to_owned(), ..Settings::default() };
        Letterhead::new(from, &settings, NOW).map(|letterhead| {
            let bytes = letterhead.letter(Message { link: None, ..message() }).unwrap().formatted();
            assert_eq!(header_names(&bytes), HEADERS);
            mailparse::parse_mail(&bytes).unwrap().headers.get_first_value("From").unwrap()
        })
    };
    let site = "http://localhost:3000";
    assert_eq!(named("Rücken", site, None).unwrap(), "Rücken <no-reply@localhost>");
    assert_eq!(named("A, B\r\nBcc: c@d.org", site, None).unwrap(), "A, B  Bcc: c@d.org <no-reply@localhost>");
    assert_eq!(named("S", "http://127.0.0.1:3000", None).unwrap(), "S <no-reply@127.0.0.1>");
    assert_eq!(named("S", site, Some("help@example.org")).unwrap(), "help@example.org");
    assert_eq!(named("S", site, Some("Help <help@example.org>")).unwrap(), "Help <help@example.org>");
    for from in ["", "Help", "Help <help>", "Help <help@example.org>\r\nBcc: c@d.org", "a@b.org, c@d.org"] {
        assert_eq!(named("S", site, Some(from)), Err(BadSender), "{from:?}");
    }
}

#[test]
fn mail_to_another_machine_is_encrypted() {
    let server = |url: &str| Mailer::smtp(&url.into(), letterhead()).map(drop);
    for url in [
        "smtps://someone:pa%40ss@mail.example.org",
        "smtps://mail.example.org:465",
        "smtp://someone:secret@mail.example.org:587?tls=required",
        "smtp://127.0.0.1:2525",
        "smtp://localhost:25",
        "smtp://[::1]:25",
    ] {
        assert_eq!(server(url), Ok(()), "{url}");
    }
    for url in ["smtp://mail.example.org", "smtp://mail.example.org?tls=opportunistic", "smtp://127.0.0.1.example.org"]
    {
        assert_eq!(server(url), Err(BadServer::Unencrypted), "{url}");
    }
    for url in ["", "mail.example.org", "http://127.0.0.1", "smtp://", "smtps://", "smtp://127.0.0.1?tls=maybe"] {
        assert!(server(url).is_err(), "{url}");
    }
}

/// The letters in a folder, in the order of their names.
fn letters(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[tokio::test]
async fn a_folder_gets_one_file_a_message_that_only_we_can_read() {
    let data = TempDir::new().unwrap();
    let folder = data.path().join("mail");
    let mailer = Mailer::folder(&folder, letterhead());
    for n in 0..20 {
        mailer.send(Message { subject: format!("Number {n}"), ..message() });
    }
    mailer.flush().await;
    assert_eq!(mailer.unsent(), 0);
    let subjects: Vec<String> = letters(&folder)
        .iter()
        .map(|bytes| mailparse::parse_mail(bytes).unwrap().headers.get_first_value("Subject").unwrap())
        .collect();
    assert_eq!(subjects, (0..20).map(|n| format!("Number {n}")).collect::<Vec<_>>());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in fs::read_dir(&folder).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        assert!(name.starts_with("2026-11-22T12-00-00.000Z-0000") && name.ends_with(".eml"), "{name}");
        assert_eq!(mode(&file.path()), 0o600);
    }
}

/// What is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    /// Our own lines of this level; nothing in the whole log may be about a person.
    fn lines(&self, level: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        for secret in ["zoe", "example.net", "token", "AAAA", "back.example.org", "Choose"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        let lines = text.lines().filter(|line| line.contains(level) && line.contains("app::mail"));
        lines.map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_sent_is_tried_three_times_more_and_given_up() {
    let (log, _logging) = Log::start();
    let data = TempDir::new().unwrap();
    // A file where the folder should be.
    fs::write(data.path().join("mail"), "").unwrap();
    let waits = [30, 60, 90].map(Duration::from_millis);
    let mailer = Mailer::new(Delivery::Folder(data.path().join("mail")), letterhead(), waits);
    let start = Instant::now();
    mailer.send(message());
    mailer.flush().await;
    assert!(start.elapsed() >= waits.iter().sum::<Duration>());
    let (warned, given_up) = (log.lines("WARN"), log.lines("ERROR"));
    assert_eq!((warned.len(), given_up.len()), (3, 1), "{warned:?} {given_up:?}");
    assert!(warned[1].contains("trying again in 60ms") && warned[1].contains("kind=\"reset-password\""), "{warned:?}");
    assert!(given_up[0].contains("given up") && given_up[0].contains("cause="), "{given_up:?}");
    let failed = mailer.standing().failed.unwrap();
    assert_eq!((failed.at, failed.kind), (NOW.millis_i64(), "reset-password"));
    assert!(given_up[0].contains(&failed.cause), "{failed:?}");

    fs::remove_file(data.path().join("mail")).unwrap();
    mailer.send(message());
    mailer.flush().await;
    let standing = mailer.standing();
    assert_eq!((standing.sent, standing.failed), (1, None), "it works again");
}

#[tokio::test]
async fn a_message_that_waits_to_be_tried_again_holds_up_no_other() {
    let data = TempDir::new().unwrap();
    let folder = data.path().join("mail");
    fs::write(&folder, "").unwrap();
    let (log, _logging) = Log::start();
    let mailer = Mailer::new(Delivery::Folder(folder.clone()), letterhead(), [Duration::from_secs(3_600); 3]);
    for _ in 0..20 {
        mailer.send(message());
    }
    until(|| log.lines("WARN").len() == 20).await;
    fs::remove_file(&folder).unwrap();
    mailer.send(Message { subject: "Last".to_owned(), ..message() });
    until(|| mailer.unsent() == 20).await;
    assert_eq!(letters(&folder).len(), 1);
}

async fn until(happened: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if happened() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen in 10 seconds");
}

#[tokio::test]
async fn one_message_too_many_is_dropped_and_nobody_waits() {
    let (log, _logging) = Log::start();
    let data = TempDir::new().unwrap();
    let mailer = Mailer::folder(data.path().join("mail"), letterhead());
    for _ in 0..QUEUE + 3 {
        mailer.send(message());
    }
    assert_eq!((mailer.unsent(), log.lines("ERROR").len()), (QUEUE, 3));
    mailer.flush().await;
    assert_eq!(letters(&data.path().join("mail")).len(), QUEUE);
    mailer.send(message());
    mailer.flush().await;
    assert_eq!(letters(&data.path().join("mail")).len(), QUEUE + 1);
}

#[tokio::test]
async fn a_message_that_cannot_be_written_is_named_in_the_log_and_harms_no_other() {
    let (log, _logging) = Log::start();
    let data = TempDir::new().unwrap();
    let mailer = Mailer::folder(data.path().join("mail"), letterhead());
    mailer.send(Message { to: "zoe@example.net\r\nBcc: zoe@example.net".to_owned(), ..message() });
    mailer.send(message());
    mailer.flush().await;
    let errors = log.lines("ERROR");
    assert!(errors.len() == 1 && errors[0].contains("its recipient is not one plain address"), "{errors:?}");
    assert_eq!(letters(&data.path().join("mail")).len(), 1);
}

/// A mail server that answers the greeting with `greetings`, one a connection, and takes what is sent after a 220.
struct Server {
    url: SecretString,
    /// All that was said to it, line by line.
    said: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(greetings: Vec<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap()).into();
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&said);
        tokio::spawn(async move {
            for greeting in greetings {
                let (stream, _) = listener.accept().await.unwrap();
                // The sender may go away in the middle of a sentence.
                let _ = converse(stream, greeting, &heard).await;
            }
        });
        Self { url, said }
    }

    fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// The letter, as it was before dots were doubled.
    fn letter(&self) -> String {
        let said = self.said();
        let start = said.iter().position(|line| line == "DATA").unwrap() + 1;
        let end = start + said[start..].iter().position(|line| line == ".").unwrap();
        said[start..end].iter().map(|line| format!("{}\r\n", line.strip_prefix('.').unwrap_or(line))).collect()
    }
}

async fn converse(stream: TcpStream, greeting: &str, heard: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(format!("{greeting}\r\n").as_bytes()).await?;
    let mut in_letter = false;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let said = std::mem::take(&mut line).trim_end_matches("\r\n").to_owned();
        heard.lock().unwrap().push(said.clone());
        let answer = match said.as_str() {
            "." if in_letter => {
                in_letter = false;
                "250 taken"
            }
            _ if in_letter => continue,
            "DATA" => {
                in_letter = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            said if said.starts_with("RCPT TO:<nobody@") => "550 5.1.1 <zoe@example.net>: no such token",
            _ => "250 good",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

const GREETING: &str = "220 mail.test ESMTP";
const NOT_NOW: &str = "421 4.3.0 not now, zoe@example.net";
const SOON: [Duration; 3] = [Duration::from_millis(1); 3];

fn impatient(server: &Server) -> Mailer {
    Mailer::new(Delivery::smtp(server.url.expose_secret()).unwrap(), letterhead(), SOON)
}

#[tokio::test]
async fn a_mail_server_gets_the_letter_for_its_one_recipient() {
    let (log, _logging) = Log::start();
    let server = Server::start(vec![GREETING]).await;
    let mailer = Mailer::smtp(&server.url, letterhead()).unwrap();
    let mut message = message();
    message.paragraphs.push(".".to_owned());
    mailer.send(message);
    mailer.flush().await;
    let said = server.said();
    assert!(said.contains(&"MAIL FROM:<no-reply@back.example.org>".to_owned()), "{said:?}");
    let recipients: Vec<&String> = said.iter().filter(|line| line.starts_with("RCPT")).collect();
    assert_eq!(recipients, ["RCPT TO:<zoe@example.net>"]);
    let letter = server.letter();
    let (plain, _) = parts(&mailparse::parse_mail(letter.as_bytes()).unwrap());
    let url = "https://back.example.org/reset-password/choose?token=AAAA-_=&a=1";
    assert!([".", url].iter().all(|text| plain.lines().any(|line| line == *text)), "{plain:?}");
    assert_eq!((log.lines("ERROR").len(), log.lines("WARN").len()), (0, 0));
}

#[tokio::test]
async fn a_server_that_refuses_three_times_gets_the_letter_the_fourth_time() {
    let (log, _logging) = Log::start();
    let server = Server::start(vec![NOT_NOW, NOT_NOW, NOT_NOW, GREETING]).await;
    let mailer = impatient(&server);
    mailer.send(message());
    mailer.flush().await;
    let warned = log.lines("WARN");
    assert_eq!((warned.len(), log.lines("ERROR").len()), (3, 0));
    assert!(warned.iter().all(|line| line.contains("the server answered 421")), "{warned:?}");
    assert!(server.letter().contains("To: zoe@example.net\r\n"));
}

#[tokio::test]
async fn a_server_that_always_refuses_is_left_alone_after_four_times_and_the_log_says_so() {
    let (log, _logging) = Log::start();
    let server = Server::start(vec![NOT_NOW; 4]).await;
    let mailer = impatient(&server);
    mailer.send(message());
    mailer.flush().await;
    let errors = log.lines("ERROR");
    assert_eq!((log.lines("WARN").len(), errors.len()), (3, 1));
    assert!(errors[0].contains("the server answered 421") && errors[0].contains("given up"), "{errors:?}");
}

#[tokio::test]
async fn a_recipient_that_the_server_will_never_take_is_not_tried_again() {
    let (log, _logging) = Log::start();
    let server = Server::start(vec![GREETING]).await;
    let mailer = impatient(&server);
    mailer.send(Message { to: "nobody@example.org".to_owned(), ..message() });
    mailer.flush().await;
    let errors = log.lines("ERROR");
    assert_eq!((log.lines("WARN").len(), errors.len()), (0, 1));
    assert!(errors[0].contains("the server answered 550"), "{errors:?}");
}

#[tokio::test]
async fn no_server_at_all_is_said_in_the_log() {
    let (log, _logging) = Log::start();
    let url = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("smtp://{}", listener.local_addr().unwrap())
    };
    let mailer = Mailer::new(Delivery::smtp(&url).unwrap(), letterhead(), SOON);
    mailer.send(message());
    mailer.flush().await;
    let errors = log.lines("ERROR");
    assert!(errors.len() == 1 && errors[0].contains("refused"), "{errors:?}");
}

/// Encryption needs a provider of it, chosen at run time.
#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_an_error_and_no_panic() {
    let (log, _logging) = Log::start();
    let server = Server::start(vec![GREETING; 4]).await;
    let url = server.url.expose_secret().replace("smtp://", "smtps://");
    let mailer = Mailer::new(Delivery::smtp(&url).unwrap(), letterhead(), SOON);
    mailer.send(message());
    mailer.flush().await;
    assert_eq!(log.lines("ERROR").len(), 1);
    assert!(!server.said().iter().any(|line| line.contains("zoe")));
}

#[test]
fn what_is_printed_for_debugging_is_about_nobody() {
    let mailer = Mailer::smtp(&"smtps://someone:secret@mail.example.org".into(), letterhead()).unwrap();
    assert_eq!(format!("{mailer:?}"), "Mailer(SMTP)");
    let message = format!("{:?} {:?}", message(), message().link);
    assert_eq!(message, "Message { kind: \"reset-password\", .. } Some(Link)");
}
