//! Policies: compiled once, asked often (access-control.md 3 and 4).

mod attributes;
mod base;
mod catalogue;
mod glob;
mod specifier;
mod statement;
mod within;

use serde_json::Value;
use wigwag_kit::spec::Segment;

pub use attributes::Attributes;
pub(crate) use attributes::references;
pub(crate) use base::OWNERS;
pub use base::{base_role, granted, own_tokens};
pub use catalogue::{ResourceType, check, is_action, is_resource, resource_types};
use statement::Statement;
pub(crate) use within::widest;

/// The statements of one role, and whether it sees everything on top of them.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    statements: Box<[Statement]>,
    views_all: bool,
}

/// What a policy says about an action on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: denied unless another role allows.
    Silent,
    /// Allowed by the statement with this index, or by the permission to see everything.
    Allow(Option<usize>),
    /// Denied by the statement with this index. It counts inside its own role only.
    Deny(usize),
}

impl Policy {
    /// Compiles the statements of a role that lets in only what they allow.
    ///
    /// # Errors
    /// Which statement is wrong and why, such as `[1]: effect must be allow or deny`.
    pub fn parse(statements: &[Value]) -> Result<Self, String> {
        Self::parse_for(statements, &Attributes::default())
    }

    /// The same for a holder with these role attributes.
    ///
    /// # Errors
    /// As [`Policy::parse`].
    pub fn parse_for(statements: &[Value], attributes: &Attributes) -> Result<Self, String> {
        let compile = |(at, text)| Statement::parse(text, attributes).map_err(|e| format!("[{at}]{e}"));
        let statements = statements.iter().enumerate().map(compile).collect::<Result<_, _>>()?;
        Ok(Self { statements, views_all: false })
    }

    /// The same with the base permissions of a reader: every view action is allowed unless denied.
    #[must_use]
    pub const fn viewing_all(mut self) -> Self {
        self.views_all = true;
        self
    }

    /// Whether the policy by itself allows an action.
    #[must_use]
    pub fn allows(&self, action: &str, resource: &[Segment]) -> bool {
        matches!(self.verdict(action, resource), Verdict::Allow(_))
    }

    /// What the policy says. A deny beats every allow; the order of statements means nothing.
    #[must_use]
    pub fn verdict(&self, action: &str, resource: &[Segment]) -> Verdict {
        let mut verdict = Verdict::Silent;
        for (at, statement) in self.statements.iter().enumerate() {
            if statement.covers(action, resource) {
                if !statement.allow {
                    return Verdict::Deny(at);
                }
                if verdict == Verdict::Silent {
                    verdict = Verdict::Allow(Some(at));
                }
            }
        }
        if verdict == Verdict::Silent && self.views_all && action.starts_with("view") {
            return Verdict::Allow(None);
        }
        verdict
    }

    /// A statement as it was written, reduced to the members that mean something; null for those of base roles.
    #[must_use]
    pub fn text(&self, at: usize) -> &Value {
        self.statements.get(at).map_or(&Value::Null, |statement| &statement.text)
    }
}
