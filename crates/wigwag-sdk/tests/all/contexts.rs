//! The context of a request: every encoding, and what is none.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};

use crate::client::send;
use crate::evaluation::{ID, MOBILE, b64, get, server};

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
