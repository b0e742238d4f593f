//! Contexts: whom a flag is evaluated for (sdk-protocol §7, evaluation §3).

mod attributes;
mod legacy;
mod parse;
#[cfg(test)]
mod tests;
mod write;

use crate::hash::text_hash;
use crate::kind::Kind;
use crate::reference::{AttributeRef, Root};
pub use attributes::Attributes;
pub use parse::ContextError;
use serde_json::Value;
use std::borrow::Cow;

/// A valid context: one part, or several parts of distinct kinds.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    /// Never empty; sorted by kind, byte order.
    parts: Vec<Part>,
}

/// One kind's part of a context; a single context has exactly one.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    kind: Kind,
    key: Box<str>,
    key_hash: u64,
    name: Option<Box<str>>,
    anonymous: bool,
    attributes: Attributes,
    private: Vec<AttributeRef>,
}

/// The value of an attribute, borrowed from its context.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AttributeValue<'a> {
    /// A text attribute, built-in or custom.
    Text(&'a str),
    /// A boolean attribute, built-in or custom.
    Bool(bool),
    /// Any other custom attribute; never null.
    Json(&'a Value),
}

impl Context {
    /// A context of kind `user` with nothing but a key.
    pub fn user(key: &str) -> Result<Context, ContextError> {
        Context::single("user", key)
    }

    /// A context of any kind with nothing but a key.
    pub fn single(kind: &str, key: &str) -> Result<Context, ContextError> {
        let kind = Kind::parse(kind).ok_or_else(|| ContextError::Kind(kind.to_string()))?;
        if key.is_empty() {
            return Err(ContextError::EmptyKey);
        }
        Ok(Context { parts: vec![Part::new(kind, key.into())] })
    }

    /// Joins contexts of distinct kinds; one alone stays what it is.
    pub fn multi(contexts: impl IntoIterator<Item = Context>) -> Result<Context, ContextError> {
        Context::from_parts(contexts.into_iter().flat_map(|c| c.parts).collect())
    }

    fn from_parts(mut parts: Vec<Part>) -> Result<Context, ContextError> {
        parts.sort_by(|a, b| a.kind.as_str().cmp(b.kind.as_str()));
        if let Some(twice) = parts.windows(2).find(|pair| pair[0].kind == pair[1].kind) {
            return Err(ContextError::DuplicateKind(twice[0].kind.to_string()));
        }
        if parts.is_empty() {
            return Err(ContextError::NoParts);
        }
        Ok(Context { parts })
    }

    /// Sets an attribute of a single context (of a multi context, of its first part): `name`
    /// (text) and `anonymous` (boolean) as built-ins, anything else as a custom attribute.
    /// `kind`, `key`, `_meta`, `""`, null and built-ins of a wrong type are ignored.
    pub fn with(mut self, name: &str, value: Value) -> Context {
        if let Some(part) = self.parts.first_mut() {
            match (name, value) {
                ("kind" | "key", _) => {}
                ("name", Value::String(text)) => part.name = Some(text.into()),
                ("anonymous", Value::Bool(yes)) => part.anonymous = yes,
                ("name" | "anonymous", _) => {}
                (_, value) => part.attributes.set(name, value),
            }
        }
        self
    }

    /// Marks an attribute of a single context (of a multi context, of its first part) as private.
    pub fn with_private(mut self, reference: AttributeRef) -> Context {
        if let Some(part) = self.parts.first_mut() {
            part.private.push(reference);
        }
        self
    }

    /// The parts, sorted by kind; never empty.
    #[inline]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether the context has two or more kinds.
    pub fn is_multi(&self) -> bool {
        self.parts.len() > 1
    }

    /// The part of this kind.
    #[inline]
    pub fn part(&self, kind: &Kind) -> Option<&Part> {
        self.parts.iter().find(|part| part.kind == *kind)
    }

    /// The fully-qualified key (evaluation §3.3): what the secure-mode hash, de-duplication and
    /// client caches use. Targeting and bucketing use the raw key of one part instead.
    pub fn canonical_key(&self) -> Cow<'_, str> {
        if let [part] = self.parts.as_slice()
            && part.kind == Kind::User
        {
            return Cow::Borrowed(&part.key);
        }
        let mut out = String::new();
        for part in &self.parts {
            if !out.is_empty() {
                out.push(':');
            }
            out.push_str(part.kind.as_str());
            out.push(':');
            out.push_str(&part.key.replace('%', "%25").replace(':', "%3A"));
        }
        Cow::Owned(out)
    }
}

impl Part {
    fn new(kind: Kind, key: Box<str>) -> Part {
        Part {
            kind,
            key_hash: text_hash(&key),
            key,
            name: None,
            anonymous: false,
            attributes: Attributes::default(),
            private: Vec::new(),
        }
    }

    /// The part's kind.
    #[inline]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The raw key; empty only for a legacy user.
    #[inline]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// [`text_hash`] of the key, computed once.
    #[inline]
    pub fn key_hash(&self) -> u64 {
        self.key_hash
    }

    /// The optional name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether the part is anonymous.
    pub fn anonymous(&self) -> bool {
        self.anonymous
    }

    /// Custom attributes.
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// References that events must redact; they never affect evaluation.
    pub fn private(&self) -> &[AttributeRef] {
        &self.private
    }

    /// Resolves a reference. Absent, null and unreachable are all `None`.
    #[inline]
    pub fn get(&self, reference: &AttributeRef) -> Option<AttributeValue<'_>> {
        let path = reference.path();
        let built_in = match reference.root() {
            Root::Custom { name, hash } => {
                let mut value = self.attributes.get_hashed(name, *hash)?;
                for property in path {
                    value = value.as_object()?.get(&**property)?;
                }
                return match value {
                    Value::Null => None,
                    Value::String(text) => Some(AttributeValue::Text(text)),
                    Value::Bool(yes) => Some(AttributeValue::Bool(*yes)),
                    other => Some(AttributeValue::Json(other)),
                };
            }
            Root::Kind => AttributeValue::Text(self.kind.as_str()),
            Root::Key => AttributeValue::Text(&self.key),
            Root::Name => AttributeValue::Text(self.name.as_deref()?),
            Root::Anonymous => AttributeValue::Bool(self.anonymous),
        };
        path.is_empty().then_some(built_in)
    }
}
