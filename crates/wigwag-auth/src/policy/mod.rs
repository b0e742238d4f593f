//! Policies: compiled once, asked often (access-control.md 3 and 4).
//!
//! Not expanded yet, so that they match nothing: role attributes and view selectors.

mod base;
mod glob;
mod specifier;
mod statement;

use serde_json::Value;
use wigwag_kit::spec::Segment;

pub use base::{base_role, own_tokens};
use statement::Statement;

/// The statements of one role, and whether it sees everything on top of them.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    statements: Box<[Statement]>,
    views_all: bool,
}

/// What a policy says about an action on a resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict<'a> {
    /// Nothing: denied unless another role allows.
    Silent,
    /// Allowed.
    Allow,
    /// Denied by this statement. It counts inside its own role only.
    Deny(&'a Value),
}

impl Policy {
    /// Compiles the statements of a role that lets in only what they allow.
    ///
    /// # Errors
    /// Which statement is wrong and why, such as `[1]: effect must be allow or deny`.
    pub fn parse(statements: &[Value]) -> Result<Self, String> {
        let compile = |(at, text)| Statement::parse(text).map_err(|e| format!("[{at}]: {e}"));
        let statements = statements.iter().enumerate().map(compile).collect::<Result<_, _>>()?;
        Ok(Self { statements, views_all: false })
    }

    /// The same with the base permissions of a reader: every view action is allowed unless denied.
    #[must_use]
    pub const fn viewing_all(mut self) -> Self {
        self.views_all = true;
        self
    }

    /// What the policy says. A deny beats every allow; the order of statements means nothing.
    #[must_use]
    pub fn verdict(&self, action: &str, resource: &[Segment]) -> Verdict<'_> {
        let mut verdict = if self.views_all && action.starts_with("view") { Verdict::Allow } else { Verdict::Silent };
        for statement in &self.statements {
            if statement.covers(action, resource) {
                if !statement.allow {
                    return Verdict::Deny(&statement.text);
                }
                verdict = Verdict::Allow;
            }
        }
        verdict
    }
}
