//! The stream of automatic configuration, read as a Relay Proxy reads it (sdk-protocol.md 9.1).

use std::collections::BTreeMap;
use std::io::Read as _;

use md5::Digest as _;
use serde_json::{Value, json};
use wigwag::cli::RelayArchiveArgs;
use wigwag::relay_archive::run;
use wigwag_testkit::{Engine, Event, EventStream, TestServer};

const CONFIGS: &str = "/api/v2/account/relay-auto-configs";
const ENVIRONMENTS: &str = "/api/v2/projects/default/environments";

/// What a proxy makes of the events.
#[derive(Default)]
struct Proxy {
    environments: BTreeMap<String, Value>,
    /// The last version seen of each environment, also of those that are gone.
    seen: BTreeMap<String, u64>,
}

impl Proxy {
    /// Takes an event in; whether it made a difference.
    fn take(&mut self, event: &Event) -> bool {
        if event.name == "put" {
            let all = event.data["data"]["environments"].as_object().unwrap();
            assert_eq!((&event.data["path"], &event.data["data"]["filters"]), (&json!("/"), &json!({})));
            self.environments.retain(|id, _| all.contains_key(id));
            return all.iter().fold(false, |changed, (id, env)| self.upsert(id, env) || changed);
        }
        let id = event.data["path"].as_str().unwrap().strip_prefix("/environments/").unwrap().to_owned();
        match event.name.as_str() {
            "patch" => self.upsert(&id, &event.data["data"]),
            "delete" => self.is_newer(&id, &event.data["version"]) && self.environments.remove(&id).is_some(),
            other => panic!("a proxy does not know {other}"),
        }
    }

    fn upsert(&mut self, id: &str, env: &Value) -> bool {
        assert_eq!(env["envID"], id);
        let newer = self.is_newer(id, &env["version"]);
        if newer {
            self.environments.insert(id.to_owned(), env.clone());
        }
        newer
    }

    fn is_newer(&mut self, id: &str, version: &Value) -> bool {
        let version = version.as_u64().unwrap();
        let seen = self.seen.insert(id.to_owned(), version);
        seen.is_none_or(|seen| seen < version)
    }

    fn by_key(&self, project: &str, env: &str) -> Option<&Value> {
        self.environments.values().find(|e| e["projKey"] == project && e["envKey"] == env)
    }

    fn keys(&self) -> Vec<String> {
        let name = |e: &Value| format!("{}:{}", e["projKey"].as_str().unwrap(), e["envKey"].as_str().unwrap());
        let mut keys: Vec<_> = self.environments.values().map(name).collect();
        keys.sort();
        keys
    }
}

async fn config(server: &TestServer, resource: &str) -> (String, String) {
    let policy = json!([{"effect": "allow", "actions": ["*"], "resources": [resource]}]);
    let made = server.post(CONFIGS, &json!({"name": "R", "policy": policy})).await.expect(201).json();
    (format!("{CONFIGS}/{}", made["_id"].as_str().unwrap()), made["fullKey"].as_str().unwrap().to_owned())
}

async fn open(server: &TestServer, key: &str) -> EventStream {
    server.stream("/relay_auto_config?rpacProtocolVersion=2", key).await
}

#[tokio::test]
async fn a_proxy_is_told_its_environments_and_every_change_to_them() {
    for engine in Engine::ALL {
        let server = TestServer::start(engine).await;
        let (_, key) = config(&server, "proj/*:env/test*").await;
        let (mut stream, mut proxy) = (open(&server, &key).await, Proxy::default());
        proxy.take(&stream.next().await);
        assert_eq!(proxy.keys(), ["default:test"]);
        let test = server.get(&format!("{ENVIRONMENTS}/test")).await.expect(200).json();
        let told = proxy.by_key("default", "test").unwrap();
        assert_eq!(told["sdkKey"], json!({"value": test["apiKey"]}));
        assert_eq!((&told["mobKey"], &told["envID"]), (&test["mobileKey"], &test["_id"]));
        assert_eq!(
            (&told["envName"], &told["defaultTtl"], &told["secureMode"]),
            (&json!("Test"), &json!(0), &json!(false))
        );

        // Other environments and flags are nothing to it.
        server
            .patch(&format!("{ENVIRONMENTS}/production"), &json!([{"op": "replace", "path": "/name", "value": "P"}]))
            .await
            .expect(200);
        server
            .patch(&format!("{ENVIRONMENTS}/test"), &json!([{"op": "replace", "path": "/defaultTtl", "value": 5}]))
            .await
            .expect(200);
        let patch = stream.next().await;
        assert!(patch.name == "patch" && proxy.take(&patch), "{patch:?}");
        assert_eq!(proxy.by_key("default", "test").unwrap()["defaultTtl"], 5);

        server.create_project("other").await;
        assert!(proxy.take(&stream.next().await));
        assert_eq!(proxy.keys(), ["default:test", "other:test"]);
        // Its key is known here by the time it is told.
        let sdk_key = proxy.by_key("other", "test").unwrap()["sdkKey"]["value"].as_str().unwrap();
        server.with_token(sdk_key).get("/sdk/latest-all").await.expect(200);

        server.delete("/api/v2/projects/other").await.expect(204);
        let delete = stream.next().await;
        assert!(delete.name == "delete" && proxy.take(&delete), "{delete:?}");
        assert_eq!(proxy.keys(), ["default:test"]);

        let mut again = Proxy::default();
        again.take(&open(&server, &key).await.next().await);
        assert_eq!(again.keys(), proxy.keys());
    }
}

