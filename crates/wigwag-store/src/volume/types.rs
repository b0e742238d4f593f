//! What is recorded, asked and answered.

use super::measure::{Measure, Sender};
use std::collections::HashMap;
use std::sync::Arc;
use wigwag_model::clock::Millis;

/// What a batch of events tells; recorded in one transaction.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Contexts seen, oldest first.
    pub sightings: Vec<Sighting>,
    /// Evaluations.
    pub usage: Vec<Usage>,
    /// What else is counted.
    pub tallies: Vec<Tally>,
    /// Contexts, of which only their number is of interest.
    pub uniques: Vec<Unique>,
    /// Events of metrics.
    pub metrics: Vec<MetricEvent>,
}

impl Batch {
    /// Whether it tells nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sightings.is_empty()
            && self.usage.is_empty()
            && self.tallies.is_empty()
            && self.uniques.is_empty()
            && self.metrics.is_empty()
    }
}

/// How far a journal is recorded with a batch: in the same transaction, so that a batch that is recorded again changes
/// nothing.
#[derive(Clone, Debug)]
pub struct Advance {
    /// Names the journal.
    pub journal: String,
    /// Where the batch begins in it.
    pub from: u64,
    /// Where it ends.
    pub to: u64,
}

/// What is counted before these times goes, in milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct CountsBefore {
    /// In steps of a minute, an hour, a day.
    pub steps: [Millis; 3],
    /// Events of metrics.
    pub metrics: Millis,
}

/// Something that is the same in all environments but some.
#[derive(Clone, Debug)]
pub struct PerEnv<T> {
    /// Where nothing else is said.
    pub usual: T,
    /// By the environment's id.
    pub own: HashMap<String, T>,
}

impl<T> PerEnv<T> {
    /// That of an environment, by its id.
    #[must_use]
    pub fn of(&self, env: &str) -> &T {
        self.own.get(env).unwrap_or(&self.usual)
    }

    /// What `of` makes of each.
    pub fn each<U>(&self, of: impl Fn(&T) -> U) -> PerEnv<U> {
        PerEnv { usual: of(&self.usual), own: self.own.iter().map(|(env, each)| (env.clone(), of(each))).collect() }
    }
}

impl<T> From<T> for PerEnv<T> {
    fn from(usual: T) -> Self {
        Self { usual, own: HashMap::new() }
    }
}

/// A context that was seen, with all its parts.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The environment's id.
    pub env: Arc<str>,
    /// When, in milliseconds since 1970.
    pub at: Millis,
    /// The application or SDK that sent it, or nothing.
    pub application: Arc<str>,
    /// Kinds of the parts that were left out because they are anonymous.
    pub anonymous: Vec<String>,
    /// The parts that are kept, by kind; each kind once.
    pub parts: Vec<Part>,
}

/// One kind's part of a context.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// The part as JSON with `kind` and `key`; nothing if only its key is known.
    pub body: Option<String>,
}

/// Evaluations of a flag.
#[derive(Clone, Debug)]
pub struct Usage {
    /// The environment's id.
    pub env: Arc<str>,
    /// The flag's key.
    pub flag: String,
    /// When, in milliseconds since 1970.
    pub at: Millis,
    /// The application or SDK that evaluated, or nothing.
    pub application: Arc<str>,
    /// Who sent it.
    pub sender: Arc<Sender>,
    /// The fallback that the code gave, as JSON.
    pub fallback: Option<String>,
    /// Kinds of the contexts it was evaluated for.
    pub kinds: Vec<String>,
    /// How often it was what.
    pub counts: Vec<Count>,
}

/// How often a variation was the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Its index, or nothing for the fallback.
    pub variation: Option<u32>,
    /// The flag's version; 0 when it was not told.
    pub version: u32,
    /// How often.
    pub count: u64,
}

