//! OpenFeature's remote evaluation protocol.

use serde_json::{Value, json};
use wigwag_model::doc::Kind;

use crate::client::{Connection, Reply, send};
use crate::evaluation::{ID, MOBILE, config_with, flag_doc};
use crate::server::{KEY, Options, Server, put, segment};

const ALL: &str = "/ofrep/v1/evaluate/flags";
const SDK: &[(&str, &str)] = &[("authorization", "Bearer sdk-00000000-0000-0000-0000-000000000001")];

async fn server() -> Server {
    let clause = json!({ "id": "c", "contextKind": "org", "attribute": "plan", "op": "in", "values": ["gold"] });
    let rules = json!([{ "id": "r1", "clauses": [clause], "serve": { "variation": 2 } }]);
    let asks = json!({ "id": "c", "attribute": "", "op": "segmentMatch", "values": ["s"] });
    let asks = json!([{ "id": "r2", "clauses": [asks], "serve": { "variation": 2 } }]);
    let writes = vec![
        flag_doc("ruled", true, true),
        config_with("ruled", json!({ "rules": rules })),
        flag_doc("asking", true, true),
        config_with("asking", json!({ "rules": asks })),
        flag_doc("off", true, false),
        config_with("off", json!({ "on": false, "offVariation": null })),
        flag_doc("broken", false, false),
        config_with("broken", json!({ "fallthrough": { "variation": 9 } })),
        flag_doc("blocked", false, false),
        config_with("blocked", json!({ "prerequisites": [{ "key": "off", "variation": 0 }] })),
    ];
    Server::with(Options::default(), writes).await
}

async fn ask(server: &Server, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    let headers = [headers, &[("content-type", "application/json; charset=utf-8")]].concat();
    send(server.address, "POST", path, &headers, body.to_string().as_bytes()).await
}

fn user(key: &str) -> Value {
    json!({ "context": { "targetingKey": key } })
}

#[tokio::test]
async fn one_flag_comes_with_variant_reason_and_metadata() {
    let server = server().await;
    let gold = json!({ "context": { "kind": "org", "targetingKey": "o", "plan": "gold" } });
    let reply = ask(&server, &format!("{ALL}/ruled"), SDK, &gold).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    assert_eq!(reply.header("x-ld-envid"), Some(ID));
    assert_eq!(
        reply.json(),
        json!({
            "key": "ruled", "value": 2, "variant": "2", "reason": "TARGETING_MATCH",
            "metadata": { "version": 3, "flagVersion": 1, "reasonKind": "RULE_MATCH", "ruleIndex": 0, "ruleId": "r1" },
        })
    );
    for (flag, value, variant, reason, kind) in [
        ("ruled", json!({ "n": 1 }), Some("1"), "DEFAULT", "FALLTHROUGH"),
        ("off", Value::Null, None, "DISABLED", "OFF"),
        ("blocked", json!("off"), Some("0"), "DEFAULT", "PREREQUISITE_FAILED"),
    ] {
        let reply = ask(&server, &format!("{ALL}/{flag}"), SDK, &user("ada")).await.json();
        assert_eq!((&reply["value"], reply["variant"].as_str()), (&value, variant), "{flag}");
        assert_eq!((&reply["reason"], &reply["metadata"]["reasonKind"]), (&json!(reason), &json!(kind)), "{flag}");
    }
}

#[tokio::test]
async fn contexts_follow_the_conventions_of_openfeature() {
    let server = server().await;
    let reason = async |context: Value| {
        let reply = ask(&server, &format!("{ALL}/ruled"), SDK, &json!({ "context": context })).await;
        assert_eq!(reply.status, 200, "{}", reply.json());
        reply.json()["reason"].clone()
    };
    for matching in [
        json!({ "kind": "org", "key": "o", "plan": "gold" }),
        json!({ "kind": "multi", "user": { "targetingKey": "u" }, "org": { "key": "o", "plan": "gold" }, "stray": 7 }),
        json!({ "kind": "org", "targetingKey": "o", "name": 7, "anonymous": "?", "plan": "gold", "privateAttributes": ["plan"] }),
    ] {
        assert_eq!(reason(matching.clone()).await, "TARGETING_MATCH", "{matching}");
    }
    assert_eq!(reason(json!({ "targetingKey": "o", "plan": "gold" })).await, "DEFAULT", "a user is no org");
}

