//! Items by key in a sorted, chunked, immutable map.
//!
//! Chunks are in groups: a change copies one chunk, the list of chunks of its group and the list of groups, at
//! 10,000 items some 80 pointers.
//! Chunks also remember their encoded and deflated bytes, so that a payload after a change is
//! put together from what did not change.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::deflate::Deflated;
use crate::item::Item;
use crate::objects::{self, Frame};

/// Most items in a chunk.
const CHUNK_ITEMS: usize = 64;
/// A chunk of several items is split when its JSON is longer than this many bytes.
const CHUNK_BYTES: usize = 128 * 1024;
/// Most chunks in a group.
const GROUP_CHUNKS: usize = 32;
/// From here on, one pass over everything is cheaper than copying a chunk for each edit.
const MANY_EDITS: usize = 64;

/// Items by key, cheap to copy with a change. Iterates in key order.
pub struct Items<C> {
    groups: Arc<[Group<C>]>,
    len: usize,
}

/// Neighbouring chunks: at least one, each with at least one item.
type Group<C> = Arc<[Arc<Chunk<C>>]>;

/// Neighbouring items and the bytes they have in common.
pub(crate) struct Chunk<C> {
    items: Vec<Arc<Item<C>>>,
    encoded: OnceLock<Bytes>,
    deflated: OnceLock<Deflated>,
    objects: Objects,
}

/// The same items in the newer protocol.
#[derive(Default)]
struct Objects {
    stream: OnceLock<Bytes>,
    poll: OnceLock<Bytes>,
    deflated: OnceLock<Deflated>,
    sum: OnceLock<u128>,
}

impl<C> Clone for Items<C> {
    fn clone(&self) -> Self {
        Self { groups: Arc::clone(&self.groups), len: self.len }
    }
}

impl<C> Default for Items<C> {
    fn default() -> Self {
        Self { groups: Arc::from(Vec::new()), len: 0 }
    }
}

impl<C> PartialEq for Items<C> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<C> Items<C> {
    /// A map of `items`, whose keys must be distinct.
    #[must_use]
    pub fn new(mut items: Vec<Arc<Item<C>>>) -> Self {
        items.sort_by(|a, b| a.key().cmp(b.key()));
        let len = items.len();
        let mut chunks = Vec::with_capacity(len / (CHUNK_ITEMS / 2) + 1);
        let mut open: Vec<Arc<Item<C>>> = Vec::new();
        let mut bytes = 0;
        for item in items {
            // Half full, so that the first insertions do not split.
            if open.len() >= CHUNK_ITEMS / 2 || (!open.is_empty() && bytes + item.json().len() > CHUNK_BYTES / 2) {
                chunks.push(Arc::new(Chunk::new(std::mem::take(&mut open))));
                bytes = 0;
            }
            bytes += item.json().len();
            open.push(item);
        }
        if !open.is_empty() {
            chunks.push(Arc::new(Chunk::new(open)));
        }
        // Half full as well.
        let groups = chunks.chunks(GROUP_CHUNKS / 2).map(Group::from).collect();
        Self { groups, len }
    }

    /// How many items there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The item with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Arc<Item<C>>> {
        let (_, _, chunk) = self.chunk_of(key)?;
        chunk.find(key).ok().map(|at| &chunk.items[at])
    }

    /// Every item, in key order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Item<C>>> {
        self.chunks().flat_map(|chunk| chunk.items.iter())
    }

    /// The digests of all items, added up: the order in which they came to be does not matter.
    pub(crate) fn sum(&self) -> u128 {
        self.chunks().fold(0, |sum, chunk| sum.wrapping_add(chunk.sum()))
    }

    pub(crate) fn chunks(&self) -> impl Iterator<Item = &Arc<Chunk<C>>> {
        self.groups.iter().flat_map(|group| group.iter())
    }

    /// This map with `item` put in or replaced.
    #[must_use]
    pub fn with(&self, item: Arc<Item<C>>) -> Self {
        let Some((group, at, chunk)) = self.chunk_of(item.key()) else { return Self::new(vec![item]) };
        let mut items = chunk.items.clone();
        let len = match chunk.find(item.key()) {
            Ok(found) => {
                items[found] = item;
                self.len
            }
            Err(gap) => {
                items.insert(gap, item);
                self.len + 1
            }
        };
        self.replaced(group, at, items, len)
    }

    /// This map without `key`.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        let Some((group, at, chunk)) = self.chunk_of(key) else { return self.clone() };
        let Ok(found) = chunk.find(key) else { return self.clone() };
        let mut items = chunk.items.clone();
        items.remove(found);
        self.replaced(group, at, items, self.len - 1)
    }

    /// This map with each key put to its item, or removed if that is `None`.
    #[must_use]
    pub fn edited<'e>(&self, edits: impl Iterator<Item = (&'e str, Option<&'e Arc<Item<C>>>)>) -> Self
    where
        C: 'e,
    {
        let edits: Vec<_> = edits.collect();
        if edits.len() < MANY_EDITS {
            return edits.into_iter().fold(self.clone(), |map, (key, item)| match item {
                Some(item) => map.with(Arc::clone(item)),
                None => map.without(key),
            });
        }
        let mut all: BTreeMap<&str, &Arc<Item<C>>> = self.iter().map(|item| (item.key(), item)).collect();
        for (key, item) in edits {
            match item {
                Some(item) => all.insert(key, item),
                None => all.remove(key),
            };
        }
        Self::new(all.into_values().cloned().collect())
    }

    /// The chunk that holds `key` or would take it, by the places of its group and within that; none if there is none.
    fn chunk_of(&self, key: &str) -> Option<(usize, usize, &Chunk<C>)> {
        let first = |group: &Group<C>| group.first().is_some_and(|chunk| chunk.first() <= key);
        let group = self.groups.partition_point(first).saturating_sub(1);
        let chunks = self.groups.get(group)?;
        let at = chunks.partition_point(|chunk| chunk.first() <= key).saturating_sub(1);
        chunks.get(at).map(|chunk| (group, at, &**chunk))
    }

    /// This map with the items of a chunk replaced, by more or fewer.
    fn replaced(&self, group: usize, at: usize, mut items: Vec<Arc<Item<C>>>, len: usize) -> Self {
        let bytes: usize = items.iter().map(|i| i.json().len()).sum();
        let split = items.len() > CHUNK_ITEMS || (items.len() > 1 && bytes > CHUNK_BYTES);
        let tail = if split { items.split_off(items.len() / 2) } else { Vec::new() };
        let fresh = [items, tail].into_iter().filter(|part| !part.is_empty()).map(|part| Arc::new(Chunk::new(part)));
        let chunks = spliced(&self.groups[group], at, fresh);
        let half = if chunks.len() > GROUP_CHUNKS { chunks.len() / 2 } else { chunks.len() };
        let (left, right) = chunks.split_at(half);
        let fresh = [left, right].into_iter().filter(|part| !part.is_empty()).map(Group::from);
        Self { groups: spliced(&self.groups, group, fresh).into(), len }
    }
}

