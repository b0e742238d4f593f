//! Context kinds (`user`, `organization`, …).

use std::fmt;

/// The kind of a context. `user`, by far the most frequent, compares without touching text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The default kind, `user`.
    User,
    /// Any other kind.
    Other(Box<str>),
}

impl Kind {
    /// Parses a kind as contexts must have it: `A–Z a–z 0–9 . _ -`, not empty, not `kind`, not
    /// `multi`. Anything else is `None`.
    pub fn parse(text: &str) -> Option<Kind> {
        Kind::is_valid(text).then(|| Kind::named(text))
    }

    /// Reads a kind from flag data, where nothing is checked: empty means `user`, and an illegal
    /// kind is kept (no context can have it, so it matches nobody).
    pub fn named(text: &str) -> Kind {
        match text {
            "" | "user" => Kind::User,
            other => Kind::Other(other.into()),
        }
    }

    /// Whether a context may be of this kind.
    pub fn is_valid(text: &str) -> bool {
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        !text.is_empty() && text != "kind" && text != "multi" && text.bytes().all(legal)
    }

    /// The kind as it is written.
    #[inline]
    pub fn as_str(&self) -> &str {
        match self {
            Kind::User => "user",
            Kind::Other(text) => text,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_a_small_alphabet_and_two_reserved_words() {
        for good in ["user", "a.b-c_D9", "Multi", "User"] {
            assert!(Kind::is_valid(good), "{good}");
        }
        for bad in ["", "kind", "multi", "has space", "größe", "kind2!"] {
            assert!(!Kind::is_valid(bad), "{bad}");
        }
        assert_eq!(Kind::named(""), Kind::User);
        assert_ne!(Kind::named("User"), Kind::User);
    }
}
