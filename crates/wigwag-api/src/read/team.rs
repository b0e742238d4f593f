//! Teams, as members and other areas need them.

use wigwag_kit::{Ctx, Result, Spec};
use wigwag_model::doc::{Kind, Team};
use wigwag_store::{Doc, DocKey, IndexFacts};

use super::Loaded;

/// Where a team is stored.
#[must_use]
pub fn team_key(key: &str) -> DocKey {
    DocKey::account(Kind::Team, key)
}

/// How policies name a team.
#[must_use]
pub fn team_spec(team: &Team) -> Spec {
    Spec::top("team", &team.key)
}

/// What teams can be filtered and sorted by.
#[must_use]
pub fn team_index(team: &Team) -> IndexFacts {
    let count = i64::try_from(team.member_ids.len()).unwrap_or(i64::MAX);
    IndexFacts::new()
        .text("name", &team.name)
        .number("memberCount", count)
        .many("memberId", &team.member_ids)
        .many("customRole", &team.custom_role_keys)
        .many("externalId", &team.external_id)
}

/// Reads a stored team.
///
/// # Errors
/// The document cannot be read.
pub fn team_of(doc: &Doc) -> Result<Loaded<Team>> {
    Loaded::from_doc(doc, team_spec)
}

/// Every team of the account: there are few.
///
/// # Errors
/// The store cannot be read.
pub async fn all_teams(ctx: &Ctx) -> Result<Vec<Loaded<Team>>> {
    ctx.store().scan(Kind::Team, Some(""), Some("")).await?.iter().map(team_of).collect()
}
