//! `GET …/streams`.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Ctx, Error, Links, Page, Reply, Request, Result, page};
use wigwag_live::Live;
use wigwag_model::clock::Millis;

use super::outside::{ElsewhereOpen, OpenStream, StreamKind, Streams};
use crate::read::project_and_environment;

/// The streams of a page, and how all of them stand.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct StreamList {
    #[serde(rename = "_links")]
    links: Links,
    /// Oldest first.
    items: Vec<StreamRep>,
    /// How many there are on all pages.
    total_count: u64,
    /// The server that answers. Its own streams are listed.
    node: String,
    /// The other servers on the database, and how many streams of the environment each has: ask them for those.
    others: Vec<OtherRep>,
    /// The newest version of the environment on this server: the sequence of the last change to it.
    version: u64,
    /// By how many streams that version was not written to yet, whatever is asked for.
    behind: u64,
}

/// Another server.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OtherRep {
    /// Its name.
    node: Box<str>,
    /// How many streams of the environment it has.
    streams: u64,
    /// The newest change it has, of all environments.
    sequence: u64,
    /// How long ago it told, in milliseconds.
    seen_ago: Millis,
}

/// An open stream.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct StreamRep {
    /// Its number on this server.
    id: u64,
    /// The kind of key it was opened with.
    kind: StreamKind,
    /// The SDK as it calls itself. What was not told is empty, here and below.
    sdk: Box<str>,
    sdk_version: Box<str>,
    application: Box<str>,
    application_version: Box<str>,
    /// Of the SDK; several streams may share one.
    instance_id: Box<str>,
    /// When it was opened, in milliseconds since 1970.
    opened_at: Millis,
    /// The version of the environment that was written to it; 0 before the first time.
    sent_version: u64,
    /// When that was.
    sent_at: Millis,
    /// For how long, in milliseconds, the change has waited that is to be written next; 0 where nothing waits.
    lag: Millis,
}

/// What is known of the environment on this server.
struct Standing {
    version: u64,
    live: Option<Arc<wigwag_live::Env>>,
    now: Millis,
}

impl Standing {
    fn of(ctx: &Ctx, env: &str) -> Self {
        let live = ctx.app.extension::<Live>().and_then(|live| live.by_client_id(env));
        let version = live.as_ref().map_or(0, |env| env.snapshot().seq());
        Self { version, live, now: ctx.app.clock.now() }
    }

    fn is_behind(&self, stream: &OpenStream) -> bool {
        stream.sent < self.version
    }

    fn lag(&self, stream: &OpenStream) -> Millis {
        if !self.is_behind(stream) {
            return 0;
        }
        let known = self.live.as_ref().and_then(|env| env.spreads().waiting_since(stream.sent));
        // A stream that was opened later has waited since then.
        (self.now - known.unwrap_or(stream.sent_at).max(stream.opened)).max(0)
    }

    fn rep(&self, stream: OpenStream) -> StreamRep {
        let lag = self.lag(&stream);
        StreamRep {
            id: stream.id,
            kind: stream.kind,
            sdk: stream.sdk,
            sdk_version: stream.sdk_version,
            application: stream.application,
            application_version: stream.application_version,
            instance_id: stream.instance,
            opened_at: stream.opened,
            sent_version: stream.sent,
            sent_at: stream.sent_at,
            lag,
        }
    }
}

/// The streams of this process, if it serves any.
pub(super) fn known(ctx: &Ctx) -> Option<&Arc<dyn Streams>> {
    ctx.app.extension::<Arc<dyn Streams>>()
}

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let page = Page::of(&request, Some(50), 1000)?;
    let kind = request.query("kind").map(kind_named).transpose()?;
    let behind = request.query_flag("behind")?;
    let (sdk, application) = (request.query("sdk"), request.query("application"));
    let (_, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let env = &environment.value.id;
    let standing = Standing::of(&ctx, env);
    let mut all = known(&ctx).map(|streams| streams.of(env)).unwrap_or_default();
    let late = all.iter().filter(|stream| standing.is_behind(stream)).count() as u64;
    all.retain(|stream| {
        kind.is_none_or(|kind| stream.kind == kind)
            && sdk.is_none_or(|sdk| *stream.sdk == *sdk)
            && application.is_none_or(|application| *stream.application == *application)
            && behind.is_none_or(|behind| standing.is_behind(stream) == behind)
    });
    let total_count = all.len() as u64;
    Reply::json(&StreamList {
        links: page::links(&page, total_count, &request),
        items: page.cut(all).map(|stream| standing.rep(stream)).collect(),
        total_count,
        others: known(&ctx).map(|streams| streams.elsewhere(env)).unwrap_or_default().into_iter().map(other).collect(),
        node: known(&ctx).map_or("", |streams| streams.node()).to_owned(),
        version: standing.version,
        behind: late,
    })
}

fn other(told: ElsewhereOpen) -> OtherRep {
    OtherRep { node: told.node, streams: told.streams, sequence: told.sequence, seen_ago: told.seen_ago }
}

fn kind_named(name: &str) -> Result<StreamKind> {
    match name {
        "server" => Ok(StreamKind::Server),
        "mobile" => Ok(StreamKind::Mobile),
        "client" => Ok(StreamKind::Client),
        _ => Err(Error::field("kind", "must be server, mobile or client")),
    }
}
