//! Contexts of one kind each: new ones, changed ones, and those merely seen again.

use super::index::{Changes, apply};
use super::{GRAIN, LOOKUP};
use crate::Result;
use crate::sql::Val;
use crate::volume::facts::Facts;
use crate::volume::names::Names;
use crate::volume::session::{Session, both, vals};
use crate::volume::types::Sighting;
use std::collections::{BTreeMap, HashMap};
use wigwag_model::clock::Millis;

/// Ids of contexts by the number of their kind and their key.
pub(super) type Ids = HashMap<(i64, String), i64>;

/// What a batch says about one context.
struct Seen<'a> {
    env: i64,
    kind: &'a str,
    app: i64,
    at: Millis,
    body: Option<&'a str>,
}

/// The same as it is stored.
struct Stored {
    id: i64,
    app: i64,
    last_seen: Millis,
    body: String,
}

pub(super) async fn record(db: &mut Session, names: &mut Names, sightings: &[Sighting]) -> Result<Ids> {
    let seen = gathered(db, names, sightings).await?;
    let mut ids = Ids::new();
    for (kind, contexts) in seen {
        let found = stored(db, kind, contexts.keys().map(|key| (*key).to_owned()).collect()).await?;
        for (key, id) in of_kind(db, names, kind, &contexts, found).await? {
            ids.insert((kind, key), id);
        }
    }
    Ok(ids)
}

/// By kind and key, in order: the last word on each.
async fn gathered<'a>(
    db: &mut Session,
    names: &mut Names,
    sightings: &'a [Sighting],
) -> Result<BTreeMap<i64, BTreeMap<&'a str, Seen<'a>>>> {
    let mut all: BTreeMap<i64, BTreeMap<&str, Seen<'_>>> = BTreeMap::new();
    for sighting in sightings {
        let env = names.env(db, &sighting.env).await?;
        let app = names.app(db, env, &sighting.application).await?;
        for part in &sighting.parts {
            let Some(kind) = names.kind(db, env, &part.kind, sighting.at).await? else { continue };
            let seen = Seen { env, kind: &part.kind, app, at: sighting.at, body: part.body.as_deref() };
            all.entry(kind)
                .or_default()
                .entry(&part.key)
                .and_modify(|known| {
                    known.at = known.at.max(seen.at);
                    known.app = if seen.app == 0 { known.app } else { seen.app };
                    known.body = seen.body.or(known.body);
                })
                .or_insert(seen);
        }
    }
    Ok(all)
}

async fn stored(db: &mut Session, kind: i64, keys: Vec<String>) -> Result<HashMap<String, Stored>> {
    let text =
        both!(db, "SELECT key, id, app, last_seen, body FROM seen_contexts WHERE kind = $1 AND key IN ", "$2", "");
    let mut found = HashMap::with_capacity(keys.len());
    for some in keys.chunks(LOOKUP) {
        let rows = db.rows(text, vals![kind, some.to_vec()], |row| {
            let stored =
                Stored { id: row.int(1)?, app: row.int(2)?, last_seen: row.int(3)?, body: row.text(4)?.into() };
            Ok((row.text(0)?.to_owned(), stored))
        });
        found.extend(rows.await?);
    }
    Ok(found)
}

/// Writes the contexts of one kind and answers the id of each.
async fn of_kind(
    db: &mut Session,
    names: &mut Names,
    kind: i64,
    contexts: &BTreeMap<&str, Seen<'_>>,
    found: HashMap<String, Stored>,
) -> Result<Vec<(String, i64)>> {
    let (mut new, mut changed, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let mut ids = Vec::with_capacity(contexts.len());
    let mut changes = Changes::default();
    for (key, seen) in contexts {
        let Some(stored) = found.get(*key) else {
            new.push((*key, seen));
            continue;
        };
        ids.push(((*key).to_owned(), stored.id));
        let app = if seen.app == 0 { stored.app } else { seen.app };
        let at = seen.at.max(stored.last_seen);
        match seen.body.filter(|body| *body != stored.body) {
            Some(body) => {
                changes.note(stored.id, Facts::of(&stored.body), Facts::of(body));
                changed.push(vals![stored.id, app, at, body]);
            }
            None if at - stored.last_seen >= GRAIN || app != stored.app => again.push(vals![stored.id, app, at]),
            None => {}
        }
    }
    db.run("UPDATE seen_contexts SET app = $2, last_seen = $3, body = $4 WHERE id = $1", changed).await?;
    db.run("UPDATE seen_contexts SET app = $2, last_seen = $3 WHERE id = $1", again).await?;
    for (key, id) in insert(db, kind, &new, &mut changes).await? {
        ids.push((key, id));
    }
    let latest = contexts.values().map(|seen| seen.at).max().unwrap_or(0);
    let text = "UPDATE seen_kinds SET contexts = contexts + $2,
          last_seen = CASE WHEN last_seen < $3 THEN $3 ELSE last_seen END
         WHERE id = $1 AND ($2 > 0 OR last_seen <= $4)";
    db.run(text, vec![vals![kind, new.len() as u64, latest, latest - GRAIN]]).await?;
    apply(db, names, kind, changes).await?;
    Ok(ids)
}

async fn insert(
    db: &mut Session,
    kind: i64,
    new: &[(&str, &Seen<'_>)],
    changes: &mut Changes,
) -> Result<Vec<(String, i64)>> {
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let body = |key: &str, seen: &Seen<'_>| match seen.body {
        Some(body) => body.to_owned(),
        None => format!("{{\"kind\":{},\"key\":{}}}", json(seen.kind), json(key)),
    };
    let bodies: Vec<String> = new.iter().map(|(key, seen)| body(key, seen)).collect();
    let row = |((key, seen), body): (&(&str, &Seen<'_>), &String)| -> Vec<Val> {
        vals![seen.env, kind, *key, seen.app, seen.at, body.as_str()]
    };
    let rows = new.iter().zip(&bodies).map(row).collect();
    let text = "INSERT INTO seen_contexts (env, kind, key, app, first_seen, last_seen, body)
         VALUES ($1, $2, $3, $4, $5, $5, $6)
         ON CONFLICT (kind, key) DO UPDATE SET last_seen = excluded.last_seen RETURNING id";
    let made = db.many(text, rows, |row| row.int(0)).await?;
    let mut ids = Vec::with_capacity(new.len());
    for (((key, _), facts), id) in new.iter().zip(Facts::of_all(&bodies)).zip(made) {
        let Some(id) = id.first() else { continue };
        changes.note(*id, Facts::default(), facts);
        ids.push(((*key).to_owned(), *id));
    }
    Ok(ids)
}
