//! Secrets at rest: sealed, and sealed anew with another key.

use serde_json::json;
use wigwag_api::sign_in::operator::Operator;
use wigwag_kit::Keyring;
use wigwag_model::doc::{Environment, KeyValue, Kind, Webhook};
use wigwag_model::id::Ids;
use wigwag_store::{Commit, DocKey, NewChange, Store, Write};

use crate::sign_in::browser::Browser;
use crate::sign_in::factor::switch_on;
use crate::support::{House, on_both_engines};

on_both_engines! {
    nothing_is_stored_in_the_clear;
    sealed_anew;
    what_was_stored_in_the_clear_is_sealed;
    a_key_that_is_missing;
    keys_kept_in_the_database_are_forgotten;
}

const SECRET: &str = "plugh-webhook-secret";
const API_KEY: &str = "xyzzy-datadog-key";

fn old() -> Keyring {
    Keyring::of([7; 32])
}

fn new() -> Keyring {
    Keyring::of([8; 32])
}

async fn operator(house: &House, keyring: Option<Keyring>) -> Operator {
    Operator::with(&house.store, &house.clock, &Ids::seeded(99), keyring).await.unwrap()
}

/// The house of another process, with these keys.
async fn reopened(house: &House, keyring: Keyring) -> House {
    House::keyed(house.store.clone(), http::Extensions::new(), keyring).await
}

/// One of everything that is sealed; answers the webhook's path.
async fn furnish(house: &House) -> String {
    let hook = json!({"url": "https://hooks.example.com/", "secret": SECRET, "sign": true, "on": true});
    let hook = house.post("/api/v2/webhooks", hook).await.ok();
    let body = json!({"name": "D", "config": {"apiKey": API_KEY, "hostURL": "https://api.datadoghq.com"}, "on": true});
    house.post("/api/v2/integrations/datadog", body).await.ok();
    format!("/api/v2/webhooks/{}", hook["_id"].as_str().unwrap())
}

async fn texts(house: &House) -> String {
    let mut all = String::new();
    for kind in Kind::ALL {
        for doc in house.store.scan(*kind, None, None).await.unwrap() {
            all.push_str(&doc.body);
        }
    }
    for row in house.store.changes_after(0, 1000).await.unwrap() {
        all.push_str(&row.change.body);
    }
    all
}

async fn nothing_is_stored_in_the_clear(store: Store) {
    let house = House::open(store).await;
    furnish(&house).await;
    let test = house.get("/api/v2/projects/default/environments/test").await.ok();
    let named = json!({"key": "k", "name": "K"});
    let named = house.post("/api/v2/projects/default/environments/test/sdk-keys", named).await.ok();
    house.post("/api/v2/projects/default/environments/test/apiKey?expiry=1800000000000", json!(null)).await.ok();
    let secrets = [&test["apiKey"], &test["mobileKey"], &named["value"]];
    let all = texts(&house).await;
    for secret in secrets.into_iter().map(|text| text.as_str().unwrap()).chain([SECRET, API_KEY, "mob-", "sdk-\\u"]) {
        assert!(!all.contains(secret), "{secret} is stored");
    }
}

async fn sealed_anew(store: Store) {
    let house = House::open(store).await;
    let hook = furnish(&house).await;
    let (seed, _) = switch_on(&Browser::signed_in(&house).await).await;
    let test = "/api/v2/projects/default/environments/test";
    let shown = house.get(test).await.ok();
    let before = house.store.head().await.unwrap();

    let both = operator(&house, Some(new().with(old()))).await;
    let status = both.secrets().await.unwrap();
    assert!(!status.is_done(), "{status}");
    let text = status.to_string();
    assert!(text.contains("environment 4") && text.contains("integration 1") && text.contains("member 1"), "{text}");
    assert_eq!(both.rotate_secrets().await.unwrap(), 5, "two environments, a webhook, a subscription, a member");
    let status = both.secrets().await.unwrap();
    assert!(
        status.is_done() && status.to_string().contains("seals   member 1, webhook 1, integration 1, environment 4"),
        "{status}"
    );
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "sealed secrets anew in");
    let changes = house.store.head().await.unwrap() - before;
    assert_eq!(both.rotate_secrets().await.unwrap(), 0, "nothing is left to do");
    assert_eq!(house.store.head().await.unwrap() - before, changes);

    // Without the old key everything that holds now is read.
    let fresh = reopened(&house, new()).await;
    assert_eq!(fresh.get(test).await.ok()["apiKey"], shown["apiKey"]);
    assert_eq!(fresh.get(&hook).await.ok()["secret"], SECRET);
    fresh.patch(&hook, json!([{"op": "replace", "path": "/name", "value": "still"}])).await.ok();
    assert_eq!(fresh.get(&hook).await.ok()["secret"], SECRET);
    let browser = Browser::new(&fresh);
    let body = json!({"email": crate::sign_in::browser::EMAIL, "password": crate::sign_in::browser::PASSWORD});
    browser.post("/internal/session", body).await.expect(200);
    fresh.clock.advance(60_000);
    let code = wigwag_auth::totp::code_at(&seed, fresh.clock.now());
    browser.post("/internal/session/totp", json!({"code": code})).await.expect(200);
    // The past is shown without what only the old key opens.
    let past = fresh.get(&format!("{test}?asOf={before}")).await.ok();
    assert_eq!((&past["apiKey"], &past["_id"]), (&json!("******"), &shown["_id"]));
    for entry in fresh.get("/api/v2/auditlog?limit=20").await.ok()["items"].as_array().unwrap() {
        fresh.get(entry["_links"]["self"]["href"].as_str().unwrap()).await.ok();
    }
}

