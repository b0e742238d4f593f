//! The list of a project's views.

use serde_json::Value;
use wigwag_kit::filter::query::{self, Allowed, Comparison, Expr, Op};
use wigwag_kit::page::{Collection, Page};
use wigwag_kit::resource::{Parent, Stored};
use wigwag_kit::sort;
use wigwag_kit::{Ctx, Reply, Request, Resource, Result};
use wigwag_model::doc::{Kind, Maintainer, View};
use wigwag_store::ListQuery;

use super::{Place, Views};
use crate::common::largest_page;
use crate::read::keys_with_views;

const TEXT: &[Op] = &[Op::Equals, Op::NotEquals, Op::StartsWith, Op::Contains, Op::AnyOf];
const FIELDS: [Allowed<'static>; 6] = [
    ("name", TEXT),
    ("key", TEXT),
    ("tag", &[Op::Equals, Op::AnyOf]),
    // As Terraform spells it.
    ("tags", &[Op::Equals, Op::AnyOf]),
    ("maintainerId", &[Op::Equals, Op::AnyOf]),
    ("isPayloadView", &[Op::Equals]),
];
const SORTS: [&str; 3] = ["key", "name", "updatedAt"];
/// Page size where none is asked for.
const PAGE: u32 = 20;

/// Those that the caller may see: pages are cut from them, so all are at hand and filtered here.
pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let place = Place::load(&ctx, &request).await?;
    let page = Page::of(&request, Some(PAGE), largest_page(request.version))?;
    let filter = query::parse(request.query("filter").unwrap_or_default(), &FIELDS)?;
    let order = sort::parse(&request, &SORTS)?;
    let held: Vec<String> =
        keys_with_views(&ctx, &place.0).await?.into_iter().flat_map(|(_, _, views)| views).collect();
    let mut all = seen(&ctx, &place).await?;
    all.retain(|one| matches(&filter, &one.value, held.contains(&one.value.key)));
    for by in order.iter().rev() {
        match by.field.as_str() {
            "key" => all.sort_by(|a, b| a.value.key.cmp(&b.value.key)),
            "name" => all.sort_by_key(|one| one.value.name.to_lowercase()),
            _ => all.sort_by_key(|one| one.value.updated_at),
        }
        if by.descending {
            all.reverse();
        }
    }
    let total = all.len() as u64;
    let reps = Views::reps(&ctx, &request, &place, page.cut(all).collect()).await?;
    Reply::json(&Collection::new(reps, total, &page, &request))
}

/// The views of a project that the caller may see, as they were created.
pub(super) async fn seen(ctx: &Ctx, place: &Place) -> Result<Vec<Stored<View>>> {
    let query = ListQuery::in_project(Kind::View, place.project()).sort(wigwag_store::CREATED, false);
    let listing = ctx.store().list(&query).await?;
    let mut all = Vec::with_capacity(listing.docs.len());
    for doc in &listing.docs {
        let value: View = doc.decode()?;
        if ctx.may("viewView", &Views::spec(&value, place)) {
            all.push(Stored { value, version: doc.version });
        }
    }
    Ok(all)
}

fn matches(expr: &Expr, view: &View, held: bool) -> bool {
    match expr {
        Expr::And(all) => all.iter().all(|one| matches(one, view, held)),
        Expr::Or(any) => any.iter().any(|one| matches(one, view, held)),
        Expr::Is(comparison) => holds(comparison, view, held),
    }
}

fn holds(comparison: &Comparison, view: &View, held: bool) -> bool {
    let wanted = comparison.texts();
    match comparison.field.as_str() {
        "key" => text(comparison.op, &view.key, &wanted),
        "name" => text(comparison.op, &view.name, &wanted),
        "tag" | "tags" => wanted.iter().any(|tag| view.tags.contains(tag)),
        "maintainerId" => {
            matches!(&view.maintainer, Some(Maintainer::Member(id)) if wanted.contains(id))
        }
        _ => comparison.values.first() == Some(&Value::Bool(held)),
    }
}

fn text(op: Op, value: &str, wanted: &[String]) -> bool {
    let lower = value.to_lowercase();
    match op {
        Op::NotEquals => wanted.iter().all(|one| one != value),
        Op::StartsWith => wanted.iter().any(|one| lower.starts_with(&one.to_lowercase())),
        Op::Contains => wanted.iter().any(|one| lower.contains(&one.to_lowercase())),
        _ => wanted.iter().any(|one| one == value),
    }
}
