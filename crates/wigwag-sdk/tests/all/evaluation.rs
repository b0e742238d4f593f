//! All flags for one context: every path, both verbs, and what is wrong with a request.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wigwag_model::doc::Kind;

use crate::client::{Reply, send};
use crate::server::{KEY, Options, Server, put, segment};

pub(crate) const ID: &str = "0123456789abcdef01234567";
pub(crate) const MOBILE: &str = "mob-1";
pub(crate) const ADA: &str = r#"{"kind":"user","key":"ada","plan":"gold"}"#;

/// A flag with three values, seen by whom it says.
pub(crate) fn flag_doc(key: &str, mobile: bool, browser: bool) -> wigwag_live::MemoryWrite {
    let body = json!({
        "key": key, "name": key, "kind": "multivariate", "temporary": false, "createdAt": 0,
        "variations": [{ "id": "0", "value": "off" }, { "id": "1", "value": { "n": 1 } }, { "id": "2", "value": 2 }],
        "defaults": { "onVariation": 1, "offVariation": 0 },
        "clientSideAvailability": { "usingMobileKey": mobile, "usingEnvironmentId": browser },
    });
    put(Kind::Flag, "", key, &body)
}

/// Its configuration: on, variation 1, with `more` members.
pub(crate) fn config_with(key: &str, more: Value) -> wigwag_live::MemoryWrite {
    let mut body = json!({
        "on": true, "salt": "s", "sel": "s", "lastModified": 0, "fallthrough": { "variation": 1 }, "offVariation": 0,
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    put(Kind::FlagConfig, "e", key, &body)
}

/// Flags for browsers, for phones, for both, for neither; one depends on a segment and on a flag nobody sees.
fn flags() -> Vec<wigwag_live::MemoryWrite> {
    let clause = json!({ "id": "c", "attribute": "", "op": "segmentMatch", "values": ["s"] });
    let in_segment = json!([{ "id": "r1", "clauses": [clause], "serve": { "variation": 2 } }]);
    vec![
        flag_doc("both", true, true),
        config_with("both", json!({ "trackEvents": true, "debugEventsUntil": 9_999 })),
        flag_doc("browser", false, true),
        config_with("browser", json!({ "prerequisites": [{ "key": "hidden", "variation": 1 }], "rules": in_segment })),
        flag_doc("phone", true, false),
        config_with("phone", json!({ "on": false, "offVariation": null })),
        flag_doc("hidden", false, false),
        config_with("hidden", json!({})),
    ]
}

pub(crate) async fn server() -> Server {
    Server::with(Options::default(), flags()).await
}

pub(crate) fn b64(context: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(context)
}

pub(crate) async fn get(server: &Server, target: &str, headers: &[(&str, &str)]) -> Reply {
    send(server.address, "GET", target, headers, b"").await
}

/// Path by `GET` with the context and by `REPORT` without, credential, and the flag to look at.
pub(crate) type Pair = (String, String, &'static [(&'static str, &'static str)], &'static str);

pub(crate) fn pairs() -> Vec<Pair> {
    let context = b64(ADA);
    let mobile: &[_] = &[("authorization", MOBILE)];
    let sdk: &[_] = &[("authorization", KEY)];
    vec![
        (format!("/sdk/evalx/{ID}/contexts/{context}"), format!("/sdk/evalx/{ID}/context"), &[], "browser"),
        (format!("/sdk/evalx/{ID}/users/{context}"), format!("/sdk/evalx/{ID}/user"), &[], "browser"),
        (format!("/sdk/evalx/{ID}/users/{context}"), format!("/sdk/evalx/{ID}/users"), &[], "browser"),
        (format!("/sdk/evalx/{ID}/contexts/{context}"), format!("/sdk/evalx/{ID}/contexts"), &[], "browser"),
        (format!("/sdk/eval/{ID}/users/{context}"), format!("/sdk/eval/{ID}/user"), &[], "browser"),
        (format!("/sdk/eval/{ID}/users/{context}"), format!("/sdk/eval/{ID}/users"), &[], "browser"),
        (format!("/msdk/evalx/contexts/{context}"), "/msdk/evalx/context".to_owned(), mobile, "phone"),
        (format!("/msdk/evalx/contexts/{context}"), "/msdk/evalx/contexts".to_owned(), mobile, "phone"),
        (format!("/msdk/evalx/users/{context}"), "/msdk/evalx/user".to_owned(), mobile, "phone"),
        (format!("/msdk/evalx/users/{context}"), "/msdk/evalx/users".to_owned(), mobile, "phone"),
        (format!("/msdk/eval/users/{context}"), "/msdk/eval/user".to_owned(), mobile, "phone"),
        (format!("/msdk/eval/user/{context}"), "/msdk/eval/users".to_owned(), mobile, "phone"),
        (format!("/sdk/evalx/contexts/{context}"), "/sdk/evalx/context".to_owned(), sdk, "hidden"),
        (format!("/sdk/evalx/users/{context}"), "/sdk/evalx/user".to_owned(), sdk, "hidden"),
        (format!("/sdk/eval/users/{context}"), "/sdk/eval/user".to_owned(), sdk, "hidden"),
    ]
}

#[tokio::test]
async fn browsers_get_what_they_may_see_with_all_they_report() {
    let server = server().await;
    let reply = get(&server, &format!("/sdk/evalx/{ID}/contexts/{}", b64(ADA)), &[]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-cache"));
    assert_eq!(reply.header("x-ld-envid"), Some(ID));
    assert_eq!(
        reply.json(),
        json!({
            "both": {
                "value": { "n": 1 }, "variation": 1, "version": 3, "flagVersion": 1, "trackEvents": true,
                "debugEventsUntilDate": 9999,
            },
            "browser": {
                "value": { "n": 1 }, "variation": 1, "version": 3, "flagVersion": 1, "prerequisites": ["hidden"],
            },
        })
    );
}

#[tokio::test]
async fn phones_see_theirs_and_sdk_keys_everything() {
    let server = server().await;
    let keys = |reply: Reply| reply.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let path = format!("/msdk/evalx/contexts/{}", b64(ADA));
    let reply = get(&server, &path, &[("authorization", "api_key mob-1")]).await;
    assert_eq!(reply.json()["phone"], json!({ "value": null, "version": 3, "flagVersion": 1 }));
    assert_eq!(keys(reply), "both phone");
    let path = format!("/sdk/evalx/contexts/{}", b64(ADA));
    assert_eq!(keys(get(&server, &path, &[("authorization", KEY)]).await), "both browser hidden phone");
}

#[tokio::test]
async fn reasons_come_only_when_asked_for_exactly() {
    let server = server().await;
    let path = format!("/sdk/evalx/{ID}/contexts/{}", b64(r#"{"kind":"user","key":"0"}"#));
    let reason = async |query: &str| get(&server, &format!("{path}{query}"), &[]).await.json()["browser"].clone();
    let with = reason("?x=y&withReasons=true").await;
    assert_eq!(with["reason"], json!({ "kind": "RULE_MATCH", "ruleIndex": 0, "ruleId": "r1" }));
    assert_eq!(with["value"], 2);
    for query in ["", "?withReasons", "?withReasons=1", "?withReasons=TRUE", "?xwithReasons=true"] {
        assert!(reason(query).await.get("reason").is_none(), "{query}");
    }
}

#[tokio::test]
async fn every_path_answers_both_verbs_alike() {
    let server = server().await;
    for (by_get, by_report, credential, flag) in pairs() {
        let got = get(&server, &by_get, credential).await;
        assert_eq!(got.status, 200, "{by_get}");
        let reported = send(server.address, "REPORT", &by_report, credential, ADA.as_bytes()).await;
        assert_eq!(reported.status, 200, "{by_report}");
        assert_eq!(got.body, reported.body, "{by_get} {by_report}");
        let values_only = by_get.contains("/eval/");
        let value = got.json().get(flag).expect(flag).clone();
        assert_eq!(value.get("version").is_some(), !values_only, "{by_get}: {value}");
        // The content type of a body does not matter.
        let typed = [credential, &[("content-type", "application/json; charset=utf-8")]].concat();
        assert_eq!(send(server.address, "REPORT", &by_report, &typed, ADA.as_bytes()).await.status, 200);
    }
}

#[tokio::test]
async fn credentials_are_refused_as_each_family_expects() {
    let server = server().await;
    for (by_get, by_report, credential, _) in pairs() {
        for (method, path) in [("GET", &by_get), ("REPORT", &by_report)] {
            let body = if method == "GET" { "" } else { ADA };
            let ask = async |path: &str, headers: &[(&str, &str)]| {
                let reply = send(server.address, method, path, headers, body.as_bytes()).await;
                assert!(reply.json()["message"].is_string(), "{method} {path}");
                assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{method} {path}");
                reply.status
            };
            if credential.is_empty() {
                assert_eq!(ask(&path.replace(ID, "0123456789abcdef0123456f"), &[]).await, 404, "{path}");
                // A key does not help where the path decides.
                let unknown = path.replace(ID, "nothing");
                assert_eq!(ask(&unknown, &[("authorization", KEY)]).await, 404, "{path}");
            } else {
                assert_eq!(ask(path, &[]).await, 401, "{path}");
                assert_eq!(ask(path, &[("authorization", "mob-2")]).await, 401, "{path}");
                let other = if credential[0].1 == KEY { MOBILE } else { KEY };
                assert_eq!(ask(path, &[("authorization", other)]).await, 401, "{path}");
            }
        }
    }
    let path = format!("/sdk/evalx/{ID}/contexts/{}", b64(ADA));
    assert_eq!(get(&server, &path, &[("authorization", ID)]).await.status, 200, "an ID in the header is ignored");
}

#[tokio::test]
async fn tags_stand_for_the_context_and_everything_it_depends_on() {
    let server = server().await;
    let path = |context: &str| format!("/sdk/evalx/{ID}/contexts/{}", b64(context));
    let tag = async |path: &str| get(&server, path, &[]).await.header("etag").unwrap().to_owned();
    let ada = tag(&path(ADA)).await;
    assert!(ada.starts_with("W/\""));
    let known = get(&server, &path(ADA), &[("if-none-match", &ada)]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    assert_eq!(known.header("etag"), Some(&*ada));
    assert_eq!(known.header("access-control-allow-origin"), Some("*"));
    assert_ne!(tag(&path(r#"{"kind":"user","key":"bob"}"#)).await, ada);
    assert_ne!(tag(&format!("{}?withReasons=true", path(ADA))).await, ada);
    assert_ne!(tag(&format!("/sdk/eval/{ID}/users/{}", b64(ADA))).await, ada);
    // Through a segment that a flag asks about.
    server.commit(vec![segment("s", 3)]).await;
    let after = tag(&path(ADA)).await;
    assert_ne!(after, ada);
    // And not through one that nothing asks about.
    server.commit(vec![segment("other", 1)]).await;
    assert_eq!(tag(&path(ADA)).await, after);
}

#[tokio::test]
async fn before_anything_is_loaded_everybody_is_asked_to_come_back() {
    let server = Server::with(Options { feed: false, ..Options::default() }, vec![]).await;
    for (by_get, by_report, credential, _) in pairs() {
        assert_eq!(get(&server, &by_get, credential).await.status, 503, "{by_get}");
        let reply = send(server.address, "REPORT", &by_report, credential, ADA.as_bytes()).await;
        assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{by_report}");
    }
}
