//! Account usage: series of what events told, and the SDKs that sent them.
//!
//! Each series is a statement of what is counted ([`Source`]) and how it may be asked ([`Series`]). What Wigwag does
//! not have, such as sessions and spans, or exports, was never counted: those series are empty.

mod by_flag;
mod evaluations;
mod export;
mod places;
mod sdks;
mod source;
mod table;

use wigwag_kit::operation::on;
use wigwag_kit::query;
use wigwag_kit::series::{Series, SeriesList};
use wigwag_kit::{Ctx, Links, Operation, Operations, Reply, Request, Result};

use crate::read::{VIEWER, require_viewer};
use places::Places;
use source::Source;

/// The operations of account usage.
#[must_use]
pub fn ops() -> Operations {
    let series = table::TABLE.iter().map(|(id, series, source)| operation(id, series, *source));
    series
        .fold(Operations::new(), Operations::with)
        .and(by_flag::ops())
        .and(evaluations::ops())
        .and(export::ops())
        .and(sdks::ops())
}

fn operation(id: &'static str, series: &'static Series, source: Source) -> Operation {
    on(id, VIEWER, move |ctx, request| answer(ctx, request, series, source)).reply::<SeriesList>()
}

async fn answer(ctx: Ctx, request: Request, series: &'static Series, source: Source) -> Result<Reply> {
    require_viewer(&ctx)?;
    let source = source.of(&request)?;
    let asked = series.asked(&request, ctx.app.clock.now())?;
    let counted = if source == Source::Nothing {
        Vec::new()
    } else {
        source.read(&ctx, &Places::visible(&ctx).await?, asked.span()).await?
    };
    Reply::json(&asked.answer(counted, links(&request), |_| {}))
}

/// The request itself.
fn links(request: &Request) -> Links {
    let pairs = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    Links::new().own(format!("{}{}", request.path, query::render(pairs)))
}
