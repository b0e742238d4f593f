//! Lists of members.

use std::cmp::Ordering;

use wigwag_auth::{Directory, Permissions};
use wigwag_kit::filter::colon::{self, Term};
use wigwag_kit::sort::{self, Sort};
use wigwag_kit::{ApiVersion, Authority, Collection, Ctx, Decision, Expand, Page, Reply, Request, Result, Spec};
use wigwag_model::doc::{Kind, Member, Team};
use wigwag_store::{CREATED, ListQuery, Predicate};

use super::rep::Surroundings;
use crate::read::{GivenRoles, LastSeen, Loaded, Seen, display_name, member_of, require_viewer, within};

/// Larger than elsewhere: clients read all members of a team at once.
const LARGEST_PAGE: u32 = 1_000;

const LAST_SEEN: &str = "lastSeen";
const FIELDS: &[&str] = &["query", "role", "id", "email", "team", "noteam", "lastSeen"];
/// Until 2022-06-03.
const OLD_FIELDS: &[&str] = &["query", "role", "id", "email", "team", "noteam", "lastSeen", "accessCheck"];

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let page = if ctx.version < ApiVersion::V20210729 {
        Page { limit: None, offset: 0 }
    } else {
        Page::of(&request, Some(20), LARGEST_PAGE)?
    };
    let around = Surroundings::load(&ctx, &Expand::of(&request)).await?;
    let fields = if ctx.version > ApiVersion::V20220603 { FIELDS } else { OLD_FIELDS };
    let terms = colon::parse(request.query("filter").unwrap_or_default(), fields)?;
    let sorts = sort::parse(&request, &["displayName", LAST_SEEN])?;
    // When somebody was last seen is no fact of theirs, but noted beside.
    let seen = match terms.iter().any(|term| term.field == LAST_SEEN) || sorts.iter().any(|by| by.field == LAST_SEEN) {
        true => Some(Seen::load(&ctx).await?),
        false => None,
    };
    let query = ListQuery::account(Kind::Member).filter(filter(&ctx, &terms, &around.teams, seen.as_ref()).await?);
    let (members, total) = match &seen {
        Some(seen) if sorts.iter().any(|by| by.field == LAST_SEEN) => sorted(&ctx, query, &sorts, seen, &page).await?,
        _ => stored(&ctx, query, &sorts, &page).await?,
    };
    let around = around.seen(&ctx, &members).await?;
    let items = members.iter().map(|member| around.shown(member)).collect();
    Reply::json(&Collection::new(items, total, &page, &request))
}

/// In an order that the store knows.
async fn stored(ctx: &Ctx, query: ListQuery<'_>, sorts: &[Sort], page: &Page) -> Result<(Vec<Loaded<Member>>, u64)> {
    let query = sorts.iter().fold(query, |query, by| query.sort(&by.field, by.descending));
    let mut query = query.sort(CREATED, false);
    (query.limit, query.offset) = (page.limit, page.offset);
    let found = ctx.store().list(&query).await?;
    Ok((found.docs.iter().map(member_of).collect::<Result<Vec<_>>>()?, found.total))
}

/// By when they were last seen. Whoever never was comes before all others.
async fn sorted(
    ctx: &Ctx,
    query: ListQuery<'_>,
    sorts: &[Sort],
    seen: &Seen,
    page: &Page,
) -> Result<(Vec<Loaded<Member>>, u64)> {
    let found = ctx.store().list(&query.sort(CREATED, false)).await?;
    let mut all = found.docs.iter().map(member_of).collect::<Result<Vec<_>>>()?;
    all.sort_by(|a, b| {
        let by = |by: &Sort| {
            let order = match by.field == LAST_SEEN {
                true => seen.at(&a.value.id).cmp(&seen.at(&b.value.id)),
                false => display_name(&a.value).to_lowercase().cmp(&display_name(&b.value).to_lowercase()),
            };
            if by.descending { order.reverse() } else { order }
        };
        sorts.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    Ok((page.cut(all).collect(), found.total))
}

async fn filter(ctx: &Ctx, terms: &[Term], teams: &[Loaded<Team>], seen: Option<&Seen>) -> Result<Predicate> {
    let mut all = Vec::with_capacity(terms.len());
    for term in terms {
        all.push(match (&*term.field, seen) {
            (LAST_SEEN, Some(seen)) => {
                seen.which(LastSeen::read(&term.object()?).map_err(|problem| term.problem(problem))?)
            }
            (field, _) => match field {
                "role" => having(ctx, term.any().into_iter().map(str::to_owned).collect(), teams).await?,
                "accessCheck" => who_may(ctx, term).await?,
                _ => one(term, teams)?,
            },
        });
    }
    Ok(Predicate::And(all))
}

fn one(term: &Term, teams: &[Loaded<Team>]) -> Result<Predicate> {
    let members = |wanted: &dyn Fn(&Team) -> bool| Predicate::KeyIn(within(teams, wanted).into_iter().collect());
    Ok(match &*term.field {
        "team" => members(&|team| team.key.eq_ignore_ascii_case(&term.value)),
        "noteam" if term.flag()? => Predicate::Not(Box::new(members(&|_| true))),
        "noteam" => members(&|_| true),
        "query" => Predicate::any_contains(&["email", "displayName"], &term.value),
        "email" => any_of("email", term.any().into_iter().map(str::to_lowercase)),
        _ => Predicate::KeyIn(term.any().into_iter().map(str::to_owned).collect()),
    })
}

/// Who has one of the roles: a base role, of which the owner's counts as an admin's, or a custom role, be it
/// through a team.
async fn having(ctx: &Ctx, names: Vec<String>, teams: &[Loaded<Team>]) -> Result<Predicate> {
    let roles = GivenRoles::named(ctx, &names).await?;
    let custom: Vec<_> = names.iter().filter_map(|name| roles.get(name)).collect();
    let base = names.iter().flat_map(|name| if name == "admin" { vec!["admin", "owner"] } else { vec![name.as_str()] });
    let teams = within(teams, |team| custom.iter().any(|role| team.custom_role_keys.contains(&role.key)));
    Ok(Predicate::Or(vec![
        any_of("role", base.map(str::to_lowercase)),
        any_of("customRole", custom.iter().map(|role| role.id.clone())),
        Predicate::KeyIn(teams.into_iter().collect()),
    ]))
}

fn any_of(field: &str, values: impl Iterator<Item = String>) -> Predicate {
    Predicate::TextAnyOf { field: field.to_owned(), values: values.collect() }
}

/// Who may do something: `createFlag:proj/default:env/test:flag/f`.
async fn who_may(ctx: &Ctx, term: &Term) -> Result<Predicate> {
    let form = || term.problem("must be an action and a resource, such as updateOn:proj/p:env/e:flag/f");
    let (action, resource) = term.value.split_once(':').ok_or_else(form)?;
    if term.value.contains(['*', ';']) || action.is_empty() {
        return Err(term.problem("takes neither wildcards nor tags"));
    }
    let resource = Spec::parse(resource).ok_or_else(form)?;
    let directory = Directory::load(ctx.store()).await?;
    let mut may = Vec::new();
    for doc in ctx.store().scan(Kind::Member, Some(""), Some("")).await? {
        let member: Member = doc.decode()?;
        if Permissions::of_member(&member, &directory).decide(action, &resource) == Decision::Allow {
            may.push(member.id);
        }
    }
    Ok(Predicate::KeyIn(may))
}
