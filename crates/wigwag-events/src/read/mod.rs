//! What batches of events tell.

mod contexts;
mod counts;
mod keys;
mod metrics;
pub(crate) mod private;
mod seen;
mod usage;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};
use wigwag_model::clock::Millis;
use wigwag_sdk::{Credential, Event, EventBatch, Origin, read_events};
use wigwag_store::volume::{self, Batch, Measure, SenderKind, Usage};

use counts::Counts;
use keys::Form;
use seen::Contexts;

/// How far a client's clock is believed to lag, in milliseconds; times beyond are taken for ours.
const LATE: Millis = 24 * 60 * 60 * 1000;

/// Flags that one batch may name.
const MAX_FLAGS: usize = 10_000;

/// Kinds of events (sdk-protocol.md 6.4).
const KINDS: &[&str] =
    &["feature", "summary", "identify", "index", "debug", "custom", "click", "pageview", "migration_op"];

/// Texts of clients are looked up in these: the hash differs from process to process.
type Known<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What all events of a batch share.
#[derive(Clone)]
struct Sender {
    /// The same for all batches of a group that came alike.
    number: usize,
    env: Arc<str>,
    application: Arc<str>,
    sender: Arc<volume::Sender>,
    received: Millis,
    /// Every evaluation is an event of its own (sdk-protocol.md 6.6).
    unsummarised: bool,
}

impl Sender {
    /// When something happened, by a clock that may be wrong.
    fn at(&self, said: Option<f64>) -> Millis {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds are far below the limit")]
        let said = said.map(|at| at as Millis);
        said.filter(|at| (self.received - LATE..=self.received).contains(at)).unwrap_or(self.received)
    }
}

/// What was not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Evaluations, because a batch names more than 10,000 flags.
    pub usage: u64,
    /// Events of a known kind of which a context, counters or a key are missing or make no sense. The rest of them was
    /// read.
    pub unclear: u64,
}

/// What the events of some batches tell, summed up: within a moment the same contexts come with every event, and the
/// same is counted. Events of unknown kinds tell nothing.
#[must_use]
pub fn read(group: &[EventBatch]) -> (Batch, LeftOut) {
    let mut reader = Reader::default();
    group.iter().for_each(|batch| reader.batch(batch));
    let Reader { counts, contexts, told, left_out, .. } = reader;
    let (sightings, uniques) = contexts.into_told();
    (Batch { sightings, uniques, tallies: counts.into_tallies(), ..told }, left_out)
}

/// Reads one batch after the other.
#[derive(Default)]
struct Reader<'b> {
    senders: Known<(&'b str, &'b str, &'b Origin), Sender>,
    counts: Counts<'b>,
    contexts: Contexts<'b>,
    /// What is not summed up.
    told: Batch,
    left_out: LeftOut,
}

impl<'b> Reader<'b> {
    fn batch(&mut self, batch: &'b EventBatch) {
        let before = self.told.usage.len();
        let sender = self.sender(batch);
        let each = |event: Option<Event<'b>>| event.into_iter().for_each(|event| self.event(&sender, event));
        // It was read to its end before it was taken.
        if let Err(error) = read_events(&batch.body, each) {
            tracing::error!(%error, "a batch of events that was taken cannot be read");
        }
        self.left_out.usage += bounded(&mut self.told.usage, before);
    }

    fn sender(&mut self, batch: &'b EventBatch) -> Sender {
        let number = self.senders.len();
        let known = self.senders.entry((&batch.env, &batch.application, &batch.origin)).or_insert_with(|| Sender {
            number,
            env: Arc::clone(&batch.env),
            application: Arc::from(&*batch.application),
            sender: Arc::new(sender(&batch.origin)),
            received: batch.received,
            unsummarised: false,
        });
        Sender { received: batch.received, unsummarised: batch.unsummarised || batch.schema < 3, ..known.clone() }
    }

    fn event(&mut self, sender: &Sender, mut event: Event<'b>) {
        let Some(kind) = KINDS.iter().find(|kind| Some(**kind) == event.kind.text()).copied() else { return };
        self.counts.add(sender, Measure::Events, kind.into(), sender.received);
        let at = sender.at(event.date());
        let context = self.contexts.of(&mut event);
        let said = self.contexts.said(context);
        let mut is_clear = match kind {
            // Most name nobody.
            "summary" => event.context.is_none() || said.is_clear,
            "feature" | "debug" | "custom" | "click" | "pageview" => said.is_clear && has_key(&event),
            _ => said.is_clear,
        };
        match kind {
            "feature" if sender.unsummarised => self.told.usage.extend(usage::of_feature(sender, &event, &said.kinds)),
            "summary" => is_clear &= usage::of_summary(sender, &event, &mut self.told.usage),
            "custom" | "click" | "pageview" => {
                self.told.metrics.extend(metrics::of_event(sender, &mut event, &said.keys, &mut self.counts));
            }
            _ => {}
        }
        self.left_out.unclear += u64::from(!is_clear);
        self.contexts.note(context, sender, at);
    }
}

/// Whether it names a flag or a metric.
fn has_key(event: &Event<'_>) -> bool {
    event.key.text().is_some_and(|key| !key.is_empty())
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

/// Kinds and keys of the contexts that an event names.
pub(crate) fn keys_of(event: &Map<String, Value>) -> Vec<(&str, &str)> {
    let told = Form::ALL.into_iter().find_map(|form| Some((form, event.get(form.name())?.as_object()?)));
    let keys = match told {
        Some((form, told)) => keys::of(form, told),
        None => {
            let text = |name| event.get(name).and_then(Value::as_str);
            let anonymous = keys::is_anonymous_user(text("contextKind"));
            text("userKey").and_then(|key| keys::of_user_key(key, anonymous)).into_iter().collect()
        }
    };
    keys.into_iter().map(|key| (key.kind, key.key)).collect()
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
