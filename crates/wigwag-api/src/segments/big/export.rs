//! The included members as a file.

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::path;
use wigwag_kit::resource::retried;
use wigwag_kit::{Body, Change, Ctx, Error, Links, Proofs, Reply, Request, Result};
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
    let mut pages = Box::pin(pages(&ctx, &found, false));
    while let Some(page) = pages.next().await {
        size += page?.len() as u64;
    }
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

/// The rows of the file, a page at a time.
fn pages(ctx: &Ctx, found: &Found, json: bool) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
    let (store, owner) = (ctx.store().clone(), found.key());
    // What comes before the next page: the beginning, or its last key.
    stream::try_unfold(Some(String::new()), move |after| {
        let (store, owner) = (store.clone(), owner.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = store.members_page(&owner, MemberList::Included, &after, PAGE).await?;
            let mut rows = String::new();
            if json && after.is_empty() {
                rows.push('[');
            }
            for (n, key) in page.iter().enumerate() {
                if json {
                    rows.push_str(if n == 0 && after.is_empty() { "\n" } else { ",\n" });
                    rows.push_str(&serde_json::Value::from(key.as_str()).to_string());
                } else {
                    keys::row(key, &mut rows);
                }
            }
            let last = page.len() < PAGE as usize;
            if json && last {
                rows.push_str("\n]\n");
            }
            let next = page.into_iter().next_back().filter(|_| !last);
            Ok(Some((Bytes::from(rows), next)))
        }
    })
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

/// The file itself, as CSV or as JSON: read from the store as fast as the client takes it.
pub(super) async fn file(ctx: Ctx, request: Request) -> Result<Reply> {
    let (found, _) = load(&ctx, &request).await?;
    let (end, media_type) = match request.query("format") {
        None | Some("csv") => ("csv", "text/csv; charset=utf-8"),
        Some("json") => ("json", "application/json"),
        Some(_) => return Err(Error::field("format", "must be csv or json")),
    };
    let body = Body::pieces(pages(&ctx, &found, end == "json"));
    let mut reply = Reply { status: None, body: Some(body), headers: http::HeaderMap::new() };
    reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    let name = format!("attachment; filename=\"{}.{end}\"", found.segment.key);
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
