//! The command line: what it accepts and what `--help` teaches.

mod files;
mod keep;

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Parser, Subcommand};

pub use files::{ApiArgs, ExportFilesArgs, ImportFilesArgs};
pub use keep::{BackupArgs, BenchArgs, CompactArgs, CopyArgs, DoctorArgs, RestoreArgs};

use crate::config::Flags;
use crate::config::setting::{SETTINGS, Setting};

/// Feature flags on your own machines: one server that speaks LaunchDarkly's REST API and SDK protocols.
#[derive(Debug, Parser)]
#[command(name = "wigwag", version, max_term_width = 100, after_help = OVERVIEW)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the server.
    #[command(after_help = SERVE, max_term_width = 100)]
    Serve(Flags),
    /// Run an edge that follows another server and serves its SDKs, also while that server is away.
    #[command(after_help = RELAY, max_term_width = 100)]
    Relay(RelayArgs),
    /// Evaluate exported flags offline.
    #[command(after_help = EVAL, max_term_width = 100)]
    Eval(EvalArgs),
    /// Let the owner in again, or make another one. The server must not be running on SQLite.
    #[command(subcommand)]
    Owner(OwnerVerb),
    /// Make an access token without being signed in.
    #[command(subcommand)]
    Token(TokenVerb),
    /// See and end sessions of members.
    #[command(subcommand)]
    Sessions(SessionsVerb),
    /// See which keys seal secrets, and seal all of them anew with a new key.
    #[command(subcommand)]
    Secrets(SecretsVerb),
    /// Verify and export the record of changes.
    #[command(subcommand)]
    Audit(AuditVerb),
    /// Look at everything a server stands on, and say what to mend.
    #[command(after_help = keep::DOCTOR, max_term_width = 100)]
    Doctor(DoctorArgs),
    /// Write the whole database to files, also while servers use it.
    #[command(after_help = keep::BACKUP, max_term_width = 100)]
    Backup(BackupArgs),
    /// Fill an empty database from a backup, and verify it.
    #[command(after_help = keep::RESTORE, max_term_width = 100)]
    Restore(RestoreArgs),
    /// Move a database to another place or engine: SQLite to PostgreSQL and back.
    #[command(visible_alias = "migrate", after_help = keep::COPY, max_term_width = 100)]
    Copy(CopyArgs),
    /// Write flags, segments, environments and the rest as files that can be diffed.
    #[command(after_help = files::EXPORT, max_term_width = 100)]
    Export(ExportFilesArgs),
    /// Make and change what such files say, here or on another server.
    #[command(after_help = files::IMPORT, max_term_width = 100)]
    Import(ImportFilesArgs),
    /// Give back room that the database does not need any more.
    #[command(after_help = keep::COMPACT, max_term_width = 100)]
    Compact(CompactArgs),
    /// Measure what this machine and its disk can do: commits, evaluations, changes to streams.
    #[command(after_help = keep::BENCH, max_term_width = 100)]
    BenchSelf(BenchArgs),
    /// Write the environments of a Relay Proxy to a file, for its offline mode.
    #[command(after_help = RELAY_ARCHIVE, max_term_width = 100)]
    RelayArchive(RelayArchiveArgs),
    /// Write the OpenAPI document of the REST API: what clients and their types are made from.
    Openapi(OpenapiArgs),
}

