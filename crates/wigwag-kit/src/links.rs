//! `_links`: where a representation points (behaviour.md 4.1).

use std::borrow::Cow;
use std::collections::BTreeMap;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A link of a representation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// Path-relative, such as `/api/v2/projects/default`.
    pub href: String,
    /// Media type of what is there.
    #[serde(rename = "type")]
    pub media_type: Cow<'static, str>,
}

/// Links by relation, in the order they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Links(#[schemars(with = "BTreeMap<String, Link>")] IndexMap<Cow<'static, str>, Link>);

impl Links {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the representation itself is: `self`.
    #[must_use]
    pub fn own(self, href: impl Into<String>) -> Self {
        self.to("self", href)
    }

    /// What encloses it: `parent`.
    #[must_use]
    pub fn parent(self, href: impl Into<String>) -> Self {
        self.to("parent", href)
    }

    /// Another JSON resource.
    #[must_use]
    pub fn to(self, relation: impl Into<Cow<'static, str>>, href: impl Into<String>) -> Self {
        self.with(relation, href, "application/json")
    }

    /// A page of the console, or any other page for people.
    #[must_use]
    pub fn site(self, relation: impl Into<Cow<'static, str>>, href: impl Into<String>) -> Self {
        self.with(relation, href, "text/html")
    }

    fn with(
        mut self,
        relation: impl Into<Cow<'static, str>>,
        href: impl Into<String>,
        media_type: &'static str,
    ) -> Self {
        self.0.insert(relation.into(), Link { href: href.into(), media_type: Cow::Borrowed(media_type) });
        self
    }

    /// The address of a relation.
    #[must_use]
    pub fn get(&self, relation: &str) -> Option<&str> {
        self.0.get(relation).map(|link| link.href.as_str())
    }
}

/// A path of the API from its segments, each escaped once: `["projects", "a b"]` is
/// `/api/v2/projects/a%20b`.
#[must_use]
pub fn path(segments: &[&str]) -> String {
    let mut path = String::from("/api/v2");
    for segment in segments {
        path.push('/');
        path.extend(percent_encoding::utf8_percent_encode(segment, crate::query::ESCAPED));
    }
    path
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn links_keep_their_order_and_say_their_type() {
        let links = Links::new().own("/api/v2/x").parent("/api/v2").site("site", "/x");
        let json = serde_json::to_string(&links).unwrap();
        assert_eq!(
            json,
            r#"{"self":{"href":"/api/v2/x","type":"application/json"},"parent":{"href":"/api/v2","type":"application/json"},"site":{"href":"/x","type":"text/html"}}"#
        );
    }

    #[test]
    fn paths_are_escaped_once() {
        assert_eq!(path(&["code-refs", "feature/a b"]), "/api/v2/code-refs/feature%2Fa%20b");
        assert_eq!(path(&["flags", "a.b-c_d"]), "/api/v2/flags/a.b-c_d");
    }
}
