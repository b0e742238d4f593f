//! Members of big segments: one by one and to files; what evaluations see of them. From files: `big_imports`.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use wigwag_api::read::{evaluator, knowing_big_segments};
use wigwag_auth::Unrestricted;
use wigwag_eval::{BigSegmentAnswer, BigSegmentsStatus, Lookup as _};
use wigwag_kit::{ApiVersion, Caller, Ctx};
use wigwag_model::context::Context;
use wigwag_model::doc::Kind;
use wigwag_store::{DocKey, MemberCounts, Store};

use crate::support::{Answer, House, NOW, OWNER, on_both_engines};

on_both_engines! {
    members_come_and_go_one_by_one;
    lists_of_members_are_refused;
    instructions_move_members;
    instructions_on_members_beside_others;
    members_leave_as_a_file;
    strangers_change_nothing;
    a_segment_made_anew_has_no_members;
    evaluations_see_members;
}

pub(crate) const SEGMENTS: &str = "/api/v2/segments/default/test";
pub(crate) const BIG: &str = "/api/v2/segments/default/test/big";

pub(crate) async fn open(store: Store) -> House {
    let house = House::open(store).await;
    house.post(SEGMENTS, json!({"key": "big", "name": "Big", "unbounded": true})).await.ok();
    house.post(SEGMENTS, json!({"key": "plain", "name": "Plain"})).await.ok();
    house
}

pub(crate) fn owner() -> DocKey {
    DocKey::in_env(Kind::Segment, "default", "test", "big")
}

pub(crate) async fn counts(house: &House) -> (u64, u64) {
    let MemberCounts { included, excluded } = house.store.member_counts(&owner()).await.unwrap();
    (included, excluded)
}

pub(crate) async fn is(house: &House, key: &str) -> (bool, bool) {
    let found = house.store.membership(&owner(), key).await.unwrap();
    (found.included, found.excluded)
}

pub(crate) fn form(parts: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (name, body) in parts {
        let file = if *name == "file" { "; filename=\"keys.csv\"" } else { "" };
        write!(form, "--b0\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{body}\r\n").unwrap();
    }
    form + "--b0--\r\n"
}

pub(crate) async fn import_as(house: &House, token: &str, segment: &str, parts: &[(&str, &str)]) -> Answer {
    let headers = [("authorization", token), ("content-type", "multipart/form-data; boundary=\"b0\"")];
    let line = format!("POST {SEGMENTS}/{segment}/imports");
    house.bytes(&line, &headers, Bytes::from(form(parts))).await
}

pub(crate) async fn import(house: &House, mode: &str, file: &str) -> Answer {
    import_as(house, OWNER, "big", &[("mode", mode), ("file", file)]).await
}

async fn import_file(house: &House, name: &str, mode: &str, file: &str) -> Answer {
    let form = form(&[("mode", mode), ("file", file)]).replace("keys.csv", name);
    let headers = [("authorization", OWNER), ("content-type", "multipart/form-data; boundary=\"b0\"")];
    house.bytes(&format!("POST {BIG}/imports"), &headers, Bytes::from(form)).await
}

/// The import, once it is under way no more.
pub(crate) async fn finished(house: &House, location: &str) -> Value {
    let mut head = house.store.watch();
    let wait = async {
        loop {
            let import = house.get(location).await.ok();
            if import["status"] != "in_progress" {
                return import;
            }
            head.changed().await.unwrap();
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), wait).await.expect("the import never ends")
}

