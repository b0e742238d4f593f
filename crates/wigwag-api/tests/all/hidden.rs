//! Lists, counts and searches tell nothing of what their caller may not see: they answer the same whether it is
//! there or not.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, on_both_engines};
use crate::sweeps::is_sign_in;

on_both_engines! {
    a_hidden_project_changes_no_answer;
    nothing_in_a_hidden_project_answers;
    hidden_teams_are_left_out;
    nobody_looks_around_without_a_role;
}

/// A token that sees everything but the project `hush`, and may change everything.
async fn outsider(house: &House) -> String {
    let types: Vec<_> = wigwag_auth::policy::resource_types().iter().map(|known| known.specifier).collect();
    let policy = json!([
        {"effect": "allow", "actions": ["*"], "resources": types},
        {"effect": "deny", "actions": ["viewProject"], "resources": ["proj/hush"]},
    ]);
    let body = json!({"key": "outsider", "name": "Outsider", "policy": policy});
    house.post("/api/v2/roles", body).await.ok();
    let token = json!({"name": "outsider", "serviceToken": true, "customRoleIds": ["outsider"]});
    house.post("/api/v2/tokens", token).await.ok()["token"].as_str().unwrap().to_owned()
}

/// A project with something of every kind in it.
async fn filled(house: &House, project: &str) {
    let send = async |line: String, body: Value| house.send(&line, Some(&body)).await.ok();
    let tags = json!([format!("{project}-tag"), "shared"]);
    send("POST /api/v2/projects".into(), json!({"key": project, "name": project, "tags": tags})).await;
    for key in ["f", "g"] {
        send(
            format!("POST /api/v2/flags/{project}"),
            json!({"key": key, "name": format!("{project} {key}"), "tags": tags}),
        )
        .await;
    }
    let prerequisite = json!({"environmentKey": "test", "instructions": [{"kind": "turnFlagOn"}]});
    send(format!("PATCH /api/v2/flags/{project}/f"), prerequisite).await;
    let segment = json!({"key": "s", "name": format!("{project} s"), "tags": tags});
    send(format!("POST /api/v2/segments/{project}/test"), segment).await;
    let found = json!([{"path": "/x.rs", "hunks": [
        {"startingLineNumber": 3, "lines": "f", "projKey": project, "flagKey": "f"}]}]);
    let branch = json!({"name": project, "head": "5f1e", "syncTime": 1, "references": found});
    send(format!("PUT /api/v2/code-refs/repositories/r/branches/{project}"), branch).await;
    let main = json!({"name": "main", "head": "5f1e", "syncTime": house.head().await + 1, "references": found});
    if project == "hush" {
        send("PUT /api/v2/code-refs/repositories/r/branches/main".into(), main).await;
        let gone = json!([{"revision": "5f1e", "message": "gone", "time": 1, "flagKey": "f", "projKey": project}]);
        send("POST /api/v2/code-refs/repositories/r/branches/main/extinction-events".into(), gone).await;
    }
}

/// Every list that is not inside one project, and those of the project `default`.
fn lists(house: &House) -> Vec<(String, &'static str, &'static str)> {
    let mut all = Vec::new();
    for operation in house.server.operations().iter().filter(|o| o.handler().is_some()) {
        let entry = operation.entry;
        if is_sign_in(operation) {
            continue;
        }
        let path = entry.path.replace("{projectKey}", "default").replace("{environmentKey}", "test");
        // Those of a repository count its branches, which are no part of a project.
        // The export is the whole record or could not be verified: it is for administrators.
        let whole = ["apiReference", "exportAuditLog"].contains(&entry.id);
        if path.contains('{') || entry.path.contains("openapi") || whole {
            continue;
        }
        if entry.method == "GET" {
            for query in [
                "",
                "?limit=1",
                "?filter=query:hush",
                "?withReferencesForDefaultBranch=1",
                "?q=hush",
                "?expand=environments",
            ] {
                all.push((format!("GET {path}{query}"), "", entry.id));
            }
        }
    }
    for body in ["[]", r#"[{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*:flag/*"]}]"#] {
        all.push(("POST /api/v2/auditlog".to_owned(), body, "postAuditLogEntries"));
        all.push(("POST /api/v2/auditlog/counts?after=1".to_owned(), body, "postAuditLogEntryCounts"));
    }
    all.push(("GET /api/v2/auditlog?spec=proj/hush".to_owned(), "", "getAuditLogEntries"));
    all.push(("GET /api/v2/projects?filter=keys:hush".to_owned(), "", "getProjects"));
    all.push(("GET /api/v2/tags?pre=hush".to_owned(), "", "getTags"));
    all
}

