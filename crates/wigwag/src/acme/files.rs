//! Files that hold secrets.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::Context as _;

/// Writes a file that only this user may read, whole or not at all.
///
/// # Errors
/// The directory cannot be made, the file not be written.
pub(super) fn keep(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    let write = || {
        if let Some(dir) = path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        }
        let draft = path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().with_context(|| format!("acme-dir: {} cannot be written", path.display()))
}
