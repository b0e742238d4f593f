//! Members of big segments from files.

use bytes::Bytes;
use serde_json::json;
use wigwag_api::segments::settle;
use wigwag_model::doc::{ImportMode, Kind, SegmentImport, TransferStatus};
use wigwag_store::{Commit, DocKey, IndexFacts, MemberList, NewChange, Store, Write};

use crate::big_segments::{
    BIG, SEGMENTS, SEMANTIC, counts, finished, form, import, import_as, instruct, is, open, owner,
};
use crate::support::{House, NOW, OWNER, on_both_engines};

on_both_engines! {
    an_import_waits_for_its_instruction;
    an_import_that_nobody_wants_goes;
    a_body_that_breaks_off_leaves_nothing;
    the_largest_file_is_configured;
    a_small_file_is_done_at_once;
    files_are_refused_by_their_line;
    a_large_file_goes_on_in_the_background;
    what_broke_off_is_stopped;
}

async fn waiting(house: &House, mode: &str, file: &str) -> (String, String) {
    let answer = import_as(house, OWNER, "big", &[("mode", mode), ("waitOnApprovals", "true"), ("file", file)]).await;
    assert_eq!(answer.status(), 204);
    let path = answer.header("location").to_owned();
    let id = path.rsplit('/').next().unwrap().to_owned();
    (path, id)
}

async fn an_import_waits_for_its_instruction(store: Store) {
    let house = open(store).await;
    let body = json!({"included": {"add": ["old", "kept"]}, "excluded": {"add": ["out"]}});
    house.post(&format!("{BIG}/users"), body).await.ok();
    let (path, id) = waiting(&house, "replace", "new\nkept\nnewer\n").await;
    let shown = house.get(&path).await.ok();
    assert_eq!((&shown["status"], &shown["_progress"]["stored"]), (&json!("ready"), &json!(3)));
    assert_eq!((is(&house, "new").await, is(&house, "old").await), ((false, false), (true, false)));
    // It is in nobody's way, and stays while it waits.
    assert_eq!(house.get(BIG).await.ok()["_importInProgress"], false);
    house.clock.advance(29 * 24 * 3_600_000);
    settle(&house.app, true).await.unwrap();
    assert_eq!(house.get(&path).await.ok()["status"], "ready");

    let process = json!({"kind": "processBigSegmentImport", "importId": id});
    let all = json!([
        {"kind": "addBigSegmentIncludedTargets", "values": ["early"]},
        process,
        {"kind": "removeBigSegmentIncludedTargets", "values": ["newer", "old"]},
        {"kind": "addBigSegmentIncludedTargets", "values": ["late", "kept"]},
        {"kind": "updateName", "value": "Filled"},
    ]);
    let before = house.get(BIG).await.ok();
    let shown = instruct(&house, &all).await.ok();
    assert_eq!((&shown["name"], &shown["generation"]), (&json!("Filled"), &json!(2)));
    assert_eq!(shown["version"].as_u64(), before["version"].as_u64().map(|version| version + 1));
    for (key, standing) in [
        ("early", (false, false)),
        ("old", (false, false)),
        ("new", (true, false)),
        ("newer", (false, false)),
        ("kept", (true, false)),
        ("late", (true, false)),
        ("out", (false, true)),
    ] {
        assert_eq!(is(&house, key).await, standing, "{key}");
    }
    assert_eq!(house.get(&path).await.ok()["status"], "complete");
    let entry = house.newest().await;
    let said = entry["description"].as_str().unwrap();
    assert!(said.contains("* Replaced the included targets by 3 targets from a file\n"), "{said}");
    // What is done already is no change.
    let head = house.head().await;
    instruct(&house, &json!([process])).await.ok();
    assert_eq!(house.head().await, head);
    // A key that the file brings cannot be excluded behind it.
    let (path, id) = waiting(&house, "merge", "more\n").await;
    let wrong = json!([{"kind": "processBigSegmentImport", "importId": id},
        {"kind": "addBigSegmentExcludedTargets", "values": ["more"]}]);
    let message = instruct(&house, &wrong).await.refused(400, "invalid_request");
    assert_eq!(message, "instructions[1].values: the context key 'more' would be both included and excluded");
    assert_eq!(
        (house.get(&path).await.ok()["status"].clone(), is(&house, "more").await),
        (json!("ready"), (false, false))
    );
    // An import of another segment is none of this one.
    house.post(SEGMENTS, json!({"key": "other", "name": "Other", "unbounded": true})).await.ok();
    let body = json!({"instructions": [{"kind": "processBigSegmentImport", "importId": id}]}).to_string();
    let headers = [("authorization", OWNER), ("content-type", SEMANTIC)];
    let message = house.raw(&format!("PATCH {SEGMENTS}/other"), &headers, &body).await.refused(400, "invalid_request");
    assert_eq!(message, "instructions[0].importId: is not an import of this segment");
}

