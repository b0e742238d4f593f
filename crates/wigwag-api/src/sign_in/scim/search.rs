//! Users and groups searched at once (RFC 7644 3.4.3): users come first.

use serde::Deserialize;
use wigwag_kit::{Ctx, Reply, Request, Result};
use wigwag_store::Predicate;

use super::query::{filter, listed, page, unsearchable};
use super::{groups, users};

/// What a search asks; the parameters of a list as a body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    #[serde(default)]
    filter: Option<String>,
    #[serde(default)]
    start_index: Option<i64>,
    #[serde(default)]
    count: Option<i64>,
    #[serde(default)]
    attributes: Vec<String>,
    #[serde(default)]
    excluded_attributes: Vec<String>,
}

impl Search {
    fn parameters(self) -> Vec<(String, String)> {
        let all = [
            ("filter", self.filter),
            ("startIndex", self.start_index.map(|number| number.to_string())),
            ("count", self.count.map(|number| number.to_string())),
            ("attributes", Some(self.attributes.join(","))),
            ("excludedAttributes", Some(self.excluded_attributes.join(","))),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// A type that does not have the attribute has nothing that fits.
pub(super) async fn search(ctx: Ctx, mut request: Request) -> Result<Reply> {
    request.query = request.json::<Search>()?.parameters();
    let (skip, count) = page(&request)?;
    let (of_users, of_groups) = match filter(&request)? {
        None => (Predicate::All, Predicate::All),
        Some((name, value)) => {
            match ((users::LISTING.searched)(&name, &value), (groups::LISTING.searched)(&name, &value)) {
                (None, None) => return Err(unsearchable(&name)),
                (users, groups) => {
                    let none = || Predicate::KeyIn(Vec::new());
                    (users.unwrap_or_else(none), groups.unwrap_or_else(none))
                }
            }
        }
    };
    let (mut found, users) = users::LISTING.found(&ctx, &request, of_users, count, skip).await?;
    let left = count.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
    let skipped = u32::try_from(u64::from(skip).saturating_sub(users)).unwrap_or(u32::MAX);
    let (more, groups) = groups::LISTING.found(&ctx, &request, of_groups, left, skipped).await?;
    found.extend(more);
    listed(found, users + groups, skip)
}
