//! The markdown list of an audit entry, from what changed (behaviour.md 13.3).

use serde_json::{Map, Value};

/// What differs between two edits, a line each. `secrets` are named, not shown.
#[must_use]
pub fn description(before: &Value, after: &Value, secrets: &[&str]) -> String {
    let none = Map::new();
    let (before, after) = (before.as_object().unwrap_or(&none), after.as_object().unwrap_or(&none));
    let mut lines = String::new();
    let gone =
        before.iter().filter(|(name, _)| !after.contains_key(*name)).map(|(name, value)| (name, value, &Value::Null));
    let there = after.iter().map(|(name, value)| (name, before.get(name).unwrap_or(&Value::Null), value));
    for (name, old, new) in there.chain(gone).filter(|(_, old, new)| old != new) {
        if secrets.contains(&name.as_str()) {
            lines.push_str(&format!("* Changed the {}\n", words(name)));
        } else {
            line(&mut lines, &words(name), old, new);
        }
    }
    lines
}

/// What happened to something whose entries are about what it belongs to: `created the flag link` is a line of the list.
pub(super) fn happened(verb: &str, name: &str) -> String {
    let mut letters = verb.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    let said: String = first.into_iter().chain(letters).collect();
    let name = if name.is_empty() { String::new() } else { format!(" {}", code(&Value::from(name))) };
    format!("* {said}{name}\n")
}

fn line(lines: &mut String, what: &str, old: &Value, new: &Value) {
    let plain = |v: &Value| matches!(v, Value::String(s) if !s.is_empty()) || v.is_number() || v.is_boolean();
    let absent = |v: &Value| v.is_null() || v == "";
    let text = match (old, new) {
        (Value::Array(old), Value::Array(new)) if old.iter().chain(new).all(Value::is_string) => {
            let one = what.strip_suffix('s').unwrap_or(what);
            let added = new.iter().filter(|v| !old.contains(v)).map(|v| format!("* Added {one} {}\n", code(v)));
            let removed = old.iter().filter(|v| !new.contains(v)).map(|v| format!("* Removed {one} {}\n", code(v)));
            added.chain(removed).collect()
        }
        (old, new) if plain(old) && plain(new) => {
            format!("* Changed the {what} from ~~{}~~ to {}\n", code(old), code(new))
        }
        (old, new) if absent(old) && plain(new) => format!("* Added the {what} {}\n", code(new)),
        (old, new) if plain(old) && absent(new) => format!("* Removed the {what} {}\n", code(old)),
        _ => format!("* Changed the {what}\n"),
    };
    lines.push_str(&text);
}

/// `customRoles` is "custom roles".
fn words(name: &str) -> String {
    name.chars().fold(String::new(), |mut out, c| {
        if c.is_ascii_uppercase() {
            out.push(' ');
        }
        out.push(c.to_ascii_lowercase());
        out
    })
}

/// A code span; a back quote inside would end it.
fn code(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    format!("`{}`", text.replace('`', "'"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn what_happened_to_a_part() {
        assert_eq!(super::happened("created the flag link", "T`1"), "* Created the flag link `T'1`\n");
        assert_eq!(super::happened("deleted the flag link", ""), "* Deleted the flag link\n");
    }

    #[test]
    fn lines() {
        let before = json!({"name": "a`b", "tags": ["x", "k"], "secret": "s1", "on": true, "url": "u", "policy": [1], "same": 1});
        let after = json!({"name": "c", "tags": ["k", "y"], "secret": "s2", "on": false, "policy": [2], "same": 1, "roleKey": "r"});
        assert_eq!(
            super::description(&before, &after, &["secret"]),
            "* Changed the name from ~~`a'b`~~ to `c`\n* Added tag `y`\n* Removed tag `x`\n* Changed the secret\n\
             * Changed the on from ~~`true`~~ to `false`\n* Changed the policy\n* Added the role key `r`\n* Removed the url `u`\n"
        );
    }
}
