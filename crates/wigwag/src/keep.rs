//! `wigwag backup`, `restore`, `copy` and `compact`: data kept and moved, past any server.

use std::fs;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use wigwag_store::portable::{self, KEY_FILE, Manifest, Scope};
use wigwag_store::{ServerLimits, StoreError};

use crate::cli::{BackupArgs, CompactArgs, CopyArgs, RestoreArgs};
use crate::config::{Config, Database, Environment, SecretKey};
use crate::operator::config;
use crate::server::store_config;

/// Writes a backup; answers what to print.
///
/// # Errors
/// A configuration that is wrong, a database that cannot be read, a directory that cannot be written.
pub fn backup(args: &BackupArgs, environment: Environment<'_>) -> anyhow::Result<String> {
    let config = config(&args.database, environment)?;
    let keys = if args.with_keys { Some(keys(&config)?) } else { None };
    let scope = Scope { events: !args.without_events };
    let place = store_config(&config.database);
    let work = portable::backup(&place, &args.output, scope);
    let manifest = runtime()?.block_on(work).with_context(|| format!("cannot back up {}", config.database.shown()))?;
    if let Some(keys) = &keys {
        put_key(&args.output.join(KEY_FILE), keys).context("the data are written, the keys are not")?;
    }
    let keys = match (&keys, &config.secret_key, &config.database) {
        (Some(_), ..) => "The keys that open sealed secrets are in it: keep it as you keep those secrets.".to_owned(),
        (None, SecretKey::Given(_), _) => "Keep a copy of WIGWAG_SECRET_KEY apart from it.".to_owned(),
        (None, SecretKey::File(path), _) => format!("Keep a copy of {} apart from it.", path.display()),
        (None, SecretKey::Default, Database::Sqlite(dir)) => {
            format!("Keep a copy of {} apart from it.", dir.join(KEY_FILE).display())
        }
        (None, SecretKey::Default, Database::Postgres { .. }) => {
            "Without secret-key-file the keys are in the database and so in it: keep it as you keep secrets.".to_owned()
        }
    };
    let shown = config.database.shown();
    Ok(format!("{shown} is in {}\n{}\n{keys}\n", args.output.display(), told(&manifest)))
}

/// Fills an empty database from a backup; answers what to print.
///
/// # Errors
/// A configuration that is wrong, a backup that is damaged, a place that is not empty.
pub fn restore(args: &RestoreArgs, environment: Environment<'_>) -> anyhow::Result<String> {
    let config = config(&args.database, environment)?;
    let runtime = runtime()?;
    if args.check {
        let manifest = runtime.block_on(checked(&args.from))?;
        return Ok(format!("{} can be restored\n{}\n", args.from.display(), told(&manifest)));
    }
    let place = store_config(&config.database);
    let manifest = runtime.block_on(portable::restore(&args.from, &place));
    let manifest = manifest.with_context(|| format!("cannot restore to {}", config.database.shown()))?;
    let keys = restored_keys(&args.from, &config)?;
    Ok(format!("{} is restored\n{}\n{keys}\n", config.database.shown(), told(&manifest)))
}

async fn checked(from: &Path) -> anyhow::Result<Manifest> {
    // Beside the backup, where there is room for its like.
    let name = from.file_name().with_context(|| format!("{} has no name", from.display()))?;
    let scratch = from.with_file_name(format!("{}.checking", name.to_string_lossy()));
    ensure!(!scratch.exists(), "{} is left from an earlier check: remove it", scratch.display());
    let outcome = portable::check(from, &scratch).await;
    let removed = fs::remove_dir_all(&scratch);
    let manifest = outcome.with_context(|| format!("{} cannot be restored", from.display()))?;
    removed.with_context(|| format!("cannot remove {}", scratch.display()))?;
    Ok(manifest)
}

