//! The members of all big segments of an environment, and what is done to them, as patches that stores elsewhere
//! apply in order (sdk-protocol.md 8.4).
//!
//! A version is a place: in the store's record of what was done, or in the midst of a list that is being read. Who
//! begins is given the lists, page by page, and then what was done since. Reading a list that goes on changing is no
//! fault: what was done meanwhile is in the record too, and doing it again changes nothing.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use wigwag_kit::Result;
use wigwag_model::doc::{Kind, Segment};
use wigwag_store::{DocKey, MemberDone, MemberList, MemberPlace, MemberRow, Store};

/// Keys read from a list at once, all in one patch.
const PAGE: u32 = 2_000;
/// Things done that are read at once.
const ROWS: u32 = 50;

/// Which environment.
#[derive(Clone)]
pub struct Surroundings {
    /// The store.
    pub store: Store,
    /// The project's key.
    pub project: String,
    /// The environment's key.
    pub environment: String,
    /// The environment's id.
    pub id: String,
}

/// What is to be done to a copy of the members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Patch {
    /// The environment's id.
    pub environment_id: String,
    /// The segment's key and generation.
    pub segment_id: String,
    /// Where the copy is after this patch.
    pub version: String,
    /// Where the copy must be before it; empty for one that is empty.
    pub previous_version: String,
    /// What to do.
    pub changes: Changes,
}

/// What happens to both lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Members by name.
    pub included: Moves,
    /// Not members, unless included.
    pub excluded: Moves,
}

/// What happens to a list: hashes of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moves {
    /// Put in.
    pub add: Vec<String>,
    /// Taken out.
    pub remove: Vec<String>,
}

/// Where a copy is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    record: MemberPlace,
    /// Reading lists, which stand for everything up to `record`.
    reading: Option<Reading>,
}

/// How far lists have been read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reading {
    /// All segments, one after another by key, or only this.
    all: bool,
    segment: String,
    list: MemberList,
    /// The last member read.
    after: String,
}

/// The version of a copy that has everything; the stream goes on from there.
///
/// # Errors
/// The store cannot be read.
pub async fn newest(at: &Surroundings) -> Result<String> {
    let end = at.store.member_log_end(&at.project, &at.environment).await?;
    Ok(Place { record: end, reading: None }.text())
}

/// The next patches for a copy at `version`, a few at a time; none when it has everything. Whoever has a version that
/// was not made here begins anew.
///
/// # Errors
/// The store cannot be read.
pub async fn next(at: &Surroundings, version: &str) -> Result<Vec<Patch>> {
    let end = at.store.member_log_end(&at.project, &at.environment).await?;
    // One beyond the end is of a database that was put back to an earlier state.
    let place = match Place::read(version).filter(|place| place.record <= end) {
        Some(place) => place,
        None => Place {
            record: end,
            reading: Some(Reading {
                all: true,
                segment: String::new(),
                list: MemberList::Included,
                after: String::new(),
            }),
        },
    };
    let mut patches = match place.reading {
        Some(reading) => read_on(at, place.record, reading).await?,
        None => Vec::new(),
    };
    if patches.is_empty() {
        patches = done_since(at, place.record).await?;
    }
    let mut previous = version.to_owned();
    for patch in &mut patches {
        patch.previous_version = std::mem::replace(&mut previous, patch.version.clone());
    }
    Ok(patches)
}

/// The next page of the lists. One of the last list says that the copy has been brought to `record`.
async fn read_on(at: &Surroundings, record: MemberPlace, mut reading: Reading) -> Result<Vec<Patch>> {
    let segments = segments(at).await?;
    let mut page = None;
    loop {
        let owner = DocKey::in_env(Kind::Segment, &*at.project, &*at.environment, &*reading.segment);
        if let Some(generation) = segments.get(&reading.segment) {
            let members = at.store.members_page(&owner, reading.list, &reading.after, PAGE).await?;
            if let Some(last) = members.last() {
                if let Some(page) = page {
                    // There is more: the page before this one is not the last.
                    return Ok(vec![page]);
                }
                reading.after.clone_from(last);
                let version = Place { record, reading: Some(reading.clone()) }.text();
                page = Some(patch(at, &reading.segment, *generation, version, moved(reading.list, &members, true)));
                continue;
            }
        }
        let next = match (reading.list, reading.all) {
            (MemberList::Included, _) => Some((reading.segment.clone(), MemberList::Excluded)),
            (MemberList::Excluded, true) => {
                let later = segments.keys().find(|key| **key > reading.segment);
                later.map(|key| (key.clone(), MemberList::Included))
            }
            (MemberList::Excluded, false) => None,
        };
        let Some((segment, list)) = next else { break };
        reading = Reading { all: reading.all, segment, list, after: String::new() };
    }
    // Nothing is left after this page, if there is one: it brings the copy to where those are that have everything.
    let done = Place { record, reading: None }.text();
    let last = page.map(|page| Patch { version: done.clone(), ..page });
    let empty = || (!reading.all).then(|| patch(at, &reading.segment, 0, done, Changes::default()));
    Ok(last.or_else(empty).into_iter().collect())
}

