//! The keys of one environment.

use wigwag_kit::filter::colon;
use wigwag_kit::{Collection, Ctx, Expand, Page, Reply, Request, Result, sort};

use super::Home;
use super::key::Place;
use super::rep;
use super::views::Summaries;

/// Largest page.
pub(super) const LARGEST_PAGE: u32 = 100;

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let home = Home::load(&ctx, &request).await?;
    let environment = &home.environment.value;
    let now = ctx.app.clock.now();
    let (mut kind, mut active) = (None, None);
    for term in colon::parse(request.query("filter").unwrap_or_default(), &["kind", "active"])? {
        match &*term.field {
            "kind" => kind = Some(term.one_of(&["sdk", "mobile"])?),
            _ => active = Some(term.flag()?),
        }
    }
    let wanted = |place: &Place| {
        kind.is_none_or(|kind| place.kind.text() == kind)
            && active.is_none_or(|active| place.is_active(environment, now) == active)
    };
    let mut places: Vec<Place> = Place::all(environment).filter(wanted).collect();
    let created = |place: &Place| place.about(environment).map_or(0, |about| about.created_at);
    for by in sort::parse(&request, &["createdAt"])? {
        places.sort_by_key(created);
        if by.descending {
            places.reverse();
        }
    }
    let page = Page::of(&request, Some(20), LARGEST_PAGE)?;
    let total = places.len() as u64;
    let (expand, project) = (Expand::of(&request), &home.project.value.key);
    let held = Place::all(environment).filter_map(|place| place.key(environment)).flat_map(|key| key.views.clone());
    let views = Summaries::load(&ctx, &home.project, &expand, held.collect()).await?;
    let shown = |place| rep::shown(&ctx, project, &home.environment, place, &Expand::default(), &views);
    let items = page.cut(places).map(shown).collect();
    Reply::json(&Collection::new(items, total, &page, &request))
}
