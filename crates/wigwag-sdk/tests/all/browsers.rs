//! What browsers need besides results: cross-origin requests, proof in secure mode, goals.

use serde_json::{Value, json};
use wigwag_model::doc::Kind;

use crate::client::send;
use crate::evaluation::{ADA, ID, MOBILE, b64, get, pairs, server};
use crate::server::put;

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
