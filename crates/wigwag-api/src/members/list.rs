//! Lists of members.

use wigwag_kit::filter::colon;
use wigwag_kit::{ApiVersion, Collection, Ctx, Page, Reply, Request, Result, sort};
use wigwag_model::doc::{Kind, Team};
use wigwag_store::{CREATED, ListQuery, Predicate};

use super::rep::{all_teams, member_rep};
use crate::read::{member_of, require_viewer};

/// Larger than elsewhere: clients read all members of a team at once.
const LARGEST_PAGE: u32 = 1_000;

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let page = if ctx.version < ApiVersion::V20210729 {
        Page { limit: None, offset: 0 }
    } else {
        Page::of(&request, Some(20), LARGEST_PAGE)?
    };
    let teams = all_teams(&ctx).await?;
    let filter = filter(request.query("filter").unwrap_or_default(), &teams)?;
    let mut query = ListQuery::account(Kind::Member).filter(filter);
    // Activity is not recorded, so nobody comes before anybody else by it.
    for by in sort::parse(&request, &["displayName", "lastSeen"])?.iter().filter(|by| by.field == "displayName") {
        query = query.sort(&by.field, by.descending);
    }
    query = query.sort(CREATED, false);
    (query.limit, query.offset) = (page.limit, page.offset);
    let found = ctx.store().list(&query).await?;
    let items = found.docs.iter().map(|doc| Ok(member_rep(&member_of(doc)?, &teams))).collect::<Result<_>>()?;
    Reply::json(&Collection::new(items, found.total, &page, &request))
}

fn filter(text: &str, teams: &[Team]) -> Result<Predicate> {
    let terms = colon::parse(text, &["query", "role", "id", "email", "team", "noteam"])?;
    Ok(Predicate::And(terms.iter().map(|term| one(term, teams)).collect::<Result<_>>()?))
}

fn one(term: &colon::Term, teams: &[Team]) -> Result<Predicate> {
    let values = || term.any().into_iter();
    let within = |wanted: &dyn Fn(&Team) -> bool| {
        Predicate::KeyIn(teams.iter().filter(|team| wanted(team)).flat_map(|team| team.member_ids.clone()).collect())
    };
    Ok(match &*term.field {
        "team" => within(&|team| team.key.eq_ignore_ascii_case(&term.value)),
        "noteam" if term.flag()? => Predicate::Not(Box::new(within(&|_| true))),
        "noteam" => within(&|_| true),
        "query" => Predicate::any_contains(&["email", "displayName"], &term.value),
        // The owner counts as an admin.
        "role" => any_of("role", values().flat_map(|r| if r == "admin" { vec!["admin", "owner"] } else { vec![r] })),
        "email" => any_of("email", values()),
        _ => Predicate::KeyIn(values().map(str::to_owned).collect()),
    })
}

fn any_of<'a>(field: &str, values: impl Iterator<Item = &'a str>) -> Predicate {
    Predicate::TextAnyOf { field: field.to_owned(), values: values.map(str::to_lowercase).collect() }
}
