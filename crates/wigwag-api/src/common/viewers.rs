//! Lists and gets of the account's own kinds, for everybody who may look around the account.

use wigwag_kit::resource::{Account, Search, Stored, load};
use wigwag_kit::{Collection, Ctx, Error, Reply, Request, Resource, Result};
use wigwag_store::{CREATED, ListQuery, Sort};

use crate::read::require_viewer;

/// All of a kind, as [`Resource::search`] reads the request.
///
/// # Errors
/// 403, a search that cannot be.
pub async fn list_for_viewers<R: Resource<Parent = Account>>(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let search = R::search(&request)?;
    found::<R>(&ctx, &request, search).await
}

/// What a search finds.
///
/// # Errors
/// The store cannot be read.
pub async fn found<R: Resource<Parent = Account>>(ctx: &Ctx, request: &Request, search: Search) -> Result<Reply> {
    let Search { filter, mut sort, page } = search;
    if sort.is_empty() {
        sort.push(Sort { field: CREATED.to_owned(), descending: false });
    }
    let mut query = ListQuery::account(R::ABOUT.kind).filter(filter);
    (query.sort, query.limit, query.offset) = (sort, page.limit, page.offset);
    let found = ctx.store().list(&query).await?;
    let stored = found.docs.iter().map(|doc| Ok(Stored { value: doc.decode()?, version: doc.version }));
    let reps = R::reps(ctx, request, &Account, stored.collect::<Result<_>>()?).await?;
    Reply::json(&Collection::new(reps, found.total, &page, request))
}

/// One of a kind.
///
/// # Errors
/// 403, 404.
pub async fn get_for_viewers<R: Resource<Parent = Account>>(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let key = request.params.last().map_or("", |(_, value)| value);
    let stored = load::<R>(&ctx, &Account, key).await?;
    shown::<R>(&ctx, &request, stored).await
}

/// One as clients see it.
///
/// # Errors
/// What it refers to cannot be read.
pub async fn shown<R: Resource<Parent = Account>>(
    ctx: &Ctx,
    request: &Request,
    stored: Stored<R::Doc>,
) -> Result<Reply> {
    let rep = R::reps(ctx, request, &Account, vec![stored]).await?.pop();
    Reply::json(&rep.ok_or_else(|| Error::Internal("a resource was not shown".to_owned()))?)
}
