//! A server on an empty store after its first start, without a socket.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use wigwag_model::clock::Clock;
use wigwag_model::doc::{Kind, Member};
use wigwag_model::id::Ids;
use wigwag_store::{Commit, DocKey, IndexFacts, NewChange, Store, Write};

pub(crate) use crate::support::{NOW, OWNER};

/// Runs each test function of a module on both engines.
macro_rules! on_both_engines {
    ($($name:ident,)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::house::House::of(wigwag_store::Store::temporary().await.unwrap()).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::house::House::of(wigwag_store::testing::postgres().await.unwrap()).await).await;
            })*
        }
    };
}
pub(crate) use on_both_engines;

/// A house whose callers are told apart.
pub(crate) struct House {
    pub(crate) house: crate::support::House,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
}

impl House {
    pub(crate) async fn of(store: Store) -> Self {
        Self::extended(store, http::Extensions::new()).await
    }

    /// One whose process has more to it.
    pub(crate) async fn extended(store: Store, extensions: http::Extensions) -> Self {
        let house = crate::support::House::extended(store.clone(), extensions).await;
        Self { store, clock: house.clock.clone(), ids: Ids::seeded(99), house }
    }

    /// Speaks as the owner, in the newest version.
    pub(crate) fn owner(&self) -> Client<'_> {
        self.with(OWNER)
    }

    /// Speaks with another credential.
    pub(crate) fn with<'a>(&'a self, token: &'a str) -> Client<'a> {
        Client { house: self, token, version: None }
    }

    /// A new token, made by the owner; answers its value.
    pub(crate) async fn token(&self, body: Value) -> String {
        let made = self.owner().post("/api/v2/tokens", body).await.expect(201);
        made["token"].as_str().unwrap().to_owned()
    }

    /// A personal token of the owner with a base role.
    pub(crate) async fn role(&self, role: &str) -> String {
        self.token(json!({"name": role, "role": role})).await
    }

    /// A personal token of the owner with one statement.
    pub(crate) async fn inline(&self, effect: &str, actions: &[&str], resources: &[&str]) -> String {
        let statement = json!({"effect": effect, "actions": actions, "resources": resources});
        self.token(json!({"inlineRole": [statement]})).await
    }

    /// A token without a role of its own of a member, who accepts an invitation first. Stored directly; answers
    /// its value.
    pub(crate) async fn token_of(&self, member: &str) -> String {
        let doc = self.store.get(&wigwag_api::read::member_key(member)).await.unwrap().unwrap();
        let accepted = Member { pending_invite: false, ..doc.decode().unwrap() };
        let (body, index) = (serde_json::to_string(&accepted).unwrap(), wigwag_api::members::index(&accepted));
        self.write(Write::update(doc.key, doc.version, body, index)).await;
        let (value, id) = (self.ids.access_token(), self.ids.object_id());
        let body = json!({
            "id": id, "hash": wigwag_auth::secret::hash(&value), "ending": "0000", "memberId": member,
            "defaultApiVersion": 20_240_415, "createdAt": NOW, "modifiedAt": NOW,
        });
        let token = serde_json::from_value(body.clone()).unwrap();
        let index = wigwag_api::tokens::index(&token);
        self.write(Write::create(DocKey::account(Kind::Token, id), body.to_string(), index)).await;
        value
    }

    /// A member who was invited by the owner; answers their id.
    pub(crate) async fn invited(&self, email: &str, role: &str) -> String {
        let made = self.owner().post("/api/v2/members", json!([{"email": email, "role": role}])).await.expect(201);
        made["items"][0]["_id"].as_str().unwrap().to_owned()
    }

    /// A custom role, stored directly; answers its id.
    pub(crate) async fn custom_role(&self, key: &str) -> String {
        let id = self.ids.object_id();
        let role = json!({
            "id": id, "key": key, "name": key.to_uppercase(), "basePermissions": "no_access", "policy": [],
            "createdAt": NOW, "modifiedAt": NOW,
        });
        let index = IndexFacts::new().text("name", key);
        self.write(Write::create(DocKey::account(Kind::CustomRole, id.as_str()), role.to_string(), index)).await;
        id
    }

    /// Writes a document past the API.
    pub(crate) async fn write(&self, write: Write) {
        let change = NewChange { id: self.ids.object_id(), at: NOW, ..NewChange::default() };
        self.store.commit(Commit::new(vec![write], change)).await.unwrap();
    }

    /// The newest audit entry: the columns, and the record.
    pub(crate) async fn last_entry(&self) -> (wigwag_store::NewChange, Value) {
        let query = wigwag_store::ChangeQuery { limit: 1, ..wigwag_store::ChangeQuery::default() };
        let row = self.store.changes(&query).await.unwrap().remove(0);
        let record = serde_json::from_str(&row.change.body).unwrap();
        (row.change, record)
    }

    pub(crate) async fn head(&self) -> u64 {
        self.store.head().await.unwrap()
    }

    /// Does something that must fail without leaving a trace in the log.
    pub(crate) async fn unchanged<T>(&self, attempt: impl Future<Output = T>) -> T {
        let before = self.head().await;
        let outcome = attempt.await;
        assert_eq!(self.head().await, before, "something was written");
        outcome
    }
}

/// Somebody who calls.
#[derive(Clone, Copy)]
pub(crate) struct Client<'a> {
    house: &'a House,
    token: &'a str,
    version: Option<&'a str>,
}

impl<'a> Client<'a> {
    /// In another version of the API.
    pub(crate) fn version(self, version: &'a str) -> Self {
        Self { version: Some(version), ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if !self.token.is_empty() {
            request = request.header("authorization", self.token);
        }
        if let Some(version) = self.version {
            request = request.header("ld-api-version", version);
        }
        let body = body.map_or_else(Bytes::new, |b| b.to_string().into());
        Answer(self.house.house.server.handle(request.body(body).unwrap()).await)
    }
}

/// What came back.
pub(crate) struct Answer(pub(crate) Response<Bytes>);

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// The body of an answer that must have this status; null where there is none.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        let body = self.0.body();
        assert_eq!(self.status(), status, "{}", String::from_utf8_lossy(body));
        if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() }
    }

    /// The message of a refusal with this status and code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> String {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        body["message"].as_str().unwrap().to_owned()
    }

    /// The action and resource of a denial.
    #[track_caller]
    pub(crate) fn denied(self) -> (String, String) {
        let body = self.expect(403);
        assert_eq!(body["code"], "forbidden", "{body}");
        assert_eq!(body["reason"]["effect"], "deny", "{body}");
        let text = |name: &str| body["access"][name].as_str().unwrap().to_owned();
        (text("action"), text("resource"))
    }
}

/// One text of each item of a list.
#[track_caller]
pub(crate) fn texts(list: &Value, name: &str) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
}

/// A patch that replaces one member.
pub(crate) fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "replace", "path": path, "value": value.into()}])
}
