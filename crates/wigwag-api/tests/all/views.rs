//! Views and what they narrow: behaviour.md 20, access-control.md 3.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, on_both_engines};

on_both_engines! {
    from_creation_to_deletion;
    what_is_refused;
    lists_filter_and_sort;
    flags_are_linked_and_found;
    segments_are_linked_and_found;
    new_flags_and_segments_come_with_views;
    policies_select_by_views;
    keys_are_held_to_views;
}

const VIEWS: &str = "/api/v2/projects/default/views";

async fn view(house: &House, key: &str) -> Value {
    house.post(VIEWS, json!({"key": key, "name": format!("View {key}")})).await.ok()
}

async fn flag(house: &House, key: &str, more: Value) -> Value {
    let mut body = json!({"key": key, "name": key});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    house.post("/api/v2/flags/default", body).await.ok()
}

async fn environment(house: &House) -> String {
    let env = house.get("/api/v2/projects/default/environments/test").await.ok();
    env["_id"].as_str().unwrap().to_owned()
}

fn keys<'a>(list: &'a Value, name: &str) -> Vec<&'a str> {
    list["items"].as_array().unwrap().iter().map(|item| item[name].as_str().unwrap()).collect()
}

async fn unlink(house: &House, path: &str, body: Value) -> Value {
    house.send(&format!("DELETE {path}"), Some(&body)).await.ok()
}

async fn from_creation_to_deletion(store: Store) {
    let house = House::open(store).await;
    let me = house.get("/api/v2/members/me").await.ok();
    let made = house.post(VIEWS, json!({"key": "Web", "name": "Web", "tags": ["t"]})).await;
    assert_eq!(made.status(), 200);
    let made = made.ok();
    assert_eq!((&made["key"], &made["version"], &made["tags"]), (&json!("web"), &json!(1), &json!(["t"])));
    assert_eq!((&made["description"], &made["generateSdkKeys"]), (&json!(""), &json!(false)));
    for (name, value) in [("archived", false), ("deleted", false), ("_affectsSdkPayload", false)] {
        assert_eq!(made[name], value, "{name}");
    }
    assert_eq!(made["maintainer"]["kind"], "member");
    assert_eq!(made["maintainer"]["id"], me["_id"], "whoever makes it looks after it");
    assert_eq!(made["maintainer"]["maintainerMember"]["email"], me["email"]);
    assert_eq!(house.get(&format!("{VIEWS}/WEB")).await.ok(), made, "keys are in lower case, however they are sent");
    let entry = house.newest().await;
    assert_eq!((&entry["kind"], &entry["titleVerb"]), (&json!("view"), &json!("created the view")));
    assert_eq!(entry["accesses"], json!([{"action": "createView", "resource": "proj/default:view/web"}]));

    house.post("/api/v2/teams", json!({"key": "crew", "name": "Crew"})).await.ok();
    let change =
        json!({"name": "The web", "description": "d", "maintainerTeamKey": "crew", "tags": [], "archived": true});
    let changed = house.patch(&format!("{VIEWS}/web"), change).await.ok();
    assert_eq!(
        (&changed["name"], &changed["archived"], &changed["version"]),
        (&json!("The web"), &json!(true), &json!(2))
    );
    assert_eq!(changed["maintainer"]["maintainerTeam"], json!({"id": "crew", "key": "crew", "name": "Crew"}));
    assert_eq!(house.newest().await["titleVerb"], "archived the view");
    let head = house.head().await;
    assert_eq!(house.patch(&format!("{VIEWS}/web"), json!({"name": "The web"})).await.ok(), changed);
    assert_eq!(house.head().await, head, "nothing changed");

    flag(&house, "lamp", json!({"viewKeys": ["web"]})).await;
    assert_eq!(house.delete(&format!("{VIEWS}/web")).await.status(), 204);
    assert_eq!(house.newest().await["titleVerb"], "deleted the view");
    house.get(&format!("{VIEWS}/web")).await.refused(404, "not_found");
    view(&house, "web").await;
    let linked = house.get(&format!("{VIEWS}/web/linked/flags")).await.ok();
    assert_eq!(linked["totalCount"], 0, "another view of the same key begins empty");
}