async fn answers(house: &House, by: &str) -> BTreeMap<String, (u16, Value)> {
    let mut all = BTreeMap::new();
    for (line, body, id) in lists(house) {
        let headers = [("authorization", by), ("ld-api-version", "beta"), ("content-type", "application/json")];
        let answer = house.raw(&line, &headers, body).await;
        let mut json = if answer.text().is_empty() { Value::Null } else { answer.json() };
        // The id of a request.
        if let Some(object) = json.as_object_mut().filter(|o| o.contains_key("code")) {
            object.remove("id");
        }
        all.insert(format!("{id}: {line} {body}"), (answer.status(), json));
    }
    all
}

async fn a_hidden_project_changes_no_answer(store: Store) {
    let house = House::open(store).await;
    let outsider = outsider(&house).await;
    let repository =
        json!({"name": "r", "type": "github", "sourceLink": "https://example.com/r", "defaultBranch": "main"});
    house.post("/api/v2/code-refs/repositories", repository).await.ok();
    filled(&house, "open").await;
    let main = json!({"name": "main", "head": "5f1e", "syncTime": 1, "references": []});
    house.send("PUT /api/v2/code-refs/repositories/r/branches/main", Some(&main)).await.ok();
    filled(&house, "later").await;
    let before = answers(&house, &outsider).await;
    let by_owner = answers(&house, crate::support::OWNER).await;
    filled(&house, "hush").await;
    let after = answers(&house, &outsider).await;
    // What is told of repositories and branches themselves changes with every upload.
    let own = |name: &str| name.contains("/code-refs/repositories") || name.contains("auditlog");
    let mut compared = 0;
    for (name, answer) in &after {
        // A list repeats what it was asked, and the role of the outsider names what it denies.
        let text = answer.1.to_string().replace("spec=proj/hush", "").replace("[\"proj/hush\"]", "");
        assert!(
            !text.contains("hush-tag") && !text.contains("proj/hush") && !text.contains("projects/hush"),
            "{name}: {text}"
        );
        assert!(!text.contains("flags/hush") && !text.contains("\"hush f\""), "{name}: {text}");
        if own(name) || name.contains("=hush") || name.contains(":hush") {
            continue;
        }
        assert_eq!(answer, &before[name], "{name}");
        compared += 1;
    }
    assert!(compared > 30, "{compared}");
    // The same lists tell the owner more than before.
    let differ = answers(&house, crate::support::OWNER).await.iter().filter(|(name, a)| by_owner[*name] != **a).count();
    assert!(differ > 5, "{differ}");
    // Of the audit log, what hushes is left out of the count as well.
    let counts = async |by: &str| {
        let headers = [("authorization", by), ("ld-api-version", "beta"), ("content-type", "application/json")];
        let flags = r#"[{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*:flag/*"]}]"#;
        house.raw("POST /api/v2/auditlog/counts?after=1", &headers, flags).await.ok()["totalCount"].as_u64().unwrap()
    };
    assert_eq!(counts(crate::support::OWNER).await, counts(&outsider).await + 3, "two flags and a patch");
}

