//! `wigwag export` and `wigwag import`: the same files again, another project, another server.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use wigwag_store::testing;
use wigwag_testkit::Client;

use crate::process::{Process, output};

const TOKEN: &str = "api-token-for-files";
const PASSWORD: &str = "correct horse battery";
const SECRET: &str = "hush-hush-hush";

fn run(verb: &str, url: &str, arguments: &[&str]) -> (bool, String) {
    let done = output(&[&[verb, "--url", url][..], arguments].concat(), &[("WIGWAG_ACCESS_TOKEN", TOKEN)]);
    let said = if done.status.success() { done.stdout } else { done.stderr };
    (done.status.success(), String::from_utf8(said).unwrap())
}

fn well(verb: &str, url: &str, arguments: &[&str]) -> String {
    let (done, said) = run(verb, url, arguments);
    assert!(done, "{verb} {arguments:?}: {said}");
    said
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Every file below a directory, as it stands.
fn files(dir: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = text(path.strip_prefix(dir).unwrap()).to_owned();
                all.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    all
}

async fn fill(client: &Client) {
    client
        .post("/api/v2/segments/default/test", &json!({"key": "beta", "name": "Beta", "tags": ["t"]}))
        .await
        .expect(201);
    client.post("/api/v2/segments/default/test", &json!({"key": "all", "name": "All"})).await.expect(201);
    let within = json!([{"op": "replace", "path": "/included", "value": ["ann"]}, {"op": "add", "path": "/rules/0",
        "value": {"clauses": [{"attribute": "", "op": "segmentMatch", "values": ["beta"], "negate": false}]}}]);
    client.patch("/api/v2/segments/default/test/all", &within).await.expect(200);
    let lamp = json!({"key": "lamp", "name": "Lamp", "description": "of the hall", "tags": ["home", "light"],
        "variations": [{"value": {"w": 1}, "name": "dim"}, {"value": {"w": 9}}, {"value": null}],
        "defaults": {"onVariation": 1, "offVariation": 2}, "temporary": false,
        "customProperties": {"team": {"name": "Team", "value": ["home"]}}});
    client.post("/api/v2/flags/default", &lamp).await.expect(201);
    client.post("/api/v2/flags/default", &json!({"key": "a.needs-lamp", "name": "Needs it"})).await.expect(201);
    client.post("/api/v2/flags/default", &json!({"key": "gone", "name": "Gone"})).await.expect(201);
    let at = |env: &str, name: &str| format!("/environments/{env}/{name}");
    let ops = json!([
        {"op": "replace", "path": at("test", "on"), "value": true},
        {"op": "replace", "path": at("test", "targets"), "value": [{"variation": 0, "values": ["bob"], "contextKind": "user"}]},
        {"op": "replace", "path": at("test", "rules"), "value": [{"variation": 2, "description": "beta first", "clauses":
            [{"attribute": "", "op": "segmentMatch", "values": ["all"], "negate": false, "contextKind": "user"}]}]},
        {"op": "replace", "path": at("production", "fallthrough"), "value": {"rollout": {"contextKind": "user", "variations":
            [{"variation": 0, "weight": 60_000}, {"variation": 1, "weight": 40_000}, {"variation": 2, "weight": 0}]}}},
    ]);
    client.patch("/api/v2/flags/default/lamp", &ops).await.expect(200);
    let ops = json!([{"op": "replace", "path": at("production", "prerequisites"),
        "value": [{"key": "lamp", "variation": 1}]}]);
    client.patch("/api/v2/flags/default/a.needs-lamp", &ops).await.expect(200);
    let archive = json!([{"op": "replace", "path": "/archived", "value": true}]);
    client.patch("/api/v2/flags/default/gone", &archive).await.expect(200);
    let role = json!({"key": "painters", "name": "Painters", "policy":
        [{"effect": "allow", "actions": ["updateName"], "resources": ["proj/*:env/*:flag/*"]}]});
    client.post("/api/v2/roles", &role).await.expect(201);
    let team = json!({"key": "decorators", "name": "Decorators", "customRoleKeys": ["painters"],
        "roleAttributes": {"house": ["red", "blue"]}});
    client.post("/api/v2/teams", &team).await.expect(201);
    let members = json!([
        {"email": "Ann.O'Hara+x@example.com", "firstName": "Ann", "role": "reader", "customRoles": ["painters"],
         "teamKeys": ["decorators"], "roleAttributes": {"room": ["hall"]}, "password": PASSWORD},
        {"email": "bob@example.com", "role": "writer"},
    ]);
    client.post("/api/v2/members", &members).await.expect(201);
    let hook = |more: Value| {
        let mut hook = json!({"url": "https://example.com/hook", "sign": false, "on": false});
        hook.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        hook
    };
    let flags = json!([{"effect": "allow", "actions": ["*"], "resources": ["proj/*:env/*:flag/*"]}]);
    for body in [
        hook(json!({"name": "To the wall", "sign": true, "secret": SECRET, "on": true, "tags": ["t"]})),
        hook(json!({"name": "to the wall!", "statements": flags})),
        hook(json!({})),
    ] {
        client.post("/api/v2/webhooks", &body).await.expect(200);
    }
    client
        .patch(
            "/api/v2/projects/default/environments/production",
            &json!([
                {"op": "replace", "path": "/requireComments", "value": true},
                {"op": "replace", "path": "/tags", "value": ["eu"]},
            ]),
        )
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_server_to_server() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let server = Process::start(&["--data-dir", text(&data)], &[("WIGWAG_INIT_ACCESS_TOKEN", TOKEN)]);
    let (url, client) = (server.url(), server.client(TOKEN));
    fill(&client).await;
    let (first, again) = (home.path().join("first"), home.path().join("again"));
    well("export", &url, &["--output", text(&first)]);
    well("export", &url, &["--output", text(&again)]);
    let exported = files(&first);
    assert_eq!(exported, files(&again), "the same byte for byte");
    for name in
        ["project.json", "environments/test.json", "flags/lamp.json", "flags/gone.json", "segments/test/all.json"]
    {
        assert!(exported.contains_key(&format!("projects/default/{name}")), "{name} of {:?}", exported.keys());
    }
    for name in
        ["roles/painters", "teams/decorators", "members/owner@example.com", "members/Ann.O%27Hara+x@example.com"]
    {
        assert!(exported.contains_key(&format!("{name}.json")), "{name} of {:?}", exported.keys());
    }
    let read = |name: &str| serde_json::from_str::<Value>(&exported[name]).unwrap();
    let team = json!({"key": "decorators", "name": "Decorators", "description": "", "customRoleKeys": ["painters"],
        "roleAttributes": {"house": ["red", "blue"]}});
    assert_eq!(read("teams/decorators.json"), team);
    let ann = json!({"email": "Ann.O'Hara+x@example.com", "firstName": "Ann", "role": "reader",
        "customRoles": ["painters"], "teamKeys": ["decorators"], "roleAttributes": {"room": ["hall"]}});
    assert_eq!(read("members/Ann.O%27Hara+x@example.com.json"), ann);
    let hook =
        json!({"name": "To the wall", "url": "https://example.com/hook", "sign": true, "on": true, "tags": ["t"]});
    assert_eq!(read("webhooks/to-the-wall.json"), hook);
    assert_eq!(read("webhooks/to-the-wall-2.json")["statements"][0]["effect"], "allow");
    assert_eq!(read("webhooks/https-example-com-hook.json")["sign"], false);
    let all = exported.values().cloned().collect::<String>();
    let told = ["SDK key", "mobile key", "client-side ID"].map(|label| server.told(label));
    for secret in told.into_iter().chain([TOKEN, PASSWORD, SECRET].map(str::to_owned)) {
        assert!(!all.contains(&secret), "{secret}");
    }
    assert_eq!(well("import", &url, &["--from", text(&first)]), "nothing is left to do\n");

    // Into another project beside it.
    let dry = well("import", &url, &["--from", text(&first), "--project", "default", "--into", "copy", "--dry-run"]);
    assert!(dry.contains("make project copy"), "{dry}");
    client.get("/api/v2/projects/copy").await.expect(404);
    well("import", &url, &["--from", text(&first), "--project", "default", "--into", "copy", "--comment", "moving in"]);
    let left = well("import", &url, &["--from", text(&first), "--project", "default", "--into", "copy"]);
    assert_eq!(left, "nothing is left to do\n");
    let lamp = client.get("/api/v2/flags/copy/lamp").await.expect(200).json();
    assert_eq!(lamp["environments"]["test"]["rules"][0]["clauses"][0]["values"], json!(["all"]), "{lamp}");
    assert_eq!(client.get("/api/v2/flags/copy/gone").await.expect(200).json()["archived"], true);
    let log = client.get("/api/v2/auditlog?limit=20&spec=proj/copy:env/*:flag/*").await.expect(200).json();
    assert!(log.to_string().contains("moving in"), "{log}");

    // To another server, on the other engine; from there the same files come back.
    let other = testing::database().await.unwrap();
    let second = Process::start(&["--database-url", &other.url], &[("WIGWAG_INIT_ACCESS_TOKEN", TOKEN)]);
    let done = well("import", &second.url(), &["--from", text(&first)]);
    assert!(done.contains("make member bob@example.com, by an invitation"), "{done}");
    assert!(done.contains("webhook To the wall gets a new secret") && !done.contains(SECRET), "{done}");
    well("export", &second.url(), &["--output", text(&again)]);
    assert_eq!(files(&again), exported);
    assert_eq!(well("import", &second.url(), &["--from", text(&first)]), "nothing is left to do\n");
    let far = second.client(TOKEN);
    let invited = far.get("/api/v2/members?filter=query:bob").await.expect(200).json()["items"][0].clone();
    assert_eq!((&invited["_pendingInvite"], &invited["role"]), (&json!(true), &json!("writer")));
    let hooks = far.get("/api/v2/webhooks").await.expect(200).json()["items"].clone();
    let signing = hooks.as_array().unwrap().iter().find(|hook| hook["name"] == "To the wall").unwrap();
    let secret = signing["secret"].as_str().unwrap();
    assert!(!secret.is_empty() && secret != SECRET);

    // What is there already is changed where that gives nobody a right.
    let turn = json!([{"op": "replace", "path": "/on", "value": false}, {"op": "remove", "path": "/statements"}]);
    let wall = hooks.as_array().unwrap().iter().find(|hook| hook["name"] == "to the wall!").unwrap();
    let path = format!("/api/v2/webhooks/{}", wall["_id"].as_str().unwrap());
    far.patch(&path, &turn).await.expect(200);
    let promoted = json!([{"op": "replace", "path": "/role", "value": "admin"}]);
    far.patch(&format!("/api/v2/members/{}", invited["_id"].as_str().unwrap()), &promoted).await.expect(200);
    let done = well("import", &second.url(), &["--from", text(&first)]);
    assert_eq!(done, "change webhook to the wall!: /statements\n1 were made or changed\n");

    // An owner is told of and left out.
    let stranger = json!({"email": "chief@example.com", "role": "owner"});
    std::fs::write(again.join("members/chief@example.com.json"), stranger.to_string()).unwrap();
    let done = well("import", &second.url(), &["--from", text(&again)]);
    assert_eq!(done, "left out member chief@example.com: an owner is made by an owner\nnothing is left to do\n");

    // What was taken away goes from the files, and stays where it is imported to.
    second.client(TOKEN).delete("/api/v2/flags/default/gone").await.expect(204);
    well("export", &second.url(), &["--output", text(&again), "--project", "default"]);
    assert!(!again.join("projects/default/flags/gone.json").exists());
    assert_eq!(well("import", &url, &["--from", text(&again), "--project", "default"]), "nothing is left to do\n");
}

#[test]
fn what_cannot_be_done_is_told() {
    let home = tempfile::tempdir().unwrap();
    let at = text(home.path());
    let none = output(&["export", "--output", at], &[]);
    assert!(String::from_utf8(none.stderr).unwrap().contains("set WIGWAG_ACCESS_TOKEN"));
    assert!(run("import", "http://127.0.0.1:1", &["--from", at]).1.contains("is not an export"));
    let (done, said) = run("export", "http://127.0.0.1:1", &["--output", at]);
    assert!(!done && said.contains("GET projects") && !said.contains(TOKEN), "{said}");
    std::fs::write(home.path().join("export.json"), r#"{"format": 2}"#).unwrap();
    assert!(run("import", "http://127.0.0.1:1", &["--from", at]).1.contains("a newer release wrote"));
}