/// A list with `fresh` in the place of what is at `at`.
fn spliced<T: Clone>(list: &[T], at: usize, fresh: impl Iterator<Item = T>) -> Vec<T> {
    let mut all = Vec::with_capacity(list.len() + 1);
    all.extend_from_slice(&list[..at]);
    all.extend(fresh);
    all.extend_from_slice(&list[at + 1..]);
    all
}

impl<C> Chunk<C> {
    /// `items` is not empty and in key order.
    fn new(items: Vec<Arc<Item<C>>>) -> Self {
        Self { items, encoded: OnceLock::new(), deflated: OnceLock::new(), objects: Objects::default() }
    }

    fn first(&self) -> &str {
        self.items.first().map_or("", |item| item.key())
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.items.binary_search_by(|item| item.key().cmp(key))
    }

    /// `,"key":{…},"key":{…}`: members of a JSON object that has others before them.
    pub(crate) fn encoded(&self) -> &Bytes {
        self.encoded.get_or_init(|| {
            let room = self.items.iter().map(|i| i.json().len() + i.key().len() + 4).sum();
            let mut out = Vec::with_capacity(room);
            for item in &self.items {
                out.push(b',');
                crate::json::string(&mut out, item.key());
                out.push(b':');
                out.extend_from_slice(item.json());
            }
            Bytes::from(out)
        })
    }

    /// One event for each item, all of `kind` (sdk-protocol.md 3.3).
    pub(crate) fn objects(&self, kind: &'static str, frame: Frame) -> &Bytes {
        let made = match frame {
            Frame::Stream => &self.objects.stream,
            Frame::Poll => &self.objects.poll,
        };
        made.get_or_init(|| {
            let room = self.items.iter().map(|i| i.json().len() + 2 * i.key().len() + 96).sum();
            let mut out = Vec::with_capacity(room);
            self.items.iter().for_each(|item| objects::put(&mut out, frame, kind, item));
            Bytes::from(out.into_boxed_slice())
        })
    }

    /// Those of a poll, compressed as part of a longer stream.
    pub(crate) fn objects_deflated(&self, kind: &'static str) -> &Deflated {
        self.objects.deflated.get_or_init(|| Deflated::compress(self.objects(kind, Frame::Poll)))
    }

    fn sum(&self) -> u128 {
        let digests = || self.items.iter().map(|item| u128::from_le_bytes(*item.digest()));
        *self.objects.sum.get_or_init(|| digests().fold(0, u128::wrapping_add))
    }

    /// Those of [`Chunk::encoded`] without the first comma, compressed as part of a longer stream.
    pub(crate) fn deflated(&self) -> &Deflated {
        self.deflated.get_or_init(|| Deflated::compress(self.encoded().get(1..).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;
    use crate::item::About;

    fn item(key: &str) -> Arc<Item<()>> {
        Arc::new(Item::new(key.into(), 1, Bytes::from_static(b"{}"), About::default()))
    }

    /// Enough of them that chunks and groups are split, emptied and go.
    #[test]
    fn edits_one_by_one_lead_where_building_anew_leads() {
        let key = |n: usize| format!("flag-{:05}", n * 7_919 % 5_000);
        let (mut items, mut keys) = (Items::default(), BTreeSet::new());
        let check = |items: &Items<()>, keys: &BTreeSet<String>| {
            assert!(items.iter().map(|item| item.key()).eq(keys.iter().map(String::as_str)));
            assert_eq!(items.len(), keys.len());
            assert!(keys.iter().all(|key| items.get(key).is_some()) && items.get("flag").is_none());
            assert!(*items == Items::new(keys.iter().map(|key| item(key)).collect()));
            let groups = || items.groups.iter();
            assert!(groups().all(|group| (1..=GROUP_CHUNKS).contains(&group.len())));
            assert!(items.chunks().all(|chunk| (1..=CHUNK_ITEMS).contains(&chunk.items.len())));
        };
        for n in 0..5_000 {
            items = items.with(item(&key(n)));
            keys.insert(key(n));
        }
        check(&items, &keys);
        assert!(items.groups.len() > 1);
        for n in 0..5_000 {
            items = items.without(&key(n));
            keys.remove(&key(n));
            if n % 1_000 == 0 {
                check(&items, &keys);
            }
        }
        check(&items, &keys);
        assert_eq!(items.groups.len(), 0);
    }
}