async fn what_is_refused(store: Store) {
    let house = House::open(store).await;
    view(&house, "web").await;
    house.post(VIEWS, json!({"key": "WEB", "name": "Web"})).await.refused(409, "conflict");
    for (body, said) in [
        (json!({"key": "a b", "name": "A"}), "key"),
        (json!({"key": "a", "name": ""}), "name"),
        (json!({"key": "a", "name": "A", "maintainerId": "5f0000000000000000000000"}), "maintainerId"),
        (json!({"key": "a", "name": "A", "maintainerTeamKey": "none"}), "maintainerTeamKey"),
        (
            json!({"key": "a", "name": "A", "maintainerId": "x", "maintainerTeamKey": "y"}),
            "Team maintainer key and member maintainer ID cannot both be set",
        ),
    ] {
        let message = house.post(VIEWS, body).await.refused(400, "invalid_request");
        assert!(message.contains(said), "{message}");
    }
    let link = |kind: &str| format!("{VIEWS}/web/link/{kind}");
    let many: Vec<_> = (0..21).map(|n| format!("f{n}")).collect();
    for (kind, body, said) in [
        ("flags", json!({}), "keys or filter"),
        ("flags", json!({"keys": many}), "at most 20"),
        ("flags", json!({"segmentIdentifiers": []}), "segmentIdentifiers"),
        ("flags", json!({"keys": [], "other": 1}), "other"),
        ("flags", json!({"filter": "nonsense:1"}), "nonsense"),
        ("segments", json!({"keys": ["s"]}), "keys"),
        ("segments", json!({"filter": "tags anyOf [\"a\"]"}), "environmentId"),
        ("ai-configs", json!({"keys": ["c"]}), "only flags and segments"),
    ] {
        let message = house.post(&link(kind), body).await.refused(400, "invalid_request");
        assert!(message.contains(said), "{message}");
    }
    house.post(&format!("{VIEWS}/none/link/flags"), json!({"keys": ["f"]})).await.refused(404, "not_found");
    house.get("/api/v2/projects/default/view-associations/segments/s").await.refused(400, "invalid_request");
    house.get("/api/v2/projects/default/view-associations/flags/none").await.refused(404, "not_found");
    let message = house.post("/api/v2/flags/default", json!({"key": "f", "name": "F", "viewKeys": ["none"]})).await;
    assert!(message.refused(400, "invalid_request").contains("viewKeys"));
    let powerless = house.powerless().await;
    let denied = house.raw(&format!("GET {VIEWS}/web"), &[("authorization", &powerless)], "").await;
    assert_eq!(denied.status(), 403);
}

