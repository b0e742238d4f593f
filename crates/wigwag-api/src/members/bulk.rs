//! `PATCH /members`: many members at once (semantic-patch.md 11).

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::patch::{Instruction, Instructions};
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Dialects, Error, Patch, Proof, Proofs, Reply, Request, Result};
use wigwag_model::doc::{Member, Role};

use super::{edit, load};
use crate::common::{check_role_attributes, unique};
use crate::read::{GivenRoles, Loaded, given_role, members_but};

/// Most members that one request names.
const MOST: usize = 10_000;

/// What a bulk change did.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "BulkEditMembersRep")]
pub(super) struct BulkRep {
    /// Members that are as asked now.
    members: Vec<String>,
    /// Members that could not be changed, each with why.
    #[schemars(with = "Vec<std::collections::BTreeMap<String, String>>")]
    errors: Vec<IndexMap<String, String>>,
}

/// What an instruction does to a member.
enum Step {
    /// Another base role, and no custom roles.
    Role(Role),
    /// Other custom roles, by id.
    CustomRoles(Vec<String>),
    /// Other role attributes.
    Attributes(IndexMap<String, Vec<String>>),
}

/// Each member is a change of its own; one that is refused is told among the errors while the others stand.
pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let Patch::Semantic(all) = Patch::read(&request, Dialects::SEMANTIC)? else {
        return Reply::json(&BulkRep::default());
    };
    let mut steps = Vec::new();
    let mut wanted: IndexMap<String, Vec<usize>> = IndexMap::new();
    for instruction in all.iter() {
        let step = step(&ctx, &instruction).await?;
        for id in meant(&ctx, &instruction).await? {
            wanted.entry(id).or_default().push(steps.len());
        }
        steps.push(step);
    }
    if wanted.len() > MOST {
        return Err(Error::field("instructions", format_args!("name more than {MOST} members")));
    }
    let mut rep = BulkRep::default();
    for (id, which) in wanted {
        let own: Vec<&Step> = which.into_iter().map(|at| &steps[at]).collect();
        match retried(false, || one(&ctx, &id, &own, &all)).await {
            Ok(_) => rep.members.push(id),
            Err(error @ (Error::Unavailable | Error::Internal(_))) => return Err(error),
            Err(error) => rep.errors.push([(id, error.to_string())].into_iter().collect()),
        }
    }
    Reply::json(&rep)
}

async fn step(ctx: &Ctx, instruction: &Instruction<'_>) -> Result<Step> {
    let named = |problem: Error, name: &str| match problem {
        Error::Invalid(text) => instruction.problem(name, text.split_once(": ").map_or(&*text, |(_, rest)| rest)),
        other => other,
    };
    match instruction.kind() {
        "replaceMembersRoles" | "replaceAllMembersRoles" => {
            let role: String = instruction.required("value")?;
            given_role("value", &role).map(Step::Role).map_err(|e| named(e, "value"))
        }
        "replaceMembersCustomRoles" | "replaceAllMembersCustomRoles" => {
            let names: Vec<String> = instruction.required("values")?;
            let roles = GivenRoles::named(ctx, &names).await?;
            roles.ids("values", &names).map(Step::CustomRoles).map_err(|e| named(e, "values"))
        }
        "replaceMembersRoleAttributes" => {
            let attributes = instruction.required("value")?;
            check_role_attributes("value", &attributes).map_err(|e| named(e, "value"))?;
            Ok(Step::Attributes(attributes))
        }
        _ => Err(instruction.unsupported()),
    }
}

/// Ids of the members that an instruction is about.
async fn meant(ctx: &Ctx, instruction: &Instruction<'_>) -> Result<Vec<String>> {
    if instruction.kind().starts_with("replaceAll") {
        return Ok(members_but(ctx, instruction).await?.into_iter().map(|member| member.id).collect());
    }
    instruction.required("memberIDs").map(unique)
}

async fn one(ctx: &Ctx, id: &str, steps: &[&Step], all: &Instructions) -> Result<Loaded<Member>> {
    let before = load(ctx, id).await?;
    let mut after = before.value.clone();
    let mut proofs: Vec<Proof> = Vec::new();
    for step in steps {
        match step {
            Step::Role(role) => {
                proofs.push(ctx.authorise("updateRole", &before.spec)?);
                if !after.custom_roles.is_empty() {
                    proofs.push(ctx.authorise("updateCustomRole", &before.spec)?);
                }
                (after.role, after.custom_roles) = (*role, Vec::new());
            }
            Step::CustomRoles(ids) => {
                proofs.push(ctx.authorise("updateCustomRole", &before.spec)?);
                after.custom_roles.clone_from(ids);
            }
            Step::Attributes(attributes) => {
                proofs.push(ctx.authorise("updateMemberRoleAttributes", &before.spec)?);
                after.role_attributes.clone_from(attributes);
            }
        }
    }
    let Some(proofs) = Proofs::from_list(proofs) else { return Ok(before) };
    let describe = |change: Change| change.comment(all.comment.as_deref()).delta(all.delta());
    edit::write(ctx, before, after, proofs, describe).await
}
