//! All flags for one context: every path, both verbs, and what is wrong with a request.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use wigwag_model::doc::Kind;

use crate::client::{Reply, send};
use crate::server::{KEY, Options, Server, put, segment};

pub(crate) const ID: &str = "0123456789abcdef01234567";
pub(crate) const MOBILE: &str = "mob-1";
const ADA: &str = r#"{"kind":"user","key":"ada","plan":"gold"}"#;

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

async fn server() -> Server {
    Server::with(Options::default(), flags()).await
}

fn b64(context: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(context)
}

async fn get(server: &Server, target: &str, headers: &[(&str, &str)]) -> Reply {
    send(server.address, "GET", target, headers, b"").await
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

/// Path by `GET` with the context and by `REPORT` without, credential, and the flag to look at.
type Pair = (String, String, &'static [(&'static str, &'static str)], &'static str);

fn pairs() -> Vec<Pair> {
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
async fn contexts_are_read_in_every_encoding() {
    let server = server().await;
    // Characters that need both letters in which the alphabets differ.
    let context = r#"{"kind":"user","key":"??>>~~ÿ"}"#;
    let standard = BASE64_STANDARD.encode(context);
    let encoded = standard.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let forms = [BASE64_URL_SAFE_NO_PAD.encode(context), BASE64_URL_SAFE.encode(context), standard, encoded];
    let mut bodies = Vec::new();
    for form in &forms {
        let reply = get(&server, &format!("/sdk/evalx/{ID}/contexts/{form}"), &[]).await;
        assert_eq!(reply.status, 200, "{form}");
        bodies.push((reply.header("etag").map(str::to_owned), reply.body));
    }
    assert!(forms[2].contains('/'), "{}", forms[2]);
    assert!(bodies.windows(2).all(|two| two[0] == two[1]));
    // Multi-kind contexts and users of old.
    for context in [r#"{"kind":"multi","user":{"key":"0"},"org":{"key":"o"}}"#, r#"{"key":"0","custom":{"a":1}}"#] {
        let reply = get(&server, &format!("/sdk/evalx/{ID}/contexts/{}", b64(context)), &[]).await;
        assert_eq!(reply.json()["browser"]["value"], 2, "{context}");
    }
}

#[tokio::test]
async fn contexts_that_are_none_are_named() {
    let server = server().await;
    let bad = [
        ("{", "not valid JSON"),
        ("[]", "must be a JSON object"),
        (r#"{"kind":"user"}"#, "key must be a string"),
        (r#"{"kind":"user","key":""}"#, "must not be empty"),
        (r#"{"key":""}"#, "must not be empty"),
        (r#"{"kind":"kind","key":"a"}"#, "kind is not valid"),
        (r#"{"kind":"multi"}"#, "no members"),
        (r#"{"kind":"user","key":"a","name":5}"#, "name has the wrong type"),
    ];
    for (context, why) in bad {
        let path = format!("/sdk/evalx/{ID}/contexts/{}", b64(context));
        let by_report = format!("/sdk/evalx/{ID}/context");
        let streamed = format!("/meval/{}", b64(context));
        for reply in [
            get(&server, &path, &[]).await,
            send(server.address, "REPORT", &by_report, &[], context.as_bytes()).await,
            get(&server, &streamed, &[("authorization", MOBILE)]).await,
        ] {
            assert_eq!(reply.status, 400, "{context}");
            let message = reply.json()["message"].as_str().unwrap().to_owned();
            assert!(message.contains(why), "{context}: {message}");
        }
    }
    for (path, credential) in [
        (format!("/sdk/evalx/{ID}/contexts/!!"), &[][..]),
        ("/msdk/evalx/contexts/a".to_owned(), &[("authorization", MOBILE)]),
    ] {
        let reply = get(&server, &path, credential).await;
        assert_eq!((reply.status, reply.json()["message"].as_str()), (400, Some("context is not base64")), "{path}");
    }
    let empty = send(server.address, "REPORT", "/msdk/evalx/context", &[("authorization", MOBILE)], b"").await;
    assert_eq!(empty.status, 400);
}

#[tokio::test]
async fn a_context_may_be_large_but_not_endless() {
    let server = server().await;
    let of = |size: usize| format!(r#"{{"kind":"user","key":"0","a":"{}"}}"#, "x".repeat(size));
    let long = get(&server, &format!("/sdk/evalx/{ID}/contexts/{}", b64(&of(30_000))), &[]).await;
    assert_eq!(long.json()["browser"]["value"], 2);
    let report = async |context: String, headers: &[(&str, &str)]| {
        send(server.address, "REPORT", &format!("/sdk/evalx/{ID}/context"), headers, context.as_bytes()).await
    };
    assert_eq!(report(of(1_000_000), &[]).await.status, 200);
    let reply = report(of(1 << 20), &[]).await;
    assert_eq!(reply.status, 413);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
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
async fn secure_mode_asks_browsers_for_proof() {
    let env = |secure: bool, keys: Value| {
        let body = json!({
            "id": ID, "key": "e", "name": "e", "color": "000000", "sdkKeys": keys,
            "mobileKeys": [{ "value": MOBILE }], "createdAt": 0, "secureMode": secure,
        });
        put(Kind::Environment, "", "e", &body)
    };
    let (old, new) = ("sdk-11234567-89ab-cdef-0123-456789abcdef", "sdk-01234567-89ab-cdef-0123-456789abcdef");
    let keys = |expiry: i64| json!([{ "value": new }, { "value": old, "expiry": expiry }]);
    let server = server().await;
    server.log.commit(vec![env(true, keys(1_700_000_000_001))]);
    server.until(|live| live.by_sdk_key(new).is_some()).await;
    let context = b64(r#"{"kind":"user","key":"user-key-123","any":"thing"}"#);
    let path = format!("/sdk/evalx/{ID}/contexts/{context}");
    let ask = async |query: &str| get(&server, &format!("{path}{query}"), &[]).await;
    // sdk-protocol.md 5.5.
    let by_new = "73df666a13f2c474e50aa34ca5a761e89abb737fb139ff65fdde7fa85c9dcacd";
    let by_old = "63538426a9845721a5547b4715f4284b060c21743702a896e1ff8a9a5b57215d";
    for query in ["", "?h=", "?h=55be6b5ceb2a11acc6a7e9c60dbee5022d9c7084baf9ecd8cf69d12bce5a92fb"] {
        let reply = ask(query).await;
        assert_eq!(reply.status, 400, "{query}");
        assert!(reply.json()["message"].as_str().unwrap().contains("secure mode"));
        assert_eq!(get(&server, &format!("/eval/{ID}/{context}{query}"), &[]).await.status, 400);
    }
    for hash in [by_new.to_owned(), by_old.to_owned(), by_new.to_uppercase()] {
        assert_eq!(ask(&format!("?withReasons=true&h={hash}")).await.status, 200, "{hash}");
    }
    let mobile = get(&server, &format!("/msdk/evalx/contexts/{context}"), &[("authorization", MOBILE)]).await;
    assert_eq!(mobile.status, 200, "never for phones");
    // A key that has expired proves nothing.
    server.log.commit(vec![env(true, keys(1_700_000_000_000))]);
    server.until(|live| live.by_sdk_key(old).is_none()).await;
    assert_eq!(ask(&format!("?h={by_old}")).await.status, 400);
    assert_eq!(ask(&format!("?h={by_new}")).await.status, 200);
}

#[tokio::test]
async fn preflights_need_no_credential_and_no_environment() {
    let server = server().await;
    for (by_get, by_report, ..) in pairs() {
        for (path, method) in [(by_get.replace(ID, "unknown"), "GET"), (by_report.replace(ID, "unknown"), "REPORT")] {
            let headers = [
                ("origin", "https://shop.example"),
                ("access-control-request-method", method),
                ("access-control-request-headers", "x-launchdarkly-user-agent,x-mine,evil"),
            ];
            let reply = send(server.address, "OPTIONS", &path, &headers, b"").await;
            assert_eq!(reply.status, 204, "{path}");
            assert_eq!(reply.header("access-control-allow-origin"), Some("https://shop.example"));
            assert!(reply.header("vary").unwrap().contains("Origin"));
            assert_eq!(reply.header("access-control-allow-methods"), Some(&*format!("{method},OPTIONS")), "{path}");
            let allowed = reply.header("access-control-allow-headers").unwrap();
            assert!(
                allowed.contains("X-LaunchDarkly-Tags") && allowed.contains(",x-mine") && !allowed.contains("evil")
            );
        }
    }
    for path in [
        format!("/eval/{ID}"),
        "/meval".into(),
        format!("/ping/{ID}"),
        format!("/sdk/goals/{ID}"),
        format!("/events/bulk/{ID}"),
    ] {
        assert_eq!(send(server.address, "OPTIONS", &path, &[], b"").await.status, 204, "{path}");
    }
}

#[tokio::test]
async fn answers_can_be_read_by_the_page_that_asked() {
    let server = server().await;
    let path = format!("/sdk/evalx/{ID}/contexts/{}", b64(ADA));
    for (path, status) in
        [(path.clone(), 200), (path.replace(ID, "unknown"), 404), (format!("/sdk/evalx/{ID}/contexts/a"), 400)]
    {
        let reply = get(&server, &path, &[("origin", "https://shop.example")]).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("access-control-allow-origin"), Some("https://shop.example"));
        assert!(reply.header("access-control-expose-headers").unwrap().contains("Date,ETag"));
    }
    let reply = send(server.address, "DELETE", &path, &[], b"").await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET,OPTIONS")));
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let server = server().await;
    let reply = get(&server, &format!("/sdk/goals/{ID}"), &[]).await;
    assert_eq!((reply.status, reply.json()), (200, json!([])));
    assert_eq!(get(&server, "/sdk/goals/unknown", &[]).await.status, 404);
    let handshake =
        async |key| send(server.address, "POST", "/handshake", &[("authorization", key)], ADA.as_bytes()).await.status;
    assert_eq!((handshake(MOBILE).await, handshake("mob-2").await), (404, 401));
    assert_eq!(send(server.address, "POST", "/mevalalternate", &[], b"bundle").await.status, 404);
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

/// Whatever is put where a context belongs is answered with 200 or a refusal that says why.
#[tokio::test]
async fn junk_is_refused_and_never_a_fault() {
    let server = server().await;
    let pieces = [
        "{",
        "}",
        "\"kind\":",
        "\"multi\"",
        "\"key\":",
        "\"a\"",
        ",",
        "[",
        "]",
        "null",
        "1e999",
        "\u{0}",
        "é",
        "\\ud800",
    ];
    // A fixed walk through combinations, the same every time.
    let mut state = 7_u64;
    let mut draw = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % limit
    };
    for _ in 0..200 {
        let count = draw(12);
        let text: String = (0..count).map(|_| pieces[draw(pieces.len())]).collect();
        let raw: String = (0..count + 1).map(|_| ["A", "-", "_", "=", "%2F", "%FF", "."][draw(7)]).collect();
        for path in [format!("/sdk/evalx/{ID}/contexts/{}", b64(&text)), format!("/sdk/evalx/{ID}/contexts/{raw}")] {
            let status = get(&server, &path, &[]).await.status;
            assert!([200, 400, 404, 405].contains(&status), "{status} for {path}");
        }
        let reply = send(server.address, "REPORT", &format!("/sdk/evalx/{ID}/context"), &[], text.as_bytes()).await;
        assert!([200, 400].contains(&reply.status), "{} for {text}", reply.status);
    }
}
