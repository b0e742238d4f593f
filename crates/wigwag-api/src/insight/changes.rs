//! `GET …/streams/changes`.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::{Collection, Ctx, Page, Reply, Request, Result};
use wigwag_live::{Live, Reached};
use wigwag_model::clock::Millis;

use super::streams::known;
use crate::read::project_and_environment;

/// A change, on its way to streams.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeRep {
    /// Its sequence, which is the version of the environment from then on.
    version: u64,
    /// When this server published it, in milliseconds since 1970.
    published_at: Millis,
    /// How many streams were open then.
    streams: u64,
    /// To how many of them it was written since.
    written: u64,
    /// How many of them were closed before.
    closed: u64,
    /// Whether none of them waits for it.
    complete: bool,
    /// After how many milliseconds it was written to the last of them; of one that is not complete, to the last so
    /// far. Nothing if it was written to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Millis>,
    /// The server that answers.
    node: String,
}

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let page = Page::of(&request, Some(20), 50)?;
    let (_, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let live = ctx.app.extension::<Live>().and_then(|live| live.by_client_id(&environment.value.id));
    let all = live.map(|env| env.spreads().reached()).unwrap_or_default();
    let node = known(&ctx).map_or("", |streams| streams.node());
    let total = all.len() as u64;
    let items = page.cut(all).map(|reached| rep(&reached, node)).collect();
    Reply::json(&Collection::<ChangeRep>::new(items, total, &page, &request))
}

fn rep(reached: &Reached, node: &str) -> ChangeRep {
    ChangeRep {
        version: reached.seq,
        published_at: reached.at,
        streams: reached.streams,
        written: reached.written,
        closed: reached.left,
        complete: reached.is_complete(),
        after: (reached.written > 0).then_some(reached.last - reached.at),
        node: node.to_owned(),
    }
}
