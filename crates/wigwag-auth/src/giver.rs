//! What a caller may hand out: no more than they may themselves, whatever actions they have on members, teams and
//! roles.

use serde_json::Value;
use wigwag_kit::Caller;
use wigwag_model::doc::{BasePermissions, CustomRole, Role};

use crate::Permissions;
use crate::directory::Directory;
use crate::policy::{Attributes, Policy, base_role, granted, widest};

/// Somebody who gives rights to others. What is refused is told by the first action that they lack.
pub struct Giver(Option<Permissions>);

impl Giver {
    /// What a caller may do now. The system itself gives whatever is to be given.
    #[must_use]
    pub fn of(caller: &Caller, directory: &Directory) -> Self {
        Self(match (&caller.token, &caller.member) {
            (Some(token), member) => Some(Permissions::of_token(token, member.as_deref(), directory)),
            (None, Some(member)) => Some(Permissions::of_member(member, directory)),
            (None, None) => None,
        })
    }

    /// Whether a base role may be given.
    ///
    /// # Errors
    /// An action that it allows and the giver lacks.
    pub fn base(&self, role: Role) -> Result<(), &'static str> {
        self.check(&base_role(role))
    }

    /// Whether a custom role may be given to somebody with these role attributes; without them, to anybody.
    ///
    /// # Errors
    /// As [`Giver::base`].
    pub fn custom(&self, role: &CustomRole, attributes: Option<&Attributes>) -> Result<(), &'static str> {
        let policy = match attributes {
            Some(attributes) => Policy::parse_for(&role.statements(), attributes),
            None => Policy::parse(&widest(&role.statements())),
        };
        // A policy that cannot be read allows nothing.
        let policy = policy.unwrap_or_default();
        self.check(&match role.base_permissions {
            BasePermissions::Reader => policy.viewing_all(),
            BasePermissions::NoAccess => policy,
        })
    }

    /// Whether a role may be changed, whoever holds it: what it comes to allow is as if it were given.
    ///
    /// # Errors
    /// As [`Giver::base`].
    pub fn changed(&self, before: &CustomRole, after: &CustomRole) -> Result<(), &'static str> {
        let denies = |statement: &Value| statement["effect"] == "deny";
        let (old, mut new) = (before.statements(), after.statements());
        let fewer_denied = old.iter().filter(|one| denies(one)).any(|one| !new.contains(one));
        if !fewer_denied {
            new.retain(|one| denies(one) || !old.contains(one));
        }
        let sees_more = after.base_permissions != before.base_permissions || fewer_denied;
        let base_permissions = if sees_more { after.base_permissions } else { BasePermissions::NoAccess };
        let role = CustomRole { policy: new, preset_statements: Vec::new(), base_permissions, ..after.clone() };
        self.custom(&role, None)
    }

    /// Whether rights on a team may be given, as a permission grant has them.
    ///
    /// # Errors
    /// As [`Giver::base`].
    pub fn grant(&self, team: &str, set: Option<&str>, actions: &[String]) -> Result<(), &'static str> {
        self.check(&granted(team, set, actions))
    }

    fn check(&self, policy: &Policy) -> Result<(), &'static str> {
        let beyond = self.0.as_ref().and_then(|own| own.lacks(policy));
        beyond.map_or(Ok(()), Err)
    }
}
