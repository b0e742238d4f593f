//! A second factor that is demanded.

use serde_json::{Value, json};
use wigwag_auth::totp;
use wigwag_model::doc::Role;
use wigwag_store::Store;

use super::browser::{Browser, PASSWORD, Seen, letter_secret};
use super::factor::{seed, switch_on};
use super::recover::invited;
use crate::support::{Answer, House, on_both_engines};

on_both_engines! {
    who_demands_it_has_one;
    it_is_set_up_before_anything_else;
    of_whom_it_is_demanded;
}

const BOB: &str = "bob@example.com";
const BOBS: &str = "bob's password";

/// The owner's token demands it.
pub async fn demand(house: &House, of: &str) -> Answer {
    house.send("PUT /internal/require-mfa", Some(&json!({"requireMfa": of}))).await
}

/// A house whose owner has a second factor, and a member.
async fn with_bob(store: Store, role: Role) -> (House, String) {
    let house = House::open(store).await;
    switch_on(&Browser::signed_in(&house).await).await;
    let bob = invited(&house, BOB, role).await.id;
    (house, bob)
}

async fn accept(browser: &Browser<'_>) -> Value {
    let body = json!({"token": letter_secret(browser.house).await, "password": BOBS});
    browser.post("/internal/invitation/accept", body).await.expect(200)
}

async fn sign_in(browser: &Browser<'_>) -> Value {
    browser.post("/internal/session", json!({"email": BOB, "password": BOBS})).await.expect(200)
}

async fn set_up(browser: &Browser<'_>) -> [u8; totp::SEED] {
    let begun = browser.post("/internal/session/totp/set-up", json!({})).await.expect(200);
    seed(begun["secret"].as_str().unwrap())
}

async fn confirm(browser: &Browser<'_>, code: &str) -> Seen {
    browser.post("/internal/session/totp/confirm", json!({"code": code})).await
}

