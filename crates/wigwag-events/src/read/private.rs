//! Values that an event itself calls private, or says were left out: they are neither kept nor shown. SDKs leave them
//! out; one that does not must not make us store them (sdk-protocol.md 6.7, 6.8, 7.5).

use serde_json::{Map, Value};

/// Takes what is private out of one kind's part of a context, or out of a user of an older SDK. Answers what is missing
/// by now, as references: what was said to be left out, and what was private and still there.
pub(crate) fn hide(part: &mut Map<String, Value>) -> Vec<String> {
    let mut redacted = texts(in_meta(part, "redactedAttributes"));
    redacted.extend(texts(part.get("privateAttrs")).iter().map(|name| literal(name)));
    let mut private = texts(in_meta(part, "privateAttributes"));
    private.extend(texts(part.get("privateAttributeNames")).iter().map(|name| literal(name)));

    for reference in &redacted {
        take(part, reference);
    }
    private.retain(|reference| take(part, reference) && !redacted.contains(reference));
    redacted.append(&mut private);
    redacted
}

fn in_meta<'p>(part: &'p Map<String, Value>, name: &str) -> Option<&'p Value> {
    part.get("_meta")?.get(name)
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Older SDKs give names and not references: in these a slash is a letter.
fn literal(name: &str) -> String {
    if name.starts_with('/') { format!("/{}", name.replace('~', "~0").replace('/', "~1")) } else { name.to_owned() }
}

/// Takes an attribute away that is named or referred to, also one that a user has in `custom`. Whether it was there.
fn take(part: &mut Map<String, Value>, reference: &str) -> bool {
    if matches!(reference, "kind" | "key" | "anonymous") {
        return false;
    }
    let custom = part.get_mut("custom").and_then(Value::as_object_mut);
    let in_custom = custom.is_some_and(|custom| take_from(custom, reference));
    take_from(part, reference) || in_custom
}

fn take_from(object: &mut Map<String, Value>, reference: &str) -> bool {
    let Some(path) = reference.strip_prefix('/') else { return object.shift_remove(reference).is_some() };
    let mut names = path.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect::<Vec<_>>();
    let (Some(last), mut at) = (names.pop(), object) else { return false };
    for name in names {
        let Some(Value::Object(inner)) = at.get_mut(&name) else { return false };
        at = inner;
    }
    at.shift_remove(&last).is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_private_is_missing_and_named() {
        for (part, left, missing) in [
            (json!({"key": "a", "x": 1}), json!({"key": "a", "x": 1}), &[][..]),
            (
                json!({"x": 1, "y": {"z": 2, "a/b": 3}, "_meta": {"privateAttributes": ["x", "/y/a~1b", "/y/none", 7]}}),
                json!({"y": {"z": 2}}),
                &["x", "/y/a~1b"],
            ),
            (json!({"x": 1, "y": 2, "_meta": {"redactedAttributes": ["x", "z"]}}), json!({"y": 2}), &["x", "z"]),
            (json!({"x": 1, "_meta": {"redactedAttributes": ["x"], "privateAttributes": ["x"]}}), json!({}), &["x"]),
            (
                json!({"email": "e", "custom": {"plan": 1, "/p": 2, "q": 3}, "privateAttributeNames": ["email", "plan", "/p"]}),
                json!({"custom": {"q": 3}}),
                &["email", "plan", "/~1p"],
            ),
            (
                json!({"email": "e", "custom": {"plan": 1}, "privateAttrs": ["plan", "ip"]}),
                json!({"email": "e", "custom": {}}),
                &["plan", "ip"],
            ),
            (
                json!({"key": "a", "anonymous": false, "_meta": {"privateAttributes": ["key", "kind", "anonymous"]}}),
                json!({"key": "a", "anonymous": false}),
                &[],
            ),
            (json!({"x": 1, "_meta": 7, "privateAttrs": "x", "privateAttributeNames": {}}), json!({"x": 1}), &[]),
        ] {
            let Value::Object(mut part) = part else { unreachable!() };
            assert_eq!(hide(&mut part), missing, "{part:?}");
            for list in ["_meta", "privateAttrs", "privateAttributeNames"] {
                part.shift_remove(list);
            }
            assert_eq!(Value::Object(part), left);
        }
    }
}
