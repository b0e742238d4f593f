//! Reading and planning.

use wigwag_kit::patch::{Dialects, Patch};
use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Links, Reply, Request, Result};
use wigwag_model::doc::ExpiringTarget;

use super::instructions;
use super::rep::{ContextItem, Item, List, Patched, Place, UserItem};
use crate::common::ExpirySpelling;
use crate::flags::diff::Diff;
use crate::flags::facts::Wanted;
use crate::flags::load::{self, Found};
use crate::flags::write::Outcome;
use crate::flags::{access, guard, write};

pub(crate) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = find(&ctx, &request).await?;
    Reply::json(&list::<ContextItem<'_>>(&request, &found, expiring(&found)))
}

pub(crate) async fn get_users(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = find(&ctx, &request).await?;
    Reply::json(&list::<UserItem<'_>>(&request, &found, expiring(&found)))
}

pub(crate) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let (found, count) = change(&ctx, &request, ExpirySpelling::CONTEXTS).await?;
    Reply::json(&patched(list::<ContextItem<'_>>(&request, &found, expiring(&found)), count))
}

pub(crate) async fn patch_users(ctx: Ctx, request: Request) -> Result<Reply> {
    let (found, count) = change(&ctx, &request, ExpirySpelling::USERS).await?;
    Reply::json(&patched(list::<UserItem<'_>>(&request, &found, expiring(&found)), count))
}

async fn find(ctx: &Ctx, request: &Request) -> Result<Found> {
    let environment = request.param("environmentKey");
    load::find(ctx, request.param("projectKey"), request.param("featureFlagKey"), &[environment]).await
}

/// Those of the one environment that was loaded.
fn expiring(found: &Found) -> &[ExpiringTarget] {
    found.state.configs.values().next().map_or(&[], |config| &config.expiring_targets)
}

fn list<'a, T: Item<'a>>(request: &'a Request, found: &'a Found, all: &'a [ExpiringTarget]) -> List<T> {
    let place = Place {
        project: &found.project.value.key,
        environment: request.param("environmentKey"),
        flag: &found.state.flag,
    };
    let items = all.iter().filter_map(|one| T::of(place, one)).collect();
    List { items, links: Links::new().own(&*request.path) }
}

fn patched<T>(list: List<T>, count: usize) -> Patched<T> {
    Patched { list, total_instructions: count, successful_instructions: count, failed_instructions: 0 }
}

/// Applies the instructions of the request, all or nothing. Answers the flag as it is then, and how
/// many instructions there were.
async fn change(ctx: &Ctx, request: &Request, spelling: ExpirySpelling) -> Result<(Found, usize)> {
    let patch = Patch::read(request, Dialects::SEMANTIC)?;
    retried(false, || once(ctx, request, &patch, spelling)).await
}

async fn once(ctx: &Ctx, request: &Request, patch: &Patch, spelling: ExpirySpelling) -> Result<(Found, usize)> {
    let Patch::Semantic(sent) = patch else { return Err(Error::missing("instructions")) };
    let found = find(ctx, request).await?;
    let facts = load::facts(ctx, &found.project.value.key, Wanted::default()).await?;
    let mut after = found.state.clone();
    for config in after.configs.values_mut() {
        for instruction in sent.iter() {
            instructions::apply(config, &found.state.flag, spelling, instruction, &facts)?;
        }
    }
    let diff = Diff::between(&found.state, &after);
    let environments = found.environments();
    let count = sent.instructions.len();
    let proofs = access::authorise(ctx, &found.project.value, &environments, &found.state.flag, &diff)?;
    let Some(mut proofs) = proofs else { return Ok((found, count)) };
    guard::check(ctx, &found, &diff, patch.comment(), &mut proofs)?;
    let change = write::change(&found, &after, &diff, proofs).comment(patch.comment()).delta(patch.delta());
    let Outcome { state, .. } = write::save(ctx, change, &found, after, &diff, write::Others::default()).await?;
    Ok((Found { state, ..found }, count))
}