async fn members_come_and_go_one_by_one(store: Store) {
    let house = open(store).await;
    let body = json!({"included": {"add": ["ann", "bob", "ann"]}, "excluded": {"add": ["cat"]}});
    let answer = house.post(&format!("{BIG}/users"), body).await;
    assert_eq!((answer.status(), answer.text()), (204, String::new()));
    assert_eq!((is(&house, "ann").await, is(&house, "cat").await), ((true, false), (false, true)));
    let entry = house.newest().await;
    assert_eq!((&entry["kind"], &entry["titleVerb"]), (&json!("segment"), &json!("updated the segment")));
    assert_eq!(entry["description"], "* Added 3 included targets\n* Added 1 excluded target\n");
    let resource = "proj/default:env/test:segment/big";
    assert_eq!(
        entry["accesses"],
        json!([{"action": "updateIncluded", "resource": resource},
                                          {"action": "updateExcluded", "resource": resource}])
    );
    let segment = house.get(BIG).await.ok();
    assert_eq!(segment["version"], 2);

    house.clock.advance(5);
    let body = json!({"included": {"remove": ["ann", "nobody"], "add": []}, "excluded": {"add": ["bob"]}});
    assert_eq!(house.post(&format!("{BIG}/contexts"), body).await.status(), 204);
    assert_eq!((is(&house, "ann").await, is(&house, "bob").await), ((false, false), (true, true)));
    assert_eq!(counts(&house).await, (1, 2));
    let segment = house.get(BIG).await.ok();
    assert_eq!((&segment["version"], &segment["lastModifiedDate"]), (&json!(3), &json!(NOW + 5)));
}

async fn instructions_move_members(store: Store) {
    let house = open(store).await;
    let one = |kind: &str, values: &[&str]| json!({"kind": format!("{kind}Targets"), "values": values});
    let patch = async |instructions: Value| {
        let kind = "application/json; domain-model=launchdarkly.semanticpatch";
        let body = json!({"comment": "why", "instructions": instructions}).to_string();
        house.raw(&format!("PATCH {BIG}"), &[("authorization", OWNER), ("content-type", kind)], &body).await
    };
    let added = json!([one("addBigSegmentIncluded", &["ann", "bob"]), one("addBigSegmentExcluded", &["cat"])]);
    let segment = patch(added.clone()).await.ok();
    assert_eq!((&segment["version"], &segment["unbounded"]), (&json!(2), &json!(true)));
    assert_eq!((is(&house, "ann").await, is(&house, "cat").await), ((true, false), (false, true)));
    let entry = house.newest().await;
    assert_eq!((&entry["comment"], &entry["delta"]["instructions"]), (&json!("why"), &added));
    assert_eq!(entry["description"], "* Added 2 included targets\n* Added 1 excluded target\n");
    // What is so already is no change.
    let head = house.head().await;
    assert_eq!(patch(added).await.ok()["version"], 2);
    assert_eq!(house.head().await, head);
    // A key changes sides when it leaves the one first.
    let wrong = json!([one("addBigSegmentExcluded", &["ann"])]);
    let message = patch(wrong).await.refused(400, "invalid_request");
    assert_eq!(message, "instructions[0].values: the context key 'ann' would be both included and excluded");
    let moved = json!([one("removeBigSegmentIncluded", &["ann", "zed"]), one("addBigSegmentExcluded", &["ann"])]);
    patch(moved).await.ok();
    assert_eq!((is(&house, "ann").await, counts(&house).await), ((false, true), (1, 2)));
    let accesses = house.newest().await["accesses"].clone();
    assert_eq!((&accesses[0]["action"], &accesses[1]["action"]), (&json!("updateIncluded"), &json!("updateExcluded")));
    for (instructions, field) in [
        (json!([one("addBigSegmentIncluded", &["x"]), {"kind": "updateNam", "value": "N"}]), "instructions[1].kind"),
        (json!([{"kind": "processBigSegmentImport", "importId": "none"}]), "instructions[0].importId"),
        (json!([{"kind": "processBigSegmentImport"}]), "instructions[0].importId"),
        (json!([one("addBigSegmentIncluded", &["x", ""])]), "instructions[0].values"),
        (json!([{"kind": "addBigSegmentIncludedTargets"}]), "instructions[0].values"),
    ] {
        let message = patch(instructions).await.refused(400, "invalid_request");
        assert!(message.contains(field), "{message}");
    }
    let shown = house.get(BIG).await.ok();
    assert_eq!((&shown["name"], &shown["_importInProgress"]), (&json!("Big"), &json!(false)));
    let numbers = &shown["_unboundedMetadata"];
    assert_eq!((&numbers["includedCount"], &numbers["excludedCount"]), (&json!(1), &json!(2)));
    assert_eq!(house.get(&format!("{SEGMENTS}/plain")).await.ok().get("_unboundedMetadata"), None);
}