async fn lists_filter_and_sort(store: Store) {
    let house = House::open(store).await;
    for (key, tag) in [("bravo", "x"), ("alpha", "y"), ("charlie", "x")] {
        house.post(VIEWS, json!({"key": key, "name": key.to_uppercase(), "tags": [tag]})).await.ok();
        house.clock.advance(1000);
    }
    let me = house.get("/api/v2/members/me").await.ok()["_id"].as_str().unwrap().to_owned();
    let mine = format!("maintainerId equals \"{me}\"");
    for (query, wanted) in [
        ("", vec!["bravo", "alpha", "charlie"]),
        ("?sort=key", vec!["alpha", "bravo", "charlie"]),
        ("?sort=-name&limit=2", vec!["charlie", "bravo"]),
        ("?sort=-updatedAt", vec!["charlie", "alpha", "bravo"]),
        ("?filter=tag equals \"x\"", vec!["bravo", "charlie"]),
        ("?filter=tags:x", vec![]),
        ("?filter=name startsWith \"AL\"", vec!["alpha"]),
        ("?filter=key notEquals \"alpha\",name contains \"r\"", vec!["bravo", "charlie"]),
        ("?filter=key anyOf [\"alpha\",\"none\"]|tag equals \"z\"", vec!["alpha"]),
        ("?filter=isPayloadView equals true", vec![]),
        (&format!("?filter={mine}"), vec!["bravo", "alpha", "charlie"]),
    ] {
        let query: String =
            query.replace(' ', "%20").replace('"', "%22").replace('[', "%5B").replace(']', "%5D").replace('|', "%7C");
        let answer = house.get(&format!("{VIEWS}{query}")).await;
        if query.contains("tags:x") {
            answer.refused(400, "invalid_request");
            continue;
        }
        assert_eq!(keys(&answer.ok(), "key"), wanted, "{query}");
    }
    house.get(&format!("{VIEWS}?sort=tags")).await.refused(400, "invalid_request");
}

async fn flags_are_linked_and_found(store: Store) {
    let house = House::open(store).await;
    for key in ["web", "app"] {
        view(&house, key).await;
    }
    for (key, tag) in [("a", "x"), ("b", "x"), ("c", "y"), ("d", "z")] {
        flag(&house, key, json!({"tags": [tag]})).await;
        house.clock.advance(1);
    }
    let path = format!("{VIEWS}/web/link/flags");
    let body = json!({"keys": ["c", "none"], "filter": "tags:x", "comment": "why"});
    let answer = house.post(&path, body.clone()).await.ok();
    assert_eq!((&answer["successCount"], &answer["failureCount"]), (&json!(3), &json!(1)));
    assert_eq!(answer["failedResources"][0]["resourceKey"], "none");
    assert_eq!(answer["linkedResources"]["totalCount"], 3);
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["comment"]), (&json!("updated the view"), &json!("why")));
    assert_eq!(entry["accesses"], json!([{"action": "linkFlagToView", "resource": "proj/default:view/web"}]));
    assert_eq!(house.get(&format!("{VIEWS}/web")).await.ok()["version"], 2);
    let head = house.head().await;
    assert_eq!(house.post(&path, body).await.ok()["successCount"], 3, "once more is no change");
    assert_eq!(house.head().await, head);

    let linked = house.get(&format!("{VIEWS}/web/linked/flags?sort=-name&expand=resourceDetails")).await.ok();
    assert_eq!(keys(&linked, "resourceKey"), ["c", "b", "a"]);
    assert_eq!(linked["items"][0]["resourceDetails"]["flag"]["tags"], json!(["y"]));
    for (query, wanted) in [("?filter=tags:y", vec!["c"]), ("?query=B", vec!["b"]), ("?limit=1", vec!["a"])] {
        let list = house.get(&format!("{VIEWS}/web/linked/flags{query}")).await.ok();
        let mut found = keys(&list, "resourceKey");
        if query == "?limit=1" {
            assert_eq!((found.len(), &list["totalCount"]), (1, &json!(3)));
            found = vec!["a"];
        }
        assert_eq!(found, wanted, "{query}");
    }
    house.post(&format!("{VIEWS}/app/link/flags"), json!({"keys": ["c"]})).await.ok();
    let of = house.get("/api/v2/projects/default/view-associations/flags/c").await.ok();
    assert_eq!(keys(&of, "key"), ["web", "app"]);
    for (filter, wanted) in [("view:WEB", vec!["a", "b", "c"]), ("views:app", vec!["c"]), ("view:none", vec![])] {
        let list = house.get(&format!("/api/v2/flags/default?filter={filter}&sort=key")).await.ok();
        assert_eq!(keys(&list, "key"), wanted, "{filter}");
    }
    let expand = "expand=flagsSummary,resourceSummary,allFlags,allResources";
    let whole = house.get(&format!("{VIEWS}/web?{expand}")).await.ok();
    assert_eq!((&whole["flagsSummary"]["count"], &whole["flagsExpanded"]["totalCount"]), (&json!(3), &json!(3)));
    assert_eq!(whole["resourceSummary"], json!({"flagCount": 3, "segmentCount": 0, "totalCount": 3}));
    assert_eq!(whole["resourcesExpanded"]["items"]["flags"]["totalCount"], 3);

    let answer = unlink(&house, &path, json!({"keys": ["a", "d", "none"]})).await;
    assert_eq!((&answer["successCount"], &answer["failureCount"]), (&json!(2), &json!(1)));
    assert!(answer.get("linkedResources").is_none(), "{answer}");
    let entry = house.newest().await;
    assert_eq!(entry["accesses"], json!([{"action": "unlinkFlagFromView", "resource": "proj/default:view/web"}]));
    house.delete("/api/v2/flags/default/b").await.ok();
    let linked = house.get(&format!("{VIEWS}/web/linked/flags")).await.ok();
    assert_eq!(keys(&linked, "resourceKey"), ["c"]);
}

