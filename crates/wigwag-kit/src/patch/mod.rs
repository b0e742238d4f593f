//! PATCH bodies: JSON patch, merge patch and semantic patch, told apart by content type and
//! shape (semantic-patch.md 1.2).

pub mod json;
pub mod merge;
pub mod semantic;

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use json::Operation;
pub use semantic::{Instruction, Instructions};

use crate::error::{Error, Result};
use crate::request::Request;

/// Which kinds of patch an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialects {
    json: bool,
    merge: bool,
    semantic: bool,
}

impl Dialects {
    /// JSON patch only.
    pub const JSON: Self = Self { json: true, merge: false, semantic: false };
    /// JSON patch or merge patch.
    pub const JSON_OR_MERGE: Self = Self { json: true, merge: true, semantic: false };
    /// A plain partial object.
    pub const MERGE: Self = Self { json: false, merge: true, semantic: false };
    /// Instructions only, whatever the content type says.
    pub const SEMANTIC: Self = Self { json: false, merge: false, semantic: true };
    /// All three: flags and segments.
    pub const ALL: Self = Self { json: true, merge: true, semantic: true };

    fn check(self, taken: bool, name: &str) -> Result<()> {
        if taken {
            return Ok(());
        }
        let names = [(self.json, "a JSON patch"), (self.merge, "a merge patch"), (self.semantic, "instructions")];
        let names: Vec<_> = names.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
        Err(Error::Invalid(format!("This resource does not take {name}; it takes {}", names.join(" or "))))
    }
}

/// A patch that was read, not yet applied.
#[derive(Clone, Debug, PartialEq)]
pub enum Patch {
    /// RFC 6902.
    Json {
        /// What to do, in order, all or nothing.
        operations: Vec<Operation>,
        /// For the audit entry.
        comment: Option<String>,
    },
    /// RFC 7386.
    Merge {
        /// Members to set; null removes.
        value: Value,
        /// For the audit entry.
        comment: Option<String>,
    },
    /// LaunchDarkly's instructions.
    Semantic(Instructions),
}

impl Patch {
    /// Reads the body as one of `dialects`.
    ///
    /// # Errors
    /// A content type or body shape that the operation does not take; a malformed body.
    pub fn read(request: &Request, dialects: Dialects) -> Result<Self> {
        let media_type = request.media_type();
        if !matches!(&*media_type, "" | "application/json") && !media_type.ends_with("+json") {
            return Err(Error::Invalid(format!("unsupported content type {media_type}")));
        }
        let semantic = request.domain_model().is_some_and(|m| m.eq_ignore_ascii_case("launchdarkly.semanticpatch"));
        let patch = Self::shape(request.value()?, &media_type, semantic, dialects)?;
        match &patch {
            Self::Json { .. } => dialects.check(dialects.json, "a JSON patch")?,
            Self::Merge { .. } => dialects.check(dialects.merge, "a merge patch")?,
            Self::Semantic(_) => dialects.check(dialects.semantic, "instructions")?,
        }
        Ok(patch)
    }

    fn shape(body: Value, media_type: &str, semantic: bool, dialects: Dialects) -> Result<Self> {
        let merge_only = media_type == "application/merge-patch+json";
        match body {
            Value::Array(_) if semantic => Err(Error::missing("instructions")),
            Value::Array(list) if !merge_only => Ok(Self::Json { operations: json::read(list)?, comment: None }),
            Value::Object(map) if merge_only => Self::merge(map),
            Value::Object(map) if semantic || map.get("instructions").is_some_and(|_| !map.contains_key("patch")) => {
                semantic::read(map).map(Self::Semantic)
            }
            Value::Object(map) => Self::object(map, dialects),
            _ => Err(Error::Invalid("Invalid json-patch document".to_owned())),
        }
    }

    fn object(mut map: Map<String, Value>, dialects: Dialects) -> Result<Self> {
        match (map.remove("patch"), map.remove("merge")) {
            (Some(Value::Array(list)), None) => {
                Ok(Self::Json { operations: json::read(list)?, comment: comment(&mut map)? })
            }
            (Some(_), _) => {
                Err(Error::field("patch", "must be an array of operations, with nothing but a comment beside it"))
            }
            (None, Some(value @ Value::Object(_))) => Ok(Self::Merge { value, comment: comment(&mut map)? }),
            (None, Some(_)) => Err(Error::field("merge", "must be an object")),
            _ if dialects == Dialects::SEMANTIC => Err(Error::missing("instructions")),
            _ if !dialects.merge => Err(Error::Invalid("Invalid json-patch document".to_owned())),
            _ => Self::merge(map),
        }
    }

