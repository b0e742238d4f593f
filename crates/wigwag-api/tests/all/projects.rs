//! Projects.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use crate::house::{House, on_both_engines, replace, texts};

on_both_engines! {
    a_project_is_made_with_its_environments,
    what_is_said_is_kept,
    bad_posts_are_refused,
    duplicates_conflict,
    versions_show_environments_in_their_own_way,
    lists_filter_sort_and_page,
    hidden_projects_are_left_out,
    settings_are_patched,
    each_member_needs_its_action,
    bad_patches_change_nothing,
    deleting_takes_everything_inside,
    the_last_project_stays,
    flag_defaults_are_stored,
}

async fn a_project_is_made_with_its_environments(house: House) {
    let before = house.head().await;
    let made = house.owner().post("/api/v2/projects", json!({"key": "web", "name": "Web"})).await.expect(201);
    assert_eq!(house.head().await, before + 1, "one commit");
    assert_eq!(made["key"], "web");
    assert_eq!(made["tags"], json!([]));
    assert_eq!(made["includeInSnippetByDefault"], false);
    assert_eq!(made["defaultClientSideAvailability"], json!({"usingMobileKey": true, "usingEnvironmentId": false}));
    assert_eq!(made["_links"]["environments"]["href"], "/api/v2/projects/web/environments");
    let shown: Vec<_> =
        made["environments"].as_array().unwrap().iter().map(|e| (&e["key"], &e["color"], &e["critical"])).collect();
    assert_eq!(
        shown,
        [(&json!("test"), &json!("F5A623"), &json!(false)), (&json!("production"), &json!("417505"), &json!(true))]
    );
    let (entry, record) = house.last_entry().await;
    assert_eq!((&*entry.kind, &*entry.name, &*entry.project), ("project", "Web", "web"));
    assert_eq!(record["titleVerb"], "created the project");
    assert_eq!(record["accesses"], json!([{"action": "createProject", "resource": "proj/web"}]));
}

async fn what_is_said_is_kept(house: House) {
    let body = json!({
        "key": "Web.1", "name": "Web", "tags": ["a", "b", "a"], "includeInSnippetByDefault": true,
        "namingConvention": {"case": "kebabCase", "prefix": "x-"}, "unknown": {"is": "ignored"},
        "environments": [
            {"key": "b", "name": "B", "color": "abcdef", "defaultTtl": 60, "secureMode": true, "tags": ["t"]},
            {"key": "a", "name": "A", "color": "012345", "requireComments": true, "confirmChanges": true},
        ],
    });
    let made = house.owner().post("/api/v2/projects", body).await.expect(201);
    assert_eq!(made["tags"], json!(["a", "b"]));
    assert_eq!(made["defaultClientSideAvailability"]["usingEnvironmentId"], true);
    assert_eq!(made["namingConvention"], json!({"case": "kebabCase", "prefix": "x-"}));
    let environments = made["environments"].as_array().unwrap();
    assert_eq!(environments.len(), 2);
    let b = &environments[0];
    assert_eq!(
        (&b["key"], &b["defaultTtl"], &b["secureMode"], &b["tags"]),
        (&json!("b"), &json!(60), &json!(true), &json!(["t"]))
    );
    let read = house.owner().get("/api/v2/projects/Web.1?expand=environments").await.expect(200);
    assert_eq!(read["environments"]["totalCount"], 2);
    house.owner().get("/api/v2/projects/web.1").await.refused(404, "not_found");
}