pub(crate) const SEMANTIC: &str = "application/json; domain-model=launchdarkly.semanticpatch";

pub(crate) async fn instruct(house: &House, instructions: &Value) -> Answer {
    let body = json!({"instructions": instructions}).to_string();
    house.raw(&format!("PATCH {BIG}"), &[("authorization", OWNER), ("content-type", SEMANTIC)], &body).await
}

async fn instructions_on_members_beside_others(store: Store) {
    let house = open(store).await;
    let head = house.head().await;
    let all = json!([
        {"kind": "updateName", "value": "Bigger"},
        {"kind": "addBigSegmentIncludedTargets", "values": ["ann"]},
        {"kind": "addTags", "values": ["t"]},
        {"kind": "addBigSegmentExcludedTargets", "values": ["bob"]},
    ]);
    let shown = instruct(&house, &all).await.ok();
    assert_eq!((&shown["name"], &shown["tags"], &shown["version"]), (&json!("Bigger"), &json!(["t"]), &json!(2)));
    assert_eq!((is(&house, "ann").await, is(&house, "bob").await), ((true, false), (false, true)));
    assert_eq!(house.head().await, head + 1, "one change");
    let entry = house.newest().await;
    let actions: Vec<_> = entry["accesses"].as_array().unwrap().iter().map(|one| one["action"].clone()).collect();
    assert_eq!(actions, ["updateName", "updateTags", "updateIncluded", "updateExcluded"]);
    let said = entry["description"].as_str().unwrap();
    assert!(
        said.contains("Changed the name") && said.ends_with("* Added 1 included target\n* Added 1 excluded target\n")
    );
    assert_eq!(entry["delta"]["instructions"], all);

    // What cannot be done takes everything with it.
    for (wrong, status) in [
        (json!([{"kind": "addBigSegmentIncludedTargets", "values": ["x"]}, {"kind": "addRule", "clauses": 1}]), 400),
        (
            json!([{"kind": "updateName", "value": "No"}, {"kind": "addBigSegmentExcludedTargets", "values": ["ann"]}]),
            400,
        ),
        (json!([{"kind": "updateName", "value": "No"}, {"kind": "processBigSegmentImport", "importId": "no"}]), 400),
    ] {
        assert_eq!(instruct(&house, &wrong).await.status(), status, "{wrong}");
    }
    assert_eq!((house.head().await, house.get(BIG).await.ok()["name"].clone()), (head + 1, json!("Bigger")));
    assert_eq!((is(&house, "x").await, counts(&house).await), ((false, false), (1, 1)));

    // Who may do one part of it may not do all.
    let policy = json!([{"effect": "allow", "actions": ["updateName"], "resources": ["proj/*:env/*:segment/*"]}]);
    let token = house.post("/api/v2/tokens", json!({"name": "n", "inlineRole": policy})).await.ok();
    let both = json!({"instructions": [{"kind": "updateName", "value": "No"},
        {"kind": "removeBigSegmentIncludedTargets", "values": ["ann"]}]});
    let headers = [("authorization", token["token"].as_str().unwrap()), ("content-type", SEMANTIC)];
    let answer = house.raw(&format!("PATCH {BIG}"), &headers, &both.to_string()).await;
    answer.refused(403, "forbidden");
    assert_eq!(answer.json()["access"]["action"], "updateIncluded");
    assert_eq!(is(&house, "ann").await, (true, false));
}

