//! Areas of `wigwag-api` do not import each other; what they share is in `read`.

use std::path::{Path, PathBuf};

/// What areas share.
const SHARED: &[&str] = &["read", "common", "deliveries", "due", "lint", "secrets"];

/// The imports there are all the same, each for a reason. The list should not grow.
const NEIGHBOURS: &[(&str, &str)] = &[
    // A new environment starts with a configuration for every flag, which only flags know to write.
    ("environments", "flags"),
    // One that is made after another gets its segments.
    ("environments", "segments"),
    // Who signs in is a member, changes themselves, joins teams by single sign-on, and gets tokens for programs.
    ("sign_in", "members"),
    // Who signed in lets OAuth 2.0 clients act for them.
    ("sign_in", "oauth"),
    ("sign_in", "teams"),
    ("sign_in", "tokens"),
    // A new project is made together with its environments.
    ("projects", "environments"),
];

/// Imports from one area into another.
pub(super) fn check(root: &Path, sources: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let home = root.join("crates/wigwag-api/src");
    let areas = areas(&home)?;
    let mut wrong = Vec::new();
    for path in sources {
        let Some(area) = area_of(&home, path).filter(|a| areas.iter().any(|known| known == a)) else { continue };
        if SHARED.contains(&area.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(path)?;
        let others = areas.iter().filter(|other| **other != area && !SHARED.contains(&other.as_str()));
        let allowed = |other: &str| NEIGHBOURS.contains(&(area.as_str(), other));
        for other in others.filter(|o| !allowed(o) && text.contains(&format!("crate::{o}::"))) {
            wrong.push(format!("{}: imports from the area {other}", super::shown(root, path)));
        }
    }
    Ok(wrong)
}

fn areas(home: &Path) -> anyhow::Result<Vec<String>> {
    let mut areas = Vec::new();
    for entry in std::fs::read_dir(home)? {
        let entry = entry?;
        if entry.path().is_dir() {
            areas.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    areas.sort();
    Ok(areas)
}

fn area_of(home: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(home).ok()?;
    Some(below.components().next()?.as_os_str().to_string_lossy().into_owned())
}