/// As releases before secrets were sealed wrote them.
async fn what_was_stored_in_the_clear_is_sealed(store: Store) {
    let house = House::open(store).await;
    let hook = furnish(&house).await;
    let key = DocKey::account(Kind::Webhook, hook.rsplit('/').next().unwrap());
    let doc = house.store.get(&key).await.unwrap().unwrap();
    let plain = Webhook { secret: Some(SECRET.to_owned()), sealed_secret: None, ..doc.decode().unwrap() };
    let env_key = DocKey::in_project(Kind::Environment, "default", "test");
    let env_doc = house.store.get(&env_key).await.unwrap().unwrap();
    let mut environment: Environment = env_doc.decode().unwrap();
    for (_, key) in environment.keys_mut() {
        key.value = KeyValue::Clear(format!("old-{}", key.value.clear().is_none()));
    }
    let mut mobile = environment.mobile_keys[0].clone();
    mobile.value = KeyValue::Clear("mob-old".to_owned());
    environment.mobile_keys = vec![mobile];
    let writes = vec![
        Write::update(key, doc.version, serde_json::to_string(&plain).unwrap(), Default::default()),
        Write::update(env_key, env_doc.version, serde_json::to_string(&environment).unwrap(), Default::default()),
    ];
    let change = NewChange { id: "0".repeat(24), body: house.newest().await.to_string(), ..NewChange::default() };
    house.store.commit(Commit::new(writes, change)).await.unwrap();
    assert_eq!(house.get(&hook).await.ok()["secret"], SECRET, "it is taken as it is");

    let operator = operator(&house, Some(old())).await;
    let status = operator.secrets().await.unwrap();
    assert_eq!(status.clear.iter().map(|(kind, count)| (*kind, *count)).collect::<Vec<_>>().len(), 2, "{status}");
    assert_eq!(operator.rotate_secrets().await.unwrap(), 2);
    assert!(operator.secrets().await.unwrap().is_done());
    assert_eq!(house.get(&hook).await.ok()["secret"], SECRET);
    let shown = house.get("/api/v2/projects/default/environments/test").await.ok();
    assert_eq!((&shown["apiKey"], &shown["mobileKey"]), (&json!("old-true"), &json!("mob-old")));
    let all = texts(&house).await;
    assert!(!all.contains(SECRET) && !all.contains("mob-old"));
}

async fn a_key_that_is_missing(store: Store) {
    let house = House::open(store).await;
    let hook = furnish(&house).await;
    let operator = operator(&house, Some(new())).await;
    assert_eq!(operator.rotate_secrets().await.unwrap(), 0, "nothing can be opened, nothing is touched");
    let status = operator.secrets().await.unwrap();
    assert!(!status.is_done() && status.to_string().contains("MISSING"), "{status}");
    let other = reopened(&house, new()).await;
    other.get(&hook).await.refused(500, "internal_service_error");
    assert_eq!(house.get(&hook).await.ok()["secret"], SECRET);
}

async fn keys_kept_in_the_database_are_forgotten(store: Store) {
    let (clock, ids) = (wigwag_model::clock::Clock::frozen(crate::support::NOW), Ids::seeded(7));
    let options = wigwag_api::bootstrap::Init::default();
    wigwag_api::bootstrap::run(&store, &clock, &ids, None, options).await.unwrap();
    // A server that is told its keys later still opens what was sealed before.
    let house = House::keyed(store, http::Extensions::new(), new()).await;
    let kept = operator(&house, None).await;
    let error = kept.rotate_secrets().await.unwrap_err().to_string();
    assert!(error.contains("secret-key-file"), "{error}");
    let told = operator(&house, Some(new())).await;
    assert_eq!(told.rotate_secrets().await.unwrap(), 2);
    let status = told.secrets().await.unwrap();
    assert!(status.is_done() && !status.kept, "{status}");
    let account = house.store.get(&DocKey::account(Kind::Account, "account")).await.unwrap().unwrap();
    assert!(!account.body.contains("keyring"));
    let alone = operator(&house, Some(new())).await.secrets().await.unwrap();
    assert!(alone.is_done() && alone.keys.len() == 1, "{alone}");
}
