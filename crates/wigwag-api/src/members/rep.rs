//! A member as the API shows them.

use std::collections::HashMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_auth::{Activity, member_subject};
use wigwag_kit::links::{Links, path};
use wigwag_kit::{Ctx, Expand, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Member, PermissionGrant, Role, Team};

use crate::read::{Loaded, all_teams, team_spec};

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
    /// `enabled` where a second factor is asked for at sign-in.
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
    /// Rights on teams that were given to them in person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    permission_grants: Vec<MemberGrantRep>,
    /// With `expand=roleAttributes`: values that the policies of their roles may refer to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<std::collections::BTreeMap<String, Vec<String>>>")]
    role_attributes: Option<IndexMap<String, Vec<String>>>,
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

/// Rights on one resource: a named set of actions, or a list of them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MemberPermissionGrantSummaryRep")]
struct MemberGrantRep {
    /// A named set of actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    action_set: Option<String>,
    /// Actions by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<String>,
    /// The resource.
    resource: String,
}

/// What representations of members need besides the members.
pub(super) struct Surroundings {
    pub(super) teams: Vec<Loaded<Team>>,
    attributes: bool,
    /// When members were last active, by what that is noted under.
    seen: HashMap<String, Millis>,
}

impl Surroundings {
    pub(super) async fn load(ctx: &Ctx, expand: &Expand) -> Result<Self> {
        let attributes = expand.has("roleAttributes");
        Ok(Self { teams: all_teams(ctx).await?, attributes, seen: HashMap::new() })
    }

    /// Looks up when these were last active.
    pub(super) async fn seen(mut self, ctx: &Ctx, members: &[Loaded<Member>]) -> Result<Self> {
        if let Some(activity) = ctx.app.extension::<Activity>() {
            let subjects: Vec<_> = members.iter().map(|member| member_subject(&member.value.id)).collect();
            self.seen = activity.last(&subjects).await?;
        }
        Ok(self)
    }

    /// Shows a member.
    pub(super) fn shown(&self, member: &Loaded<Member>) -> MemberRep {
        let Loaded { value, version, .. } = member;
        let teams = || self.teams.iter().map(|team| &team.value);
        let grants = teams().flat_map(|team| {
            let mine = team.permission_grants.iter().filter(|grant| grant.member_ids.contains(&value.id));
            mine.map(|grant| grant_of(team, grant))
        });
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
            last_seen: self.seen.get(&member_subject(&value.id)).copied().unwrap_or_default(),
            creation_date: value.created_at,
            has_password: value.password_hash.is_some(),
            teams: teams().filter(|team| team.member_ids.contains(&value.id)).map(summary).collect(),
            permission_grants: grants.collect(),
            role_attributes: self.attributes.then(|| value.role_attributes.clone()),
            version: *version,
        }
    }
}

fn grant_of(team: &Team, grant: &PermissionGrant) -> MemberGrantRep {
    MemberGrantRep {
        action_set: grant.action_set.clone(),
        actions: grant.actions.clone(),
        resource: team_spec(team).to_string(),
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
