//! The process around the product: command line, start and stop, router, middleware, built files.

mod admin;
pub mod assets;
mod audit;
pub mod backup;
pub mod bucket;
pub mod config;
mod content_files;
mod error_pages;
mod health;
mod installed;
pub mod keys;
pub mod limits;
pub mod links;
mod logging;
mod memory;
mod middleware;
mod picture;
pub mod router;
mod rules;
mod saved;
mod serve;
pub mod start;
pub mod takeover;
mod tls;
mod worker;

use anyhow::{Context, Result};
use config::{AuditCommand, Cli, Command, KeysCommand};

/// Does what the command line says, until it is done or told to stop.
///
/// # Errors
/// What prevented it, as one sentence with its causes.
pub fn run(cli: Cli) -> Result<()> {
    if let Command::Picture { as_it_is } = cli.command {
        // Before there are threads, files or a log.
        return picture::run(as_it_is);
    }
    memory::keep_little();
    logging::start(&cli.logging)?;
    // Leptos spawns nothing on our pages, but asks for an executor when it renders.
    any_spawner::Executor::init_tokio().context("the executor is set already")?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(options) => serve::serve(&cli.store, options).await,
            Command::Picture { as_it_is } => picture::run(as_it_is),
            Command::Migrate => start::migrate(&cli.store).await,
            Command::Admin(command) => admin::run(&cli.store, command).await,
            Command::Audit(AuditCommand::Verify { noted }) => audit::verify(&cli.store, noted).await,
            Command::Import { check, paths, site } => content_files::import(&cli.store, &site, &paths, check).await,
            Command::Export { folder } => content_files::export(&cli.store, &folder).await,
            Command::Backup { path } => backup::backup(&cli.store, &path).await,
            Command::Restore { path } => backup::restore(&cli.store, &path).await,
            Command::Keys { command: KeysCommand::Rotate } => keys::rotate(&cli.store).await,
            Command::Keys { command: KeysCommand::Backup { path } } => keys::backup(&cli.store, &path).await,
        }
    })
}
