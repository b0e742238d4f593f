//! Searching contexts.

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::filter::query::{self, Allowed, Expr};
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_store::volume::{ContextFilter, PageOf};

use super::filter;
use super::rep::{Place, split};
use crate::common::page_of;
use crate::read::project_and_environment;

/// Items of a page: unless asked for, and at most.
const LIMIT: (usize, usize) = (20, 50);
/// Parameters that a search takes in the query or in the body.
const EITHER: [&str; 4] = ["filter", "sort", "limit", "continuationToken"];

/// A search as a body.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Search {
    /// What to find.
    #[serde(default)]
    filter: Option<String>,
    /// `ts` or `-ts`.
    #[serde(default)]
    sort: Option<String>,
    /// Items of a page, at most 50.
    #[serde(default)]
    limit: Option<i64>,
    /// Where the page begins.
    #[serde(default)]
    continuation_token: Option<String>,
}

/// What a list of contexts or instances asks for.
pub(super) struct Asked {
    pub(super) expr: Expr,
    pub(super) page: PageOf,
    /// Parameters that links to other pages carry on.
    pub(super) kept: Vec<(&'static str, String)>,
}

impl Asked {
    /// Reads the query, or for a search the body.
    ///
    /// # Errors
    /// 400: both say something; a filter, sort, limit or token that cannot be read.
    pub(super) fn of(request: &Request, allowed: &[Allowed<'_>], search: bool) -> Result<Self> {
        let asked = if search { either(request)? } else { in_query(request)? };
        let sort = asked.sort.as_deref().unwrap_or("-ts");
        let ascending = match sort {
            "ts" => true,
            "-ts" | "" => false,
            other => return Err(Error::field("sort", format_args!("cannot sort by {other}; allowed are ts, -ts"))),
        };
        let token = ("continuationToken", asked.continuation_token.as_deref());
        let mut page = page_of(asked.limit, LIMIT, token, ascending)?;
        page.count = request.query_flag("includeTotalCount")?.unwrap_or(true);
        let expr = query::parse(asked.filter.as_deref().unwrap_or(""), allowed)?;
        let mut kept = Vec::new();
        kept.extend(asked.filter.map(|filter| ("filter", filter)));
        kept.extend(asked.sort.map(|sort| ("sort", sort)));
        kept.extend(asked.limit.map(|limit| ("limit", limit.to_string())));
        if !page.count {
            kept.push(("includeTotalCount", "false".to_owned()));
        }
        Ok(Self { expr, page, kept })
    }
}

fn in_query(request: &Request) -> Result<Search> {
    let text = |name: &str| request.query(name).map(str::to_owned);
    Ok(Search {
        filter: text("filter"),
        sort: text("sort"),
        limit: request.query_number("limit")?,
        continuation_token: text("continuationToken"),
    })
}

fn either(request: &Request) -> Result<Search> {
    let body = if request.body.is_empty() { Search::default() } else { request.json::<Search>()? };
    let told =
        body.filter.is_some() || body.sort.is_some() || body.limit.is_some() || body.continuation_token.is_some();
    if !told {
        return in_query(request);
    }
    match EITHER.iter().find(|name| request.query(name).is_some()) {
        Some(name) => Err(Error::field(name, "give the search either in the query or in the body, not in both")),
        None => Ok(body),
    }
}

pub(super) async fn contexts(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = Asked::of(&request, filter::CONTEXT, true)?;
    list(&ctx, &request, asked, None).await
}

pub(super) async fn contexts_of(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = Asked::of(&request, filter::APPLICATION, false)?;
    let pair = (request.param("kind").to_owned(), request.param("key").to_owned());
    list(&ctx, &request, asked, Some(ContextFilter::KindKey(vec![pair]))).await
}

async fn list(ctx: &Ctx, request: &Request, asked: Asked, also: Option<ContextFilter>) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let id = &environment.value.id;
    let mut filter = filter::contexts(ctx, id, &asked.expr).await?;
    if let Some(also) = also {
        filter = ContextFilter::All(vec![also, filter]);
    }
    let volume = ctx.store().volume();
    let (found, rest) = split(volume.contexts(id, &filter, asked.page).await?);
    let associated = volume.associated(&found).await?;
    let place = Place { request, project: &project.value.key, environment: &environment.value.key, environment_id: id };
    let items = found.iter().zip(associated).map(|(seen, n)| place.context(seen, n)).collect::<Result<_>>()?;
    Reply::json(&place.list(rest, items, &asked.kept))
}
