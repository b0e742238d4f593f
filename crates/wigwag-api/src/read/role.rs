//! Custom roles, as those who are given them need them. Requests name them by key or id.

use std::collections::HashMap;

use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::{CustomRole, Kind};

/// Custom roles by the names that a request has for them.
#[derive(Clone, Debug, Default)]
pub struct Roles(HashMap<String, CustomRole>);

impl Roles {
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