async fn an_import_that_nobody_wants_goes(store: Store) {
    let house = open(store).await;
    let file: String = (0..6_000).map(|n| format!("user-{n}\n")).collect();
    let (path, id) = waiting(&house, "merge", &file).await;
    let mut head = house.store.watch();
    let prepared = async {
        while house.get(&path).await.ok()["status"] != "ready" {
            head.changed().await.unwrap();
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), prepared).await.expect("the import is never ready");
    assert_eq!(counts(&house).await, (0, 0));
    house.clock.advance(31 * 24 * 3_600_000);
    settle(&house.app, false).await.unwrap();
    assert_eq!(house.get(&path).await.ok()["status"], "stopped");
    assert!(house.store.staged_members().await.unwrap().is_empty());
    let message = instruct(&house, &json!([{"kind": "processBigSegmentImport", "importId": id}])).await;
    assert_eq!(message.refused(400, "invalid_request"), "instructions[0].importId: is an import that was stopped");
    // One whose segment was made anew is not that segment's any more.
    let (_, id) = waiting(&house, "merge", "a\n").await;
    house.delete(BIG).await.ok();
    house.post(SEGMENTS, json!({"key": "big", "name": "Big", "unbounded": true})).await.ok();
    let message = instruct(&house, &json!([{"kind": "processBigSegmentImport", "importId": id}])).await;
    assert_eq!(message.refused(400, "invalid_request"), "instructions[0].importId: is an import that was stopped");
    assert_eq!(counts(&house).await, (0, 0));
}

async fn a_body_that_breaks_off_leaves_nothing(store: Store) {
    let house = open(store).await;
    house.post(&format!("{BIG}/users"), json!({"included": {"add": ["old"]}})).await.ok();
    let head = house.head().await;
    let whole = form(&[("mode", "replace"), ("file", "a\nb\nc\n")]);
    for at in [whole.len() - 12, whole.len() / 2] {
        let pieces = [
            Ok(Bytes::copy_from_slice(&whole.as_bytes()[..at])),
            Err(wigwag_kit::Error::Invalid("The request body broke off".to_owned())),
        ];
        let request = http::Request::post(format!("{BIG}/imports"))
            .header("authorization", OWNER)
            .header("content-type", "multipart/form-data; boundary=b0")
            .body(wigwag_kit::Body::pieces(futures_util::stream::iter(pieces)))
            .unwrap();
        assert_eq!(house.server.serve(request).await.status(), 400);
    }
    assert_eq!((house.head().await, is(&house, "old").await, counts(&house).await), (head, (true, false), (1, 0)));
    assert!(house.store.staged_members().await.unwrap().is_empty());
}

