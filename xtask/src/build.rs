//! Builds: what the browser loads, and the server.

use anyhow::{Context, Result};

use crate::{assets, command::run, setup, style, toolchain::Toolchain, wasm::Browser};

/// For `serve` and `test` alike: `target/debug/sciaticalm`, which reads the site from `target/site`.
pub fn for_development() -> Result<()> {
    let browser = setup::for_building()?;
    site(&browser)?;
    server(&browser.toolchain)
}

/// `target/release/sciaticalm`, with the site inside.
pub fn for_release() -> Result<()> {
    let browser = setup::for_building()?;
    site(&browser)?;
    let mut cargo = browser.toolchain.cargo();
    run(cargo.args(["build", "--release", "--package", "server"])).context("the server does not build")?;
    println!("Done: target/release/sciaticalm");
    Ok(())
}

/// Everything a browser loads, published in one go: a failure leaves the site as it was.
pub fn site(browser: &Browser) -> Result<()> {
    let _hold = assets::hold()?;
    let mut site = style::build()?;
    site.extend(browser.build()?);
    assets::publish(&site)
}

/// Packages are named so that xtask's own dependencies are not built a second time, with the server's features.
pub const PACKAGES: [&str; 4] = ["--package", "app", "--package", "server"];

pub fn server(toolchain: &Toolchain) -> Result<()> {
    assets::make_folders()?;
    run(toolchain.cargo().arg("build").args(PACKAGES)).context("the server does not build")
}
