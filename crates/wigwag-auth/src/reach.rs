//! How far a caller reaches, so that nobody makes or takes over a token that reaches further
//! (access-control.md 1.4).

use wigwag_kit::{Authority, Caller, Decision, Spec};
use wigwag_model::doc::{Limit, Member, Role, Token};

use crate::Permissions;
use crate::directory::Directory;
use crate::permissions::attributes;
use crate::policy::{OWNERS, references};

/// What bounds a caller: a base role it never exceeds, and roles and statements that narrow it further.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    most: Role,
    bounds: Vec<Limit>,
    /// By its token, to less than its member may.
    restricted: bool,
    /// The member it never exceeds, whatever that member comes to be.
    follows: Option<String>,
    /// What a service token gets that is given nothing in particular.
    own: Own,
}

/// A role of its own for a token.
#[derive(Clone, Debug, PartialEq)]
pub enum Own {
    /// A base role.
    Base(Role),
    /// Custom roles by id.
    Custom(Vec<String>),
}

impl Reach {
    /// How far a caller reaches now.
    #[must_use]
    pub fn of(caller: &Caller, directory: &Directory) -> Self {
        match (&caller.token, &caller.member) {
            (Some(token), member) => Self::of_token(token, member.as_deref(), directory),
            (None, Some(member)) => Self::of_member(member, directory),
            (None, None) => Self::nothing(),
        }
    }

    fn nothing() -> Self {
        let own = Own::Base(Role::NoAccess);
        Self { most: Role::NoAccess, bounds: Vec::new(), restricted: false, follows: None, own }
    }

    fn of_member(member: &Member, directory: &Directory) -> Self {
        let follows = Some(member.id.clone());
        let holding = directory.held_by(member);
        if member.custom_roles.is_empty() && holding.roles.is_empty() {
            let own = Own::Base(member.role);
            return Self { most: member.role, bounds: Vec::new(), restricted: false, follows, own };
        }
        let ids: Vec<_> = holding.roles.iter().map(|(role, _)| role.id.clone()).collect();
        let base = member.custom_roles.is_empty().then_some(member.role);
        let own = base.map_or_else(|| Own::Custom(ids.clone()), Own::Base);
        // Custom roles reach no further than an admin unless one allows what only owners do.
        let permissions = Permissions::of_member(member, directory);
        let owns = OWNERS.iter().any(|action| permissions.decide(action, &Spec::account()) == Decision::Allow);
        let most = if owns { Role::Owner } else { Role::Admin };
        let bounds = vec![Limit::Roles { base, ids, attributes: holding.attributes.all().clone() }];
        Self { most, bounds, restricted: false, follows, own }
    }

    /// How far a token reaches, given the member who made it if that member still exists.
    #[must_use]
    pub fn of_token(token: &Token, member: Option<&Member>, directory: &Directory) -> Self {
        let narrowed = token.role.is_some_and(|role| role != Role::Owner)
            || token.inline_role.is_some()
            || !token.custom_role_ids.is_empty()
            || !token.limits.is_empty();
        let mut reach = if token.service_token {
            // A service token never owns the account.
            Self { most: Role::Admin, ..Self::nothing() }
        } else {
            member.map_or_else(Self::nothing, |member| Self::of_member(member, directory))
        };
        reach.restricted = token.service_token || narrowed;
        for limit in &token.limits {
            match limit {
                Limit::Role(role) => reach.lower(*role),
                other => reach.bounds.push(other.clone()),
            }
        }
        let own = attributes(token, member, directory);
        if let Some(statements) = &token.inline_role {
            let text = serde_json::to_string(statements).unwrap_or_default();
            reach.bounds.push(if references(&text).is_empty() {
                Limit::Statements(statements.clone())
            } else {
                Limit::Inline { statements: statements.clone(), attributes: own.all().clone() }
            });
        }
        if let Some(role) = token.role {
            reach.lower(role);
        }
        if !token.custom_role_ids.is_empty() {
            let ids = token.custom_role_ids.clone();
            reach.bounds.push(Limit::Roles { base: None, ids, attributes: own.all().clone() });
        }
        if reach.restricted {
            reach.own = match token.role {
                None if !token.custom_role_ids.is_empty() => Own::Custom(token.custom_role_ids.clone()),
                _ => Own::Base(reach.role()),
            };
        }
        reach
    }

    fn lower(&mut self, role: Role) {
        if role < self.most {
            self.most = role;
        }
    }

    /// Whether a token with this base role stays within the reach, or is held to it by [`Reach::limits`].
    #[must_use]
    pub fn covers_role(&self, role: Role) -> bool {
        role <= self.most
    }

    /// Whether everything that `other` reaches is within this reach. Policies are not compared: a reach that they
    /// narrow covers no other for certain, but whoever is held to nothing covers its own tokens.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let own = self.follows.is_some() && self.follows == other.follows && !self.restricted;
        own || (self.bounds.is_empty() && self.covers_role(other.most))
    }

    /// Whether a token holds the caller to less than its member may.
    #[must_use]
    pub const fn restricted(&self) -> bool {
        self.restricted
    }

    /// What a token is given that asks for nothing in particular and does not simply follow its member.
    #[must_use]
    pub fn own(&self) -> Own {
        match &self.own {
            Own::Base(Role::Owner) => Own::Base(Role::Admin),
            own => own.clone(),
        }
    }

    /// The most a token made within this reach can be given: a role, never the owner's.
    fn role(&self) -> Role {
        if self.most == Role::Owner { Role::Admin } else { self.most }
    }

    /// What a new token has to be held to, when its own role is `role`, so that it never exceeds
    /// this reach. A personal token follows its member anyway; a service token keeps what its
    /// maker could do.
    #[must_use]
    pub fn limits(&self, role: Option<Role>, service_token: bool) -> Vec<Limit> {
        if !service_token && !self.restricted {
            return Vec::new();
        }
        let within = role.is_some_and(|role| self.covers_role(role) && role != Role::Owner);
        let bound = (!within).then(|| Limit::Role(self.role()));
        bound.into_iter().chain(self.bounds.iter().cloned()).collect()
    }
}
