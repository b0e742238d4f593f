//! The maintainers and the roles of a team, page by page.

use wigwag_kit::resource::{Account, Stored, load};
use wigwag_kit::{Collection, Ctx, Page, Reply, Request, Result};

use super::rep::{self, Around};
use super::{Team, Teams};
use crate::common::{largest_page, unique};
use crate::read::{members_by_id, summary_of};

pub(super) async fn maintainers(ctx: Ctx, request: Request) -> Result<Reply> {
    let (team, page) = asked(&ctx, &request).await?;
    let ids = unique(rep::maintainers(&team).map(str::to_owned).collect());
    let members = members_by_id(&ctx, ids.iter().map(String::as_str)).await?;
    let all: Vec<_> = ids.iter().filter_map(|id| members.get(id)).map(summary_of).collect();
    let total = all.len() as u64;
    Reply::json(&Collection::new(page.cut(all).collect(), total, &page, &request))
}

pub(super) async fn roles(ctx: Ctx, request: Request) -> Result<Reply> {
    let (team, page) = asked(&ctx, &request).await?;
    let around = Around::load(&ctx, team.custom_role_keys.clone()).await?;
    let total = team.custom_role_keys.len() as u64;
    let items = page.cut(team.custom_role_keys.iter().map(|key| around.role(&team, key))).collect();
    Reply::json(&Collection::new(items, total, &page, &request))
}

async fn asked(ctx: &Ctx, request: &Request) -> Result<(Team, Page)> {
    let Stored { value, .. } = load::<Teams>(ctx, &Account, request.param("teamKey")).await?;
    Ok((value, Page::of(request, Some(20), largest_page(request.version))?))
}
