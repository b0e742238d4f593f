//! Lists of tokens.

use wigwag_kit::{ApiVersion, Collection, Ctx, Page, Reply, Request, Result};
use wigwag_model::doc::Kind;
use wigwag_store::{CREATED, ListQuery};

use super::rep::People;
use crate::common::largest_page;
use crate::read::{Loaded, token_of, token_visible};

/// What the caller cannot see is left out before pages are cut, so pages are cut here: an account
/// has few tokens. Before 2024-04-15 the list is not cut unless a limit asks for it.
pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let default = (ctx.version >= ApiVersion::V20240415).then_some(25);
    let page = Page::of(&request, default, largest_page(ctx.version))?;
    let asked = request.query_flag("showAll")?.unwrap_or_default();
    // A service token has no tokens of its own: it always sees whatever it may manage.
    let all = asked || ctx.caller.acting_member().is_none();
    let found = ctx.store().list(&ListQuery::account(Kind::Token).sort(CREATED, false)).await?;
    let mut tokens = found.docs.iter().map(token_of).collect::<Result<Vec<_>>>()?;
    tokens.retain(|token| token_visible(&ctx, token, all));
    let total = tokens.len() as u64;
    let tokens: Vec<Loaded<_>> = page.cut(tokens).collect();
    let people = People::of(&ctx, &tokens.iter().map(|t| &t.value).collect::<Vec<_>>()).await?;
    let items = tokens.iter().map(|t| people.shown(&t.value, None)).collect();
    Reply::json(&Collection::new(items, total, &page, &request))
}
