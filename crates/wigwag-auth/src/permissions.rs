//! What a caller may do: roles joined, limits intersected.

use std::sync::Arc;

use serde_json::{Value, json};
use wigwag_kit::{Authority, Decision, Spec};
use wigwag_model::doc::{Limit, Member, Role, Token};

use crate::policy::{Policy, Verdict, base_role, own_tokens};

/// The roles of one subject. Allowed is what at least one of them allows.
#[derive(Clone, Debug, Default)]
struct Roles(Vec<Arc<Policy>>);

/// What a caller may do: what every one of several subjects may, such as a token and the
/// member it acts for. Compiled once; a decision takes well under a microsecond.
#[derive(Clone, Debug)]
pub struct Permissions(Vec<Roles>);

/// Who may do everything: the system itself, when it sets up an account.
#[derive(Clone, Copy, Debug)]
pub struct Unrestricted;

impl Authority for Unrestricted {
    fn decide(&self, _: &str, _: &Spec) -> Decision {
        Decision::Allow
    }
}

impl Permissions {
    /// What a member may do. Custom roles replace the base role; there are none yet, so that a
    /// member who has any may do nothing.
    #[must_use]
    pub fn of_member(member: &Member) -> Self {
        Self(vec![Roles::of_member(member)])
    }

    /// What a token may do (access-control.md 1.4). A personal token never more than its member,
    /// who is `None` only for service tokens that outlived their creator.
    #[must_use]
    pub fn of_token(token: &Token, member: Option<&Member>) -> Self {
        let mut all: Vec<Roles> = token.limits.iter().map(Roles::of_limit).collect();
        if let Some(own) = Roles::of_token(token) {
            all.push(own);
        }
        if !token.service_token {
            all.push(member.map(Roles::of_member).unwrap_or_default());
        }
        Self(all)
    }

    /// What one policy allows, such as the statements a webhook selects by.
    #[must_use]
    pub fn of_policy(policy: Policy) -> Self {
        Self(vec![Roles(vec![Arc::new(policy)])])
    }
}

impl Authority for Permissions {
    fn decide(&self, action: &str, resource: &Spec) -> Decision {
        if self.0.is_empty() {
            return Decision::Deny(None);
        }
        let denied = self.0.iter().find_map(|roles| roles.refusal(action, resource));
        denied.map_or(Decision::Allow, Decision::Deny)
    }
}

impl Roles {
    fn of_member(member: &Member) -> Self {
        if member.custom_roles.is_empty() { Self::base(member.role, Some(&member.id)) } else { Self::default() }
    }

    /// The token's own role; none when it simply acts for its member.
    fn of_token(token: &Token) -> Option<Self> {
        let member = (!token.service_token).then_some(token.member_id.as_str());
        if let Some(statements) = &token.inline_role {
            Some(Self::inline(statements))
        } else if !token.custom_role_ids.is_empty() {
            Some(Self::default())
        } else if let Some(role) = token.role {
            Some(Self::base(role, member))
        } else {
            token.service_token.then(Self::default)
        }
    }

    fn of_limit(limit: &Limit) -> Self {
        match limit {
            Limit::Role(role) => Self::base(*role, None),
            Limit::Statements(statements) => Self::inline(statements),
        }
    }

    /// Statements on top of seeing everything, as with a role whose base permissions are a reader's.
    /// Statements that cannot be read allow nothing.
    fn inline(statements: &[Value]) -> Self {
        Policy::parse(statements).map_or_else(|_| Self::default(), |p| Self(vec![Arc::new(p.viewing_all())]))
    }

    fn base(role: Role, member: Option<&str>) -> Self {
        let mut roles = vec![base_role(role)];
        if let (Role::Reader | Role::Writer, Some(member)) = (role, member) {
            roles.push(own_tokens(member));
        }
        Self(roles)
    }

    /// Why these roles refuse; `None` when they allow.
    fn refusal(&self, action: &str, resource: &Spec) -> Option<Option<Value>> {
        let segments = resource.segments();
        let in_project = segments.first().is_some_and(|s| s.kind == "proj");
        // Whoever cannot see a project can do nothing inside it.
        if in_project && !matches!(action, "viewProject" | "createProject") {
            self.union("viewProject", &segments[..1]).or_else(|| self.union(action, segments))
        } else {
            self.union(action, segments)
        }
    }

    fn union(&self, action: &str, resource: &[wigwag_kit::spec::Segment]) -> Option<Option<Value>> {
        let mut reason = None;
        for role in &self.0 {
            match role.verdict(action, resource) {
                Verdict::Allow => return None,
                Verdict::Deny(statement) => reason = reason.or(Some(statement)),
                Verdict::Silent => {}
            }
        }
        Some(reason.map(|text| if text.is_null() { json!({"effect": "deny"}) } else { text.clone() }))
    }
}
