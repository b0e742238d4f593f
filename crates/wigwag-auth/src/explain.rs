//! Why something is allowed or denied.

use serde_json::Value;
use wigwag_kit::Spec;

use crate::Permissions;
use crate::origin::Origin;
use crate::permissions::{Roles, needs_view};
use crate::policy::Verdict;

/// A decision and everything that had a say in it.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What [`wigwag_kit::Authority::decide`] answers.
    pub allowed: bool,
    /// Each of these must allow. Of a subject inside a project, seeing the project comes first.
    pub checks: Vec<Check>,
}

/// One action asked of the roles of one subject.
#[derive(Clone, Debug)]
pub struct Check {
    /// `member`, `token` or `limit`: what the maker of a token could do.
    pub subject: &'static str,
    /// The action asked.
    pub action: String,
    /// On what.
    pub resource: String,
    /// Whether one of the roles allows it.
    pub allowed: bool,
    /// What each role says that says anything, in order.
    pub rulings: Vec<Ruling>,
}

/// What one role says.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// Which role.
    pub origin: Origin,
    /// Whether it allows; otherwise it denies, which counts inside the role only.
    pub allows: bool,
    /// Index of the statement in the role's policy; none where its base permissions decide.
    pub statement: Option<usize>,
    /// The statement as written; null where there is none.
    pub text: Value,
}

impl Check {
    /// The ruling that decides: the first that allows, otherwise the first that denies; none where nothing is said.
    #[must_use]
    pub fn deciding(&self) -> Option<&Ruling> {
        self.rulings.iter().find(|ruling| ruling.allows == self.allowed)
    }
}

impl Explanation {
    /// The check that decides: the first that fails, otherwise the last.
    #[must_use]
    pub fn deciding(&self) -> Option<&Check> {
        self.checks.iter().find(|check| !check.allowed).or_else(|| self.checks.last())
    }
}

impl Permissions {
    /// Why `action` on `resource` is allowed or denied.
    #[must_use]
    pub fn explain(&self, action: &str, resource: &Spec) -> Explanation {
        let segments = resource.segments();
        let mut checks = Vec::new();
        for roles in &self.0 {
            if needs_view(action, segments) {
                checks.push(asked(roles, "viewProject", &resource.outermost()));
            }
            checks.push(asked(roles, action, resource));
        }
        Explanation { allowed: !checks.is_empty() && checks.iter().all(|check| check.allowed), checks }
    }
}

fn asked(roles: &Roles, action: &str, resource: &Spec) -> Check {
    let mut rulings = Vec::new();
    for held in &roles.held {
        let (allows, statement) = match held.policy.verdict(action, resource.segments()) {
            Verdict::Silent => continue,
            Verdict::Allow(at) => (true, at),
            Verdict::Deny(at) => (false, Some(at)),
        };
        let text = statement.map_or(Value::Null, |at| held.policy.text(at).clone());
        // Statements of base roles have no text, so that their number means nothing to people.
        let statement = statement.filter(|_| !text.is_null());
        rulings.push(Ruling { origin: held.origin.clone(), allows, statement, text });
    }
    Check {
        subject: roles.subject,
        action: action.to_owned(),
        resource: resource.to_string(),
        allowed: rulings.iter().any(|ruling| ruling.allows),
        rulings,
    }
}