/// Puts the keys of a backup where a server looks for them, if that is in the directory that was filled.
fn restored_keys(from: &Path, config: &Config) -> anyhow::Result<String> {
    let (kept, file) = (from.join(KEY_FILE), key_place(config));
    Ok(match (kept.exists(), file) {
        (true, Some(file)) if !file.exists() => {
            let text = fs::read_to_string(&kept).with_context(|| format!("cannot read {}", kept.display()))?;
            put_key(&file, &text)?;
            "Start it with wigwag serve.".to_owned()
        }
        (_, Some(file)) if file.exists() => "Start it with wigwag serve.".to_owned(),
        (true, _) => format!("Start servers with secret-key-file naming a copy of {}.", kept.display()),
        (false, Some(file)) => {
            format!("Put the keys that sealed its secrets at {}, then start it with wigwag serve.", file.display())
        }
        (false, None) => "Start servers with the keys that sealed its secrets (secret-key-file).".to_owned(),
    })
}

fn key_place(config: &Config) -> Option<PathBuf> {
    match (&config.secret_key, &config.database) {
        (SecretKey::File(path), _) => Some(path.clone()),
        (SecretKey::Default, Database::Sqlite(dir)) => Some(dir.join(KEY_FILE)),
        _ => None,
    }
}

/// The keys as they are configured.
fn keys(config: &Config) -> anyhow::Result<String> {
    match (&config.secret_key, key_place(config)) {
        (SecretKey::Given(text), _) => Ok(text.clone()),
        (_, Some(path)) => fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display())),
        (_, None) => anyhow::bail!("--with-keys: the keys are kept in the database, so they are in a backup anyway"),
    }
}

fn put_key(path: &Path, text: &str) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Moves a database; answers what to print.
///
/// # Errors
/// A place that is none, a database in use, a target that is not empty.
pub fn copy(args: &CopyArgs) -> anyhow::Result<String> {
    let (from, to) = (place(&args.from), place(&args.to));
    ensure!(from != to, "--from and --to are the same");
    let (source, target) = (store_config(&from), store_config(&to));
    let work = portable::copy(&source, &target, Scope { events: !args.without_events });
    let head = match runtime()?.block_on(work) {
        Err(StoreError::Locked(dir)) => {
            anyhow::bail!("a server is running on {}: stop it first", dir.display())
        }
        done => done.with_context(|| format!("cannot copy {} to {}", from.shown(), to.shown()))?,
    };
    let keys = match &from {
        Database::Sqlite(dir) => format!("{}, unless it had a secret-key-file", dir.join(KEY_FILE).display()),
        Database::Postgres { .. } => "its secret-key-file, if it had one".to_owned(),
    };
    Ok(format!(
        "{} is now also {}\nchange {}:{}\nServers there need the keys that sealed its secrets: {keys}.\n",
        from.shown(),
        to.shown(),
        head.sequence,
        head.hash,
    ))
}

/// What an address of `wigwag copy` means.
fn place(text: &str) -> Database {
    let is_url = ["postgres://", "postgresql://", "host="].iter().any(|start| text.starts_with(start));
    if is_url {
        return Database::Postgres { url: text.to_owned(), connections: 2, limits: ServerLimits::default() };
    }
    Database::Sqlite(PathBuf::from(text.strip_prefix("sqlite:").unwrap_or(text)))
}

/// Gives back room; answers what to print.
///
/// # Errors
/// A configuration that is wrong, a directory in use, a disk without room.
pub fn compact(args: &CompactArgs, environment: Environment<'_>) -> anyhow::Result<String> {
    let config = config(&args.database, environment)?;
    let done = match runtime()?.block_on(wigwag_store::compact(&store_config(&config.database))) {
        Err(StoreError::Locked(dir)) => anyhow::bail!("a server is running on {}: stop it first", dir.display()),
        done => done.with_context(|| format!("cannot compact {}", config.database.shown()))?,
    };
    let unit = 1 << 20;
    Ok(format!("{}: {} MB before, {} MB now\n", config.database.shown(), done.before / unit, done.after / unit))
}

fn told(manifest: &Manifest) -> String {
    let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
    let bytes: u64 = manifest.tables.iter().map(|table| table.bytes).sum();
    let events = if manifest.events { "" } else { ", without events" };
    let head = &manifest.head;
    format!("change {}:{}, {rows} rows in {bytes} bytes{events}", head.sequence, head.hash)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}
