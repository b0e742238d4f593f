//! `docs/operate/configure.md`: a head by hand, then a table from the list of settings.

use std::fmt::Write;
use std::path::Path;

use wigwag::config::setting::{SETTINGS, Setting};

const PAGE: &str = "docs/operate/configure.md";
const HEAD: &str = include_str!("settings-head.md");

/// Writes the page.
pub(crate) fn write(root: &Path) -> anyhow::Result<()> {
    crate::generated(&root.join(PAGE), &page(), false, "settings")
}

/// Fails when the page differs from what would be written.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    crate::generated(&root.join(PAGE), &page(), true, "settings")
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("| flag | environment | file | default | what it does |\n|---|---|---|---|---|\n");
    for setting in SETTINGS {
        let _infallible = writeln!(page, "{}", row(setting));
    }
    page
}

fn row(s: &Setting) -> String {
    let flag = if !s.from.is_flag() { "–".to_owned() } else { format!("`--{} {}`", s.name, s.value) };
    let file = if s.from.is_file() { format!("`{}`", s.name) } else { "–".to_owned() };
    let default = if s.default.is_empty() { "none".to_owned() } else { format!("`{}`", s.default) };
    format!("| {flag} | `{}` | {file} | {default} | {} |", s.variable(), s.help)
}