async fn lists_of_members_are_refused(store: Store) {
    let house = open(store).await;
    let head = house.head().await;
    for (body, field) in [
        (json!({"included": {"add": ["a", ""]}}), "included.add[1]"),
        (json!({"excluded": {"remove": ["x".repeat(513)]}}), "excluded.remove[0]"),
        (json!({"included": {"add": ["a\u{0}"]}}), "included.add[0]"),
        (json!({"included": {"add": ["a"], "remove": ["a"]}}), "included"),
        (json!({"included": {"add": "a"}}), "included"),
        (json!({"included": {"plus": ["a"]}}), "included"),
        (json!({}), "included"),
    ] {
        for way in ["users", "contexts"] {
            let message = house.post(&format!("{BIG}/{way}"), body.clone()).await.refused(400, "invalid_request");
            assert!(message.contains(field), "{message}");
        }
    }
    let good = json!({"included": {"add": ["a"]}});
    let message = house.post(&format!("{SEGMENTS}/plain/users"), good.clone()).await.refused(400, "invalid_request");
    assert_eq!(message, "segmentKey: plain is not a big segment");
    for path in [format!("{SEGMENTS}/none/users"), "/api/v2/segments/default/none/big/users".to_owned()] {
        house.post(&path, good.clone()).await.refused(404, "not_found");
    }
    assert_eq!((house.head().await, counts(&house).await), (head, (0, 0)));
}

async fn members_leave_as_a_file(store: Store) {
    let house = open(store).await;
    let body = json!({"included": {"add": ["zed", "b,c", "say \"hi\"", "é"]}, "excluded": {"add": ["x"]}});
    house.post(&format!("{BIG}/users"), body).await.ok();
    let answer = house.post(&format!("{BIG}/exports"), json!({})).await;
    assert_eq!((answer.status(), answer.text()), (200, String::new()));
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "exported the segment");
    assert_eq!(entry["accesses"][0]["action"], "createSegmentExport");
    let file = "\"b,c\"\n\"say \"\"hi\"\"\"\nzed\né\n";
    let export = house.get(answer.header("location")).await.ok();
    let own = format!("{BIG}/exports/{}", export["id"].as_str().unwrap());
    let link = |href: &str| json!({"href": href, "type": "application/json"});
    assert_eq!(
        export["_links"],
        json!({"file": link(&format!("{own}/file")), "parent": link(BIG), "self": link(&own)})
    );
    assert_eq!((&export["status"], &export["segmentKey"]), (&json!("complete"), &json!("big")));
    assert_eq!((&export["sizeBytes"], &export["size"]), (&json!(file.len()), &json!(format!("{} B", file.len()))));
    assert_eq!(export["initiator"]["email"], "ann@example.com");
    let download = house.get(&format!("{own}/file")).await;
    assert_eq!((download.status(), download.text()), (200, file.to_owned()));
    assert_eq!(download.header("content-type"), "text/csv; charset=utf-8");
    // What went out can come in.
    assert_eq!(import(&house, "replace", file).await.status(), 204);
    assert_eq!(house.get(&format!("{own}/file")).await.text(), file);
    let json = house.get(&format!("{own}/file?format=json")).await;
    assert_eq!(json.header("content-type"), "application/json");
    assert_eq!(json.header("content-disposition"), "attachment; filename=\"big.json\"");
    assert_eq!(json.text(), "[\n\"b,c\",\n\"say \\\"hi\\\"\",\n\"zed\",\n\"é\"\n]\n");
    assert_eq!(import_file(&house, "keys.json", "replace", &json.text()).await.status(), 204);
    assert_eq!(house.get(&format!("{own}/file")).await.text(), file);
    assert_eq!(
        import_file(&house, "keys.json", "replace", "[]").await.refused(400, "invalid_request"),
        "file: has no keys"
    );
    let message = import_file(&house, "keys.json", "replace", "[\"a\",\n3]").await.refused(400, "invalid_request");
    assert_eq!(message, "file: line 2 is not part of a JSON array of keys");
    let other = house.get(&format!("{own}/file?format=xml")).await;
    assert_eq!(other.refused(400, "invalid_request"), "format: must be csv or json");
    house.get(&format!("{BIG}/exports/none")).await.refused(404, "not_found");
    house.get(&format!("{BIG}/exports/none/file")).await.refused(404, "not_found");
    let plain = house.post(&format!("{SEGMENTS}/plain/exports"), json!({})).await;
    plain.refused(400, "invalid_request");
}

