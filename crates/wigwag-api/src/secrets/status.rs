//! What is sealed, and with which keys.

use std::collections::BTreeMap;
use std::fmt;

use wigwag_kit::Keyring;
use wigwag_model::doc::Kind;

use super::Held;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPart {
    /// Seals, and opens what it sealed.
    Seals,
    /// Only opens what it sealed before.
    Opens,
    /// Sealed something and is not here: that cannot be opened.
    Missing,
}

/// A key, and how many secrets it sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// The key's id, which tells nothing of the key.
    pub id: String,
    /// What it does.
    pub part: KeyPart,
    /// Secrets that it sealed, by kind of document.
    pub sealed: BTreeMap<Kind, u64>,
}

/// What is sealed, and with which keys. Shown as a line for each key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The keys, the one that seals first.
    pub keys: Vec<KeyStatus>,
    /// Secrets in the clear, by kind of document: stored before such secrets were sealed.
    pub clear: BTreeMap<Kind, u64>,
    /// Whether a key is kept in the database, beside what it seals.
    pub kept: bool,
}

impl Status {
    pub(super) fn of(keyring: &Keyring) -> Self {
        let part = |at| if at == 0 { KeyPart::Seals } else { KeyPart::Opens };
        let keys = keyring.ids().enumerate();
        let keys = keys.map(|(at, id)| KeyStatus { id: id.to_owned(), part: part(at), sealed: BTreeMap::new() });
        Self { keys: keys.collect(), ..Self::default() }
    }

    pub(super) fn count(&mut self, kind: Kind, held: &Held) {
        let Held::Sealed(sealed) = held else {
            *self.clear.entry(kind).or_default() += 1;
            return;
        };
        let id = sealed.key_id();
        let at = self.keys.iter().position(|key| key.id == id).unwrap_or_else(|| {
            self.keys.push(KeyStatus { id: id.to_owned(), part: KeyPart::Missing, sealed: BTreeMap::new() });
            self.keys.len() - 1
        });
        if let Some(key) = self.keys.get_mut(at) {
            *key.sealed.entry(kind).or_default() += 1;
        }
    }

    /// Whether the key that seals sealed everything: others can be dropped.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.clear.is_empty() && self.keys.iter().all(|key| key.part == KeyPart::Seals || key.sealed.is_empty())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for key in &self.keys {
            let part = match key.part {
                KeyPart::Seals => "seals",
                KeyPart::Opens => "opens",
                KeyPart::Missing => "MISSING",
            };
            writeln!(f, "key {}  {part:<8}{}", key.id, counts(&key.sealed))?;
        }
        if !self.clear.is_empty() {
            writeln!(f, "in the clear          {}", counts(&self.clear))?;
        }
        if self.kept {
            writeln!(f, "a key is kept in the database: set secret-key-file, then wigwag secrets rotate")?;
        }
        let told = if self.is_done() { "the first key sealed everything" } else { "wigwag secrets rotate is needed" };
        writeln!(f, "{told}")
    }
}

fn counts(of: &BTreeMap<Kind, u64>) -> String {
    let parts: Vec<String> = of.iter().map(|(kind, count)| format!("{} {count}", kind.as_str())).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}
