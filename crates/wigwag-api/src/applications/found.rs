//! Applications as events tell of them, together with what was noted.

use std::collections::BTreeMap;

use wigwag_kit::{Ctx, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Application, ApplicationVersion, Kind};
use wigwag_store::volume::SenderKind;

use super::{doc_key, not_found, text};

/// An application.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) key: String,
    first_seen: Millis,
    last_seen: Millis,
    seen_as: SenderKind,
    /// Its versions, by key.
    pub(super) versions: Vec<Version>,
    pub(super) notes: Application,
    /// The version of the notes; 0 without any.
    pub(super) noted: u64,
}

/// A version of one.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) key: String,
    first_seen: Millis,
    last_seen: Millis,
    pub(super) notes: ApplicationVersion,
}

impl Found {
    pub(super) const fn created(&self) -> Millis {
        self.first_seen
    }

    /// `browser`, `mobile` or `server`.
    pub(super) fn kind(&self) -> &str {
        self.notes.kind.as_deref().unwrap_or(self.seen_as.as_str())
    }

    pub(super) fn field(&self, field: &str) -> String {
        match field {
            "kind" => self.kind().to_owned(),
            "autoAdded" => text(true),
            _ => self.key.clone(),
        }
    }

    fn noted(mut self, notes: Application, version: u64) -> Option<Self> {
        if notes.deleted_at.is_some_and(|at| self.last_seen <= at) {
            return None;
        }
        self.noted = version;
        for version in &mut self.versions {
            version.notes = notes.versions.get(&version.key).cloned().unwrap_or_default();
        }
        self.versions.retain(|version| version.notes.deleted_at.is_none_or(|at| version.last_seen > at));
        self.notes = notes;
        Some(self)
    }
}

impl Version {
    pub(super) const fn created(&self) -> Millis {
        self.first_seen
    }

    pub(super) fn field(&self, field: &str) -> String {
        match field {
            "supported" => text(self.notes.supported),
            "autoAdded" => text(true),
            _ => self.key.clone(),
        }
    }
}

/// All that are there, by key.
pub(super) async fn all(ctx: &Ctx) -> Result<Vec<Found>> {
    let mut notes: BTreeMap<String, (Application, u64)> = BTreeMap::new();
    for doc in ctx.store().scan(Kind::Application, Some(""), Some("")).await? {
        let note: Application = doc.decode()?;
        notes.insert(note.key.clone(), (note, doc.version));
    }
    let noted = |found: Found| {
        let (note, version) = notes.remove(&found.key).unwrap_or_default();
        found.noted(note, version)
    };
    Ok(seen(ctx).await?.into_values().filter_map(noted).collect())
}

/// The one with this key.
pub(super) async fn one(ctx: &Ctx, key: &str) -> Result<Found> {
    let found = seen(ctx).await?.remove(key).ok_or_else(|| not_found(key))?;
    let doc = ctx.store().get(&doc_key(key)).await?;
    let (note, version) = match doc {
        Some(doc) => (doc.decode()?, doc.version),
        None => (Application::default(), 0),
    };
    found.noted(note, version).ok_or_else(|| not_found(key))
}

/// What events told, as long as it is kept.
async fn seen(ctx: &Ctx) -> Result<BTreeMap<String, Found>> {
    let mut all: BTreeMap<String, Found> = BTreeMap::new();
    for seen in ctx.store().volume().senders(0).await? {
        let sender = seen.sender;
        if sender.application.is_empty() {
            continue;
        }
        let found = all.entry(sender.application.to_string()).or_insert_with(|| Found {
            key: sender.application.to_string(),
            first_seen: seen.first_seen,
            last_seen: seen.last_seen,
            seen_as: sender.kind,
            versions: Vec::new(),
            notes: Application::default(),
            noted: 0,
        });
        found.first_seen = found.first_seen.min(seen.first_seen);
        found.last_seen = found.last_seen.max(seen.last_seen);
        if sender.application_version.is_empty() {
            continue;
        }
        match found.versions.iter_mut().find(|version| *version.key == *sender.application_version) {
            Some(version) => {
                version.first_seen = version.first_seen.min(seen.first_seen);
                version.last_seen = version.last_seen.max(seen.last_seen);
            }
            None => found.versions.push(Version {
                key: sender.application_version.to_string(),
                first_seen: seen.first_seen,
                last_seen: seen.last_seen,
                notes: ApplicationVersion::default(),
            }),
        }
    }
    Ok(all)
}
