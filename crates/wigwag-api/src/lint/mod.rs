//! The linter: what is probably not meant in a flag. Pure, over the stored documents.
//!
//! A finding is about what a flag does in one environment, by a JSON pointer into the flag's representation.
//! `error` is for what can never have the effect it seems to have, `warning` for what probably is a slip, `info`
//! for what is good to know.

mod clauses;
mod exposure;
mod prerequisites;
mod rules;
mod targets;
#[cfg(test)]
mod tests;
mod values;
mod weights;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_model::doc::{Flag, FlagConfig};

/// Something that is probably not meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LintFinding")]
pub struct Finding {
    /// What kind of thing: `unreachable-rule`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Key of the environment.
    pub environment: String,
    /// JSON pointer into the flag's representation.
    pub path: String,
    /// For people.
    pub message: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "LintSeverity")]
pub enum Severity {
    /// It cannot have the effect it seems to have.
    Error,
    /// Probably a slip.
    Warning,
    /// Good to know.
    Info,
}

/// Another flag, as far as prerequisites go.
#[derive(Clone, Debug)]
pub struct Other {
    /// What it is.
    pub flag: Flag,
    /// What it does, by environment.
    pub configs: BTreeMap<String, FlagConfig>,
}

/// Every finding about a flag in the environments given, worst first within each. `others` are the flags that it
/// names as prerequisites; one that is absent does not exist.
#[must_use]
pub fn lint(flag: &Flag, configs: &BTreeMap<String, FlagConfig>, others: &BTreeMap<String, Other>) -> Vec<Finding> {
    let mut all = Vec::new();
    for (environment, config) in configs {
        let mut notes = Notes { environment, found: Vec::new() };
        rules::check(config, &mut notes);
        targets::check(config, &mut notes);
        weights::check(config, &mut notes);
        values::check(config, &mut notes);
        prerequisites::check(config, others, &mut notes);
        exposure::check(flag, config, &mut notes);
        switched_off(config, &mut notes);
        notes.found.sort_by_key(|finding| finding.severity);
        all.append(&mut notes.found);
    }
    all
}

/// Findings in one environment.
struct Notes<'a> {
    environment: &'a str,
    found: Vec<Finding>,
}

impl Notes<'_> {
    /// Notes a finding; `path` is below the environment.
    fn note(&mut self, severity: Severity, code: &'static str, path: &str, message: String) {
        let environment = self.environment.to_owned();
        let path = format!("/environments/{}/{path}", environment.replace('~', "~0").replace('/', "~1"));
        self.found.push(Finding { code, severity, environment, path, message });
    }
}

fn switched_off(config: &FlagConfig, notes: &mut Notes<'_>) {
    let targeted = config.targets.iter().any(|target| !target.values.is_empty());
    if !config.on && (targeted || !config.rules.is_empty()) {
        let message = "The flag is off here: its targets and rules serve nobody".to_owned();
        notes.note(Severity::Info, "targeting-while-off", "on", message);
    }
}
