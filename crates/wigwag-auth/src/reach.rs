//! How far a caller reaches, so that nobody makes or takes over a token that reaches further
//! (access-control.md 1.4).

use wigwag_kit::Caller;
use wigwag_model::doc::{Limit, Member, Role, Token};

/// What bounds a caller: a base role it never exceeds, and statements that narrow it further.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    role: Role,
    statements: Vec<Vec<serde_json::Value>>,
    /// By its token, to less than its member may.
    restricted: bool,
}

impl Reach {
    /// How far a caller reaches now.
    #[must_use]
    pub fn of(caller: &Caller) -> Self {
        match &caller.token {
            Some(token) => Self::of_token(token, caller.member.as_deref()),
            None => Self {
                role: caller.member.as_deref().map_or(Role::NoAccess, role_of),
                statements: Vec::new(),
                restricted: false,
            },
        }
    }

    /// How far a token reaches, given the member who made it if that member still exists.
    #[must_use]
    pub fn of_token(token: &Token, member: Option<&Member>) -> Self {
        // A service token never owns the account.
        let most = if token.service_token { Role::Admin } else { member.map_or(Role::NoAccess, role_of) };
        let narrowed = token.role.is_some_and(|role| role != Role::Owner)
            || token.inline_role.is_some()
            || !token.custom_role_ids.is_empty()
            || !token.limits.is_empty();
        let restricted = token.service_token || narrowed;
        let mut reach = Self { role: most, statements: Vec::new(), restricted };
        for limit in &token.limits {
            match limit {
                Limit::Role(role) => reach.lower(*role),
                Limit::Statements(statements) => reach.statements.push(statements.clone()),
            }
        }
        if let Some(statements) = &token.inline_role {
            reach.statements.push(statements.clone());
        }
        if let Some(role) = token.role {
            reach.lower(role);
        }
        if !token.custom_role_ids.is_empty() {
            reach.lower(Role::NoAccess);
        }
        reach
    }

    fn lower(&mut self, role: Role) {
        if rank(role) < rank(self.role) {
            self.role = role;
        }
    }

    /// Whether a token with this base role stays within the reach.
    #[must_use]
    pub fn covers_role(&self, role: Role) -> bool {
        rank(role) <= rank(self.role)
    }

    /// Whether everything that `other` reaches is within this reach. Statements are not compared:
    /// a reach that they narrow covers no other for certain.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.statements.is_empty() && self.covers_role(other.role)
    }

    /// Whether a token holds the caller to less than its member may.
    #[must_use]
    pub const fn restricted(&self) -> bool {
        self.restricted
    }

    /// The most a token made within this reach can be given: a role, never the owner's.
    #[must_use]
    pub fn role(&self) -> Role {
        if self.role == Role::Owner { Role::Admin } else { self.role }
    }

    /// What a new token has to be held to, when its own role is `role`, so that it never exceeds
    /// this reach. A personal token follows its member anyway; a service token keeps what its
    /// maker could do.
    #[must_use]
    pub fn limits(&self, role: Option<Role>, service_token: bool) -> Vec<Limit> {
        if !service_token && !self.restricted {
            return Vec::new();
        }
        let within = role.is_some_and(|role| self.covers_role(role));
        let bound = (!within).then(|| Limit::Role(self.role()));
        bound.into_iter().chain(self.statements.iter().cloned().map(Limit::Statements)).collect()
    }
}

/// The base role of a member; custom roles replace it, and there are none yet.
fn role_of(member: &Member) -> Role {
    if member.custom_roles.is_empty() { member.role } else { Role::NoAccess }
}

const fn rank(role: Role) -> u8 {
    match role {
        Role::NoAccess => 0,
        Role::Reader => 1,
        Role::Writer => 2,
        Role::Admin => 3,
        Role::Owner => 4,
    }
}