/// Arguments of `wigwag openapi`.
#[derive(Debug, clap::Args)]
pub struct OpenapiArgs {
    /// The file to write or replace. Default: standard output.
    #[arg(value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Arguments of `wigwag relay-archive`.
#[derive(Debug, clap::Args)]
pub struct RelayArchiveArgs {
    /// Address of a running server.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8030")]
    pub url: String,
    /// The file to write or replace: a compressed archive.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Arguments of `wigwag relay`.
#[derive(Debug, clap::Args)]
pub struct RelayArgs {
    /// Address of the server to follow: Wigwag, another relay, or LaunchDarkly's streams.
    #[arg(long, value_name = "URL", env = "WIGWAG_RELAY_UPSTREAM")]
    pub upstream: String,
    /// Address to ask for what is no stream: members of big segments. Default: the same.
    #[arg(long = "upstream-polls", value_name = "URL", env = "WIGWAG_RELAY_UPSTREAM_POLLS")]
    pub polls: Option<String>,
    /// Address to send events to. Default: the same.
    #[arg(long = "upstream-events", value_name = "URL", env = "WIGWAG_RELAY_UPSTREAM_EVENTS")]
    pub events: Option<String>,
    /// Address and port to accept connections on.
    #[arg(long, value_name = "ADDR", env = "WIGWAG_RELAY_LISTEN", default_value = "127.0.0.1:8031")]
    pub listen: String,
    /// Directory for what was last known and for events that wait; made when missing.
    #[arg(long, value_name = "DIR", env = "WIGWAG_RELAY_DATA_DIR", default_value = "./relay")]
    pub data_dir: PathBuf,
    /// PEM file with the certificate and those that vouch for it: then the relay speaks TLS only.
    #[arg(long, value_name = "FILE", env = "WIGWAG_RELAY_TLS_CERT", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// PEM file with the key of that certificate.
    #[arg(long, value_name = "FILE", env = "WIGWAG_RELAY_TLS_KEY", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// TOML file that lists the environments to follow.
    #[arg(long, value_name = "FILE", env = "WIGWAG_RELAY_ENVIRONMENTS")]
    pub environments: Option<PathBuf>,
    /// text, or json for a JSON object a line.
    #[arg(long, value_name = "FORMAT", env = "WIGWAG_LOG_FORMAT", default_value = "text")]
    pub log_format: String,
    /// error, warn, info, debug or trace, also for single parts.
    #[arg(long, value_name = "LEVEL", env = "WIGWAG_LOG_LEVEL", default_value = "info")]
    pub log_level: String,
}

/// Verbs of `wigwag owner`.
#[derive(Debug, Subcommand)]
pub enum OwnerVerb {
    /// Make whoever has the address the owner, with a new password; who owned until now becomes an admin.
    Create {
        /// Sign-in name.
        #[arg(long)]
        email: String,
        /// Where.
        #[command(flatten)]
        place: DatabaseArgs,
    },
    /// Give the owner, or another member, a new password.
    ResetPassword {
        /// Another member than the owner.
        #[arg(long)]
        email: Option<String>,
        /// Also switch the second factor off.
        #[arg(long)]
        totp_off: bool,
        /// Where.
        #[command(flatten)]
        place: DatabaseArgs,
    },
}

/// Verbs of `wigwag token`.
#[derive(Debug, Subcommand)]
pub enum TokenVerb {
    /// Print a new access token of the owner, or of another member.
    Issue {
        /// Another member than the owner.
        #[arg(long)]
        email: Option<String>,
        /// Its name in lists.
        #[arg(long, default_value = "Made at the command line")]
        name: String,
        /// Where.
        #[command(flatten)]
        place: DatabaseArgs,
    },
}

/// Verbs of `wigwag sessions`.
#[derive(Debug, Subcommand)]
pub enum SessionsVerb {
    /// One a line: name, member, last use, address, browser.
    List {
        /// Of this member only.
        #[arg(long)]
        email: Option<String>,
        /// Where.
        #[command(flatten)]
        place: DatabaseArgs,
    },
    /// End all, or those of a member.
    End {
        /// Of this member only.
        #[arg(long)]
        email: Option<String>,
        /// Where.
        #[command(flatten)]
        place: DatabaseArgs,
    },
}

/// Verbs of `wigwag secrets`.
#[derive(Debug, Subcommand)]
pub enum SecretsVerb {
    /// One key a line, by an id that tells nothing of it, with what it sealed.
    #[command(after_help = SECRETS, max_term_width = 100)]
    Status {
        /// Where.
        #[command(flatten)]
        place: DatabaseArgs,
    },
    /// Seal everything anew that the first key did not seal. Can be interrupted and called again; servers on
    /// PostgreSQL may go on meanwhile.
    #[command(after_help = SECRETS, max_term_width = 100)]
    Rotate {
        /// Where.
        #[command(flatten)]
        place: DatabaseArgs,
    },
}

/// What to do with the record.
#[derive(Debug, Subcommand)]
pub enum AuditVerb {
    /// Recompute the hash of every change and compare documents with their versions; exit code 1 names the first
    /// break. It only reads, and may be run while a server writes.
    #[command(after_help = AUDIT, max_term_width = 100)]
    Verify(VerifyArgs),
    /// Write every change as a line of JSON, with its hash and that of the one before.
    #[command(after_help = AUDIT, max_term_width = 100)]
    Export(ExportArgs),
}

/// Arguments of `wigwag audit verify`.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// Verify an export instead of a database; - is standard input.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The sequence and hash of a change noted before: what was cut off or made anew since then shows.
    #[arg(long, value_name = "SEQ:HASH")]
    pub noted: Option<String>,
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Arguments of `wigwag audit export`.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// Only changes after this one.
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    pub after: u64,
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Which database: the settings of `wigwag serve`, which are also read from the environment and the file.
#[derive(Debug, Default, clap::Args)]
pub struct DatabaseArgs {
    /// Read settings from this TOML file.
    #[arg(long, value_name = "FILE")]
    config: Option<String>,
    /// Directory of an embedded database.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// PostgreSQL database.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl DatabaseArgs {
    /// As flags of `wigwag serve`.
    #[must_use]
    pub fn flags(&self) -> Flags {
        let given = [("config", &self.config), ("data-dir", &self.data_dir), ("database-url", &self.database_url)];
        Flags(given.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect())
    }
}

/// Arguments of `wigwag eval`.
#[derive(Debug, clap::Args)]
pub struct EvalArgs {
    /// Flags and segments as an SDK polls them: the answer of /sdk/latest-all.
    #[arg(long, value_name = "FILE", required_unless_present = "batch", conflicts_with = "batch")]
    pub data: Option<PathBuf>,
    /// The context to evaluate for, as JSON: {"kind":"user","key":"…",…}.
    #[arg(long, value_name = "FILE", required_unless_present = "batch", conflicts_with = "batch")]
    pub context: Option<PathBuf>,
    /// Only this flag. Default: all of them.
    #[arg(long, value_name = "KEY", conflicts_with = "batch")]
    pub flag: Option<String>,
    /// Say why: every rule, clause and bucket that was looked at.
    #[arg(long, conflicts_with = "batch")]
    pub explain: bool,
    /// Read cases from standard input, one JSON object {flag, segments, otherFlags, context} a line;
    /// write {value, variationIndex, reason} for each.
    #[arg(long)]
    pub batch: bool,
}

const OVERVIEW: &str = "\
Begin with:
  wigwag serve                          start on http://127.0.0.1:8030, keep data in ./data
  wigwag serve --help                   every setting, as flag, environment variable and file
  wigwag eval --data env.json --context ctx.json --flag KEY --explain
  wigwag relay --upstream URL           serve the SDKs of another server close to them
  wigwag owner reset-password           let the owner in again (stop the server first, on SQLite)
  wigwag doctor                         what a server stands on, and what to mend
  wigwag backup --output DIR            all data as files, while the server runs; wigwag restore brings them back

The first start prints the owner's sign-in, an access token and the keys for SDKs.";

const SERVE: &str = "\
Examples:
  wigwag serve
      http://127.0.0.1:8030, reachable from this machine only; data in ./data.
  wigwag serve --listen 0.0.0.0:8030 --public-url https://flags.example.com
      For everybody, behind a proxy that adds TLS.
  wigwag serve --listen 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem
      For everybody, without one.
  WIGWAG_DATABASE_URL=postgres://wigwag:secret@db/wigwag wigwag serve --log-format json
      On PostgreSQL; any number of servers may share one database.
  wigwag serve --config /etc/wigwag.toml
      Settings from a file, in which names are those of the flags: listen = \"0.0.0.0:8030\"

Where things are:
  data        wigwag.db, events.db and their -wal in the data directory, or the PostgreSQL database; wigwag backup copies them
  logs        standard error;  first-start keys: standard output, once
  REST API    /api/v2, described at /docs/api and /api/v2/openapi.json
  SDKs        the same address as base, stream and events URI
  health      /health/live, /health/ready;  metrics: /metrics

First start only, from the environment:
  WIGWAG_INIT_OWNER_EMAIL, WIGWAG_INIT_OWNER_PASSWORD, WIGWAG_INIT_ACCESS_TOKEN
      used instead of generated values; later starts ignore them

Sign-in, from the environment:
  WIGWAG_SMTP_URL, WIGWAG_OIDC_CLIENT_SECRET
      mail server and provider of single sign-on, with their secrets
  WIGWAG_OIDC_GROUPS
      what the provider's groups mean, as JSON; or the table [oidc-groups] of the file

Other secrets, from the environment:
  WIGWAG_SECRET_KEY
      what secret-key-file holds, where there is no place for a file
  WIGWAG_OTLP_HEADERS
      header fields that the collector of traces wants

File < environment < flags. All mistakes are reported together before anything starts.";

const RELAY: &str = "\
What to follow, from the environment because these are secrets:
  WIGWAG_RELAY_AUTO_CONFIG_KEY
      the key of a Relay Proxy configuration: which environments, and all their keys, come from the upstream
  WIGWAG_RELAY_SDK_KEY, WIGWAG_RELAY_CLIENT_SIDE_ID, WIGWAG_RELAY_MOBILE_KEY
      one environment; without the last one no mobile SDKs
or many environments in the file that --environments names:
  [[environment]]
  sdk-key = \"sdk-…\"
  client-side-id = \"…\"
  mobile-key = \"mob-…\"      # may be left out
  secure-mode = false         # whether browsers must prove their context

Examples:
  WIGWAG_RELAY_AUTO_CONFIG_KEY=rel-… wigwag relay --upstream https://flags.example.com --listen 0.0.0.0:8031
  WIGWAG_RELAY_SDK_KEY=sdk-… WIGWAG_RELAY_CLIENT_SIDE_ID=… wigwag relay --upstream https://stream.launchdarkly.com \\
      --upstream-polls https://sdk.launchdarkly.com --upstream-events https://events.launchdarkly.com

SDKs use the relay's address as base, stream and events URI. Its state is at /status, /health/ready and /metrics.";

const SECRETS: &str = "\
A new key, with secrets that the old one sealed:
  1. openssl rand -hex 32          put it below the old key, in the file of every server; start them anew
  2. move it to the first line of every file; start them anew: it seals from here on, both open
  3. wigwag secrets rotate         (on SQLite, with the server stopped)
  4. wigwag secrets status         once the first key sealed everything, drop the old one

With one server, stop it, put the new key on the first line, rotate, drop the old key, start it.";

const AUDIT: &str = "\
Examples:
  wigwag audit verify --data-dir /var/lib/wigwag
  WIGWAG_DATABASE_URL=postgres://… wigwag audit verify --noted 1207:5be1…
  wigwag audit export > record.jsonl
  wigwag audit verify --file record.jsonl
  wigwag audit export --after 1207 >> record.jsonl

The last line of verify is the newest change and its hash. Keep it where who can change the database cannot change
it: a record that was cut off or made anew is whole in itself, and only differs from what was noted.";

const RELAY_ARCHIVE: &str = "\
The key of the Relay Proxy configuration comes from the environment: WIGWAG_RELAY_AUTO_CONFIG_KEY

Example:
  WIGWAG_RELAY_AUTO_CONFIG_KEY=rel-… wigwag relay-archive --url https://flags.example.com --output flags.tar.gz";

const EVAL: &str = "\
Examples:
  curl -H \"Authorization: $SDK_KEY\" http://127.0.0.1:8030/sdk/latest-all > env.json
  echo '{\"kind\":\"user\",\"key\":\"signal-7\"}' > ctx.json
  wigwag eval --data env.json --context ctx.json
  wigwag eval --data env.json --context ctx.json --flag lamp --explain
  wigwag eval --batch < cases.jsonl";

/// The flags of `serve` are made from the list of settings.
impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        SETTINGS.iter().filter(|s| s.from.is_flag()).fold(command, |c, s| c.arg(argument(s)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |s: &'static Setting| Some((s.name, matches.get_one::<String>(s.name)?.clone()));
        Ok(Self(SETTINGS.iter().filter(|s| s.from.is_flag()).filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.extend(Self::from_arg_matches(matches)?.0);
        Ok(())
    }
}

fn argument(setting: &'static Setting) -> Arg {
    let mut help = format!("{} [env: {}]", setting.help, setting.variable());
    if !setting.default.is_empty() {
        help.push_str(&format!(" [default: {}]", setting.default));
    }
    Arg::new(setting.name).long(setting.name).value_name(setting.value).help(help)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_are_collected_by_setting() {
        let cli = Cli::try_parse_from(["wigwag", "serve", "--listen", "127.0.0.1:1", "--data-dir=d"]).unwrap();
        let Verb::Serve(flags) = cli.command else { panic!("serve was asked for") };
        assert_eq!(flags.0.get("listen").unwrap(), "127.0.0.1:1");
        assert_eq!(flags.0.get("data-dir").unwrap(), "d");
        assert_eq!(flags.0.len(), 2);
    }

    #[test]
    fn help_names_every_setting_and_its_variable() {
        let mut command = Cli::command();
        let help = command.find_subcommand_mut("serve").unwrap().render_help().to_string();
        for setting in SETTINGS {
            assert!(help.contains(&setting.variable()), "{} is missing", setting.variable());
        }
    }

    #[test]
    fn eval_wants_data_and_context_or_a_batch() {
        assert!(Cli::try_parse_from(["wigwag", "eval"]).is_err());
        assert!(Cli::try_parse_from(["wigwag", "eval", "--data", "d"]).is_err());
        assert!(Cli::try_parse_from(["wigwag", "eval", "--data", "d", "--context", "c", "--explain"]).is_ok());
        assert!(Cli::try_parse_from(["wigwag", "eval", "--batch"]).is_ok());
        assert!(Cli::try_parse_from(["wigwag", "eval", "--batch", "--flag", "f"]).is_err());
    }
}
