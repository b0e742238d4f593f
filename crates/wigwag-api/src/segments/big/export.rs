//! The included members as a file.

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::path;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Links, Proofs, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Initiator, Kind, SegmentExport};
use wigwag_store::{DocKey, Expect, IndexFacts, MemberList};

use super::{audit, keys};
use crate::segments::load::Found;

/// Where the file is.
pub(super) const FILE: &str = "/api/v2/segments/{projectKey}/{environmentKey}/{segmentKey}/exports/{exportID}/file";
/// Members read at once.
const PAGE: u32 = 10_000;

/// An export as clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Export")]
pub(super) struct ExportRep {
    id: String,
    segment_key: String,
    creation_time: Millis,
    /// `complete`.
    status: &'static str,
    /// Size of the file when the export was made.
    size_bytes: u64,
    /// The same for people.
    size: String,
    initiator: InitiatorRep,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InitiatorRep")]
struct InitiatorRep {
    name: String,
    email: String,
}

fn key(segment: &DocKey, id: &str) -> DocKey {
    DocKey::in_env(Kind::SegmentExport, &*segment.project, &*segment.env, id)
}

fn href(segment: &DocKey, id: &str) -> String {
    path(&["segments", &segment.project, &segment.env, &segment.key, "exports", id])
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = super::of(&ctx, &request).await?;
    ctx.authorise("createSegmentExport", &found.spec())?;
    let mut size = 0;
    through(&ctx, &found, |file| {
        size += file.len() as u64;
        Ok(())
    })
    .await?;
    let id = retried(false, || attempt(&ctx, &request, size)).await?;
    let location = href(&found.key(), &id);
    let mut reply = Reply::empty();
    let location = HeaderValue::from_str(&location).map_err(|e| Error::Internal(e.to_string()))?;
    reply.headers.insert(LOCATION, location);
    Ok(reply)
}

async fn attempt(ctx: &Ctx, request: &Request, size: u64) -> Result<String> {
    let found = super::of(ctx, request).await?;
    let proof = ctx.authorise("createSegmentExport", &found.spec())?;
    let id = ctx.app.ids.uuid();
    let export = SegmentExport {
        id: id.clone(),
        segment: found.segment.key.clone(),
        size,
        initiator: initiator(ctx),
        created_at: ctx.app.clock.now(),
    };
    let target = audit::target(&found.project.value, &found.environment, &found.segment);
    let mut change = Change::new(Proofs::of(proof), "exported the segment", target);
    change.put(key(&found.key(), &id), Expect::Absent, &export, IndexFacts::new())?;
    change.require(found.key(), Expect::Version(found.version));
    change.commit(ctx).await?;
    Ok(id)
}

fn initiator(ctx: &Ctx) -> Initiator {
    match (ctx.caller.acting_member(), &ctx.caller.token) {
        (Some(member), _) => Initiator {
            name: format!("{} {}", member.first_name, member.last_name).trim().to_owned(),
            email: member.email.clone(),
        },
        (None, Some(token)) => Initiator { name: token.name.clone(), email: String::new() },
        (None, None) => Initiator { name: String::new(), email: String::new() },
    }
}

/// Goes through the rows of the file, a page at a time.
async fn through(ctx: &Ctx, found: &Found, mut take: impl FnMut(&str) -> Result<()>) -> Result<()> {
    let (owner, mut after) = (found.key(), String::new());
    loop {
        let page = ctx.store().members_page(&owner, MemberList::Included, &after, PAGE).await?;
        let mut rows = String::new();
        page.iter().for_each(|key| keys::row(key, &mut rows));
        take(&rows)?;
        let last = page.len() < PAGE as usize;
        match page.into_iter().next_back() {
            Some(key) if !last => after = key,
            _ => return Ok(()),
        }
    }
}

/// The export that the path names.
async fn load(ctx: &Ctx, request: &Request) -> Result<(Found, SegmentExport)> {
    let found = super::of(ctx, request).await?;
    let id = request.param("exportID");
    let unknown = || Error::NotFound(format!("Unknown export {id}"));
    let doc = if id.is_ascii() && id.len() <= 64 { ctx.store().get(&key(&found.key(), id)).await? } else { None };
    let export: SegmentExport = doc.ok_or_else(unknown)?.decode()?;
    if export.segment != found.segment.key {
        return Err(unknown());
    }
    Ok((found, export))
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let (found, export) = load(&ctx, &request).await?;
    let owner = found.key();
    let own = href(&owner, &export.id);
    let links = Links::new()
        .to("file", format!("{own}/file"))
        .parent(path(&["segments", &owner.project, &owner.env, &owner.key]))
        .own(own);
    Reply::json(&ExportRep {
        id: export.id,
        segment_key: export.segment,
        creation_time: export.created_at,
        status: "complete",
        size_bytes: export.size,
        size: size(export.size),
        initiator: InitiatorRep { name: export.initiator.name, email: export.initiator.email },
        links,
    })
}

pub(super) async fn file(ctx: Ctx, request: Request) -> Result<Reply> {
    let (found, export) = load(&ctx, &request).await?;
    let mut all = Vec::with_capacity(usize::try_from(export.size).unwrap_or(0).min(super::FILE_LIMIT));
    through(&ctx, &found, |rows| {
        all.extend_from_slice(rows.as_bytes());
        if all.len() > super::FILE_LIMIT { Err(Error::TooLarge(super::FILE_LIMIT)) } else { Ok(()) }
    })
    .await?;
    let mut reply = Reply { status: None, body: Some(Bytes::from(all)), headers: http::HeaderMap::new() };
    reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let name = format!("attachment; filename=\"{}.csv\"", found.segment.key);
    let name = HeaderValue::from_str(&name).map_err(|e| Error::Internal(e.to_string()))?;
    reply.headers.insert(CONTENT_DISPOSITION, name);
    Ok(reply)
}

/// Bytes for people, as in "18 B" and "1.5 MB".
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS.get(unit).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_their_unit() {
        let told = [0, 18, 999, 1000, 1550, 999_999, 1_000_000, 64_000_000, 7_300_000_000].map(size);
        assert_eq!(told, ["0 B", "18 B", "999 B", "1.0 KB", "1.5 KB", "999.9 KB", "1.0 MB", "64.0 MB", "7.3 GB"]);
    }
}
