//! The settings that were saved at the desk: taken over where a site can have them, and a copy of the last in the data folder, for a
//! start without the database.

use std::{fs, io, path::Path};

use app::{settings::Saved, site::Settings};

use crate::rules;

/// A copy of the last save that was taken over.
const FILE: &str = "settings.saved.json";

/// The settings to go on with, and what is to be said about those that were refused.
#[derive(Debug)]
pub struct Taken {
    pub settings: Settings,
    pub refused: Option<String>,
}

/// What a site goes on with once this was saved: `now` where this program cannot use it. The address is what the process was started
/// with.
pub fn take_over(given: &Settings, now: &Settings, save: &Saved) -> Taken {
    match save.read(&given.public_url) {
        Ok(settings) => {
            tracing::info!(number = save.number, "using the settings that were saved at the desk");
            Taken { settings, refused: None }
        }
        Err(problems) => {
            tracing::error!(number = save.number, "the saved settings were refused: {}", problems.join("; "));
            let refused = format!("save {} was refused (see the log); using the settings before it", save.number);
            Taken { settings: now.clone(), refused: Some(refused) }
        }
    }
}

/// The copy of the last save; nothing where there is none, or it cannot be read.
pub fn last(folder: &Path) -> Option<Saved> {
    let text = fs::read_to_string(folder.join(FILE)).ok()?;
    let read = serde_json::from_str(&text);
    read.inspect_err(|error| tracing::warn!(%error, "the copy of the saved settings cannot be read")).ok()
}

/// Keeps a copy of a save.
pub fn keep(folder: &Path, save: &Saved) {
    let written = serde_json::to_string(save).map_err(io::Error::other);
    if let Err(error) = written.and_then(|text| rules::write(folder, FILE, &text)) {
        tracing::warn!(%error, "cannot keep a copy of the saved settings in {}", folder.display());
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn save(number: i64, settings: &Settings) -> Saved {
        Saved { number, settings: serde_json::to_string(settings).unwrap() }
    }

    #[test]
    fn what_was_saved_is_there_again_after_a_start() {
        let folder = TempDir::new().unwrap();
        assert!(last(folder.path()).is_none());
        let saved = save(4, &Settings { name: "Backs".to_owned(), ..Settings::default() });
        keep(folder.path(), &saved);
        assert_eq!(last(folder.path()), Some(saved));
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert!(last(folder.path()).is_none());
    }

    #[test]
    fn what_no_site_can_have_changes_nothing() {
        let given = Settings { public_url: "https://backs.example".to_owned(), ..Settings::default() };
        let now = Settings { name: "Backs".to_owned(), ..given.clone() };
        let taken = take_over(&given, &now, &save(4, &Settings { name: "Spines".to_owned(), ..Settings::default() }));
        assert_eq!(
            (taken.settings.name.as_str(), taken.settings.public_url.as_str()),
            ("Spines", "https://backs.example")
        );
        assert!(taken.refused.is_none());
        let mut silent = now.clone();
        silent.numbers.emergency.clear();
        let taken = take_over(&given, &now, &save(5, &silent));
        assert_eq!(taken.settings, now);
        assert!(taken.refused.unwrap().contains("save 5 was refused"));
    }
}