async fn bad_posts_are_refused(house: House) {
    let environment = |body: Value| json!({"key": "k", "name": "n", "environments": [body]});
    let cases = [
        (json!({"name": "n"}), "Missing field key"),
        (json!({"key": "k"}), "Missing field name"),
        (json!({"key": "k", "name": 7}), "name"),
        (json!({"key": "k", "name": "  "}), "name"),
        (json!({"key": "k", "name": "n".repeat(257)}), "name"),
        (json!({"key": "", "name": "n"}), "key"),
        (json!({"key": "-k", "name": "n"}), "key"),
        (json!({"key": "k k", "name": "n"}), "key"),
        (json!({"key": "k".repeat(101), "name": "n"}), "key"),
        (json!({"key": "k", "name": "n", "tags": ["ok", "not ok"]}), "tags[1]"),
        (json!({"key": "k", "name": "n", "namingConvention": {"case": "SHOUTING"}}), "namingConvention.case"),
        (json!({"key": "k", "name": "n", "environments": {}}), "environments"),
        (environment(json!({"key": "e", "name": "n"})), "color"),
        (environment(json!({"key": "e", "name": "n", "color": "#123456"})), "environments[0].color"),
        (environment(json!({"key": "e/f", "name": "n", "color": "123456"})), "environments[0].key"),
        (
            environment(json!({"key": "e", "name": "n", "color": "123456", "defaultTtl": 61})),
            "environments[0].defaultTtl",
        ),
        (
            environment(json!({"key": "e", "name": "n", "color": "123456", "source": {"key": "x"}})),
            "environments[0].source",
        ),
    ];
    for (body, names) in cases {
        let answer = house.unchanged(house.owner().post("/api/v2/projects", body.clone())).await;
        let message = answer.refused(400, "invalid_request");
        assert!(message.contains(names), "{body}: {message}");
    }
    let twice = json!({"key": "k", "name": "n", "environments": [
        {"key": "e", "name": "n", "color": "123456"}, {"key": "e", "name": "m", "color": "123456"},
    ]});
    let message = house.owner().post("/api/v2/projects", twice).await.refused(400, "invalid_request");
    assert!(message.starts_with("environments[1].key"), "{message}");
}

