//! What is counted besides evaluations.

use crate::Result;
use crate::volume::measure::{Grain, Sender};
use crate::volume::names::Names;
use crate::volume::session::{Session, vals};
use crate::volume::sketch::Sketch;
use crate::volume::types::{MetricEvent, Tally, Unique};
use std::collections::BTreeMap;
use wigwag_model::clock::Millis;

/// Longer names are not counted by.
const MAX_NAME: usize = 400;
/// Longer keys of contexts are not kept with events of metrics.
const MAX_CONTEXTS: usize = 4096;

/// Adds to what is counted in minutes, hours and days.
pub(super) async fn tallies(db: &mut Session, names: &mut Names, tallies: &[Tally]) -> Result<()> {
    let (mut sums, mut peaks) = (BTreeMap::new(), BTreeMap::new());
    for tally in tallies.iter().filter(|tally| tally.name.len() <= MAX_NAME) {
        let env = names.env(db, &tally.env).await?;
        let name = if tally.name.is_empty() { Some(0) } else { names.name(db, env, &tally.name).await? };
        let Some(name) = name else { continue };
        let sender = names.sender(db, env, &tally.sender, tally.at).await?;
        for grain in Grain::ALL {
            let key = (env, tally.measure.number(), grain.number(), grain.bucket(tally.at), name, sender);
            if tally.measure.is_peak() {
                let peak = peaks.entry(key).or_insert(0);
                *peak = tally.count.max(*peak);
            } else {
                *sums.entry(key).or_insert(0) += tally.count;
            }
        }
    }
    let rows = |all: BTreeMap<_, u64>| {
        let row = |((env, measure, grain, bucket, name, sender), count): ((i64, i64, i64, i64, i64, i64), u64)| {
            vals![env, measure, grain, bucket, name, sender, count]
        };
        all.into_iter().map(row).collect::<Vec<_>>()
    };
    let text = "INSERT INTO seen_counts (env, measure, grain, bucket, name, sender, count)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (env, measure, grain, bucket, name, sender)
         DO UPDATE SET count = seen_counts.count + excluded.count";
    db.run(text, rows(sums)).await?;
    let text = "INSERT INTO seen_counts (env, measure, grain, bucket, name, sender, count)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (env, measure, grain, bucket, name, sender)
         DO UPDATE SET count = excluded.count WHERE excluded.count > seen_counts.count";
    db.run(text, rows(peaks)).await
}

/// Adds to the contexts seen each day. Versions of SDKs and applications are not told apart.
pub(super) async fn uniques(db: &mut Session, names: &mut Names, uniques: &[Unique]) -> Result<()> {
    let mut seen: BTreeMap<(i64, i64, i64, bool, i64), Vec<u64>> = BTreeMap::new();
    for unique in uniques {
        let env = names.env(db, &unique.env).await?;
        let Some(kind) = names.name(db, env, &unique.kind).await? else { continue };
        let sender = without_versions(&unique.sender);
        let sender = names.sender(db, env, &sender, unique.at).await?;
        let key = (env, Grain::Day.bucket(unique.at), kind, unique.anonymous, sender);
        seen.entry(key).or_default().push(unique.hash);
    }
    let mut rows = Vec::new();
    for ((env, day, kind, anonymous, sender), hashes) in seen {
        let anonymous = i64::from(anonymous);
        let text = "SELECT sketch FROM seen_uniques
             WHERE env = $1 AND day = $2 AND kind = $3 AND anonymous = $4 AND sender = $5";
        let known = db.rows(text, vals![env, day, kind, anonymous, sender], |row| row.bytes(0)).await?.pop();
        let mut sketch = known.and_then(|bytes| Sketch::from_bytes(&bytes)).unwrap_or_default();
        let changed = hashes.into_iter().filter(|hash| sketch.add(*hash)).count() > 0;
        if changed {
            rows.push(vals![env, day, kind, anonymous, sender, sketch.to_bytes()]);
        }
    }
    let text = "INSERT INTO seen_uniques (env, day, kind, anonymous, sender, sketch) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (env, day, kind, anonymous, sender) DO UPDATE SET sketch = excluded.sketch";
    db.run(text, rows).await
}

fn without_versions(sender: &Sender) -> Sender {
    Sender { sdk_version: Box::default(), application_version: Box::default(), ..sender.clone() }
}

/// Keeps events of metrics.
pub(super) async fn metrics(db: &mut Session, names: &mut Names, events: &[MetricEvent]) -> Result<()> {
    let mut rows = Vec::with_capacity(events.len());
    for event in events.iter().filter(|event| event.key.len() <= MAX_NAME && event.contexts.len() <= MAX_CONTEXTS) {
        let env = names.env(db, &event.env).await?;
        let Some(name) = names.name(db, env, &event.key).await? else { continue };
        let at: Millis = event.at;
        rows.push(vals![env, name, at, bits_of(event.value), &*event.contexts]);
    }
    db.run("INSERT INTO seen_metrics (env, name, at, value, contexts) VALUES ($1, $2, $3, $4, $5)", rows).await
}

/// A number as the database has it: its bits, those of no number for none.
fn bits_of(value: Option<f64>) -> i64 {
    value.unwrap_or(f64::NAN).to_bits().cast_signed()
}