/// What the record has after `place`, up to something that must be read from lists.
async fn done_since(at: &Surroundings, place: MemberPlace) -> Result<Vec<Patch>> {
    let mut patches = Vec::new();
    for row in at.store.member_log(&at.project, &at.environment, place, ROWS).await? {
        let MemberRow { place, owner, generation, done } = row;
        let (list, keys, add) = match &done {
            MemberDone::Included(keys) => (MemberList::Included, keys, true),
            MemberDone::NotIncluded(keys) => (MemberList::Included, keys, false),
            MemberDone::Excluded(keys) => (MemberList::Excluded, keys, true),
            MemberDone::NotExcluded(keys) => (MemberList::Excluded, keys, false),
            MemberDone::Many => {
                if patches.is_empty() {
                    let (segment, list, after) = (owner.key.to_string(), MemberList::Included, String::new());
                    return read_on(at, place, Reading { all: false, segment, list, after }).await;
                }
                break;
            }
        };
        let version = Place { record: place, reading: None }.text();
        patches.push(patch(at, &owner.key, generation, version, moved(list, keys, add)));
    }
    Ok(patches)
}

/// Big segments and their generations.
async fn segments(at: &Surroundings) -> Result<BTreeMap<String, u32>> {
    let mut found = BTreeMap::new();
    for doc in at.store.scan(Kind::Segment, Some(&at.project), Some(&at.environment)).await? {
        let segment: Segment = doc.decode()?;
        if segment.unbounded {
            found.insert(segment.key, segment.generation);
        }
    }
    Ok(found)
}

fn patch(at: &Surroundings, segment: &str, generation: u32, version: String, changes: Changes) -> Patch {
    let segment_id = format!("{segment}.g{generation}");
    Patch { environment_id: at.id.clone(), segment_id, version, previous_version: String::new(), changes }
}

fn moved(list: MemberList, keys: &[String], add: bool) -> Changes {
    let hashes: Vec<String> = keys.iter().map(|key| hash(key)).collect();
    let moves = if add { Moves { add: hashes, remove: vec![] } } else { Moves { add: vec![], remove: hashes } };
    match list {
        MemberList::Included => Changes { included: moves, excluded: Moves::default() },
        MemberList::Excluded => Changes { included: Moves::default(), excluded: moves },
    }
}

/// How stores elsewhere name a context (sdk-protocol.md 8.1).
#[must_use]
pub fn hash(key: &str) -> String {
    STANDARD.encode(Sha256::digest(key))
}

impl Place {
    /// `SEQ.N`, and in the midst of lists `SEQ.N.HOW.LIST.SEGMENT.AFTER`.
    fn text(&self) -> String {
        let MemberPlace { seq, n } = self.record;
        let Some(Reading { all, segment, list, after }) = &self.reading else { return format!("{seq}.{n}") };
        let how = if *all { "all" } else { "one" };
        let list = if *list == MemberList::Included { "in" } else { "ex" };
        format!("{seq}.{n}.{how}.{list}.{}.{}", URL_SAFE_NO_PAD.encode(segment), URL_SAFE_NO_PAD.encode(after))
    }

    fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let plain = |text: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        let (seq, n, reading) = match parts.as_slice() {
            [seq, n] => (seq, n, None),
            [seq, n, how @ ("all" | "one"), list @ ("in" | "ex"), segment, after] => {
                let list = if *list == "in" { MemberList::Included } else { MemberList::Excluded };
                (seq, n, Some(Reading { all: *how == "all", segment: plain(segment)?, list, after: plain(after)? }))
            }
            _ => return None,
        };
        Some(Self { record: MemberPlace { seq: seq.parse().ok()?, n: n.parse().ok()? }, reading })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_were_written() {
        let record = MemberPlace { seq: 12, n: 3 };
        let reading =
            |all, list, after: &str| Some(Reading { all, segment: "a.b".to_owned(), list, after: after.to_owned() });
        for reading in [None, reading(true, MemberList::Included, "ü/."), reading(false, MemberList::Excluded, "")] {
            let place = Place { record, reading };
            assert_eq!(Place::read(&place.text()), Some(place));
        }
        for bad in ["", "1", "1.x", "1.2.3", "1.2.all.in.%.x", "-1.0", "1.2.all.no.YQ.YQ"] {
            assert_eq!(Place::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn contexts_are_named_by_the_hash_of_their_key() {
        // From the definition: base64 of SHA-256, with padding.
        assert_eq!(hash(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