#[tokio::test]
async fn a_key_that_is_reset_is_told_with_the_old_one_while_that_lasts() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (_, key) = config(&server, "proj/default:env/test").await;
    let (mut stream, mut proxy) = (open(&server, &key).await, Proxy::default());
    proxy.take(&stream.next().await);
    let old = server.sdk_key("test").await;
    let expiry = server.clock.now() + 60_000;
    server.post(&format!("{ENVIRONMENTS}/test/apiKey?expiry={expiry}"), &json!({})).await.expect(200);
    assert!(proxy.take(&stream.next().await));
    let told = proxy.by_key("default", "test").unwrap();
    let new = server.sdk_key("test").await;
    assert_eq!(told["sdkKey"], json!({"value": new, "expiring": {"value": old, "timestamp": expiry}}));
    assert_eq!(told["sdkKeys"].as_array().unwrap().len(), 2);

    // Once it has expired nobody is told of it any more.
    server.clock.advance(60_001);
    let mut later = Proxy::default();
    later.take(&open(&server, &key).await.next().await);
    assert_eq!(later.by_key("default", "test").unwrap()["sdkKey"], json!({"value": new}));
}

#[tokio::test]
async fn a_changed_policy_gives_and_takes_environments() {
    let server = TestServer::start(Engine::Sqlite).await;
    let (path, key) = config(&server, "proj/default:env/test").await;
    let (mut stream, mut proxy) = (open(&server, &key).await, Proxy::default());
    proxy.take(&stream.next().await);
    for (resource, keys) in
        [("proj/default:env/production", ["default:production"]), ("proj/default:env/test", ["default:test"])]
    {
        let policy = json!([{"effect": "allow", "actions": ["*"], "resources": [resource]}]);
        server.patch(&path, &json!([{"op": "replace", "path": "/policy", "value": policy}])).await.expect(200);
        for _ in 0..2 {
            assert!(proxy.take(&stream.next().await), "an environment that comes back has a newer version");
        }
        assert_eq!(proxy.keys(), keys);
    }
}

#[tokio::test]
async fn a_proxy_whose_key_ends_is_let_go() {
    let server = TestServer::start(Engine::Sqlite).await;
    for bad in ["", "rel-00000000-0000-4000-8000-000000000000", &server.sdk_key("test").await] {
        let refused = server.with_token(bad).get("/relay_auto_config").await.expect(401);
        assert_eq!(refused.json()["code"], "unauthorized");
    }
    let (path, key) = config(&server, "proj/*:env/*").await;
    let mut stream = open(&server, &key).await;
    stream.next().await;
    let until = server.clock.now() + 1000;
    let reset = server.post(&format!("{path}/reset?expiry={until}"), &json!({})).await.expect(200).json();
    // The old key stays good for a while.
    let mut old = open(&server, &key).await;
    old.next().await;
    server.clock.advance(1001);
    server.create_project("other").await;
    assert_eq!(old.next_or_end().await, None);
    assert_eq!(stream.next_or_end().await, None);
    server.with_token(&key).get("/relay_auto_config").await.expect(401);

    let mut stream = open(&server, reset["fullKey"].as_str().unwrap()).await;
    stream.next().await;
    server.delete(&path).await.expect(204);
    assert_eq!(stream.next_or_end().await, None);
}

#[tokio::test]
async fn a_shutdown_ends_the_stream() {
    let mut server = TestServer::start(Engine::Sqlite).await;
    let (_, key) = config(&server, "proj/*:env/*").await;
    let mut stream = open(&server, &key).await;
    stream.next().await;
    server.stop().await;
    assert_eq!(stream.next_or_end().await, None);
}

#[tokio::test]
async fn an_archive_holds_what_a_proxy_is_told() {
    let server = TestServer::start(Engine::Sqlite).await;
    server.create_flag("default", wigwag_testkit::flag("lamp")).await;
    let (_, key) = config(&server, "proj/*:env/*").await;
    let dir = tempfile::tempdir().unwrap();
    let args = RelayArchiveArgs { url: server.url(""), output: dir.path().join("flags.tar.gz") };
    let ask = |key: &str| {
        let (url, output, key) = (args.url.clone(), args.output.clone(), key.to_owned());
        tokio::task::spawn_blocking(move || run(&RelayArchiveArgs { url, output }, &key))
    };
    let refused = ask("rel-wrong").await.unwrap().unwrap_err();
    assert!(refused.to_string().contains("not that of a Relay Proxy"), "{refused}");
    assert!(!args.output.exists());
    assert_eq!(ask(&key).await.unwrap().unwrap(), 2);

    let archive = flate2::read::GzDecoder::new(std::fs::File::open(&args.output).unwrap());
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).unwrap();
        files.insert(entry.path().unwrap().display().to_string(), contents);
    }
    let sum = files.remove("checksum.md5").unwrap();
    let all: Vec<u8> = files.values().flatten().copied().collect();
    assert_eq!(sum, md5::Md5::digest(all)[..]);
    let test = server.get(&format!("{ENVIRONMENTS}/test")).await.expect(200).json();
    let id = test["_id"].as_str().unwrap();
    let env: Value = serde_json::from_slice(&files[&format!("{id}.json")]).unwrap();
    assert_eq!((&env["env"]["sdkKey"]["value"], &env["env"]["envKey"]), (&test["apiKey"], &json!("test")));
    assert!(!env["dataId"].as_str().unwrap().is_empty());
    let data: Value = serde_json::from_slice(&files[&format!("{id}-data.json")]).unwrap();
    assert_eq!((&data["flags"]["lamp"]["key"], &data["segments"]), (&json!("lamp"), &json!({})));
}
