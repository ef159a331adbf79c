//! A PostgreSQL of the tests' own: in a temporary folder, on loopback, gone afterwards. It forgets what it is told when
//! the power fails, and is the quicker for it.

use std::{
    fs::File,
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{
    LOGS,
    process::{Folder, Running, free_port},
};
use crate::{
    command::{output, program, run, succeeds},
    setup,
};

/// Its only user, who needs no password: nobody but this machine can reach it.
const USER: &str = "postgres";

#[derive(Debug)]
pub struct Postgres {
    // Dropped in this order: stopped, then removed.
    _server: Running,
    folder: Folder,
    programs: PathBuf,
    port: u16,
}

/// For tests, which lose nothing when the machine goes down.
const QUICK: &[&str] = &["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
/// As in use.
const DURABLE: &[&str] = &["fsync=on", "synchronous_commit=on"];

impl Postgres {
    pub fn start() -> Result<Self> {
        Self::start_with(QUICK)
    }

    /// What is committed is on the disk.
    pub fn start_durable() -> Result<Self> {
        Self::start_with(DURABLE)
    }

    fn start_with(settings: &[&str]) -> Result<Self> {
        let programs = setup::postgres_programs().context("PostgreSQL is not installed")?;
        let folder = Folder::make("postgres")?;
        let owner = Owner::find()?;
        owner.give(folder.path())?;
        initialise(&programs, folder.path(), &owner)?;
        let port = free_port()?;
        let mut server = serve(&programs, folder.path(), &owner, port, settings)?;
        let is_ready = programs.join("pg_isready");
        server
            .wait_until(|| succeeds(Command::new(&is_ready).args(on(port))))
            .with_context(|| format!("see {LOGS}/postgres.log"))?;
        Ok(Self { _server: server, folder, programs, port })
    }

    /// Where tests make databases of their own.
    pub fn url(&self) -> String {
        self.database_url("postgres")
    }

    /// Where its files are, for tests that look into them.
    pub fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// Makes an empty database and returns its address.
    pub fn create_database(&self, name: &str) -> Result<String> {
        run(Command::new(self.programs.join("createdb")).args(on(self.port)).arg(name))?;
        Ok(self.database_url(name))
    }

    fn database_url(&self, name: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{name}", self.port)
    }
}

fn on(port: u16) -> [String; 6] {
    ["-h", "127.0.0.1", "-U", USER, "-p", &port.to_string()].map(str::to_owned)
}

fn initialise(programs: &Path, folder: &Path, owner: &Owner) -> Result<()> {
    let mut initdb = owner.program(&programs.join("initdb"));
    initdb.arg("--pgdata").arg(folder.join("data"));
    initdb.args(["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"]);
    output(initdb.args(["--no-sync", "--no-instructions"])).map(drop)
}

fn serve(programs: &Path, folder: &Path, owner: &Owner, port: u16, settings: &[&str]) -> Result<Running> {
    let log = File::create(format!("{LOGS}/postgres.log")).context("cannot write PostgreSQL's log")?;
    let mut postgres = owner.program(&programs.join("postgres"));
    postgres.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string()]);
    postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]);
    for setting in settings {
        postgres.args(["-c", setting]);
    }
    postgres.arg("-c").arg(format!("unix_socket_directories={}", folder.display()));
    postgres.stdout(log.try_clone().context("cannot write PostgreSQL's log")?).stderr(log);
    Running::start("PostgreSQL", &mut postgres)
}

/// Who runs PostgreSQL. It refuses to be run by root, and Debian's package comes with a user for it.
#[derive(Debug)]
struct Owner(Option<u32>);

impl Owner {
    fn find() -> Result<Self> {
        if !setup::is_root() {
            return Ok(Self(None));
        }
        let id = output(program("id").args(["-u", USER]))?;
        Ok(Self(Some(id.parse().context("cannot understand a user id")?)))
    }

    fn give(&self, folder: &Path) -> Result<()> {
        chown(folder, self.0, None).with_context(|| format!("cannot give {} to {USER}", folder.display()))
    }

    /// A program run as the owner, and ended when this one ends.
    fn program(&self, path: &Path) -> Command {
        let mut command = program("setpriv");
        if self.0.is_some() {
            command.args(["--reuid", USER, "--regid", USER, "--init-groups"]);
        }
        command.args(["--pdeathsig", "TERM", "--"]).arg(path);
        command
    }
}
