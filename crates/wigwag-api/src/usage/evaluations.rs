//! How often a flag was evaluated, by variation.

use std::collections::BTreeMap;

use serde_json::Value;
use wigwag_kit::operation::{Access, on};
use wigwag_kit::series::{Amount, Counted, SeriesList};
use wigwag_kit::{Ctx, Operations, Reply, Request, Result};
use wigwag_model::doc::Flag;

use super::links;
use super::source::shown;
use super::table::EVALUATIONS;
use crate::read::{flag, project_and_environment};

/// What stands for the code's own fallback.
pub(super) const FALLBACK: &str = "default";

pub(super) fn ops() -> Operations {
    let access = Access::Actions(&["viewProject"]);
    Operations::new().with(on("getEvaluationsUsage", access, evaluations).reply::<SeriesList>())
}

async fn evaluations(ctx: Ctx, request: Request) -> Result<Reply> {
    let (project, environment) = (request.param("projectKey"), request.param("environmentKey"));
    let (project, environment) = project_and_environment(&ctx, project, environment).await?;
    let (flag, _) = flag(&ctx, &project.value.key, request.param("featureFlagKey")).await?;
    let asked = EVALUATIONS.asked(&request, ctx.app.clock.now())?;
    let found = ctx.store().volume().evaluations(&environment.value.id, &flag.key, asked.span()).await?;
    let counted = found.into_iter().map(|point| {
        let variation = point.variation.map_or_else(|| FALLBACK.to_owned(), |index| format!("{index:06}"));
        let labels = BTreeMap::from([
            ("variation", variation),
            ("sdkName", shown(&point.sender.sdk).to_owned()),
            ("sdkVersion", shown(&point.sender.sdk_version).to_owned()),
            ("sdkAppId", point.sender.application.to_string()),
        ]);
        Counted { at: point.at, labels, amount: Amount::Times(point.count) }
    });
    Reply::json(&asked.answer(counted, links(&request), |about| {
        let index = about.get("variation").and_then(Value::as_str).and_then(|text| text.parse::<usize>().ok());
        describe(about, &flag, index);
    }))
}

/// Which variation it is, by index, value and name; null for the code's fallback.
pub(super) fn describe(about: &mut serde_json::Map<String, Value>, flag: &Flag, index: Option<usize>) {
    let variation = index.and_then(|index| flag.variations.get(index));
    about.insert("variation".to_owned(), index.map_or(Value::Null, Value::from));
    if let Some(variation) = variation {
        let value = serde_json::to_value(&variation.value).unwrap_or_default();
        about.insert("value".to_owned(), value);
        about.extend(variation.name.clone().map(|name| ("name".to_owned(), Value::from(name))));
    }
}
