//! Members of big segments as a Relay Proxy copies them (sdk-protocol.md 8.4).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wigwag_api::read::revisions::hash;
use wigwag_testkit::{Engine, EventStream, TestServer, flag};

const SEGMENTS: &str = "/api/v2/segments/default/test";

/// Segments by list, for each context.
type Standing = BTreeMap<(String, &'static str), BTreeSet<String>>;

/// The store of a proxy.
#[derive(Default)]
struct Copy {
    cursor: String,
    standing: Standing,
}

impl Copy {
    /// Applies patches; whether they follow on what was applied before.
    fn apply(&mut self, env: &str, patches: &Value) -> bool {
        for patch in patches.as_array().unwrap() {
            assert_eq!(patch["environmentId"], env);
            if patch["previousVersion"] != self.cursor && !self.cursor.is_empty() {
                return false;
            }
            for list in ["included", "excluded"] {
                let keys = |verb: &str| patch["changes"][list][verb].as_array().unwrap().clone();
                let segment = patch["segmentId"].as_str().unwrap();
                for hash in keys("add") {
                    let at = (hash.as_str().unwrap().to_owned(), list);
                    self.standing.entry(at).or_default().insert(segment.to_owned());
                }
                for hash in keys("remove") {
                    let at = (hash.as_str().unwrap().to_owned(), list);
                    self.standing.entry(at).or_default().remove(segment);
                }
            }
            patch["version"].as_str().unwrap().clone_into(&mut self.cursor);
        }
        true
    }

    /// Asks until nothing more comes; how many patches came.
    async fn poll(&mut self, server: &TestServer, env: &str) -> usize {
        let key = server.sdk_key("test").await;
        let mut count = 0;
        loop {
            let query = if self.cursor.is_empty() { String::new() } else { format!("?after={}", self.cursor) };
            let path = format!("/sdk/big-segments/revisions{query}");
            let page = server.with_token(&key).get(&path).await.expect(200).json();
            if page == json!([]) {
                return count;
            }
            count += page.as_array().unwrap().len();
            assert!(self.apply(env, &page), "a page follows on the last");
        }
    }

    /// Takes events until `done` is true of what was copied.
    async fn follow(&mut self, stream: &mut EventStream, env: &str, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            let event = stream.next().await;
            assert!(self.apply(env, &event.data), "an event follows on the last: {event:?}");
        }
    }

    fn of(&self, key: &str, list: &'static str) -> Vec<&str> {
        self.standing.get(&(hash(key), list)).into_iter().flatten().map(String::as_str).collect()
    }
}

async fn env_id(server: &TestServer) -> String {
    let env = server.get("/api/v2/projects/default/environments/test").await.expect(200).json();
    env["_id"].as_str().unwrap().to_owned()
}

async fn big(server: &TestServer, key: &str) {
    server.post(SEGMENTS, &json!({"key": key, "name": key, "unbounded": true})).await.expect(201);
}

async fn targets(server: &TestServer, key: &str, body: Value) {
    server.post(&format!("{SEGMENTS}/{key}/contexts"), &body).await.expect(204);
}

async fn import(server: &TestServer, key: &str, mode: &str, keys: &[String]) {
    let form = reqwest_form(mode, keys);
    let request = server.request("POST", &format!("{SEGMENTS}/{key}/imports"));
    let request = request.header("Content-Type", "multipart/form-data; boundary=x").body(form);
    server.send(request).await.expect(204);
}

fn reqwest_form(mode: &str, keys: &[String]) -> String {
    format!(
        "--x\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\n{mode}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"k.csv\"\r\n\r\n{}\r\n--x--\r\n",
        keys.join("\n")
    )
}

fn numbered(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| format!("user-{n:05}")).collect()
}

