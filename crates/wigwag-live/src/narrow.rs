//! The part of an environment that some views hold, for the keys that are held to these views.
//!
//! It is an environment of its own to whoever serves it: snapshots, streams and bodies are made as for any other. As
//! long as only items change, each update of the whole becomes one of the part. When items come into views or go, the
//! part begins anew: streams get everything once more, because an item that comes back has a version that SDKs have
//! seen go.

use std::sync::Arc;

use wigwag_model::clock::Millis;

use crate::inventory;
use crate::item::Item;
use crate::live::Env;
use crate::snapshot::{EnvSnapshot, Flags, Items, Segments};
use crate::update::Op;

/// The part of an environment for one set of views.
pub(crate) struct Narrow {
    views: Box<[String]>,
    env: Arc<Env>,
    /// What it was made of last.
    whole: Arc<EnvSnapshot>,
}

impl Narrow {
    /// The part of `whole` as of the change `seq`.
    pub(crate) fn new(views: &[String], seq: u64, whole: &Arc<EnvSnapshot>) -> Self {
        let part = anew(views, seq, whole);
        Self { views: views.into(), env: Arc::new(Env::new(Arc::new(part))), whole: Arc::clone(whole) }
    }

    /// Where it is served.
    pub(crate) const fn env(&self) -> &Arc<Env> {
        &self.env
    }

    /// Which views.
    pub(crate) const fn views(&self) -> &[String] {
        &self.views
    }

    /// Follows the whole, which is `now` as of the change `seq`.
    pub(crate) fn follow(&mut self, seq: u64, whole: &Arc<EnvSnapshot>, now: Millis) {
        let before = self.env.snapshot();
        let next = self.updated(&before, whole).unwrap_or_else(|| {
            let part = anew(&self.views, seq, whole);
            // Links of others changed, and nothing else.
            let only = whole.seq() == self.whole.seq();
            let same = only && part.flags() == before.flags() && part.segments() == before.segments();
            if same { before.part_of(Arc::clone(whole)) } else { part }
        });
        self.whole = Arc::clone(whole);
        self.env.publish(Arc::new(next), now);
    }

    /// The part after the updates that the whole has had since; none where these do not say it all.
    fn updated(&self, before: &EnvSnapshot, whole: &Arc<EnvSnapshot>) -> Option<EnvSnapshot> {
        if whole.links() != self.whole.links() {
            return None;
        }
        let mut part = before.part_of(Arc::clone(whole));
        let mut at = self.whole.seq();
        while at != whole.seq() {
            let update = whole.tail().after(at)?;
            at = update.seq();
            let ops: Vec<Op> = update.ops().iter().filter(|op| self.concerns(&part, op)).cloned().collect();
            let affected: Vec<_> = update.affected().iter().filter(|key| holds(&part, &ops, key)).cloned().collect();
            if !ops.is_empty() || !affected.is_empty() {
                let (members, lifts) = (update.asks_members(), Arc::clone(whole.lifts()));
                part = inventory::after(&part, at, ops, affected, members, lifts);
            }
        }
        Some(part.with_lifts(Arc::clone(whole.lifts())))
    }

    fn concerns(&self, part: &EnvSnapshot, op: &Op) -> bool {
        match op {
            Op::Flag(item) => linked(&self.views, item),
            Op::Segment(item) => linked(&self.views, item),
            Op::FlagGone { key, .. } => part.flags().get(key).is_some(),
            Op::SegmentGone { key, .. } => part.segments().get(key).is_some(),
        }
    }
}

/// Whether a flag is in the part, before or after what is done.
fn holds(part: &EnvSnapshot, ops: &[Op], key: &str) -> bool {
    part.flags().get(key).is_some() || ops.iter().any(|op| matches!(op, Op::Flag(item) if item.key() == key))
}

/// Everything that is linked to one of the views.
fn anew(views: &[String], seq: u64, whole: &Arc<EnvSnapshot>) -> EnvSnapshot {
    let flags: Flags = Items::new(whole.flags().iter().filter(|item| linked(views, item)).cloned().collect());
    let segments: Segments = Items::new(whole.segments().iter().filter(|item| linked(views, item)).cloned().collect());
    let (settings, lifts) = (Arc::clone(whole.settings()), Arc::clone(whole.lifts()));
    EnvSnapshot::new(seq, settings, flags, segments, lifts).part_of(Arc::clone(whole))
}

