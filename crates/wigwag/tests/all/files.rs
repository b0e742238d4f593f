//! `wigwag export` and `wigwag import`: the same files again, another project, another server.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use wigwag_testkit::Client;

use crate::process::{Process, output};

const TOKEN: &str = "api-token-for-files";

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
    assert!(exported.contains_key("roles/painters.json"));
    let all = exported.values().cloned().collect::<String>();
    for secret in [server.told("SDK key"), server.told("mobile key"), server.told("client-side ID"), TOKEN.to_owned()] {
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

    // To another server; from there the same files come back.
    let other = home.path().join("other");
    let second = Process::start(&["--data-dir", text(&other)], &[("WIGWAG_INIT_ACCESS_TOKEN", TOKEN)]);
    well("import", &second.url(), &["--from", text(&first)]);
    well("export", &second.url(), &["--output", text(&again)]);
    assert_eq!(files(&again), exported);

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
