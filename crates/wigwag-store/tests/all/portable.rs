//! Backups, restores and moves between engines.

use crate::raw::{Place, in_both_places};
use crate::support::{change, config, flag, no_facts};
use std::path::{Path, PathBuf};
use wigwag_model::doc::Kind;
use wigwag_store::portable::{self, MANIFEST, Manifest, Scope};
use wigwag_store::volume::{Batch, Part, Sighting};
use wigwag_store::{
    Commit, DocKey, Expect, IndexFacts, MemberList, MemberOp, MemberWrite, Pass, SessionRow, Store, StoreConfig,
    StoreError, Write,
};

in_both_places! {
    what_is_restored_is_what_was_there;
    a_backup_under_way_sees_one_moment;
    a_move_keeps_everything;
    what_is_not_empty_is_left_alone;
    events_may_stay_behind;
}

const ALL: Scope = Scope { events: true };
const NOW: i64 = 1_700_000_000_000;

pub(crate) fn segment() -> DocKey {
    DocKey::in_env(Kind::Segment, "web", "test", "beta")
}

/// A bit of everything that tables hold.
pub(crate) async fn fill(store: &Store) {
    let facts = || IndexFacts::new().text("name", "Größe \u{1f600}").unique("slug", "a");
    let mut writes = vec![Write::create(flag("a"), r#"{"v":"\"\\\n\u0001"}"#.into(), facts())];
    writes.push(Write::create(config("test", "a"), "{}".into(), no_facts()));
    writes.push(Write::create(segment(), "{}".into(), no_facts()));
    store.commit(Commit::new(writes, change())).await.unwrap();
    store.commit(Commit::new(vec![Write::update(flag("a"), 1, "2".into(), facts())], change())).await.unwrap();
    store.commit(Commit::new(vec![Write::delete(config("test", "a"), Expect::Version(1))], change())).await.unwrap();
    let op = MemberOp::Add { list: MemberList::Included, keys: vec!["ann".into(), "bob".into()] };
    let members = vec![MemberWrite { owner: segment(), generation: 2, op }];
    store.commit(Commit { members, ..Commit::new(vec![], change()) }).await.unwrap();
    let row = SessionRow {
        hash: "h".into(),
        id: "i".into(),
        member: "ann".into(),
        created: 1,
        seen: 2,
        expires: 3,
        agent: "Browser".into(),
        address: "::1".into(),
        how: "password".into(),
    };
    store.put_session(&row).await.unwrap();
    let pass = Pass { hash: "p".into(), kind: "reset".into(), member: "ann".into(), expires: 10, body: "{}".into() };
    store.put_pass(&pass).await.unwrap();
    store.volume().record(seen()).await.unwrap();
}

fn seen() -> Batch {
    let body = r#"{"kind":"user","key":"ann","name":"Ann"}"#;
    let part = Part { kind: "user".into(), key: "ann".into(), body: Some(body.into()) };
    Batch {
        sightings: vec![Sighting {
            env: "env".into(),
            at: NOW,
            application: "go/1".into(),
            anonymous: Vec::new(),
            parts: vec![part],
        }],
        ..Batch::default()
    }
}

async fn opened(config: &StoreConfig) -> Store {
    Store::open(config).await.unwrap()
}

async fn backup(from: &StoreConfig, to: &Path) -> Manifest {
    portable::backup(from, to, ALL).await.unwrap()
}

/// Both engines, empty.
async fn empty_places() -> Vec<Place> {
    vec![Place::sqlite(), Place::postgres().await]
}

/// The same files byte for byte, and a store that goes on where the other one stood.
async fn same(manifest: &Manifest, place: &Place, home: &Path) {
    let again = backup(&place.config(), &home.join("again")).await;
    assert_eq!(again.head, manifest.head);
    for (again, first) in again.tables.iter().zip(&manifest.tables) {
        assert_eq!(again, first);
    }
    assert_eq!(again, *manifest);
    std::fs::remove_dir_all(home.join("again")).unwrap();
    let store = opened(&place.config()).await;
    assert_eq!(store.head().await.unwrap(), manifest.head.sequence);
    assert!(store.verify_documents().await.unwrap().is_empty());
    assert_eq!(store.get(&flag("a")).await.unwrap().unwrap().version, 2);
    assert!(store.membership(&segment(), "ann").await.unwrap().included);
    assert!(store.session("h").await.unwrap().is_some());
    assert_eq!(store.volume().environments().await.unwrap(), ["env"]);
    // Numbers go on after those that were given, also by tables that are empty by now.
    store.volume().record(seen()).await.unwrap();
    fill_more(&store).await;
    store.close().await;
}

pub(crate) async fn fill_more(store: &Store) {
    let facts = IndexFacts::new().text("other", "x");
    let done = store.commit(Commit::new(vec![Write::create(flag("z"), "1".into(), facts)], change())).await.unwrap();
    let set = store.stage_members(&segment(), MemberList::Excluded, 1).await.unwrap();
    assert!(store.stage_more(set, vec!["eve".into()], 2).await.unwrap());
    assert!(matches!(store.verify_chain().await.unwrap(), wigwag_store::Chain::Intact { seq, .. } if seq == done.seq));
}

async fn what_is_restored_is_what_was_there(place: Place) {
    let home = tempfile::tempdir().unwrap();
    let store = place.open().await.unwrap();
    fill(&store).await;
    let dir = home.path().join("backup");
    // While it is open.
    let manifest = backup(&place.config(), &dir).await;
    assert_eq!(Manifest::read(&dir).unwrap(), manifest);
    assert_eq!(manifest.head.sequence, store.head().await.unwrap());
    let rows = |table: &str| manifest.tables.iter().find(|t| t.table == table).unwrap().rows;
    assert!(rows("versions") > 4 && rows("members") == 2 && rows("seen_contexts") == 1 && rows("sessions") == 1);
    for target in empty_places().await {
        assert_eq!(portable::restore(&dir, &target.config()).await.unwrap(), manifest);
        same(&manifest, &target, home.path()).await;
    }
    let scratch = home.path().join("scratch");
    assert_eq!(portable::check(&dir, &scratch).await.unwrap(), manifest);
    let there = portable::backup(&place.config(), &dir, ALL).await.unwrap_err();
    assert!(there.to_string().contains("is there already"), "{there}");
    store.close().await;
}

async fn a_backup_under_way_sees_one_moment(place: Place) {
    let home = tempfile::tempdir().unwrap();
    let store = place.open().await.unwrap();
    fill(&store).await;
    let writer = store.clone();
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let writing = tokio::spawn(async move {
        let mut n = 0;
        while stopped.try_recv().is_err() {
            let key = format!("k{n}");
            let write = Write::create(flag(&key), "{}".into(), no_facts());
            writer.commit(Commit::new(vec![write], change())).await.unwrap();
            n += 1;
        }
    });
    for n in 0..3 {
        let dir = home.path().join(format!("backup-{n}"));
        let manifest = backup(&place.config(), &dir).await;
        // Verified against the head that it took down, which later rows would go beyond.
        portable::check(&dir, &home.path().join(format!("scratch-{n}"))).await.unwrap();
        let mut head = store.watch();
        head.wait_for(|head| *head > manifest.head.sequence).await.unwrap();
    }
    let _gone = stop.send(());
    writing.await.unwrap();
    store.close().await;
}

async fn a_move_keeps_everything(place: Place) {
    let home = tempfile::tempdir().unwrap();
    let store = place.open().await.unwrap();
    fill(&store).await;
    let target = if matches!(place, Place::Sqlite(_)) { Place::postgres().await } else { Place::sqlite() };
    let busy = portable::copy(&place.config(), &target.config(), ALL).await.unwrap_err();
    assert!(matches!(busy, StoreError::Locked(_) | StoreError::Unavailable(_)), "{busy}");
    store.close().await;
    // What was told to stop is gone from the server's list a moment later.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let head = loop {
        match portable::copy(&place.config(), &target.config(), ALL).await {
            Ok(head) => break head,
            Err(StoreError::Unavailable(why)) if std::time::Instant::now() < until => {
                assert!(why.contains("running servers"), "{why}");
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{error}"),
        }
    };
    let manifest = backup(&place.config(), &home.path().join("backup")).await;
    assert_eq!(manifest.head, head);
    same(&manifest, &target, home.path()).await;
    // And back.
    let back = if matches!(place, Place::Sqlite(_)) { Place::sqlite() } else { Place::postgres().await };
    portable::copy(&place.config(), &back.config(), ALL).await.unwrap();
    same(&manifest, &back, home.path()).await;
}

async fn what_is_not_empty_is_left_alone(place: Place) {
    let home = tempfile::tempdir().unwrap();
    let store = place.open().await.unwrap();
    fill(&store).await;
    let dir = home.path().join("backup");
    backup(&place.config(), &dir).await;
    let head = store.head().await.unwrap();
    store.close().await;
    let refused = portable::restore(&dir, &place.config()).await.unwrap_err();
    assert!(refused.to_string().contains("is not empty"), "{refused}");
    assert_eq!(place.open().await.unwrap().head().await.unwrap(), head);

    let nothing = portable::backup(&Place::postgres().await.config(), &home.path().join("none"), ALL).await;
    assert!(nothing.unwrap_err().to_string().contains("there is no Wigwag"), "an empty database");
    assert!(!home.path().join("none").exists() && !home.path().join("none.partial").exists());
}

async fn events_may_stay_behind(place: Place) {
    let home = tempfile::tempdir().unwrap();
    let store = place.open().await.unwrap();
    fill(&store).await;
    let dir = home.path().join("backup");
    let manifest = portable::backup(&place.config(), &dir, Scope { events: false }).await.unwrap();
    assert!(!manifest.events && manifest.tables.iter().all(|table| !table.table.starts_with("seen_")));
    for target in empty_places().await {
        portable::restore(&dir, &target.config()).await.unwrap();
        let restored = opened(&target.config()).await;
        assert!(restored.volume().environments().await.unwrap().is_empty());
        restored.volume().record(seen()).await.unwrap();
        restored.close().await;
    }
    store.close().await;
}

/// A backup of the embedded engine with something in it.
async fn written(home: &Path) -> PathBuf {
    let place = Place::sqlite();
    let store = place.open().await.unwrap();
    fill(&store).await;
    let dir = home.join("backup");
    backup(&place.config(), &dir).await;
    store.close().await;
    dir
}

fn refused(outcome: wigwag_store::Result<Manifest>, because: &str) {
    let error = outcome.unwrap_err();
    assert!(error.to_string().contains(because), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_is_told_and_nothing_is_left_behind() {
    let home = tempfile::tempdir().unwrap();
    let dir = written(home.path()).await;
    let file = dir.join("changes.jsonl.gz");
    let whole = std::fs::read(&file).unwrap();
    for at in [whole.len() / 2, whole.len() - 6, 12] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        std::fs::write(&file, bytes).unwrap();
        for target in empty_places().await {
            refused(portable::restore(&dir, &target.config()).await, "changes.jsonl.gz");
            if let Place::Sqlite(target) = &target {
                let left: Vec<_> = std::fs::read_dir(target.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
                assert_eq!(left, ["wigwag.lock"]);
            }
            // Nothing came of it, so the place is as good as before.
            std::fs::write(&file, &whole).unwrap();
            portable::restore(&dir, &target.config()).await.unwrap();
            let mut bytes = whole.clone();
            bytes[at] ^= 0x20;
            std::fs::write(&file, bytes).unwrap();
        }
    }
    std::fs::write(&file, &whole[..whole.len() - 20]).unwrap();
    refused(portable::restore(&dir, &Place::sqlite().config()).await, "changes.jsonl.gz");
    std::fs::remove_file(&file).unwrap();
    refused(portable::restore(&dir, &Place::sqlite().config()).await, "changes.jsonl.gz");
}

/// Somebody who can write files can make their sums anew. The chain tells.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_edited_does_not_verify() {
    use std::io::{Read, Write as _};
    let home = tempfile::tempdir().unwrap();
    let dir = written(home.path()).await;
    let manifest = Manifest::read(&dir).unwrap();
    let entry = manifest.tables.iter().find(|entry| entry.table == "changes").unwrap();
    let path = dir.join(&entry.file);
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap()).read_to_string(&mut text).unwrap();
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zip.write_all(text.replacen("Change", "Chance", 1).as_bytes()).unwrap();
    let bytes = zip.finish().unwrap();
    let edited = std::fs::read_to_string(dir.join(MANIFEST)).unwrap();
    let edited = edited.replace(&entry.sha256, &hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes)));
    let edited = edited.replace(&format!("\"bytes\": {}", entry.bytes), &format!("\"bytes\": {}", bytes.len()));
    std::fs::write(dir.join(MANIFEST), edited).unwrap();
    std::fs::write(&path, bytes).unwrap();
    for target in empty_places().await {
        refused(portable::restore(&dir, &target.config()).await, "the row is not what was written");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manifests_of_others_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let dir = written(home.path()).await;
    let path = dir.join(MANIFEST);
    let whole = std::fs::read_to_string(&path).unwrap();
    let to = Place::sqlite();
    let schema = format!("\"schema\": {}", wigwag_store::newest_schema());
    for (text, with, because) in [
        ("\"format\": 1", "\"format\": 2", "a format this release does not know"),
        (schema.as_str(), "\"schema\": 9999", "run a release at least as new"),
        (schema.as_str(), "\"schema\": 1", "are not those of its schema"),
        ("{", "[", "manifest.json"),
    ] {
        let edited = whole.replacen(text, with, 1);
        assert_ne!(edited, whole, "{text}");
        std::fs::write(&path, edited).unwrap();
        refused(portable::restore(&dir, &to.config()).await, because);
    }
    std::fs::remove_file(&path).unwrap();
    refused(portable::restore(&dir, &to.config()).await, "there is no backup in");
    assert_eq!(std::fs::read_dir(dir_of(&to)).unwrap().count(), 0);
}

fn dir_of(place: &Place) -> &Path {
    match place {
        Place::Sqlite(dir) => dir.path(),
        Place::Postgres(_) => unreachable!("an embedded one"),
    }
}

/// Room is given back, and what is there stays what it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compaction() {
    for place in empty_places().await {
        let store = place.open().await.unwrap();
        fill(&store).await;
        let keys: Vec<String> = (0..20_000).map(|n| format!("somebody-with-a-long-name-{n:06}")).collect();
        let set = store.stage_members(&segment(), MemberList::Excluded, 1).await.unwrap();
        for keys in keys.chunks(5_000) {
            store.stage_more(set, keys.to_vec(), 2).await.unwrap();
        }
        store.discard_members(set).await.unwrap();
        while store.tidy_members(50_000).await.unwrap() {}
        if let Place::Sqlite(_) = place {
            let busy = wigwag_store::compact(&place.config()).await.unwrap_err();
            assert!(matches!(busy, StoreError::Locked(_)), "{busy}");
        }
        let head = store.head().await.unwrap();
        store.close().await;
        let done = wigwag_store::compact(&place.config()).await.unwrap();
        if let Place::Sqlite(_) = place {
            assert!(done.after < done.before, "{done:?}");
        }
        let store = place.open().await.unwrap();
        assert_eq!(store.head().await.unwrap(), head);
        assert!(store.verify_documents().await.unwrap().is_empty());
        fill_more(&store).await;
        store.close().await;
    }
}
