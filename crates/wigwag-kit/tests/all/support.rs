//! A server with a few toy handlers under real operation ids.

use std::io::Read as _;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use serde_json::{Value, json};
use wigwag_kit::operation::Access;
use wigwag_kit::{
    App, Authenticator, Authority, Body, BoxFuture, Caller, Change, Decision, Error, Operations, Proofs, Reply, Server,
    Spec, Target,
};
use wigwag_model::clock::Clock;
use wigwag_model::doc::Token;
use wigwag_model::id::Ids;

struct Everything;

impl Authority for Everything {
    fn decide(&self, _: &str, _: &Spec) -> Decision {
        Decision::Allow
    }
}

/// Knows one token, `good`, which speaks 2019-12-12.
struct OneToken;

impl Authenticator for OneToken {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Caller, Error>> {
        let known = headers.get("authorization").is_some_and(|v| v == "good");
        Box::pin(async move { if known { Ok(caller()) } else { Err(Error::Unauthorized) } })
    }
}

fn caller() -> Caller {
    let token: Token = serde_json::from_value(json!({
        "id": "1", "hash": "", "ending": "good", "memberId": "2", "serviceToken": true,
        "defaultApiVersion": 20_191_212, "createdAt": 0, "modifiedAt": 0,
    }))
    .unwrap();
    Caller { member: None, token: Some(Arc::new(token)), authority: Arc::new(Everything) }
}

pub fn operations() -> Operations {
    Operations::new()
        .on("getAllWebhooks", Access::Caller, |ctx, request| async move {
            Reply::json(&json!({"version": ctx.version.number(), "beta": request.beta, "query": request.query}))
        })
        .with(
            Operations::operation("postWebhook", Access::Caller, |_, r| async move { Reply::json(&r.value()?) })
                .body_limit(64),
        )
        .on("getWebhook", Access::Caller, |_, r| async move { Reply::json(r.param("id")) })
        .on("postProject", Access::Caller, |ctx, r| async move {
            let proofs = Proofs::of(ctx.authorise("createProject", &Spec::account())?);
            let (resources, text) = (vec![Spec::account().to_string()], String::new);
            let (kind, name, href, site, project) = ("project".to_owned(), text(), text(), text(), text());
            let target = Target { kind, name, resources, href, site, project, environment: None, document: None };
            Change::new(proofs, "created the project", target).commit(&ctx).await?;
            match r.query("then") {
                Some("away") => Err(Error::Unavailable),
                Some("fault") => Err(Error::Internal("a secret".to_owned())),
                Some("refused") => Err(Error::field("then", "is refused")),
                _ => Reply::json("made"),
            }
        })
        .on("patchWebhook", Access::Caller, |_, r| async move { Reply::json(r.method.as_str()) })
        .on("deleteWebhook", Access::Caller, |_, r| async move {
            assert!(r.param("id") != "boom", "it went off");
            assert!(r.body.is_empty());
            Ok(Reply::empty())
        })
        .on("getVersions", Access::Public, |ctx, _| async move { Reply::json(&ctx.caller.token.is_some()) })
        .with(
            Operations::operation("createBigSegmentImport", Access::Caller, |_, r| async move {
                let read = move || {
                    let mut all = String::new();
                    r.upload.reader()?.read_to_string(&mut all).map_err(wigwag_kit::body::fault)?;
                    assert!(r.body.is_empty());
                    Ok::<_, Error>(all)
                };
                let all = tokio::task::spawn_blocking(read).await.unwrap()?;
                let pieces = all.split_inclusive(',').map(|piece| Ok(Bytes::copy_from_slice(piece.as_bytes())));
                let body = Body::pieces(futures_util::stream::iter(pieces.collect::<Vec<_>>()));
                Ok(Reply { body: Some(body), ..Reply::empty() }.status(http::StatusCode::OK))
            })
            .streamed(40),
        )
        .on("getApplications", Access::Caller, |_, r| async move { Reply::json(&r.version.number()) })
        .beside("GET", "/docs/api", "docs", Access::Public, |_, _| async { Reply::json("page") })
}

pub async fn server() -> Server {
    let store = wigwag_store::Store::temporary().await.unwrap();
    let app = App {
        store,
        clock: Clock::frozen(1_700_000_000_000),
        ids: Ids::seeded(1),
        site: "https://flags.example.com".to_owned(),
        account_id: "a".repeat(24),
        keyring: Arc::new(wigwag_kit::Keyring::of([7; 32])),
        extensions: http::Extensions::new(),
    };
    Server::new(app, OneToken, operations().complete())
}

/// Sends `METHOD /path` with header fields; the credential is `good` unless they say otherwise.
pub async fn send(server: &Server, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(target);
    if !headers.iter().any(|(n, _)| *n == "authorization") {
        request = request.header("authorization", "good");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer(server.handle(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await)
}

pub struct Answer(pub Response<Bytes>);

impl Answer {
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(self.0.body()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.0.headers().get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// Checks the error body that every client decodes, and its id.
    pub fn refused(&self, status: u16, code: &str) -> String {
        let body = self.json();
        assert_eq!((self.status(), body["code"].as_str().unwrap()), (status, code), "{body}");
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.header("x-request-id"), body["id"].as_str().unwrap());
        assert_eq!(self.header("access-control-allow-origin"), "*");
        body["message"].as_str().unwrap().to_owned()
    }
}
