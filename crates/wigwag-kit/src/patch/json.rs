//! JSON patch (RFC 6902) with the habits clients rely on (behaviour.md 7.2).

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};

/// One operation of a patch.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What to do.
    pub op: Op,
    /// Where: a JSON pointer.
    pub path: String,
    /// Source of a move or copy.
    pub from: Option<String>,
    /// The value. Absent counts as null: Go clients leave null out.
    pub value: Value,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Sets a member, or inserts into an array.
    Add,
    /// Takes away what is there.
    Remove,
    /// Sets what is there; on an object also what is not.
    Replace,
    /// Takes from one place to another.
    Move,
    /// Copies from one place to another.
    Copy,
    /// Fails the patch unless the value is there.
    Test,
}

impl Op {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
            Self::Move => "move",
            Self::Copy => "copy",
            Self::Test => "test",
        }
    }
}

impl Operation {
    /// Where it reads and writes.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.from.as_deref().into_iter().chain([self.path.as_str()])
    }

    pub(crate) fn to_value(&self) -> Value {
        let mut value = json!({"op": self.op.as_str(), "path": self.path});
        match (&self.from, self.op) {
            (Some(from), _) => value["from"] = json!(from),
            (None, Op::Remove) => {}
            (None, _) => value["value"] = self.value.clone(),
        }
        value
    }
}

/// Most operations in one patch.
pub const MAX_OPERATIONS: usize = 10_000;
/// Deepest place a patch may reach.
const MAX_DEPTH: usize = 128;
/// Most values that all copies of one patch may make together.
const MAX_COPIED: usize = 100_000;

/// Reads the operations of a patch.
///
/// # Errors
/// An unknown operation, a path that is no JSON pointer, too many operations.
pub fn read(list: Vec<Value>) -> Result<Vec<Operation>> {
    if list.len() > MAX_OPERATIONS {
        return Err(Error::Invalid(format!("A patch has at most {MAX_OPERATIONS} operations")));
    }
    list.into_iter().enumerate().map(|(i, value)| one(i, value)).collect()
}

fn one(i: usize, value: Value) -> Result<Operation> {
    let Value::Object(mut map) = value else {
        return Err(Error::Invalid(format!("Invalid json-patch document: [{i}] must be an object")));
    };
    let op = match map.get("op").and_then(Value::as_str) {
        Some("add") => Op::Add,
        Some("remove") => Op::Remove,
        Some("replace") => Op::Replace,
        Some("move") => Op::Move,
        Some("copy") => Op::Copy,
        Some("test") => Op::Test,
        Some(other) => return Err(Error::Invalid(format!("Unsupported json-patch operation: [{i}].op is {other}"))),
        None => return Err(Error::missing(&format!("[{i}].op"))),
    };
    let path = pointer(&mut map, i, "path")?;
    let from = if matches!(op, Op::Move | Op::Copy) { Some(pointer(&mut map, i, "from")?) } else { None };
    Ok(Operation { op, path, from, value: map.remove("value").unwrap_or_default() })
}

fn pointer(map: &mut Map<String, Value>, i: usize, name: &str) -> Result<String> {
    match map.remove(name) {
        Some(Value::String(path)) if path.is_empty() || path.starts_with('/') => Ok(path),
        Some(other) => Err(Error::field(&format!("[{i}].{name}"), format_args!("{other} is not a JSON pointer"))),
        None => Err(Error::missing(&format!("[{i}].{name}"))),
    }
}

/// The steps of a JSON pointer.
pub(super) fn steps(path: &str) -> impl Iterator<Item = Cow<'_, str>> {
    path.split('/').skip(1).map(plain)
}

fn plain(step: &str) -> Cow<'_, str> {
    if step.contains('~') { step.replace("~1", "/").replace("~0", "~").into() } else { step.into() }
}

/// The members of the object `member` that some pointers lead into; none where one of them takes in all.
pub(super) fn named_in<'a>(member: &str, paths: impl Iterator<Item = &'a str>) -> Option<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    for path in paths {
        let mut steps = steps(path);
        if steps.next()? == member {
            named.insert(steps.next()?.into_owned());
        }
    }
    Some(named)
}

/// What operations make of a value, one after the other.
///
/// # Errors
/// A path that is not there (`invalid_patch`), a test that fails (409).
pub fn applied(to: &Value, operations: &[Operation]) -> Result<Value> {
    let mut value = to.clone();
    let mut copied = 0;
    for operation in operations {
        step(&mut value, operation, &mut copied)?;
    }
    Ok(value)
}

