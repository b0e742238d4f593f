//! Lists of projects.

use wigwag_kit::filter::colon;
use wigwag_kit::{Collection, Ctx, Expand, Page, Reply, Request, Result, sort};
use wigwag_model::doc::Kind;
use wigwag_store::{CREATED, ListQuery, Predicate};

use super::before_expansions;
use super::rep::{Embed, project_rep};
use crate::common::largest_page;
use crate::read::project_of;

/// Projects that the caller cannot view are left out before pages are cut, so pages are cut here:
/// an account has few projects.
pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let page = if before_expansions(ctx.version) {
        Page { limit: None, offset: 0 }
    } else {
        Page::of(&request, Some(20), largest_page(ctx.version))?
    };
    let filter = filter(request.query("filter").unwrap_or_default())?;
    let mut query = ListQuery::account(Kind::Project).filter(filter);
    for by in sort::parse(&request, &["name", "createdOn"])? {
        query = query.sort(&by.field, by.descending);
    }
    let found = ctx.store().list(&query.sort(CREATED, false)).await?;
    let mut projects = found.docs.iter().map(project_of).collect::<Result<Vec<_>>>()?;
    projects.retain(|project| ctx.may("viewProject", &project.spec));
    let total = projects.len() as u64;
    let embed = Embed::of(ctx.version, &Expand::of(&request));
    let mut items = Vec::new();
    for project in page.cut(projects) {
        items.push(project_rep(&ctx, &project, embed).await?);
    }
    Reply::json(&Collection::new(items, total, &page, &request))
}

fn filter(text: &str) -> Result<Predicate> {
    let terms = colon::parse(text, &["query", "tags", "keys"])?;
    let one = |term: colon::Term| match &*term.field {
        "query" => Predicate::any_contains(&["name", "key"], &term.value),
        "keys" => Predicate::KeyIn(term.any().into_iter().map(str::to_owned).collect()),
        _ => Predicate::And(term.all().into_iter().map(|tag| Predicate::eq("tags", tag.to_lowercase())).collect()),
    };
    Ok(Predicate::And(terms.into_iter().map(one).collect()))
}
