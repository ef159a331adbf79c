//! The e-mails that the site sent, as a mail program reads them.

use std::{fs, path::Path};

use app::{
    mail::{Letterhead, Mailer},
    site::Settings,
};
use mailparse::MailHeaderMap;

use super::NOW;

#[derive(Debug)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub plain: String,
    pub html: String,
    /// Names and values, as they came.
    pub headers: Vec<(String, String)>,
}

impl Letter {
    /// Where it leads: the line that is an address, from its path on.
    pub fn link(&self) -> &str {
        let public_url = Settings::default().public_url;
        let mut paths = self.plain.lines().filter_map(|line| line.strip_prefix(&public_url));
        // The last line names the site, without a path.
        paths.find(|path| path.starts_with('/')).unwrap_or_else(|| panic!("no link: {}", self.plain))
    }

    /// Nothing where there is none of that name.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(there, _)| there == name).map_or("", |(_, value)| value)
    }
}

/// Writes into the folder's `mail`.
pub fn mailer(folder: &Path) -> Mailer {
    Mailer::folder(folder.join("mail"), Letterhead::new(None, &Settings::default(), NOW).unwrap())
}

/// Those in the folder's `mail`, in the order of sending.
pub fn letters(folder: &Path) -> Vec<Letter> {
    let Ok(files) = fs::read_dir(folder.join("mail")) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| read(&fs::read(path).unwrap())).collect()
}

fn read(bytes: &[u8]) -> Letter {
    let letter = mailparse::parse_mail(bytes).unwrap();
    let header = |name: &str| letter.headers.get_first_value(name).unwrap();
    let part = |place: usize| letter.subparts[place].get_body().unwrap().replace("\r\n", "\n");
    let headers = letter.headers.iter().map(|header| (header.get_key(), header.get_value())).collect();
    Letter { to: header("To"), subject: header("Subject"), plain: part(0), html: part(1), headers }
}
