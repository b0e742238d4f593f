//! Planning a batch of commits: pure, in memory, the same for both engines.
//!
//! The engine loads the documents and unique values that the batch names, each commit is checked
//! against them and against its forerunners in the batch, and what remains to be written comes out
//! net. A commit that fails leaves no trace, so that it cannot harm its neighbours.

use crate::chain::{DocsDigest, GENESIS, row_hash};
use crate::facts::FactRow;
use crate::members::{self, Effect, Sets};
use crate::{
    Commit, Committed, DocKey, Expect, IndexFacts, MAX_KEY_PART, NewChange, Result, StoreError, Write, WriteOp,
};
use std::collections::{BTreeSet, HashMap, HashSet};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Kind;

/// A unique value: kind, field, value.
pub(crate) type Unique = (Kind, Box<str>, Box<str>);

/// A document as the database has it.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) version: u64,
    pub(crate) created_seq: u64,
    pub(crate) deleted: bool,
    /// [`IndexFacts`], encoded.
    pub(crate) facts: String,
}

impl Stored {
    /// The facts, as far as they matter to who holds which unique value.
    fn claims(&self) -> Result<IndexFacts> {
        if self.deleted || !IndexFacts::may_claim(&self.facts) {
            return Ok(IndexFacts::new());
        }
        IndexFacts::decode(&self.facts)
    }

    fn fact_rows(&self, key: &DocKey) -> Result<BTreeSet<FactRow>> {
        if self.deleted {
            return Ok(BTreeSet::new());
        }
        Ok(IndexFacts::decode(&self.facts)?.rows(&key.key, self.created_seq))
    }
}

/// A document as the batch leaves it.
pub(crate) struct NewState<'a> {
    pub(crate) stored: Stored,
    pub(crate) seq: u64,
    pub(crate) at: Millis,
    pub(crate) body: Option<&'a str>,
}

#[derive(Default)]
struct Slot<'a> {
    before: Option<Stored>,
    after: Option<NewState<'a>>,
}

impl Slot<'_> {
    fn current(&self) -> Option<&Stored> {
        self.after.as_ref().map(|after| &after.stored).or(self.before.as_ref())
    }
}

/// A row for `versions`.
pub(crate) struct NewVersion<'a> {
    pub(crate) seq: u64,
    pub(crate) n: u64,
    pub(crate) key: DocKey,
    pub(crate) version: u64,
    pub(crate) created_seq: u64,
    pub(crate) body: Option<&'a str>,
}

/// A row for `changes`.
pub(crate) struct NewRow<'a> {
    pub(crate) seq: u64,
    pub(crate) change: &'a NewChange,
    pub(crate) resources: String,
    pub(crate) digest: String,
    pub(crate) prev_hash: String,
    pub(crate) hash: String,
}

/// The end of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) hash: String,
}

impl Head {
    /// Before the first change.
    pub(crate) fn genesis() -> Self {
        Self { seq: 0, hash: GENESIS.to_owned() }
    }
}

/// The holder of a unique value before and after.
type Handover = (Option<DocKey>, Option<DocKey>);

/// Environment and key of documents.
pub(crate) type Held = BTreeSet<(Box<str>, Box<str>)>;

/// A batch under way.
pub(crate) struct Batch<'a> {
    head: Head,
    docs: HashMap<DocKey, Slot<'a>>,
    uniques: HashMap<Unique, Handover>,
    sets: Sets,
    /// For each condition on holders of a fact, who they are.
    holders: Vec<Held>,
    /// What happens to members, in order.
    pub(crate) members: Vec<Effect<'a>>,
    /// What to append to `versions`.
    pub(crate) versions: Vec<NewVersion<'a>>,
    /// What to append to `changes`.
    pub(crate) rows: Vec<NewRow<'a>>,
}

/// A document to write: `create` when there is no row for it yet.
pub(crate) struct DocWrite<'b, 'a> {
    pub(crate) key: &'b DocKey,
    pub(crate) create: bool,
    pub(crate) state: &'b NewState<'a>,
}

/// Index rows to take away and to add.
pub(crate) struct FactChange<'b> {
    pub(crate) key: &'b DocKey,
    pub(crate) gone: Vec<FactRow>,
    pub(crate) new: Vec<FactRow>,
}

/// The documents a commit names.
pub(crate) fn named_docs<'c>(commits: &[&'c Commit]) -> Vec<&'c DocKey> {
    let mut seen = HashSet::new();
    let named =
        commits.iter().flat_map(|c| c.requires.iter().map(|(key, _)| key).chain(c.writes.iter().map(|w| &w.key)));
    named.filter(|key| seen.insert(*key)).collect()
}

