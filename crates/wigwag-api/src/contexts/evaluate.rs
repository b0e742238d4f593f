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
use wigwag_store::{ListQuery, Predicate};

use crate::read::{EvaluationReason, evaluation_reason, evaluator, knowing_big_segments, project_and_environment};

const FILTERS: &[Allowed<'_>] = &[("query", &[Op::Equals]), ("tags", &[Op::Contains])];
const SORTS: &[&str] = &["key", "name"];

/// Results by flag.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ContextInstanceEvaluations")]
pub(super) struct Evaluations {
    items: Vec<Item>,
    total_count: u64,
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
    // All of them with 0, as with -1.
    let limit = u32::try_from(limit).ok().filter(|limit| *limit > 0);
    let offset = u32::try_from(offset).map_err(|_| Error::field("offset", "must not be negative, nor that great"))?;
    let (project, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let (project, environment) = (&project.value.key, &environment.value.key);
    let context = Context::from_value(request.value()?).map_err(|problem| Error::Invalid(problem.to_string()))?;
    let evaluator = evaluator(&ctx, project, environment).await?;
    let evaluator = knowing_big_segments(&ctx, project, environment, evaluator, &context).await;
    let own = path(&["projects", project, "environments", environment, "flags", "evaluate"]);
    // Archived flags are not served, so they give nothing.
    let live = Predicate::Not(Box::new(Predicate::eq("state", "archived")));
    let query = ListQuery::in_project(Kind::Flag, project).filter(Predicate::And(vec![live, wanted(&expr)]));
    let found = ctx.store().list(&ListQuery { sort: sorts, limit, offset, ..query }).await?;
    let flags = found.docs.iter().map(wigwag_store::Doc::decode).collect::<Result<Vec<Flag>, _>>()?;
    // One that was made just now may not be there yet.
    let present = flags.iter().filter_map(|flag| Some((flag, wigwag_eval::Lookup::flag(&evaluator, &flag.key)?)));
    let items = present.map(|(flag, compiled)| {
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
    Reply::json(&Evaluations { items, total_count: found.total, links: Links::new().own(own.clone()) })
}

fn wanted(expr: &Expr) -> Predicate {
    match expr {
        Expr::And(list) => Predicate::And(list.iter().map(wanted).collect()),
        Expr::Or(list) => Predicate::Or(list.iter().map(wanted).collect()),
        Expr::Is(is) if is.field == "tags" => {
            Predicate::And(is.texts().into_iter().map(|tag| Predicate::eq("tags", tag)).collect())
        }
        Expr::Is(is) => {
            Predicate::And(is.texts().iter().map(|text| Predicate::any_contains(&["key", "name"], text)).collect())
        }
    }
}
