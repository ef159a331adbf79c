//! The command line and its environment variables.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, str::FromStr};

use anyhow::{Result, bail};
use app::{
    settings,
    site::{Author, Settings},
    tracker::reminders::when::Zone,
    ui::Numbers,
};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use secrecy::SecretString;

use crate::admin::AdminCommand;

/// Sciaticalm: articles, a seek-help checker and an exercise tracker for people with back pain, sciatica and foot drop.
#[derive(Debug, Parser)]
#[command(name = "sciaticalm", version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub store: StoreOptions,
    #[command(flatten)]
    pub logging: LogOptions,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the site: brings the database up to date, loads the starting content, answers requests
    Serve(ServeOptions),
    /// Bring the database up to date, and nothing else
    Migrate,
    /// Write all articles, exercises and rule sets as files into a folder, in place of an earlier export
    Export { folder: PathBuf },
    /// Load articles (.md) and exercises (.toml with .svg) from files or folders, or all of an export from its folder or .zip
    Import {
        /// Say what would change, and change nothing
        #[arg(long)]
        check: bool,
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        site: SiteOptions,
    },
    /// Copy the database to a new file and its pictures to a folder beside it, while the site runs; the keys are not in it
    Backup { path: PathBuf },
    /// Put a backup in place of the database, once the site is stopped; what was there is kept beside it
    Restore { path: PathBuf },
    /// The keys that health entries are encrypted with
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// The staff: who may write, review and administer
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Make the picture on the standard input anew: what the site runs for each picture that somebody uploads
    #[command(hide = true)]
    Picture {
        /// Do not make it anew: say whether it is one that was made here, and write the very bytes
        #[arg(long)]
        as_it_is: bool,
    },
    /// Look after the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Wrap every account's key by a new master key
    Rotate,
    /// Copy the key store to a file, in place of the copy before: there is only ever one
    Backup { path: PathBuf },
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check that nothing in the audit log was changed, removed or put in another order
    Verify {
        /// What an earlier check printed: fails if that event has another hash now
        #[arg(long, value_name = "NUMBER:HASH")]
        noted: Option<Noted>,
    },
}

/// The last event of an earlier check.
#[derive(Clone, Debug)]
pub struct Noted {
    pub number: i64,
    pub hash: String,
}

impl FromStr for Noted {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, hash) = text.split_once(':').ok_or("write it as NUMBER:HASH")?;
        let number = number.parse().map_err(|_| "the part before the colon must be a number")?;
        Ok(Self { number, hash: hash.to_owned() })
    }
}

#[derive(Debug, Args)]
pub struct StoreOptions {
    /// Where SQLite and everything else that must last is kept
    #[arg(long, env = "SCIATICALM_DATA_DIR", default_value = "data", global = true)]
    pub data_dir: PathBuf,
    /// sqlite:PATH or postgres://USER@HOST/NAME [default: SQLite in the data folder]
    #[arg(long, env = "SCIATICALM_DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// Where the accounts' keys are kept, apart from the database: sqlite:PATH or postgres://… [default: keys.db in the data
    /// folder]
    #[arg(long, env = "SCIATICALM_KEYS_URL", hide_env_values = true, global = true)]
    pub keys_url: Option<String>,
    /// Wraps the accounts' keys: 32 bytes in base64. Give it as a variable: others can see a command line [default:
    /// master.key in the data folder, made at the first start]
    #[arg(long, env = "SCIATICALM_MASTER_KEY", hide_env_values = true, global = true)]
    pub master_key: Option<SecretString>,
    /// The master key before, until `keys rotate` is done
    #[arg(long, env = "SCIATICALM_MASTER_KEY_OLD", hide_env_values = true, global = true)]
    pub master_key_old: Option<SecretString>,
    #[command(flatten)]
    pub media: MediaOptions,
}

/// A bucket for the files of pictures.
#[derive(Debug, Default, Args)]
pub struct MediaOptions {
    /// Where the files of pictures are kept: s3://BUCKET or s3://BUCKET/FOLDER, which several servers may share and which holds
    /// nothing else [default: the folder media of the data folder]
    #[arg(long, env = "SCIATICALM_MEDIA_URL", global = true)]
    pub media_url: Option<String>,
    /// The address of the S3 that the bucket is in: https://HOST, or http://HOST:PORT on a network that nobody else is on
    /// [default: Amazon's of the region]
    #[arg(long, env = "SCIATICALM_MEDIA_ENDPOINT", global = true)]
    pub media_endpoint: Option<String>,
    /// The region that the bucket is in
    #[arg(long, env = "SCIATICALM_MEDIA_REGION", default_value = REGION, global = true)]
    pub media_region: String,
    /// The id of the key that may list the bucket, and read, write and delete in it
    #[arg(long, env = "SCIATICALM_MEDIA_KEY_ID", global = true)]
    pub media_key_id: Option<String>,
    /// That key's secret. Give it as a variable: others can see a command line
    #[arg(long, env = "SCIATICALM_MEDIA_SECRET", hide_env_values = true, global = true)]
    pub media_secret: Option<SecretString>,
}

/// Where an S3 that has no regions says it is.
const REGION: &str = "us-east-1";

