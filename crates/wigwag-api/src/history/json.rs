//! What differs between two JSON values, by JSON pointer.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// One place that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Difference {
    /// JSON pointer; indexes are those after the change, of what was removed those before it.
    pub(super) path: String,
    /// What was there; absent where there was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Value>,
    /// What is there; absent where there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<Value>,
}

/// Every place that differs, in the order of the value after. Members of lists are the same by their id (or key,
/// or kind and variation), so that one inserted in front is one difference.
pub(super) fn differences(path: &str, before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(path, before, after, &mut found);
    found
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Value::Object(before), Value::Object(after)) => objects(path, before, after, found),
        (Value::Array(before), Value::Array(after)) => lists(path, before, after, found),
        _ => note(path.to_owned(), Some(before), Some(after), found),
    }
}

fn note(path: String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    found.push(Difference { path, before: before.cloned(), after: after.cloned() });
}

fn objects(path: &str, before: &Map<String, Value>, after: &Map<String, Value>, found: &mut Vec<Difference>) {
    for (name, value) in before.iter().filter(|(name, _)| !after.contains_key(*name)) {
        note(member(path, name), Some(value), None, found);
    }
    for (name, value) in after {
        match before.get(name) {
            Some(old) => compare(&member(path, name), old, value, found),
            None => note(member(path, name), None, Some(value), found),
        }
    }
}

fn member(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn lists(path: &str, before: &[Value], after: &[Value], found: &mut Vec<Difference>) {
    let (Some(old), Some(new)) = (identities(before), identities(after)) else {
        return note(path.to_owned(), Some(&before.into()), Some(&after.into()), found);
    };
    let (was, is) = (positions(&old), positions(&new));
    for (at, _) in old.iter().enumerate().filter(|(_, one)| !is.contains_key(*one)) {
        note(format!("{path}/{at}"), Some(&before[at]), None, found);
    }
    for (at, one) in new.iter().enumerate() {
        match was.get(one) {
            Some(then) => compare(&format!("{path}/{at}"), &before[*then], &after[at], found),
            None => note(format!("{path}/{at}"), None, Some(&after[at]), found),
        }
    }
    let stayed = |list: &[String], others: &HashMap<&String, usize>| {
        list.iter().filter(|one| others.contains_key(one)).cloned().collect::<Vec<_>>()
    };
    let (then, now) = (stayed(&old, &is), stayed(&new, &was));
    if then != now {
        note(path.to_owned(), Some(&then.into()), Some(&now.into()), found);
    }
}

fn positions(list: &[String]) -> HashMap<&String, usize> {
    list.iter().enumerate().map(|(at, one)| (one, at)).collect()
}

/// What each member of a list is known by; none where two would be the same.
fn identities(list: &[Value]) -> Option<Vec<String>> {
    let all: Vec<String> = list.iter().map(identity).collect();
    (positions(&all).len() == all.len()).then_some(all)
}

fn identity(value: &Value) -> String {
    let Some(object) = value.as_object() else {
        return value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    };
    for name in ["id", "key", "value"] {
        if let Some(Value::String(id)) = object.get(name) {
            return id.clone();
        }
    }
    let known = ["contextKind", "variation"].map(|name| object.get(name).unwrap_or(&Value::Null).to_string());
    known.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(before: &Value, after: &Value) -> Value {
        serde_json::to_value(differences("", before, after)).unwrap_or_default()
    }

    #[test]
    fn members() {
        let before = json!({"same": [1], "a/b": 1, "gone": {"x": 1}, "deep": {"er": {"n": 1}}});
        let after = json!({"same": [1], "a/b": 2, "deep": {"er": {"n": null}}, "new": []});
        assert_eq!(
            found(&before, &after),
            json!([
                {"path": "/gone", "before": {"x": 1}},
                {"path": "/a~1b", "before": 1, "after": 2},
                {"path": "/deep/er/n", "before": 1, "after": null},
                {"path": "/new", "after": []},
            ])
        );
    }

    #[test]
    fn lists_follow_their_members() {
        let rule = |id: &str, on: bool| json!({"id": id, "on": on});
        let before = json!({"rules": [rule("a", true), rule("b", true), rule("c", true)], "values": ["x", "y"]});
        let after = json!({"rules": [rule("n", true), rule("c", true), rule("a", false)], "values": ["y", "z"]});
        assert_eq!(
            found(&before, &after),
            json!([
                {"path": "/rules/1", "before": rule("b", true)},
                {"path": "/rules/0", "after": rule("n", true)},
                {"path": "/rules/2/on", "before": true, "after": false},
                {"path": "/rules", "before": ["a", "c"], "after": ["c", "a"]},
                {"path": "/values/0", "before": "x"},
                {"path": "/values/1", "after": "z"},
            ])
        );
        let target =
            |variation: u32, value: &str| json!({"contextKind": "user", "variation": variation, "values": [value]});
        let moved = found(&json!([target(0, "k"), target(1, "l")]), &json!([target(0, "k"), target(1, "m")]));
        assert_eq!(moved, json!([{"path": "/1/values/0", "before": "l"}, {"path": "/1/values/0", "after": "m"}]));
        // What cannot be told apart is shown whole.
        assert_eq!(found(&json!([1, 1]), &json!([1])), json!([{"path": "", "before": [1, 1], "after": [1]}]));
    }
}
