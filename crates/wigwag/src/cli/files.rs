//! Arguments of `wigwag export` and `wigwag import`.

use std::path::PathBuf;

/// A running server, and who asks.
#[derive(Debug, clap::Args)]
pub struct ApiArgs {
    /// Address of a running server.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8030", env = "WIGWAG_URL")]
    pub url: String,
}

/// Arguments of `wigwag export`.
#[derive(Debug, clap::Args)]
pub struct ExportFilesArgs {
    /// Only this project. Default: all of them, with custom roles, teams, members and webhooks.
    #[arg(long, value_name = "KEY")]
    pub project: Option<String>,
    /// Directory to write. What an earlier export left there is replaced, and removed where it is gone.
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Where.
    #[command(flatten)]
    pub api: ApiArgs,
}

/// Arguments of `wigwag import`.
#[derive(Debug, clap::Args)]
pub struct ImportFilesArgs {
    /// Directory that wigwag export wrote.
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// Only this project of it.
    #[arg(long, value_name = "KEY")]
    pub project: Option<String>,
    /// Import that project under another key.
    #[arg(long, value_name = "KEY", requires = "project")]
    pub into: Option<String>,
    /// Only say what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Comment of the changes, for the audit log.
    #[arg(long, value_name = "TEXT", default_value = "Imported")]
    pub comment: String,
    /// Where.
    #[command(flatten)]
    pub api: ApiArgs,
}

pub(super) const EXPORT: &str = "\
The access token comes from the environment: WIGWAG_ACCESS_TOKEN

Examples:
  wigwag export --output ./flags && git -C ./flags diff
  wigwag export --project default --output ./flags --url https://flags.example.com

One file of JSON for each project, environment, flag, segment, role, team, member and webhook, in a stable order: an
export of what did not change is the same byte for byte. With --project, only what belongs to it.

Left out: SDK keys, passwords and other secrets, access tokens, integrations, approvals and their settings, schedules,
members of big segments, and what events told. wigwag backup and wigwag copy take all of it along.";

pub(super) const IMPORT: &str = "\
The access token comes from the environment: WIGWAG_ACCESS_TOKEN

Examples:
  wigwag import --from ./flags --dry-run
  wigwag import --from ./flags --project default --into copy
  wigwag import --from ./flags --url https://other.example.com

What is missing is made and what differs is changed, through the REST API: checked, allowed or refused for the token, and
in the audit log like any change. What is not in the files stays. Called again it finds nothing left to do. New
environments get new SDK keys, and percentage rollouts put contexts into other parts there. Roles, teams and members
that are there already stay as they are; new members are invited, new webhooks that sign get a new secret.";
