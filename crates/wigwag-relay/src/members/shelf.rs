//! The copies on disk: a database file, since there may be millions of members.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use wigwag_live::MemberQuestion;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS cursors (env TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS segments (id INTEGER PRIMARY KEY, env TEXT NOT NULL, segment TEXT NOT NULL,
        UNIQUE (env, segment));
    CREATE TABLE IF NOT EXISTS members (segment INTEGER NOT NULL, hash BLOB NOT NULL, excluded INTEGER NOT NULL,
        PRIMARY KEY (segment, hash, excluded)) WITHOUT ROWID;";

/// What is to be done to a copy, as the upstream tells it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Patch {
    #[serde(default)]
    environment_id: String,
    /// The segment's key and generation: `KEY.gN`.
    segment_id: String,
    version: String,
    #[serde(default)]
    previous_version: String,
    #[serde(default)]
    changes: Changes,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Changes {
    included: Moves,
    excluded: Moves,
}

/// Hashes of keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Moves {
    add: Vec<String>,
    remove: Vec<String>,
}

/// What became of patches.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// All were applied; the keys of the segments whose members changed.
    All(BTreeSet<Box<str>>),
    /// One does not follow on what the copy has. Those before it were applied.
    Gap,
}

/// A database file with the copies of all environments. Its calls block.
#[derive(Clone)]
pub(crate) struct MemberShelf(Arc<Mutex<Connection>>);

impl MemberShelf {
    /// Opens the file, which is made if it is missing.
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Where the copy of an environment is; empty where there is none.
    pub(crate) fn cursor(&self, env: &str) -> rusqlite::Result<String> {
        cursor(&self.0.lock(), env)
    }

    /// Applies patches in order, those of the environment that follow on what it has.
    pub(crate) fn apply(&self, env: &str, patches: &[Patch]) -> rusqlite::Result<Applied> {
        let mut connection = self.0.lock();
        let transaction = connection.transaction()?;
        let mut at = cursor(&transaction, env)?;
        let mut changed = BTreeSet::new();
        let mut gap = false;
        for patch in patches.iter().filter(|patch| patch.environment_id.is_empty() || patch.environment_id == env) {
            gap = !at.is_empty() && patch.previous_version != at;
            if gap {
                break;
            }
            write(&transaction, env, patch)?;
            at.clone_from(&patch.version);
            changed.insert(key_of(&patch.segment_id).into());
        }
        transaction.execute("INSERT OR REPLACE INTO cursors VALUES (?1, ?2)", params![env, at])?;
        transaction.commit()?;
        Ok(if gap { Applied::Gap } else { Applied::All(changed) })
    }

    /// Whether each key is included or excluded.
    pub(crate) fn look_up(&self, env: &str, questions: &[MemberQuestion]) -> rusqlite::Result<Vec<Option<bool>>> {
        const LOOK: &str = "SELECT min(m.excluded) FROM segments s JOIN members m ON m.segment = s.id
            WHERE s.env = ?1 AND s.segment = ?2 AND m.hash = ?3";
        let connection = self.0.lock();
        let mut look = connection.prepare_cached(LOOK)?;
        let one = |question: &MemberQuestion| {
            let segment = format!("{}.g{}", question.segment, question.generation);
            let hash = Sha256::digest(question.key.as_bytes());
            // Inclusion beats exclusion.
            let found = look.query_row(params![env, segment, &hash[..]], |row| row.get::<_, Option<bool>>(0))?;
            Ok(found.map(|excluded| !excluded))
        };
        questions.iter().map(one).collect()
    }

    /// Forgets an environment.
    pub(crate) fn forget(&self, env: &str) -> rusqlite::Result<()> {
        let mut connection = self.0.lock();
        let transaction = connection.transaction()?;
        transaction
            .execute("DELETE FROM members WHERE segment IN (SELECT id FROM segments WHERE env = ?1)", params![env])?;
        transaction.execute("DELETE FROM segments WHERE env = ?1", params![env])?;
        transaction.execute("DELETE FROM cursors WHERE env = ?1", params![env])?;
        transaction.commit()
    }
}

fn cursor(connection: &Connection, env: &str) -> rusqlite::Result<String> {
    let found = connection.query_row("SELECT version FROM cursors WHERE env = ?1", params![env], |row| row.get(0));
    Ok(found.optional()?.unwrap_or_default())
}

fn write(transaction: &Transaction<'_>, env: &str, patch: &Patch) -> rusqlite::Result<()> {
    transaction
        .execute("INSERT OR IGNORE INTO segments (env, segment) VALUES (?1, ?2)", params![env, patch.segment_id])?;
    let id: i64 = transaction.query_row(
        "SELECT id FROM segments WHERE env = ?1 AND segment = ?2",
        params![env, patch.segment_id],
        |row| row.get(0),
    )?;
    // Lists that began anew leave the old ones behind.
    if let Some((key, generation)) =
        patch.segment_id.rsplit_once(".g").and_then(|(k, g)| Some((k, g.parse::<i64>().ok()?)))
    {
        drop_older(transaction, env, key, generation)?;
    }
    let mut add = transaction.prepare_cached("INSERT OR IGNORE INTO members VALUES (?1, ?2, ?3)")?;
    let mut remove =
        transaction.prepare_cached("DELETE FROM members WHERE segment = ?1 AND hash = ?2 AND excluded = ?3")?;
    for (moves, excluded) in [(&patch.changes.included, false), (&patch.changes.excluded, true)] {
        for hash in moves.add.iter().filter_map(|hash| decoded(hash)) {
            add.execute(params![id, hash, excluded])?;
        }
        for hash in moves.remove.iter().filter_map(|hash| decoded(hash)) {
            remove.execute(params![id, hash, excluded])?;
        }
    }
    Ok(())
}