#[tokio::test]
async fn a_copy_gets_everything_and_then_every_change() {
    for engine in Engine::ALL {
        let server = TestServer::start(engine).await;
        let env = env_id(&server).await;
        let mut copy = Copy::default();
        assert_eq!(copy.poll(&server, &env).await, 0);
        big(&server, "first").await;
        big(&server, "second").await;
        server.post(SEGMENTS, &json!({"key": "plain", "name": "plain"})).await.expect(201);
        targets(&server, "first", json!({"included": {"add": ["a", "b"]}, "excluded": {"add": ["c"]}})).await;
        import(&server, "second", "merge", &numbered(0..5000)).await;
        copy.poll(&server, &env).await;
        assert_eq!((copy.of("a", "included"), copy.of("c", "excluded")), (vec!["first.g1"], vec!["first.g1"]));
        assert_eq!(copy.of("user-04999", "included"), ["second.g1"]);
        assert_eq!(copy.standing.len(), 5003);

        // Whoever begins at the same time as the record has nothing new, and is as far as whoever follows.
        let mut late = Copy::default();
        late.poll(&server, &env).await;
        assert_eq!((&late.cursor, &late.standing), (&copy.cursor, &copy.standing));

        let mut stream = server.stream("/big-segments", &server.sdk_key("test").await).await;
        assert_eq!(copy.poll(&server, &env).await, 0, "the gap is closed");
        targets(&server, "first", json!({"included": {"add": ["d"], "remove": ["a"]}})).await;
        copy.follow(&mut stream, &env, |copy| {
            copy.of("a", "included").is_empty() && !copy.of("d", "included").is_empty()
        })
        .await;
        import(&server, "second", "merge", &numbered(4990..7010)).await;
        copy.follow(&mut stream, &env, |copy| copy.standing.len() == 7014).await;

        // Whoever was away meanwhile gets the same by asking.
        late.poll(&server, &env).await;
        late.standing.retain(|_, segments| !segments.is_empty());
        copy.standing.retain(|_, segments| !segments.is_empty());
        assert_eq!(late.standing, copy.standing);
    }
}

#[tokio::test]
async fn a_list_that_is_replaced_begins_anew() {
    let server = TestServer::start(Engine::Sqlite).await;
    let env = env_id(&server).await;
    big(&server, "big").await;
    import(&server, "big", "replace", &numbered(0..10)).await;
    targets(&server, "big", json!({"excluded": {"add": ["x"]}})).await;
    let mut copy = Copy::default();
    copy.poll(&server, &env).await;
    assert_eq!(copy.of("user-00001", "included"), ["big.g1"]);

    import(&server, "big", "replace", &numbered(5..15)).await;
    targets(&server, "big", json!({"included": {"add": ["y"]}})).await;
    copy.poll(&server, &env).await;
    let key = server.sdk_key("test").await;
    let told = server.with_token(&key).get("/sdk/segments/big").await.expect(200).json();
    assert_eq!(told["generation"], 2, "SDKs look for what the copy has");
    let is = |key: &str, list| copy.of(key, list).contains(&"big.g2");
    assert!(!is("user-00001", "included") && is("user-00007", "included") && is("user-00014", "included"));
    assert!(is("x", "excluded") && is("y", "included"));
}

#[tokio::test]
async fn versions_of_elsewhere_begin_anew_and_strangers_get_nothing() {
    let server = TestServer::start(Engine::Sqlite).await;
    let env = env_id(&server).await;
    big(&server, "big").await;
    targets(&server, "big", json!({"included": {"add": ["a"]}})).await;
    for cursor in ["other", "999999.0", "1.2.3"] {
        let mut copy = Copy { cursor: cursor.to_owned(), ..Copy::default() };
        assert!(copy.poll(&server, &env).await > 0, "{cursor}");
        assert_eq!(copy.of("a", "included"), ["big.g1"]);
    }
    for path in ["/sdk/big-segments/revisions", "/big-segments"] {
        for bad in ["", "sdk-wrong"] {
            let refused = server.with_token(bad).get(path).await.expect(401);
            assert_eq!(refused.json()["code"], "unauthorized");
        }
    }
    // Another environment has its own.
    let other = server.sdk_key("production").await;
    assert_eq!(server.with_token(&other).get("/sdk/big-segments/revisions").await.expect(200).json(), json!([]));
}

