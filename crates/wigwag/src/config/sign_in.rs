//! How members sign in, as far as it is configured.

use std::collections::BTreeMap;
use std::net::IpAddr;
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
    /// Proxies whose word on where requests come from is believed.
    pub proxies: Vec<Net>,
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
            .field("proxies", &self.proxies)
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
            proxies: Vec::new(),
            smtp_url: None,
            mail_from: "Wigwag <wigwag@localhost>".to_owned(),
            oidc: None,
        }
    }
}

/// A network: an address and how many bits of it count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    address: IpAddr,
    bits: u32,
}

impl Net {
    /// Reads `10.0.0.0/8` or a lone address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.trim().parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.trim().parse().ok())?;
        (bits <= most).then_some(Self { address, bits })
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u32| self.bits == 0 || (a ^ b) >> (width - self.bits) == 0;
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => same(own.to_bits().into(), other.to_bits().into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.to_bits(), other.to_bits(), 128),
            _ => false,
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
        let proxies = self.optional("trusted-proxies", nets);
        let smtp_url = self.optional("smtp-url", smtp);
        let mail_from = self.required("mail-from", |t| Ok(t.to_owned()));
        let oidc = self.oidc();
        Some(SignInConfig {
            idle: Duration::from_secs(idle? * 3_600),
            absolute: Duration::from_secs(days? * 24 * 3_600),
            proxies: proxies.unwrap_or_default(),
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

fn nets(text: &str) -> Result<Vec<Net>, String> {
    let wrong = |one: &str| format!("\"{one}\" is not a network; write for example 10.0.0.0/8,::1");
    text.split(',').map(|one| Net::parse(one.trim()).ok_or_else(|| wrong(one))).collect()
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
    fn networks() {
        let within = |net: &str, address: &str| Net::parse(net).unwrap().contains(address.parse().unwrap());
        assert!(within("10.0.0.0/8", "10.9.8.7") && !within("10.0.0.0/8", "11.0.0.0"));
        assert!(within("10.0.0.0/8", "::ffff:10.0.0.1"));
        assert!(within("0.0.0.0/0", "1.2.3.4") && !within("0.0.0.0/0", "::1"));
        assert!(within("::1", "::1") && !within("::1", "::2") && within("2001:db8::/32", "2001:db8:1::"));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "x", "::/129", "10.0.0.0/-1"] {
            assert_eq!(Net::parse(bad), None, "{bad}");
        }
    }

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
