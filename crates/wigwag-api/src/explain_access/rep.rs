//! An explanation as clients see it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_auth::{Check, Explanation, Origin, Ruling, role_name};
use wigwag_kit::{Links, Spec};

/// Why an action is allowed or denied.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccessExplanation {
    /// Itself.
    #[serde(rename = "_links")]
    links: Links,
    /// The action asked about.
    action: String,
    /// The resource asked about.
    resource: String,
    /// The member asked about, or the one whom the token acts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_id: Option<String>,
    /// The access token asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_id: Option<String>,
    /// Whether it is allowed.
    allowed: bool,
    /// In a sentence.
    summary: String,
    /// What decided; absent when no statement allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<RulingRep>,
    /// What was asked, in order: all of it must be allowed.
    checks: Vec<CheckRep>,
}

/// Answers to several questions, in their order.
#[derive(Serialize, JsonSchema)]
pub(super) struct AccessExplanations {
    /// Itself.
    #[serde(rename = "_links")]
    links: Links,
    /// The answers.
    items: Vec<AccessExplanation>,
}

impl AccessExplanations {
    pub(super) fn new(items: Vec<AccessExplanation>) -> Self {
        Self { links: Links::new().own("/api/v2/explain-access".to_owned()), items }
    }
}

/// One action asked of the roles of one subject.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CheckRep {
    /// `member`; `token` for the token's own role; `limit` for what the maker of a token could do.
    subject: &'static str,
    /// The action asked.
    action: String,
    /// On what.
    resource: String,
    /// Whether it is allowed.
    allowed: bool,
    /// What every role says that says anything. One that allows is enough; a denial counts in its own role.
    rulings: Vec<RulingRep>,
}

/// What one role says.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RulingRep {
    /// `allow` or `deny`.
    effect: &'static str,
    /// `baseRole`, `customRole`, `inlineRole`, `ownTokens`, `permissionGrant`.
    kind: &'static str,
    /// Key of the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_key: Option<String>,
    /// Name of the role.
    #[serde(rename = "role_name", skip_serializing_if = "Option::is_none")]
    role_name: Option<String>,
    /// Whether the role was given directly.
    #[serde(skip_serializing_if = "Option::is_none")]
    direct: Option<bool>,
    /// Keys of the teams it came through.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    teams: Vec<String>,
    /// Index of the statement in the role's policy; absent where its base permissions decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    statement_index: Option<usize>,
    /// The statement as written.
    #[serde(skip_serializing_if = "Value::is_null")]
    statement: Value,
}

impl AccessExplanation {
    pub(super) fn new(
        explanation: &Explanation,
        action: &str,
        resource: &Spec,
        member_id: Option<String>,
        token_id: Option<String>,
    ) -> Self {
        let check = explanation.deciding();
        let decided_by = check.and_then(Check::deciding);
        Self {
            links: Links::new().own("/api/v2/explain-access".to_owned()),
            action: action.to_owned(),
            resource: resource.to_string(),
            member_id,
            token_id,
            allowed: explanation.allowed,
            summary: summary(check, decided_by),
            decided_by: decided_by.map(RulingRep::new),
            checks: explanation.checks.iter().map(CheckRep::new).collect(),
        }
    }
}

fn summary(check: Option<&Check>, by: Option<&Ruling>) -> String {
    let Some(check) = check else { return "Denied: there are no roles".to_owned() };
    let whose = match check.subject {
        "limit" => "what the maker of the token could do",
        "token" => "the token",
        _ => "the member",
    };
    let (word, what) =
        (if check.allowed { "Allowed" } else { "Denied" }, format!("{} on {}", check.action, check.resource));
    let Some(by) = by else { return format!("{word}: no role of {whose} allows {what}") };
    let place = match (by.statement, by.text.is_null()) {
        (Some(at), _) => format!("statement {at} of "),
        (None, _) => String::new(),
    };
    let verb = if by.allows { "allows" } else { "denies" };
    format!("{word}: {place}{} of {whose} {verb} {what}", told(&by.origin))
}

fn told(origin: &Origin) -> String {
    match origin {
        Origin::Base(role) => format!("the base role {}", role_name(*role)),
        Origin::OwnTokens => "the right to look after own access tokens".to_owned(),
        Origin::Custom { key, direct: false, teams, .. } => {
            format!("the custom role {key} (through the team {})", teams.join(", "))
        }
        Origin::Custom { key, .. } => format!("the custom role {key}"),
        Origin::Inline => "the inline role".to_owned(),
        Origin::Grant(team) => format!("the permission grant on the team {team}"),
        Origin::Policy => "the policy".to_owned(),
    }
}

impl CheckRep {
    fn new(check: &Check) -> Self {
        Self {
            subject: check.subject,
            action: check.action.clone(),
            resource: check.resource.clone(),
            allowed: check.allowed,
            rulings: check.rulings.iter().map(RulingRep::new).collect(),
        }
    }
}

impl RulingRep {
    fn new(ruling: &Ruling) -> Self {
        let (kind, role_key, direct, teams) = match &ruling.origin {
            Origin::Base(role) => ("baseRole", Some(role_name(*role).to_owned()), None, Vec::new()),
            Origin::OwnTokens => ("ownTokens", None, None, Vec::new()),
            Origin::Custom { key, direct, teams, .. } => {
                ("customRole", Some(key.clone()), Some(*direct), teams.clone())
            }
            Origin::Inline => ("inlineRole", None, None, Vec::new()),
            Origin::Grant(team) => ("permissionGrant", None, None, vec![team.clone()]),
            Origin::Policy => ("policy", None, None, Vec::new()),
        };
        Self {
            effect: if ruling.allows { "allow" } else { "deny" },
            kind,
            role_key,
            role_name: ruling.origin.name().map(str::to_owned),
            direct,
            teams,
            statement_index: ruling.statement,
            statement: ruling.text.clone(),
        }
    }
}
