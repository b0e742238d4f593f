//! `expand=environments,roles`: what to embed. Unknown names are ignored (behaviour.md 6).

use crate::request::Request;

/// The names that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expand(Vec<String>);

impl Expand {
    /// Reads `expand`, repeated or comma-joined.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self(request.query_list("expand").map(|name| name.trim().to_owned()).collect())
    }

    /// Whether `name` was asked for.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|n| n == name)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn joined_and_repeated() {
        let request = Request::new(http::Method::GET, "/?expand=members,roles&expand=projects").unwrap();
        let expand = Expand::of(&request);
        assert!(["members", "roles", "projects"].iter().all(|n| expand.has(n)));
        assert!(!expand.has("maintainers"));
    }
}
