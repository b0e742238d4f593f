//! Small numbers for names, remembered by the writer.

use super::measure::{Sender, SenderKind};
use super::session::{Session, vals};
use crate::Result;
use crate::sql::Row;
use rustc_hash::{FxBuildHasher, FxHashSet};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use wigwag_model::clock::Millis;

/// Context kinds kept of an environment; contexts of more are not.
const MAX_KINDS: usize = 100;
/// Applications told apart in an environment.
const MAX_APPS: usize = 1000;
/// Attributes of a kind that can be searched by.
const MAX_ATTRIBUTES: usize = 2000;
/// Flags of an environment whose evaluations are counted; few projects have so many.
const MAX_FLAGS: usize = 20_000;
/// Kinds and keys of events and kinds of contexts that are told apart in an environment when counting.
const MAX_NAMES: usize = 5000;
/// Senders told apart in an environment.
const MAX_SENDERS: usize = 2000;
/// How precisely it is known when a sender was last seen, in milliseconds.
const SENDER_GRAIN: Millis = 60_000;
/// Values of an attribute that are counted.
pub(crate) const MAX_COUNTED: i64 = 1000;

/// Attributes whose counted values are remembered: about 16 KiB each.
const MAX_WITH_VALUES: usize = 1000;

/// By which a counted value is remembered.
pub(crate) fn hash_of_value(value: &str) -> u64 {
    use std::hash::BuildHasher as _;
    FxBuildHasher.hash_one(value)
}

/// What the writer knows without asking. Forgotten whenever a transaction fails, because then rows it
/// knows of may be gone.
#[derive(Default)]
pub(crate) struct Names {
    envs: HashMap<String, i64>,
    kinds: HashMap<i64, HashMap<String, i64>>,
    apps: HashMap<i64, HashMap<String, i64>>,
    attributes: HashMap<i64, HashMap<String, Attribute>>,
    /// Attributes of which the values are known.
    with_values: usize,
    flags: HashMap<i64, FxHashSet<u64>>,
    names: HashMap<i64, HashMap<String, i64>>,
    /// By environment: number, and when last noted.
    senders: HashMap<i64, HashMap<Sender, (i64, Millis)>>,
}

/// An attribute of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) id: i64,
    /// How many of its values are counted.
    pub(crate) counted: i64,
    pub(crate) redacted: bool,
    /// Hashes of its values that are counted, once needed.
    pub(crate) values: Option<FxHashSet<u64>>,
}

