//! The index of attributes: what came and what went, and how many contexts have each value.

use crate::Result;
use crate::volume::facts::{Fact, Facts, WORDS};
use crate::volume::names::{MAX_COUNTED, Names};
use crate::volume::session::{Session, vals};
use std::collections::{BTreeMap, BTreeSet};

/// Changes of the index of one kind.
#[derive(Default)]
pub(crate) struct Changes {
    added: Vec<(i64, Fact)>,
    removed: Vec<(i64, Fact)>,
    /// By attribute: how many more contexts have it.
    attributes: BTreeMap<String, i64>,
    redacted: BTreeSet<String>,
    /// By attribute and value: how many more contexts have it.
    values: BTreeMap<(String, String), i64>,
}

impl Changes {
    /// A context's facts were `old` and are `new`.
    pub(crate) fn note(&mut self, context: i64, old: &Facts, new: &Facts) {
        for fact in old.list.iter().filter(|fact| new.list.binary_search(fact).is_err()) {
            self.count(fact, -1);
            self.removed.push((context, fact.clone()));
        }
        for fact in new.list.iter().filter(|fact| old.list.binary_search(fact).is_err()) {
            self.count(fact, 1);
            self.added.push((context, fact.clone()));
        }
        let (had, has) = (names(old), names(new));
        had.difference(&has).for_each(|name| *self.attributes.entry((*name).to_owned()).or_default() -= 1);
        has.difference(&had).for_each(|name| *self.attributes.entry((*name).to_owned()).or_default() += 1);
        self.redacted.extend(new.redacted.iter().cloned());
    }

    fn count(&mut self, fact: &Fact, by: i64) {
        if fact.name != WORDS {
            *self.values.entry((fact.name.clone(), fact.value.clone())).or_default() += by;
        }
    }
}

/// Attributes that a context has, those left out by its SDK included.
fn names(facts: &Facts) -> BTreeSet<&str> {
    facts.list.iter().map(|fact| fact.name.as_str()).chain(facts.redacted.iter().map(String::as_str)).collect()
}

/// Writes the changes of one kind.
pub(crate) async fn apply(db: &mut Session, known: &mut Names, kind: i64, changes: Changes) -> Result<()> {
    count_attributes(db, known, kind, &changes).await?;
    facts(db, known, kind, &changes.removed, false).await?;
    facts(db, known, kind, &changes.added, true).await?;
    count_values(db, known, kind, changes.values).await
}

async fn count_attributes(db: &mut Session, known: &mut Names, kind: i64, changes: &Changes) -> Result<()> {
    let mut counts = Vec::new();
    for (name, by) in changes.attributes.iter().filter(|(_, by)| **by != 0) {
        if let Some(attribute) = known.attribute(db, kind, name).await? {
            counts.push(vals![attribute.id, *by]);
        }
    }
    db.run("UPDATE seen_attributes SET contexts = contexts + $2 WHERE id = $1", counts).await?;
    let mut redacted = Vec::new();
    for name in &changes.redacted {
        if let Some(attribute) = known.attribute(db, kind, name).await?
            && !attribute.redacted
        {
            attribute.redacted = true;
            redacted.push(vals![attribute.id]);
        }
    }
    db.run("UPDATE seen_attributes SET redacted = 1 WHERE id = $1", redacted).await
}

async fn facts(db: &mut Session, known: &mut Names, kind: i64, list: &[(i64, Fact)], add: bool) -> Result<()> {
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    for (context, fact) in list {
        let Some(attribute) = known.attribute(db, kind, &fact.name).await? else { continue };
        texts.push(vals![attribute.id, fact.value.as_str(), *context]);
        numbers.extend(fact.num.map(|num| vals![attribute.id, num, *context]));
    }
    if add {
        db.run("INSERT INTO seen_facts (attribute, value, context) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", texts)
            .await?;
        let text = "INSERT INTO seen_numbers (attribute, num, context) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        return db.run(text, numbers).await;
    }
    db.run("DELETE FROM seen_facts WHERE attribute = $1 AND value = $2 AND context = $3", texts).await?;
    db.run("DELETE FROM seen_numbers WHERE attribute = $1 AND num = $2 AND context = $3", numbers).await
}

/// Counts values, new ones only as long as the attribute does not have too many.
async fn count_values(
    db: &mut Session,
    known: &mut Names,
    kind: i64,
    values: BTreeMap<(String, String), i64>,
) -> Result<()> {
    let (mut rows, mut which) = (Vec::new(), Vec::new());
    for ((name, value), by) in values.into_iter().filter(|(_, by)| *by != 0) {
        let Some(attribute) = known.attribute(db, kind, &name).await? else { continue };
        rows.push(vals![attribute.id, value.as_str(), by]);
        which.push((name, value, by));
    }
    let text = "UPDATE seen_values SET contexts = contexts + $3 WHERE attribute = $1 AND value = $2 RETURNING contexts";
    let hit = db.many(text, rows, |row| row.int(0)).await?;
    let (mut new, mut gone, mut counted) = (Vec::new(), Vec::new(), BTreeMap::new());
    for ((name, value, by), hit) in which.into_iter().zip(hit) {
        let Some(attribute) = known.attribute(db, kind, &name).await? else { continue };
        let emptied = hit.first().is_some_and(|left| *left <= 0);
        if emptied {
            attribute.counted -= 1;
            gone.push(vals![attribute.id, value.as_str()]);
        } else if hit.is_empty() && by > 0 && attribute.counted < MAX_COUNTED {
            attribute.counted += 1;
            new.push(vals![attribute.id, value.as_str(), by]);
        } else {
            continue;
        }
        counted.insert(attribute.id, attribute.counted);
    }
    let text = "INSERT INTO seen_values (attribute, value, contexts) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    db.run(text, new).await?;
    db.run("DELETE FROM seen_values WHERE attribute = $1 AND value = $2", gone).await?;
    let counted = counted.into_iter().map(|(id, n)| vals![id, n]).collect();
    db.run("UPDATE seen_attributes SET counted = $2 WHERE id = $1", counted).await
}
