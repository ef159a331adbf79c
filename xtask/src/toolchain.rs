//! Which Rust builds: the one in use, or Debian's where rustup cannot add what the browser build needs.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::command::{output, program};

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Debian's Rust, under the name that the set-up gives it in rustup.
pub const DEBIAN: &str = "debian-web";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// As rustup names it; `None` for the one in use.
    name: Option<&'static str>,
    sysroot: PathBuf,
}

impl Toolchain {
    /// The one that `cargo` and `rustc` mean here.
    pub fn in_use() -> Result<Self> {
        let sysroot = output(program("rustc").args(["--print", "sysroot"]))?;
        Ok(Self { name: None, sysroot: sysroot.into() })
    }

    /// Debian's, if the set-up has made it known to rustup.
    pub fn debian() -> Option<Self> {
        let mut rustc = program("rustc");
        let sysroot = output(rustc.env("RUSTUP_TOOLCHAIN", DEBIAN).args(["--print", "sysroot"])).ok()?;
        let debian = Self { name: Some(DEBIAN), sysroot: sysroot.into() };
        // Without rustup the variable means nothing, and `rustc` is what it always is.
        debian.is_debian().then_some(debian)
    }

    fn is_debian(&self) -> bool {
        self.sysroot == Path::new("/usr")
    }

    /// Has the target's standard library, ready made.
    pub fn has_wasm_target(&self) -> bool {
        self.sysroot.join("lib/rustlib").join(WASM_TARGET).join("lib").is_dir()
    }

    /// Has the standard library's sources, from which it can be made for any target.
    pub fn has_sources(&self) -> bool {
        self.sysroot.join("lib/rustlib/src/rust/library/Cargo.lock").is_file()
    }

    /// Rust's own programs under this toolchain, building into `target/` of the workspace.
    pub fn program(&self, name: &str) -> Command {
        let mut command = program(name);
        command.env("CARGO_TARGET_DIR", "target");
        if let Some(name) = self.name {
            command.env("RUSTUP_TOOLCHAIN", name);
        }
        command
    }

    pub fn cargo(&self) -> Command {
        self.program("cargo")
    }
}
