//! `/sdk/bootstrap`: results that pages are rendered with.

use serde_json::{Value, json};
use wigwag_model::doc::Kind;

use crate::client::{Reply, send};
use crate::evaluation::{ADA, ID, MOBILE, b64, config_with, flag_doc, get, server};
use crate::server::{KEY, put};

/// Method, path, headers, body.
type Way = (&'static str, String, &'static [(&'static str, &'static str)], &'static str);

/// Every way to ask.
fn ways() -> [Way; 6] {
    let sdk: &[_] = &[("authorization", KEY)];
    let path = format!("/sdk/bootstrap/{ID}/context");
    [
        ("GET", format!("/sdk/bootstrap/{ID}/contexts/{}", b64(ADA)), &[], ""),
        ("POST", path.clone(), &[], ADA),
        ("REPORT", path, &[], ADA),
        ("GET", format!("/sdk/bootstrap/contexts/{}", b64(ADA)), sdk, ""),
        ("POST", "/sdk/bootstrap/context".to_owned(), sdk, ADA),
        ("REPORT", "/sdk/bootstrap/context".to_owned(), sdk, ADA),
    ]
}

#[tokio::test]
async fn pages_get_what_their_sdk_would() {
    let server = server().await;
    for (method, path, headers, body) in ways() {
        for query in ["", "?withReasons=true"] {
            let reply = send(server.address, method, &format!("{path}{query}"), headers, body.as_bytes()).await;
            assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")), "{path}");
            assert_eq!((reply.header("x-ld-envid"), reply.header("cache-control")), (Some(ID), Some("no-cache")));
            let Value::Object(mut found) = reply.json() else { panic!("{path}") };
            assert_eq!(found.shift_remove("$valid"), Some(json!(true)));
            let mut results = found.shift_remove("$flagsState").unwrap();
            for (key, value) in found {
                results[&key]["value"] = value;
            }
            let polled = get(&server, &format!("/sdk/evalx/{ID}/contexts/{}{query}", b64(ADA)), &[]).await.json();
            assert_eq!(results, polled, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn it_has_a_tag_of_its_own() {
    let server = server().await;
    let path = format!("/sdk/bootstrap/{ID}/contexts/{}", b64(ADA));
    let tag = |reply: &Reply| reply.header("etag").unwrap().to_owned();
    let ours = tag(&get(&server, &path, &[]).await);
    assert_eq!(get(&server, &path, &[("if-none-match", &ours)]).await.status, 304);
    assert_ne!(tag(&get(&server, &path.replace("bootstrap", "evalx"), &[]).await), ours);
    server.commit(vec![config_with("both", json!({ "on": false }))]).await;
    assert_eq!(get(&server, &path, &[("if-none-match", &ours)]).await.status, 200);
}

#[tokio::test]
async fn a_script_element_can_hold_it() {
    let server = server().await;
    let body = json!({
        "key": "html", "name": "html", "kind": "multivariate", "temporary": false, "createdAt": 0,
        "variations": [{ "id": "0", "value": "</script><!--" }, { "id": "1", "value": { "<b>": "a<b" } }],
        "defaults": { "onVariation": 1, "offVariation": 0 },
        "clientSideAvailability": { "usingMobileKey": true, "usingEnvironmentId": true },
    });
    server.commit(vec![put(Kind::Flag, "", "html", &body), config_with("html", json!({}))]).await;
    let path = format!("/sdk/bootstrap/{ID}/contexts/{}", b64(ADA));
    let reply = get(&server, &path, &[]).await;
    assert!(!reply.body.contains(&b'<'));
    assert_eq!(reply.json()["html"], json!({ "<b>": "a<b" }));
    // Nothing to be seen is no reason for another form.
    server.commit(["both", "browser", "html"].map(|key| flag_doc(key, true, false)).to_vec()).await;
    server.commit(["both", "browser", "html"].map(|key| config_with(key, json!({}))).to_vec()).await;
    assert_eq!(get(&server, &path, &[]).await.json(), json!({ "$flagsState": {}, "$valid": true }));
}

#[tokio::test]
async fn refusals_and_proof() {
    let server = server().await;
    for (method, path, headers, body) in ways() {
        let (wrong, status): (&[_], _) =
            if headers.is_empty() { (&[], 404) } else { (&[("authorization", MOBILE)], 401) };
        let unknown = path.replace(ID, "0123456789abcdef0123456f");
        assert_eq!(send(server.address, method, &unknown, wrong, body.as_bytes()).await.status, status, "{path}");
    }
    assert_eq!(get(&server, &format!("/sdk/bootstrap/{ID}/contexts/a"), &[]).await.status, 400);
    let body = json!({
        "id": ID, "key": "e", "name": "e", "color": "000000", "createdAt": 0, "secureMode": true,
        "sdkKeys": [{ "value": KEY }], "mobileKeys": [{ "value": MOBILE }],
    });
    server.log.commit(vec![put(Kind::Environment, "", "e", &body)]);
    server.until(|live| live.by_client_id(ID).is_some_and(|env| env.snapshot().settings().secure_mode)).await;
    for (method, path, headers, body) in ways() {
        // Whoever has the SDK key could make the proof.
        let status = if headers.is_empty() { 400 } else { 200 };
        assert_eq!(send(server.address, method, &path, headers, body.as_bytes()).await.status, status, "{path}");
    }
}