async fn segments_are_linked_and_found(store: Store) {
    let house = House::open(store).await;
    view(&house, "web").await;
    let id = environment(&house).await;
    for (key, tag) in [("a", "x"), ("b", "y"), ("c", "y")] {
        house.post("/api/v2/segments/default/test", json!({"key": key, "name": key, "tags": [tag]})).await.ok();
    }
    house.post("/api/v2/segments/default/production", json!({"key": "a", "name": "a"})).await.ok();
    let path = format!("{VIEWS}/web/link/segments");
    let named = json!([{"environmentId": id, "segmentKey": "a"}, {"environmentId": "5f", "segmentKey": "a"}]);
    let body = json!({"segmentIdentifiers": named, "filter": "tags anyOf [\"y\"]", "environmentId": id});
    let answer = house.post(&path, body).await.ok();
    assert_eq!((&answer["successCount"], &answer["failureCount"]), (&json!(3), &json!(1)));
    assert_eq!(answer["failedResources"][0]["environmentId"], "5f");
    let linked = house.get(&format!("{VIEWS}/web/linked/segments?expand=resourceDetails&sort=name")).await.ok();
    assert_eq!(keys(&linked, "resourceKey"), ["a", "b", "c"]);
    assert_eq!(
        (&linked["items"][0]["environmentId"], &linked["items"][0]["environmentKey"]),
        (&json!(id), &json!("test"))
    );
    assert_eq!(linked["items"][0]["resourceDetails"]["segment"]["environmentKey"], "test");
    let of = format!("/api/v2/projects/default/view-associations/segments/a?environmentId={id}");
    assert_eq!(keys(&house.get(&of).await.ok(), "key"), ["web"]);
    for (filter, wanted) in [
        ("view%20equals%20%22WEB%22", vec!["a", "b", "c"]),
        ("view%20anyOf%20%5B%22none%22%5D", vec![]),
        ("view%20exists%20false", vec![]),
        ("view%20exists%20true,tags%20anyOf%20%5B%22x%22%5D", vec!["a"]),
    ] {
        let list = house.get(&format!("/api/v2/segments/default/test?filter={filter}&sort=name")).await.ok();
        assert_eq!(keys(&list, "key"), wanted, "{filter}");
    }
    unlink(&house, &path, json!({"filter": "tags anyOf [\"y\"]", "environmentId": id})).await;
    let whole = house.get(&format!("{VIEWS}/web?expand=segmentsSummary,allSegments")).await.ok();
    assert_eq!((&whole["segmentsSummary"]["count"], &whole["segmentsExpanded"]["totalCount"]), (&json!(1), &json!(1)));
}

