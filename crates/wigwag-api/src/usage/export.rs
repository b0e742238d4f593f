//! Exports: there are none, so their usage is empty in the shape of each.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::operation::on;
use wigwag_kit::series::SeriesList;
use wigwag_kit::{Ctx, Error, Operations, Reply, Request, Result};
use wigwag_model::clock::Millis;

use super::links;
use super::table::WAREHOUSE;
use crate::read::{VIEWER, require_viewer};

pub(super) fn ops() -> Operations {
    Operations::new()
        .with(on("getWarehouseExportUsage", VIEWER, warehouse).reply::<Warehouse>())
        .with(on("getDataExportProjectRanking", VIEWER, ranking).reply::<Ranking>())
}

/// Rows exported to warehouses.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DataExportSeriesListRep")]
struct Warehouse {
    #[serde(flatten)]
    list: SeriesList,
}

async fn warehouse(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let asked = WAREHOUSE.asked(&request, ctx.app.clock.now())?;
    if request.query("destination").is_some() && request.query("destinationKind").is_some() {
        return Err(Error::field("destination", "cannot be combined with destinationKind"));
    }
    Reply::json(&Warehouse { list: asked.answer(Vec::new(), links(&request), |_| {}) })
}

/// Projects by what they exported.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DataExportProjectRankingRep")]
struct Ranking {
    items: Vec<serde_json::Value>,
    page: RankingPage,
    scope: Scope,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DataExportProjectRankingPageRep")]
struct RankingPage {
    limit: i64,
    count: u64,
    total_count: u64,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DataExportProjectRankingScopeRep")]
struct Scope {
    source: &'static str,
    dimension: &'static str,
    from: Millis,
    to: Millis,
}

/// Rows on a page that does not say.
const LIMIT: i64 = 20;

async fn ranking(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let limit = request.query_number("limit")?.unwrap_or(LIMIT);
    if !(1..=100).contains(&limit) {
        return Err(Error::field("limit", "must be from 1 to 100"));
    }
    let time = |name: &str| request.query_number(name)?.ok_or_else(|| Error::missing(name));
    let (from, to) = (time("from")?, time("to")?);
    if from >= to {
        return Err(Error::field("from", "must be earlier than to"));
    }
    for (name, only) in [("source", "streaming"), ("dimension", "project")] {
        if request.query(name).is_some_and(|given| given != only) {
            return Err(Error::field(name, format_args!("must be {only}")));
        }
    }
    if request.query("cursor").is_some() {
        return Err(Error::field("cursor", "is not one that was given out"));
    }
    let page = RankingPage { limit, count: 0, total_count: 0 };
    let scope = Scope { source: "streaming", dimension: "project", from, to };
    Reply::json(&Ranking { items: Vec::new(), page, scope })
}
