//! Rules of the house that a machine can check.

mod areas;
mod arrows;
mod secrets;
mod text;

use std::path::{Path, PathBuf};

/// Checks all rules; reports what people should look at.
pub(crate) fn run(root: &Path) -> anyhow::Result<()> {
    let mut wrong = arrows::check(root)?;
    let sources = sources(root)?;
    wrong.extend(text::check(root, &sources)?);
    wrong.extend(areas::check(root, &sources)?);
    wrong.extend(secrets::check(root)?);
    for page in [crate::coverage::check(root), crate::openapi::check(root), crate::settings::check(root)] {
        wrong.extend(page.err().map(|e| e.to_string()));
    }
    for long in text::long_files(root, &sources)? {
        crate::say(&format!("look at: {long}"));
    }
    if wrong.is_empty() {
        crate::say("tidy: nothing wrong");
        return Ok(());
    }
    anyhow::bail!("tidy: {} wrong\n{}", wrong.len(), wrong.join("\n"))
}

/// Every Rust source of the workspace, in order.
fn sources(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in ["crates", "xtask", "bench", "fuzz"] {
        walk(&root.join(folder), &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|n| n != "target" && n != "node_modules") {
                walk(&path, found)?;
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// The path below the workspace, for messages.
fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}