#[derive(Debug, Args)]
pub struct LogOptions {
    #[arg(long, env = "SCIATICALM_LOG_FORMAT", value_enum, default_value = "text", global = true)]
    pub log_format: LogFormat,
    /// What to log: error, warn, info, debug, or by part ("info,sqlx=debug")
    #[arg(long, env = "SCIATICALM_LOG", default_value = "info", global = true)]
    pub log: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Where to listen
    #[arg(long, env = "SCIATICALM_ADDR", default_value = "127.0.0.1:3000")]
    pub addr: SocketAddr,
    /// A certificate and those that lead up to it, in PEM: the site is then served over TLS. Read again on SIGHUP
    #[arg(long, env = "SCIATICALM_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM
    #[arg(long, env = "SCIATICALM_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// The site's address as readers see it [default: http://localhost and the port, or https:// with a certificate]
    #[arg(long, env = "SCIATICALM_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// How many proxies of your own a request passes before it is here: so many addresses of X-Forwarded-For are believed
    #[arg(long, env = "SCIATICALM_TRUSTED_PROXIES", default_value_t = 0)]
    pub trusted_proxies: usize,
    /// Requests a second that one address may make to the API; three times as many at once
    #[arg(long, env = "SCIATICALM_API_RATE", default_value = "20")]
    pub api_rate: NonZeroU32,
    /// Whether the site asks now and then, without any visitor, whether the links of its articles to other sites still lead
    /// somewhere, and tells editors; false for a server that must not call out
    #[arg(long, env = "SCIATICALM_CHECK_LINKS", default_value_t = true, action = ArgAction::Set)]
    pub check_links: bool,
    #[command(flatten)]
    pub mail: MailOptions,
    #[command(flatten)]
    pub site: SiteOptions,
}

#[derive(Debug, Args)]
pub struct MailOptions {
    /// The mail server: smtps://USER:PASSWORD@HOST, smtp://USER:PASSWORD@HOST:587?tls=required, or smtp://127.0.0.1:PORT
    /// [default: e-mails are written into the data folder]
    #[arg(long, env = "SCIATICALM_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,
    /// Whom e-mails are from [default: the site's name, and no-reply@ the site's host]
    #[arg(long, env = "SCIATICALM_MAIL_FROM")]
    pub mail_from: Option<String>,
}

/// What a new site starts with. Once settings were saved at `/admin/settings`, those count instead.
#[derive(Clone, Debug, Args)]
pub struct SiteOptions {
    #[arg(long, env = "SCIATICALM_SITE_NAME", default_value = "Sciaticalm")]
    pub site_name: String,
    /// The site's own help line: not for emergencies
    #[arg(long, env = "SCIATICALM_HELP_LINE", default_value = "02380 248725")]
    pub help_line: String,
    /// When it is answered: "Monday to Friday, 9 to 5"
    #[arg(long, env = "SCIATICALM_HELP_HOURS", default_value = "")]
    pub help_hours: String,
    /// The number for an ambulance
    #[arg(long, env = "SCIATICALM_EMERGENCY_NUMBER", default_value = "999")]
    pub emergency_number: String,
    /// The number for urgent help that is no emergency
    #[arg(long, env = "SCIATICALM_URGENT_NUMBER", default_value = "111")]
    pub urgent_number: String,
    /// What people call that service
    #[arg(long, env = "SCIATICALM_URGENT_NAME", default_value = "NHS 111")]
    pub urgent_name: String,
    /// Whom to call in pregnancy, as in "Call … now"
    #[arg(long, env = "SCIATICALM_MATERNITY", default_value = "your maternity unit")]
    pub maternity: String,
    /// Who listens day and night to people in despair
    #[arg(long, env = "SCIATICALM_LISTENING", default_value = "Samaritans on 116 123")]
    pub listening: String,
    /// Signs articles that name no author
    #[arg(long, env = "SCIATICALM_AUTHOR", default_value = "Sciaticalm Medical Team")]
    pub author: String,
    /// By whose clocks the desk tells times, from the IANA's list
    #[arg(long, env = "SCIATICALM_TIME_ZONE", default_value = "Europe/London")]
    pub time_zone: String,
}

impl SiteOptions {
    /// # Errors
    /// What no site can have, as a sentence: nobody may be told to call nothing.
    pub fn settings(self, public_url: String) -> Result<Settings> {
        let Some(zone) = Zone::named(&self.time_zone) else {
            bail!("there is no time zone {:?} (SCIATICALM_TIME_ZONE)", self.time_zone);
        };
        let britain = Numbers::default();
        let country =
            if self.emergency_number == britain.emergency && self.urgent_number == britain.urgent { "GB" } else { "" };
        let settings = Settings {
            name: self.site_name,
            numbers: Numbers {
                emergency: self.emergency_number,
                urgent: self.urgent_number,
                urgent_name: self.urgent_name,
                help_line: self.help_line,
                maternity: self.maternity,
                listening: self.listening,
            },
            country: country.to_owned(),
            help_hours: self.help_hours,
            authors: vec![Author { name: self.author, about: String::new() }],
            zone,
            public_url: public_url.trim_end_matches('/').to_owned(),
            ..Settings::default()
        };
        let problems = settings::check(&settings);
        if let Some((_, problem)) = problems.iter().next() {
            bail!("the site cannot be started with these settings: {problem}");
        }
        Ok(settings)
    }
}
