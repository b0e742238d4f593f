//! Reading and planning. What is well-formed but cannot be done is reported, and the rest is done.

use wigwag_kit::patch::{Dialects, Patch};
use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Links, Reply, Request, Result};

use super::instructions::{Facts, Planned, failure};
use super::rep::{ContextItem, Failed, Item, List, Patched, UserItem};
use crate::common::ExpirySpelling;
use crate::segments::load::{self, Found};
use crate::segments::{access, diff, write};

pub(crate) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = load::of(&ctx, &request).await?;
    Reply::json(&list::<ContextItem<'_>>(&request, &found))
}

pub(crate) async fn get_users(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = load::of(&ctx, &request).await?;
    Reply::json(&list::<UserItem<'_>>(&request, &found))
}

pub(crate) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let done = change(&ctx, &request, ExpirySpelling::CONTEXTS).await?;
    Reply::json(&done.answer(list::<ContextItem<'_>>(&request, &done.found)))
}

pub(crate) async fn patch_users(ctx: Ctx, request: Request) -> Result<Reply> {
    let done = change(&ctx, &request, ExpirySpelling::USERS).await?;
    Reply::json(&done.answer(list::<UserItem<'_>>(&request, &done.found)))
}

fn list<'a, T: Item<'a>>(request: &'a Request, found: &'a Found) -> List<T> {
    let items = found.segment.expiring_targets.iter().filter_map(|one| T::of(found, one)).collect();
    List { items, links: Links::new().own(&*request.path) }
}

/// The segment after a patch, and what of the patch failed.
struct Done {
    found: Found,
    total: usize,
    errors: Vec<Failed>,
}

impl Done {
    fn answer<T>(&self, list: List<T>) -> Patched<T> {
        let failed = self.errors.len();
        Patched {
            list,
            total_instructions: self.total,
            successful_instructions: self.total - failed,
            failed_instructions: failed,
            errors: self.errors.clone(),
        }
    }
}

async fn change(ctx: &Ctx, request: &Request, spelling: ExpirySpelling) -> Result<Done> {
    let patch = Patch::read(request, Dialects::SEMANTIC)?;
    retried(false, || once(ctx, request, &patch, spelling)).await
}

async fn once(ctx: &Ctx, request: &Request, patch: &Patch, spelling: ExpirySpelling) -> Result<Done> {
    let Patch::Semantic(sent) = patch else { return Err(Error::missing("instructions")) };
    let found = load::of(ctx, request).await?;
    let facts = Facts { now: ctx.app.clock.now(), ids: &ctx.app.ids, version: found.version };
    let planned = sent.iter().map(|one| Planned::read(spelling, one)).collect::<Result<Vec<_>>>()?;
    let total = planned.len();
    let mut after = found.segment.clone();
    let mut errors = Vec::new();
    for (instruction_index, one) in planned.into_iter().enumerate() {
        if let Err(error) = one.apply(&mut after, &facts) {
            errors.push(Failed { instruction_index, message: failure(error)? });
        }
    }
    let parts = diff::between(&found.segment, &after);
    let Some(proofs) = access::authorise(ctx, &found, &parts)? else { return Ok(Done { found, total, errors }) };
    write::check_comment(&found.environment.value, patch.comment())?;
    let change = write::change(&found, &after, &parts, proofs).comment(patch.comment()).delta(patch.delta());
    let found = write::save(ctx, change, found, after, Vec::new()).await?;
    Ok(Done { found, total, errors })
}
