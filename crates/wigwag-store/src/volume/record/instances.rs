//! Contexts that were sent together.

use super::contexts::Ids;
use super::{GRAIN, LOOKUP};
use crate::Result;
use crate::volume::hash::{hash_of, short_of};
use crate::volume::names::Names;
use crate::volume::session::{Session, vals};
use crate::volume::types::{Part, Sighting};
use std::collections::{BTreeMap, HashMap};
use wigwag_model::clock::Millis;

struct Seen<'a> {
    app: i64,
    at: Millis,
    anonymous: String,
    body: String,
    parts: Vec<i64>,
    source: &'a [Part],
}

struct Stored {
    id: i64,
    app: i64,
    last_seen: Millis,
    body: String,
}

pub(super) async fn record(db: &mut Session, names: &mut Names, sightings: &[Sighting], ids: &Ids) -> Result<()> {
    let mut all: BTreeMap<i64, BTreeMap<String, Seen<'_>>> = BTreeMap::new();
    for sighting in sightings.iter().filter(|sighting| !sighting.parts.is_empty()) {
        let env = names.env(db, &sighting.env).await?;
        let app = names.app(db, env, &sighting.application).await?;
        let mut parts = Vec::with_capacity(sighting.parts.len());
        for part in &sighting.parts {
            let kind = names.kind(db, env, &part.kind, sighting.at).await?;
            parts.extend(kind.and_then(|kind| ids.get(&(kind, part.key.clone()))));
        }
        if parts.len() < sighting.parts.len() {
            continue; // Of a kind too many.
        }
        let seen = Seen {
            app,
            at: sighting.at,
            anonymous: sighting.anonymous.join(","),
            body: body(&sighting.parts),
            parts,
            source: &sighting.parts,
        };
        let hash = hash_of(sighting.parts.iter().map(|part| (part.kind.as_str(), part.key.as_str())));
        let known = all.entry(env).or_default();
        // One that only names its keys does not replace what an earlier one told.
        let told = seen.source.iter().all(|part| part.body.is_some());
        match known.get_mut(&hash) {
            Some(before) if !told => {
                before.at = before.at.max(seen.at);
            }
            _ => drop(known.insert(hash, seen)),
        }
    }
    for (env, instances) in all {
        of_env(db, env, &instances).await?;
    }
    Ok(())
}

/// The context of several kinds as JSON; nothing for one part, whose body is kept already.
fn body(parts: &[Part]) -> String {
    if parts.len() < 2 {
        return String::new();
    }
    let mut multi = serde_json::Map::new();
    multi.insert("kind".into(), "multi".into());
    for part in parts {
        let body = part.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
        let mut body: serde_json::Map<_, _> = body.unwrap_or_default();
        body.shift_remove("kind");
        body.entry("key").or_insert_with(|| part.key.as_str().into());
        multi.insert(part.kind.clone(), body.into());
    }
    serde_json::Value::from(multi).to_string()
}

async fn of_env(db: &mut Session, env: i64, instances: &BTreeMap<String, Seen<'_>>) -> Result<()> {
    let found = stored(db, env, instances.keys().cloned().collect()).await?;
    let (mut new, mut changed, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for (hash, seen) in instances {
        let Some(stored) = found.get(hash) else {
            new.push((hash, seen));
            continue;
        };
        let told = seen.source.iter().all(|part| part.body.is_some());
        let app = if seen.app == 0 { stored.app } else { seen.app };
        let at = seen.at.max(stored.last_seen);
        if told && seen.body != stored.body {
            changed.push(vals![stored.id, app, at, seen.body.as_str(), seen.anonymous.as_str()]);
        } else if at - stored.last_seen >= GRAIN || app != stored.app {
            again.push(vals![stored.id, app, at]);
        }
    }
    let text = "UPDATE seen_instances SET app = $2, last_seen = $3, body = $4, anonymous = $5 WHERE id = $1";
    db.run(text, changed).await?;
    db.run("UPDATE seen_instances SET app = $2, last_seen = $3 WHERE id = $1", again).await?;
    let rows = new.iter().map(|(hash, seen)| {
        vals![env, short_of(env, hash), hash.as_str(), seen.app, seen.anonymous.as_str(), seen.at, seen.body.as_str()]
    });
    let text = "INSERT INTO seen_instances (env, short, hash, app, anonymous, first_seen, last_seen, body)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7) RETURNING id";
    let made = db.many(text, rows.collect(), |row| row.int(0)).await?;
    let mut parts = Vec::new();
    for ((_, seen), id) in new.iter().zip(made) {
        let Some(id) = id.first() else { continue };
        parts.extend(seen.parts.iter().map(|part| vals![*part, *id]));
    }
    db.run("INSERT INTO seen_parts (context, instance) VALUES ($1, $2) ON CONFLICT DO NOTHING", parts).await
}

/// The plus keeps SQLite from going through the whole environment: without figures it takes that for the least work.
const STORED: &str = "SELECT hash, id, app, last_seen, body FROM seen_instances
     WHERE short IN (SELECT CAST(value AS INTEGER) FROM json_each($1)) AND +env = $2";
const STORED_ON_SERVER: &str = "SELECT hash, id, app, last_seen, body FROM seen_instances
     WHERE short = ANY($1::text[]::bigint[]) AND env = $2";

async fn stored(db: &mut Session, env: i64, hashes: Vec<String>) -> Result<HashMap<String, Stored>> {
    let text = if db.is_postgres() { STORED_ON_SERVER } else { STORED };
    let mut found = HashMap::with_capacity(hashes.len());
    for some in hashes.chunks(LOOKUP) {
        let shorts: Vec<String> = some.iter().map(|hash| short_of(env, hash).to_string()).collect();
        let rows = db.rows(text, vals![shorts, env], |row| {
            let stored =
                Stored { id: row.int(1)?, app: row.int(2)?, last_seen: row.int(3)?, body: row.text(4)?.into() };
            Ok((row.text(0)?.to_owned(), stored))
        });
        found.extend(rows.await?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    /// What is known of five hundred instances is looked up, however many there are.
    #[test]
    fn instances_are_looked_up_by_their_short_number() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        crate::migrate::EVENTS.iter().for_each(|step| db.execute_batch(step.text).unwrap());
        let text = format!("EXPLAIN QUERY PLAN {}", super::STORED.replace('$', "?"));
        let mut plan = db.prepare(&text).unwrap();
        let steps = plan.query_map(("[]", 1), |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<_> = steps.map(Result::unwrap).collect();
        assert!(steps.iter().any(|step| step.contains("seen_instances_by_short")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.contains("by_time") || step.starts_with("SCAN seen")), "{steps:?}");
    }
}