/// Something that is counted.
#[derive(Clone, Debug)]
pub struct Tally {
    /// The environment's id.
    pub env: Arc<str>,
    /// Who sent it.
    pub sender: Arc<Sender>,
    /// What is counted.
    pub measure: Measure,
    /// What it is called; empty for a measure without names.
    pub name: Arc<str>,
    /// When, in milliseconds since 1970.
    pub at: Millis,
    /// How often.
    pub count: u64,
}

/// A context of which only the number is of interest.
#[derive(Clone, Debug)]
pub struct Unique {
    /// The environment's id.
    pub env: Arc<str>,
    /// Who sent it.
    pub sender: Arc<Sender>,
    /// The kind.
    pub kind: Box<str>,
    /// Whether it is anonymous.
    pub anonymous: bool,
    /// [`super::hash_of_key`] of its key.
    pub hash: u64,
    /// When, in milliseconds since 1970.
    pub at: Millis,
}

/// An event of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricEvent {
    /// The environment's id.
    pub env: Arc<str>,
    /// The event's key.
    pub key: Arc<str>,
    /// When, in milliseconds since 1970.
    pub at: Millis,
    /// Its number, if it has one.
    pub value: Option<f64>,
    /// The contexts as a JSON object from kind to key.
    pub contexts: Arc<str>,
}

/// Where a page begins: behind an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the item was last seen.
    pub seen: Millis,
    /// Which of those seen then.
    pub id: i64,
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub struct PageOf {
    /// At most so many, at least one.
    pub limit: usize,
    /// Behind this item.
    pub after: Option<Cursor>,
    /// Those seen longest ago first.
    pub ascending: bool,
    /// Whether to count all that match.
    pub count: bool,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// The items, in order. There may be fewer than wanted although more follow: a search that finds
    /// little stops after a bounded number of rows.
    pub items: Vec<T>,
    /// Where the next page begins, if there may be more.
    pub next: Option<Cursor>,
    /// How many match in all, if asked; at least so many if looking at all of them costs too much.
    pub total: Option<u64>,
}

impl<T> Found<T> {
    pub(crate) fn nothing(count: bool) -> Self {
        Self { items: Vec::new(), next: None, total: count.then_some(0) }
    }
}

/// A context that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenContext {
    pub(crate) id: i64,
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// The application or SDK that last sent it, or nothing.
    pub application: String,
    /// When it was first seen.
    pub first_seen: Millis,
    /// When it was last seen, to the minute.
    pub last_seen: Millis,
    /// The context as JSON.
    pub body: String,
}

/// Contexts that were sent together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenInstance {
    pub(crate) id: i64,
    /// Its id: a hash of kinds and keys.
    pub hash: String,
    /// The application or SDK that last sent it, or nothing.
    pub application: String,
    /// Kinds of the parts that were left out.
    pub anonymous: Vec<String>,
    /// When it was last seen, to the minute.
    pub last_seen: Millis,
    /// The context as JSON, of several kinds if it has several.
    pub body: String,
}

/// A context kind met in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenKind {
    pub(crate) id: i64,
    /// The kind.
    pub name: String,
    /// How many contexts of it are kept.
    pub contexts: u64,
    /// When one was first seen.
    pub first_seen: Millis,
    /// When one was last seen, to the minute.
    pub last_seen: Millis,
}

/// An attribute of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenAttribute {
    /// The kind.
    pub kind: String,
    /// A JSON pointer, as in `/address/street`.
    pub name: String,
    /// How many contexts have it.
    pub contexts: u64,
    /// Whether some SDK left its values out.
    pub redacted: bool,
}

/// A value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenValue {
    /// The kind.
    pub kind: String,
    /// The value as text.
    pub value: String,
    /// How many contexts have it, at least.
    pub contexts: u64,
}

/// How a flag was used in an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlagUse {
    /// The flag's key.
    pub flag: String,
    /// When it was last evaluated.
    pub last_requested: Millis,
    /// The fallback that code last gave, as JSON.
    pub fallback: Option<String>,
    /// Indexes of the variations that were served since the time asked about, in order.
    pub variations: Vec<u32>,
}