async fn the_largest_file_is_configured(store: Store) {
    let house = open(store).await;
    let operations = wigwag_api::segments::import_limited(wigwag_api::operations(), 10);
    let found = operations.find("createBigSegmentImport").unwrap();
    assert_eq!((found.body_limit, found.unpacked_limit, found.streamed), (10 + 16 * 1024, 10 + 16 * 1024, true));
    // Without it, files of more than any whole body may have are read as they come.
    assert!(wigwag_api::operations().find("createBigSegmentImport").unwrap().body_limit > 1 << 30);
    drop(house);
}

async fn a_small_file_is_done_at_once(store: Store) {
    let house = open(store).await;
    house.post(&format!("{BIG}/users"), json!({"included": {"add": ["old"]}, "excluded": {"add": ["x"]}})).await.ok();
    let head = house.head().await;
    let answer = import(&house, "merge", "ann\r\n\"b,c\"\nann\n").await;
    assert_eq!((answer.status(), answer.text()), (204, String::new()));
    assert_eq!(house.head().await, head + 1);
    assert_eq!((is(&house, "b,c").await, is(&house, "old").await), ((true, false), (true, false)));
    assert_eq!(house.newest().await["description"], "* Added 2 targets from a file\n");

    let location = answer.header("location").to_owned();
    let shown = house.get(&location).await.ok();
    let id = shown["id"].as_str().unwrap();
    assert_eq!(location, format!("{BIG}/imports/{id}"));
    let link = |href: &str| json!({"href": href, "type": "application/json"});
    assert_eq!(
        shown,
        json!({"id": id, "segmentKey": "big", "creationTime": NOW, "mode": "merge", "status": "complete",
            "files": [{"filename": "keys.csv", "status": "complete"}], "_progress": {"keys": 2, "stored": 2},
            "_links": {"self": link(&location), "parent": link(BIG)}})
    );
    let unknown = house.get(&format!("{BIG}/imports/nothing")).await.refused(404, "not_found");
    assert_eq!(unknown, "Unknown import nothing");

    assert_eq!(import(&house, "replace", "new").await.status(), 204);
    assert_eq!((is(&house, "new").await, is(&house, "old").await), ((true, false), (false, false)));
    assert_eq!((is(&house, "ann").await, is(&house, "x").await), ((false, false), (false, true)));
    assert_eq!(house.newest().await["description"], "* Replaced the included targets by 1 targets from a file\n");
    assert_eq!(house.get(BIG).await.ok()["version"], 4);
}

async fn files_are_refused_by_their_line(store: Store) {
    let house = open(store).await;
    let head = house.head().await;
    for (parts, message) in [
        (vec![("mode", "merge"), ("file", "a\nb\nc,d\ne\n")], "file: line 3 has more than one column"),
        (vec![("mode", "merge"), ("file", "")], "file: has no keys"),
        (vec![("mode", "merge")], "Missing field file"),
        (vec![("file", "a")], "Missing field mode"),
        (vec![("mode", "append"), ("file", "a")], "mode: must be merge or replace"),
        (
            vec![("mode", "merge"), ("file", "a"), ("waitOnApprovals", "perhaps")],
            "waitOnApprovals: must be true or false",
        ),
    ] {
        assert_eq!(import_as(&house, OWNER, "big", &parts).await.refused(400, "invalid_request"), message);
    }
    let plain = import_as(&house, OWNER, "plain", &[("mode", "merge"), ("file", "a")]).await;
    assert_eq!(plain.refused(400, "invalid_request"), "segmentKey: plain is not a big segment");
    import_as(&house, OWNER, "none", &[("mode", "merge"), ("file", "a")]).await.refused(404, "not_found");
    let line = format!("POST {BIG}/imports");
    for (kind, body, message) in [
        ("text/csv", "a\n", "Content-Type: must be multipart/form-data"),
        ("multipart/form-data", "a\n", "Content-Type: the boundary is missing"),
        ("multipart/form-data; boundary=b0", "--b0\r\n", "The form is broken: its parts do not end"),
    ] {
        let answer = house.raw(&line, &[("authorization", OWNER), ("content-type", kind)], body).await;
        assert_eq!(answer.refused(400, "invalid_request"), message);
    }
    assert_eq!((house.head().await, counts(&house).await), (head, (0, 0)));
    assert!(house.store.staged_members().await.unwrap().is_empty());
}