    /// A plain merge patch. What belongs to the other forms of a patch is a member of no resource: it would be ignored
    /// as if all had been done.
    fn merge(map: Map<String, Value>) -> Result<Self> {
        for name in ["patch", "merge", "instructions"] {
            if map.contains_key(name) {
                return Err(Error::field(name, "must be sent as application/json: it is no member of a merge patch"));
            }
        }
        if map.keys().eq(["comment"]) {
            return Err(Error::Invalid("The body has a comment and nothing that it is about".to_owned()));
        }
        Ok(Self::Merge { value: Value::Object(map), comment: None })
    }

    /// The client's comment.
    #[must_use]
    pub fn comment(&self) -> Option<&str> {
        match self {
            Self::Json { comment, .. } | Self::Merge { comment, .. } => comment.as_deref(),
            Self::Semantic(instructions) => instructions.comment.as_deref(),
        }
    }

    /// Whether the patch says which state it is meant for. Then a lost race is the client's to
    /// resolve; any other patch is applied again to the newer state.
    #[must_use]
    pub fn pins(&self) -> bool {
        matches!(self, Self::Json { operations, .. } if operations.iter().any(|o| o.op == json::Op::Test))
    }

    /// The patch as audit entries keep it under `delta`.
    #[must_use]
    pub fn delta(&self) -> Value {
        match self {
            Self::Json { operations, .. } => Value::Array(operations.iter().map(Operation::to_value).collect()),
            Self::Merge { value, .. } => value.clone(),
            Self::Semantic(instructions) => instructions.delta(),
        }
    }

    /// The patch as audit entries keep it, with the values of members that hold secrets masked.
    #[must_use]
    pub fn delta_without(&self, secrets: &[&str]) -> Value {
        let mut delta = self.delta();
        if !secrets.is_empty() {
            mask(&mut delta, secrets);
        }
        delta
    }

    /// The top-level members that a JSON or merge patch writes, in its order; an empty name
    /// stands for the whole resource.
    #[must_use]
    pub fn members(&self) -> Vec<Cow<'_, str>> {
        let mut members = Vec::new();
        match self {
            Self::Json { operations, .. } => {
                for operation in operations.iter().filter(|o| o.op != json::Op::Test) {
                    let taken = operation.from.as_deref().filter(|_| operation.op == json::Op::Move);
                    members.extend(taken.into_iter().chain([operation.path.as_str()]).map(first_step));
                }
            }
            Self::Merge { value: Value::Object(map), .. } => {
                members.extend(map.keys().map(|name| Cow::Borrowed(name.as_str())));
            }
            Self::Merge { .. } | Self::Semantic(_) => {}
        }
        members
    }

    /// The members of the object `member` that a JSON or merge patch reads or writes; none where that may be any
    /// of them.
    #[must_use]
    pub fn named_in(&self, member: &str) -> Option<BTreeSet<String>> {
        match self {
            Self::Json { operations, .. } => json::named_in(member, operations.iter().flat_map(Operation::paths)),
            Self::Merge { value, .. } => match value.as_object()?.get(member) {
                Some(members) => Some(members.as_object()?.keys().cloned().collect()),
                None => Some(BTreeSet::new()),
            },
            Self::Semantic(_) => None,
        }
    }

    /// Whether a JSON or merge patch reads and writes nothing outside the member `member`.
    #[must_use]
    pub fn is_within(&self, member: &str) -> bool {
        match self {
            Self::Json { operations, .. } => {
                operations.iter().flat_map(Operation::paths).all(|p| first_step(p) == member)
            }
            Self::Merge { value, .. } => value.as_object().is_some_and(|map| map.keys().all(|name| name == member)),
            Self::Semantic(_) => false,
        }
    }

    /// What a JSON or merge patch makes of a JSON value.
    ///
    /// # Errors
    /// A path that is not there, a failed test; instructions, which only their resource knows.
    pub fn applied(&self, to: &Value) -> Result<Value> {
        match self {
            Self::Json { operations, .. } => json::applied(to, operations),
            Self::Merge { value, .. } => {
                let mut to = to.clone();
                merge::apply(&mut to, value);
                Ok(to)
            }
            Self::Semantic(_) => Err(Error::Internal("instructions were applied to JSON".to_owned())),
        }
    }

    /// Applies a JSON or merge patch to a resource. `shown` is what clients see: what a `test`
    /// may look at and a path may name. Of the outcome only the members of `E` count: a patch
    /// of anything else is ignored, as the contract has it for read-only members.
    ///
    /// # Errors
    /// As [`Patch::applied`], and an outcome that does not fit `E`, by path.
    pub fn edited<E: Serialize + DeserializeOwned>(&self, shown: &impl Serialize, edit: &E) -> Result<E> {
        let fault = |e: serde_json::Error| Error::Internal(e.to_string());
        let mut value = serde_json::to_value(shown).map_err(fault)?;
        if let (Value::Object(all), Value::Object(edit)) = (&mut value, serde_json::to_value(edit).map_err(fault)?) {
            all.extend(edit);
        }
        crate::json::decode(self.applied(&value)?)
    }
}