async fn nothing_in_a_hidden_project_answers(store: Store) {
    let house = House::open(store).await;
    let outsider = outsider(&house).await;
    let repository =
        json!({"name": "r", "type": "github", "sourceLink": "https://example.com/r", "defaultBranch": "main"});
    house.post("/api/v2/code-refs/repositories", repository).await.ok();
    filled(&house, "hush").await;
    let head = house.head().await;
    let mut count = 0;
    for operation in house.server.operations().iter().filter(|o| o.handler().is_some()) {
        let entry = operation.entry;
        let names =
            [("{projectKey}", "hush"), ("{environmentKey}", "test"), ("{featureFlagKey}", "f"), ("{segmentKey}", "s")];
        if !entry.path.contains("{projectKey}") {
            continue;
        }
        let path = names.iter().fold(entry.path.to_owned(), |path, (name, key)| path.replace(name, key));
        let path: Vec<_> = path.split('/').map(|step| if step.starts_with('{') { "ann" } else { step }).collect();
        let body = match entry.method {
            "GET" | "DELETE" => "",
            "PATCH" => r#"[{"op": "replace", "path": "/name", "value": "n"}]"#,
            _ => "{}",
        };
        let line = format!("{} {}", entry.method, path.join("/"));
        let headers =
            [("authorization", outsider.as_str()), ("ld-api-version", "beta"), ("content-type", "application/json")];
        let answer = house.raw(&line, &headers, body).await;
        // A body that cannot be is refused before anything is looked at; it tells nothing.
        assert!(matches!(answer.status(), 400 | 403 | 404), "{line}: {} {}", answer.status(), answer.text());
        assert!(!answer.text().contains("hush-tag") && !answer.text().contains("hush f"), "{line}: {}", answer.text());
        if answer.status() == 403 {
            let denied = answer.json();
            assert_eq!(denied["access"], json!({"action": "viewProject", "resource": "proj/hush"}), "{line}");
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
    assert_eq!(house.head().await, head);
}

async fn hidden_teams_are_left_out(store: Store) {
    let house = House::open(store).await;
    for key in ["open", "hush", "later"] {
        house.post("/api/v2/teams", json!({"key": key, "name": key})).await.ok();
    }
    let inline = json!([{"effect": "deny", "actions": ["viewTeam"], "resources": ["team/hush"]}]);
    let token = house.post("/api/v2/tokens", json!({"inlineRole": inline})).await.ok();
    let headers = [("authorization", token["token"].as_str().unwrap())];
    let list = house.raw("GET /api/v2/teams", &headers, "").await.ok();
    assert_eq!((&list["totalCount"], list["items"].as_array().unwrap().len()), (&json!(2), 2));
    let page = house.raw("GET /api/v2/teams?limit=1&offset=1", &headers, "").await.ok();
    assert_eq!((&page["items"][0]["key"], &page["totalCount"]), (&json!("later"), &json!(2)));
    house.raw("GET /api/v2/teams/hush", &headers, "").await.refused(403, "forbidden");
    let log = house.raw("GET /api/v2/auditlog", &headers, "").await.ok().to_string();
    assert!(log.contains("team/open") && !log.contains("team/hush"), "{log}");
}

/// What belongs to the account is for those who have some role.
async fn nobody_looks_around_without_a_role(store: Store) {
    let house = House::open(store).await;
    let role = json!({"key": "flags", "name": "Flags", "policy": [
        {"effect": "allow", "actions": ["viewProject"], "resources": ["proj/default"]}]});
    house.post("/api/v2/roles", role).await.ok();
    let token = json!({"serviceToken": true, "customRoleIds": ["flags"]});
    let token = house.post("/api/v2/tokens", token).await.ok()["token"].as_str().unwrap().to_owned();
    let headers = [("authorization", token.as_str()), ("ld-api-version", "beta")];
    for path in ["webhooks", "roles", "code-refs/repositories", "tags", "members"] {
        let denied = house.raw(&format!("GET /api/v2/{path}"), &headers, "").await;
        denied.refused(403, "forbidden");
    }
    let log = house.raw("GET /api/v2/auditlog", &headers, "").await.ok();
    let kinds: Vec<_> = log["items"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert!(kinds.iter().all(|kind| !matches!(*kind, "role" | "token" | "account")), "{kinds:?}");
    let tokens = house.raw("GET /api/v2/tokens", &headers, "").await.ok();
    assert_eq!(tokens["totalCount"], 0);
    assert_eq!(house.raw("GET /api/v2/projects", &headers, "").await.ok()["totalCount"], 1);
}
