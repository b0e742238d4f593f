//! How members sign in, as far as it is configured.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use wigwag_api::sign_in::Mapping;
use wigwag_model::doc::Role;

use super::{Problem, Reader, parse};

/// How members sign in.
#[derive(Clone)]
pub struct SignInConfig {
    /// A session that is not used for so long ends.
    pub idle: Duration,
    /// So long after signing in, it ends anyway.
    pub absolute: Duration,
    /// Mail server with its password: never print it.
    pub smtp_url: Option<String>,
    /// Sender of letters.
    pub mail_from: String,
    /// Provider of single sign-on.
    pub oidc: Option<OidcConfig>,
}

/// A provider of single sign-on.
#[derive(Clone)]
pub struct OidcConfig {
    /// Its address.
    pub issuer: String,
    /// What it knows us as.
    pub client_id: String,
    /// The secret that goes with it: never print it.
    pub client_secret: Option<String>,
    /// What is asked of it.
    pub scopes: Vec<String>,
    /// The claim that lists groups.
    pub group_claim: String,
    /// What groups mean.
    pub mapping: Mapping,
}

/// Says what is set, never a secret.
impl std::fmt::Debug for SignInConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInConfig")
            .field("idle", &self.idle)
            .field("absolute", &self.absolute)
            .field("smtp_url", &self.smtp_url.is_some())
            .field("oidc", &self.oidc.as_ref().map(|oidc| &oidc.issuer))
            .finish_non_exhaustive()
    }
}

impl Default for SignInConfig {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(12 * 3_600),
            absolute: Duration::from_secs(14 * 24 * 3_600),
            smtp_url: None,
            mail_from: "Wigwag <wigwag@localhost>".to_owned(),
            oidc: None,
        }
    }
}

/// What a group means, as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    role: Option<Role>,
    #[serde(default)]
    teams: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn sign_in(&mut self) -> Option<SignInConfig> {
        let idle = self.required("session-idle-hours", |t| parse::number(t, 1, 720));
        let days = self.required("session-days", |t| parse::number(t, 1, 365));
        let smtp_url = self.optional("smtp-url", smtp);
        let mail_from = self.required("mail-from", |t| Ok(t.to_owned()));
        let oidc = self.oidc();
        Some(SignInConfig {
            idle: Duration::from_secs(idle? * 3_600),
            absolute: Duration::from_secs(days? * 24 * 3_600),
            smtp_url,
            mail_from: mail_from?,
            oidc: oidc?,
        })
    }

    /// None when something is wrong with it; `Some(None)` without a provider.
    fn oidc(&mut self) -> Option<Option<OidcConfig>> {
        let issuer = self.optional("oidc-issuer", parse::web_address);
        let client_id = self.optional("oidc-client-id", |t| Ok(t.to_owned()));
        let client_secret = self.optional("oidc-client-secret", |t| Ok(t.to_owned()));
        let scopes = self.required("oidc-scopes", scopes);
        let group_claim = self.required("oidc-group-claim", |t| Ok(t.to_owned()));
        let default_role = self.optional("oidc-default-role", role);
        let groups = self.optional("oidc-groups", groups);
        let given = self.found("oidc-issuer");
        let Some(given) = given else { return Some(None) };
        if client_id.is_none() {
            let message = "needs oidc-client-id as well".to_owned();
            self.problems.push(Problem { option: "oidc-issuer".to_owned(), place: given.place, message });
        }
        let (roles, teams) = groups.unwrap_or_default();
        Some(Some(OidcConfig {
            issuer: issuer?,
            client_id: client_id?,
            client_secret,
            scopes: scopes?,
            group_claim: group_claim?,
            mapping: Mapping { roles, teams, default_role },
        }))
    }
}

fn smtp(text: &str) -> Result<String, String> {
    if ["smtp://", "smtps://"].iter().any(|scheme| text.len() > scheme.len() && text.starts_with(scheme)) {
        return Ok(text.to_owned());
    }
    Err("is not the address of a mail server; write smtps://user:password@host".to_owned())
}

fn scopes(text: &str) -> Result<Vec<String>, String> {
    let scopes: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if scopes.iter().any(|scope| scope == "openid") {
        return Ok(scopes);
    }
    Err(format!("\"{text}\" leaves out openid; write for example openid email profile"))
}

fn role(text: &str) -> Result<Role, String> {
    let role = serde_json::from_value(text.into()).ok().filter(|role| *role != Role::Owner);
    role.ok_or_else(|| format!("\"{text}\" is not a role; write reader, writer, admin or no_access"))
}

type Groups = (BTreeMap<String, Role>, BTreeMap<String, Vec<String>>);

fn groups(text: &str) -> Result<Groups, String> {
    let wrong = |e: serde_json::Error| {
        format!("cannot be read: {e}; write lines like \"Flag admins\" = {{ role = \"admin\", teams = [\"ops\"] }}")
    };
    let all: BTreeMap<String, Group> = serde_json::from_str(text).map_err(wrong)?;
    let (mut roles, mut teams) = Groups::default();
    for (name, group) in all {
        match group.role {
            Some(Role::Owner) => return Err(format!("\"{name}\" cannot give the owner's role")),
            Some(role) => drop(roles.insert(name.clone(), role)),
            None => {}
        }
        if !group.teams.is_empty() {
            teams.insert(name, group.teams);
        }
    }
    Ok((roles, teams))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn what_groups_mean() {
        let (roles, teams) =
            groups(r#"{"a": {"role": "admin", "teams": ["t"]}, "b": {"teams": ["t", "u"]}, "c": {}}"#).unwrap();
        assert_eq!(roles, BTreeMap::from([("a".to_owned(), Role::Admin)]));
        assert_eq!(teams.len(), 2);
        for bad in [r#"{"a": {"role": "owner"}}"#, r#"{"a": {"rule": "x"}}"#, r#"{"a": "admin"}"#, "[]"] {
            assert!(groups(bad).is_err(), "{bad}");
        }
    }
}
