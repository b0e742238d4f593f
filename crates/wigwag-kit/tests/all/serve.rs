//! The life of a request: behaviour.md 1, 2 and 8, access-control.md 1.6.

use serde_json::json;

use wigwag_kit::Body;

use crate::support::{Answer, send, server};

const HOOKS: &str = "GET /api/v2/webhooks";

#[tokio::test]
async fn a_plain_answer() {
    let s = server().await;
    let answer = send(&s, "GET /api/v2/webhooks?filter=a+b&x=%2B", &[], "").await;
    assert_eq!((answer.status(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.json()["query"], json!([["filter", "a b"], ["x", "+"]]));
    assert!(!answer.header("x-request-id").is_empty());
    let other = send(&s, HOOKS, &[], "").await;
    assert_ne!(answer.header("x-request-id"), other.header("x-request-id"));
}

#[tokio::test]
async fn versions_by_header_and_token() {
    let s = server().await;
    for (value, version, beta) in [("", 20_191_212, false), ("20220603", 20_220_603, false), ("beta", 20_240_415, true)]
    {
        let answer = send(&s, HOOKS, &[("LD-API-Version", value)], "").await.json();
        assert_eq!((&answer["version"], &answer["beta"]), (&json!(version), &json!(beta)), "{value}");
    }
    let both = [("LD-API-Version", "20220603"), ("ld-api-version", "beta")];
    let answer = send(&s, HOOKS, &both, "").await.json();
    assert_eq!(answer["version"], 20_220_603);
    let message = send(&s, HOOKS, &[("LD-API-Version", "20200101")], "").await.refused(400, "invalid_request");
    assert!(message.contains("LD-API-Version") && message.contains("20200101"), "{message}");
}

#[tokio::test]
async fn beta_operations_ask_for_the_header() {
    let s = server().await;
    let line = "GET /api/v2/applications";
    send(&s, line, &[], "").await.refused(403, "forbidden");
    send(&s, line, &[("authorization", "")], "").await.refused(401, "unauthorized");
    assert_eq!(send(&s, line, &[("LD-API-Version", "beta")], "").await.status(), 200);
}

#[tokio::test]
async fn credentials() {
    let s = server().await;
    for bad in ["", "other"] {
        let message = send(&s, HOOKS, &[("authorization", bad)], "").await.refused(401, "unauthorized");
        assert_eq!(message, "Invalid access token");
    }
    // Public operations take anybody and know those who say who they are.
    for (token, known) in [("", false), ("other", false), ("good", true)] {
        let answer = send(&s, "GET /api/v2/versions", &[("authorization", token)], "").await;
        assert_eq!((answer.status(), answer.json()), (200, json!(known)));
    }
}

#[tokio::test]
async fn what_is_not_built_says_so() {
    let s = server().await;
    send(&s, "GET /api/v2/roles", &[("authorization", "")], "").await.refused(401, "unauthorized");
    let message = send(&s, "GET /api/v2/roles", &[], "").await.refused(501, "not_implemented");
    assert!(message.contains("getCustomRoles"), "{message}");
}

#[tokio::test]
async fn method_override() {
    let s = server().await;
    let line = "POST /api/v2/webhooks/1";
    let patch = send(&s, line, &[("X-HTTP-Method-Override", "patch")], "[]").await;
    assert_eq!((patch.status(), patch.json()), (200, json!("PATCH")));
    assert_eq!(send(&s, line, &[("X-HTTP-Method-Override", "DELETE")], "").await.status(), 204);
    send(&s, line, &[("X-HTTP-Method-Override", "GET")], "").await.refused(400, "invalid_request");
    send(&s, line, &[], "").await.refused(405, "method_not_allowed");
    // Only a POST can be overridden.
    let get = send(&s, "GET /api/v2/webhooks/1", &[("X-HTTP-Method-Override", "DELETE")], "").await;
    assert_eq!(get.json(), json!("1"));
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let s = server().await;
    send(&s, "GET /api/v2/nope", &[], "").await.refused(404, "not_found");
    let answer = send(&s, "PUT /api/v2/webhooks/1", &[], "{}").await;
    answer.refused(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "OPTIONS, GET, HEAD, PATCH, DELETE");
    assert_eq!(send(&s, "GET /docs/api", &[("authorization", "")], "").await.json(), json!("page"));
}

#[tokio::test]
async fn cross_origin() {
    let s = server().await;
    for path in ["/api/v2/webhooks", "/api/v2/nope"] {
        let headers =
            [("origin", "https://x.example"), ("access-control-request-method", "PATCH"), ("authorization", "")];
        let answer = send(&s, &format!("OPTIONS {path}"), &headers, "").await;
        assert_eq!((answer.status(), answer.0.body().len()), (204, 0));
        assert_eq!(answer.header("access-control-allow-origin"), "https://x.example");
        assert!(answer.header("access-control-allow-methods").contains("PATCH"));
        assert!(answer.header("access-control-allow-headers").contains("LD-API-Version"));
        assert_eq!(answer.header("access-control-max-age"), "300");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let answer = send(&s, HOOKS, &[("origin", "https://flags.example.com"), ("authorization", "")], "").await;
    assert_eq!((answer.status(), answer.header("access-control-allow-credentials")), (401, "true"));
    let exposed = answer.header("access-control-expose-headers");
    assert!(
        ["X-Request-Id", "Retry-After", "X-Ratelimit-Reset"].iter().all(|name| exposed.contains(name)),
        "{exposed}"
    );
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let s = server().await;
    let (get, head) = (send(&s, HOOKS, &[], "").await, send(&s, "HEAD /api/v2/webhooks", &[], "").await);
    assert_eq!((head.status(), head.0.body().len()), (200, 0));
    assert_eq!(head.header("content-length"), get.0.body().len().to_string());
    assert_eq!(send(&s, "HEAD /api/v2/nope", &[], "").await.status(), 404);
}

#[tokio::test]
async fn bodies() {
    let s = server().await;
    let post = "POST /api/v2/webhooks";
    let body = r#"{"url":"https://x","on":true}"#;
    let answer = send(&s, post, &[], body).await;
    assert_eq!((answer.status(), answer.0.body().as_ref()), (200, body.as_bytes()));
    for (body, names) in [
        ("", "body"),
        ("null", "body"),
        ("{", "JSON"),
        ("{} x", "JSON"),
        (r#"{"a":{"url":1,"url":2}}"#, "duplicate member \"url\""),
    ] {
        let message = send(&s, post, &[], body).await.refused(400, "invalid_request");
        assert!(message.contains(names), "{body}: {message}");
    }
    let message =
        send(&s, post, &[], &format!("\"{}\"", "x".repeat(64))).await.refused(413, "request_entity_too_large");
    assert!(message.contains("64"), "{message}");
    // ldcli sends `null` where there is nothing to send.
    assert_eq!(send(&s, "DELETE /api/v2/webhooks/1", &[], "null\n").await.status(), 204);
}

/// What is streamed is read, and answered, in pieces; and whole where the caller has it whole.
#[tokio::test]
async fn bodies_in_pieces() {
    let s = server().await;
    let path = "/api/v2/segments/p/e/s/imports";
    let sent = async |method: &str, path: &str, pieces: &[&'static str]| {
        let pieces = pieces.iter().map(|piece| match *piece {
            "broken" => Err(wigwag_kit::Error::Invalid("it broke off".to_owned())),
            piece => Ok(bytes::Bytes::from_static(piece.as_bytes())),
        });
        let body = Body::pieces(futures_util::stream::iter(pieces.collect::<Vec<_>>()));
        let request = http::Request::builder().method(method).uri(path).header("authorization", "good").body(body);
        let (parts, body) = s.serve(request.unwrap()).await.into_parts();
        let pieces = matches!(body, Body::Pieces(_));
        (pieces, Answer(http::Response::from_parts(parts, body.collect().await.unwrap())))
    };
    let (pieces, answer) = sent("POST", path, &["a,", "", "b,c"]).await;
    assert_eq!((pieces, answer.status(), answer.0.body().as_ref()), (true, 200, &b"a,b,c"[..]));
    let (pieces, answer) = sent("POST", path, &["a,", "broken"]).await;
    assert_eq!((pieces, answer.refused(400, "invalid_request")), (false, "it broke off".to_owned()));
    let (_, answer) = sent("POST", path, &["01234567890123456789", "01234567890123456789", "0"]).await;
    assert!(answer.refused(413, "request_entity_too_large").contains("40"));
    let whole = send(&s, &format!("POST {path}"), &[], "x,y").await;
    assert_eq!((whole.status(), whole.0.body().as_ref()), (200, &b"x,y"[..]));
    send(&s, &format!("POST {path}"), &[], &"x".repeat(41)).await.refused(413, "request_entity_too_large");
    send(&s, &format!("POST {path}"), &[("authorization", "bad")], "x").await.refused(401, "unauthorized");
    send(&s, &format!("POST {path}"), &[("content-encoding", "br")], "x").await.refused(400, "invalid_request");
    assert!(s.takes_pieces(&http::Method::POST, path) && !s.takes_pieces(&http::Method::GET, path));
    assert!(!s.takes_pieces(&http::Method::POST, "/api/v2/webhooks"));
    // What is streamed does not let others of the path hold more.
    assert_eq!(
        s.largest_body(&http::Request::get(path).body(()).unwrap().into_parts().0, None).await.unwrap(),
        wigwag_kit::operation::BODY_LIMIT
    );
}

#[tokio::test]
async fn deep_json_is_refused() {
    let s = server().await;
    let deep = "[".repeat(5000);
    let answer = send(&s, "PATCH /api/v2/webhooks/1", &[], &deep).await;
    assert_eq!(answer.status(), 200, "this toy handler does not look at the body");
    assert!(wigwag_kit::json::parse(deep.as_bytes()).is_err());
}

#[tokio::test]
async fn a_panic_is_an_answer() {
    let s = server().await;
    let message = send(&s, "DELETE /api/v2/webhooks/boom", &[], "").await.refused(500, "internal_service_error");
    assert_eq!(message, "Internal error", "the cause is for the log");
    assert_eq!(send(&s, HOOKS, &[], "").await.status(), 200);
}

#[tokio::test]
async fn parameters_are_decoded_once() {
    let s = server().await;
    assert_eq!(send(&s, "GET /api/v2/webhooks/a%252Fb%2Fc+d", &[], "").await.json(), json!("a%2Fb/c+d"));
    send(&s, "GET /api/v2/webhooks/%ff", &[], "").await.refused(400, "invalid_request");
    send(&s, "GET /api/v2/webhooks?q=%ff", &[], "").await.refused(400, "invalid_request");
}

/// A client that is told of a failure sends the request again: not where its change was made.
#[tokio::test]
async fn a_change_whose_answer_is_lost() {
    let s = server().await;
    let line = |then: &str| format!("POST /api/v2/projects?then={then}");
    let newest = async || {
        let query = wigwag_store::ChangeQuery { limit: 1, ..Default::default() };
        s.app().store.changes(&query).await.unwrap().remove(0).change.id
    };
    assert_eq!(send(&s, &line(""), &[], "{}").await.status(), 201);
    for then in ["away", "fault"] {
        let answer = send(&s, &line(then), &[], "{}").await;
        assert_eq!(answer.header("retry-after"), "");
        let message = answer.refused(500, "answer_lost");
        assert!(message.contains(&newest().await) && !message.contains("secret"), "{message}");
    }
    // What is refused is refused, and the next request knows nothing of the one before.
    send(&s, &line("refused"), &[], "{}").await.refused(400, "invalid_request");
    let panic = send(&s, "DELETE /api/v2/webhooks/boom", &[], "").await;
    panic.refused(500, "internal_service_error");
}
