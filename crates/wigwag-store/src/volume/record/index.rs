//! The index of attributes: what came and what went, and how many contexts have each value.

use crate::Result;
use crate::volume::facts::{Fact, Facts, WORDS};
use crate::volume::index::{self, Postings, number, posting, text};
use crate::volume::names::{Attribute, MAX_COUNTED, Names, hash_of_value};
use crate::volume::session::{Session, vals};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Changes of the index of one kind.
#[derive(Default)]
pub(crate) struct Changes {
    /// Facts by context that came, or went.
    facts: Vec<(i64, bool, Fact)>,
    /// By attribute: how many more contexts have it.
    attributes: BTreeMap<String, i64>,
    redacted: BTreeSet<String>,
}

impl Changes {
    /// A context's facts were `old` and are `new`.
    pub(crate) fn note(&mut self, context: i64, old: Facts, new: Facts) {
        if old.list.is_empty() && old.redacted.is_empty() && new.redacted.is_empty() {
            // Facts are sorted: those of one attribute follow each other.
            for of_one in new.list.chunk_by(|a, b| a.name == b.name) {
                self.attribute(&of_one[0].name, 1);
            }
            self.facts.extend(new.list.into_iter().map(|fact| (context, false, fact)));
            return;
        }
        let (had, has) = (names(&old), names(&new));
        had.difference(&has).for_each(|name| self.attribute(name, -1));
        has.difference(&had).for_each(|name| self.attribute(name, 1));
        for name in new.redacted {
            self.redacted.insert(name);
        }
        let lost = old.list.iter().filter(|fact| new.list.binary_search(fact).is_err());
        self.facts.extend(lost.map(|fact| (context, true, fact.clone())));
        let won = new.list.into_iter().filter(|fact| old.list.binary_search(fact).is_err());
        self.facts.extend(won.map(|fact| (context, false, fact)));
    }

    fn attribute(&mut self, name: &str, by: i64) {
        if let Some(count) = self.attributes.get_mut(name) {
            *count += by;
        } else {
            self.attributes.insert(name.to_owned(), by);
        }
    }
}

/// Attributes that a context has, those left out by its SDK included.
fn names(facts: &Facts) -> BTreeSet<&str> {
    facts.list.iter().map(|fact| fact.name.as_str()).chain(facts.redacted.iter().map(String::as_str)).collect()
}

/// Writes the changes of one kind.
pub(crate) async fn apply(db: &mut Session, known: &mut Names, kind: i64, changes: Changes) -> Result<()> {
    if changes.facts.is_empty() && changes.attributes.is_empty() && changes.redacted.is_empty() {
        return Ok(());
    }
    count_attributes(db, known, kind, &changes).await?;
    let names: BTreeSet<&str> = changes.facts.iter().map(|(.., fact)| fact.name.as_str()).collect();
    let known = known.with_values(db, kind, names.into_iter()).await?;
    index::add(db, postings(known, &changes.facts)).await?;
    count_values(db, known, &changes.facts).await
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

fn postings(known: &HashMap<String, Attribute>, facts: &[(i64, bool, Fact)]) -> Postings {
    let mut postings = Postings::default();
    for (context, gone, fact) in facts {
        let Some(attribute) = known.get(&fact.name) else { continue };
        let posting = posting(*context, *gone);
        postings.push(&text(attribute.id, &fact.value), posting);
        if let Some(num) = fact.num {
            postings.push(&number(attribute.id, num), posting);
        }
    }
    postings
}

/// Counts values, new ones only as long as the attribute does not have too many.
async fn count_values(
    db: &mut Session,
    known: &mut HashMap<String, Attribute>,
    facts: &[(i64, bool, Fact)],
) -> Result<()> {
    let mut sums: FxHashMap<(i64, u64), (&Fact, i64)> = FxHashMap::default();
    for (_, gone, fact) in facts.iter().filter(|(.., fact)| fact.name != WORDS) {
        let Some(attribute) = known.get(&fact.name) else { continue };
        let hash = hash_of_value(&fact.value);
        let counted = attribute.values.as_ref().is_some_and(|values| values.contains(&hash));
        if counted || attribute.counted < MAX_COUNTED {
            sums.entry((attribute.id, hash)).or_insert((fact, 0)).1 += if *gone { -1 } else { 1 };
        }
    }
    let (mut more, mut less, mut which, mut counted) = (Vec::new(), Vec::new(), Vec::new(), BTreeMap::new());
    let mut sums: Vec<_> = sums.into_iter().filter(|(_, (_, by))| *by != 0).collect();
    sums.sort_unstable_by(|a, b| (a.0.0, &a.1.0.value).cmp(&(b.0.0, &b.1.0.value)));
    for ((id, hash), (fact, by)) in sums {
        let Some(attribute) = known.get_mut(&fact.name) else { continue };
        let Some(values) = attribute.values.as_mut() else { continue };
        if by < 0 {
            less.push(vals![id, fact.value.as_str(), by]);
            which.push((fact, hash));
        } else if values.contains(&hash) || attribute.counted < MAX_COUNTED {
            more.push(vals![id, fact.value.as_str(), by]);
            if values.insert(hash) {
                attribute.counted += 1;
                counted.insert(id, attribute.counted);
            }
        }
    }
    let text = "INSERT INTO seen_values (attribute, value, contexts) VALUES ($1, $2, $3)
         ON CONFLICT (attribute, value) DO UPDATE SET contexts = seen_values.contexts + excluded.contexts";
    db.run(text, more).await?;
    let text = "UPDATE seen_values SET contexts = contexts + $3 WHERE attribute = $1 AND value = $2 RETURNING contexts";
    let left = db.many(text, less, |row| row.int(0)).await?;
    let mut gone = Vec::new();
    for ((fact, hash), left) in which.into_iter().zip(left) {
        let Some(attribute) = known.get_mut(&fact.name).filter(|_| left.first().is_some_and(|left| *left <= 0)) else {
            continue;
        };
        if let Some(values) = &mut attribute.values {
            values.remove(&hash);
        }
        attribute.counted -= 1;
        counted.insert(attribute.id, attribute.counted);
        gone.push(vals![attribute.id, fact.value.as_str()]);
    }
    db.run("DELETE FROM seen_values WHERE attribute = $1 AND value = $2", gone).await?;
    let counted = counted.into_iter().map(|(id, n)| vals![id, n]).collect();
    db.run("UPDATE seen_attributes SET counted = $2 WHERE id = $1", counted).await
}
