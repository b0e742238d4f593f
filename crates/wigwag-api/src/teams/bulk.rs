//! `PATCH /teams`: members into several teams at once.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::patch::{Instruction, Instructions};
use wigwag_kit::resource::{Account, Stored, load, retried, save};
use wigwag_kit::{Ctx, Dialects, Error, Patch, Proofs, Reply, Request, Resource, Result};

use super::{Facts, Teams, unique};
use crate::read::members_but;

/// What a bulk change did.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct BulkRep {
    /// Members that were added.
    #[serde(rename = "memberIDs")]
    members: Vec<String>,
    /// Teams that they were added to.
    #[serde(rename = "teamKeys")]
    teams: Vec<String>,
    /// Teams that could not be changed, each with why.
    #[schemars(with = "Vec<std::collections::BTreeMap<String, String>>")]
    errors: Vec<indexmap::IndexMap<String, String>>,
}

/// Adds members team by team: each is a change of its own, and one that is refused is told
/// among the errors while the others stand.
pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let Patch::Semantic(all) = Patch::read(&request, Dialects::SEMANTIC)? else {
        return Reply::json(&BulkRep::default());
    };
    let mut steps = Vec::new();
    for instruction in all.iter() {
        steps.push((members(&ctx, &instruction).await?, instruction.required::<Vec<String>>("teamKeys")?));
    }
    let mut rep = BulkRep::default();
    for (members, keys) in steps {
        for key in keys {
            match retried(false, || add(&ctx, &key, &members, &all)).await {
                Ok(()) => rep.teams.push(key),
                Err(error @ (Error::Unavailable | Error::Internal(_))) => return Err(error),
                Err(error) => rep.errors.push([(key, error.to_string())].into_iter().collect()),
            }
        }
        rep.members.extend(members);
    }
    (rep.members, rep.teams) = (unique(rep.members), unique(rep.teams));
    Reply::json(&rep)
}

async fn add(ctx: &Ctx, key: &str, members: &[String], all: &Instructions) -> Result<()> {
    let Stored { value: before, version } = load::<Teams>(ctx, &Account, key).await?;
    let proof = ctx.authorise("updateTeamMembers", &Teams::spec(&before, &Account))?;
    let mut team = before.clone();
    team.member_ids = unique(team.member_ids.iter().chain(members).cloned().collect());
    if team == before {
        return Ok(());
    }
    Teams::given(ctx, Some(&before), &team).await?;
    Teams::touch(&mut team, ctx);
    let new = team.member_ids.iter().filter(|id| !before.member_ids.contains(id));
    let text: String = new.map(|id| format!("* Added member `{id}`\n")).collect();
    let describe =
        |change: wigwag_kit::Change| change.comment(all.comment.as_deref()).description(text).delta(all.delta());
    save::<Teams>(ctx, &Account, team, Some(version), describe, Proofs::of(proof), "updated the team").await.map(drop)
}

/// Who is to be added.
async fn members(ctx: &Ctx, instruction: &Instruction<'_>) -> Result<Vec<String>> {
    match instruction.kind() {
        "addMembersToTeams" => {
            let ids: Vec<String> = instruction.required("memberIDs")?;
            let named: Vec<&str> = ids.iter().map(String::as_str).collect();
            Facts::load(ctx, &named, &[]).await?.check("memberIDs", &ids)?;
            Ok(ids)
        }
        "addAllMembersToTeams" => {
            Ok(members_but(ctx, instruction).await?.into_iter().map(|member| member.id).collect())
        }
        _ => Err(instruction.unsupported()),
    }
}
