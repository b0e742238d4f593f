//! How often flags were evaluated.

use crate::Result;
use crate::volume::measure::Grain;
use crate::volume::names::Names;
use crate::volume::session::{Session, vals};
use crate::volume::types::{Count, Usage};
use std::collections::{BTreeMap, BTreeSet};

/// The fallback of the code, among variations.
pub(crate) const FALLBACK: i64 = -1;
/// Flag keys are longer nowhere; what SDKs make up is cut off.
const MAX_FLAG: usize = 400;
/// Longer fallbacks are not kept.
const MAX_FALLBACK: usize = 4096;

#[derive(Default)]
struct Sum<'a> {
    last: i64,
    fallback: Option<&'a str>,
    /// By grain, bucket, variation, version and sender.
    counts: BTreeMap<[i64; 5], u64>,
    kinds: BTreeMap<&'a str, i64>,
    apps: BTreeMap<i64, i64>,
}

/// Answers how many flags were not counted.
pub(super) async fn record(db: &mut Session, names: &mut Names, usage: &[Usage]) -> Result<u64> {
    let mut sums: BTreeMap<(i64, &str), Sum<'_>> = BTreeMap::new();
    for each in usage.iter().filter(|each| each.flag.len() <= MAX_FLAG) {
        let env = names.env(db, &each.env).await?;
        let app = names.app(db, env, &each.application).await?;
        let sender = names.sender(db, env, &each.sender, each.at).await?;
        let sum = sums.entry((env, &each.flag)).or_default();
        sum.last = sum.last.max(each.at);
        sum.fallback = each.fallback.as_deref().filter(|text| text.len() <= MAX_FALLBACK).or(sum.fallback);
        for Count { variation, version, count } in &each.counts {
            let variation = variation.map_or(FALLBACK, i64::from);
            for grain in Grain::ALL {
                let key = [grain.number(), grain.bucket(each.at), variation, i64::from(*version), sender];
                *sum.counts.entry(key).or_default() += count;
            }
        }
        each.kinds.iter().for_each(|kind| note(&mut sum.kinds, kind.as_str(), each.at));
        if app != 0 {
            note(&mut sum.apps, app, each.at);
        }
    }
    let refused = bound(db, names, &mut sums).await?;
    write(db, sums).await.map(|()| refused)
}

/// Leaves out flags that would be too many of their environment. Answers how many.
async fn bound(db: &mut Session, names: &mut Names, sums: &mut BTreeMap<(i64, &str), Sum<'_>>) -> Result<u64> {
    let envs: BTreeSet<i64> = sums.keys().map(|(env, _)| *env).collect();
    let mut refused = 0;
    for env in envs {
        let keys: Vec<&str> = sums.keys().filter(|(of, _)| *of == env).map(|(_, flag)| *flag).collect();
        let too_many = names.flags_too_many(db, env, &keys).await?;
        refused += too_many.len() as u64;
        too_many.into_iter().for_each(|flag| drop(sums.remove(&(env, flag))));
    }
    Ok(refused)
}

fn note<K: Ord>(map: &mut BTreeMap<K, i64>, key: K, at: i64) {
    let known = map.entry(key).or_insert(at);
    *known = at.max(*known);
}

async fn write(db: &mut Session, sums: BTreeMap<(i64, &str), Sum<'_>>) -> Result<()> {
    let rows = sums.iter().map(|((env, flag), sum)| vals![*env, *flag, sum.last, sum.fallback.unwrap_or("")]).collect();
    let text = "INSERT INTO seen_flags (env, name, last_requested, fallback) VALUES ($1, $2, $3, $4)
         ON CONFLICT (env, name) DO UPDATE SET
          last_requested = CASE WHEN excluded.last_requested > seen_flags.last_requested
                                THEN excluded.last_requested ELSE seen_flags.last_requested END,
          fallback = CASE WHEN excluded.fallback <> '' THEN excluded.fallback ELSE seen_flags.fallback END
         RETURNING id";
    let ids = db.many(text, rows, |row| row.int(0)).await?;
    let (mut counts, mut kinds, mut apps) = (Vec::new(), Vec::new(), Vec::new());
    for (sum, id) in sums.values().zip(ids) {
        let Some(id) = id.first() else { continue };
        let row = |([grain, bucket, variation, version, sender], n): (&[i64; 5], &u64)| {
            vals![*id, *grain, *bucket, *variation, *version, *sender, *n]
        };
        counts.extend(sum.counts.iter().map(row));
        kinds.extend(sum.kinds.iter().map(|(kind, at)| vals![*id, *kind, *at]));
        apps.extend(sum.apps.iter().map(|(app, at)| vals![*id, *app, *at]));
    }
    let text = "INSERT INTO seen_evaluations (flag, grain, bucket, variation, version, sender, count)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (flag, grain, bucket, variation, version, sender)
         DO UPDATE SET count = seen_evaluations.count + excluded.count";
    db.run(text, counts).await?;
    let text = "INSERT INTO seen_flag_kinds (flag, kind, last_seen) VALUES ($1, $2, $3)
         ON CONFLICT (flag, kind) DO UPDATE SET last_seen = excluded.last_seen
         WHERE excluded.last_seen > seen_flag_kinds.last_seen + 60000";
    db.run(text, kinds).await?;
    let text = "INSERT INTO seen_flag_apps (flag, app, last_seen) VALUES ($1, $2, $3)
         ON CONFLICT (flag, app) DO UPDATE SET last_seen = excluded.last_seen
         WHERE excluded.last_seen > seen_flag_apps.last_seen + 60000";
    db.run(text, apps).await
}