async fn new_flags_and_segments_come_with_views(store: Store) {
    let house = House::open(store).await;
    view(&house, "web").await;
    flag(&house, "lamp", json!({"viewKeys": ["Web"]})).await;
    let entry = house.newest().await;
    let accesses = entry["accesses"].as_array().unwrap();
    assert!(accesses.contains(&json!({"action": "linkFlagToView", "resource": "proj/default:view/web"})), "{entry}");
    let segment = json!({"key": "s", "name": "S", "viewKeys": ["web"]});
    house.post("/api/v2/segments/default/test", segment).await.ok();
    assert_eq!(house.get(&format!("{VIEWS}/web")).await.ok()["version"], 3, "it tells of both");
    let list = house.get(&format!("{VIEWS}?expand=resourceSummary")).await.ok();
    assert_eq!(list["items"][0]["resourceSummary"]["totalCount"], 2);

    let patch = json!([{"op": "add", "path": "/viewKeys", "value": ["web"]}]);
    for (path, kind) in [("/api/v2/flags/default/lamp", "flags"), ("/api/v2/segments/default/test/s", "segments")] {
        let said = house.patch(path, patch.clone()).await.refused(400, "invalid_request");
        assert!(said.starts_with("/viewKeys") && said.contains(&format!("/link/{kind} ")), "{said}");
    }

    let require = json!([
        {"op": "add", "path": "/requireViewAssociationForNewFlags", "value": true},
        {"op": "add", "path": "/requireViewAssociationForNewSegments", "value": true},
    ]);
    house.patch("/api/v2/projects/default", require).await.ok();
    for path in ["/api/v2/flags/default", "/api/v2/segments/default/test"] {
        let said = house.post(path, json!({"key": "n", "name": "N"})).await.refused(400, "invalid_request");
        assert!(said.contains("viewKeys"), "{said}");
        house.post(path, json!({"key": "n", "name": "N", "viewKeys": ["web"]})).await.ok();
    }
}

async fn policies_select_by_views(store: Store) {
    let house = House::open(store).await;
    for key in ["web", "app"] {
        view(&house, key).await;
    }
    flag(&house, "in", json!({"viewKeys": ["web"]})).await;
    flag(&house, "out", json!({"viewKeys": ["app"]})).await;
    let policy = json!([
        {"effect": "allow", "actions": ["viewProject"], "resources": ["proj/default"]},
        {"effect": "allow", "actions": ["viewView", "linkFlagToView"], "resources": ["proj/default:view/web"]},
        {"effect": "allow", "actions": ["createFlag", "updateOn"], "resources": ["proj/default:env/*:flag/*;view:web"]},
    ]);
    house.post("/api/v2/roles", json!({"key": "web", "name": "Web", "policy": policy})).await.ok();
    let token = house.post("/api/v2/tokens", json!({"customRoleIds": ["web"]})).await.ok();
    let token = token["token"].as_str().unwrap();
    let send = async |line: &str, body: Value| house.raw(line, &[("authorization", token)], &body.to_string()).await;
    let on = json!([{"op": "replace", "path": "/environments/test/on", "value": true}]);
    assert_eq!(send("PATCH /api/v2/flags/default/in", on.clone()).await.status(), 200);
    assert_eq!(send("PATCH /api/v2/flags/default/out", on.clone()).await.status(), 403);
    let make = async |key: &str, views: Value| {
        let body = json!({"key": key, "name": key, "viewKeys": views});
        send("POST /api/v2/flags/default", body).await.status()
    };
    assert_eq!((make("n", json!(["web"])).await, make("m", json!(["app"])).await), (201, 403));
    assert_eq!(make("o", json!([])).await, 403, "without the view it is not selected");
    let seen = house.raw(&format!("GET {VIEWS}"), &[("authorization", token)], "").await.ok();
    assert_eq!(
        (keys(&seen, "key"), &seen["totalCount"]),
        (vec!["web"], &json!(1)),
        "lists and counts show what may be seen"
    );
    let of =
        house.raw("GET /api/v2/projects/default/view-associations/flags/out", &[("authorization", token)], "").await;
    assert_eq!(of.ok()["totalCount"], 0);
    assert_eq!(send(&format!("GET {VIEWS}/app"), Value::Null).await.status(), 403);
    assert_eq!(send(&format!("POST {VIEWS}/web/link/flags"), json!({"keys": ["out"]})).await.status(), 200);
    assert_eq!(send(&format!("POST {VIEWS}/web/link/segments"), json!({"segmentIdentifiers": []})).await.status(), 403);
    assert_eq!(send("PATCH /api/v2/flags/default/out", on).await.status(), 200, "it is in the view now");
}