impl Names {
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) async fn env(&mut self, db: &mut Session, name: &str) -> Result<i64> {
        if let Some(id) = self.envs.get(name) {
            return Ok(*id);
        }
        let text = "INSERT INTO seen_envs (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name
             RETURNING id";
        let id = db.int(text, vals![name]).await?;
        self.envs.insert(name.to_owned(), id);
        Ok(id)
    }

    /// A kind, unless the environment has too many.
    pub(crate) async fn kind(&mut self, db: &mut Session, env: i64, name: &str, at: Millis) -> Result<Option<i64>> {
        let known = match self.kinds.entry(env) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(listed(db, "SELECT name, id FROM seen_kinds WHERE env = $1", env).await?)
            }
        };
        if let Some(id) = known.get(name) {
            return Ok(Some(*id));
        }
        if known.len() >= MAX_KINDS {
            return Ok(None);
        }
        let text = "INSERT INTO seen_kinds (env, name, contexts, first_seen, last_seen) VALUES ($1, $2, 0, $3, $3)
             ON CONFLICT (env, name) DO UPDATE SET name = excluded.name RETURNING id";
        let id = db.int(text, vals![env, name, at]).await?;
        known.insert(name.to_owned(), id);
        Ok(Some(id))
    }

    /// An application; 0 for none, and when there are too many.
    pub(crate) async fn app(&mut self, db: &mut Session, env: i64, name: &str) -> Result<i64> {
        if name.is_empty() {
            return Ok(0);
        }
        let known = match self.apps.entry(env) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(listed(db, "SELECT name, id FROM seen_apps WHERE env = $1", env).await?)
            }
        };
        if let Some(id) = known.get(name) {
            return Ok(*id);
        }
        if known.len() >= MAX_APPS {
            return Ok(0);
        }
        let text = "INSERT INTO seen_apps (env, name) VALUES ($1, $2)
             ON CONFLICT (env, name) DO UPDATE SET name = excluded.name RETURNING id";
        let id = db.int(text, vals![env, name]).await?;
        known.insert(name.to_owned(), id);
        Ok(id)
    }

    /// A name by which something is counted; nothing when there are too many.
    pub(crate) async fn name(&mut self, db: &mut Session, env: i64, name: &str) -> Result<Option<i64>> {
        let known = match self.names.entry(env) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                place.insert(listed(db, "SELECT name, id FROM seen_names WHERE env = $1", env).await?)
            }
        };
        if let Some(id) = known.get(name) {
            return Ok(Some(*id));
        }
        if known.len() >= MAX_NAMES {
            return Ok(None);
        }
        let text = "INSERT INTO seen_names (env, name) VALUES ($1, $2)
             ON CONFLICT (env, name) DO UPDATE SET name = excluded.name RETURNING id";
        let id = db.int(text, vals![env, name]).await?;
        known.insert(name.to_owned(), id);
        Ok(Some(id))
    }

    /// A sender that was seen then; when there are too many, all others of its kind together.
    pub(crate) async fn sender(&mut self, db: &mut Session, env: i64, sender: &Sender, at: Millis) -> Result<i64> {
        let known = match self.senders.entry(env) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(senders_of(db, env).await?),
        };
        if let Some((id, noted)) = known.get_mut(sender) {
            if at - *noted >= SENDER_GRAIN {
                *noted = at;
                let text = "UPDATE seen_senders SET last_seen = $2 WHERE id = $1 AND last_seen < $2";
                db.run(text, vec![vals![*id, at]]).await?;
            }
            return Ok(*id);
        }
        let other = Sender { kind: sender.kind, ..Sender::default() };
        let sender = if known.len() >= MAX_SENDERS { &other } else { sender };
        let text =
            "INSERT INTO seen_senders (env, type, sdk, sdk_version, application, application_version, first_seen,
              last_seen) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
             ON CONFLICT (env, type, sdk, sdk_version, application, application_version)
              DO UPDATE SET last_seen = CASE WHEN excluded.last_seen > seen_senders.last_seen
                THEN excluded.last_seen ELSE seen_senders.last_seen END RETURNING id";
        let row = vals![
            env,
            sender.kind.as_str(),
            &*sender.sdk,
            &*sender.sdk_version,
            &*sender.application,
            &*sender.application_version,
            at
        ];
        let id = db.int(text, row).await?;
        known.insert(sender.clone(), (id, at));
        Ok(id)
    }

    /// Those of the flags that are one too many for their environment. All that it has are remembered, as hashes.
    pub(crate) async fn flags_too_many<'k>(
        &mut self,
        db: &mut Session,
        env: i64,
        keys: &[&'k str],
    ) -> Result<Vec<&'k str>> {
        let known = match self.flags.entry(env) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let text = "SELECT name FROM seen_flags WHERE env = $1";
                let names = db.rows(text, vals![env], |row| Ok(hash_of_value(row.text(0)?))).await?;
                place.insert(names.into_iter().collect())
            }
        };
        let mut too_many = Vec::new();
        for key in keys {
            let hash = hash_of_value(key);
            if known.len() < MAX_FLAGS {
                known.insert(hash);
            } else if !known.contains(&hash) {
                too_many.push(*key);
            }
        }
        Ok(too_many)
    }

    /// An attribute of a kind, unless the kind has too many.
    pub(crate) async fn attribute(
        &mut self,
        db: &mut Session,
        kind: i64,
        name: &str,
    ) -> Result<Option<&mut Attribute>> {
        let known = match self.attributes.entry(kind) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(attributes_of(db, kind).await?),
        };
        if !known.contains_key(name) {
            if known.len() >= MAX_ATTRIBUTES {
                return Ok(None);
            }
            let text = "INSERT INTO seen_attributes (kind, name, contexts, counted, redacted) VALUES ($1, $2, 0, 0, 0)
                 ON CONFLICT (kind, name) DO UPDATE SET name = excluded.name RETURNING id";
            let id = db.int(text, vals![kind, name]).await?;
            known.insert(name.to_owned(), Attribute { id, counted: 0, redacted: false, values: None });
        }
        Ok(known.get_mut(name))
    }

    /// The attributes of a kind that have these names, ready to be counted by value; others may be among them.
    pub(crate) async fn with_values(
        &mut self,
        db: &mut Session,
        kind: i64,
        names: impl Iterator<Item = &str>,
    ) -> Result<&mut HashMap<String, Attribute>> {
        if self.with_values > MAX_WITH_VALUES {
            self.attributes.values_mut().flat_map(HashMap::values_mut).for_each(|each| each.values = None);
            self.with_values = 0;
        }
        for name in names {
            let Some(attribute) = self.attribute(db, kind, name).await? else { continue };
            if attribute.values.is_none() {
                let text = "SELECT value FROM seen_values WHERE attribute = $1";
                let values = db.rows(text, vals![attribute.id], |row| Ok(hash_of_value(row.text(0)?))).await?;
                attribute.values = Some(values.into_iter().collect());
                self.with_values += 1;
            }
        }
        Ok(self.attributes.entry(kind).or_default())
    }
}

async fn senders_of(db: &mut Session, env: i64) -> Result<HashMap<Sender, (i64, Millis)>> {
    let text = "SELECT type, sdk, sdk_version, application, application_version, id, last_seen
         FROM seen_senders WHERE env = $1";
    let rows = db.rows(text, vals![env], |row| Ok((sender_row(row, 0)?, (row.int(5)?, row.int(6)?)))).await?;
    Ok(rows.into_iter().collect())
}

/// A sender in five columns.
pub(crate) fn sender_row(row: &Row<'_>, from: usize) -> Result<Sender> {
    Ok(Sender {
        kind: SenderKind::parse(row.text(from)?),
        sdk: row.text(from + 1)?.into(),
        sdk_version: row.text(from + 2)?.into(),
        application: row.text(from + 3)?.into(),
        application_version: row.text(from + 4)?.into(),
    })
}

async fn listed(db: &mut Session, text: &'static str, env: i64) -> Result<HashMap<String, i64>> {
    let rows = db.rows(text, vals![env], |row| Ok((row.text(0)?.to_owned(), row.int(1)?))).await?;
    Ok(rows.into_iter().collect())
}

async fn attributes_of(db: &mut Session, kind: i64) -> Result<HashMap<String, Attribute>> {
    let text = "SELECT name, id, counted, redacted FROM seen_attributes WHERE kind = $1";
    let rows = db.rows(text, vals![kind], |row| {
        let attribute = Attribute { id: row.int(1)?, counted: row.int(2)?, redacted: row.int(3)? != 0, values: None };
        Ok((row.text(0)?.to_owned(), attribute))
    });
    Ok(rows.await?.into_iter().collect())
}
