//! Environments and their keys.

#![allow(clippy::unwrap_used, clippy::expect_used)]
#![expect(clippy::print_stdout, reason = "measurements are told, not asserted")]

use std::time::Instant;

use serde_json::{Value, json};
use wigwag_model::doc::{EnvKey, Environment, Flag, FlagConfig, KeyValue, Kind};
use wigwag_store::{Commit, DocKey, IndexFacts, NewChange, Write};

use crate::house::{House, NOW, on_both_engines, replace, texts};

on_both_engines! {
    an_environment_is_made_with_keys_and_configurations,
    bad_posts_are_refused,
    a_source_is_copied,
    lists_filter_sort_and_page,
    settings_are_patched,
    approval_settings_are_patched,
    bad_patches_change_nothing,
    each_member_needs_its_action,
    sdk_keys_are_masked,
    sdk_keys_are_reset,
    mobile_keys_are_reset,
    deleting_takes_everything_inside,
    the_last_environment_stays,
    flags_made_meanwhile_get_a_configuration,
    ten_thousand_flags,
}

const PATH: &str = "/api/v2/projects/default/environments";

fn post(key: &str) -> Value {
    json!({"key": key, "name": format!("Env {key}"), "color": "00ff00"})
}

async fn stored(house: &House, key: &str) -> Environment {
    let doc = house.store.get(&DocKey::in_project(Kind::Environment, "default", key)).await.unwrap();
    let mut stored: Environment = doc.unwrap().decode().unwrap();
    for (about, key) in stored.keys_mut() {
        let KeyValue::Sealed { sealed, .. } = &key.value else { panic!("a key in the clear is stored") };
        key.value = KeyValue::Clear(house.house.app.keyring.open(&about, sealed).unwrap());
    }
    stored
}

fn first(keys: &[EnvKey]) -> String {
    keys[0].value.clear().unwrap().to_owned()
}

async fn an_environment_is_made_with_keys_and_configurations(house: House) {
    let owner = house.owner();
    owner.post("/api/v2/flags/default", json!({"key": "f", "name": "F"})).await.expect(201);
    let before = house.head().await;
    let body = json!({"key": "staging", "name": "Staging", "color": "00ff00", "defaultTrackEvents": true, "critical": true, "unknown": 1});
    let made = owner.post(PATH, body).await.expect(201);
    assert_eq!(house.head().await, before + 1, "one commit");
    let required = [
        "_links",
        "_id",
        "key",
        "name",
        "apiKey",
        "mobileKey",
        "color",
        "defaultTtl",
        "secureMode",
        "defaultTrackEvents",
        "requireComments",
        "confirmChanges",
        "tags",
        "critical",
    ];
    assert!(required.iter().all(|name| !made[*name].is_null()), "{made}");
    assert!(made["apiKey"].as_str().unwrap().starts_with("sdk-"));
    assert!(made["mobileKey"].as_str().unwrap().starts_with("mob-"));
    assert_eq!(made["_id"].as_str().unwrap().len(), 24);
    assert_eq!(made["_links"]["apiKey"]["href"], format!("{PATH}/staging/apiKey"));
    assert_eq!(
        made["approvalSettings"],
        json!({
            "required": false, "bypassApprovalsForPendingChanges": false, "minNumApprovals": 1,
            "canReviewOwnRequest": false, "canApplyDeclinedChanges": true, "autoApplyApprovedChanges": false,
            "serviceKind": "launchdarkly", "serviceConfig": {}, "requiredApprovalTags": [],
        })
    );
    assert_eq!(owner.get(&format!("{PATH}/staging")).await.expect(200), made);
    let (entry, record) = house.last_entry().await;
    assert_eq!((&*entry.kind, &*entry.name, &*entry.project), ("environment", "Staging", "default"));
    assert_eq!(record["titleVerb"], "created the environment");
    assert_eq!(record["accesses"], json!([{"action": "createEnvironment", "resource": "proj/default:env/staging"}]));

    let flag = owner.get("/api/v2/flags/default/f").await.expect(200);
    let config = &flag["environments"]["staging"];
    assert_eq!((&config["on"], &config["version"], &config["trackEvents"]), (&json!(false), &json!(1), &json!(true)));
    assert_ne!(config["salt"], flag["environments"]["test"]["salt"]);
}

