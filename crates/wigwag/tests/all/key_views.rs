//! A key that is held to views delivers what is linked to them and nothing else, wherever an SDK asks.

use base64::Engine as _;
use serde_json::{Value, json};
use wigwag_testkit::{Engine, TestServer, flag};

const KEYS: &str = "/api/v2/projects/default/environments/test/sdk-keys";
const LINKS: &str = "/api/v2/projects/default/views/web/link/flags";

async fn send(server: &TestServer, method: &str, path: &str, body: Value) -> Value {
    let request = server.request(method, path).header("ld-api-version", "beta").json(&body);
    let answer = server.send(request).await;
    assert!(answer.status < 300, "{method} {path}: {answer:?}");
    if answer.text.is_empty() { Value::Null } else { answer.json() }
}

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> =
        value.as_object().unwrap().keys().map(String::as_str).filter(|k| !k.starts_with('$')).collect();
    names.sort_unstable();
    names
}

/// `in` needs `out`, which is on: nobody but an SDK on a server misses it.
async fn furnished(engine: Engine) -> TestServer {
    let server = TestServer::start(engine).await;
    send(&server, "POST", "/api/v2/projects/default/views", json!({"key": "web", "name": "Web"})).await;
    let visible = json!({"usingMobileKey": true, "usingEnvironmentId": true});
    for key in ["in", "out"] {
        server.create_flag("default", flag(key).with("clientSideAvailability", visible.clone())).await;
        server.instruct(key, "test", json!([{"kind": "turnFlagOn"}])).await;
    }
    let out = server.get("/api/v2/flags/default/out").await.expect(200).json();
    let needs = json!([{"kind": "addPrerequisite", "key": "out", "variationId": out["variations"][1]["_id"]}]);
    server.instruct("in", "test", needs).await;
    for key in ["in", "out"] {
        send(&server, "POST", "/api/v2/segments/default/test", json!({"key": key, "name": key})).await;
    }
    send(&server, "POST", LINKS, json!({"keys": ["in"]})).await;
    let envs = server.get("/api/v2/projects/default/environments/test").await.expect(200).json();
    let segment = json!({"segmentIdentifiers": [{"environmentId": envs["_id"], "segmentKey": "in"}]});
    send(&server, "POST", "/api/v2/projects/default/views/web/link/segments", segment).await;
    server
}

