//! Lists of users, and one of them.

use wigwag_kit::filter::colon;
use wigwag_kit::{ApiVersion, Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::Environment;
use wigwag_store::volume::{ContextFilter, Found, FoundByKey, KeyPage, PageOf, SeenContext, Test};

use super::rep::{Place, Users};
use crate::common::{page_of, token_of};
use crate::read::{owner_id, project_and_environment};

/// Users that can be reached by `offset`.
const REACH: usize = 10_000;
/// Items of a page: unless asked for, and at most.
const LIMIT: (usize, usize) = (20, 50);

/// `lastId` is what `searchAfter` was called before.
fn page(request: &Request, ascending: bool) -> Result<PageOf> {
    let name = if request.query("searchAfter").is_some() { "searchAfter" } else { "lastId" };
    page_of(request.query_number("limit")?, LIMIT, (name, request.query(name)), ascending)
}

pub(super) async fn all(ctx: Ctx, request: Request) -> Result<Reply> {
    let page = page(&request, false)?;
    list(&ctx, &request, ContextFilter::every(), page, 0, false).await
}

pub(super) async fn search(ctx: Ctx, request: Request) -> Result<Reply> {
    let sort = request.query("sort").unwrap_or("");
    let (by_key, ascending) = match sort {
        "lastSeen" => (false, true),
        "" | "-lastSeen" => (false, false),
        "userKey" => (true, true),
        "-userKey" => (true, false),
        other => {
            return Err(Error::field("sort", format_args!("cannot sort by {other}; allowed are userKey, lastSeen")));
        }
    };
    let page = if by_key { None } else { Some(page(&request, ascending)?) };
    let limit = page_of(request.query_number("limit")?, LIMIT, ("searchAfter", None), ascending)?.limit;
    let offset = request.query_number("offset")?.unwrap_or(0);
    let offset = usize::try_from(offset).map_err(|_| Error::field("offset", "must not be negative"))?;
    if offset.saturating_add(limit) > REACH {
        return Err(Error::field(
            "offset",
            format_args!("only the first {REACH} users can be reached; use searchAfter"),
        ));
    }
    let mut filters = Vec::new();
    if let Some(q) = request.query("q").filter(|q| !q.trim().is_empty()) {
        filters.push(ContextFilter::words(q));
    }
    for term in colon::parse_any(request.query("filter").unwrap_or(""))? {
        let value = term.value.trim_matches('"').to_owned();
        filters.push(match term.field.as_str() {
            "key" => ContextFilter::Key(vec![value]),
            name => ContextFilter::attribute(Some("user"), name, Test::AnyOf(vec![value])),
        });
    }
    if let Some(after) = request.query_number("after")? {
        filters.push(ContextFilter::SeenSince(after));
    }
    let filter = ContextFilter::All(filters);
    let Some(page) = page else {
        let after = request.query("searchAfter").or_else(|| request.query("lastId")).map(str::to_owned);
        return by_keys(&ctx, &request, &filter, KeyPage { limit, after, ascending, count: true }, offset).await;
    };
    list(&ctx, &request, filter, page, offset, !sort.is_empty()).await
}

/// Users in the order of their keys: the next page begins behind the last key.
async fn by_keys(
    ctx: &Ctx,
    request: &Request,
    filter: &ContextFilter,
    mut page: KeyPage,
    offset: usize,
) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let (volume, id) = (ctx.store().volume(), &environment.value.id);
    let mut nothing = None;
    if offset > 0 {
        let skipped = KeyPage { limit: offset, ..page.clone() };
        let found = volume.contexts_by_key(id, "user", filter, skipped).await?;
        page.after = found.next;
        nothing = page.after.is_none().then_some(FoundByKey { items: Vec::new(), next: None, total: found.total });
    }
    let found = match nothing {
        Some(nothing) => nothing,
        None => volume.contexts_by_key(id, "user", filter, page).await?,
    };
    shown(ctx, request, (&project.value.key, &environment.value), (found.items, found.next, found.total), true).await
}

async fn list(
    ctx: &Ctx,
    request: &Request,
    filter: ContextFilter,
    page: PageOf,
    offset: usize,
    sorted: bool,
) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let mut all = vec![ContextFilter::Kind(vec!["user".to_owned()])];
    match filter {
        ContextFilter::All(list) => all.extend(list),
        one => all.push(one),
    }
    let id = &environment.value.id;
    let found = fetch(ctx, id, &ContextFilter::All(all), page, offset).await?;
    let next = found.next.map(token_of);
    shown(ctx, request, (&project.value.key, &environment.value), (found.items, next, found.total), sorted).await
}

/// Users as an answer: they, where the next page begins, and how many there are.
async fn shown(
    ctx: &Ctx,
    request: &Request,
    (project, environment): (&str, &Environment),
    (items, next, total): (Vec<SeenContext>, Option<String>, Option<u64>),
    sorted: bool,
) -> Result<Reply> {
    let owner = owner_id(ctx).await?;
    let place = Place { project, environment: &environment.key, environment_id: &environment.id, owner_id: &owner };
    let items = items.iter().map(|seen| place.record(seen, sorted)).collect();
    let own = wigwag_kit::query::render(request.query.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    let mut links = wigwag_kit::Links::new().own(format!("{}{own}", request.path));
    if let Some(next) = next {
        let name = if ctx.version == ApiVersion::V20160426 { "lastId" } else { "searchAfter" };
        let kept = request.query.iter().filter(|(n, _)| !["searchAfter", "lastId", "offset"].contains(&n.as_str()));
        let pairs = kept.map(|(n, v)| (n.as_str(), v.as_str())).chain([(name, next.as_str())]);
        links = links.to("next", format!("{}{}", request.path, wigwag_kit::query::render(pairs)));
    }
    Reply::json(&Users { links, total_count: total.unwrap_or(0), items })
}

/// A page after so many items.
async fn fetch(
    ctx: &Ctx,
    environment_id: &str,
    filter: &ContextFilter,
    page: PageOf,
    offset: usize,
) -> Result<Found<SeenContext>> {
    let volume = ctx.store().volume();
    let mut page = page;
    if offset > 0 {
        let skipped = PageOf { limit: offset, count: page.count, ..page };
        let found = volume.contexts(environment_id, filter, skipped).await?;
        if found.next.is_none() {
            return Ok(Found { items: Vec::new(), next: None, total: found.total });
        }
        page.after = found.next;
    }
    Ok(volume.contexts(environment_id, filter, page).await?)
}

pub(super) async fn one(ctx: Ctx, request: Request) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let (id, key) = (&environment.value.id, request.param("userKey"));
    let seen = ctx.store().volume().context(id, "user", key).await?;
    let seen = seen.ok_or_else(|| Error::NotFound(format!("Unknown user key {key}")))?;
    let owner = owner_id(&ctx).await?;
    let place = Place {
        project: &project.value.key,
        environment: &environment.value.key,
        environment_id: id,
        owner_id: &owner,
    };
    let record = place.record(&seen, false);
    // The first versions answered the user alone.
    if ctx.version <= ApiVersion::V20191212 { Reply::json(&record.user) } else { Reply::json(&record) }
}