async fn bad_posts_are_refused(house: House) {
    let cases = [
        (json!({"name": "n", "color": "123456"}), "Missing field key"),
        (json!({"key": "k", "color": "123456"}), "Missing field name"),
        (json!({"key": "k", "name": "n"}), "Missing field color"),
        (json!({"key": "k", "name": "", "color": "123456"}), "name"),
        (json!({"key": "k!", "name": "n", "color": "123456"}), "key"),
        (json!({"key": "k".repeat(257), "name": "n", "color": "123456"}), "key"),
        (json!({"key": "k", "name": "n", "color": "red"}), "color"),
        (json!({"key": "k", "name": "n", "color": "123456", "defaultTtl": 61}), "defaultTtl"),
        (json!({"key": "k", "name": "n", "color": "123456", "defaultTtl": -1}), "defaultTtl"),
        (json!({"key": "k", "name": "n", "color": "123456", "secureMode": "yes"}), "secureMode"),
        (json!({"key": "k", "name": "n", "color": "123456", "tags": [""]}), "tags[0]"),
    ];
    for (body, names) in cases {
        let message = house.unchanged(house.owner().post(PATH, body.clone())).await.refused(400, "invalid_request");
        assert!(message.contains(names), "{body}: {message}");
    }
    let message = house.unchanged(house.owner().post(PATH, post("test"))).await.refused(409, "conflict");
    assert_eq!(message, "Account already has an environment with that key");
    let message = house.owner().post("/api/v2/projects/none/environments", post("k")).await.refused(404, "not_found");
    assert_eq!(message, "Unknown project key none");
    let mut sourced = post("k");
    sourced["source"] = json!({"key": "none"});
    let message = house.unchanged(house.owner().post(PATH, sourced.clone())).await.refused(404, "not_found");
    assert_eq!(message, "Unknown environment key none");
    sourced["source"] = json!({"key": "test", "version": 9});
    house.unchanged(house.owner().post(PATH, sourced)).await.refused(409, "optimistic_locking_error");
}

async fn a_source_is_copied(house: House) {
    let owner = house.owner();
    owner.post("/api/v2/flags/default", json!({"key": "f", "name": "F"})).await.expect(201);
    let patch = json!([
        {"op": "replace", "path": "/environments/test/on", "value": true},
        {"op": "replace", "path": "/environments/test/targets", "value": [{"variation": 0, "values": ["ann"]}]},
    ]);
    owner.patch("/api/v2/flags/default/f", patch).await.expect(200);
    owner.post("/api/v2/segments/default/test", json!({"key": "beta", "name": "Beta"})).await.expect(201);
    let ann = json!([{"op": "add", "path": "/included/-", "value": "ann"}]);
    owner.patch("/api/v2/segments/default/test/beta", ann).await.expect(200);
    let mut body = post("copy");
    body["source"] = json!({"key": "test", "version": 1});
    owner.post(PATH, body).await.expect(201);
    let flag = owner.get("/api/v2/flags/default/f").await.expect(200);
    let (from, to) = (&flag["environments"]["test"], &flag["environments"]["copy"]);
    assert_eq!((&to["on"], &to["targets"], &to["version"]), (&json!(true), &from["targets"], &json!(1)));
    assert_ne!(to["salt"], from["salt"]);
    let segment = owner.get("/api/v2/segments/default/copy/beta").await.expect(200);
    assert_eq!((&segment["included"], &segment["version"]), (&json!(["ann"]), &json!(1)));
}

