//! Role attributes: what `${roleAttribute/KEY}` stands for.

use std::collections::BTreeMap;

/// How a reference to a role attribute begins.
const OPEN: &str = "${roleAttribute/";

/// The values that policies may refer to, by key. Several values mean any of them; a key that is not there matches
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(BTreeMap<String, Vec<String>>);

impl Attributes {
    /// Those that were kept.
    #[must_use]
    pub fn of(kept: &BTreeMap<String, Vec<String>>) -> Self {
        Self(kept.clone())
    }

    /// Adds the values of a member, a team or a token to those that are there.
    pub fn join<'a>(&mut self, more: impl IntoIterator<Item = (&'a String, &'a Vec<String>)>) {
        for (key, values) in more {
            let known = self.0.entry(key.clone()).or_default();
            for value in values {
                if !known.contains(value) {
                    known.push(value.clone());
                }
            }
        }
    }

    /// Every attribute with its values.
    #[must_use]
    pub const fn all(&self) -> &BTreeMap<String, Vec<String>> {
        &self.0
    }

    /// The same with one value only for `key`.
    pub(crate) fn only(&self, key: &str, value: &str) -> Self {
        let mut one = self.clone();
        one.0.insert(key.to_owned(), vec![value.to_owned()]);
        one
    }

    /// The values of an attribute.
    pub(crate) fn values(&self, key: &str) -> &[String] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// `text` with its references replaced, once for every value; as it is where it has none.
    #[must_use]
    pub fn expand(&self, text: &str) -> Vec<String> {
        let Some((before, key, after)) = reference(text) else { return vec![text.to_owned()] };
        let rest = self.expand(after);
        let mut all = Vec::new();
        for value in self.values(key) {
            let room = MOST.saturating_sub(all.len());
            all.extend(rest.iter().take(room).map(|rest| format!("{before}{value}{rest}")));
        }
        all
    }
}

/// Most expansions of one name. What is beyond matches nothing.
pub(crate) const MOST: usize = 10_000;

/// The first reference in a text: what stands before it, its key, what stands after it.
fn reference(text: &str) -> Option<(&str, &str, &str)> {
    let at = text.find(OPEN)?;
    let (key, after) = text[at + OPEN.len()..].split_once('}')?;
    Some((&text[..at], key, after))
}

/// The keys that a text refers to, each as often as it does.
pub(crate) fn references(mut text: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    while let Some((_, key, after)) = reference(text) {
        keys.push(key);
        text = after;
    }
    keys
}