/// The first step of a JSON pointer.
fn first_step(path: &str) -> Cow<'_, str> {
    json::steps(path).next().unwrap_or_default()
}

/// Masks members with these names at any depth, and the values of operations on them. What is
/// copied or replaced whole is masked as far as the names show.
fn mask(value: &mut Value, secrets: &[&str]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|v| mask(v, secrets)),
        Value::Object(map) => {
            let path = map.get("path").and_then(Value::as_str).unwrap_or_default();
            let secret_path = secrets.contains(&&*first_step(path));
            for (name, value) in map.iter_mut() {
                if secrets.contains(&name.as_str()) || (secret_path && name == "value") {
                    *value = Value::from(MASK);
                } else {
                    mask(value, secrets);
                }
            }
        }
        _ => {}
    }
}

/// Shown instead of a secret.
pub const MASK: &str = "******";

/// Body of a PATCH, as the OpenAPI document describes it.
#[derive(schemars::JsonSchema)]
#[schemars(rename = "Patch", untagged)]
#[allow(dead_code, reason = "described, never built: `Patch::read` reads it")]
pub enum Body {
    /// JSON patch.
    Json(Vec<BodyOperation>),
    /// JSON patch with a comment.
    JsonWithComment {
        /// What to do, in order, all or nothing.
        patch: Vec<BodyOperation>,
        /// For the audit entry.
        comment: Option<String>,
    },
    /// Semantic patch.
    Semantic {
        /// The environment that environment-level instructions are about.
        #[schemars(rename = "environmentKey")]
        environment_key: Option<String>,
        /// Objects with a `kind` and its parameters.
        instructions: Vec<Map<String, Value>>,
        /// For the audit entry.
        comment: Option<String>,
    },
    /// Merge patch.
    Merge(Map<String, Value>),
}

/// One operation of a JSON patch.
#[derive(schemars::JsonSchema)]
#[schemars(rename = "PatchOperation")]
#[allow(dead_code, reason = "described, never built: `json::read` reads it")]
pub struct BodyOperation {
    /// `add`, `remove`, `replace`, `move`, `copy` or `test`.
    op: String,
    /// JSON pointer.
    path: String,
    /// JSON pointer to the source of a move or copy.
    from: Option<String>,
    /// The value.
    value: Option<Value>,
}

