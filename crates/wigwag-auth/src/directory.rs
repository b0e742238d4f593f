//! Custom roles and teams, as decisions need them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use wigwag_kit::Error;
use wigwag_model::doc::{CustomRole, Kind, Member, Team};
use wigwag_store::{Doc, Store};

use crate::origin::Origin;
use crate::policy::Attributes;

/// Every custom role and team of the account, in memory: there are few.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// By id.
    roles: HashMap<String, Arc<CustomRole>>,
    /// From keys to ids.
    keys: HashMap<String, String>,
    teams: HashMap<String, Arc<Team>>,
    /// From members to the teams that they are in or have a grant on.
    of_member: HashMap<String, BTreeSet<String>>,
}

/// The custom roles that somebody holds, each with where it comes from, and the role attributes of all.
#[derive(Clone, Debug, Default)]
pub struct Holding {
    /// Each role once, those given directly first.
    pub roles: Vec<(Arc<CustomRole>, Origin)>,
    /// Of the member and of all its teams, joined.
    pub attributes: Attributes,
    /// Teams with permission grants for the member.
    pub grants: Vec<Arc<Team>>,
}

impl Directory {
    /// Reads them all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn load(store: &Store) -> Result<Self, Error> {
        let mut directory = Self::default();
        for kind in [Kind::CustomRole, Kind::Team] {
            for doc in store.scan(kind, None, None).await? {
                directory.take(kind, &doc.key.key, Some(&doc))?;
            }
        }
        Ok(directory)
    }

    /// Takes in the present state of a role or team; `None` when it is gone.
    ///
    /// # Errors
    /// A document that cannot be read.
    pub fn take(&mut self, kind: Kind, key: &str, doc: Option<&Doc>) -> Result<(), Error> {
        match kind {
            Kind::CustomRole => {
                if let Some(old) = self.roles.remove(key) {
                    self.keys.remove(&old.key);
                }
                if let Some(doc) = doc {
                    let role: CustomRole = doc.decode()?;
                    self.keys.insert(role.key.clone(), role.id.clone());
                    self.roles.insert(role.id.clone(), Arc::new(role));
                }
            }
            Kind::Team => {
                if let Some(old) = self.teams.remove(key) {
                    for member in people(&old) {
                        if let Some(teams) = self.of_member.get_mut(member) {
                            teams.remove(key);
                        }
                    }
                }
                if let Some(doc) = doc {
                    let team: Team = doc.decode()?;
                    for member in people(&team) {
                        self.of_member.entry(member.to_owned()).or_default().insert(team.key.clone());
                    }
                    self.teams.insert(team.key.clone(), Arc::new(team));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A role by its id or key.
    #[must_use]
    pub fn role(&self, reference: &str) -> Option<&Arc<CustomRole>> {
        self.roles.get(reference).or_else(|| self.roles.get(self.keys.get(reference)?))
    }

    /// The roles whose policies refer to a role attribute.
    pub fn referring<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a Arc<CustomRole>> {
        let text = format!("${{roleAttribute/{key}}}");
        let refers = move |role: &&Arc<CustomRole>| role.statements().iter().any(|one| one.to_string().contains(&text));
        self.roles.values().filter(refers)
    }

    /// What a member holds, directly and through teams.
    #[must_use]
    pub fn held_by(&self, member: &Member) -> Holding {
        let mut held = Holding::default();
        held.attributes.join(&member.role_attributes);
        for reference in &member.custom_roles {
            self.add(&mut held, reference, None);
        }
        for team in self.of_member.get(&member.id).into_iter().flatten().filter_map(|key| self.teams.get(key)) {
            if team.member_ids.contains(&member.id) {
                held.attributes.join(&team.role_attributes);
                for reference in &team.custom_role_keys {
                    self.add(&mut held, reference, Some(&team.key));
                }
            }
            if team.permission_grants.iter().any(|grant| grant.member_ids.contains(&member.id)) {
                held.grants.push(Arc::clone(team));
            }
        }
        held
    }

    /// Roles by reference, as a token lists them.
    #[must_use]
    pub fn listed(&self, references: &[String]) -> Holding {
        let mut held = Holding::default();
        for reference in references {
            self.add(&mut held, reference, None);
        }
        held
    }

    fn add(&self, held: &mut Holding, reference: &str, team: Option<&str>) {
        let Some(role) = self.role(reference) else { return };
        if let Some((_, Origin::Custom { direct, teams, .. })) = held.roles.iter_mut().find(|(r, _)| r.id == role.id) {
            match team {
                None => *direct = true,
                Some(team) => teams.push(team.to_owned()),
            }
            return;
        }
        let origin = Origin::Custom {
            key: role.key.clone(),
            name: role.name.clone(),
            direct: team.is_none(),
            teams: team.map(str::to_owned).into_iter().collect(),
        };
        held.roles.push((Arc::clone(role), origin));
    }
}

/// Members of a team and those with a grant on it.
fn people(team: &Team) -> impl Iterator<Item = &str> {
    team.member_ids.iter().chain(team.permission_grants.iter().flat_map(|g| &g.member_ids)).map(String::as_str)
}
