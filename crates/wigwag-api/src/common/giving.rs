//! Giving rights to others: nobody gives more than they may themselves (docs/operate/access.md).

use indexmap::IndexMap;
use wigwag_auth::policy::Attributes;
use wigwag_auth::{Directory, Giver};
use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::{CustomRole, Member, PermissionGrant, Role, Team};

/// Somebody who gives, and the roles and teams there are.
pub struct Giving {
    giver: Giver,
    directory: Directory,
    /// The member who gives in person, or through a token.
    member: Option<String>,
}

type Lacks = std::result::Result<(), &'static str>;

fn refused(field: &str, lacks: Lacks) -> Result<()> {
    lacks.map_err(|action| {
        Error::Forbidden(format!("{field}: nobody can give more than they may themselves: {action} goes too far"))
    })
}

impl Giving {
    /// By the caller.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn of(ctx: &Ctx) -> Result<Self> {
        let directory = Directory::load(ctx.store()).await?;
        let member = ctx.caller.acting_member().map(|member| member.id.clone());
        Ok(Self { giver: Giver::of(&ctx.caller, &directory), directory, member })
    }

    /// A base role.
    ///
    /// # Errors
    /// 403 naming the field, and an action that the caller lacks.
    pub fn base(&self, field: &str, role: Role) -> Result<()> {
        refused(field, self.giver.base(role))
    }

    /// What a member is given beside what it had: a base role that comes to count, custom roles, and what other role
    /// attributes make of the roles it has.
    ///
    /// # Errors
    /// As [`Giving::base`].
    pub fn member(&self, place: &str, before: Option<&Member>, after: &Member) -> Result<()> {
        let counts = |member: &Member| member.custom_roles.is_empty();
        let other = before.is_none_or(|before| before.role != after.role);
        // Nobody chose the base role of somebody new who has custom roles.
        let unasked = before.is_none() && !counts(after) && after.role == Role::Reader;
        let lower = before.is_some_and(|before| counts(before) && after.role <= before.role);
        if (other && !unasked && !lower) || (counts(after) && before.is_some_and(|before| !counts(before))) {
            self.base(&format!("{place}role"), after.role)?;
        }
        let holding = self.directory.held_by(after);
        let has = |id: &String| before.is_some_and(|before| before.custom_roles.contains(id));
        for id in after.custom_roles.iter().filter(|id| !has(id)) {
            self.custom(&format!("{place}customRoles"), id, Some(&holding.attributes))?;
        }
        let (old, new) = (before.map(|before| &before.role_attributes), &after.role_attributes);
        if old.is_some_and(|old| old != new) {
            for (role, _) in &holding.roles {
                if keys(old).chain(new.keys()).any(|key| self.refers(role, key)) {
                    self.custom(&format!("{place}roleAttributes"), &role.id, Some(&holding.attributes))?;
                }
            }
        }
        Ok(())
    }

    /// What a team is given beside what it had, and what those get who join it. Who was granted to choose the members
    /// of this team may let anybody in.
    ///
    /// # Errors
    /// As [`Giving::base`].
    pub fn team(&self, before: Option<&Team>, after: &Team) -> Result<()> {
        let had = |key: &String| before.is_some_and(|before| before.custom_role_keys.contains(key));
        for key in after.custom_role_keys.iter().filter(|key| !had(key)) {
            self.custom("customRoleKeys", key, None)?;
        }
        let old = before.map(|before| &before.role_attributes);
        if old.map_or(!after.role_attributes.is_empty(), |old| *old != after.role_attributes) {
            self.attributes("roleAttributes", keys(old).chain(after.role_attributes.keys()))?;
        }
        let granted = before.map_or(&[][..], |before| &before.permission_grants);
        for grant in after.permission_grants.iter().filter(|grant| !granted.contains(grant)) {
            let PermissionGrant { action_set, actions, .. } = grant;
            refused("permissionGrants", self.giver.grant(&after.key, action_set.as_deref(), actions))?;
        }
        let joins = |id: &String| before.is_none_or(|before| !before.member_ids.contains(id));
        if after.member_ids.iter().any(joins) { self.joining(before.unwrap_or(after)) } else { Ok(()) }
    }

    /// What those get who join a team.
    ///
    /// # Errors
    /// As [`Giving::base`].
    pub fn joining(&self, team: &Team) -> Result<()> {
        if self.chooses_members(team) {
            return Ok(());
        }
        for key in &team.custom_role_keys {
            self.custom("memberIDs", key, None)?;
        }
        self.attributes("memberIDs", team.role_attributes.keys())
    }

    /// A change of a custom role, for those who hold it.
    ///
    /// # Errors
    /// As [`Giving::base`].
    pub fn role(&self, before: &CustomRole, after: &CustomRole) -> Result<()> {
        refused("policy", self.giver.changed(before, after))
    }

    /// Role attributes given to whoever is in a team: any role that refers to them may be theirs.
    fn attributes<'a>(&self, field: &str, keys: impl Iterator<Item = &'a String>) -> Result<()> {
        let mut all = keys.flat_map(|key| self.directory.referring(key));
        all.try_for_each(|role| refused(field, self.giver.custom(role, None)))
    }

    /// A role that is gone gives nothing.
    fn custom(&self, field: &str, reference: &str, attributes: Option<&Attributes>) -> Result<()> {
        let Some(role) = self.directory.role(reference) else { return Ok(()) };
        refused(field, self.giver.custom(role, attributes))
    }

    fn refers(&self, role: &CustomRole, key: &str) -> bool {
        self.directory.referring(key).any(|one| one.id == role.id)
    }

    fn chooses_members(&self, team: &Team) -> bool {
        let chooses = |grant: &PermissionGrant| {
            grant.action_set.as_deref() == Some("maintainTeam")
                || grant.actions.iter().any(|action| action == "updateTeamMembers")
        };
        let mine = |grant: &&PermissionGrant| self.member.as_ref().is_some_and(|me| grant.member_ids.contains(me));
        team.permission_grants.iter().filter(mine).any(chooses)
    }
}

fn keys(attributes: Option<&IndexMap<String, Vec<String>>>) -> impl Iterator<Item = &String> {
    attributes.into_iter().flat_map(IndexMap::keys)
}
