//! Tokens that are remembered, and changes that are not overlooked.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use wigwag_auth::{Tokens, secret};
use wigwag_kit::{Caller, Decision, Error, Spec};
use wigwag_model::clock::Clock;
use wigwag_model::doc::{Kind, Member, PreviousToken, Role, Token};
use wigwag_store::{Commit, DocKey, Expect, IndexFacts, NewChange, Store, StoreConfig, Write, WriteOp};

use crate::decisions::{member, token};

/// Writes a document in a change of its own.
async fn put(store: &Store, key: DocKey, op: WriteOp) {
    let change = NewChange { id: format!("change {}", store.head().await.unwrap()), ..NewChange::default() };
    store.commit(Commit::new(vec![Write { key, expect: Expect::Any, op }], change)).await.unwrap();
}

async fn put_member(store: &Store, role: Role) {
    let body = serde_json::to_string(&Member { id: "me".into(), ..member(role) }).unwrap();
    put(store, DocKey::account(Kind::Member, "me"), WriteOp::Put { body, index: IndexFacts::new() }).await;
}

async fn put_token(store: &Store, token: &Token) {
    let mut index = IndexFacts::new().unique("hash", token.hash.as_str());
    if let Some(previous) = &token.previous {
        index = index.unique("hash", previous.hash.as_str());
    }
    let body = serde_json::to_string(token).unwrap();
    put(store, DocKey::account(Kind::Token, token.id.as_str()), WriteOp::Put { body, index }).await;
}

async fn delete_token(store: &Store) {
    put(store, DocKey::account(Kind::Token, "token"), WriteOp::Delete).await;
}

fn secret_token() -> Token {
    Token { hash: secret::hash("api-secret"), ..token(None) }
}

async fn ask(tokens: &Tokens, value: &str) -> Result<Caller, Error> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, value.parse().unwrap());
    tokens.caller(&headers).await
}

async fn refused(tokens: &Tokens, value: &str) -> bool {
    matches!(ask(tokens, value).await, Err(Error::Unauthorized))
}

fn may_write(caller: &Caller) -> bool {
    caller.authority.decide("updateTags", &Spec::project("p", &[])) == Decision::Allow
}

#[tokio::test]
async fn changes_count_at_once() {
    let store = Store::temporary().await.unwrap();
    let clock = Clock::frozen(1_000);
    let tokens = Tokens::new(store.clone(), clock.clone());
    put_member(&store, Role::Writer).await;
    assert!(refused(&tokens, "api-secret").await);
    put_token(&store, &secret_token()).await;
    assert!(may_write(&ask(&tokens, "api-secret").await.unwrap()));
    assert!(refused(&tokens, &secret::hash("api-secret")).await, "the hash is no credential");

    put_member(&store, Role::Reader).await;
    assert!(!may_write(&ask(&tokens, "api-secret").await.unwrap()));

    // A reset: the new value counts, the old one until its end.
    let previous = PreviousToken { hash: secret::hash("api-secret"), expiry: 2_000 };
    put_token(&store, &Token { hash: secret::hash("api-new"), previous: Some(previous), ..secret_token() }).await;
    assert!(!refused(&tokens, "api-secret").await && !refused(&tokens, "api-new").await);
    clock.advance(1_000);
    assert!(refused(&tokens, "api-secret").await && !refused(&tokens, "api-new").await);

    put_token(&store, &Token { hash: secret::hash("api-new"), expiry: Some(2_000), ..secret_token() }).await;
    assert!(refused(&tokens, "api-new").await);
    put_token(&store, &secret_token()).await;
    assert!(!refused(&tokens, "api-secret").await);
    delete_token(&store).await;
    assert!(refused(&tokens, "api-secret").await);
    put_token(&store, &secret_token()).await;
    put(&store, DocKey::account(Kind::Member, "me"), WriteOp::Delete).await;
    assert!(refused(&tokens, "api-secret").await);
}