fn step(root: &mut Value, operation: &Operation, copied: &mut usize) -> Result<()> {
    let path = &operation.path;
    match operation.op {
        Op::Add => add(root, path, operation.value.clone()),
        Op::Replace => replace(root, path, operation.value.clone()),
        Op::Remove => remove(root, path).map(drop),
        Op::Test => match root.pointer(path) {
            Some(found) if same(found, &operation.value) => Ok(()),
            _ => Err(Error::OptimisticLocking(format!("The test of {path} failed"))),
        },
        Op::Copy => {
            let from = operation.from.as_deref().unwrap_or_default();
            let value = root.pointer(from).ok_or_else(|| absent(from))?;
            *copied += count(value);
            if *copied > MAX_COPIED {
                return Err(Error::InvalidPatch("The patch copies too much".to_owned()));
            }
            let value = value.clone();
            add(root, path, value)
        }
        Op::Move => {
            let from = operation.from.as_deref().unwrap_or_default();
            if path.strip_prefix(from).is_some_and(|rest| rest.starts_with('/')) {
                return Err(Error::InvalidPatch(format!("{from} cannot move into itself")));
            }
            let value = remove(root, from)?;
            add(root, path, value)
        }
    }
}

/// The parent of `path` and the last step. A path is at most [`MAX_DEPTH`] deep with what is put there.
fn parent<'v>(root: &'v mut Value, path: &str, put: Option<&Value>) -> Result<(&'v mut Value, String)> {
    let depth = path.matches('/').count() + put.map_or(0, depth);
    if depth > MAX_DEPTH {
        return Err(Error::InvalidPatch(format!("{path} is nested too deep")));
    }
    let (parent, last) = path.rsplit_once('/').ok_or_else(|| absent(path))?;
    let parent = root.pointer_mut(parent).ok_or_else(|| absent(path))?;
    Ok((parent, plain(last).into_owned()))
}

fn add(root: &mut Value, path: &str, value: Value) -> Result<()> {
    if path.is_empty() {
        *root = value;
        return Ok(());
    }
    match parent(root, path, Some(&value))? {
        (Value::Object(map), last) => {
            map.insert(last, value);
        }
        (Value::Array(items), last) => {
            let at = if last == "-" { Some(items.len()) } else { index(&last).filter(|&i| i <= items.len()) };
            items.insert(at.ok_or_else(|| absent(path))?, value);
        }
        _ => return Err(absent(path)),
    }
    Ok(())
}

fn replace(root: &mut Value, path: &str, value: Value) -> Result<()> {
    if path.is_empty() {
        *root = value;
        return Ok(());
    }
    match parent(root, path, Some(&value))? {
        (Value::Object(map), last) => {
            map.insert(last, value);
        }
        (Value::Array(items), last) => {
            let item = index(&last).and_then(|i| items.get_mut(i)).ok_or_else(|| absent(path))?;
            *item = value;
        }
        _ => return Err(absent(path)),
    }
    Ok(())
}

fn remove(root: &mut Value, path: &str) -> Result<Value> {
    if path.is_empty() {
        return Ok(root.take());
    }
    let removed = match parent(root, path, None)? {
        (Value::Object(map), last) => map.shift_remove(&last),
        (Value::Array(items), last) => index(&last).filter(|&i| i < items.len()).map(|i| items.remove(i)),
        _ => None,
    };
    removed.ok_or_else(|| absent(path))
}

fn index(step: &str) -> Option<usize> {
    let plain = step == "0" || (step.bytes().all(|b| b.is_ascii_digit()) && !step.starts_with('0'));
    if plain { step.parse().ok() } else { None }
}

fn absent(path: &str) -> Error {
    Error::InvalidPatch(format!("The path {path} does not exist"))
}