async fn lists_filter_sort_and_page(house: House) {
    let owner = house.owner();
    for (key, name, tags, critical) in
        [("web", "Zebra", json!(["x", "Y"]), true), ("ios", "apple", json!(["x"]), false)]
    {
        house.clock.advance(1);
        let body = json!({"key": key, "name": name, "color": "123456", "tags": tags, "critical": critical});
        owner.post(PATH, body).await.expect(201);
    }
    let cases = [
        ("", vec!["production", "test", "web", "ios"]),
        ("filter=query:TEST", vec!["test"]),
        ("filter=query:z", vec!["web"]),
        ("filter=tags:x%2By", vec!["web"]),
        ("filter=tags:x", vec!["web", "ios"]),
        ("sort=-createdOn&filter=tags:x", vec!["ios", "web"]),
        ("sort=name&filter=tags:x", vec!["web", "ios"]),
        ("sort=-critical,name", vec!["production", "web", "test", "ios"]),
        ("limit=1&offset=1", vec!["test"]),
    ];
    for (query, keys) in cases {
        let list = owner.get(&format!("{PATH}?{query}")).await.expect(200);
        assert_eq!(texts(&list, "key"), keys, "{query}");
    }
    let page = owner.get(&format!("{PATH}?limit=1")).await.expect(200);
    assert_eq!(
        (&page["totalCount"], &page["_links"]["last"]["href"]),
        (&json!(4), &json!(format!("{PATH}?limit=1&offset=3")))
    );
    for bad in ["filter=colour:red", "sort=tags", "limit=101", "limit=x"] {
        owner.get(&format!("{PATH}?{bad}")).await.refused(400, "invalid_request");
    }
    owner.get("/api/v2/projects/none/environments").await.refused(404, "not_found");
    let long = "k".repeat(600);
    owner.get(&format!("/api/v2/projects/{long}/environments/{long}")).await.refused(404, "not_found");
    let message = owner.get(&format!("{PATH}/none")).await.refused(404, "not_found");
    assert_eq!(message, "Unknown environment key none");
}

async fn settings_are_patched(house: House) {
    let path = format!("{PATH}/test");
    let patch = json!([
        {"op": "replace", "path": "/name", "value": "Testing"},
        {"op": "replace", "path": "/color", "value": "ABCDEF"},
        {"op": "replace", "path": "/defaultTtl", "value": 5},
        {"op": "replace", "path": "/secureMode", "value": true},
        {"op": "replace", "path": "/defaultTrackEvents", "value": true},
        {"op": "replace", "path": "/requireComments", "value": true},
        {"op": "replace", "path": "/confirmChanges", "value": true},
        {"op": "replace", "path": "/critical", "value": true},
        {"op": "add", "path": "/tags/0", "value": "first"},
        {"op": "replace", "path": "/apiKey", "value": "sdk-mine"},
        {"op": "replace", "path": "/key", "value": "other"},
    ]);
    let before = house.owner().get(&path).await.expect(200);
    let after = house.owner().patch(&path, patch).await.expect(200);
    let mut expected = before;
    for (name, value) in [
        ("name", json!("Testing")),
        ("color", json!("ABCDEF")),
        ("defaultTtl", json!(5)),
        ("secureMode", json!(true)),
        ("defaultTrackEvents", json!(true)),
        ("requireComments", json!(true)),
        ("confirmChanges", json!(true)),
        ("critical", json!(true)),
        ("tags", json!(["first"])),
    ] {
        expected[name] = value;
    }
    assert_eq!(after, expected);
    assert_eq!(house.owner().get(&path).await.expect(200), expected);
    let (_, record) = house.last_entry().await;
    assert_eq!(record["titleVerb"], "updated the environment");
    let description = record["description"].as_str().unwrap();
    assert!(description.contains("* Changed the color from ~~`#F5A623`~~ to `#ABCDEF`"), "{description}");
    let actions: Vec<_> =
        record["accesses"].as_array().unwrap().iter().map(|a| a["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "updateName",
            "updateColor",
            "updateTtl",
            "updateSecureMode",
            "updateDefaultTrackEvents",
            "updateRequireComments",
            "updateConfirmChanges",
            "updateCritical",
            "updateTags",
        ]
    );
    house.unchanged(house.owner().patch(&path, replace("/name", "Testing"))).await.expect(200);
}