/// Another node learns of a revoked token by the feed, without being told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_nodes_learn_of_it() {
    let database = wigwag_store::testing::database().await.unwrap();
    let config = StoreConfig::postgres_with(&*database.url, 2);
    let (here, there) = (Store::open(&config).await.unwrap(), Store::open(&config).await.unwrap());
    put_member(&here, Role::Writer).await;
    put_token(&here, &secret_token()).await;
    let tokens = Tokens::new(there.clone(), Clock::frozen(0));
    ask(&tokens, "api-secret").await.unwrap();
    delete_token(&here).await;
    let revoked = *here.watch().borrow();
    let mut known = there.watch();
    let heard = known.wait_for(|head| *head >= revoked);
    tokio::time::timeout(Duration::from_secs(30), heard).await.unwrap().unwrap();
    assert!(refused(&tokens, "api-secret").await);
    here.close().await;
    there.close().await;
}

/// Roles and teams count at once, too.
#[tokio::test]
async fn roles_and_teams_are_not_overlooked() {
    use crate::roles::{role, team};
    let store = Store::temporary().await.unwrap();
    let tokens = Tokens::new(store.clone(), Clock::frozen(1_000));
    put_member(&store, Role::Reader).await;
    put_token(&store, &secret_token()).await;
    let policy =
        |action: &str| vec![serde_json::json!({"effect": "allow", "actions": [action], "resources": ["proj/*"]})];
    let save = async |role: &wigwag_model::doc::CustomRole| {
        let body = serde_json::to_string(role).unwrap();
        put(&store, DocKey::account(Kind::CustomRole, &*role.id), WriteOp::Put { body, index: IndexFacts::new() })
            .await;
    };
    let in_team = async |roles: &[&str]| {
        let body = serde_json::to_string(&team("t", roles, &[])).unwrap();
        put(&store, DocKey::account(Kind::Team, "t"), WriteOp::Put { body, index: IndexFacts::new() }).await;
    };
    let base = wigwag_model::doc::BasePermissions::NoAccess;
    let writes = async || may_write(&ask(&tokens, "api-secret").await.unwrap());
    assert!(!writes().await);
    in_team(&["r"]).await;
    assert!(!writes().await, "there is no such role yet");
    save(&role("r", base, policy("updateTags"))).await;
    assert!(writes().await);
    save(&role("r", base, policy("updateName"))).await;
    assert!(!writes().await);
    save(&role("r", base, policy("update*"))).await;
    assert!(writes().await);
    in_team(&[]).await;
    assert!(!writes().await);
    in_team(&["r"]).await;
    put(&store, DocKey::account(Kind::CustomRole, "id-r"), WriteOp::Delete).await;
    assert!(!writes().await);
    // What others write is no reason to resolve anew, and does not confuse.
    for n in 0..30 {
        let op = WriteOp::Put { body: "{}".to_owned(), index: IndexFacts::new() };
        put(&store, DocKey::account(Kind::Webhook, format!("w{n}")), op).await;
    }
    save(&role("r", base, policy("update*"))).await;
    assert!(writes().await);
}

#[tokio::test]
async fn uses_are_noted() {
    let store = Store::temporary().await.unwrap();
    let clock = Clock::frozen(1_000);
    let activity = wigwag_auth::Activity::new(store.clone());
    let tokens = Tokens::new(store.clone(), clock.clone()).noting(activity.clone());
    put_member(&store, Role::Reader).await;
    put_token(&store, &secret_token()).await;
    let subjects = ["token/token".to_owned(), "member/me".to_owned(), "token/other".to_owned()];
    assert!(activity.last(&subjects).await.unwrap().is_empty());
    let head = store.head().await.unwrap();
    ask(&tokens, "api-secret").await.unwrap();
    assert_eq!(activity.last(&subjects).await.unwrap()["token/token"], 1_000);
    assert!(store.volume().last_uses(&subjects).await.unwrap().is_empty(), "not written yet");
    activity.flush().await.unwrap();
    assert_eq!(store.volume().last_uses(&subjects).await.unwrap().len(), 2);
    clock.advance(500);
    ask(&tokens, "api-secret").await.unwrap();
    assert!(ask(&tokens, "api-unknown").await.is_err());
    assert_eq!(activity.last(&subjects).await.unwrap()["member/me"], 1_500);
    activity.flush().await.unwrap();
    assert_eq!(store.volume().last_uses(&subjects).await.unwrap()["token/token"], 1_500);
    // An older time changes nothing, and nothing of this is a change.
    store.volume().note_uses(vec![("token/token".to_owned(), 7)]).await.unwrap();
    assert_eq!(activity.last(&subjects).await.unwrap()["token/token"], 1_500);
    assert_eq!(store.head().await.unwrap(), head);
}
