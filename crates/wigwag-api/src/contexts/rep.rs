//! Contexts on the wire.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use wigwag_kit::links::path;
use wigwag_kit::{Error, Links, Request, Result};
use wigwag_store::volume::{Cursor, Found, SeenContext, SeenInstance};

use crate::common::{rfc3339, token_of};

/// A page of contexts.
pub(super) type Contexts = List<ContextRecord>;
/// A page of context instances.
pub(super) type Instances = List<InstanceRecord>;

/// A page, the next one by token.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "List_{T}")]
pub(super) struct List<T> {
    #[serde(rename = "_links")]
    links: Links,
    /// How many match; at least so many where looking at all would cost too much.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<u64>,
    #[serde(rename = "_environmentId")]
    environment_id: String,
    /// For the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    items: Vec<T>,
}

/// A context.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContextRecord {
    /// RFC 3339.
    last_seen: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    application_id: String,
    /// With its kind.
    context: Value,
    #[serde(rename = "_links")]
    links: Links,
    /// How many others it was sent together with.
    associated_contexts: u64,
}

/// A context instance.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstanceRecord {
    /// RFC 3339.
    last_seen: String,
    id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    application_id: String,
    /// Kinds that were left out because they were anonymous.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    anonymous_kinds: Vec<String>,
    /// With its kind, or `multi`.
    context: Value,
    #[serde(rename = "_links")]
    links: Links,
}

/// Where a list is.
pub(super) struct Place<'a> {
    pub(super) request: &'a Request,
    pub(super) project: &'a str,
    pub(super) environment: &'a str,
    pub(super) environment_id: &'a str,
}

impl Place<'_> {
    fn parent(&self) -> String {
        path(&["projects", self.project, "environments", self.environment])
    }

    fn below(&self, segments: &[&str]) -> String {
        let all: Vec<&str> = ["projects", self.project, "environments", self.environment]
            .into_iter()
            .chain(segments.iter().copied())
            .collect();
        path(&all)
    }

    /// A page of a list; `kept` are the parameters that the next page needs as well.
    pub(super) fn list<T>(&self, found: Found<()>, items: Vec<T>, kept: &[(&str, String)]) -> List<T> {
        let href = |token: Option<&str>| {
            let pairs = kept.iter().map(|(name, value)| (*name, value.as_str()));
            let pairs = pairs.chain(token.map(|token| ("continuationToken", token)));
            format!("{}{}", self.request.path, wigwag_kit::query::render(pairs))
        };
        let token = found.next.map(token_of);
        let own = self.request.query("continuationToken").filter(|token| !token.is_empty());
        let mut links = Links::new().own(href(own)).parent(self.parent());
        if let Some(token) = &token {
            links = links.to("next", href(Some(token)));
        }
        List {
            links,
            total_count: found.total,
            environment_id: self.environment_id.to_owned(),
            continuation_token: token,
            items,
        }
    }

    pub(super) fn context(&self, seen: &SeenContext, associated: u64) -> Result<ContextRecord> {
        let own = self.below(&["contexts", &seen.kind, &seen.key]);
        let site = format!("/{}/{}/contexts/{}/{}", self.project, self.environment, seen.kind, seen.key);
        Ok(ContextRecord {
            last_seen: rfc3339(seen.last_seen),
            application_id: seen.application.clone(),
            context: json(&seen.body)?,
            links: Links::new().own(own).parent(self.parent()).site("site", site),
            associated_contexts: associated,
        })
    }

    pub(super) fn instance(&self, seen: &SeenInstance) -> Result<InstanceRecord> {
        Ok(InstanceRecord {
            last_seen: rfc3339(seen.last_seen),
            id: seen.hash.clone(),
            application_id: seen.application.clone(),
            anonymous_kinds: seen.anonymous.clone(),
            context: json(&seen.body)?,
            links: Links::new().own(self.below(&["context-instances", &seen.hash])).parent(self.parent()),
        })
    }
}

/// The items of what was found, and the rest of it.
pub(super) fn split<T>(found: Found<T>) -> (Vec<T>, Found<()>) {
    let next: Option<Cursor> = found.next;
    (found.items, Found { items: Vec::new(), next, total: found.total })
}

fn json(body: &str) -> Result<Value> {
    if body.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_str(body).map_err(|e| Error::Internal(format!("a stored context cannot be read: {e}")))
}
