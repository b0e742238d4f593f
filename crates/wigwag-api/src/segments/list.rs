//! The list of an environment's segments (behaviour.md 4.4, 5 and 6).

use serde_json::Value;
use wigwag_kit::filter::query::{self, Allowed, Comparison, Expr, Op};
use wigwag_kit::page::{Collection, Page};
use wigwag_kit::sort::{self, Sort};
use wigwag_kit::{ApiVersion, Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::{Kind, Segment};
use wigwag_store::{ListQuery, Predicate};

use super::index;
use super::rep::SegmentRep;
use crate::read::project_and_environment;

const SORTS: [&str; 3] = ["creationDate", "name", "lastModified"];

const FIELDS: [Allowed<'static>; 7] = [
    ("excludedKeys", &[Op::AnyOf]),
    ("external", &[Op::Exists]),
    ("includedKeys", &[Op::AnyOf]),
    ("query", &[Op::Equals]),
    ("tags", &[Op::AnyOf]),
    ("unbounded", &[Op::Equals]),
    ("view", &[Op::Equals, Op::AnyOf, Op::Exists]),
];

/// Default and greatest page size from 20240415 on; older versions answer everything.
const PAGE: (u32, u32) = (20, 100);

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let newest = ctx.version >= ApiVersion::V20240415;
    let page = if newest { Page::of(&request, Some(PAGE.0), PAGE.1)? } else { Page::of(&request, None, u32::MAX)? };
    let filter = predicate(&query::parse(request.query("filter").unwrap_or_default(), &FIELDS)?)?;
    let mut order = sort::parse(&request, &SORTS)?;
    if order.is_empty() {
        order.push(Sort { field: wigwag_store::CREATED.to_owned(), descending: false });
    }
    let (project, environment) = (request.param("projectKey"), request.param("environmentKey"));
    project_and_environment(&ctx, project, environment).await?;
    let query = ListQuery::in_env(Kind::Segment, project, environment).filter(filter);
    let query = ListQuery { sort: order, limit: page.limit, offset: page.offset, ..query };
    let listing = ctx.list(&query, |doc| Ok(index::of(&doc.decode()?))).await?;
    let mut segments: Vec<(Segment, u64)> = Vec::with_capacity(listing.docs.len());
    for doc in &listing.docs {
        segments.push((doc.decode()?, doc.version));
    }
    let reps = segments.iter().map(|(segment, version)| SegmentRep::of(project, environment, segment, *version));
    Reply::json(&Collection::new(reps.collect(), listing.total, &page, &request))
}

fn predicate(expr: &Expr) -> Result<Predicate> {
    Ok(match expr {
        Expr::And(all) => Predicate::And(all.iter().map(predicate).collect::<Result<_>>()?),
        Expr::Or(any) => Predicate::Or(any.iter().map(predicate).collect::<Result<_>>()?),
        Expr::Is(comparison) => compared(comparison)?,
    })
}

fn compared(comparison: &Comparison) -> Result<Predicate> {
    let none = Predicate::Or(Vec::new());
    Ok(match comparison.field.as_str() {
        "excludedKeys" => Predicate::Not(Box::new(Predicate::KeyIn(comparison.texts()))),
        "includedKeys" => Predicate::KeyIn(comparison.texts()),
        "tags" => Predicate::TextAnyOf { field: "tags".to_owned(), values: comparison.texts() },
        "query" => {
            let one = |text: &String| Predicate::any_contains(&["key", "name", "description"], text);
            Predicate::Or(comparison.texts().iter().map(one).collect())
        }
        "unbounded" => Predicate::eq("unbounded", boolean(comparison)?.to_string()),
        // No segment is synced from elsewhere.
        "external" if boolean(comparison)? => none,
        "external" => Predicate::All,
        "view" if comparison.op == Op::Exists => {
            let linked = Predicate::TextStartsWith { field: crate::read::IN_VIEW.to_owned(), prefix: String::new() };
            if boolean(comparison)? { linked } else { Predicate::Not(Box::new(linked)) }
        }
        // Views are stored in lower case.
        "view" => {
            let values = comparison.texts().iter().map(|key| key.to_lowercase()).collect();
            Predicate::TextAnyOf { field: crate::read::IN_VIEW.to_owned(), values }
        }
        field => return Err(Error::field("filter", format_args!("{field} is not supported yet"))),
    })
}

fn boolean(comparison: &Comparison) -> Result<bool> {
    match comparison.values[..] {
        [Value::Bool(value)] => Ok(value),
        _ => Err(Error::field("filter", format_args!("{} takes true or false", comparison.field))),
    }
}
