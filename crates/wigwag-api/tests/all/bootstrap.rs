//! The first start.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::json;
use wigwag_api::bootstrap::{self, Init};
use wigwag_auth::password;
use wigwag_kit::Keyring;
use wigwag_model::clock::Clock;
use wigwag_model::doc::{Kind, Member};
use wigwag_model::id::Ids;
use wigwag_store::{ListQuery, Store, StoreConfig};

use crate::house::{House, on_both_engines};

on_both_engines! {
    one_entry_says_it_all,
    later_starts_change_nothing,
}

async fn one_entry_says_it_all(house: House) {
    assert_eq!(house.head().await, 1, "one commit");
    let (entry, record) = house.last_entry().await;
    assert_eq!((&*entry.kind, entry.member_id, entry.token_id), ("account", None, None));
    let mut actions: Vec<_> =
        record["accesses"].as_array().unwrap().iter().map(|a| a["action"].as_str().unwrap()).collect();
    let roles = actions.split_off(6);
    assert_eq!(roles, ["createRole"; 9], "the roles that come with every account");
    assert_eq!(
        actions,
        [
            "updateOrganization",
            "createMember",
            "createAccessToken",
            "createProject",
            "createEnvironment",
            "createEnvironment"
        ]
    );
    let owners = house.store.list(&ListQuery::account(Kind::Member)).await.unwrap();
    let owner: Member = owners.docs[0].decode().unwrap();
    assert!(password::verify("correct horse battery", owner.password_hash.as_deref().unwrap()));
    let project = house.owner().get("/api/v2/projects/default?expand=environments").await.expect(200);
    assert_eq!(project["environments"]["totalCount"], 2);
}

async fn later_starts_change_nothing(house: House) {
    let init = Init { owner_password: Some("x".into()), access_token: Some("api-another".into()), ..Init::default() };
    let again = house
        .unchanged(bootstrap::run(&house.store, &house.clock, &house.ids, Some(Keyring::of([7; 32])), init))
        .await
        .unwrap();
    assert!(again.first.is_none());
    let identity = house.owner().get("/api/v2/caller-identity").await.expect(200);
    assert_eq!(identity["accountId"], again.account_id);
    house.with("api-another").get("/api/v2/caller-identity").await.refused(401, "unauthorized");
}

#[tokio::test]
async fn what_is_not_given_is_generated() {
    let store = Store::temporary().await.unwrap();
    let made = bootstrap::run(&store, &Clock::system(), &Ids::seeded(1), None, Init::default()).await.unwrap();
    let first = made.first.unwrap();
    assert_eq!(first.owner_password.len(), 20);
    assert!(first.access_token.starts_with("api-"));
    let keys: Vec<_> = first.environments.iter().map(|e| e.key.as_str()).collect();
    assert_eq!(keys, ["test", "production"]);
    let debug = format!("{first:?}");
    assert!(!debug.contains(&first.owner_password) && !debug.contains("sdk-"), "{debug}");
}

/// An account made with keys of its own, or before there were any, is later started without.
#[tokio::test]
async fn keys_that_are_not_given_are_kept_in_the_store() {
    let store = Store::temporary().await.unwrap();
    let start = |keyring: Option<Keyring>, seed| {
        let store = store.clone();
        async move { bootstrap::run(&store, &Clock::system(), &Ids::seeded(seed), keyring, Init::default()).await }
    };
    start(Some(Keyring::of([7; 32])), 1).await.unwrap();
    let first = start(None, 2).await.unwrap();
    assert_eq!(store.head().await.unwrap(), 2, "the key is a change on the record");
    let again = start(None, 3).await.unwrap();
    assert_eq!(store.head().await.unwrap(), 2);
    let sealed = first.keyring.seal(&Ids::seeded(9), "x", "y").unwrap();
    assert_eq!(again.keyring.open("x", &sealed).unwrap(), "y");
}

#[tokio::test]
async fn bad_options_are_refused_by_name() {
    let store = Store::temporary().await.unwrap();
    let cases = [
        (json!({"e": "nobody"}), "owner e-mail"),
        (json!({"e": "a b@c"}), "owner e-mail"),
        (json!({"p": "short"}), "owner password"),
        (json!({"t": "sdk-0123456789"}), "access token"),
        (json!({"t": "api token"}), "access token"),
    ];
    for (options, names) in cases {
        let text = |name: &str| options[name].as_str().map(str::to_owned);
        let init = Init { owner_email: text("e"), owner_password: text("p"), access_token: text("t") };
        let error = bootstrap::run(&store, &Clock::system(), &Ids::seeded(1), None, init).await.unwrap_err();
        assert!(error.to_string().contains(names), "{options}: {error}");
        assert_eq!(store.head().await.unwrap(), 0);
    }
}

/// A weak password is taken: whoever runs the server is only warned.
#[tokio::test]
async fn a_weak_first_password_is_taken() {
    for weak in ["8 or more", "password1234"] {
        let store = Store::temporary().await.unwrap();
        let init = Init { owner_password: Some(weak.to_owned()), ..Init::default() };
        let made = bootstrap::run(&store, &Clock::system(), &Ids::seeded(1), None, init).await.unwrap();
        assert_eq!(made.first.unwrap().owner_password, weak);
    }
}

/// Two processes on one database: one account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starting_together_makes_one_account() {
    let database = wigwag_store::testing::database().await.unwrap();
    let config = StoreConfig::postgres_with(&*database.url, 2);
    let starts = (0..4_u64).map(|seed| {
        let config = config.clone();
        tokio::spawn(async move {
            let store = Store::open(&config).await.unwrap();
            let made =
                bootstrap::run(&store, &Clock::system(), &Ids::seeded(seed), None, Init::default()).await.unwrap();
            store.close().await;
            made
        })
    });
    let made: Vec<_> = futures_util::future::join_all(starts).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(made.iter().filter(|m| m.first.is_some()).count(), 1);
    assert!(made.iter().all(|m| m.account_id == made[0].account_id));
    let sealed = made[0].keyring.seal(&Ids::seeded(9), "x", "y").unwrap();
    assert!(made.iter().all(|m| m.keyring.open("x", &sealed).is_ok()), "one key, kept in the database");
    let store = Store::open(&config).await.unwrap();
    assert_eq!(store.head().await.unwrap(), 1);
    store.close().await;
}
