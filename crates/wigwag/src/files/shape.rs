//! What of an answer goes into a file: what people configured, and nothing of when, by whom and where it is kept.

use serde_json::{Map, Value, json};

/// A kind of thing that has files: which members they hold.
pub(super) struct Shape {
    /// Members that are set when it is made; those in `later` cannot be.
    pub(super) made: &'static [&'static str],
    /// Members that are set by a patch afterwards.
    pub(super) later: &'static [&'static str],
}

pub(super) const PROJECT: Shape = Shape { made: &["key", "name", "tags"], later: &["defaultClientSideAvailability"] };

pub(super) const ENVIRONMENT: Shape = Shape {
    made: &[
        "key",
        "name",
        "color",
        "defaultTtl",
        "secureMode",
        "defaultTrackEvents",
        "tags",
        "requireComments",
        "confirmChanges",
        "critical",
    ],
    later: &[],
};

pub(super) const FLAG: Shape = Shape {
    made: &[
        "key",
        "name",
        "description",
        "clientSideAvailability",
        "variations",
        "temporary",
        "tags",
        "customProperties",
        "defaults",
    ],
    later: &["deprecated", "archived"],
};

/// What a flag is in an environment.
pub(super) const CONFIG: Shape = Shape {
    made: &[],
    later: &[
        "offVariation",
        "prerequisites",
        "targets",
        "contextTargets",
        "rules",
        "fallthrough",
        "trackEvents",
        "trackEventsFallthrough",
        "on",
    ],
};

pub(super) const SEGMENT: Shape = Shape {
    made: &["key", "name", "description", "tags", "unbounded", "unboundedContextKind"],
    later: &["included", "excluded", "includedContexts", "excludedContexts", "rules"],
};

pub(super) const ROLE: Shape = Shape { made: &["key", "name", "description", "policy", "basePermissions"], later: &[] };

pub(super) const TEAM: Shape =
    Shape { made: &["key", "name", "description", "customRoleKeys", "roleAttributes"], later: &[] };

pub(super) const MEMBER: Shape = Shape {
    made: &["email", "firstName", "lastName", "role", "customRoles", "teamKeys", "roleAttributes"],
    later: &[],
};

/// `sign` says that there is a secret, which stays where it is.
pub(super) const WEBHOOK: Shape = Shape { made: &["name", "url", "sign", "on", "statements", "tags"], later: &[] };

impl Shape {
    /// What of an answer is kept, in our order.
    pub(super) fn of(&self, answer: &Value) -> Value {
        let members = self.made.iter().chain(self.later);
        let kept = members.filter_map(|name| Some(((*name).to_owned(), plain(answer.get(*name)?))));
        let mut kept: Map<String, Value> = kept.collect();
        // Targets of contexts repeat those of users as empty lists, which say nothing.
        if let Some(Value::Array(targets)) = kept.get_mut("contextTargets") {
            targets.retain(|target| target["values"].as_array().is_some_and(|values| !values.is_empty()));
        }
        Value::Object(kept)
    }

    /// The body that makes it: what files hold of `made`.
    pub(super) fn body(&self, kept: &Value) -> Value {
        let members = self.made.iter().filter_map(|name| Some(((*name).to_owned(), kept.get(*name)?.clone())));
        Value::Object(members.collect())
    }

    /// What has to be replaced for `now` to become `kept`, at paths that begin with `at`.
    pub(super) fn differences(&self, now: &Value, kept: &Value, at: &str) -> Vec<Value> {
        let members = self.made.iter().chain(self.later).filter(|name| **name != "key");
        let differs = members.filter_map(|name| {
            let value = kept.get(*name).filter(|value| now.get(*name) != Some(value))?;
            let op = if now.get(*name).is_some() { "replace" } else { "add" };
            Some(json!({"op": op, "path": format!("{at}/{name}"), "value": value}))
        });
        differs.collect()
    }
}

/// Without ids, links and what is worked out: they belong to one server.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| !name.starts_with('_'));
            Value::Object(kept.map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_behind_and_only_differences_are_written() {
        let answer = json!({"_id": "5f", "key": "k", "name": "N", "tags": ["a"], "apiKey": "sdk-1", "color": "000000",
            "approvalSettings": {"required": true}});
        let kept = ENVIRONMENT.of(&answer);
        assert_eq!(kept, json!({"key": "k", "name": "N", "color": "000000", "tags": ["a"]}));
        let now = json!({"key": "other", "name": "N", "color": "111111"});
        let differences = ENVIRONMENT.differences(&now, &kept, "");
        assert_eq!(
            differences,
            [
                json!({"op": "replace", "path": "/color", "value": "000000"}),
                json!({"op": "add", "path": "/tags", "value": ["a"]}),
            ]
        );
        let flag = json!({"rules": [{"_id": "r", "clauses": [{"_id": "c", "op": "in"}]}],
            "contextTargets": [{"values": [], "variation": 0}, {"values": ["x"], "variation": 1}]});
        let kept = CONFIG.of(&flag);
        assert_eq!(kept["rules"], json!([{"clauses": [{"op": "in"}]}]));
        assert_eq!(kept["contextTargets"], json!([{"values": ["x"], "variation": 1}]));
    }
}
