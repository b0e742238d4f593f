//! Names with `*`.

/// A compiled name: `*` matches any run of characters, everything else itself, case counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Glob {
    /// `*`.
    Any,
    /// No `*` at all.
    Exact(Box<str>),
    /// Text before the first `*`, between, and after the last.
    Pieces { head: Box<str>, middle: Box<[Box<str>]>, tail: Box<str> },
    /// Something we store and echo but do not know: matches nothing.
    Never,
}

impl Glob {
    /// Compiles `text`. What refers (`${…}`) to anything but role attributes, which are replaced before, matches
    /// nothing.
    pub(crate) fn new(text: &str) -> Self {
        if text == "*" {
            return Self::Any;
        }
        if text.contains("${") {
            return Self::Never;
        }
        let mut pieces = text.split('*');
        let head = pieces.next().unwrap_or_default();
        let Some(tail) = pieces.next_back() else { return Self::Exact(text.into()) };
        Self::Pieces {
            head: head.into(),
            middle: pieces.filter(|p| !p.is_empty()).map(Into::into).collect(),
            tail: tail.into(),
        }
    }

    /// Whether `text` fits.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Never => false,
            Self::Exact(exact) => **exact == *text,
            Self::Pieces { head, middle, tail } => {
                let Some(rest) = text.strip_prefix(&**head).and_then(|t| t.strip_suffix(&**tail)) else { return false };
                // Taking each piece as early as possible leaves the most room for the next.
                let mut rest = rest;
                middle.iter().all(|piece| match rest.find(&**piece) {
                    Some(at) => {
                        rest = &rest[at + piece.len()..];
                        true
                    }
                    None => false,
                })
            }
        }
    }

    /// Whether everything that fits the other fits. Two with several pieces between are only compared for being the
    /// same.
    pub(super) fn holds(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Never) => true,
            (own, Self::Exact(text)) => own.matches(text),
            (
                Self::Pieces { head, middle, tail },
                Self::Pieces { head: other_head, middle: other_middle, tail: other_tail },
            ) => {
                let between = middle.is_empty() || middle == other_middle;
                between && other_head.starts_with(&**head) && other_tail.ends_with(&**tail)
            }
            _ => false,
        }
    }

    /// Whether nothing fits both, for sure.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => true,
            (Self::Exact(text), other) | (other, Self::Exact(text)) => !other.matches(text),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn stars_match_any_run() {
        let cases = [
            ("*", "", true),
            ("*", "x", true),
            ("ops_*", "ops_", true),
            ("ops_*", "ops", false),
            ("*_ops", "x_ops", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a**c", "ac", true),
            ("*b*", "abc", true),
            ("*bb*", "abc", false),
            ("Flag", "flag", false),
            ("${roleAttribute/x}", "${roleAttribute/x}", false),
        ];
        for (glob, text, fits) in cases {
            assert_eq!(Glob::new(glob).matches(text), fits, "{glob} on {text}");
        }
    }
}