#[tokio::test]
async fn failures_have_the_codes_of_openfeature() {
    let server = server().await;
    let of = async |path: String, body: &str| {
        let reply = send(server.address, "POST", &path, SDK, body.as_bytes()).await;
        let json = reply.json();
        assert!(json["errorDetails"].is_string(), "{path} {body}: {json}");
        (reply.status, json["errorCode"].as_str().unwrap_or_default().to_owned(), json.get("key").cloned())
    };
    for (body, code) in [
        ("{", "PARSE_ERROR"),
        ("[]", "PARSE_ERROR"),
        (r#"{"context":7}"#, "PARSE_ERROR"),
        ("{}", "TARGETING_KEY_MISSING"),
        (r#"{"context":{"plan":"gold"}}"#, "TARGETING_KEY_MISSING"),
        (r#"{"context":{"targetingKey":""}}"#, "TARGETING_KEY_MISSING"),
        (r#"{"context":{"targetingKey":7}}"#, "TARGETING_KEY_MISSING"),
        (r#"{"context":{"kind":"multi","user":{}}}"#, "TARGETING_KEY_MISSING"),
        (r#"{"context":{"kind":"multi"}}"#, "INVALID_CONTEXT"),
        (r#"{"context":{"kind":"no kind","targetingKey":"a"}}"#, "INVALID_CONTEXT"),
        (r#"{"context":{"kind":7,"targetingKey":"a"}}"#, "INVALID_CONTEXT"),
    ] {
        assert_eq!(of(format!("{ALL}/ruled"), body).await, (400, code.to_owned(), Some(json!("ruled"))), "{body}");
        assert_eq!(of(ALL.to_owned(), body).await, (400, code.to_owned(), None), "{body}");
    }
    let ada = user("ada").to_string();
    let missing = of(format!("{ALL}/nothing"), &ada).await;
    assert_eq!(missing, (404, "FLAG_NOT_FOUND".to_owned(), Some(json!("nothing"))));
    assert_eq!(of(format!("{ALL}/broken"), &ada).await, (400, "PARSE_ERROR".to_owned(), Some(json!("broken"))));
    let long = json!({ "context": { "targetingKey": "a", "x": "x".repeat(1 << 20) } });
    assert_eq!(ask(&server, ALL, SDK, &long).await.status, 413);
}

#[tokio::test]
async fn every_credential_sees_what_it_may() {
    let server = server().await;
    let keys = async |headers: &[(&str, &str)]| {
        let reply = ask(&server, ALL, headers, &user("ada")).await;
        assert_eq!(reply.status, 200, "{headers:?}");
        let flags = reply.json()["flags"].as_array().unwrap().clone();
        flags.iter().map(|flag| flag["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    let bearer = |key: &str| format!("Bearer {key}");
    for headers in
        [[("authorization", bearer(KEY))], [("authorization", KEY.to_owned())], [("x-api-key", KEY.to_owned())]]
    {
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(keys(&headers).await, "asking blocked broken off ruled");
    }
    assert_eq!(keys(&[("authorization", &bearer(MOBILE))]).await, "asking off ruled");
    assert_eq!(keys(&[("x-api-key", ID)]).await, "asking ruled");
    for headers in
        [&[][..], &[("authorization", "Bearer nobody")], &[("x-api-key", "")], &[("authorization", "Bearer ")]]
    {
        for path in [ALL.to_owned(), format!("{ALL}/ruled")] {
            let reply = ask(&server, &path, headers, &user("ada")).await;
            assert_eq!(reply.status, 401, "{path} {headers:?}");
            assert!(reply.json()["errorDetails"].is_string());
        }
    }
    // What a browser may not see does not exist for it.
    assert_eq!(ask(&server, &format!("{ALL}/off"), &[("x-api-key", ID)], &user("ada")).await.status, 404);
    // A flag that cannot be evaluated does not take the others along.
    let all = ask(&server, ALL, SDK, &user("ada")).await.json();
    assert_eq!(all["flags"][2]["errorCode"], "PARSE_ERROR");
    assert!(all["flags"][2].get("value").is_none());
}

#[tokio::test]
async fn the_tag_stands_for_context_and_flags() {
    let server = server().await;
    let tag = async |context: &Value| ask(&server, ALL, SDK, context).await.header("etag").unwrap().to_owned();
    let ada = tag(&user("ada")).await;
    let known = ask(&server, ALL, &[SDK, &[("if-none-match", &ada)]].concat(), &user("ada")).await;
    assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, Some(&*ada)));
    assert_ne!(tag(&user("bob")).await, ada);
    let other = ask(&server, ALL, &[SDK, &[("if-none-match", &ada)]].concat(), &user("bob")).await;
    assert_eq!(other.status, 200);
    server.commit(vec![segment("s", 3)]).await;
    assert_ne!(tag(&user("ada")).await, ada);
}

#[tokio::test]
async fn pages_may_ask_and_hear_when_to_ask_again() {
    let server = server().await;
    let wishes = [("origin", "https://shop.example"), ("access-control-request-headers", "authorization,content-type")];
    let reply = send(server.address, "OPTIONS", ALL, &wishes, b"").await;
    assert_eq!((reply.status, reply.header("access-control-allow-methods")), (204, Some("POST,OPTIONS")));
    assert!(reply.header("access-control-allow-headers").unwrap().contains("Authorization,If-None-Match"));
    let reply = ask(&server, ALL, &[("x-api-key", "nobody"), ("origin", "https://shop.example")], &user("ada")).await;
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://shop.example"), "errors too");
    let reply = ask(&server, ALL, &[("x-api-key", ID)], &user("ada")).await.json();
    let place = reply["eventStreams"][0]["endpoint"]["requestUri"].as_str().unwrap().to_owned();
    assert!(ask(&server, ALL, SDK, &user("ada")).await.json().get("eventStreams").is_none());
    let mut stream = Connection::open(server.address).await;
    stream.request("GET", &place, &[], b"").await;
    assert_eq!(stream.head().await.0, 200);
    let again = "data: {\"type\":\"refetchEvaluation\"}\n\n";
    assert_eq!(stream.event().await.unwrap(), again);
    server.commit(vec![segment("s", 3)]).await;
    assert_eq!(stream.event().await.unwrap(), again);
    assert_eq!(send(server.address, "GET", "/ofrep/v1/changes/unknown", &[], b"").await.status, 404);
    assert_eq!(send(server.address, "GET", ALL, SDK, b"").await.status, 405);
}

#[tokio::test]
async fn secure_mode_holds_here_too() {
    let server = server().await;
    let body = json!({
        "id": ID, "key": "e", "name": "e", "color": "000000", "sdkKeys": [{ "value": KEY }],
        "mobileKeys": [{ "value": MOBILE }], "createdAt": 0, "secureMode": true,
    });
    server.log.commit(vec![put(Kind::Environment, "", "e", &body)]);
    server.until(|live| live.by_client_id(ID).is_some_and(|env| env.snapshot().settings().secure_mode)).await;
    let context = wigwag_model::context::Context::user("ada").unwrap();
    let proof = wigwag_eval::secure_mode_hash(KEY, &context);
    let browser: &[_] = &[("x-api-key", ID)];
    let reply = ask(&server, ALL, browser, &user("ada")).await;
    assert_eq!((reply.status, reply.json()["errorCode"].as_str()), (400, Some("INVALID_CONTEXT")));
    assert_eq!(ask(&server, &format!("{ALL}?h={proof}"), browser, &user("ada")).await.status, 200);
    assert_eq!(ask(&server, &format!("{ALL}?h={proof}"), browser, &user("bob")).await.status, 400);
    assert_eq!(ask(&server, ALL, SDK, &user("ada")).await.status, 200);
}