/// Throws away all generations of a segment but this one and the one before it, which flags may still name.
fn drop_older(transaction: &Transaction<'_>, env: &str, key: &str, generation: i64) -> rusqlite::Result<()> {
    let mut listed = transaction.prepare_cached("SELECT id, segment FROM segments WHERE env = ?1")?;
    let rows = listed.query_map(params![env], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
    for row in rows.collect::<rusqlite::Result<Vec<_>>>()? {
        let of = row.1.rsplit_once(".g").and_then(|(k, g)| Some((k, g.parse::<i64>().ok()?)));
        if of.is_some_and(|(of, older)| of == key && older + 1 < generation) {
            transaction.execute("DELETE FROM members WHERE segment = ?1", params![row.0])?;
            transaction.execute("DELETE FROM segments WHERE id = ?1", params![row.0])?;
        }
    }
    Ok(())
}

/// The key in `KEY.gN`.
fn key_of(segment: &str) -> &str {
    segment.rsplit_once(".g").map_or(segment, |(key, _)| key)
}

/// A hash as it is told: base64 of the standard alphabet. What is not one is nobody's.
fn decoded(hash: &str) -> Option<Vec<u8>> {
    base64::Engine::decode(&base64::prelude::BASE64_STANDARD, hash).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn hash(key: &str) -> String {
        base64::Engine::encode(&base64::prelude::BASE64_STANDARD, Sha256::digest(key.as_bytes()))
    }

    fn patch(from: &str, to: &str, segment: &str, changes: serde_json::Value) -> Patch {
        let patch = json!({"environmentId": "e", "segmentId": segment, "previousVersion": from, "version": to,
            "changes": changes});
        serde_json::from_value(patch).unwrap()
    }

    fn add(key: &str) -> serde_json::Value {
        json!({"included": {"add": [hash(key)], "remove": []}, "excluded": {"add": [], "remove": []}})
    }

    #[test]
    fn patches_apply_in_order_and_only_then() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("members.db");
        let shelf = MemberShelf::open(&path).unwrap();
        let changed = |keys: &[&str]| Applied::All(keys.iter().map(|key| Box::from(*key)).collect());
        let first = [
            patch("", "1", "s.g1", add("a")),
            patch("1", "2", "s.g1", json!({"excluded": {"add": [hash("b"), hash("a")]}})),
        ];
        assert_eq!(shelf.apply("e", &first).unwrap(), changed(&["s"]));
        assert_eq!(shelf.apply("e", &[patch("7", "8", "s.g1", add("c"))]).unwrap(), Applied::Gap);
        assert_eq!(shelf.cursor("e").unwrap(), "2");
        let ask = |shelf: &MemberShelf, env: &str, segment: &str, generation: i64| {
            let question = |key: &str| MemberQuestion { segment: segment.into(), generation, key: key.into() };
            shelf.look_up(env, &["a", "b", "c"].map(question)).unwrap()
        };
        let standing = [Some(true), Some(false), None];
        assert_eq!(ask(&shelf, "e", "s", 1), standing);
        assert_eq!(ask(&shelf, "f", "s", 1), [None; 3]);
        assert_eq!(ask(&shelf, "e", "s", 2), [None; 3]);
        drop(shelf);
        let shelf = MemberShelf::open(&path).unwrap();
        assert_eq!(ask(&shelf, "e", "s", 1), standing, "it is on disk");
        // Of another environment: passed over, and no gap.
        let other = Patch { environment_id: "f".to_owned(), ..patch("9", "10", "s.g1", add("c")) };
        assert_eq!(shelf.apply("e", &[other]).unwrap(), changed(&[]));
        let gone = json!({"included": {"remove": [hash("a")]}});
        assert_eq!(shelf.apply("e", &[patch("2", "3", "s.g1", gone)]).unwrap(), changed(&["s"]));
        assert_eq!(ask(&shelf, "e", "s", 1), [Some(false), Some(false), None]);
        shelf.apply("e", &[patch("3", "4", "s.g3", add("c"))]).unwrap();
        assert_eq!((ask(&shelf, "e", "s", 1), ask(&shelf, "e", "s", 3)), (vec![None; 3], vec![None, None, Some(true)]));
        shelf.forget("e").unwrap();
        assert_eq!((ask(&shelf, "e", "s", 3), shelf.cursor("e").unwrap()), (vec![None; 3], String::new()));
    }
}
