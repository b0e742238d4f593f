//! Custom roles, as members, teams and tokens refer to them.

use std::collections::HashMap;

use wigwag_kit::{Change, Ctx, Error, Result};
use wigwag_model::doc::{CustomRole, Kind, Member, Team};
use wigwag_store::{Doc, DocKey, Expect};

/// The fact that finds a role by its key.
pub const ROLE_KEY: &str = "roleKey";

/// The id of the role with this id or key.
///
/// # Errors
/// The store cannot be read.
pub async fn custom_role_id(ctx: &Ctx, reference: &str) -> Result<Option<String>> {
    let is_id = reference.len() == 24 && reference.bytes().all(|b| b.is_ascii_hexdigit());
    if is_id && ctx.store().get(&DocKey::account(Kind::CustomRole, reference)).await?.is_some() {
        return Ok(Some(reference.to_owned()));
    }
    let found = ctx.store().find_unique(Kind::CustomRole, ROLE_KEY, reference).await?;
    Ok(found.map(|doc| doc.key.key.into()))
}

/// Custom roles by the names that a request has for them.
#[derive(Clone, Debug, Default)]
pub struct GivenRoles(HashMap<String, CustomRole>);

impl GivenRoles {
    /// Those of the roles that exist, each by key or id.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn named(ctx: &Ctx, names: &[String]) -> Result<Self> {
        let mut found: HashMap<String, CustomRole> = HashMap::new();
        if names.is_empty() {
            return Ok(Self(found));
        }
        for doc in ctx.store().scan(Kind::CustomRole, Some(""), Some("")).await? {
            let role: CustomRole = doc.decode()?;
            // Where the key of one is the id of another, the key is meant.
            if names.contains(&role.id) && !found.contains_key(&role.id) {
                found.insert(role.id.clone(), role.clone());
            }
            if names.contains(&role.key) {
                found.insert(role.key.clone(), role);
            }
        }
        Ok(Self(found))
    }

    /// The role of this key or id, if there is one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&CustomRole> {
        self.0.get(name)
    }

    /// The ids of roles that must exist, each once.
    ///
    /// # Errors
    /// 400 naming `field` and the role.
    pub fn ids(&self, field: &str, names: &[String]) -> Result<Vec<String>> {
        self.each(field, names, |role| &role.id)
    }

    /// The keys of roles that must exist, each once.
    ///
    /// # Errors
    /// 400 naming `field` and the role.
    pub fn keys(&self, field: &str, names: &[String]) -> Result<Vec<String>> {
        self.each(field, names, |role| &role.key)
    }

    fn each(&self, field: &str, names: &[String], part: impl Fn(&CustomRole) -> &String) -> Result<Vec<String>> {
        let unknown = |name: &String| Error::field(field, format_args!("Unknown role {name}"));
        let found: Result<Vec<_>> =
            names.iter().map(|name| self.get(name).map(|r| part(r).clone()).ok_or_else(|| unknown(name))).collect();
        Ok(crate::common::unique(found?))
    }
}

/// Every member and team: who holds which role.
pub struct Holders {
    members: Vec<(Doc, Member)>,
    teams: Vec<(Doc, Team)>,
}

impl Holders {
    /// Reads them all.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn load(ctx: &Ctx) -> Result<Self> {
        let members = ctx.store().scan(Kind::Member, None, None).await?;
        let teams = ctx.store().scan(Kind::Team, None, None).await?;
        Ok(Self { members: decoded(members)?, teams: decoded(teams)? })
    }

    /// Members to whom a role is given directly.
    pub fn members_with(&self, role: &CustomRole) -> impl Iterator<Item = &Member> {
        self.members.iter().map(|(_, member)| member).filter(|member| holds(&member.custom_roles, role))
    }

    /// Teams to which a role is given.
    pub fn teams_with(&self, role: &CustomRole) -> impl Iterator<Item = &Team> {
        self.teams.iter().map(|(_, team)| team).filter(|team| holds(&team.custom_role_keys, role))
    }

    /// Takes a role from everybody who holds it, as a part of `change`.
    ///
    /// # Errors
    /// A document that cannot be written.
    pub fn released(self, role: &CustomRole, change: &mut Change) -> Result<()> {
        for (doc, mut member) in self.members.into_iter().filter(|(_, member)| holds(&member.custom_roles, role)) {
            member.custom_roles.retain(|held| !is(held, role));
            let facts = super::member_index(&member);
            change.put(doc.key, Expect::Version(doc.version), &member, facts)?;
        }
        for (doc, mut team) in self.teams.into_iter().filter(|(_, team)| holds(&team.custom_role_keys, role)) {
            team.custom_role_keys.retain(|held| !is(held, role));
            let facts = super::team_index(&team);
            change.put(doc.key, Expect::Version(doc.version), &team, facts)?;
        }
        Ok(())
    }
}

fn decoded<T: serde::de::DeserializeOwned>(docs: Vec<Doc>) -> Result<Vec<(Doc, T)>> {
    let decode = |doc: Doc| {
        let value = doc.decode()?;
        Ok((doc, value))
    };
    docs.into_iter().map(decode).collect()
}

fn holds(held: &[String], role: &CustomRole) -> bool {
    held.iter().any(|held| is(held, role))
}

/// References are ids or keys.
fn is(reference: &str, role: &CustomRole) -> bool {
    reference == role.id || reference == role.key
}