/// The unique values that commits claim.
pub(crate) fn claimed(commits: &[&Commit]) -> HashSet<Unique> {
    let mut claimed = HashSet::new();
    for write in commits.iter().flat_map(|c| &c.writes) {
        if let WriteOp::Put { index, .. } = &write.op {
            claimed.extend(index.uniques().map(|(field, value)| (write.key.kind, field.into(), value.into())));
        }
    }
    claimed
}

impl<'a> Batch<'a> {
    /// A batch on top of `head`, with what the database holds of the documents and unique values it names.
    pub(crate) fn new(
        head: Head,
        docs: impl IntoIterator<Item = (DocKey, Stored)>,
        uniques: impl IntoIterator<Item = (Unique, DocKey)>,
    ) -> Self {
        let docs = docs.into_iter().map(|(key, before)| (key, Slot { before: Some(before), after: None })).collect();
        let uniques = uniques.into_iter().map(|(unique, key)| (unique, (Some(key.clone()), Some(key)))).collect();
        Self {
            head,
            docs,
            uniques,
            sets: Sets::new(),
            holders: Vec::new(),
            members: Vec::new(),
            versions: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// With the sets of the documents whose members it writes.
    pub(crate) fn with_sets(mut self, sets: Sets) -> Self {
        self.sets = sets;
        self
    }

    /// With who holds the facts that its commit, alone then, has conditions on: in their order.
    pub(crate) fn with_holders(mut self, holders: Vec<Held>) -> Self {
        self.holders = holders;
        self
    }

    /// Checks one commit and takes it in; on an error the batch is as before.
    pub(crate) fn add(&mut self, commit: &'a Commit) -> Result<Committed> {
        for (key, expected) in &commit.requires {
            self.expect(key, *expected, false)?;
        }
        for write in &commit.writes {
            self.expect(&write.key, write.expect, matches!(write.op, WriteOp::Delete))?;
        }
        for (n, wanted) in commit.holders.iter().enumerate() {
            let found = self.holders.get(n);
            if found != Some(&wanted.docs) {
                let differs = found.and_then(|found| found.symmetric_difference(&wanted.docs).next());
                let (env, name) = differs.cloned().unwrap_or_default();
                let key = DocKey { kind: wanted.kind, project: wanted.project.clone(), env, key: name };
                return Err(StoreError::Conflict { key, expected: Expect::Any, found: None });
            }
        }
        let cascade = self.cascade(commit);
        let claims = self.claim(commit, &cascade)?;
        let (sets, effects) = members::plan(&self.sets, commit, self.head.seq + 1)?;

        for (unique, (released_by, holder)) in claims {
            self.uniques.entry(unique).or_insert((released_by, None)).1 = holder;
        }
        let seq = self.head.seq + 1;
        let mut digest = DocsDigest::new();
        let mut versions = Vec::with_capacity(commit.writes.len());
        let writes = commit.writes.iter().map(|write| (&write.key, &write.op));
        let deletes = cascade.iter().map(|key| (key, &WriteOp::Delete));
        self.sets.extend(sets);
        for (n, (key, op)) in (0..).zip(writes.chain(deletes)) {
            if matches!(op, WriteOp::Delete) && key.kind == Kind::Segment {
                self.sets.remove(key);
                self.members.push(Effect::Drop(key.clone()));
            }
            let version = self.write(key, op, seq, n, commit.change.at);
            digest = digest.add(&version.key, version.version, version.created_seq, version.body);
            versions.push(version.version);
            self.versions.push(version);
        }
        versions.truncate(commit.writes.len());
        self.members.extend(effects);
        self.log(commit, seq, digest.hex());
        Ok(Committed { seq, versions })
    }

    fn expect(&self, key: &DocKey, expected: Expect, deletes: bool) -> Result<()> {
        let live = self.docs.get(key).and_then(Slot::current).filter(|stored| !stored.deleted);
        let found = live.map(|stored| stored.version);
        let fits = match expected {
            Expect::Absent => found.is_none(),
            Expect::Version(version) => found == Some(version),
            Expect::Live => found.is_some(),
            Expect::Any => found.is_some() || !deletes,
        };
        if fits {
            return Ok(());
        }
        Err(StoreError::Conflict { key: key.clone(), expected, found })
    }

    /// The documents that go because their scope goes, in order.
    fn cascade(&self, commit: &Commit) -> Vec<DocKey> {
        if commit.deletes_under.is_empty() {
            return Vec::new();
        }
        let written: HashSet<&DocKey> = commit.writes.iter().map(|w| &w.key).collect();
        let mut keys: Vec<DocKey> = self
            .docs
            .iter()
            .filter(|(_, slot)| slot.current().is_some_and(|stored| !stored.deleted))
            .map(|(key, _)| key)
            .filter(|key| !written.contains(key) && commit.deletes_under.iter().any(|scope| scope.holds(key)))
            .cloned()
            .collect();
        keys.sort_unstable();
        keys
    }

    /// Who lets go of which unique value, and who holds it after the commit: first all are let go,
    /// then claimed anew.
    fn claim(&self, commit: &Commit, cascade: &[DocKey]) -> Result<HashMap<Unique, Handover>> {
        let mut after: HashMap<Unique, Handover> = HashMap::new();
        for key in commit.writes.iter().map(|w| &w.key).chain(cascade) {
            if let Some(stored) = self.docs.get(key).and_then(Slot::current) {
                for (field, value) in stored.claims()?.uniques() {
                    after.insert((key.kind, field.into(), value.into()), (Some(key.clone()), None));
                }
            }
        }
        for Write { key, op, .. } in &commit.writes {
            let WriteOp::Put { index, .. } = op else { continue };
            for (field, value) in index.uniques() {
                let unique: Unique = (key.kind, field.into(), value.into());
                let holder = match after.get(&unique) {
                    Some((_, holder)) => holder.as_ref(),
                    None => self.uniques.get(&unique).and_then(|(_, now)| now.as_ref()),
                };
                if holder.is_some() {
                    let (kind, field, value) = unique;
                    return Err(StoreError::Duplicate { kind, field: field.into(), value: value.into() });
                }
                after.entry(unique).or_insert((None, None)).1 = Some(key.clone());
            }
        }
        Ok(after)
    }

    fn write(&mut self, key: &DocKey, op: &'a WriteOp, seq: u64, n: u64, at: Millis) -> NewVersion<'a> {
        let slot = self.docs.entry(key.clone()).or_default();
        let before = slot.current();
        let version = before.map_or(1, |stored| stored.version + 1);
        let created_seq = before.filter(|stored| !stored.deleted).map_or(seq, |stored| stored.created_seq);
        let (body, facts) = match op {
            WriteOp::Put { body, index } => (Some(body.as_str()), index.encode()),
            WriteOp::Delete => (None, String::new()),
        };
        let stored = Stored { version, created_seq, deleted: body.is_none(), facts };
        slot.after = Some(NewState { stored, seq, at, body });
        NewVersion { seq, n, key: key.clone(), version, created_seq, body }
    }

    fn log(&mut self, commit: &'a Commit, seq: u64, digest: String) {
        let resources = serde_json::to_string(&commit.change.resources).unwrap_or_default();
        let hash = row_hash(&self.head.hash, seq, &commit.change, &resources, &digest);
        let prev_hash = std::mem::replace(&mut self.head.hash, hash.clone());
        self.head.seq = seq;
        self.rows.push(NewRow { seq, change: &commit.change, resources, digest, prev_hash, hash });
    }

    /// The documents to write, each once.
    pub(crate) fn docs(&self) -> impl Iterator<Item = DocWrite<'_, 'a>> {
        self.docs.iter().filter_map(|(key, slot)| {
            slot.after.as_ref().map(|state| DocWrite { key, create: slot.before.is_none(), state })
        })
    }

    /// How the index changes. Documents whose facts stay the same are passed over.
    pub(crate) fn facts(&self) -> Result<Vec<FactChange<'_>>> {
        let mut changes = Vec::new();
        for (key, slot) in &self.docs {
            let Some(after) = &slot.after else { continue };
            let same = |before: &&Stored| {
                before.facts == after.stored.facts
                    && before.created_seq == after.stored.created_seq
                    && before.deleted == after.stored.deleted
            };
            if slot.before.as_ref().filter(same).is_some() {
                continue;
            }
            let before = slot.before.as_ref().map_or_else(|| Ok(BTreeSet::new()), |stored| stored.fact_rows(key))?;
            let now = after.stored.fact_rows(key)?;
            let gone = before.difference(&now).cloned().collect();
            let new = now.difference(&before).cloned().collect();
            changes.push(FactChange { key, gone, new });
        }
        Ok(changes)
    }

    /// Unique values that changed hands: the holder before and after.
    pub(crate) fn uniques(&self) -> impl Iterator<Item = (&Unique, Option<&DocKey>, Option<&DocKey>)> {
        self.uniques
            .iter()
            .filter(|(_, (before, after))| before != after)
            .map(|(unique, (before, after))| (unique, before.as_ref(), after.as_ref()))
    }

    /// The end of the log once the batch is written, and its documents as they are then.
    pub(crate) fn into_states(self) -> (Head, impl Iterator<Item = (DocKey, Stored)>) {
        let state = |slot: Slot<'_>| slot.after.map(|after| after.stored).or(slot.before);
        (self.head, self.docs.into_iter().filter_map(move |(key, slot)| Some((key, state(slot)?))))
    }

    /// The end of the log once the batch is written.
    pub(crate) fn into_head(self) -> Head {
        self.head
    }

    /// The same, while the batch is looked at.
    pub(crate) const fn end(&self) -> &Head {
        &self.head
    }

    /// The sequence of the last commit taken in.
    pub(crate) const fn last_seq(&self) -> u64 {
        self.head.seq
    }
}

/// Refuses a commit that no state of the database could make right. To be asked before it is planned.
pub(crate) fn check(commit: &Commit) -> Result<()> {
    let mut seen = HashSet::new();
    commit.requires.iter().try_for_each(|(key, _)| key.check())?;
    for write in &commit.writes {
        write.key.check()?;
        if !seen.insert(&write.key) {
            return Err(StoreError::Invalid(format!("{} is written twice", write.key)));
        }
        match &write.op {
            WriteOp::Put { body, index } => {
                index.check()?;
                no_nul("a body", body)?;
            }
            WriteOp::Delete if write.expect == Expect::Absent => {
                return Err(StoreError::Invalid(format!("{} is to be deleted and expected to be absent", write.key)));
            }
            WriteOp::Delete => {}
        }
    }
    commit.deletes_under.iter().try_for_each(crate::Scope::check)?;
    commit.members.iter().try_for_each(members::check)?;
    check_entry(&commit.change)
}

fn check_entry(change: &NewChange) -> Result<()> {
    if change.id.is_empty() {
        return Err(StoreError::Invalid("a change needs an id".into()));
    }
    let searched = [&change.id, &change.project].into_iter().chain(&change.member_id).chain(&change.token_id);
    for text in searched {
        no_nul("the log entry", text)?;
        if text.len() > MAX_KEY_PART {
            return Err(StoreError::Invalid(format!("an id in the log entry is longer than {MAX_KEY_PART} bytes")));
        }
    }
    for text in [&change.kind, &change.name, &change.body].into_iter().chain(&change.resources) {
        no_nul("the log entry", text)?;
    }
    Ok(())
}

fn no_nul(what: &str, text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(StoreError::Invalid(format!("{what} holds a NUL character")));
    }
    Ok(())
}

impl FactChange<'_> {
    /// By how much the number of documents with a fact changes, for each field where it does.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&str, i64)> {
        let mut counts: HashMap<&str, i64> = HashMap::new();
        for (rows, by) in [(&self.gone, -1), (&self.new, 1)] {
            for row in rows.iter().filter(|row| row.n == 0) {
                *counts.entry(&row.field).or_default() += by;
            }
        }
        counts.into_iter().filter(|(_, by)| *by != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(key: &str, expect: Expect) -> Commit {
        let index = IndexFacts::new().unique("id", key).text("name", key);
        let write =
            Write { key: DocKey::account(Kind::Member, key), expect, op: WriteOp::Put { body: "{}".into(), index } };
        Commit::new(vec![write], NewChange { id: key.into(), ..NewChange::default() })
    }

    #[test]
    fn a_commit_that_fails_leaves_no_trace() {
        let (first, stale, last) =
            (commit("a", Expect::Absent), commit("a", Expect::Version(7)), commit("b", Expect::Any));
        let mut twice = commit("c", Expect::Absent);
        twice.writes.extend(commit("d", Expect::Absent).writes);
        if let WriteOp::Put { index, .. } = &mut twice.writes[1].op {
            *index = IndexFacts::new().unique("id", "a");
        }
        let head = || Head { seq: 4, hash: "before".into() };
        let mut with = Batch::new(head(), [], []);
        assert_eq!(with.add(&first).unwrap().seq, 5);
        assert!(matches!(with.add(&stale), Err(StoreError::Conflict { found: Some(1), .. })));
        assert!(matches!(with.add(&twice), Err(StoreError::Duplicate { .. })));
        assert_eq!(with.add(&last).unwrap().seq, 6);

        let mut without = Batch::new(head(), [], []);
        without.add(&first).unwrap();
        without.add(&last).unwrap();
        let rows = |batch: &Batch<'_>| batch.rows.iter().map(|row| (row.seq, row.hash.clone())).collect::<Vec<_>>();
        let docs = |batch: &Batch<'_>| batch.docs().map(|doc| doc.key.clone()).collect::<BTreeSet<_>>();
        let uniques = |batch: &Batch<'_>| batch.uniques().map(|(unique, ..)| unique.clone()).collect::<BTreeSet<_>>();
        assert_eq!((rows(&with), docs(&with), uniques(&with)), (rows(&without), docs(&without), uniques(&without)));
        assert_eq!((with.versions.len(), with.last_seq()), (2, 6));
    }
}
