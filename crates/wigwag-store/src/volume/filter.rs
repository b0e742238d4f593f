//! What a search may ask of a context. The same facts answer, whether from the index or from the
//! context itself.

use super::facts::{Facts, WORDS, clipped, pointer};
use super::types::SeenContext;
use serde_json::Value;
use wigwag_model::clock::Millis;

/// A condition on contexts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextFilter {
    /// All of these hold; none: every context.
    All(Vec<Self>),
    /// One of these holds; none: no context.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// Last sent by one of these applications.
    Application(Vec<String>),
    /// The key is one of these.
    Key(Vec<String>),
    /// The key begins so.
    KeyPrefix(String),
    /// The kind is one of these.
    Kind(Vec<String>),
    /// Kind and key are one of these pairs.
    KindKey(Vec<(String, String)>),
    /// An attribute passes a test.
    Attribute {
        /// Of this kind, or of any.
        kind: Option<String>,
        /// A JSON pointer: see [`ContextFilter::attribute`].
        name: String,
        /// The test.
        test: Test,
    },
    /// Last seen then, in milliseconds since 1970, or later.
    SeenSince(Millis),
    /// A word of key, name or e-mail address begins so, in whatever case.
    Words(String),
}

/// A test of an attribute's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// There is a value.
    Exists,
    /// A value is one of these texts.
    AnyOf(Vec<String>),
    /// A value begins so.
    Prefix(String),
    /// A value is a number, or a time in milliseconds since 1970, below this.
    Below(i64),
    /// A value is a number or time above this.
    Above(i64),
}

impl ContextFilter {
    /// Every context.
    #[must_use]
    pub const fn every() -> Self {
        Self::All(Vec::new())
    }

    /// A test of an attribute, named as in a clause.
    #[must_use]
    pub fn attribute(kind: Option<&str>, name: &str, test: Test) -> Self {
        let test = match test {
            Test::AnyOf(values) => Test::AnyOf(values.iter().map(|value| clipped(value)).collect()),
            Test::Prefix(prefix) => Test::Prefix(clipped(&prefix)),
            other => other,
        };
        Self::Attribute { kind: kind.map(str::to_owned), name: pointer(name), test }
    }

    /// A value as the text that [`Test::AnyOf`] compares; lists and objects have none.
    #[must_use]
    pub fn text(value: &Value) -> Option<String> {
        super::facts::text_of(value)
    }

    /// Words that begin so.
    #[must_use]
    pub fn words(text: &str) -> Self {
        Self::Words(clipped(&text.trim().to_lowercase()))
    }

    pub(crate) fn is_every(&self) -> bool {
        matches!(self, Self::All(list) if list.iter().all(Self::is_every))
    }

    /// Whether it holds for a context.
    pub(crate) fn holds(&self, context: &SeenContext, facts: &Facts) -> bool {
        match self {
            Self::All(list) => list.iter().all(|each| each.holds(context, facts)),
            Self::Any(list) => list.iter().any(|each| each.holds(context, facts)),
            Self::Not(inner) => !inner.holds(context, facts),
            Self::Application(names) => names.contains(&context.application),
            Self::Key(keys) => keys.contains(&context.key),
            Self::KeyPrefix(prefix) => context.key.starts_with(prefix),
            Self::Kind(kinds) => kinds.contains(&context.kind),
            Self::KindKey(pairs) => pairs.iter().any(|(kind, key)| *kind == context.kind && *key == context.key),
            Self::Attribute { kind, name, test } => {
                kind.as_ref().is_none_or(|kind| *kind == context.kind) && test.holds(name, facts)
            }
            Self::SeenSince(at) => context.last_seen >= *at,
            Self::Words(word) => Test::Prefix(word.clone()).holds(WORDS, facts),
        }
    }
}

impl Test {
    fn holds(&self, name: &str, facts: &Facts) -> bool {
        facts.list.iter().filter(|fact| fact.name == name).any(|fact| match self {
            Self::Exists => true,
            Self::AnyOf(values) => values.contains(&fact.value),
            Self::Prefix(prefix) => fact.value.starts_with(prefix.as_str()),
            Self::Below(bound) => fact.num.is_some_and(|num| num < *bound),
            Self::Above(bound) => fact.num.is_some_and(|num| num > *bound),
        })
    }
}
