//! Lists of environments.

use wigwag_kit::filter::colon;
use wigwag_kit::{Collection, Ctx, Page, Reply, Request, Result, sort};
use wigwag_model::doc::Kind;
use wigwag_store::{CREATED, ListQuery, Predicate};

use crate::common::largest_page;
use crate::read::{self, environment_index, environment_rep, environment_seen};

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let page = Page::of(&request, Some(20), largest_page(ctx.version))?;
    let filter = filter(request.query("filter").unwrap_or_default())?;
    let project = read::project(&ctx, request.param("projectKey")).await?;
    let mut query = ListQuery::in_project(Kind::Environment, &project.value.key).filter(filter);
    for by in sort::parse(&request, &["createdOn", "critical", "name"])? {
        query = query.sort(&by.field, by.descending);
    }
    query = query.sort(CREATED, false);
    (query.limit, query.offset) = (page.limit, page.offset);
    let found = ctx.list(&query, |doc| Ok(environment_index(&doc.decode()?))).await?;
    let mut items = Vec::with_capacity(found.docs.len());
    for doc in &found.docs {
        items.push(environment_rep(&ctx, &project.value.key, &environment_seen(&ctx, &project.spec, doc).await?));
    }
    Reply::json(&Collection::new(items, found.total, &page, &request))
}

fn filter(text: &str) -> Result<Predicate> {
    let terms = colon::parse(text, &["query", "tags"])?;
    let one = |term: colon::Term| match &*term.field {
        "query" => Predicate::any_contains(&["name", "key"], &term.value),
        _ => Predicate::And(term.all().into_iter().map(|tag| Predicate::eq("tags", tag.to_lowercase())).collect()),
    };
    Ok(Predicate::And(terms.into_iter().map(one).collect()))
}
