//! What a batch of events tells.

mod contexts;
mod fields;
mod keys;
mod metrics;
mod summed;
mod usage;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};
use wigwag_model::clock::Millis;
use wigwag_sdk::{Credential, EventBatch, Origin};
use wigwag_store::volume::{self, Batch, Measure, SenderKind, Tally, Unique, Usage, hash_of_key};

pub(crate) use contexts::hide;
use fields::Events;
pub(crate) use summed::sum;

/// How far a client's clock is believed to lag, in milliseconds; times beyond are taken for ours.
const LATE: Millis = 24 * 60 * 60 * 1000;

/// Flags that one batch may name.
const MAX_FLAGS: usize = 10_000;

/// What all events of a batch share.
struct Sender<'b> {
    env: &'b Arc<str>,
    application: Arc<str>,
    sender: Arc<volume::Sender>,
    received: Millis,
    /// Every evaluation is an event of its own (sdk-protocol.md 6.6).
    unsummarised: bool,
}

impl Sender<'_> {
    fn tally(&self, measure: Measure, name: &str, at: Millis, count: u64) -> Tally {
        Tally { env: self.env.clone(), sender: self.sender.clone(), measure, name: name.into(), at, count }
    }

    /// When something happened, by a clock that may be wrong.
    fn at(&self, said: Option<&Value>) -> Millis {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds are far below the limit")]
        let said = said.and_then(Value::as_f64).map(|at| at as Millis);
        said.filter(|at| (self.received - LATE..=self.received).contains(at)).unwrap_or(self.received)
    }
}

/// Adds what the events of `from` tell. Events of unknown kinds, and those that make no sense, tell nothing. Answers
/// how many evaluations were left out because the batch names more than 10,000 flags.
pub fn read(from: &EventBatch, into: &mut Batch) -> u64 {
    let before = into.usage.len();
    let sender = Sender {
        env: &from.env,
        application: Arc::from(&*from.application),
        sender: Arc::new(sender(&from.origin)),
        received: from.received,
        unsummarised: from.unsummarised || from.schema < 3,
    };
    let mut kinds = BTreeMap::new();
    let events = serde_json::from_slice(&from.body).map_or(Vec::new(), |Events(events)| events);
    events.into_iter().for_each(|event| one(&sender, event, &mut kinds, into));
    let tallies = kinds.into_iter().map(|(kind, count)| sender.tally(Measure::Events, kind, from.received, count));
    into.tallies.extend(tallies);
    bounded(&mut into.usage, before)
}

/// Leaves the first flags only: keys can be made up by anybody who knows a client-side id.
fn bounded(usage: &mut Vec<Usage>, from: usize) -> u64 {
    if usage.len() - from <= MAX_FLAGS {
        return 0;
    }
    let (mut names, all) = (HashSet::new(), usage.len());
    let read = usage.split_off(from);
    for each in read {
        if names.contains(&each.flag) || names.len() < MAX_FLAGS {
            names.insert(each.flag.clone());
            usage.push(each);
        }
    }
    (all - usage.len()) as u64
}

/// Kinds of events (sdk-protocol.md 6.4).
const KINDS: &[&str] =
    &["feature", "summary", "identify", "index", "debug", "custom", "click", "pageview", "migration_op"];

fn one(sender: &Sender<'_>, mut event: Map<String, Value>, kinds: &mut BTreeMap<&'static str, u64>, into: &mut Batch) {
    let said = event.get("kind").and_then(Value::as_str);
    let Some(kind) = KINDS.iter().find(|kind| Some(**kind) == said).copied() else { return };
    *kinds.entry(kind).or_default() += 1;
    match kind {
        "feature" if sender.unsummarised => into.usage.extend(usage::of_feature(sender, &event)),
        "summary" => usage::of_summary(sender, &event, &mut into.usage),
        "custom" | "click" | "pageview" => metrics::of_event(sender, &event, into),
        _ => {}
    }
    let at = sender.at(event.get("creationDate").or_else(|| event.get("endDate")));
    into.uniques.extend(keys::of_event(&event).into_iter().map(|key| Unique {
        env: sender.env.clone(),
        sender: sender.sender.clone(),
        kind: key.kind.into(),
        anonymous: key.anonymous,
        hash: hash_of_key(key.kind, key.key),
        at,
    }));
    into.sightings.extend(contexts::of_event(sender, &mut event));
}

/// Kinds and keys of the contexts that an event names.
pub(crate) fn keys_of(event: &Map<String, Value>) -> Vec<(&str, &str)> {
    keys::of_event(event).into_iter().map(|key| (key.kind, key.key)).collect()
}

/// Who sent a batch, in the words of the store.
pub(crate) fn sender(origin: &Origin) -> volume::Sender {
    volume::Sender {
        kind: match origin.credential {
            Credential::Server => SenderKind::Server,
            Credential::Mobile => SenderKind::Mobile,
            Credential::Client => SenderKind::Browser,
        },
        sdk: origin.sdk.clone(),
        sdk_version: origin.sdk_version.clone(),
        application: origin.application_id.clone(),
        application_version: origin.application_version.clone(),
    }
}
