//! The keys of all environments of a project.

use wigwag_kit::filter::query::{self, Allowed, Expr, Op};
use wigwag_kit::{Collection, Ctx, Error, Expand, Page, Reply, Request, Result, sort};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Environment;

use super::key::Place;
use super::list::LARGEST_PAGE;
use super::rep;
use super::views::Summaries;
use crate::read::{self, Loaded};

const ANY: &[Op] = &[Op::Equals, Op::AnyOf];
const FIELDS: &[Allowed<'_>] =
    &[("kind", ANY), ("active", ANY), ("environmentKey", ANY), ("viewKey", ANY), ("name", &[Op::Equals])];

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let project = read::project(&ctx, request.param("projectKey")).await?;
    let filter = query::parse(request.query("filter").unwrap_or_default(), FIELDS)?;
    check(&filter)?;
    let environments = read::environments(&ctx, &project).await?;
    let now = ctx.app.clock.now();
    let mut found: Vec<(&Loaded<Environment>, Place)> = Vec::new();
    for environment in &environments {
        let places = Place::all(&environment.value).filter(|place| holds(&filter, &environment.value, *place, now));
        found.extend(places.map(|place| (environment, place)));
    }
    // The last field decides last: each sort keeps the order of those before it.
    for by in sort::parse(&request, &["createdAt", "environmentKey"])?.iter().rev() {
        let created = |(environment, place): &(&Loaded<Environment>, Place)| {
            place.about(&environment.value).map_or(0, |about| about.created_at)
        };
        found.sort_by(|a, b| {
            let order = match &*by.field {
                "createdAt" => created(a).cmp(&created(b)),
                _ => a.0.value.key.cmp(&b.0.value.key),
            };
            if by.descending { order.reverse() } else { order }
        });
    }
    let page = Page::of(&request, Some(20), LARGEST_PAGE)?;
    let (total, expand) = (found.len() as u64, Expand::of(&request));
    let keys = environments.iter().flat_map(|env| env.value.sdk_keys.iter().chain(&env.value.mobile_keys));
    let views = Summaries::load(&ctx, &project, &expand, keys.flat_map(|key| key.views.clone()).collect()).await?;
    let shown = |(environment, place)| rep::shown(&ctx, &project.value.key, environment, place, &expand, &views);
    let items = page.cut(found).map(shown).collect();
    Reply::json(&Collection::new(items, total, &page, &request))
}

/// Refuses values that no key has.
fn check(filter: &Expr) -> Result<()> {
    let comparison = match filter {
        Expr::And(all) | Expr::Or(all) => return all.iter().try_for_each(check),
        Expr::Is(comparison) => comparison,
    };
    let field = &comparison.field;
    let allowed = match &**field {
        "kind" => ["sdk", "mobile"],
        "active" => ["true", "false"],
        _ => return Ok(()),
    };
    if comparison.texts().iter().all(|text| allowed.contains(&text.as_str())) {
        return Ok(());
    }
    Err(Error::field("filter", format_args!("{field} must be {}", allowed.join(" or "))))
}

fn holds(filter: &Expr, environment: &Environment, place: Place, now: Millis) -> bool {
    match filter {
        Expr::And(all) => all.iter().all(|part| holds(part, environment, place, now)),
        Expr::Or(any) => any.iter().any(|part| holds(part, environment, place, now)),
        Expr::Is(comparison) => comparison.texts().iter().any(|text| match &*comparison.field {
            "kind" => place.kind.text() == text,
            "active" => place.is_active(environment, now).to_string() == *text,
            "environmentKey" => environment.key == *text,
            "name" => {
                let (about, text) = (place.about(environment), text.to_lowercase());
                let has = |part: &str| part.to_lowercase().contains(&text);
                about.is_some_and(|about| has(&about.name) || has(&about.key))
            }
            // Views are stored in lower case.
            _ => place.key(environment).is_some_and(|key| key.views.contains(&text.to_lowercase())),
        }),
    }
}
