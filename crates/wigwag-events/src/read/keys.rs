//! Kinds and keys of the contexts of an event, in whatever form they come (sdk-protocol.md 6.4, 6.7).

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use wigwag_sdk::Event;

use super::contexts::{MAX_KEY, MAX_KIND, USER};

/// Which property of an event tells its context.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// `context`: whole.
    Context,
    /// `contextKeys`: keys by kind.
    Keys,
    /// `user`: one of an older SDK, whole.
    User,
}

impl Form {
    /// In the order in which they are looked at.
    pub(super) const ALL: [Self; 3] = [Self::Context, Self::Keys, Self::User];

    /// What an event tells in this form.
    pub(super) const fn of<'b>(self, event: &Event<'b>) -> Option<&'b RawValue> {
        match self {
            Self::Context => event.context,
            Self::Keys => event.context_keys,
            Self::User => event.user,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Keys => "contextKeys",
            Self::User => "user",
        }
    }
}

/// One kind's part of a context.
pub(super) struct Key<'e> {
    pub(super) kind: &'e str,
    pub(super) key: &'e str,
    pub(super) anonymous: bool,
}

impl Key<'_> {
    fn fits(&self) -> bool {
        !self.key.is_empty() && self.key.len() <= MAX_KEY && self.kind.len() <= MAX_KIND
    }
}

/// All parts. None of what makes no sense.
pub(super) fn of(form: Form, told: &Map<String, Value>) -> Vec<Key<'_>> {
    let mut all = Vec::new();
    match (form, told.get("kind").and_then(Value::as_str)) {
        (Form::Keys, _) => {
            let key = |(kind, key)| Some(Key { kind, key: Value::as_str(key)?, anonymous: false });
            all.extend(told.iter().map(|(kind, key)| (kind.as_str(), key)).filter_map(key));
        }
        (Form::Context, Some("multi")) => {
            let parts = told.iter().filter(|(kind, _)| *kind != "kind");
            all.extend(parts.filter_map(|(kind, part)| of_part(kind, part.as_object()?)));
        }
        (Form::Context, Some(kind)) => all.extend(of_part(kind, told)),
        (Form::Context, None) | (Form::User, _) => all.extend(of_part(USER, told)),
    }
    all.retain(Key::fits);
    all
}

/// Of an event that names a user by key only.
pub(super) fn of_user_key(key: &str, anonymous: bool) -> Option<Key<'_>> {
    Some(Key { kind: USER, key, anonymous }).filter(Key::fits)
}

/// Whether an event that names a user by key only says that it is an anonymous one.
pub(super) fn is_anonymous_user(context_kind: Option<&str>) -> bool {
    context_kind == Some("anonymousUser")
}

fn of_part<'e>(kind: &'e str, part: &'e Map<String, Value>) -> Option<Key<'e>> {
    let anonymous = part.get("anonymous") == Some(&Value::Bool(true));
    Some(Key { kind, key: part.get("key")?.as_str()?, anonymous })
}
