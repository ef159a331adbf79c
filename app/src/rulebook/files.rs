//! Rule sets as files: each is a folder `rules/VERSION-HASH/` with both texts of its newest revision. A file brings a draft,
//! whatever the rule set was where it comes from: what decides about patients is published by two people, on each site anew.

use super::{
    Texts,
    store::{self, Saving},
    writing::{MOST_LETTERS, version_of},
};
use crate::{Result, clock::Clock, content::ContentFile, db::Db};

/// The files of every rule set.
///
/// # Errors
/// When the database fails.
pub async fn all(db: &Db) -> Result<Vec<ContentFile>> {
    let mut files = vec![];
    for (version, texts) in store::on_file(db).await? {
        let folder = folder(&version, &texts);
        for (name, text) in [("rules", texts.rules), ("vignettes", texts.vignettes)] {
            files.push(ContentFile { name: format!("rules/{folder}/{name}.toml"), text });
        }
    }
    Ok(files)
}

/// The same text has the same name on every site, and two of the same version have two.
fn folder(version: &str, texts: &Texts) -> String {
    let digest = texts.digest();
    let hash = &digest[..12];
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    if !version.is_empty() && version.len() <= 40 && !version.starts_with('.') && version.bytes().all(is_plain) {
        format!("{version}-{hash}")
    } else {
        hash.to_owned()
    }
}

/// What the files of a folder say: the rules, and the people that they are tested with. A draft may be unsound.
///
/// # Errors
/// One sentence where one of them is missing or too long.
pub fn read(folder: &str, [rules, vignettes]: [Option<&ContentFile>; 2], clock: &Clock) -> Result<Saving, String> {
    let text = |file: Option<&ContentFile>, name: &str| {
        let file = file.ok_or_else(|| format!("rules/{folder}: {name} is missing"))?;
        if file.text.chars().count() > MOST_LETTERS {
            return Err(format!("{}, line 1: it has more than {MOST_LETTERS} letters", file.name));
        }
        if let Some(before) = file.text.find('\0') {
            let line = file.text[..before].matches('\n').count() + 1;
            return Err(format!("{}, line {line}: it holds a NUL character", file.name));
        }
        Ok(file.text.replace("\r\n", "\n"))
    };
    let texts = Texts { rules: text(rules, "rules.toml")?, vignettes: text(vignettes, "vignettes.toml")? };
    let version = version_of(&texts.rules);
    Ok(Saving { texts, version, note: "From a file".to_owned(), by: None, at: clock.millis_i64() })
}
