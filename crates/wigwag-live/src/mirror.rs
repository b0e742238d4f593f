//! Environments that are made elsewhere: what arrives of them is published as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use wigwag_eval::dependents::Item as Reference;

use crate::inventory::Inventory;
use crate::item::{About, Item};
use crate::live::Live;
use crate::publish;
use crate::publisher::Publisher;
use crate::snapshot::{EnvSnapshot, FlagItem, SegmentItem, Settings};
use crate::update::Op;
use crate::world::EnvName;

/// Keeps a [`Live`] at what another server has. There is one for each, in place of a [`Feeder`](crate::Feeder).
pub struct Mirror {
    publisher: Publisher,
    envs: BTreeMap<EnvName, Mirrored>,
    /// Counts what arrives: sequences of this process, not of the other server.
    seq: u64,
}

#[derive(Default)]
struct Mirrored {
    settings: Arc<Settings>,
    /// Nothing until everything has arrived once.
    inventory: Option<Inventory>,
}

/// A flag or a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MirrorKind {
    /// A flag.
    Flag,
    /// A segment.
    Segment,
}

/// A flag or segment as it arrives.
#[derive(Clone, Debug)]
pub struct MirrorItem {
    /// Which of the two.
    pub kind: MirrorKind,
    /// Its key.
    pub key: Box<str>,
    /// The version SDKs order updates by.
    pub version: u64,
    /// Its wire JSON on one line; `None` when it is gone.
    pub json: Option<Bytes>,
}

impl Mirror {
    /// A mirror that publishes to `live`. Its sequences begin after `seq`.
    #[must_use]
    pub fn new(live: Live, seq: u64) -> Self {
        Self { publisher: Publisher::new(live), envs: BTreeMap::new(), seq }
    }

    /// Takes the keys and settings of an environment. Until something of it arrives, those who come with one of its
    /// keys are told to come back.
    pub fn settle(&mut self, name: EnvName, settings: Settings) {
        let env = self.envs.entry(name.clone()).or_default();
        env.settings = Arc::new(settings);
        let settled = env.inventory.as_mut().is_some_and(|inventory| inventory.settle(Arc::clone(&env.settings)));
        if settled {
            self.publish(&name);
        }
        self.expect();
    }

    /// Takes everything an environment has; what is not among `items` is gone.
    pub fn put(&mut self, name: &EnvName, items: Vec<MirrorItem>) {
        let Some(env) = self.envs.get_mut(name) else { return };
        self.seq += 1;
        match &mut env.inventory {
            Some(inventory) => {
                let mut ops = gone(inventory.snapshot(), &items);
                ops.extend(items.into_iter().filter_map(|item| op(item, inventory.snapshot(), self.seq)));
                apply(inventory, self.seq, ops);
            }
            None => {
                let (mut flags, mut segments) = (Vec::new(), Vec::new());
                for op in items.into_iter().filter_map(|item| op(item, &EnvSnapshot::default(), self.seq)) {
                    match op {
                        Op::Flag(item) => flags.push(item),
                        Op::Segment(item) => segments.push(item),
                        Op::FlagGone { .. } | Op::SegmentGone { .. } => {}
                    }
                }
                let seq = self.seq;
                env.inventory = Some(Inventory::of(seq, Arc::clone(&env.settings), flags, segments, |_| seq));
                self.expect();
            }
        }
        self.publish(name);
    }

    /// Takes a flag or segment of an environment, unless it is older than what is known.
    pub fn change(&mut self, name: &EnvName, item: MirrorItem) {
        let Some(inventory) = self.envs.get_mut(name).and_then(|env| env.inventory.as_mut()) else { return };
        let known = match item.kind {
            MirrorKind::Flag => inventory.snapshot().flags().get(&item.key).map(|known| known.version()),
            MirrorKind::Segment => inventory.snapshot().segments().get(&item.key).map(|known| known.version()),
        };
        if known.is_some_and(|known| known >= item.version) {
            return;
        }
        self.seq += 1;
        let op = op(item, inventory.snapshot(), self.seq);
        apply(inventory, self.seq, op.into_iter().collect());
        self.publish(name);
    }