async fn duplicates_conflict(house: House) {
    let body = json!({"key": "default", "name": "Again"});
    let answer = house.unchanged(house.owner().post("/api/v2/projects", body)).await;
    assert_eq!(answer.refused(409, "conflict"), "Account already has a project with that key");

    // Of several at once, one wins and the others are told the same.
    let owner = house.owner();
    let body = || json!({"key": "race", "name": "Race"});
    let answers = futures_util::future::join_all((0..8).map(|_| owner.post("/api/v2/projects", body()))).await;
    let mut statuses: Vec<u16> = answers.iter().map(crate::house::Answer::status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    for answer in answers.into_iter().filter(|a| a.status() == 409) {
        assert_eq!(answer.refused(409, "conflict"), "Account already has a project with that key");
    }
}

async fn versions_show_environments_in_their_own_way(house: House) {
    for version in ["20160426", "20191212", "20210729"] {
        let project = house.owner().version(version).get("/api/v2/projects/default").await.expect(200);
        assert_eq!(project["environments"].as_array().unwrap().len(), 2, "{version}");
        let list = house.owner().version(version).get("/api/v2/projects").await.expect(200);
        assert_eq!(list["items"][0]["environments"].as_array().unwrap().len(), 2, "{version}");
    }
    for version in ["20220603", "20240415"] {
        let owner = house.owner().version(version);
        let project = owner.get("/api/v2/projects/default").await.expect(200);
        assert!(project.get("environments").is_none(), "{version}");
        let project = owner.get("/api/v2/projects/default?expand=environments").await.expect(200);
        assert_eq!(project["environments"]["totalCount"], 2, "{version}");
        assert_eq!(project["environments"]["items"].as_array().unwrap().len(), 2);
        assert_eq!(project["environments"]["_links"]["self"]["href"], "/api/v2/projects/default/environments");
        let list = owner.get("/api/v2/projects").await.expect(200);
        assert!(list["items"][0].get("environments").is_none(), "{version}");
        let list = owner.get("/api/v2/projects?expand=environments").await.expect(200);
        assert_eq!(list["items"][0]["environments"]["totalCount"], 2, "{version}");
        let patched = owner.patch("/api/v2/projects/default", replace("/name", "Default")).await.expect(200);
        assert_eq!(patched["environments"].as_array().unwrap().len(), 2, "{version}");
    }
}

async fn lists_filter_sort_and_page(house: House) {
    for (key, name, tags) in
        [("web", "Zebra", vec!["x", "Y"]), ("ios", "Apple", vec!["x"]), ("api", "Mango web", vec![])]
    {
        house.clock.advance(1);
        house.owner().post("/api/v2/projects", json!({"key": key, "name": name, "tags": tags})).await.expect(201);
    }
    let owner = house.owner();
    let cases = [
        ("", vec!["default", "web", "ios", "api"]),
        ("filter=query:WEB", vec!["web", "api"]),
        ("filter=tags:x", vec!["web", "ios"]),
        ("filter=tags:x%2By", vec!["web"]),
        ("filter=keys:api|ios|nope", vec!["ios", "api"]),
        ("filter=query:web,tags:x", vec!["web"]),
        ("sort=name", vec!["ios", "default", "api", "web"]),
        ("sort=-name", vec!["web", "api", "default", "ios"]),
        ("sort=-createdOn", vec!["api", "ios", "web", "default"]),
        ("limit=2", vec!["default", "web"]),
        ("limit=2&offset=2", vec!["ios", "api"]),
    ];
    for (query, keys) in cases {
        let list = owner.get(&format!("/api/v2/projects?{query}")).await.expect(200);
        assert_eq!(texts(&list, "key"), keys, "{query}");
    }
    let page = owner.get("/api/v2/projects?limit=1&offset=1").await.expect(200);
    assert_eq!(page["totalCount"], 4);
    assert_eq!(page["_links"]["next"]["href"], "/api/v2/projects?limit=1&offset=2");
    assert_eq!(page["_links"]["first"]["href"], "/api/v2/projects?limit=1&offset=0");
    for bad in ["filter=colour:red", "filter=x", "sort=colour", "limit=-1", "limit=101", "offset=x"] {
        owner.get(&format!("/api/v2/projects?{bad}")).await.refused(400, "invalid_request");
    }
    let old = owner.version("20210729").get("/api/v2/projects?limit=1").await.expect(200);
    assert_eq!(texts(&old, "key").len(), 4, "not cut before 2022-06-03");
}

async fn hidden_projects_are_left_out(house: House) {
    house.owner().post("/api/v2/projects", json!({"key": "secret", "name": "S"})).await.expect(201);
    let token = house.inline("deny", &["viewProject"], &["proj/secret"]).await;
    let caller = house.with(&token);
    let list = caller.get("/api/v2/projects").await.expect(200);
    assert_eq!(texts(&list, "key"), ["default"]);
    assert_eq!(list["totalCount"], 1);
    let denied = caller.get("/api/v2/projects/secret").await.denied();
    assert_eq!(denied, ("viewProject".to_owned(), "proj/secret".to_owned()));
    caller.get("/api/v2/projects/secret/environments").await.denied();
    caller.get("/api/v2/projects/secret/flag-defaults").await.denied();
    assert_eq!(caller.get("/api/v2/projects/none").await.refused(404, "not_found"), "Unknown project key none");
}

async fn settings_are_patched(house: House) {
    let patch = json!([
        {"op": "test", "path": "/key", "value": "default"},
        {"op": "replace", "path": "/name", "value": "Main"},
        {"op": "add", "path": "/tags/-", "value": "new"},
        {"op": "replace", "path": "/includeInSnippetByDefault", "value": true},
        {"op": "replace", "path": "/requireViewAssociationForNewFlags", "value": true},
        {"op": "replace", "path": "/_id", "value": "ignored"},
        {"op": "replace", "path": "/someSetting", "value": "ignored"},
    ]);
    let patched =
        house.owner().patch("/api/v2/projects/default", json!({"patch": patch, "comment": "why"})).await.expect(200);
    assert_eq!(patched["name"], "Main");
    assert_eq!(patched["tags"], json!(["new"]));
    assert_eq!(patched["defaultClientSideAvailability"]["usingEnvironmentId"], true);
    assert_eq!(patched["requireViewAssociationForNewFlags"], true);
    assert_eq!(patched["_id"].as_str().unwrap().len(), 24);
    assert!(patched.get("someSetting").is_none());
    let (_, record) = house.last_entry().await;
    assert_eq!(record["titleVerb"], "updated the project");
    assert_eq!(record["comment"], "why");
    let description = record["description"].as_str().unwrap();
    assert!(description.contains("* Changed the name from ~~`Default`~~ to `Main`"), "{description}");
    assert!(description.contains("* Added tag `new`"), "{description}");
    let actions: Vec<_> =
        record["accesses"].as_array().unwrap().iter().map(|a| a["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        ["updateProjectName", "updateTags", "updateIncludeInSnippetByDefault", "updateViewAssociationRequirements"]
    );

    let both = json!({"usingEnvironmentId": false, "usingMobileKey": false});
    let patched = house
        .owner()
        .patch("/api/v2/projects/default", replace("/defaultClientSideAvailability", both.clone()))
        .await
        .expect(200);
    assert_eq!(patched["includeInSnippetByDefault"], false);
    assert_eq!(patched["defaultClientSideAvailability"], both);
    // What changes nothing writes nothing.
    house.unchanged(house.owner().patch("/api/v2/projects/default", replace("/name", "Main"))).await.expect(200);
    house.unchanged(house.owner().patch("/api/v2/projects/default", replace("/key", "other"))).await.expect(200);
}

async fn each_member_needs_its_action(house: House) {
    let reader = house.role("reader").await;
    let writer = house.role("writer").await;
    let tagger = house.inline("allow", &["updateTags"], &["proj/*"]).await;
    let path = "/api/v2/projects/default";
    let denied = |action: &str, resource: &str| (action.to_owned(), resource.to_owned());

    let reader = house.with(&reader);
    let answer = house.unchanged(reader.patch(path, replace("/name", "x"))).await;
    assert_eq!(answer.denied(), denied("updateProjectName", "proj/default"));
    let answer = reader.post("/api/v2/projects", json!({"key": "x", "name": "x"})).await;
    assert_eq!(answer.denied(), denied("createProject", "proj/x"));
    assert_eq!(reader.delete(path).await.denied(), denied("deleteProject", "proj/default"));
    let answer = reader.put(&format!("{path}/flag-defaults"), flag_defaults()).await;
    assert_eq!(answer.denied(), denied("updateProjectFlagDefaults", "proj/default"));

    let tagger = house.with(&tagger);
    tagger.patch(path, replace("/tags", json!(["t"]))).await.expect(200);
    let mixed =
        json!([{"op": "replace", "path": "/tags", "value": []}, {"op": "replace", "path": "/name", "value": "x"}]);
    assert_eq!(house.unchanged(tagger.patch(path, mixed)).await.denied(), denied("updateProjectName", "proj/default"));
    house.with(&writer).patch(path, replace("/name", "Written")).await.expect(200);
}

async fn bad_patches_change_nothing(house: House) {
    let cases = [
        (replace("/name", ""), 400, "invalid_request"),
        (replace("/name", 7), 400, "invalid_request"),
        (replace("/tags", json!(["no spaces"])), 400, "invalid_request"),
        (replace("/defaultReleasePipelineKey", "none"), 400, "invalid_request"),
        (replace("/lifecycleSettings", json!({"staleAfterDays": 7})), 400, "invalid_request"),
        (json!([{"op": "remove", "path": "/name"}]), 400, "invalid_request"),
        (json!([{"op": "remove", "path": "/tags/9"}]), 400, "invalid_patch"),
        (json!([{"op": "remove", "path": "/nothing"}]), 400, "invalid_patch"),
        (json!([{"op": "frobnicate", "path": "/name"}]), 400, "invalid_request"),
        (
            json!([{"op": "test", "path": "/name", "value": "Other"}, {"op": "replace", "path": "/name", "value": "x"}]),
            409,
            "optimistic_locking_error",
        ),
        (json!({"name": "merge"}), 400, "invalid_request"),
        (json!({"instructions": [{"kind": "x"}]}), 400, "invalid_request"),
    ];
    for (patch, status, code) in cases {
        let answer = house.unchanged(house.owner().patch("/api/v2/projects/default", patch.clone())).await;
        assert_eq!((answer.status(), &patch), (status, &patch));
        answer.refused(status, code);
    }
    house.owner().patch("/api/v2/projects/none", replace("/name", "x")).await.refused(404, "not_found");
}

async fn deleting_takes_everything_inside(house: House) {
    let owner = house.owner();
    owner.post("/api/v2/projects", json!({"key": "web", "name": "Web"})).await.expect(201);
    owner.post("/api/v2/flags/web", json!({"key": "f", "name": "F"})).await.expect(201);
    owner.delete("/api/v2/projects/web").await.expect(204);
    let (entry, record) = house.last_entry().await;
    assert_eq!((&*entry.name, &record["titleVerb"]), ("Web", &json!("deleted the project")));
    for path in ["/api/v2/projects/web", "/api/v2/projects/web/environments/test", "/api/v2/flags/web/f"] {
        owner.get(path).await.refused(404, "not_found");
    }
    owner.delete("/api/v2/projects/web").await.refused(404, "not_found");
    // The key is free again, and nothing of old comes back.
    owner.post("/api/v2/projects", json!({"key": "web", "name": "Web 2"})).await.expect(201);
    let flags = owner.get("/api/v2/flags/web").await.expect(200);
    assert_eq!(flags["totalCount"], 0);
    assert_eq!(owner.get("/api/v2/projects/web/environments").await.expect(200)["totalCount"], 2);
}

async fn the_last_project_stays(house: House) {
    let answer = house.unchanged(house.owner().delete("/api/v2/projects/default")).await;
    assert_eq!(answer.refused(400, "invalid_request"), "Cannot delete last project in an account");

    // Two that are deleted at once cannot both be the one but last.
    house.owner().post("/api/v2/projects", json!({"key": "web", "name": "Web"})).await.expect(201);
    let owner = house.owner();
    let (a, b) = tokio::join!(owner.delete("/api/v2/projects/default"), owner.delete("/api/v2/projects/web"));
    let mut statuses = [a.status(), b.status()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400]);
    assert_eq!(owner.get("/api/v2/projects").await.expect(200)["totalCount"], 1);
}

fn flag_defaults() -> Value {
    json!({
        "tags": ["a"], "temporary": false,
        "booleanDefaults": {
            "trueDisplayName": "On", "falseDisplayName": "Off", "trueDescription": "", "falseDescription": "d",
            "onVariation": 1, "offVariation": 0,
        },
        "defaultClientSideAvailability": {"usingMobileKey": false, "usingEnvironmentId": true},
    })
}

async fn flag_defaults_are_stored(house: House) {
    let (owner, path) = (house.owner(), "/api/v2/projects/default/flag-defaults");
    let initial = owner.get(path).await.expect(200);
    assert_eq!((&initial["tags"], &initial["temporary"]), (&json!([]), &json!(true)));
    assert_eq!(initial["booleanDefaults"]["offVariation"], 1);
    assert_eq!(initial["defaultClientSideAvailability"]["usingMobileKey"], true);

    let without_links = |mut value: Value| {
        assert_eq!(value["_links"]["self"]["href"], path);
        value.as_object_mut().unwrap().remove("_links");
        value
    };
    let put = owner.put(path, flag_defaults()).await.expect(200);
    assert_eq!(without_links(put), flag_defaults());
    assert_eq!(without_links(owner.get(path).await.expect(200)), flag_defaults());
    let (_, record) = house.last_entry().await;
    assert_eq!(record["accesses"][0]["action"], "updateProjectFlagDefaults");
    assert_eq!(record["titleVerb"], "updated the project");

    let patched = owner.patch(path, replace("/booleanDefaults/trueDisplayName", "Yes")).await.expect(200);
    assert_eq!(patched["booleanDefaults"]["trueDisplayName"], "Yes");
    let merged = owner.patch(path, json!({"temporary": true, "booleanDefaults": {"onVariation": 0}})).await.expect(200);
    assert_eq!((&merged["temporary"], &merged["booleanDefaults"]["onVariation"]), (&json!(true), &json!(0)));
    assert_eq!(merged["booleanDefaults"]["trueDisplayName"], "Yes");

    let mut half = flag_defaults();
    half.as_object_mut().unwrap().remove("booleanDefaults");
    let message = house.unchanged(owner.put(path, half)).await.refused(400, "invalid_request");
    assert_eq!(message, "Missing field booleanDefaults");
    let answer = house.unchanged(owner.patch(path, replace("/booleanDefaults/onVariation", 2))).await;
    assert!(answer.refused(400, "invalid_request").contains("booleanDefaults.onVariation"));
    owner.get("/api/v2/projects/none/flag-defaults").await.refused(404, "not_found");
}