async fn a_large_file_goes_on_in_the_background(store: Store) {
    let house = open(store).await;
    house.post(&format!("{BIG}/users"), json!({"included": {"add": ["old", "user-00007"]}})).await.ok();
    let file: String = (0..12_000).rev().map(|n| format!("user-{n:05}\n")).collect();
    let answer = import(&house, "merge", &file).await;
    assert_eq!(answer.status(), 204);
    let import = finished(&house, answer.header("location")).await;
    assert_eq!(import["status"], "complete");
    assert_eq!(import["_progress"], json!({"keys": 12_000, "stored": 12_000}));
    for key in ["old", "user-00000", "user-11999"] {
        assert_eq!(is(&house, key).await, (true, false), "{key}");
    }
    let entry = house.newest().await;
    assert_eq!(entry["description"], "* Added 12000 targets from a file\n");
    assert_eq!(entry["member"]["email"], "ann@example.com");
    // Once the sets are folded together, what was in both counts once.
    while house.store.tidy_members(5000).await.unwrap() {}
    assert_eq!(counts(&house).await, (12_001, 0));
}

async fn what_broke_off_is_stopped(store: Store) {
    let house = open(store).await;
    house.post(&format!("{BIG}/users"), json!({"included": {"add": ["old"]}})).await.ok();
    // What a process leaves that ends in the middle of an import.
    let set = house.store.stage_members(&owner(), MemberList::Included, NOW).await.unwrap();
    assert!(house.store.stage_more(set, vec!["half".to_owned()], NOW).await.unwrap());
    let left = SegmentImport {
        id: "left".to_owned(),
        segment: "big".to_owned(),
        file: "k.csv".to_owned(),
        mode: ImportMode::Replace,
        status: TransferStatus::InProgress,
        set: set.0,
        keys: 9,
        created_at: NOW,
    };
    let facts = IndexFacts::new().unique("running", "default/test/big").number("runningSince", NOW);
    let key = DocKey::in_env(Kind::SegmentImport, "default", "test", "left");
    let write = Write::create(key, serde_json::to_string(&left).unwrap(), facts);
    let change = NewChange { id: "left".to_owned(), ..NewChange::default() };
    house.store.commit(Commit::new(vec![write], change)).await.unwrap();

    let path = format!("{BIG}/imports/left");
    assert_eq!(house.get(BIG).await.ok()["_importInProgress"], true);
    let shown = house.get(&path).await.ok();
    assert_eq!((&shown["status"], &shown["_progress"]), (&json!("in_progress"), &json!({"keys": 9, "stored": 1})));
    let message = import(&house, "merge", "a").await.refused(409, "conflict");
    assert_eq!(message, "Another import for this segment is under way");
    // Another process of the same database may still be at it, a while.
    settle(&house.app, false).await.unwrap();
    assert_eq!(house.get(&path).await.ok()["status"], "in_progress");
    if house.store.is_alone() {
        settle(&house.app, true).await.unwrap();
    } else {
        house.clock.advance(5 * 60 * 1000 + 1);
        settle(&house.app, false).await.unwrap();
    }
    let shown = house.get(&path).await.ok();
    assert_eq!((&shown["status"], &shown["files"][0]["status"]), (&json!("stopped"), &json!("stopped")));
    assert_eq!((is(&house, "half").await, is(&house, "old").await), ((false, false), (true, false)));
    assert!(house.store.staged_members().await.unwrap().is_empty());
    let head = house.head().await;
    settle(&house.app, true).await.unwrap();
    assert_eq!(house.head().await, head);
    assert_eq!(import(&house, "merge", "a").await.status(), 204);
    assert_eq!((is(&house, "a").await, counts(&house).await.0 >= 2), ((true, false), true));
}