async fn approval_settings_are_patched(house: House) {
    let (owner, path) = (house.owner(), format!("{PATH}/test"));
    let patched = owner
        .patch(
            &path,
            json!([
                {"op": "replace", "path": "/approvalSettings/required", "value": true},
                {"op": "replace", "path": "/approvalSettings/minNumApprovals", "value": 5},
                {"op": "replace", "path": "/approvalSettings/requiredApprovalTags", "value": null},
                {"op": "replace", "path": "/approvalSettings/serviceConfig", "value": null},
            ]),
        )
        .await
        .expect(200);
    assert_eq!(
        (&patched["approvalSettings"]["required"], &patched["approvalSettings"]["minNumApprovals"]),
        (&json!(true), &json!(5))
    );
    let (_, record) = house.last_entry().await;
    assert_eq!(record["accesses"], json!([{"action": "updateApprovalSettings", "resource": "proj/default:env/test"}]));
    let answer =
        house.unchanged(owner.patch(&path, replace("/approvalSettings/requiredApprovalTags", json!(["t"])))).await;
    assert!(answer.refused(400, "invalid_request").contains("requiredApprovalTags"));
    let patched = owner
        .patch(
            &path,
            json!([
                {"op": "remove", "path": "/approvalSettings/required"},
                {"op": "remove", "path": "/approvalSettings/requiredApprovalTags"},
            ]),
        )
        .await
        .expect(200);
    assert_eq!(patched["approvalSettings"]["required"], false);
    assert_eq!(patched["approvalSettings"]["requiredApprovalTags"], json!([]));
    for bad in [0, 6] {
        let answer = owner.patch(&path, replace("/approvalSettings/minNumApprovals", bad)).await;
        assert!(answer.refused(400, "invalid_request").contains("minNumApprovals"));
    }
}

async fn bad_patches_change_nothing(house: House) {
    let path = format!("{PATH}/test");
    let cases = [
        (replace("/name", " "), 400, "invalid_request"),
        (replace("/color", "#123456"), 400, "invalid_request"),
        (replace("/color", "12345é"), 400, "invalid_request"),
        (replace("/defaultTtl", 61), 400, "invalid_request"),
        (replace("/defaultTtl", 1.5), 400, "invalid_request"),
        (replace("/secureMode", "true"), 400, "invalid_request"),
        (replace("/resourceApprovalSettings", json!({"segment": {"required": true}})), 400, "invalid_request"),
        (replace("/tags", json!(["a", "b c"])), 400, "invalid_request"),
        (json!([{"op": "remove", "path": "/color"}]), 400, "invalid_request"),
        (json!([{"op": "remove", "path": "/nothing"}]), 400, "invalid_patch"),
        (json!([{"op": "add", "path": "/tags/7", "value": "x"}]), 400, "invalid_patch"),
        (
            json!([{"op": "test", "path": "/name", "value": "No"}, {"op": "replace", "path": "/name", "value": "x"}]),
            409,
            "optimistic_locking_error",
        ),
        (json!("text"), 400, "invalid_request"),
    ];
    for (patch, status, code) in cases {
        let answer = house.unchanged(house.owner().patch(&path, patch.clone())).await;
        assert_eq!((answer.status(), &patch), (status, &patch));
        answer.refused(status, code);
    }
    house.owner().patch(&format!("{PATH}/none"), replace("/name", "x")).await.refused(404, "not_found");
}

async fn each_member_needs_its_action(house: House) {
    let denied = |action: &str, resource: &str| (action.to_owned(), resource.to_owned());
    let (reader, writer) = (house.role("reader").await, house.role("writer").await);
    let reader = house.with(&reader);
    let test = format!("{PATH}/test");
    assert_eq!(
        house.unchanged(reader.post(PATH, post("x"))).await.denied(),
        denied("createEnvironment", "proj/default:env/x")
    );
    assert_eq!(
        reader.patch(&test, replace("/name", "x")).await.denied(),
        denied("updateName", "proj/default:env/test")
    );
    assert_eq!(reader.delete(&test).await.denied(), denied("deleteEnvironment", "proj/default:env/test"));
    let answer = reader.send("POST", &format!("{test}/apiKey"), None).await;
    assert_eq!(answer.denied(), denied("updateApiKey", "proj/default:env/test"));
    let answer = reader.send("POST", &format!("{test}/mobileKey"), None).await;
    assert_eq!(answer.denied(), denied("updateMobileKey", "proj/default:env/test"));
    reader.get(&test).await.expect(200);
    house.with(&writer).patch(&test, replace("/name", "Written")).await.expect(200);

    // Not in critical environments.
    let careful = json!({"inlineRole": [
        {"effect": "allow", "actions": ["*"], "resources": ["proj/*", "proj/*:env/*"]},
        {"effect": "deny", "actions": ["update*"], "resources": ["proj/*:env/*;{critical:true}"]},
    ]});
    let careful = house.token(careful).await;
    let careful = house.with(&careful);
    careful.patch(&test, replace("/name", "Fine")).await.expect(200);
    let answer = careful.patch(&format!("{PATH}/production"), replace("/name", "Not fine")).await;
    let body = answer.expect(403);
    assert_eq!(body["reason"]["resources"], json!(["proj/*:env/*;{critical:true}"]), "the deciding statement");
}

