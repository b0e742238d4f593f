//! A member as the API shows them.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Ctx, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, Member, Role, Team};

use crate::read::Loaded;

/// A member.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberRep {
    /// Itself.
    #[serde(rename = "_links")]
    links: Links,
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// Given name.
    #[serde(skip_serializing_if = "String::is_empty")]
    first_name: String,
    /// Family name.
    #[serde(skip_serializing_if = "String::is_empty")]
    last_name: String,
    /// Base role.
    role: Role,
    /// Sign-in name.
    email: String,
    /// An invitation that has not been accepted.
    #[serde(rename = "_pendingInvite")]
    pending_invite: bool,
    /// The address was confirmed by accepting the invitation.
    #[serde(rename = "_verified")]
    verified: bool,
    /// Ids of custom roles.
    custom_roles: Vec<String>,
    /// Always empty: there are no dashboards to leave out. Clients of version 7 insist on the member.
    excluded_dashboards: [&'static str; 0],
    /// Whether they have a second factor: `enabled` or `disabled`.
    mfa: &'static str,
    /// When they were last active, 0 when that is not known.
    #[serde(rename = "_lastSeen")]
    last_seen: Millis,
    /// When they became a member.
    creation_date: Millis,
    /// Whether they sign in with a password.
    has_password: bool,
    /// The teams they are in.
    teams: Vec<MemberTeamSummaryRep>,
    /// Counts changes.
    version: u64,
}

/// A team, as its members show it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MemberTeamSummaryRep {
    /// The team.
    #[serde(rename = "_links")]
    links: Links,
    /// Keys of its custom roles.
    custom_role_keys: Vec<String>,
    /// Chosen key.
    key: String,
    /// Human name.
    name: String,
}

/// Every team of the account: there are few.
pub(super) async fn all_teams(ctx: &Ctx) -> Result<Vec<Team>> {
    let docs = ctx.store().scan(Kind::Team, None, None).await?;
    docs.iter().map(|doc| Ok(doc.decode()?)).collect()
}

/// Shows a member, given all teams.
#[must_use]
pub(super) fn member_rep(member: &Loaded<Member>, teams: &[Team]) -> MemberRep {
    let Loaded { value, version, .. } = member;
    MemberRep {
        links: Links::new().own(path(&["members", &value.id])),
        id: value.id.clone(),
        first_name: value.first_name.clone(),
        last_name: value.last_name.clone(),
        role: value.role,
        email: value.email.clone(),
        pending_invite: value.pending_invite,
        verified: !value.pending_invite,
        custom_roles: value.custom_roles.clone(),
        excluded_dashboards: [],
        mfa: if value.sign_in.totp.is_some() { "enabled" } else { "disabled" },
        last_seen: 0,
        creation_date: value.created_at,
        has_password: value.password_hash.is_some(),
        teams: teams.iter().filter(|team| team.member_ids.contains(&value.id)).map(summary).collect(),
        version: *version,
    }
}

fn summary(team: &Team) -> MemberTeamSummaryRep {
    MemberTeamSummaryRep {
        links: Links::new().own(path(&["teams", &team.key])).parent(path(&["teams"])),
        custom_role_keys: team.custom_role_keys.clone(),
        key: team.key.clone(),
        name: team.name.clone(),
    }
}
