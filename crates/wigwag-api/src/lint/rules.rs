//! Rules that nobody reaches, that nobody matches, and clauses that say nothing.

use wigwag_model::doc::{FlagConfig, Rule};

use super::clauses::{Exclusion, exclude, implies, is_always_true, is_never_true};
use super::{Notes, Severity};

/// Rules that are compared with those before them; beyond that the search would take too long.
const MOST_COMPARED: usize = 300;

pub(super) fn check(config: &FlagConfig, notes: &mut Notes<'_>) {
    for (at, rule) in config.rules.iter().enumerate() {
        clauses(at, rule, notes);
        if let Some(earlier) = config.rules[..at.min(MOST_COMPARED)].iter().position(|earlier| covers(earlier, rule)) {
            let message =
                format!("Rule {} is never reached: rule {} matches everybody it matches", at + 1, earlier + 1);
            notes.note(Severity::Error, "unreachable-rule", &format!("rules/{at}"), message);
        }
    }
}

/// Whoever matches the later rule matches the earlier one.
fn covers(earlier: &Rule, later: &Rule) -> bool {
    earlier.clauses.iter().all(|wider| later.clauses.iter().any(|clause| implies(clause, wider)))
}

fn clauses(at: usize, rule: &Rule, notes: &mut Notes<'_>) {
    for (nth, clause) in rule.clauses.iter().enumerate() {
        let path = format!("rules/{at}/clauses/{nth}");
        if is_always_true(clause) {
            let message = format!("Clause {} matches whoever has the attribute {}", nth + 1, clause.attribute);
            notes.note(Severity::Warning, "always-true-clause", &path, message);
        }
        if is_never_true(clause) {
            let message = format!("Clause {} matches nobody, and so does rule {}", nth + 1, at + 1);
            notes.note(Severity::Error, "never-true-clause", &path, message);
        }
        for (other, before) in rule.clauses[..nth].iter().enumerate() {
            match exclude(before, clause) {
                Some(Exclusion::Certain) => {
                    let message = format!("Clauses {} and {} cannot hold together", other + 1, nth + 1);
                    notes.note(Severity::Error, "contradiction", &path, message);
                }
                Some(Exclusion::UnlessList) => {
                    let attribute = &clause.attribute;
                    let message = format!(
                        "Clauses {} and {} cannot hold together unless {attribute} is a list",
                        other + 1,
                        nth + 1
                    );
                    notes.note(Severity::Warning, "contradiction", &path, message);
                }
                None => {}
            }
        }
    }
}
