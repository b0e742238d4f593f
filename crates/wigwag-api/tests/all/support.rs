//! A house: a store after its first start, and a server over it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use wigwag_api::bootstrap::{self, Init};
use wigwag_api::due::Due;
use wigwag_api::sign_in::{Mail, Provider, SignIn};
use wigwag_api::{due_kinds, operations};
use wigwag_auth::{Activity, Callers, SessionSettings, Sessions, Tokens};
use wigwag_kit::{ApiVersion, App, Caller, Ctx, Keyring, Peer, Server};
use wigwag_model::clock::Clock;
use wigwag_model::id::Ids;
use wigwag_store::Store;

/// Runs each test function of a module on both engines.
macro_rules! on_both_engines {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        mod sqlite {
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(wigwag_store::Store::temporary().await.unwrap()).await })*
        }
        mod postgres {
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(wigwag_store::testing::postgres().await.unwrap()).await })*
        }
    };
}
pub(crate) use on_both_engines;

/// The owner's access token.
pub const OWNER: &str = "api-owner";
/// Where requests come from.
pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// When every house is opened.
pub const NOW: i64 = 1_700_000_000_000;

pub struct House {
    pub server: Server,
    pub app: Arc<App>,
    pub store: Store,
    pub clock: Clock,
}

impl House {
    pub async fn open(store: Store) -> Self {
        Self::extended(store, http::Extensions::new()).await
    }

    /// One whose process has more to it.
    pub async fn extended(store: Store, extensions: http::Extensions) -> Self {
        Self::keyed(store, extensions, Keyring::of([7; 32])).await
    }

    /// One with other keys to seal secrets with.
    pub async fn keyed(store: Store, mut extensions: http::Extensions, keyring: Keyring) -> Self {
        let (clock, ids) = (Clock::frozen(NOW), Ids::seeded(7));
        let options = Init {
            owner_email: Some("ann@example.com".to_owned()),
            owner_password: Some("correct horse battery".to_owned()),
            access_token: Some(OWNER.to_owned()),
        };
        let ready = bootstrap::run(&store, &clock, &ids, Some(keyring), options).await.unwrap();
        let activity = Activity::new(store.clone());
        extensions.insert(activity.clone());
        let sessions = Sessions::new(store.clone(), clock.clone(), ids.clone(), SessionSettings::default());
        let sessions = Arc::new(sessions.noting(activity.clone()));
        let inviter = extensions.remove().unwrap_or_else(wigwag_api::sign_in::inviter);
        extensions.insert(inviter);
        let provider = extensions.remove::<Arc<dyn Provider>>();
        let mail = extensions.remove::<Mail>().unwrap_or_default();
        extensions.insert(SignIn::new(store.clone(), Arc::clone(&sessions), mail, provider));
        let app = Arc::new(App {
            store: store.clone(),
            clock: clock.clone(),
            ids,
            site: "https://flags.example.com".to_owned(),
            account_id: ready.account_id,
            keyring: ready.keyring,
            extensions,
        });
        let tokens = Tokens::new(store.clone(), clock.clone()).noting(activity);
        let server = Server::new(Arc::clone(&app), Callers::new(tokens, sessions), operations().complete());
        Self { server, app, store, clock }
    }

    /// Does what is due by the clock; answers when something is due next.
    pub async fn pass(&self) -> Option<i64> {
        Due::new(Arc::clone(&self.app), due_kinds()).pass().await.unwrap()
    }

    /// Sends `METHOD /path` as the owner, in beta, which opens everything.
    pub async fn send(&self, line: &str, body: Option<&Value>) -> Answer {
        let text = body.map(ToString::to_string).unwrap_or_default();
        self.raw(line, &[("authorization", OWNER), ("ld-api-version", "beta")], &text).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(&format!("POST {path}"), Some(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(&format!("PATCH {path}"), Some(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(&format!("DELETE {path}"), None).await
    }

    pub async fn raw(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.bytes(line, headers, Bytes::copy_from_slice(body.as_bytes())).await
    }

    pub async fn bytes(&self, line: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
        self.from(Some(HERE), line, headers, body).await
    }

    /// From another address than [`HERE`], or from one that nobody knows.
    pub async fn from(&self, peer: Option<IpAddr>, line: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
        let (method, target) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body).unwrap();
        if let Some(peer) = peer {
            request.extensions_mut().insert(Peer(peer));
        }
        Answer { line: line.to_owned(), response: self.server.handle(request).await }
    }

    /// A view of the world in which nobody acts.
    pub fn ctx(&self) -> Ctx {
        let caller = Arc::new(Caller::nobody());
        Ctx { app: Arc::clone(&self.app), caller, version: ApiVersion::NEWEST, as_of: None, based_on: None }
    }

    /// How many changes there are.
    pub async fn head(&self) -> u64 {
        self.store.head().await.unwrap()
    }

    /// The newest entry of the audit log, in detail.
    pub async fn newest(&self) -> Value {
        let log = self.get("/api/v2/auditlog?limit=1").await.ok();
        self.get(log["items"][0]["_links"]["self"]["href"].as_str().unwrap()).await.ok()
    }

    /// The value of a token that may do nothing at all.
    pub async fn powerless(&self) -> String {
        let role = json!([{"effect": "deny", "resources": ["proj/*"], "actions": ["*"]}]);
        let token = json!({"name": "powerless", "serviceToken": true, "inlineRole": role});
        self.post("/api/v2/tokens", token).await.ok()["token"].as_str().unwrap().to_owned()
    }
}

/// An answer; its line is told when an expectation fails.
pub struct Answer {
    line: String,
    response: Response<Bytes>,
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(self.response.body());
        serde_json::from_slice(self.response.body()).unwrap_or_else(|e| panic!("{}: {e}: {text}", self.line))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.response.body()).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The body of a success; null where there is none.
    pub fn ok(&self) -> Value {
        assert!(self.response.status().is_success(), "{}: {} {}", self.line, self.status(), self.text());
        if self.response.body().is_empty() { Value::Null } else { self.json() }
    }

    /// The message of a refusal with this status and code, in the form that every client decodes.
    pub fn refused(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status(), status, "{}: {}", self.line, self.text());
        let body = self.json();
        assert_eq!(body["code"], code, "{}: {body}", self.line);
        assert_eq!(self.header("x-request-id"), body["id"].as_str().unwrap(), "{}", self.line);
        assert!(!self.header("access-control-allow-origin").is_empty(), "{}", self.line);
        let message = body["message"].as_str().unwrap();
        assert!(!message.is_empty(), "{}", self.line);
        message.to_owned()
    }
}
