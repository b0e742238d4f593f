//! Pieces of sentences.

use serde_json::Value;
use wigwag_model::doc::{Clause, Flag, Rule, Serve};

pub(super) use crate::common::{code, names};

/// "from ~~`old`~~ to `new`".
pub(super) fn from_to(old: &str, new: &str) -> String {
    format!("from ~~{}~~ to {}", code(old), code(new))
}

/// A variation by its name, else by its value.
pub(super) fn variation(flag: &Flag, index: usize) -> String {
    match flag.variations.get(index) {
        None => format!("variation {index}"),
        Some(variation) => variation.name.clone().unwrap_or_else(|| value(&variation.value)),
    }
}

pub(super) fn value(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What is served, such as "`43%` `true`, `57%` `false`".
pub(super) fn serve(flag: &Flag, serve: &Serve) -> String {
    match serve {
        Serve::Variation(index) => code(&variation(flag, *index)),
        Serve::Rollout(rollout) => {
            let entries = rollout.variations.iter().filter(|entry| entry.weight > 0);
            let share = |weight: u32| format!("`{}%`", f64::from(weight) / 1000.0);
            entries
                .map(|entry| format!("{} {}", share(entry.weight), code(&variation(flag, entry.variation))))
                .collect::<Vec<_>>()
                .join(", ")
        }
    }
}

/// The rule as a block quote under a bullet.
pub(super) fn quote(flag: &Flag, rule: &Rule) -> String {
    let clauses: Vec<_> = rule.clauses.iter().map(clause).collect();
    let when = if clauses.is_empty() { "anybody".to_owned() } else { clauses.join(" **and** ") };
    format!("\n> **If** {when}\n> **serve** {}\n", serve(flag, &rule.serve))
}

fn clause(clause: &Clause) -> String {
    let values: Vec<_> = clause.values.iter().map(value).collect();
    let subject = if clause.op == "segmentMatch" { "context".to_owned() } else { code(&clause.attribute) };
    let verb = verb(&clause.op, clause.negate);
    format!("{subject} **{verb}** {}", names(values.iter().map(String::as_str), "values"))
}

fn verb(op: &str, negate: bool) -> String {
    let verb = match op {
        "in" => "is one of",
        "endsWith" => "ends with",
        "startsWith" => "starts with",
        "matches" => "matches",
        "contains" => "contains",
        "lessThan" => "is less than",
        "lessThanOrEqual" => "is less than or equal to",
        "greaterThan" => "is greater than",
        "greaterThanOrEqual" => "is greater than or equal to",
        "before" => "is before",
        "after" => "is after",
        "segmentMatch" => "is in the segment",
        "semVerEqual" => "is the version",
        "semVerLessThan" => "is a version before",
        "semVerGreaterThan" => "is a version after",
        other => other,
    };
    if negate { format!("not: {verb}") } else { verb.to_owned() }
}

/// Adds the environment to the first line of a bullet.
pub(super) fn say_where(bullet: &mut String, env: &str) {
    let end = bullet.find('\n').unwrap_or(bullet.len());
    bullet.insert_str(end, &format!(" in {}", code(env)));
}