async fn sdk_keys_are_masked(house: House) {
    let token = house.inline("deny", &["viewSdkKey"], &["proj/*:env/production"]).await;
    let caller = house.with(&token);
    let masked = "sdk-xxxxxxxx-xxxx-xxxx-xxxx-************";
    assert_eq!(caller.get(&format!("{PATH}/production")).await.expect(200)["apiKey"], masked);
    assert_ne!(caller.get(&format!("{PATH}/test")).await.expect(200)["apiKey"], masked);
    assert_eq!(texts(&caller.get(PATH).await.expect(200), "apiKey")[0], masked);
    let project = caller.get("/api/v2/projects/default?expand=environments").await.expect(200);
    assert_eq!(project["environments"]["items"][0]["apiKey"], masked);
    let key = first(&stored(&house, "production").await.sdk_keys);
    assert!(!project.to_string().contains(&key));
}

async fn sdk_keys_are_reset(house: House) {
    let (owner, path) = (house.owner(), format!("{PATH}/test/apiKey"));
    let old = first(&stored(&house, "test").await.sdk_keys);
    let end = NOW + 1_000;
    let answer = owner.send("POST", &format!("{path}?expiry={end}"), None).await.expect(200);
    let second = answer["apiKey"].as_str().unwrap().to_owned();
    assert_ne!(old, second);
    let (_, record) = house.last_entry().await;
    assert_eq!(record["titleVerb"], "reset the SDK key for");
    assert_eq!(record["accesses"][0]["action"], "updateApiKey");
    assert!(!record.to_string().contains("sdk-"), "no secret in the log entry");

    let keys = |e: &Environment| {
        e.sdk_keys.iter().map(|k| (k.value.clear().unwrap().to_owned(), k.expiry)).collect::<Vec<_>>()
    };
    assert_eq!(keys(&stored(&house, "test").await), [(second.clone(), None), (old.clone(), Some(end))]);
    // Without an expiry the key ends at once; those that are expiring go on.
    owner.send("POST", &path, None).await.expect(200);
    let third = first(&stored(&house, "test").await.sdk_keys);
    assert_eq!(keys(&stored(&house, "test").await), [(third.clone(), None), (old, Some(end))]);
    house.clock.advance(1_000);
    owner.send("POST", &path, None).await.expect(200);
    assert_eq!(stored(&house, "test").await.sdk_keys.len(), 1, "expired keys are dropped");
    for bad in ["x", "1", "-5"] {
        let answer = house.unchanged(owner.send("POST", &format!("{path}?expiry={bad}"), None)).await;
        assert!(answer.refused(400, "invalid_request").contains("expiry"));
    }
    owner.send("POST", &format!("{PATH}/none/apiKey"), None).await.refused(404, "not_found");
}

async fn mobile_keys_are_reset(house: House) {
    let (owner, path) = (house.owner(), format!("{PATH}/test/mobileKey"));
    let old = first(&stored(&house, "test").await.mobile_keys);
    let answer = owner.send("POST", &path, Some(Value::Null)).await.expect(200);
    assert_ne!(answer["mobileKey"], old);
    assert_eq!(stored(&house, "test").await.mobile_keys.len(), 1);
    let (_, record) = house.last_entry().await;
    assert_eq!(record["titleVerb"], "reset the mobile key for");
    assert_eq!(record["accesses"][0]["action"], "updateMobileKey");
}

