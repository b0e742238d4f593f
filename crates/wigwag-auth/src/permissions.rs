//! What a caller may do: roles joined, limits intersected.

use std::sync::Arc;

use serde_json::{Value, json};
use wigwag_kit::spec::Segment;
use wigwag_kit::{Authority, Decision, Spec};
use wigwag_model::doc::{BasePermissions, CustomRole, Limit, Member, Role, Token};

use crate::directory::{Directory, Holding};
use crate::origin::Origin;
use crate::policy::{Attributes, Policy, Verdict, base_role, granted, own_tokens};

/// A policy and what it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) origin: Origin,
    pub(crate) policy: Arc<Policy>,
}

/// The roles of one subject. Allowed is what at least one of them allows.
#[derive(Clone, Debug)]
pub(crate) struct Roles {
    /// Whose they are: `member`, `token` or `limit`.
    pub(crate) subject: &'static str,
    pub(crate) held: Vec<Held>,
}

/// What a caller may do: what every one of several subjects may, such as a token and the member it acts for.
/// Compiled once; a decision takes well under a microsecond for base roles and some for large custom ones.
#[derive(Clone, Debug)]
pub struct Permissions(pub(crate) Vec<Roles>);

/// Who may do everything: the system itself, when it sets up an account.
#[derive(Clone, Copy, Debug)]
pub struct Unrestricted;

impl Authority for Unrestricted {
    fn decide(&self, _: &str, _: &Spec) -> Decision {
        Decision::Allow
    }
}

impl Permissions {
    /// What a member may do. Custom roles that are given to the member itself replace its base role; those of its
    /// teams, and grants, come on top.
    #[must_use]
    pub fn of_member(member: &Member, directory: &Directory) -> Self {
        Self(vec![Roles::of_member(member, directory)])
    }

    /// What a token may do (access-control.md 1.4). A personal token never more than its member, who is `None` only
    /// for service tokens that outlived their creator.
    #[must_use]
    pub fn of_token(token: &Token, member: Option<&Member>, directory: &Directory) -> Self {
        let mut all: Vec<Roles> = token.limits.iter().map(|limit| Roles::of_limit(limit, directory)).collect();
        if let Some(own) = Roles::of_token(token, member, directory) {
            all.push(own);
        }
        if !token.service_token {
            all.push(member.map_or_else(|| Roles::none("member"), |member| Roles::of_member(member, directory)));
        }
        Self(all)
    }

