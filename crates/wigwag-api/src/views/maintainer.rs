//! Who looks after a view.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Ctx, Error, Result};
use wigwag_model::doc::{Maintainer, Member, Role, View};
use wigwag_model::key::{MAX_KEY, is_key};

use crate::read::{members_by_id, team_key, team_of};

/// The maintainer that a body names, if it names one; an empty name is none.
///
/// # Errors
/// Both given; a member or team that there is not.
pub(super) async fn named(ctx: &Ctx, member: Option<&str>, team: Option<&str>) -> Result<Option<Maintainer>> {
    match (member.filter(|id| !id.is_empty()), team.filter(|key| !key.is_empty())) {
        (Some(_), Some(_)) => {
            Err(Error::Invalid("Team maintainer key and member maintainer ID cannot both be set".to_owned()))
        }
        (Some(id), None) => match members_by_id(ctx, [id]).await?.contains_key(id) {
            true => Ok(Some(Maintainer::Member(id.to_owned()))),
            false => Err(Error::field("maintainerId", format_args!("there is no member with the ID '{id}'"))),
        },
        (None, Some(key)) => {
            let known = is_key(key, MAX_KEY) && ctx.store().get(&team_key(key)).await?.is_some();
            let unknown = || Error::field("maintainerTeamKey", format_args!("there is no team with the key '{key}'"));
            known.then(|| Some(Maintainer::Team(key.to_owned()))).ok_or_else(unknown)
        }
        (None, None) => Ok(None),
    }
}

/// The member who asks; service tokens leave no maintainer.
pub(super) fn creator(ctx: &Ctx) -> Option<Maintainer> {
    ctx.caller.acting_member().map(|member| Maintainer::Member(member.id.clone()))
}

/// Who looks after a view, as clients see it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Maintainer")]
pub(super) struct MaintainerRep {
    /// Of the member; the key of the team.
    id: String,
    /// `member` or `team`.
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    maintainer_member: Option<MemberRep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maintainer_team: Option<TeamRep>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ViewsMaintainerMember")]
struct MemberRep {
    id: String,
    email: String,
    role: Role,
    #[serde(skip_serializing_if = "String::is_empty")]
    first_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_name: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ViewsMaintainerTeam")]
struct TeamRep {
    id: String,
    key: String,
    name: String,
}

/// The maintainers of some views.
#[derive(Default)]
pub(super) struct Maintainers {
    members: HashMap<String, Member>,
    teams: HashMap<String, String>,
}

impl Maintainers {
    /// Looks them up. One that is gone is shown by its id or key alone.
    pub(super) async fn load<'a>(ctx: &Ctx, views: impl Iterator<Item = &'a View>) -> Result<Self> {
        let (mut members, mut teams) = (Vec::new(), Vec::new());
        for maintainer in views.filter_map(|view| view.maintainer.as_ref()) {
            match maintainer {
                Maintainer::Member(id) => members.push(id.as_str()),
                Maintainer::Team(key) if !teams.contains(key) => teams.push(key.clone()),
                Maintainer::Team(_) => {}
            }
        }
        let mut found = Self::default();
        if !members.is_empty() {
            found.members = members_by_id(ctx, members).await?;
        }
        let keys: Vec<_> = teams.iter().map(|key| team_key(key)).collect();
        if !keys.is_empty() {
            for doc in ctx.store().get_many(&keys).await?.into_iter().flatten() {
                let team = team_of(&doc)?.value;
                found.teams.insert(team.key, team.name);
            }
        }
        Ok(found)
    }

    pub(super) fn shown(&self, maintainer: &Maintainer) -> MaintainerRep {
        match maintainer {
            Maintainer::Member(id) => MaintainerRep {
                id: id.clone(),
                kind: "member",
                maintainer_member: self.members.get(id).map(|member| MemberRep {
                    id: id.clone(),
                    email: member.email.clone(),
                    role: member.role,
                    first_name: member.first_name.clone(),
                    last_name: member.last_name.clone(),
                }),
                maintainer_team: None,
            },
            Maintainer::Team(key) => MaintainerRep {
                id: key.clone(),
                kind: "team",
                maintainer_member: None,
                maintainer_team: self.teams.get(key).map(|name| TeamRep {
                    id: key.clone(),
                    key: key.clone(),
                    name: name.clone(),
                }),
            },
        }
    }
}