async fn strangers_change_nothing(store: Store) {
    let house = open(store).await;
    let reader = json!({"name": "r", "serviceToken": true, "role": "reader"});
    let reader = house.post("/api/v2/tokens", reader).await.ok()["token"].as_str().unwrap().to_owned();
    let head = house.head().await;
    let body = r#"{"excluded": {"add": ["a"]}}"#;
    let headers = [("authorization", reader.as_str())];
    for (path, action) in
        [("users", "updateExcluded"), ("contexts", "updateExcluded"), ("exports", "createSegmentExport")]
    {
        let answer = house.raw(&format!("POST {BIG}/{path}"), &headers, body).await;
        answer.refused(403, "forbidden");
        assert_eq!(answer.json()["access"], json!({"action": action, "resource": "proj/default:env/test:segment/big"}));
    }
    let answer = import_as(&house, &reader, "big", &[("mode", "merge"), ("file", "a")]).await;
    answer.refused(403, "forbidden");
    assert_eq!(answer.json()["access"]["action"], "updateIncluded");
    assert_eq!((house.head().await, counts(&house).await), (head, (0, 0)));
    assert!(house.store.staged_members().await.unwrap().is_empty());
}

async fn a_segment_made_anew_has_no_members(store: Store) {
    let house = open(store).await;
    let answer = import(&house, "merge", "a\nb").await;
    house.delete(BIG).await.ok();
    house.get(answer.header("location")).await.refused(404, "not_found");
    let made = house.post(SEGMENTS, json!({"key": "big", "name": "Big", "unbounded": true})).await.ok();
    assert_eq!(made["generation"], 2);
    assert_eq!((is(&house, "a").await, counts(&house).await), ((false, false), (0, 0)));
}

async fn evaluations_see_members(store: Store) {
    let house = open(store).await;
    let device = json!({"key": "devices", "name": "D", "unbounded": true, "unboundedContextKind": "device"});
    house.post(SEGMENTS, device).await.ok();
    let body = json!({"included": {"add": ["ann", "both"]}, "excluded": {"add": ["bob", "both"]}});
    house.post(&format!("{BIG}/users"), body).await.ok();
    house.post(&format!("{SEGMENTS}/devices/contexts"), json!({"included": {"add": ["ann"]}})).await.ok();
    let nobody = Caller { member: None, token: None, authority: Arc::new(Unrestricted) };
    let ctx = Ctx {
        app: Arc::clone(&house.app),
        caller: Arc::new(nobody),
        version: ApiVersion::NEWEST,
        as_of: None,
        based_on: None,
    };
    let ask = async |context: Context, segment: &str| {
        let key = context.parts()[0].key().to_owned();
        let known = evaluator(&ctx, "default", "test").await.unwrap();
        let known = knowing_big_segments(&ctx, "default", "test", known, &context).await;
        known.big_segment(segment, 1, &key)
    };
    let healthy = |included| BigSegmentAnswer { status: BigSegmentsStatus::Healthy, included };
    let user = |key: &str| Context::user(key).unwrap();
    assert_eq!(ask(user("ann"), "big").await, healthy(Some(true)));
    assert_eq!(ask(user("bob"), "big").await, healthy(Some(false)));
    assert_eq!(ask(user("both"), "big").await, healthy(Some(true)));
    assert_eq!(ask(user("zed"), "big").await, healthy(None));
    assert_eq!(ask(Context::single("device", "ann").unwrap(), "devices").await, healthy(Some(true)));
    // Keys of another kind are others' keys.
    assert_eq!(ask(user("ann"), "devices").await, healthy(None));
}
