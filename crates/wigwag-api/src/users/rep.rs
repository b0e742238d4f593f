//! Users on the wire.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use wigwag_kit::Links;
use wigwag_kit::links::path;
use wigwag_store::volume::SeenContext;

use crate::common::rfc3339;

/// Attributes that a user has itself; others are custom.
pub(super) const OWN: [&str; 10] =
    ["key", "secondary", "ip", "country", "email", "firstName", "lastName", "avatar", "name", "anonymous"];

/// A page of users.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Users {
    #[serde(rename = "_links")]
    pub(super) links: Links,
    /// How many match; at least so many where looking at all would cost too much.
    pub(super) total_count: u64,
    pub(super) items: Vec<UserRecord>,
}

/// A user and when it was last seen.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserRecord {
    #[serde(rename = "_links")]
    links: Links,
    environment_id: String,
    /// RFC 3339.
    last_ping: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    owner_id: String,
    /// Its attributes, those of its own names aside from the custom ones.
    pub(super) user: Value,
    /// Where it stands in a sorted list.
    #[serde(skip_serializing_if = "Option::is_none")]
    sort_value: Option<i64>,
}

/// Where users are.
pub(super) struct Place<'a> {
    pub(super) project: &'a str,
    pub(super) environment: &'a str,
    pub(super) environment_id: &'a str,
    pub(super) owner_id: &'a str,
}

impl Place<'_> {
    pub(super) fn record(&self, seen: &SeenContext, sorted: bool) -> UserRecord {
        let own = path(&["users", self.project, self.environment, &seen.key]);
        let settings = format!("{own}/flags");
        let site = format!("/{}/{}/users/{}", self.project, self.environment, seen.key);
        UserRecord {
            links: Links::new()
                .parent(path(&["users", self.project, self.environment]))
                .own(own)
                .to("settings", settings)
                .site("site", site),
            environment_id: self.environment_id.to_owned(),
            last_ping: rfc3339(seen.last_seen),
            owner_id: self.owner_id.to_owned(),
            user: user(&seen.key, &seen.body),
            sort_value: sorted.then_some(seen.last_seen),
        }
    }
}

/// A context of kind `user` in the shape that users had before contexts.
fn user(key: &str, body: &str) -> Value {
    let context: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
    let (mut user, mut custom) = (Map::new(), Map::new());
    user.insert("key".to_owned(), key.into());
    for (name, value) in context {
        match name.as_str() {
            "kind" => {}
            "_meta" => {
                let hidden = value.get("redactedAttributes").and_then(Value::as_array).into_iter().flatten();
                let hidden: Vec<Value> =
                    hidden.filter_map(Value::as_str).map(|name| name.trim_start_matches('/').into()).collect();
                user.insert("privateAttrs".to_owned(), hidden.into());
            }
            own if OWN.contains(&own) => drop(user.insert(name, value)),
            _ => drop(custom.insert(name, value)),
        }
    }
    if !custom.is_empty() {
        user.insert("custom".to_owned(), custom.into());
    }
    user.into()
}
