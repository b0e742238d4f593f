//! Pages of lists: `limit`, `offset`, `totalCount` and page links (behaviour.md 4.3).

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::links::Links;
use crate::request::Request;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many; none means everything.
    pub limit: Option<u32>,
    /// After so many.
    pub offset: u32,
}

impl Page {
    /// Reads `limit` and `offset`. An absent limit, or 0, means `default`; without a default
    /// the list is not cut.
    ///
    /// # Errors
    /// Text that is no number, a negative number, a limit over `max`.
    pub fn of(request: &Request, default: Option<u32>, max: u32) -> Result<Self> {
        let limit = match whole(request, "limit")? {
            None | Some(0) => default,
            Some(limit) if limit > max => {
                return Err(Error::Invalid(format!("limit: Limit must be less than or equal to {max}")));
            }
            Some(limit) => Some(limit),
        };
        Ok(Self { limit, offset: whole(request, "offset")?.unwrap_or(0) })
    }

    /// Cuts a list that is whole in memory.
    pub fn cut<T>(&self, items: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        let limit = self.limit.map_or(usize::MAX, |l| l as usize);
        items.into_iter().skip(self.offset as usize).take(limit)
    }

    /// The page of a list that is whole in memory and in no order, in order. What is on other pages is not ordered.
    #[must_use]
    pub fn least<T: Ord>(&self, mut items: Vec<T>) -> Vec<T> {
        let from = (self.offset as usize).min(items.len());
        let to = self.limit.map_or(items.len(), |limit| (from + limit as usize).min(items.len()));
        if to < items.len() {
            items.select_nth_unstable(to);
            items.truncate(to);
        }
        if 0 < from && from < items.len() {
            items.select_nth_unstable(from);
        }
        items.drain(..from);
        items.sort_unstable();
        items
    }
}

fn whole(request: &Request, name: &str) -> Result<Option<u32>> {
    let number = request.query_number(name)?;
    number
        .map(|n| u32::try_from(n).map_err(|_| Error::field(name, "must be a whole number between 0 and 4294967295")))
        .transpose()
}

/// A list as every endpoint with pages answers it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Collection_{T}")]
pub struct Collection<T> {
    /// The page's items.
    pub items: Vec<T>,
    /// `self`, and those of `first`, `prev`, `next` and `last` that exist.
    #[serde(rename = "_links")]
    pub links: Links,
    /// How many there are on all pages.
    #[serde(rename = "totalCount")]
    pub total_count: u64,
}

impl<T> Collection<T> {
    /// The page `items` of a list of `total`.
    #[must_use]
    pub fn new(items: Vec<T>, total: u64, page: &Page, request: &Request) -> Self {
        Self { items, links: links(page, total, request), total_count: total }
    }
}

/// The links of a page. `first` and `prev` exist after the first page, `next` and `last`
/// before the last one.
#[must_use]
pub fn links(page: &Page, total: u64, request: &Request) -> Links {
    let own = crate::query::render(request.query.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    let mut links = Links::new();
    if let Some(limit) = page.limit.filter(|&l| l > 0) {
        let at = |offset: u64| href(request, limit, offset);
        let (step, offset) = (u64::from(limit), u64::from(page.offset));
        if offset > 0 {
            links = links.to("first", at(0)).to("prev", at(offset.saturating_sub(step)));
        }
        if offset + step < total {
            // The last page on the grid that this page lies on.
            let phase = offset % step;
            let last = phase + (total - 1 - phase) / step * step;
            links = links.to("next", at(offset + step)).to("last", at(last));
        }
    }
    links.own(format!("{}{own}", request.path))
}

fn href(request: &Request, limit: u32, offset: u64) -> String {
    let (limit, offset) = (limit.to_string(), offset.to_string());
    let kept = request.query.iter().filter(|(n, _)| n != "limit" && n != "offset");
    let pairs = kept.map(|(n, v)| (n.as_str(), v.as_str())).chain([("limit", &*limit), ("offset", &*offset)]);
    format!("{}{}", request.path, crate::query::render(pairs))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;

    fn request(query: &str) -> Request {
        Request::new(http::Method::GET, &format!("/api/v2/members?{query}")).unwrap()
    }

    #[test]
    fn limits() {
        let of = |q: &str| Page::of(&request(q), Some(20), 100);
        assert_eq!(of("").unwrap(), Page { limit: Some(20), offset: 0 });
        assert_eq!(of("limit=0&offset=3").unwrap(), Page { limit: Some(20), offset: 3 });
        assert_eq!(of("limit=100").unwrap().limit, Some(100));
        for (bad, field) in
            [("limit=101", "limit"), ("limit=x", "limit"), ("limit=-1", "limit"), ("offset=-1", "offset")]
        {
            let error = of(bad).unwrap_err();
            assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains(field), "{bad}: {error}");
        }
        assert_eq!(Page::of(&request(""), None, 100).unwrap().limit, None);
    }

    #[test]
    fn links_keep_the_other_parameters() {
        let request = request("filter=query:a%20b&limit=10&offset=10");
        let page = Page::of(&request, Some(20), 100).unwrap();
        let list = Collection::new(vec![0; 10], 35, &page, &request);
        let href = |r| list.links.get(r).unwrap_or("absent");
        assert_eq!(href("self"), "/api/v2/members?filter=query:a%20b&limit=10&offset=10");
        assert_eq!(href("first"), "/api/v2/members?filter=query:a%20b&limit=10&offset=0");
        assert_eq!(href("prev"), href("first"));
        assert_eq!(href("next"), "/api/v2/members?filter=query:a%20b&limit=10&offset=20");
        assert_eq!(href("last"), "/api/v2/members?filter=query:a%20b&limit=10&offset=30");
    }

    proptest! {
        #[test]
        fn least_is_the_page_of_what_is_sorted(items: Vec<u8>, offset in 0_u32..20, limit in prop::option::of(0_u32..20)) {
            let (page, mut sorted) = (Page { limit, offset }, items.clone());
            sorted.sort_unstable();
            prop_assert_eq!(page.least(items), page.cut(sorted).collect::<Vec<_>>());
        }

        /// Following `next` from the start visits every item once and ends; `last` is where it ends.
        #[test]
        fn following_next_visits_everything(total in 0_u64..300, limit in 1_u32..60) {
            let mut request = request(&format!("limit={limit}"));
            let (mut seen, mut last) = (0, None);
            for _ in 0..=total {
                let page = Page::of(&request, Some(20), 100).unwrap();
                prop_assert_eq!(u64::from(page.offset), seen);
                seen += page.cut(0..total).count() as u64;
                let links = links(&page, total, &request);
                let Some(next) = links.get("next") else {
                    prop_assert!(last.is_none() || last == links.get("self").map(ToOwned::to_owned));
                    break;
                };
                last = links.get("last").map(ToOwned::to_owned);
                request = Request::new(http::Method::GET, next).unwrap();
            }
            prop_assert_eq!(seen, total);
        }
    }
}
