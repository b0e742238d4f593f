//! The keys that seal secrets: read from where the configuration says, made on the first start.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use wigwag_kit::Keyring;
use wigwag_model::id::Ids;

use crate::config::{Config, Database, SecretKey};

/// The key ring that is configured; none when it is to be kept in the database.
///
/// # Errors
/// A file that cannot be read or made, or holds no keys.
pub(crate) fn configured(config: &Config, ids: &Ids) -> anyhow::Result<Option<Keyring>> {
    if let (SecretKey::Default, Database::Sqlite(dir)) = (&config.secret_key, &config.database) {
        make(&key_file(dir), ids)?;
    }
    existing(config)
}

/// The same, without making one where there is none.
///
/// # Errors
/// A file that cannot be read, or holds no keys.
pub(crate) fn existing(config: &Config) -> anyhow::Result<Option<Keyring>> {
    match (&config.secret_key, &config.database) {
        (SecretKey::Given(text), _) => given(text).map(Some),
        (SecretKey::File(path), _) => from_file(path).map(Some),
        (SecretKey::Default, Database::Sqlite(dir)) => from_file(&key_file(dir)).map(Some),
        (SecretKey::Default, Database::Postgres { .. }) => Ok(None),
    }
}

fn given(text: &str) -> anyhow::Result<Keyring> {
    Keyring::parse(text).map_err(|e| anyhow::anyhow!("WIGWAG_SECRET_KEY: {e}"))
}

fn key_file(dir: &Path) -> PathBuf {
    dir.join("secret.key")
}

fn from_file(path: &Path) -> anyhow::Result<Keyring> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Keyring::parse(&text).map_err(|e| anyhow::anyhow!("{}: {e}", path.display()))
}

/// Writes a new key, for its owner's eyes only, unless there is a file already.
fn make(path: &Path, ids: &Ids) -> anyhow::Result<()> {
    if path.exists() {
        return Ok(());
    }
    // Under another name first, on disk before it is seen: half a key would lock everything up.
    let draft = path.with_extension("key.new");
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        writeln!(file, "# Seals the secrets in the database beside it. Keep a copy apart from backups of the data.")?;
        writeln!(file, "{}", hex::encode(ids.key()))?;
        file.sync_all()?;
        match fs::hard_link(&draft, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        fs::remove_file(&draft)?;
        path.parent().map_or(Ok(()), |dir| fs::File::open(dir)?.sync_all())
    };
    write().with_context(|| format!("cannot make {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret.key");
        make(&path, &Ids::seeded(1)).unwrap();
        let first = fs::read_to_string(&path).unwrap();
        make(&path, &Ids::seeded(2)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), first);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(from_file(&path).is_ok());
        assert!(!dir.path().join("secret.key.new").exists());
    }
}