/// Takes the `comment` out of a body.
fn comment(map: &mut Map<String, Value>) -> Result<Option<String>> {
    match map.remove("comment") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Error::field("comment", "must be a string")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use http::Method;
    use http::header::CONTENT_TYPE;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    const SEMANTIC: &str = "application/json;domain-model=launchdarkly.semanticpatch";

    fn read(content_type: &str, body: &Value, dialects: Dialects) -> Result<Patch> {
        let mut request = Request::new(Method::PATCH, "/x").unwrap();
        request.headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        request.body = body.to_string().into();
        Patch::read(&request, dialects)
    }

    /// The table of semantic-patch.md 1.2: J, M, S or a refusal for flags, for JSON-only and
    /// for instruction-only resources.
    #[test]
    fn dispatch_by_content_type_and_shape() {
        let instructions = json!({"comment": "c", "instructions": [{"kind": "turnFlagOn"}]});
        let array = json!([{"op": "replace", "path": "/name", "value": "n"}]);
        let wrapped = json!({"patch": array, "comment": "c"});
        let merge = json!({"merge": {"name": "n"}, "comment": "c"});
        let bare = json!({"name": "n"});
        let json = "application/json";
        for (content_type, body, expected) in [
            (SEMANTIC, &instructions, "S-S"),
            ("Application/JSON; charset=utf-8; Domain-Model=\"launchdarkly.semanticpatch\"", &instructions, "S-S"),
            (SEMANTIC, &wrapped, "---"),
            (SEMANTIC, &array, "---"),
            (json, &array, "JJ-"),
            (json, &wrapped, "JJ-"),
            (json, &merge, "M--"),
            (json, &bare, "M--"),
            (json, &instructions, "S-S"),
            ("", &array, "JJ-"),
            ("application/json-patch+json", &array, "JJ-"),
            ("application/merge-patch+json", &bare, "M--"),
            ("application/merge-patch+json", &wrapped, "---"),
            ("application/merge-patch+json", &merge, "---"),
            ("application/merge-patch+json", &instructions, "---"),
            ("application/merge-patch+json", &json!({"comment": "c"}), "---"),
            (json, &json!({"comment": "c"}), "---"),
            (json, &json!({"patch": {"name": "n"}}), "---"),
            (json, &json!({"patch": array, "merge": {}}), "---"),
            ("text/plain", &array, "---"),
            (json, &json!("x"), "---"),
            (json, &json!({"instructions": []}), "---"),
        ] {
            let outcome: String = [Dialects::ALL, Dialects::JSON, Dialects::SEMANTIC]
                .map(|dialects| match read(content_type, body, dialects) {
                    Ok(Patch::Json { .. }) => 'J',
                    Ok(Patch::Merge { .. }) => 'M',
                    Ok(Patch::Semantic(_)) => 'S',
                    Err(Error::Invalid(_)) => '-',
                    Err(other) => panic!("{other}"),
                })
                .iter()
                .collect();
            assert_eq!(outcome, expected, "{content_type} {body}");
        }
    }

    #[test]
    fn comments_and_pins() {
        let patch =
            read("", &json!({"patch": [{"op": "test", "path": "/a", "value": 1}], "comment": "why"}), Dialects::ALL);
        let patch = patch.unwrap();
        assert_eq!((patch.comment(), patch.pins()), (Some("why"), true));
        let error = read("", &json!({"patch": [], "comment": 7}), Dialects::ALL).unwrap_err();
        assert!(error.to_string().starts_with("comment"), "{error}");
    }

    #[test]
    fn members_that_are_written() {
        let patch = |body: Value| read("", &body, Dialects::ALL).unwrap();
        let json = patch(json!([
            {"op": "test", "path": "/key", "value": "k"},
            {"op": "add", "path": "/tags/-", "value": "t"},
            {"op": "move", "from": "/name", "path": "/a~1b"},
            {"op": "copy", "from": "/color", "path": "/critical"},
            {"op": "replace", "path": "", "value": {}},
        ]));
        assert_eq!(json.members(), ["tags", "name", "a/b", "critical", ""]);
        assert_eq!(patch(json!({"name": "n", "tags": null})).members(), ["name", "tags"]);
    }

    #[test]
    fn secrets_stay_out_of_the_delta() {
        let patch = read(
            "",
            &json!([
                {"op": "replace", "path": "/secret", "value": "hush"},
                {"op": "add", "path": "", "value": {"secret": "hush", "name": "n"}},
                {"op": "add", "path": "/name", "value": "n"},
            ]),
            Dialects::ALL,
        );
        let delta = patch.unwrap().delta_without(&["secret"]);
        assert!(!delta.to_string().contains("hush"), "{delta}");
        assert_eq!(delta[2], json!({"op": "add", "path": "/name", "value": "n"}));
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Edit {
        name: String,
        #[serde(default)]
        tags: Vec<String>,
    }

    #[test]
    fn only_the_edit_counts() {
        let shown = json!({"_id": "1", "name": "old", "extra": true});
        let edit = Edit { name: "old".into(), tags: vec!["a".into()] };
        let apply = |operations: Value| read("", &operations, Dialects::JSON)?.edited(&shown, &edit);
        let edited = apply(json!([
            {"op": "test", "path": "/_id", "value": "1"},
            {"op": "replace", "path": "/_id", "value": "2"},
            {"op": "replace", "path": "/name", "value": "new"},
            {"op": "add", "path": "/tags/-", "value": "b"},
        ]));
        assert_eq!(edited.unwrap(), Edit { name: "new".into(), tags: vec!["a".into(), "b".into()] });
        let error = apply(json!([{"op": "replace", "path": "/name", "value": 7}])).unwrap_err();
        assert!(matches!(&error, Error::Invalid(m) if m.starts_with("name")), "{error}");
    }
}
