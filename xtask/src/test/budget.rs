//! What the site may weigh, on the slow line of an old phone: a kilobyte is 1,000 bytes, compressed with brotli.

use std::{fmt, fs};

use anyhow::{Context, Result, ensure};

use crate::assets;

#[derive(Debug)]
pub struct Budget {
    what: &'static str,
    files: &'static [&'static str],
    kilobytes: f64,
}

pub const ALL: [Budget; 10] = [
    // With the page's own HTML it stays under the 25 KB of a first visit, which the browser tests measure.
    Budget { what: "the stylesheet", files: &["base.css"], kilobytes: 14.0 },
    Budget { what: "the tracker's stylesheet", files: &["tracker.css"], kilobytes: 6.0 },
    Budget { what: "the summary's stylesheet", files: &["summary.css"], kilobytes: 3.0 },
    Budget { what: "the desk's stylesheet", files: &["desk.css"], kilobytes: 3.0 },
    Budget { what: "the checker's script and wasm", files: &["checker.js", "checker.wasm"], kilobytes: 90.0 },
    Budget { what: "today's script and wasm", files: &["today.js", "today.wasm"], kilobytes: 150.0 },
    Budget { what: "the plan's script and wasm", files: &["planning.js", "planning.wasm"], kilobytes: 150.0 },
    Budget { what: "the session's script and wasm", files: &["session.js", "session.wasm"], kilobytes: 150.0 },
    Budget { what: "the body's script and wasm", files: &["body.js", "body.wasm"], kilobytes: 150.0 },
    Budget { what: "the progress page's script and wasm", files: &["progress.js", "progress.wasm"], kilobytes: 150.0 },
];

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} under {} KB", self.what, self.kilobytes)
    }
}

impl Budget {
    pub fn check(&self) -> Result<()> {
        let manifest = assets::read_manifest()?;
        let mut bytes = 0;
        for name in self.files {
            let file = manifest.get(*name).with_context(|| format!("the site has no {name}"))?;
            let path = assets::path(file, ".br");
            bytes += fs::metadata(&path).with_context(|| format!("cannot read {}", path.display()))?.len();
        }
        let kilobytes = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1000.0;
        ensure!(kilobytes < self.kilobytes, "{kilobytes:.1} KB");
        eprintln!("{} are {kilobytes:.1} KB", self.files.join(" + "));
        Ok(())
    }
}

/// Nothing that a browser loads grows unseen.
pub fn check_all_files_have_one() -> Result<()> {
    for name in assets::read_manifest()?.keys() {
        let has_one = ALL.iter().any(|budget| budget.files.contains(&name.as_str()));
        ensure!(has_one, "{name} has none: give it one in xtask/src/test/budget.rs");
    }
    Ok(())
}
