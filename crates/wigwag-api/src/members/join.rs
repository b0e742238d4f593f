//! `POST /members/{id}/teams`: one member into several teams.

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::doc::Member;
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::Expect;

use super::{load, shown, target};
use crate::common::{Bullets, Giving, code, unique};
use crate::read::{Loaded, team_index, team_key, team_of};

/// Teams to join.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MemberTeamsPostInput")]
pub(super) struct TeamsPost {
    /// Keys of the teams.
    team_keys: Vec<String>,
}

pub(super) async fn join(ctx: Ctx, request: Request) -> Result<Reply> {
    let id = request.param("id");
    // Who it is about comes first: an unknown member is a 404 whatever the body says.
    load(&ctx, id).await?;
    let keys = unique(request.json::<TeamsPost>()?.team_keys);
    let member = retried(false, || attempt(&ctx, id, &keys)).await?;
    shown(&ctx, &request, member).await
}

/// All teams in one commit: a team that is unknown or refused leaves the others as they were.
async fn attempt(ctx: &Ctx, id: &str, keys: &[String]) -> Result<Loaded<Member>> {
    let member = load(ctx, id).await?;
    let giving = Giving::of(ctx).await?;
    let (mut proofs, mut teams) = (Vec::new(), Vec::new());
    for key in keys {
        let unknown = || Error::field("teamKeys", format_args!("Unknown team {key}"));
        let doc = if is_key(key, MAX_KEY) { ctx.store().get(&team_key(key)).await? } else { None };
        let team = team_of(&doc.ok_or_else(unknown)?)?;
        proofs.push(ctx.authorise("updateTeamMembers", &team.spec)?);
        if !team.value.member_ids.contains(&member.value.id) {
            giving.joining(&team.value)?;
            teams.push(team);
        }
    }
    let Some(proofs) = Proofs::from_list(proofs).filter(|_| !teams.is_empty()) else { return Ok(member) };
    let mut bullets = Bullets::default();
    teams.iter().for_each(|team| bullets.line(format!("Added to the team {}", code(&team.value.key))));
    let mut change = Change::new(proofs, "updated the member", target(&member.value)).description(bullets.markdown());
    change.require(member.key.clone(), Expect::Version(member.version));
    for mut team in teams {
        team.value.member_ids.push(member.value.id.clone());
        team.value.modified_at = ctx.app.clock.now();
        change.put(team.key, Expect::Version(team.version), &team.value, team_index(&team.value))?;
    }
    change.commit(ctx).await?;
    Ok(member)
}