/// A flag for members of `big`, which browsers see.
async fn members_only(server: &TestServer, segment: &str) {
    let availability = json!({"usingMobileKey": true, "usingEnvironmentId": true});
    let made = server.create_flag("default", flag("vip").with("clientSideAvailability", availability)).await;
    let variation = |n: usize| made["variations"][n]["_id"].clone();
    let clause =
        json!({"contextKind": "user", "attribute": "", "op": "segmentMatch", "values": [segment], "negate": false});
    let steps = json!([
        {"kind": "turnFlagOn"},
        {"kind": "addRule", "variationId": variation(0), "clauses": [clause]},
        {"kind": "updateFallthroughVariationOrRollout", "variationId": variation(1)},
    ]);
    server.instruct("vip", "test", steps).await;
}

fn b64(key: &str) -> String {
    base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, format!(r#"{{"kind":"user","key":"{key}"}}"#))
}

#[tokio::test]
async fn client_side_sdks_get_results_with_members() {
    for engine in Engine::ALL {
        let server = TestServer::start(engine).await;
        let id = env_id(&server).await;
        big(&server, "big").await;
        members_only(&server, "big").await;
        let path = |key: &str| format!("/sdk/evalx/{id}/contexts/{}?withReasons=true", b64(key));
        let result = async |key: &str| server.get(&path(key)).await.expect(200).json()["vip"].clone();
        let told = |result: &Value| (result["value"].clone(), result["reason"]["bigSegmentsStatus"].clone());
        assert_eq!(told(&result("ann").await), (json!(false), json!("HEALTHY")));
        let tag = server.get(&path("ann")).await.headers["etag"].to_str().unwrap().to_owned();

        let mut ann = server.client().stream(&format!("/eval/{id}/{}?withReasons=true", b64("ann")), "").await;
        let mut bob = server.client().stream(&format!("/eval/{id}/{}?withReasons=true", b64("bob")), "").await;
        let objects = format!("/sdk/stream/eval/{}?auth={id}", b64("ann"));
        let mut newer = server.client().stream(&objects, "").await;
        for stream in [&mut ann, &mut bob] {
            assert_eq!(stream.next().await.data["vip"]["value"], false);
        }
        for name in ["server-intent", "put-object", "payload-transferred"] {
            assert_eq!(newer.next().await.name, name);
        }
        targets(&server, "big", json!({"included": {"add": ["ann"]}})).await;
        let patch = ann.next().await;
        assert_eq!(
            (&patch.name[..], &patch.data["value"], &patch.data["reason"]["kind"]),
            ("patch", &json!(true), &json!("RULE_MATCH"))
        );
        assert_eq!(newer.next().await.data["payloads"][0]["intentCode"], "xfer-changes");
        assert_eq!(newer.next().await.data["object"]["value"], true);
        assert_eq!(told(&result("ann").await), (json!(true), json!("HEALTHY")));
        let known = server.request("GET", &path("ann")).header("If-None-Match", &tag);
        assert_eq!(server.send(known).await.status, 200, "the tag is of what is known of members");
        // A file, and one that replaces everything.
        import(&server, "big", "merge", &["bob".to_owned()]).await;
        assert_eq!(bob.next().await.data["value"], true, "nothing was written to bob before");
        import(&server, "big", "replace", &["eve".to_owned()]).await;
        for stream in [&mut ann, &mut bob] {
            assert_eq!(stream.next().await.data["value"], false);
        }
        assert_eq!(told(&result("eve").await), (json!(true), json!("HEALTHY")));
        // OpenFeature, and pages.
        let key = server.sdk_key("test").await;
        let body = json!({"context": {"targetingKey": "eve"}});
        let one = server.with_token(&key).post("/ofrep/v1/evaluate/flags/vip", &body).await.expect(200).json();
        assert_eq!(one["value"], true);
        let page = server.get(&format!("/sdk/bootstrap/{id}/contexts/{}", b64("eve"))).await.expect(200).json();
        assert_eq!(page["vip"], true);
    }
}
