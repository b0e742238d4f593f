//! Files of JSON under a directory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

/// Files by path below the directory, all ending in `.json`.
pub(super) type Tree = BTreeMap<PathBuf, Value>;

/// Where files are, below the directory.
const DIRECTORIES: [&str; 5] = ["projects", "roles", "teams", "members", "webhooks"];

/// The name of a file for a key, which may hold dots but no slashes.
pub(super) fn named(dir: &Path, key: &str) -> PathBuf {
    dir.join(format!("{key}.json"))
}

/// As it stands in a file: two spaces, one item a line, a line end last.
pub(super) fn text(value: &Value) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Writes the files, and removes those of an earlier export that are not among them. How many were written.
pub(super) fn write(dir: &Path, tree: &Tree) -> anyhow::Result<()> {
    let mut old = Vec::new();
    for name in DIRECTORIES {
        files(&dir.join(name), &mut old)?;
    }
    for (path, value) in tree {
        let path = dir.join(path);
        let parent = path.parent().context("a file without a directory")?;
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        fs::write(&path, text(value)?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    for path in old.into_iter().filter(|path| path.strip_prefix(dir).is_ok_and(|path| !tree.contains_key(path))) {
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        // Directories that hold nothing any more go, others stay.
        let _not_empty = path.parent().map(fs::remove_dir);
    }
    Ok(())
}

/// Reads all files.
pub(super) fn read(dir: &Path) -> anyhow::Result<Tree> {
    let mut paths = Vec::new();
    files(dir, &mut paths)?;
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
        Ok((path.strip_prefix(dir)?.to_path_buf(), value))
    };
    paths.into_iter().map(read).collect()
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "json") {
            found.push(path);
        }
    }
    Ok(())
}