async fn key(server: &TestServer, kind: &str) -> String {
    let body = json!({"kind": kind, "key": kind, "name": kind, "viewKeys": ["web"]});
    send(server, "POST", KEYS, body).await["value"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_endpoint_delivers_the_part() {
    for engine in Engine::ALL {
        let server = furnished(engine).await;
        let sdk = server.with_token(&key(&server, "sdk").await);
        let all = sdk.get("/sdk/latest-all").await.expect(200).json();
        assert_eq!((names(&all["flags"]), names(&all["segments"])), (vec!["in"], vec!["in"]));
        for (path, wanted) in [("/sdk/latest-flags", "in"), ("/sdk/flags", "in"), ("/sdk/segments", "in")] {
            assert_eq!(names(&sdk.get(path).await.expect(200).json()), [wanted], "{path}");
        }
        for what in ["latest-flags", "flags", "latest-segments", "segments"] {
            sdk.get(&format!("/sdk/{what}/in")).await.expect(200);
            sdk.get(&format!("/sdk/{what}/out")).await.expect(404);
        }
        let poll = sdk.get("/sdk/poll").await.expect(200).text;
        assert!(poll.contains("\"object\":{\"key\":\"in\"") && !poll.contains("\"object\":{\"key\":\"out\""), "{poll}");

        // To whoever asks for results the flag is what it is to everybody: what it needs is evaluated, not told.
        let context = base64::engine::general_purpose::URL_SAFE.encode(json!({"kind": "user", "key": "u"}).to_string());
        let mobile = server.with_token(&key(&server, "mobile").await);
        for (client, path) in [(&sdk, "/sdk/evalx/contexts"), (&mobile, "/msdk/evalx/contexts")] {
            let results = client.get(&format!("{path}/{context}")).await.expect(200).json();
            assert_eq!(names(&results), ["in"], "{path}");
        }
        let whole = server.with_token(&server.sdk_key("test").await);
        let path = format!("/sdk/evalx/contexts/{context}");
        let (part, everything) = (sdk.get(&path).await.json(), whole.get(&path).await.json());
        assert_eq!((names(&everything), &part["in"]), (vec!["in", "out"], &everything["in"]));

        let asked = json!({"context": {"targetingKey": "u"}});
        let one = async |key: &str| {
            let request = sdk.request("POST", &format!("/ofrep/v1/evaluate/flags/{key}"));
            sdk.send(request.json(&asked)).await.status
        };
        assert_eq!((one("in").await, one("out").await), (200, 404));
        let request = sdk.request("POST", "/ofrep/v1/evaluate/flags").json(&asked);
        let all = sdk.send(request).await.expect(200).json();
        assert_eq!(all["flags"].as_array().unwrap().len(), 1, "{all}");
    }
}

#[tokio::test]
async fn streams_follow_the_part() {
    for engine in Engine::ALL {
        let server = furnished(engine).await;
        let key = key(&server, "sdk").await;
        let mut stream = server.stream("/all", &key).await;
        assert_eq!(names(&stream.next().await.data["data"]["flags"]), ["in"]);
        let mut objects = server.stream("/sdk/stream", &key).await;
        while objects.next().await.name != "payload-transferred" {}

        // What others do is not told, what is in the view is.
        server.instruct("out", "test", json!([{"kind": "turnFlagOff"}])).await;
        server.instruct("in", "test", json!([{"kind": "turnFlagOff"}])).await;
        let event = stream.next().await;
        assert_eq!((&*event.name, &event.data["path"]), ("patch", &json!("/flags/in")));

        // What comes into the view, or goes, is told by everything anew; so it can come back.
        send(&server, "POST", LINKS, json!({"keys": ["out"]})).await;
        assert_eq!(names(&stream.next().await.data["data"]["flags"]), ["in", "out"]);
        send(&server, "DELETE", LINKS, json!({"keys": ["in"]})).await;
        assert_eq!(names(&stream.next().await.data["data"]["flags"]), ["out"]);
        send(&server, "POST", LINKS, json!({"keys": ["in"]})).await;
        assert_eq!(names(&stream.next().await.data["data"]["flags"]), ["in", "out"]);
        // A new flag that is made with the view is one more of it.
        server.create_flag("default", flag("new").with("viewKeys", json!(["web"]))).await;
        let event = stream.next().await;
        assert_eq!((&*event.name, &event.data["path"]), ("patch", &json!("/flags/new")));
        server.delete("/api/v2/flags/default/new").await.expect(204);
        assert_eq!(stream.next().await.name, "delete");

        // A key that is held to other views, or to none, is another key to those who stream.
        send(&server, "PUT", &format!("{KEYS}/sdk/views"), json!({"viewKeys": []})).await;
        if let Some(event) = stream.next_or_end().await {
            panic!("{event:?}");
        }
        let all = server.with_token(&key).get("/sdk/latest-all").await.expect(200).json();
        assert_eq!(names(&all["segments"]), ["in", "out"]);
    }
}

/// Members of big segments that a key does not get are not told to it: only that something happened, so that versions
/// follow on one another.
#[tokio::test]
async fn members_outside_the_part_are_not_told() {
    const SEGMENTS: &str = "/api/v2/segments/default/test";
    for engine in Engine::ALL {
        let server = furnished(engine).await;
        for segment in ["big-in", "big-out"] {
            send(&server, "POST", SEGMENTS, json!({"key": segment, "name": segment, "unbounded": true})).await;
        }
        let envs = server.get("/api/v2/projects/default/environments/test").await.expect(200).json();
        let segment = json!({"segmentIdentifiers": [{"environmentId": envs["_id"], "segmentKey": "big-in"}]});
        send(&server, "POST", "/api/v2/projects/default/views/web/link/segments", segment).await;
        let held = key(&server, "sdk").await;
        let whole = server.sdk_key("test").await;
        let mut stream = server.stream("/big-segments", &held).await;
        for (segment, member) in [("big-out", "ann"), ("big-in", "bob")] {
            let path = format!("{SEGMENTS}/{segment}/users");
            send(&server, "POST", &path, json!({"included": {"add": [member]}, "excluded": {"add": ["zed"]}})).await;
        }
        let added = |patches: &Value, segment: &str| {
            let all = patches.as_array().unwrap().iter().filter(|patch| patch["segmentId"] == segment);
            all.flat_map(|patch| {
                ["included", "excluded"].map(|list| patch["changes"][list]["add"].as_array().unwrap().len())
            })
            .sum::<usize>()
        };
        for (key, of_out) in [(&held, 0), (&whole, 2)] {
            let patches = server.with_token(key).get("/sdk/big-segments/revisions").await.expect(200).json();
            assert_eq!((added(&patches, "big-in.g1"), added(&patches, "big-out.g1")), (2, of_out), "{patches}");
            let last = patches.as_array().unwrap().last().unwrap()["version"].as_str().unwrap().to_owned();
            let more = server.with_token(key).get(&format!("/sdk/big-segments/revisions?after={last}")).await;
            assert_eq!(more.expect(200).json(), json!([]), "both are told up to the same point");
        }
        // As it happens: what is blank still says where the record is.
        let (mut seen, mut blank, mut version) = (0, 0, None::<String>);
        while seen < 2 {
            for patch in stream.next().await.data.as_array().unwrap() {
                if let Some(version) = &version {
                    assert_eq!(patch["previousVersion"], version.as_str());
                }
                version = patch["version"].as_str().map(str::to_owned);
                let count = added(&json!([patch]), patch["segmentId"].as_str().unwrap());
                match patch["segmentId"].as_str() {
                    Some("big-in.g1") => seen += count,
                    _ => {
                        assert_eq!(count, 0, "{patch}");
                        blank += 1;
                    }
                }
            }
        }
        assert_eq!(blank, 2);
    }
}