async fn who_demands_it_has_one(store: Store) {
    let house = House::open(store).await;
    let state = async || house.get("/internal/require-mfa").await.ok();
    assert_eq!(state().await, json!({"requireMfa": "none"}));
    let head = house.head().await;
    for of in ["admins", "everyone"] {
        assert!(demand(&house, of).await.refused(409, "conflict").contains("second factor of your own"));
    }
    demand(&house, "some").await.refused(400, "invalid_request");
    assert_eq!(demand(&house, "none").await.ok(), json!({"requireMfa": "none"}));
    assert_eq!(house.head().await, head);

    switch_on(&Browser::signed_in(&house).await).await;
    let send = async |token: &Value, line: &str, body: &str| {
        house.raw(line, &[("authorization", token["token"].as_str().unwrap())], body).await
    };
    for (token, status) in [
        (json!({"role": "writer"}), 403),
        (json!({"role": "admin", "serviceToken": true}), 409),
        (json!({"role": "admin"}), 200),
    ] {
        let made = house.post("/api/v2/tokens", token.clone()).await.ok();
        let answer = send(&made, "PUT /internal/require-mfa", r#"{"requireMfa": "admins"}"#).await;
        assert_eq!(answer.status(), status, "{token}: {}", answer.text());
    }
    assert_eq!(state().await, json!({"requireMfa": "admins"}));
    let entry = house.newest().await;
    assert_eq!((&entry["kind"], &entry["titleVerb"]), (&json!("account"), &json!("updated the account")));
    assert_eq!(entry["accesses"][0]["action"], "updateRequireMfa");
    assert!(entry["description"].as_str().unwrap().contains("from ~~`none`~~ to `admins`"), "{entry}");
    // Taking it back takes no factor.
    let service = house.post("/api/v2/tokens", json!({"role": "admin", "serviceToken": true})).await.ok();
    send(&service, "PUT /internal/require-mfa", r#"{"requireMfa": "none"}"#).await.ok();
    assert_eq!(state().await, json!({"requireMfa": "none"}));
}

async fn it_is_set_up_before_anything_else(store: Store) {
    let (house, _) = with_bob(store, Role::Writer).await;
    demand(&house, "everyone").await.ok();
    let browser = Browser::new(&house);
    assert_eq!(accept(&browser).await, json!({"next": "totpSetUp"}));
    assert_eq!(browser.cookie("wigwag_session"), None);
    assert_eq!(browser.get("/internal/session").await.expect(200)["next"], "totpSetUp");
    // Nothing else can be done with it.
    assert!(!browser.is_in().await);
    for (method, path) in [("POST", "/internal/totp"), ("GET", "/internal/sessions"), ("GET", "/api/v2/projects")] {
        browser.send(method, path, "application/json", "{}").await.refused(401, "unauthorized");
    }
    browser.post("/internal/session/totp", json!({"code": "123456"})).await.refused(401, "unauthorized");
    confirm(&browser, "123456").await.refused(400, "invalid_request");

    // Signing in anew leads to the same place, and so does a set-up that was left.
    let other = Browser::new(&house);
    assert_eq!(sign_in(&other).await, json!({"next": "totpSetUp"}));
    set_up(&other).await;
    let seed = set_up(&browser).await;
    confirm(&browser, "12345").await.refused(400, "invalid_request");
    let code = || totp::code_at(&seed, house.clock.now());
    let codes = confirm(&browser, &code()).await.expect(200);
    assert_eq!(codes["recoveryCodes"].as_array().unwrap().len(), 10);
    assert!(browser.is_in().await);
    assert_eq!(browser.cookie("wigwag_half"), None);
    let now = browser.get("/internal/session").await.expect(200);
    assert_eq!((&now["mfa"], &now["session"]["signedInBy"]), (&json!("enabled"), &json!("invitation+totp")));
    assert_eq!(house.newest().await["titleVerb"], "switched on the second factor of");

    // It is asked for from now on, cannot be set up twice that way, and stays.
    house.clock.advance(60_000);
    confirm(&other, &code()).await.refused(401, "unauthorized");
    other.post("/internal/session/totp/set-up", json!({})).await.refused(401, "unauthorized");
    assert_eq!(sign_in(&other).await, json!({"next": "totp"}));
    other.post("/internal/session/totp", json!({"code": code()})).await.expect(200);
    browser.delete("/internal/totp", json!({"password": BOBS})).await.refused(409, "conflict");
    assert!(browser.is_in().await);
    // Nobody sets one up without the password.
    let stranger = Browser::new(&house);
    stranger.post("/internal/session/totp/set-up", json!({})).await.refused(401, "unauthorized");
    confirm(&stranger, &code()).await.refused(401, "unauthorized");
}

async fn of_whom_it_is_demanded(store: Store) {
    let (house, bob) = with_bob(store, Role::Writer).await;
    let (browser, other) = (Browser::new(&house), Browser::new(&house));
    assert_eq!(accept(&browser).await["next"], "done");
    assert_eq!(sign_in(&other).await["next"], "done");
    let made = browser.post("/api/v2/tokens", json!({"name": "bob's"})).await.expect(201);
    let token = made["token"].as_str().unwrap().to_owned();
    let by_token =
        async || house.raw("GET /api/v2/members/me", &[("authorization", token.as_str())], "").await.status();

    demand(&house, "admins").await.ok();
    assert!(browser.is_in().await, "a writer is none");
    let admin = json!([{"op": "replace", "path": "/role", "value": "admin"}]);
    house.patch(&format!("/api/v2/members/{bob}"), admin).await.ok();
    assert!(!browser.is_in().await, "an admin needs one at once");
    assert_eq!(by_token().await, 200, "tokens are not concerned");
    demand(&house, "none").await.ok();
    assert!(browser.is_in().await);
    demand(&house, "everyone").await.ok();
    assert!(!browser.is_in().await && !other.is_in().await);

    // Who sets one up has one session: that which proved it.
    assert_eq!(sign_in(&browser).await["next"], "totpSetUp");
    let seed = set_up(&browser).await;
    confirm(&browser, &totp::code_at(&seed, house.clock.now())).await.expect(200);
    assert!(browser.is_in().await && !other.is_in().await);
    // One that was reset is set up anew.
    house.delete(&format!("/internal/members/{bob}/totp")).await.ok();
    assert!(!browser.is_in().await);
    assert_eq!(sign_in(&browser).await["next"], "totpSetUp");
    // The owner, who has one, has been in all the time, and signs in as before.
    let owner = Browser::new(&house);
    let post = json!({"email": super::browser::EMAIL, "password": PASSWORD});
    assert_eq!(owner.post("/internal/session", post).await.expect(200)["next"], "totp");
    // What was demanded half way is no longer, once it is taken back.
    demand(&house, "none").await.ok();
    browser.post("/internal/session/totp/set-up", json!({})).await.refused(401, "unauthorized");
    assert_eq!(sign_in(&browser).await["next"], "done");
}
