//! Bad input of many kinds gets a clear refusal, changes nothing, and leaves the server in good health.

use serde_json::json;
use wigwag_testkit::{Answer, Engine, TestServer, flag};

/// Refusals have a code, a message and an id that is the request's.
fn check_refusal(answer: &Answer, what: &str) {
    let body = answer.json();
    for member in ["code", "message", "id"] {
        assert!(body[member].as_str().is_some_and(|s| !s.is_empty()), "{what}: {member} of {body}");
    }
    assert_eq!(body["id"], answer.headers["x-request-id"].to_str().unwrap(), "{what}");
    for leak in ["panicked", "src/", ".rs:", "wigwag_"] {
        assert!(!answer.text.contains(leak), "{what}: {body}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_good() {
    let server = TestServer::start(Engine::Sqlite).await;
    let deep = "[".repeat(100_000);
    let big = format!("{{\"key\":\"k\",\"name\":\"{}\"}}", "x".repeat(3 << 20));
    let bodies: [(&str, &str, u16); 19] = [
        ("nothing", "", 400),
        ("null", "null", 400),
        ("a word", "hello", 400),
        ("a number", "7", 400),
        ("a list", "[]", 400),
        ("a string", "\"flag\"", 400),
        ("half an object", "{\"key\":\"k\"", 400),
        ("something after the end", "{\"key\":\"k\",\"name\":\"n\"} x", 400),
        ("a trailing comma", "{\"key\":\"k\",\"name\":\"n\",}", 400),
        ("a comment", "{\"key\":\"k\",\"name\":\"n\"/**/}", 400),
        ("a member twice", "{\"key\":\"k\",\"key\":\"l\",\"name\":\"n\"}", 400),
        ("no key", "{\"name\":\"n\"}", 400),
        ("no name", "{\"key\":\"k\"}", 400),
        ("a key of a wrong type", "{\"key\":7,\"name\":\"n\"}", 400),
        ("a key that is no key", "{\"key\":\"a b/c\",\"name\":\"n\"}", 400),
        ("tags of a wrong type", "{\"key\":\"k\",\"name\":\"n\",\"tags\":\"t\"}", 400),
        ("variations of a wrong type", "{\"key\":\"k\",\"name\":\"n\",\"variations\":{}}", 400),
        ("depth", &deep, 400),
        ("size", &big, 413),
    ];
    for (what, body, status) in bodies {
        let request = server.request("POST", "/api/v2/flags/default").header("Content-Type", "application/json");
        let answer = server.send(request.body(body.to_owned())).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        check_refusal(&answer, what);
    }
    let bytes = server.request("POST", "/api/v2/flags/default").header("Content-Type", "application/json");
    let answer = server.send(bytes.body(vec![b'"', 0xff, 0xfe, b'"'])).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    check_refusal(&answer, "bytes that are no UTF-8");

    assert_eq!(server.get("/api/v2/flags/default").await.expect(200).json()["totalCount"], 0, "nothing was made");
}

#[tokio::test]
async fn the_field_is_named() {
    let server = TestServer::start(Engine::Sqlite).await;
    for (body, field) in [
        (json!({"name": "n"}), "key"),
        (json!({"key": 7, "name": "n"}), "key"),
        (json!({"key": "k", "name": "n", "tags": [1]}), "tags"),
        (json!({"key": "k", "name": "n", "temporary": "yes"}), "temporary"),
        (json!({"key": "k", "name": "n", "variations": [{"value": 1}, {"value": 2, "name": 3}]}), "variations"),
    ] {
        let answer = server.post("/api/v2/flags/default", &body).await.expect(400).json();
        assert!(answer["message"].as_str().unwrap().contains(field), "{field} in {answer}");
    }
}

#[tokio::test]
async fn patches_that_are_no_good_change_nothing() {
    let server = TestServer::start(Engine::Sqlite).await;
    server.create_flag("default", flag("lamp")).await;
    let before = server.get("/api/v2/flags/default/lamp").await.expect(200).json();
    let semantic = "application/json; domain-model=launchdarkly.semanticpatch";
    for (what, kind, body) in [
        ("half a list", "application/json", "[{"),
        ("an operation nobody knows", "application/json", r#"[{"op":"paint","path":"/name","value":"x"}]"#),
        ("a path that is not there", "application/json", r#"[{"op":"remove","path":"/nope"}]"#),
        ("a value of a wrong type", "application/json", r#"[{"op":"replace","path":"/name","value":7}]"#),
        (
            "good, then bad",
            "application/json",
            r#"[{"op":"replace","path":"/name","value":"x"},{"op":"remove","path":"/nope"}]"#,
        ),
        ("an instruction nobody knows", semantic, r#"{"environmentKey":"test","instructions":[{"kind":"paint"}]}"#),
        ("no instructions", semantic, r#"{"environmentKey":"test"}"#),
        (
            "an environment nobody knows",
            semantic,
            r#"{"environmentKey":"nope","instructions":[{"kind":"turnFlagOn"}]}"#,
        ),
        (
            "good instruction, then bad",
            semantic,
            r#"{"environmentKey":"test","instructions":[{"kind":"turnFlagOn"},{"kind":"paint"}]}"#,
        ),
    ] {
        let request = server.request("PATCH", "/api/v2/flags/default/lamp").header("Content-Type", kind);
        let answer = server.send(request.body(body)).await;
        assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
        check_refusal(&answer, what);
    }
    assert_eq!(server.get("/api/v2/flags/default/lamp").await.expect(200).json(), before);
}

/// Where large bodies are taken, they are taken from whom the server knows.
#[tokio::test]
async fn large_bodies_of_strangers_are_not_kept() {
    let server = TestServer::start(Engine::Sqlite).await;
    let path = "/api/v2/code-refs/repositories/r/branches/b";
    let body = || vec![b' '; 3 << 20];
    let stranger = server.client().with_token("api-unknown");
    assert_eq!(stranger.send(stranger.request("PUT", path).body(body())).await.status, 401);
    let known = server.request("PUT", path).header("Content-Type", "application/json").body(body());
    assert_eq!(server.send(known).await.status, 404, "there is no such repository");
    let nobody = server.client().with_token("");
    assert!(nobody.send(nobody.request("OPTIONS", path)).await.status < 300, "a browser asks without credentials");
}

#[tokio::test]
async fn paths_and_queries_that_are_no_good() {
    let server = TestServer::start(Engine::Sqlite).await;
    for (method, path, status) in [
        ("GET", "/api/v2/projects/%ff", 400),
        ("GET", "/api/v2/projects/%", 404),
        ("GET", "/api/v2/projects/%00", 404),
        ("GET", "/api/v2/projects/a%2Fb", 404),
        ("GET", "/api/v2/projects/..%2F..%2Fetc", 404),
        ("GET", "/api/v2/nowhere", 404),
        ("GET", "/api/v2", 200),
        ("PUT", "/api/v2/projects/default", 405),
        ("BREW", "/api/v2/projects", 405),
        ("GET", "/api/v2/projects?limit=many", 400),
        ("GET", "/api/v2/projects?limit=-1", 400),
        ("GET", "/api/v2/projects?offset=99999999999999999999", 400),
        ("GET", "/api/v2/projects?filter=colour:red", 400),
        ("GET", "/api/v2/projects?sort=colour", 400),
        ("GET", "/api/v2/flags/default?filter=tags:%ff", 400),
    ] {
        let answer = server.send(server.request(method, path)).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        if status >= 400 {
            check_refusal(&answer, path);
        }
    }
    let long = format!("/api/v2/projects/{}", "k".repeat(8_000));
    check_refusal(&server.get(&long).await.expect(404), "a long key");
    server.get("/health/ready").await.expect(200);
}

#[tokio::test]
async fn secrets_are_not_echoed() {
    let server = TestServer::start(Engine::Sqlite).await;
    let wrong = "api-11111111-2222-4333-8444-555555555555";
    let answer = server.with_token(wrong).get("/api/v2/projects").await.expect(401);
    assert!(!answer.text.contains(wrong));
    check_refusal(&answer, "a token nobody knows");
    let answer = server.with_token("").get("/api/v2/projects").await.expect(401);
    check_refusal(&answer, "no token");
}