async fn deleting_takes_everything_inside(house: House) {
    let owner = house.owner();
    owner.post("/api/v2/flags/default", json!({"key": "f", "name": "F"})).await.expect(201);
    owner.delete(&format!("{PATH}/test")).await.expect(204);
    let (entry, record) = house.last_entry().await;
    assert_eq!((&*entry.name, &record["titleVerb"]), ("Test", &json!("deleted the environment")));
    owner.get(&format!("{PATH}/test")).await.refused(404, "not_found");
    let flag = owner.get("/api/v2/flags/default/f").await.expect(200);
    assert_eq!(flag["environments"].as_object().unwrap().keys().collect::<Vec<_>>(), ["production"]);
    let before = stored(&house, "production").await.id;
    // A new one under the old key is another environment; versions go on, as SDKs need.
    let again = owner.post(PATH, post("test")).await.expect(201);
    assert_ne!(again["_id"], before);
    let flag = owner.get("/api/v2/flags/default/f").await.expect(200);
    assert_eq!(flag["environments"]["test"]["version"], 3);
}

async fn the_last_environment_stays(house: House) {
    let owner = house.owner();
    let (a, b) = (format!("{PATH}/test"), format!("{PATH}/production"));
    let (a, b) = tokio::join!(owner.delete(&a), owner.delete(&b));
    let mut statuses = [a.status(), b.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400]);
    let left = texts(&owner.get(PATH).await.expect(200), "key");
    assert_eq!(left.len(), 1);
    let message = house.unchanged(owner.delete(&format!("{PATH}/{}", left[0]))).await.refused(400, "invalid_request");
    assert!(message.starts_with("Cannot delete last environment"), "{message}");
}

/// Whoever comes first, every flag ends up with a configuration in every environment, copied from the source.
async fn flags_made_meanwhile_get_a_configuration(house: House) {
    let owner = house.owner();
    for round in 0..5 {
        let mut body = post(&format!("e{round}"));
        body["source"] = json!({"key": "test"});
        let environment = owner.post(PATH, body);
        let flags = (0..4).map(|n| {
            owner.post("/api/v2/flags/default", json!({"key": format!("f{round}-{n}"), "name": "F", "isFlagOn": true}))
        });
        let (made, flags) = tokio::join!(environment, futures_util::future::join_all(flags));
        made.expect(201);
        for flag in flags {
            flag.expect(201);
        }
    }
    for round in 0..5 {
        let configs = house.store.scan(Kind::FlagConfig, Some("default"), Some(&format!("e{round}"))).await.unwrap();
        assert_eq!(configs.len(), 20, "e{round}");
        for config in configs {
            assert!(config.decode::<FlagConfig>().unwrap().on, "{}", config.key);
        }
    }
}

async fn ten_thousand_flags(house: House) {
    let owner = house.owner();
    owner.post("/api/v2/flags/default", json!({"key": "f", "name": "F"})).await.expect(201);
    let doc = house.store.get(&DocKey::in_project(Kind::Flag, "default", "f")).await.unwrap().unwrap();
    let mut flag: Flag = doc.decode().unwrap();
    let writes = (0..9_999).map(|n| {
        flag.key = format!("flag-{n}");
        let key = DocKey::in_project(Kind::Flag, "default", flag.key.as_str());
        Write::create(key, serde_json::to_string(&flag).unwrap(), IndexFacts::new().text("name", "F"))
    });
    let change = NewChange { id: house.ids.object_id(), at: NOW, ..NewChange::default() };
    house.store.commit(Commit::new(writes.collect(), change)).await.unwrap();
    let (before, begun) = (house.head().await, Instant::now());
    owner.post(PATH, post("big")).await.expect(201);
    println!("an environment for 10,000 flags: {:?}", begun.elapsed());
    assert_eq!(house.head().await, before + 1, "one commit");
    let configs = house.store.scan(Kind::FlagConfig, Some("default"), Some("big")).await.unwrap();
    assert_eq!(configs.len(), 10_000);
    let begun = Instant::now();
    owner.delete(&format!("{PATH}/big")).await.expect(204);
    println!("and its end: {:?}", begun.elapsed());
}