async fn keys_are_held_to_views(store: Store) {
    let house = House::open(store).await;
    view(&house, "web").await;
    flag(&house, "lamp", json!({"viewKeys": ["web"]})).await;
    let path = "/api/v2/projects/default/environments/test/sdk-keys";
    let send = async |line: &str, body: Value| {
        let owner = [("authorization", crate::support::OWNER), ("ld-api-version", "beta")];
        house.raw(line, &owner, &body.to_string()).await
    };
    send(&format!("POST {path}"), json!({"key": "k", "name": "K", "viewKeys": ["web"]})).await.ok();
    let entry = house.newest().await;
    let asked: Vec<_> = entry["accesses"].as_array().unwrap().iter().map(|a| a["action"].as_str().unwrap()).collect();
    assert_eq!(asked, ["createSdkKey", "updateSdkKeyPayload"]);
    let put = |key: &str| format!("PUT {path}/{key}/views?expand=viewSummaries");
    let shown = send(&put("k"), json!({"viewKeys": ["Web"]})).await.ok();
    assert_eq!(shown["_version"], 1, "nothing changed");
    let summary = &shown["viewSummaries"][0];
    assert_eq!((&summary["key"], &summary["name"]), (&json!("web"), &json!("View web")));
    assert_eq!(summary["resourceSummary"], json!({"flagCount": 1, "segmentCount": 0}));
    assert_eq!(house.get(&format!("{VIEWS}/web")).await.ok()["_affectsSdkPayload"], true);
    let list = house.get(&format!("{VIEWS}?filter=isPayloadView%20equals%20true")).await.ok();
    assert_eq!(list["totalCount"], 1);
    let filter = "/api/v2/projects/default/sdk-keys?filter=viewKey%20equals%20%22web%22&expand=viewSummaries";
    let of = send(&format!("GET {filter}"), Value::Null).await.ok();
    assert_eq!((keys(&of, "key"), &of["items"][0]["viewSummaries"][0]["key"]), (vec!["k"], &json!("web")));
    let said = house.delete(&format!("{VIEWS}/web")).await.refused(409, "conflict");
    assert!(said.contains("key k "), "{said}");

    for (key, body, said) in [
        ("default", json!({"viewKeys": ["web"]}), "default"),
        ("k", json!({"viewKeys": ["none"]}), "none"),
        ("k", json!({}), "viewKeys"),
    ] {
        let message = send(&put(key), body).await.refused(400, "invalid_request");
        assert!(message.contains(said), "{message}");
    }
    let eleven: Vec<_> = (0..11).map(|n| format!("v{n}")).collect();
    for key in &eleven {
        view(&house, key).await;
    }
    let message = send(&put("k"), json!({"viewKeys": eleven})).await.refused(400, "invalid_request");
    assert!(message.contains("at most 10"), "{message}");
    let freed = send(&put("k"), json!({"viewKeys": []})).await.ok();
    assert_eq!((&freed["viewSummaries"], &freed["_version"]), (&json!([]), &json!(2)));
    assert_eq!(house.newest().await["accesses"][0]["action"], "updateSdkKeyPayload");
    assert_eq!(house.delete(&format!("{VIEWS}/web")).await.status(), 204);
}
