//! Which crate may depend on which: ARCHITECTURE.md, "Rooms".

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;

/// A crate and those of ours it may depend on. Dependencies of tests are free.
const ROOMS: &[(&str, &[&str])] = &[
    ("wigwag-model", &[]),
    ("wigwag-lanes", &[]),
    ("wigwag-eval", &["wigwag-model", "wigwag-lanes"]),
    ("wigwag-store", &["wigwag-model"]),
    ("wigwag-kit", &["wigwag-model", "wigwag-store"]),
    ("wigwag-auth", &["wigwag-model", "wigwag-store", "wigwag-kit"]),
    ("wigwag-live", &["wigwag-model", "wigwag-eval"]),
    ("wigwag-sdk", &["wigwag-model", "wigwag-eval", "wigwag-live"]),
    ("wigwag-outbound", &[]),
    ("wigwag-console", &[]),
    (
        "wigwag-api",
        &["wigwag-model", "wigwag-eval", "wigwag-store", "wigwag-kit", "wigwag-auth", "wigwag-live", "wigwag-outbound"],
    ),
    ("wigwag-events", &["wigwag-model", "wigwag-store", "wigwag-sdk"]),
    ("wigwag-relay", &["wigwag-model", "wigwag-live", "wigwag-sdk", "wigwag-events"]),
    ("wigwag", &["*"]),
    ("wigwag-testkit", &["*"]),
    ("wigwag-bench", &["*"]),
    ("xtask", &["*"]),
];

/// A dependency from outside and the crates that may name it.
const HOMES: &[(&str, &[&str])] = &[
    ("axum", &["wigwag-sdk", "wigwag", "wigwag-testkit"]),
    ("hyper", &["wigwag-sdk", "wigwag", "wigwag-bench"]),
    ("rusqlite", &["wigwag-store", "wigwag-relay", "wigwag-bench"]),
    ("tokio-postgres", &["wigwag-store", "wigwag-bench"]),
    ("deadpool-postgres", &["wigwag-store"]),
    ("clap", &["wigwag", "wigwag-bench"]),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

/// What breaks the rules.
pub(super) fn check(root: &Path) -> anyhow::Result<Vec<String>> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(root)
        .output()
        .context("cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    let ours: Vec<&str> = metadata.packages.iter().map(|p| p.name.as_str()).collect();
    Ok(metadata.packages.iter().flat_map(|p| wrong_arrows(p, &ours)).collect())
}

fn wrong_arrows(package: &Package, ours: &[&str]) -> Vec<String> {
    let name = package.name.as_str();
    let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == name) else {
        return vec![format!("{name} is not in the table of rooms (xtask/src/tidy/arrows.rs)")];
    };
    let anywhere = allowed.contains(&"*");
    let mut wrong = Vec::new();
    for dependency in package.dependencies.iter().filter(|d| d.kind.as_deref() != Some("dev")) {
        let to = dependency.name.as_str();
        if ours.contains(&to) && !anywhere && !allowed.contains(&to) {
            wrong.push(format!("{name} must not depend on {to}"));
        }
        if HOMES.iter().any(|(outside, homes)| *outside == to && !homes.contains(&name)) {
            wrong.push(format!("{name} must not name {to}"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|(n, k)| Dependency { name: (*n).to_owned(), kind: k.map(str::to_owned) })
            .collect();
        Package { name: name.to_owned(), dependencies }
    }

    #[test]
    fn arrows_upwards_and_strangers_are_found() {
        let ours = ["wigwag-model", "wigwag-store", "wigwag-eval", "new"];
        let eval = package("wigwag-eval", &[("wigwag-model", None), ("wigwag-store", None), ("axum", None)]);
        assert_eq!(
            wrong_arrows(&eval, &ours),
            ["wigwag-eval must not depend on wigwag-store", "wigwag-eval must not name axum"]
        );
        assert_eq!(wrong_arrows(&package("wigwag-eval", &[("wigwag-store", Some("dev"))]), &ours), [""; 0]);
        assert_eq!(wrong_arrows(&package("new", &[]), &ours).len(), 1);
    }
}