/// Equality as RFC 6902 has it: numbers by value, objects without order.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;

    use super::*;

    fn patched(to: Value, operations: Value) -> Result<Value> {
        let Value::Array(list) = operations else { panic!("a list") };
        applied(&to, &read(list)?)
    }

    #[test]
    fn operations() {
        let to = || json!({"a": {"b": 1}, "l": [1, 2]});
        for (operation, expected) in [
            (json!({"op": "add", "path": "/a/c", "value": 2}), json!({"a": {"b": 1, "c": 2}, "l": [1, 2]})),
            (json!({"op": "add", "path": "/l/0", "value": 0}), json!({"a": {"b": 1}, "l": [0, 1, 2]})),
            (json!({"op": "add", "path": "/l/2", "value": 3}), json!({"a": {"b": 1}, "l": [1, 2, 3]})),
            (json!({"op": "add", "path": "/l/-", "value": 3}), json!({"a": {"b": 1}, "l": [1, 2, 3]})),
            (json!({"op": "replace", "path": "/l/1", "value": 9}), json!({"a": {"b": 1}, "l": [1, 9]})),
            (json!({"op": "replace", "path": "/a/new", "value": 9}), json!({"a": {"b": 1, "new": 9}, "l": [1, 2]})),
            (json!({"op": "replace", "path": "/a/b"}), json!({"a": {"b": null}, "l": [1, 2]})),
            (json!({"op": "add", "path": "/x~1y~0", "value": 1}), json!({"a": {"b": 1}, "l": [1, 2], "x/y~": 1})),
            (json!({"op": "remove", "path": "/l/0"}), json!({"a": {"b": 1}, "l": [2]})),
            (json!({"op": "move", "from": "/a/b", "path": "/l/0"}), json!({"a": {}, "l": [1, 1, 2]})),
            (json!({"op": "copy", "from": "/l", "path": "/a/l"}), json!({"a": {"b": 1, "l": [1, 2]}, "l": [1, 2]})),
            (json!({"op": "test", "path": "/l", "value": [1.0, 2]}), to()),
            (json!({"op": "replace", "path": "", "value": 7}), json!(7)),
        ] {
            assert_eq!(patched(to(), json!([operation])).unwrap(), expected, "{operation}");
        }
    }

    #[test]
    fn refusals() {
        for (operation, code) in [
            (json!({"op": "remove", "path": "/nope"}), "invalid_patch"),
            (json!({"op": "remove", "path": "/l/2"}), "invalid_patch"),
            (json!({"op": "add", "path": "/l/3", "value": 1}), "invalid_patch"),
            (json!({"op": "add", "path": "/l/01", "value": 1}), "invalid_patch"),
            (json!({"op": "add", "path": "/nope/x", "value": 1}), "invalid_patch"),
            (json!({"op": "add", "path": "/a/b/c", "value": 1}), "invalid_patch"),
            (json!({"op": "move", "from": "/a", "path": "/a/b"}), "invalid_patch"),
            (json!({"op": "test", "path": "/a/b", "value": 2}), "optimistic_locking_error"),
            (json!({"op": "test", "path": "/none", "value": null}), "optimistic_locking_error"),
            (json!({"op": "frob", "path": "/a"}), "invalid_request"),
            (json!({"op": "add", "path": "a"}), "invalid_request"),
            (json!({"path": "/a"}), "invalid_request"),
            (json!({"op": "move", "path": "/a"}), "invalid_request"),
            (json!(3), "invalid_request"),
        ] {
            let error = patched(json!({"a": {"b": 1}, "l": [1, 2]}), json!([operation])).unwrap_err();
            assert_eq!(error.class().1, code, "{operation}: {error}");
        }
    }

    #[test]
    fn what_is_named_in_a_member() {
        let named = |paths: &[&str]| named_in("envs", paths.iter().copied()).map(|n| n.into_iter().collect::<Vec<_>>());
        assert_eq!(named(&["/envs/a/on", "/name", "/envs/b~1c", "/envs/a"]), Some(vec!["a".into(), "b/c".into()]));
        assert_eq!(named(&["/name", "/other/envs/a"]), Some(vec![]));
        assert_eq!(named(&["/envs/a", "/envs"]), None);
        assert_eq!(named(&[""]), None);
    }

    #[test]
    fn copies_cannot_explode() {
        let copies: Vec<_> = (0..40).map(|i| json!({"op": "copy", "from": "", "path": format!("/{i}")})).collect();
        assert!(matches!(patched(json!({}), Value::Array(copies)), Err(Error::InvalidPatch(_))));
        let deep = vec![json!({"op": "add", "path": "/a".repeat(200), "value": 1})];
        assert!(matches!(patched(json!({}), Value::Array(deep)), Err(Error::InvalidPatch(_))));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![any::<i16>().prop_map(Value::from), "[a-c/~]{0,3}".prop_map(Value::from), Just(Value::Null)];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c/~]{1,2}", inner, 0..4)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    fn places(value: &Value, at: &str, all: &mut Vec<String>) {
        all.push(at.to_owned());
        match value {
            Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| places(v, &format!("{at}/{i}"), all)),
            Value::Object(map) => map
                .iter()
                .for_each(|(k, v)| places(v, &format!("{at}/{}", k.replace('~', "~0").replace('/', "~1")), all)),
            _ => {}
        }
    }

    proptest! {
        /// Removing any place and adding it back gives the same value.
        #[test]
        fn remove_then_add_restores(value in value(), pick in any::<prop::sample::Index>()) {
            let mut all = Vec::new();
            places(&value, "", &mut all);
            let path = pick.get(&all).clone();
            let there = value.pointer(&path).unwrap().clone();
            let mut changed = value.clone();
            prop_assert_eq!(remove(&mut changed, &path).unwrap(), there.clone());
            add(&mut changed, &path, there).unwrap();
            prop_assert!(same(&changed, &value));
        }

        /// Whatever is asked, the outcome is a value or a refusal.
        #[test]
        fn nonsense_is_survived(value in value(), paths in prop::collection::vec(("[a-c0-2/~-]{0,5}", "[a-c0-2/~-]{0,5}", 0..6_usize), 0..6)) {
            let op = ["add", "remove", "replace", "move", "copy", "test"];
            let list = paths.iter().map(|(p, f, o)| json!({"op": op[*o], "path": format!("/{p}"), "from": format!("/{f}"), "value": [p]}));
            let outcome = applied(&value, &read(list.collect()).unwrap());
            prop_assert!(!matches!(outcome, Err(Error::Internal(_))));
        }
    }
}
