//! JSON patch and merge patch: they change the representation, and here the representation that
//! came out is read back (behaviour.md 7.3).
//!
//! Only members that differ from what was shown are read. So read-only members are ignored,
//! and what the representation does not show is never lost.

mod config;
mod flag;
mod maintainer;
mod rules;
mod targets;
mod variations;

use serde::de::DeserializeOwned;
use serde_json::Value;
use wigwag_kit::{Error, Result, json};

use super::facts::{Facts, Wanted};
use super::state::{FlagState, Renumbering};

/// The state that `patched` describes, where `shown` was the representation of `before`.
///
/// # Errors
/// A value that does not fit, by path; an environment that does not exist.
pub(crate) fn read(before: &FlagState, shown: &Value, patched: &Value, facts: &Facts<'_>) -> Result<FlagState> {
    if !patched.is_object() {
        return Err(Error::InvalidPatch("a flag is an object".to_owned()));
    }
    let (shown, patched) = (Shown { value: shown }, Shown { value: patched });
    let mut after = before.clone();
    if let Some(list) = shown.changed(patched, "variations") {
        after.flag.variations = variations::read(list, &before.flag.variations, facts.ids)?;
        let moved = Renumbering::between(&before.flag.variations, &after.flag.variations);
        if moved.moves() && config::indexes_changed(shown, patched) {
            let rule = "variations cannot change places in a patch that also changes targeting";
            return Err(Error::field("/variations", rule));
        }
        after.renumber(&moved);
    }
    flag::read(&mut after.flag, shown, patched, facts)?;
    for key in environment_keys(patched) {
        if !after.configs.contains_key(key) {
            return Err(Error::NotFound(format!("Unknown environment key {key}")));
        }
    }
    for (env, config) in &mut after.configs {
        config::read(env, config, shown.environment(env), patched.environment(env), facts)?;
    }
    Ok(after)
}

/// What to fetch before [`read`].
pub(crate) fn wanted(shown: &Value, patched: &Value) -> Wanted {
    let (shown, patched) = (Shown { value: shown }, Shown { value: patched });
    let mut wanted = Wanted::default();
    let text = |name| shown.changed(patched, name).and_then(Value::as_str).map(str::to_owned);
    wanted.members.extend(text("maintainerId"));
    wanted.teams.extend(text("maintainerTeamKey"));
    for env in environment_keys(patched) {
        let list = shown.environment(env).changed(patched.environment(env), "prerequisites");
        let items = list.and_then(Value::as_array).into_iter().flatten();
        wanted.flags.extend(items.filter_map(|item| item.get("key")?.as_str()).map(str::to_owned));
    }
    wanted
}

/// A part of the representation, before or after the patch.
#[derive(Clone, Copy)]
struct Shown<'a> {
    value: &'a Value,
}

/// What a member that is not there counts as.
const ABSENT: &Value = &Value::Null;

impl<'a> Shown<'a> {
    fn get(self, name: &str) -> &'a Value {
        self.value.get(name).unwrap_or(ABSENT)
    }

    /// The member of `after` when it differs; null when it was removed.
    fn changed(self, after: Shown<'a>, name: &str) -> Option<&'a Value> {
        let new = after.get(name);
        (self.get(name) != new).then_some(new)
    }

    fn environment(self, key: &str) -> Shown<'a> {
        Shown { value: self.get("environments").get(key).unwrap_or(ABSENT) }
    }
}

fn environment_keys<'a>(shown: Shown<'a>) -> impl Iterator<Item = &'a str> {
    shown.get("environments").as_object().into_iter().flat_map(|map| map.keys().map(String::as_str))
}

/// The value as a `T`; a refusal names the path.
fn decode<T: DeserializeOwned>(path: &str, value: &Value) -> Result<T> {
    json::decode(value.clone()).map_err(|error| match error {
        Error::Invalid(problem) => Error::field(path, problem),
        other => other,
    })
}

/// A list; null and absent are the empty one.
fn items<'a>(path: &str, value: &'a Value) -> Result<&'a [Value]> {
    match value {
        Value::Array(list) => Ok(list),
        Value::Null => Ok(&[]),
        _ => Err(Error::field(path, "must be an array")),
    }
}
