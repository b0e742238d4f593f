//! What a batch of events tells.

mod contexts;
mod usage;

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};
use wigwag_model::clock::Millis;
use wigwag_sdk::EventBatch;
use wigwag_store::volume::{Batch, Usage};

/// How far a client's clock is believed to lag, in milliseconds; times beyond are taken for ours.
const LATE: Millis = 24 * 60 * 60 * 1000;

/// Flags that one batch may name.
const MAX_FLAGS: usize = 10_000;

/// What all events of a batch share.
struct Sender<'b> {
    env: &'b Arc<str>,
    application: Arc<str>,
    received: Millis,
    /// Every evaluation is an event of its own (sdk-protocol.md 6.6).
    unsummarised: bool,
}

impl Sender<'_> {
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
        received: from.received,
        unsummarised: from.unsummarised || from.schema < 3,
    };
    match serde_json::from_slice(&from.body) {
        Ok(Value::Array(events)) => {
            for event in events {
                if let Value::Object(event) = event {
                    one(&sender, event, into);
                }
            }
        }
        Ok(Value::Object(event)) => one(&sender, event, into),
        _ => {}
    }
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

fn one(sender: &Sender<'_>, mut event: Map<String, Value>, into: &mut Batch) {
    match event.get("kind").and_then(Value::as_str) {
        Some("feature") => {
            if sender.unsummarised {
                into.usage.extend(usage::of_feature(sender, &event));
            }
        }
        Some("summary") => usage::of_summary(sender, &event, &mut into.usage),
        Some("identify" | "index" | "debug" | "custom" | "click" | "pageview" | "migration_op") => {}
        _ => return,
    }
    into.sightings.extend(contexts::of_event(sender, &mut event));
}
