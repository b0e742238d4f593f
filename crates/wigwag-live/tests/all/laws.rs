//! Changes applied one by one lead where building anew leads, and streams say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use wigwag_eval::dependents::Item as Reference;
use wigwag_live::{About, EnvName, EnvSnapshot, Op, World};

use crate::history::{Historian, acts};
use crate::sdk::Store;

fn envs(world: &World) -> BTreeMap<EnvName, Arc<EnvSnapshot>> {
    world.envs().map(|(name, snapshot)| (name, Arc::clone(snapshot))).collect()
}

/// Whether everything that a flag depends on is there. Where something was deleted (which the API refuses), a
/// process that saw it happen has raised the version, and one that starts later does not know.
fn is_whole(snapshot: &EnvSnapshot, about: &About) -> bool {
    let mut open: Vec<&Reference> = about.refers_to.iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(reference) = open.pop() {
        let about = match reference {
            Reference::Flag(key) => snapshot.flags().get(key).map(|flag| flag.about()),
            Reference::Segment(key) => snapshot.segments().get(key).map(|segment| segment.about()),
        };
        let Some(about) = about else { return false };
        if seen.insert(reference) {
            open.extend(&about.refers_to);
        }
    }
    true
}

fn assert_same(applied: &World, rebuilt: &World) {
    let (applied, rebuilt) = (envs(applied), envs(rebuilt));
    assert!(applied.keys().eq(rebuilt.keys()), "{:?} but rebuilt {:?}", applied.keys(), rebuilt.keys());
    for (name, one) in &applied {
        let other = &rebuilt[name];
        assert_eq!(one.settings(), other.settings(), "{name:?}");
        assert!(one.flags().iter().eq(other.flags().iter()), "flags of {name:?}");
        assert!(one.segments().iter().eq(other.segments().iter()), "segments of {name:?}");
        for flag in one.flags().iter().filter(|flag| is_whole(one, flag.about())) {
            assert_eq!(one.client_version(flag), other.client_version(flag), "{} of {name:?}", flag.key());
        }
        for part in [wigwag_live::Part::All, wigwag_live::Part::Flags, wigwag_live::Part::Segments] {
            assert_eq!(one.etag(part), other.etag(part));
            assert_eq!(one.body(part).concat(), other.body(part).concat());
        }
    }
}

/// What each op refers to must have been put before, in this change or an earlier one, or not exist.
fn assert_ordered(ops: &[Op]) {
    let rank = |op: &Op| match op {
        Op::Segment(_) => 0,
        Op::Flag(_) => 1,
        Op::FlagGone { .. } => 2,
        Op::SegmentGone { .. } => 3,
    };
    assert!(ops.is_sorted_by_key(rank), "{ops:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn applying_equals_rebuilding(history in acts(), split in 0..40_usize) {
        let mut historian = Historian::default();
        let mut world = World::default();
        for (n, change) in history.iter().enumerate() {
            historian.commit(change);
            if n == split {
                world = World::rebuild(historian.log.state());
            }
            for change in historian.log.after(world.seq()) {
                world.apply(change);
            }
        }
        assert_same(&world, &World::rebuild(historian.log.state()));
    }

    #[test]
    fn a_stream_replayed_equals_the_snapshot(history in acts(), join in 0..10_usize) {
        let mut historian = Historian::default();
        let mut world = World::default();
        let mut stores: BTreeMap<EnvName, (u64, Store)> = BTreeMap::new();
        for (n, change) in history.iter().enumerate() {
            historian.commit(change);
            for change in historian.log.after(world.seq()) {
                world.apply(change);
            }
            let now = envs(&world);
            // An environment that went took its streams along.
            stores.retain(|name, _| now.contains_key(name));
            if n < join {
                continue;
            }
            for (name, snapshot) in now {
                let (cursor, store) = stores.entry(name).or_insert_with(|| {
                    let mut store = Store::default();
                    store.read(&snapshot.put_event().concat());
                    (snapshot.seq(), store)
                });
                while *cursor != snapshot.seq() {
                    let update = snapshot.tail().after(*cursor).expect("the tail reaches back far enough");
                    assert_ordered(update.ops());
                    store.read(update.all_events());
                    *cursor = update.seq();
                }
                assert_eq!(store.items, Store::of(&snapshot));
            }
        }
    }
}
