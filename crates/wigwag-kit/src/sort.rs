//! `sort=-name,creationDate` (behaviour.md 6).

pub use wigwag_store::Sort;

use crate::error::{Error, Result};
use crate::request::Request;

/// The order asked for, outermost first; empty when none was.
///
/// # Errors
/// A field that is not in `allowed`.
pub fn parse(request: &Request, allowed: &[&str]) -> Result<Vec<Sort>> {
    request.query_list("sort").map(|text| one(text.trim(), allowed)).collect()
}

fn one(text: &str, allowed: &[&str]) -> Result<Sort> {
    let (field, descending) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
    if allowed.contains(&field) {
        return Ok(Sort { field: field.to_owned(), descending });
    }
    Err(Error::field("sort", format_args!("cannot sort by {field}; allowed are {}", allowed.join(", "))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn order_and_direction() {
        let request = Request::new(http::Method::GET, "/?sort=-name,creationDate").unwrap();
        let sort = parse(&request, &["name", "creationDate"]).unwrap();
        let sort: Vec<_> = sort.iter().map(|s| (s.field.as_str(), s.descending)).collect();
        assert_eq!(sort, [("name", true), ("creationDate", false)]);
        let error = parse(&request, &["name"]).unwrap_err().to_string();
        assert!(error.starts_with("sort:") && error.contains("creationDate"), "{error}");
    }
}
