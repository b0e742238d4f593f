//! Members from a file.

mod awaited;
mod form;
mod show;
mod work;

use http::HeaderValue;
use http::header::LOCATION;
use wigwag_kit::links::path;
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::{ImportMode, Kind, SegmentImport, TransferStatus};
use wigwag_store::{DocKey, IndexFacts, MemberList, MemberOp, MemberSet};

pub(super) use awaited::{Awaited, awaited};
pub(super) use show::{ImportRep, get};
use work::Work;

pub(super) fn key(project: &str, environment: &str, id: &str) -> DocKey {
    DocKey::in_env(Kind::SegmentImport, project, environment, id)
}

/// What says that an import is under way, and of which segment: no two of one segment are.
pub(super) const RUNNING: &str = "running";
/// The same, for those who look in all environments.
pub(super) const SINCE: &str = "runningSince";
/// What says since when an import waits to be put in force.
pub(super) const WAITING: &str = "waitingSince";

fn running(segment: &DocKey) -> String {
    format!("{}/{}/{}", segment.project, segment.env, segment.key)
}

fn facts(segment: &DocKey, import: &SegmentImport) -> IndexFacts {
    match import.status {
        TransferStatus::InProgress | TransferStatus::Preparing => {
            IndexFacts::new().unique(RUNNING, running(segment)).number(SINCE, import.created_at)
        }
        TransferStatus::Ready => IndexFacts::new().number(WAITING, import.created_at),
        TransferStatus::Complete | TransferStatus::Stopped => IndexFacts::new(),
    }
}

/// Whether an import for the segment is under way.
pub(super) async fn is_running(ctx: &Ctx, segment: &DocKey) -> Result<bool> {
    Ok(ctx.store().find_unique(Kind::SegmentImport, RUNNING, &running(segment)).await?.is_some())
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = super::of(&ctx, &request).await?;
    // Before a large body is read; each change asks again.
    ctx.authorise("updateIncluded", &found.spec())?;
    let owner = found.key();
    if is_running(&ctx, &owner).await? {
        return Err(in_the_way());
    }
    let form = form::read(request).await?;
    if is_running(&ctx, &owner).await? {
        return Err(in_the_way());
    }
    let set = ctx.store().stage_members(&owner, MemberList::Included, ctx.app.clock.now()).await?;
    let import = SegmentImport {
        id: ctx.app.ids.uuid(),
        segment: found.segment.key.clone(),
        file: form.name,
        mode: form.mode,
        status: if form.waits { TransferStatus::Preparing } else { TransferStatus::InProgress },
        set: set.0,
        keys: form.keys.len() as u64,
        created_at: ctx.app.clock.now(),
    };
    let location = href(&owner, &import.id);
    let work = Work { ctx, owner, import, written: None };
    if form.keys.len() <= work::CHUNK {
        work.all(form.keys).await?
    } else {
        work.start(form.keys).await?
    }
    let mut reply = Reply::empty();
    let location = HeaderValue::from_str(&location).map_err(|e| Error::Internal(e.to_string()))?;
    reply.headers.insert(LOCATION, location);
    Ok(reply)
}

fn in_the_way() -> Error {
    Error::Conflict("Another import for this segment is under way".to_owned())
}

fn href(segment: &DocKey, id: &str) -> String {
    path(&["segments", &segment.project, &segment.env, &segment.key, "imports", id])
}

/// An import of a segment, with the version of its document.
async fn load(ctx: &Ctx, segment: &DocKey, id: &str) -> Result<Option<(SegmentImport, u64)>> {
    if !id.is_ascii() || id.len() > 64 {
        return Ok(None);
    }
    let Some(doc) = ctx.store().get(&key(&segment.project, &segment.env, id)).await? else { return Ok(None) };
    let import: SegmentImport = doc.decode()?;
    Ok((import.segment == *segment.key).then_some((import, doc.version)))
}

/// What puts an import in force.
pub(super) const fn op(import: &SegmentImport) -> MemberOp {
    match import.mode {
        ImportMode::Merge => MemberOp::Merge(MemberSet(import.set)),
        ImportMode::Replace => MemberOp::Replace(MemberSet(import.set)),
    }
}

/// What audit entries say of that.
pub(super) fn said(import: &SegmentImport) -> String {
    let verb = match import.mode {
        ImportMode::Merge => "Added",
        ImportMode::Replace => "Replaced the included targets by",
    };
    format!("* {verb} {} targets from a file\n", import.keys)
}