    /// Takes in that members of these big segments are others than before: results may differ, and nothing else.
    pub fn members_changed(&mut self, name: &EnvName, segments: impl IntoIterator<Item = Box<str>>) {
        let Some(inventory) = self.envs.get_mut(name).and_then(|env| env.inventory.as_mut()) else { return };
        self.seq += 1;
        let segments = segments.into_iter().map(Reference::Segment).collect();
        if inventory.members_changed(self.seq, &segments) {
            self.publish(name);
        }
    }

    /// Ends an environment: its streams, and its keys.
    pub fn forget(&mut self, name: &EnvName) {
        if self.envs.remove(name).is_some() {
            self.seq += 1;
            self.publish(name);
            self.expect();
        }
    }

    /// All environments are known: from here on any other key is a wrong one.
    pub fn complete(&mut self) {
        self.publisher.complete();
    }

    /// The newest snapshot of an environment of which everything has arrived.
    #[must_use]
    pub fn snapshot(&self, name: &EnvName) -> Option<Arc<EnvSnapshot>> {
        self.envs.get(name)?.inventory.as_ref().map(|inventory| Arc::clone(inventory.snapshot()))
    }

    fn publish(&mut self, name: &EnvName) {
        let inventory = self.envs.get(name).and_then(|env| env.inventory.as_ref());
        self.publisher.publish(self.seq, std::iter::once((name, inventory.map(Inventory::snapshot))));
    }

    fn expect(&self) {
        let empty = self.envs.values().filter(|env| env.inventory.is_none()).map(|env| &env.settings);
        let keys = empty.flat_map(|settings| {
            let keys = settings.sdk_keys.iter().chain(&settings.mobile_keys).filter_map(|key| key.value.clear());
            keys.chain([&*settings.id]).map(Box::from)
        });
        self.publisher.expect(keys.collect());
    }
}

fn apply(inventory: &mut Inventory, seq: u64, ops: Vec<Op>) {
    let written: BTreeSet<Reference> = ops.iter().map(Op::reference).collect();
    inventory.apply(seq, ops, &written);
}

/// What streams must be told about an item, if anything.
fn op(item: MirrorItem, before: &EnvSnapshot, seq: u64) -> Option<Op> {
    match item.kind {
        MirrorKind::Flag => {
            let old = before.flags().get(&item.key);
            publish::flag_op(&item.key, published(&item, old, |wire| publish::about_flag(wire, seq)), item.version, old)
        }
        MirrorKind::Segment => {
            let old = before.segments().get(&item.key);
            let new = published(&item, old, |wire| publish::about_segment(wire, seq));
            publish::segment_op(&item.key, new, item.version, old)
        }
    }
}

/// An item as it is published, the old one where it is the same.
fn published<C, W: DeserializeOwned>(
    item: &MirrorItem,
    old: Option<&Arc<Item<C>>>,
    about: impl FnOnce(&W) -> About,
) -> Option<Arc<Item<C>>> {
    let json = item.json.as_ref()?;
    if let Some(old) = old.filter(|old| old.version() == item.version && old.json() == json) {
        return Some(Arc::clone(old));
    }
    let wire = publish::decode::<W>("published item", std::str::from_utf8(json).unwrap_or_default())?;
    Some(Arc::new(Item::new(item.key.clone(), item.version, json.clone(), about(&wire))))
}

/// What is known and not among `items`.
fn gone(known: &EnvSnapshot, items: &[MirrorItem]) -> Vec<Op> {
    let kept: BTreeSet<(MirrorKind, &str)> = items.iter().map(|item| (item.kind, &*item.key)).collect();
    let flag = |item: &Arc<FlagItem>| Op::FlagGone { key: item.key().into(), version: item.version() + 1 };
    let segment = |item: &Arc<SegmentItem>| Op::SegmentGone { key: item.key().into(), version: item.version() + 1 };
    let flags = known.flags().iter().filter(|item| !kept.contains(&(MirrorKind::Flag, item.key()))).map(flag);
    let segments = known.segments().iter().filter(|item| !kept.contains(&(MirrorKind::Segment, item.key())));
    flags.chain(segments.map(segment)).collect()
}