fn linked<C>(views: &[String], item: &Item<C>) -> bool {
    item.about().views.iter().any(|view| views.iter().any(|one| **one == **view))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};
    use wigwag_model::doc::Kind;

    use super::*;
    use crate::source::{Change, Document, State};
    use crate::world::World;

    /// One change of a flag or segment of the environment.
    #[derive(Clone, Debug)]
    enum Act {
        Link(usize, Vec<&'static str>),
        Change(usize, Option<usize>),
        Archive(usize, bool),
        Delete(usize),
        Segment(usize, Vec<&'static str>, bool),
        Nothing,
    }

    fn acts() -> impl Strategy<Value = Act> {
        let views = || proptest::sample::subsequence(vec!["a", "b", "c"], 0..=2);
        prop_oneof![
            3 => (0..4_usize, views()).prop_map(|(n, views)| Act::Link(n, views)),
            3 => (0..4_usize, proptest::option::of(0..4_usize)).prop_map(|(n, on)| Act::Change(n, on)),
            1 => (0..4_usize, any::<bool>()).prop_map(|(n, archived)| Act::Archive(n, archived)),
            1 => (0..4_usize).prop_map(Act::Delete),
            2 => (0..3_usize, views(), any::<bool>()).prop_map(|(n, views, there)| Act::Segment(n, views, there)),
            1 => Just(Act::Nothing),
        ]
    }

    /// What is stored, and the changes that acts make of it.
    #[derive(Default)]
    struct House {
        seq: u64,
        versions: BTreeMap<(Kind, String), u64>,
        flags: BTreeMap<usize, Value>,
    }

    fn links(views: &[&str]) -> Value {
        views.iter().map(|view| json!({"key": view, "linkedAt": 0})).collect()
    }

    impl House {
        fn doc(&mut self, kind: Kind, env: &str, key: &str, body: Option<Value>) -> Document {
            let version = self.versions.entry((kind, key.to_owned())).or_default();
            *version += 1;
            let body = body.map(|body| body.to_string().into());
            Document {
                kind,
                project: "p".into(),
                env: env.into(),
                key: key.into(),
                version: *version,
                seq: self.seq,
                body,
            }
        }

        fn flag(&mut self, n: usize) -> &mut Value {
            self.flags.entry(n).or_insert_with(|| {
                json!({"key": format!("f{n}"), "name": "F", "kind": "boolean", "temporary": false, "createdAt": 0,
                    "variations": [{"id": "1", "value": true}], "defaults": {"onVariation": 0, "offVariation": 0},
                    "clientSideAvailability": {"usingMobileKey": true, "usingEnvironmentId": false}})
            })
        }

        fn act(&mut self, act: &Act) -> Change {
            self.seq += 1;
            let config = |needs: Option<usize>| {
                let needs: Vec<_> = needs.iter().map(|n| json!({"key": format!("f{n}"), "variation": 0})).collect();
                json!({"on": true, "salt": "s", "sel": "s", "lastModified": 0, "prerequisites": needs,
                    "fallthrough": {"variation": 0}})
            };
            let key = |n: usize| format!("f{n}");
            let docs = match act {
                Act::Nothing => vec![],
                Act::Link(n, views) => {
                    self.flag(*n)["views"] = links(views);
                    let body = self.flag(*n).clone();
                    vec![self.doc(Kind::Flag, "", &key(*n), Some(body))]
                }
                Act::Archive(n, archived) => {
                    let flag = self.flag(*n);
                    flag["archivedAt"] = if *archived { json!(1) } else { Value::Null };
                    let body = flag.clone();
                    // With a new version everywhere, as the API does it: what comes back must be newer than its end.
                    let configured = self.versions.contains_key(&(Kind::FlagConfig, key(*n)));
                    let again = configured.then(|| self.doc(Kind::FlagConfig, "e", &key(*n), Some(config(None))));
                    [self.doc(Kind::Flag, "", &key(*n), Some(body))].into_iter().chain(again).collect()
                }
                Act::Change(n, on) => {
                    let body = self.flag(*n).clone();
                    let needs = on.filter(|on| on < n);
                    vec![
                        self.doc(Kind::Flag, "", &key(*n), Some(body)),
                        self.doc(Kind::FlagConfig, "e", &key(*n), Some(config(needs))),
                    ]
                }
                Act::Delete(n) => {
                    self.flags.remove(n);
                    let config = self.doc(Kind::FlagConfig, "e", &key(*n), None);
                    vec![self.doc(Kind::Flag, "", &key(*n), None), config]
                }
                Act::Segment(n, views, there) => {
                    let body = json!({"key": format!("s{n}"), "name": "S", "salt": "s", "views": links(views),
                        "createdAt": 0, "lastModified": 0});
                    vec![self.doc(Kind::Segment, "e", &format!("s{n}"), there.then_some(body))]
                }
            };
            Change { seq: self.seq, docs }
        }
    }

    /// What an SDK holds that is told everything on a stream, and takes nothing that is older than what it has.
    #[derive(Default)]
    struct Sdk {
        cursor: Option<u64>,
        flags: BTreeMap<String, (u64, bool)>,
    }

    impl Sdk {
        fn take(&mut self, newest: &EnvSnapshot) {
            while self.cursor != Some(newest.seq()) {
                let Some(update) = self.cursor.and_then(|cursor| newest.tail().after(cursor)) else {
                    let all = newest.flags().iter().map(|item| (item.key().to_owned(), (item.version(), true)));
                    self.flags = all.collect();
                    self.cursor = Some(newest.seq());
                    return;
                };
                for op in update.ops() {
                    let (key, version, there) = match op {
                        Op::Flag(item) => (item.key(), item.version(), true),
                        Op::FlagGone { key, version } => (&**key, *version, false),
                        _ => continue,
                    };
                    if self.flags.get(key).is_none_or(|(known, _)| *known < version) {
                        self.flags.insert(key.to_owned(), (version, there));
                    }
                }
                self.cursor = Some(update.seq());
            }
        }

        fn holds(&self) -> Vec<(&str, u64)> {
            let there = self.flags.iter().filter(|(_, (_, there))| *there);
            there.map(|(key, (version, _))| (key.as_str(), *version)).collect()
        }
    }

    proptest! {
        /// Following leads where beginning anew does, and an SDK on a stream ends up with just that.
        #[test]
        fn following_and_beginning_anew_lead_to_the_same(all in proptest::collection::vec((acts(), any::<bool>()), 1..40)) {
            let views = ["a".to_owned(), "b".to_owned()];
            let mut house = House::default();
            let env = json!({"id": "i", "key": "e", "name": "E", "color": "000000", "createdAt": 0, "sdkKeys": [], "mobileKeys": []});
            let env = house.doc(Kind::Environment, "", "e", Some(env));
            let mut world = World::rebuild(State { seq: 0, docs: vec![env] });
            let name = ("p".into(), "e".into());
            let mut part = Narrow::new(&views, 0, world.env(&name).unwrap());
            let mut sdk = Sdk::default();
            for (act, looked) in &all {
                // Several changes may come before a look.
                let touched = world.apply(house.act(act)).contains(&name);
                let whole = Arc::clone(world.env(&name).unwrap());
                if touched && *looked {
                    part.follow(world.seq(), &whole, 0);
                    sdk.take(&part.env().snapshot());
                }
            }
            let whole = Arc::clone(world.env(&name).unwrap());
            part.follow(world.seq(), &whole, 0);
            let (followed, fresh) = (part.env().snapshot(), anew(&views, world.seq(), &whole));
            prop_assert!(followed.flags() == fresh.flags() && followed.segments() == fresh.segments());
            prop_assert_eq!(followed.settings(), fresh.settings());
            let held = |snapshot: &EnvSnapshot| {
                snapshot.flags().iter().all(|item| linked(&views, item)) && snapshot.is_part()
            };
            prop_assert!(held(&followed), "nothing else is delivered");
            for flag in fresh.flags().iter() {
                prop_assert_eq!(followed.client_version(flag), whole.client_version(flag));
            }
            sdk.take(&followed);
            let wanted: Vec<_> = fresh.flags().iter().map(|item| (item.key(), item.version())).collect();
            prop_assert_eq!(sdk.holds(), wanted);
        }
    }
}
