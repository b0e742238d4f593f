//! Attribute references: how clauses, rollouts and private-attribute lists name an attribute.

use crate::hash::text_hash;
use std::fmt;

/// Where a reference starts: a built-in attribute or a custom one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// The context's kind.
    Kind,
    /// The context's key.
    Key,
    /// The context's optional name.
    Name,
    /// Whether the context is anonymous.
    Anonymous,
    /// A custom attribute, with the [`text_hash`] of its name.
    Custom {
        /// The attribute's name, unescaped.
        name: Box<str>,
        /// Hash of `name`, computed once.
        hash: u64,
    },
}

impl Root {
    fn named(name: &str) -> Root {
        match name {
            "kind" => Root::Kind,
            "key" => Root::Key,
            "name" => Root::Name,
            "anonymous" => Root::Anonymous,
            _ => Root::Custom { name: name.into(), hash: text_hash(name) },
        }
    }

    /// The attribute's name, unescaped.
    pub fn name(&self) -> &str {
        match self {
            Root::Kind => "kind",
            Root::Key => "key",
            Root::Name => "name",
            Root::Anonymous => "anonymous",
            Root::Custom { name, .. } => name,
        }
    }
}

/// A parsed, valid attribute reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttributeRef {
    root: Root,
    path: Box<[Box<str>]>,
}

/// The text is not a valid attribute reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// `""` or `"/"`.
    #[error("attribute reference is empty")]
    Empty,
    /// `//`, `/a//b` or `/a/`.
    #[error("attribute reference has an empty component")]
    EmptyComponent,
    /// A `~` that is not followed by `0` or `1`.
    #[error("attribute reference has an invalid escape")]
    BadEscape,
}

impl AttributeRef {
    /// Parses reference syntax: `/a/b` walks objects (`~1` is `/`, `~0` is `~`); text without a
    /// leading slash is a plain name.
    pub fn parse(text: &str) -> Result<AttributeRef, ReferenceError> {
        let Some(pointer) = text.strip_prefix('/') else {
            return AttributeRef::literal(text);
        };
        if pointer.is_empty() {
            return Err(ReferenceError::Empty);
        }
        let mut components = pointer.split('/').map(unescape);
        let root = components.next().ok_or(ReferenceError::Empty)??;
        let path = components.map(|c| c.map(String::into_boxed_str)).collect::<Result<_, _>>()?;
        Ok(AttributeRef { root: Root::named(&root), path })
    }

    /// Takes the text as a plain name, as data without a context kind means it. Only `""` is
    /// invalid.
    pub fn literal(name: &str) -> Result<AttributeRef, ReferenceError> {
        if name.is_empty() {
            return Err(ReferenceError::Empty);
        }
        Ok(AttributeRef { root: Root::named(name), path: Box::default() })
    }

    /// Reads an attribute of flag or segment data: reference syntax if the same object names a
    /// kind, else a literal name.
    pub fn for_kind(text: &str, context_kind: Option<&str>) -> Result<AttributeRef, ReferenceError> {
        match context_kind {
            None | Some("") => AttributeRef::literal(text),
            Some(_) => AttributeRef::parse(text),
        }
    }

    /// The attribute the reference starts at.
    #[inline]
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Object properties to follow from the root; empty for a plain name.
    #[inline]
    pub fn path(&self) -> &[Box<str>] {
        &self.path
    }

    /// Whether the reference is exactly the attribute `kind`.
    #[inline]
    pub fn is_kind(&self) -> bool {
        self.root == Root::Kind && self.path.is_empty()
    }
}

impl fmt::Display for AttributeRef {
    /// Writes text that [`AttributeRef::parse`] reads back as the same reference.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.root.name();
        if self.path.is_empty() && !name.starts_with('/') {
            return f.write_str(name);
        }
        write!(f, "/{}", escape(name))?;
        self.path.iter().try_for_each(|part| write!(f, "/{}", escape(part)))
    }
}

fn escape(component: &str) -> String {
    component.replace('~', "~0").replace('/', "~1")
}

fn unescape(component: &str) -> Result<String, ReferenceError> {
    if component.is_empty() {
        return Err(ReferenceError::EmptyComponent);
    }
    let mut out = String::with_capacity(component.len());
    let mut chars = component.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '~' => match chars.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(ReferenceError::BadEscape),
            },
            other => other,
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parts(text: &str) -> Result<Vec<String>, ReferenceError> {
        let reference = AttributeRef::parse(text)?;
        assert_eq!(AttributeRef::parse(&reference.to_string()).unwrap(), reference);
        let path = reference.path().iter().map(|p| p.to_string());
        Ok(std::iter::once(reference.root().name().to_string()).chain(path).collect())
    }

    #[test]
    fn pointers_split_and_unescape_while_plain_names_stay() {
        assert_eq!(parts("/a/b~1c/~01").unwrap(), ["a", "b/c", "~1"]);
        for plain in ["a/b", "a//b", "a~1b", "a~"] {
            assert_eq!(parts(plain).unwrap(), [plain]);
        }
        assert_eq!(parts("/~1x").unwrap(), ["/x"]);
    }

    #[test]
    fn invalid_references_say_why() {
        assert_eq!(parts(""), Err(ReferenceError::Empty));
        assert_eq!(parts("/"), Err(ReferenceError::Empty));
        for text in ["//", "/a//b", "/a/"] {
            assert_eq!(parts(text), Err(ReferenceError::EmptyComponent), "{text}");
        }
        for text in ["/a~", "/a~2", "/~|"] {
            assert_eq!(parts(text), Err(ReferenceError::BadEscape), "{text}");
        }
    }

    #[test]
    fn without_a_kind_the_text_is_a_name() {
        let literal = AttributeRef::for_kind("/a/b", None).unwrap();
        assert_eq!(literal.root().name(), "/a/b");
        assert_eq!(literal.to_string(), "/~1a~1b");
        assert!(AttributeRef::for_kind("kind", Some("org")).unwrap().is_kind());
    }
}
