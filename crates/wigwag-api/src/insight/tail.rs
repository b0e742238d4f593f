//! `GET …/events/tail`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::unfold;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::json;
use tokio::time::Instant;
use wigwag_kit::{Body, Ctx, Error, Reply, Request, Result};
use wigwag_model::tail::{Heard, Wanted};

use super::outside::{EventTail, Pieces};
use super::streams::known;
use crate::read::project_and_environment;

/// How long a stream lasts. Rights and the session are looked at again when the next one begins.
const LASTS: Duration = Duration::from_secs(60);
/// A comment comes when nothing else did for so long.
const QUIET: Duration = Duration::from_secs(15);
/// Events in a second: unless asked for, and at most.
const RATE: (u32, i64) = (20, 100);
/// Kinds of events that SDKs send (sdk-protocol.md 6.4).
const KINDS: [&str; 9] =
    ["click", "custom", "debug", "feature", "identify", "index", "migration_op", "pageview", "summary"];

struct Teller {
    from: Option<Pieces>,
    ends: Instant,
    /// What is said first.
    first: Option<String>,
}

pub(super) async fn tail(ctx: Ctx, request: Request) -> Result<Reply> {
    let (_, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let wanted = wanted(&request)?;
    let hello = json!({"node": known(&ctx).map_or("", |streams| streams.node()), "rate": wanted.rate});
    let from = match ctx.app.extension::<Arc<dyn EventTail>>() {
        Some(tail) => Some(tail.listen(&environment.value.id, wanted).ok_or(Error::Unavailable)?),
        // Nothing is taken here, so nothing is heard.
        None => None,
    };
    let first = Some(format!("retry: 1000\nevent: begin\ndata: {hello}\n\n"));
    let teller = Teller { from, ends: Instant::now() + LASTS, first };
    let mut reply = Reply::empty();
    reply.body = Some(Body::pieces(unfold(teller, async |mut teller| teller.next().await.map(|text| (text, teller)))));
    reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}

fn wanted(request: &Request) -> Result<Wanted> {
    let kinds: Vec<String> = request.query_list("kind").map(str::to_owned).collect();
    if let Some(other) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(Error::field("kind", format_args!("{other} is not one of {}", KINDS.join(", "))));
    }
    let rate = match request.query_number("rate")? {
        None => RATE.0,
        Some(rate @ 1..=100) => u32::try_from(rate).unwrap_or(RATE.0),
        Some(_) => return Err(Error::field("rate", format_args!("must be between 1 and {}", RATE.1))),
    };
    let text = |name: &str| request.query(name).filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(Wanted { kinds, flag: text("flag"), context_kind: text("contextKind"), context_key: text("contextKey"), rate })
}

impl Teller {
    async fn next(&mut self) -> Option<Result<Bytes>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first.into()));
        }
        let wait = self.ends.min(Instant::now() + QUIET);
        let heard = match &mut self.from {
            Some(from) => tokio::time::timeout_at(wait, from.next()).await,
            None => tokio::time::timeout_at(wait, std::future::pending()).await,
        };
        match heard {
            Ok(heard) => heard.map(|heard| Ok(text(&heard).into())),
            Err(_) if Instant::now() >= self.ends => None,
            Err(_) => Some(Ok(Bytes::from_static(b":\n\n"))),
        }
    }
}

/// Events without a name are what was heard; `missed` says how many others there were before them.
fn text(heard: &Heard) -> String {
    let mut text = String::new();
    if heard.left_out + heard.lost > 0 {
        let missed = json!({"leftOut": heard.left_out, "lost": heard.lost});
        text.push_str(&format!("event: missed\ndata: {missed}\n\n"));
    }
    for event in &heard.events {
        text.push_str(&format!("data: {event}\n\n"));
    }
    text
}