    /// The first action that a policy allows and these permissions do not, as far as that can be told.
    pub(crate) fn lacks(&self, policy: &Policy) -> Option<&'static str> {
        let beyond = |roles: &Roles| {
            let held: Vec<&Policy> = roles.held.iter().map(|held| &*held.policy).collect();
            policy.beyond(&held)
        };
        self.0.iter().find_map(beyond)
    }

    /// What one policy allows, such as the statements a webhook selects by.
    #[must_use]
    pub fn of_policy(policy: Policy) -> Self {
        let held = Held { origin: Origin::Policy, policy: Arc::new(policy) };
        Self(vec![Roles { subject: "policy", held: vec![held] }])
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

/// Whether an action must wait until the project that it happens in may be seen.
pub(crate) fn needs_view(action: &str, segments: &[Segment]) -> bool {
    let in_project = segments.first().is_some_and(|s| s.kind == "proj");
    in_project && !matches!(action, "viewProject" | "createProject")
}

impl Roles {
    const fn none(subject: &'static str) -> Self {
        Self { subject, held: Vec::new() }
    }

    fn of_member(member: &Member, directory: &Directory) -> Self {
        let holding = directory.held_by(member);
        // An id that nothing has counts as a role that allows nothing.
        let base = if member.custom_roles.is_empty() { Self::base(member.role, Some(&member.id)) } else { Vec::new() };
        let grants = holding.grants.iter().flat_map(|team| {
            let mine = team.permission_grants.iter().filter(|grant| grant.member_ids.contains(&member.id));
            mine.map(|grant| Held {
                origin: Origin::Grant(team.key.clone()),
                policy: Arc::new(granted(&team.key, grant.action_set.as_deref(), &grant.actions)),
            })
        });
        let held = base.into_iter().chain(Self::custom(&holding, &holding.attributes)).chain(grants).collect();
        Self { subject: "member", held }
    }

    /// The token's own role; none when it simply acts for its member.
    fn of_token(token: &Token, member: Option<&Member>, directory: &Directory) -> Option<Self> {
        let acts_for = (!token.service_token).then_some(token.member_id.as_str());
        let held = if let Some(statements) = &token.inline_role {
            Self::inline(statements, &attributes(token, member, directory))
        } else if !token.custom_role_ids.is_empty() {
            Self::custom(&directory.listed(&token.custom_role_ids), &attributes(token, member, directory)).collect()
        } else if let Some(role) = token.role {
            Self::base(role, acts_for)
        } else if token.service_token {
            Vec::new()
        } else {
            return None;
        };
        Some(Self { subject: "token", held })
    }

    fn of_limit(limit: &Limit, directory: &Directory) -> Self {
        let held = match limit {
            Limit::Role(role) => Self::base(*role, None),
            Limit::Statements(statements) => Self::inline(statements, &Attributes::default()),
            Limit::Inline { statements, attributes } => Self::inline(statements, &Attributes::of(attributes)),
            Limit::Roles { base, ids, attributes } => {
                let joined = Attributes::of(attributes);
                let base = base.map(|role| Self::base(role, None)).into_iter().flatten();
                base.chain(Self::custom(&directory.listed(ids), &joined)).collect()
            }
        };
        Self { subject: "limit", held }
    }

    fn custom<'a>(holding: &'a Holding, attributes: &'a Attributes) -> impl Iterator<Item = Held> + 'a {
        let compiled = move |(role, origin): &(Arc<CustomRole>, Origin)| {
            let policy = Policy::parse_for(&role.statements(), attributes).ok()?;
            let policy = match role.base_permissions {
                BasePermissions::Reader => policy.viewing_all(),
                BasePermissions::NoAccess => policy,
            };
            Some(Held { origin: origin.clone(), policy: Arc::new(policy) })
        };
        // A policy that cannot be read allows nothing.
        holding.roles.iter().filter_map(compiled)
    }

    /// Statements on top of seeing everything, as with a role whose base permissions are a reader's.
    /// Statements that cannot be read allow nothing.
    fn inline(statements: &[Value], attributes: &Attributes) -> Vec<Held> {
        let policy = Policy::parse_for(statements, attributes).ok().map(Policy::viewing_all);
        policy.map(|policy| Held { origin: Origin::Inline, policy: Arc::new(policy) }).into_iter().collect()
    }

    fn base(role: Role, member: Option<&str>) -> Vec<Held> {
        let mut held = vec![Held { origin: Origin::Base(role), policy: base_role(role) }];
        if let (Role::Reader | Role::Writer, Some(member)) = (role, member) {
            held.push(Held { origin: Origin::OwnTokens, policy: own_tokens(member) });
        }
        held
    }

    /// Why these roles refuse; `None` when they allow.
    fn refusal(&self, action: &str, resource: &Spec) -> Option<Option<Value>> {
        let segments = resource.segments();
        // Whoever cannot see a project can do nothing inside it.
        if needs_view(action, segments) {
            self.union("viewProject", &segments[..1]).or_else(|| self.union(action, segments))
        } else {
            self.union(action, segments)
        }
    }

    fn union(&self, action: &str, resource: &[Segment]) -> Option<Option<Value>> {
        let mut denied = None;
        for held in &self.held {
            match held.policy.verdict(action, resource) {
                Verdict::Allow(_) => return None,
                Verdict::Deny(at) => denied = denied.or(Some((held, at))),
                Verdict::Silent => {}
            }
        }
        Some(denied.map(|(held, at)| reason(held, at)))
    }
}

/// The deciding statement as refusals show it, with the name of its role.
pub(crate) fn reason(held: &Held, at: usize) -> Value {
    let mut reason = match held.policy.text(at) {
        Value::Null => json!({"effect": "deny"}),
        text => text.clone(),
    };
    if let (Some(members), Some(name)) = (reason.as_object_mut(), held.origin.name()) {
        members.insert("role_name".to_owned(), name.into());
    }
    reason
}

/// What the role attributes in a token's own roles stand for: those of its member; for a service token those that
/// its maker had, where it is held to them.
pub(crate) fn attributes(token: &Token, member: Option<&Member>, directory: &Directory) -> Attributes {
    if let Some(member) = member.filter(|_| !token.service_token) {
        return directory.held_by(member).attributes;
    }
    let mut joined = Attributes::default();
    for limit in &token.limits {
        if let Limit::Roles { attributes, .. } | Limit::Inline { attributes, .. } = limit {
            joined.join(attributes);
        }
    }
    joined
}
