//! What every flag gives a context. Nothing is recorded: such evaluations do not count (behaviour.md 15).

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_eval::evaluate_flag;
use wigwag_kit::filter::query::{self, Allowed, Expr, Op};
use wigwag_kit::links::path;
use wigwag_kit::{Ctx, Error, Links, Reply, Request, Result, sort};
use wigwag_model::context::Context;
use wigwag_model::doc::{Flag, Kind};

use crate::read::{EvaluationReason, evaluation_reason, evaluator, knowing_big_segments, project_and_environment};

const FILTERS: &[Allowed<'_>] = &[("query", &[Op::Equals]), ("tags", &[Op::Contains])];
const SORTS: &[&str] = &["key", "name"];

/// Results by flag.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ContextInstanceEvaluations")]
pub(super) struct Evaluations {
    items: Vec<Item>,
    total_count: usize,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize, JsonSchema)]
struct Item {
    name: String,
    key: String,
    /// Null if the flag serves none of its variations.
    #[serde(rename = "_value")]
    value: Value,
    reason: EvaluationReason,
    #[serde(rename = "_links")]
    links: Links,
}

pub(super) async fn evaluate(ctx: Ctx, request: Request) -> Result<Reply> {
    let sorts = sort::parse(&request, SORTS)?;
    let expr = query::parse(request.query("filter").unwrap_or(""), FILTERS)?;
    let (limit, offset) = (request.query_number("limit")?.unwrap_or(-1), request.query_number("offset")?.unwrap_or(0));
    if limit < -1 {
        return Err(Error::field("limit", "must be -1 or greater"));
    }
    let offset = usize::try_from(offset).map_err(|_| Error::field("offset", "must not be negative"))?;
    let (project, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let (project, environment) = (&project.value.key, &environment.value.key);
    let context = Context::from_value(request.value()?).map_err(|problem| Error::Invalid(problem.to_string()))?;
    let docs = ctx.store().scan(Kind::Flag, Some(project), Some("")).await?;
    let flags = docs.iter().map(wigwag_store::Doc::decode).collect::<Result<Vec<Flag>, _>>()?;
    let mut flags: Vec<&Flag> = flags.iter().filter(|flag| holds(&expr, flag)).collect();
    for by in sorts.iter().rev() {
        let of = |flag: &&Flag| if by.field == "name" { flag.name.to_lowercase() } else { flag.key.clone() };
        flags.sort_by(|a, b| if by.descending { of(b).cmp(&of(a)) } else { of(a).cmp(&of(b)) });
    }
    let evaluator = evaluator(&ctx, project, environment).await?;
    let evaluator = knowing_big_segments(&ctx, project, environment, evaluator, &context).await;
    let own = path(&["projects", project, "environments", environment, "flags", "evaluate"]);
    let present = flags.into_iter().filter_map(|flag| Some((flag, wigwag_eval::Lookup::flag(&evaluator, &flag.key)?)));
    let present: Vec<_> = present.collect();
    let page = present.iter().skip(offset).take(usize::try_from(limit).ok().filter(|l| *l > 0).unwrap_or(usize::MAX));
    let items = page.map(|(flag, compiled)| {
        let result = evaluate_flag(&evaluator, compiled, &context);
        Item {
            name: flag.name.clone(),
            key: flag.key.clone(),
            value: result.value.clone(),
            reason: evaluation_reason(&result.reason),
            links: Links::new()
                .own(own.clone())
                .site("site", format!("/{project}/{environment}/features/{}/targeting", flag.key)),
        }
    });
    let items = items.collect();
    Reply::json(&Evaluations { items, total_count: present.len(), links: Links::new().own(own.clone()) })
}

fn holds(expr: &Expr, flag: &Flag) -> bool {
    match expr {
        Expr::And(list) => list.iter().all(|each| holds(each, flag)),
        Expr::Or(list) => list.iter().any(|each| holds(each, flag)),
        Expr::Is(is) if is.field == "tags" => is.texts().iter().all(|tag| flag.tags.contains(tag)),
        Expr::Is(is) => is.texts().iter().all(|text| {
            let text = text.to_lowercase();
            flag.key.to_lowercase().contains(&text) || flag.name.to_lowercase().contains(&text)
        }),
    }
}
