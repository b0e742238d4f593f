//! Members of big segments, for Relay Proxies that keep them in a store of their own (sdk-protocol.md 8.4).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use wigwag_api::read::revisions::{self, Changes, Patch, Surroundings};
use wigwag_kit::{Error, Result};
use wigwag_live::Live;
use wigwag_model::doc::Kind;

use super::{Shared, not_ready, sse};

/// Patches in one answer.
const AT_ONCE: usize = 16;

/// `GET /sdk/big-segments/revisions?after=`: the next patches for a copy; an empty list when it has everything.
pub(super) async fn revisions(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap) -> Response {
    answered(page(&shared, &uri, &headers).await)
}

async fn page(shared: &Shared, uri: &Uri, headers: &HeaderMap) -> Result<Response> {
    let Some(at) = surroundings(shared, headers).await? else { return Ok(unauthorised()) };
    let mut version = after(uri).to_owned();
    let mut patches = Vec::new();
    while patches.len() < AT_ONCE {
        let more = revisions::next(&at, &version).await?;
        let Some(last) = more.last() else { break };
        version.clone_from(&last.version);
        patches.extend(seen_by(&shared.live, wigwag_sdk::credential(headers).unwrap_or_default(), more));
    }
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], text(&patches)?).into_response())
}

/// `GET /big-segments`: patches from now on, as they come to be.
pub(super) async fn stream(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    answered(open(&shared, &headers).await)
}

async fn open(shared: &Arc<Shared>, headers: &HeaderMap) -> Result<Response> {
    let Some(at) = surroundings(shared, headers).await? else { return Ok(unauthorised()) };
    let key = wigwag_sdk::credential(headers).unwrap_or_default().to_owned();
    // Before the look at where the record ends: what comes after it must wake the stream.
    let log = at.store.watch();
    let version = revisions::newest(&at).await?;
    let follower = Follower { live: shared.live.clone(), key, at, version };
    // Headers alone may be held back by what is in between.
    Ok(sse::answer(shared, log, ":\n\n".to_owned(), follower))
}

/// One proxy and how far it was told.
struct Follower {
    live: Live,
    key: String,
    at: Surroundings,
    version: String,
}

impl sse::Teller for Follower {
    async fn more(&mut self) -> Option<String> {
        self.live.by_sdk_key(&self.key)?;
        let mut events = String::new();
        loop {
            let told = revisions::next(&self.at, &self.version).await;
            // Whoever comes back asks for what is missing.
            let more = told.inspect_err(|error| tracing::warn!(%error, "members cannot be told")).ok()?;
            let Some(last) = more.last() else { return Some(events) };
            self.version.clone_from(&last.version);
            let text = text(&seen_by(&self.live, &self.key, more)).ok()?;
            events.push_str(&format!("event: patch\ndata: {text}\n\n"));
        }
    }
}

fn text(patches: &[Patch]) -> Result<String> {
    serde_json::to_string(patches).map_err(|error| Error::Internal(error.to_string()))
}

/// The environment of the SDK key, if it is in force.
async fn surroundings(shared: &Shared, headers: &HeaderMap) -> Result<Option<Surroundings>> {
    let Some(app) = shared.app() else { return Err(Error::Unavailable) };
    let grant = wigwag_sdk::credential(headers).and_then(|key| shared.live.by_sdk_key(key));
    let Some(grant) = grant else { return Ok(None) };
    let id = grant.env.snapshot().settings().id.to_string();
    let doc = app.store.find_unique(Kind::Environment, "clientSideId", &id).await?;
    Ok(doc.map(|doc| Surroundings {
        store: app.store.clone(),
        project: doc.key.project.to_string(),
        environment: doc.key.key.to_string(),
        id,
    }))
}

/// What the holder of a key may know of some patches: of segments that it does not get, only that there is one.
fn seen_by(live: &Live, key: &str, mut patches: Vec<Patch>) -> Vec<Patch> {
    let Some(snapshot) = live.by_sdk_key(key).map(|grant| grant.env.snapshot()) else { return Vec::new() };
    if snapshot.is_part() {
        for patch in &mut patches {
            let segment = patch.segment_id.rsplit_once(".g").map_or("", |(segment, _)| segment);
            if snapshot.segments().get(segment).is_none() {
                patch.changes = Changes::default();
            }
        }
    }
    patches
}

/// Versions are made of letters, digits and `._-`, so that nothing in them is ever encoded.
fn after(uri: &Uri) -> &str {
    let pairs = uri.query().unwrap_or_default().split('&');
    pairs.filter_map(|pair| pair.strip_prefix("after=")).next().unwrap_or_default()
}

fn unauthorised() -> Response {
    super::json(StatusCode::UNAUTHORIZED, &json!({"code": "unauthorized", "message": "Invalid or missing SDK key"}))
}

/// What fails may pass.
fn answered(answer: Result<Response>) -> Response {
    answer.unwrap_or_else(|error| {
        tracing::warn!(%error, "members of big segments cannot be told");
        not_ready()
    })
}
