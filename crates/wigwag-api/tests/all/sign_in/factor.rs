//! The second factor.

use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use wigwag_api::sign_in::{Carrier, Letter, Mail};
use wigwag_auth::totp;
use wigwag_kit::BoxFuture;
use wigwag_store::Store;

use super::browser::{Browser, EMAIL, PASSWORD};
use crate::support::{House, on_both_engines};

/// Long enough for a letter.
const PATIENCE: Duration = Duration::from_secs(30);

on_both_engines! {
    set_up_and_used;
    recovery_codes;
    switched_off;
    who_signs_in_otherwise_is_told;
}

/// Base32 back to bytes.
pub fn seed(secret: &str) -> [u8; totp::SEED] {
    let mut bits = Vec::new();
    for c in secret.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|own| *own == c).unwrap();
        bits.extend((0..5).rev().map(|bit| (value >> bit & 1) as u8));
    }
    let bytes: Vec<u8> = bits.chunks(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | bit)).collect();
    bytes[..totp::SEED].try_into().unwrap()
}

/// Switches it on; answers the seed and the recovery codes.
pub async fn switch_on(browser: &Browser<'_>) -> ([u8; totp::SEED], Vec<String>) {
    let begun = browser.post("/internal/totp", json!({})).await.expect(200);
    let seed = seed(begun["secret"].as_str().unwrap());
    assert!(begun["url"].as_str().unwrap().starts_with("otpauth://totp/Wigwag:ann@example.com?secret="), "{begun}");
    let code = totp::code_at(&seed, browser.house.clock.now());
    let done = browser.post("/internal/totp/confirm", json!({"code": code})).await.expect(200);
    (seed, done["recoveryCodes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect())
}

async fn first_step(browser: &Browser<'_>) {
    let rep = browser.post("/internal/session", json!({"email": EMAIL, "password": PASSWORD})).await.expect(200);
    assert_eq!(rep, json!({"next": "totp"}));
    assert_eq!(browser.cookie("wigwag_session"), None);
    assert_eq!(browser.get("/internal/session").await.expect(200)["next"], "totp");
}

async fn set_up_and_used(store: Store) {
    let house = House::open(store).await;
    let (browser, other) = (Browser::signed_in(&house).await, Browser::signed_in(&house).await);
    browser.post("/internal/totp/confirm", json!({"code": "123456"})).await.refused(400, "invalid_request");
    browser.post("/internal/totp", json!({})).await.expect(200);
    browser.post("/internal/totp/confirm", json!({"code": "12345"})).await.refused(400, "invalid_request");
    assert_eq!(browser.get("/api/v2/members/me").await.expect(200)["mfa"], "disabled");
    let before = browser.cookie("wigwag_session").unwrap();
    let (seed, codes) = switch_on(&browser).await;
    assert_eq!(codes.len(), 10);
    assert_ne!(browser.cookie("wigwag_session").unwrap(), before);
    assert!(browser.is_in().await && !other.is_in().await);
    assert_eq!(browser.get("/api/v2/members/me").await.expect(200)["mfa"], "enabled");
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "switched on the second factor of");
    assert!(!entry.to_string().contains("seed"), "{entry}");
    browser.post("/internal/totp", json!({})).await.refused(409, "conflict");

    other.cookies.borrow_mut().clear();
    first_step(&other).await;
    let code_now = || totp::code_at(&seed, house.clock.now());
    let send = async |code: &str| other.post("/internal/session/totp", json!({"code": code})).await;
    send(&code_now()).await.refused(401, "unauthorized"); // It confirmed the set-up.
    send("000000").await.refused(401, "unauthorized");
    house.clock.advance(30_000);
    let code = code_now();
    assert_eq!(send(&code).await.expect(200)["next"], "done");
    assert!(other.is_in().await);
    assert_eq!(other.cookie("wigwag_half"), None);
    let how = other.get("/internal/session").await.expect(200)["session"]["signedInBy"].clone();
    assert_eq!(how, "password+totp");

    // The same code a second time, and the second step without the first.
    let third = Browser::new(&house);
    third.post("/internal/session/totp", json!({"code": code})).await.refused(401, "unauthorized");
    first_step(&third).await;
    third.post("/internal/session/totp", json!({"code": code})).await.refused(401, "unauthorized");
    // Half a session is none, and does not last.
    assert!(!third.is_in().await);
    house.clock.advance(10 * 60_000);
    assert_eq!(third.get("/internal/session").await.expect(200)["next"], "password");
    third.post("/internal/session/totp", json!({"code": code_now()})).await.refused(401, "unauthorized");
}

async fn recovery_codes(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::signed_in(&house).await;
    let (_, codes) = switch_on(&browser).await;
    let other = Browser::new(&house);
    first_step(&other).await;
    let typed = codes[3].replace('-', " ").to_uppercase();
    other.post("/internal/session/totp", json!({"code": typed})).await.expect(200);
    assert!(other.is_in().await);
    assert_eq!(house.newest().await["titleVerb"], "used a recovery code of");
    first_step(&Browser::new(&house)).await;
    let third = Browser::new(&house);
    first_step(&third).await;
    third.post("/internal/session/totp", json!({"code": codes[3]})).await.refused(401, "unauthorized");
    third.post("/internal/session/totp", json!({"code": codes[4]})).await.expect(200);
    // Guessing is slowed down, whatever the half session.
    let mut last = 0;
    for _ in 0..12 {
        let guesser = Browser::new(&house);
        first_step(&guesser).await;
        last = guesser.post("/internal/session/totp", json!({"code": "111111"})).await.status();
    }
    assert_eq!(last, 429);
}

async fn switched_off(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::signed_in(&house).await;
    switch_on(&browser).await;
    browser.delete("/internal/totp", json!({"password": "wrong"})).await.refused(401, "unauthorized");
    house.send("DELETE /internal/totp", Some(&json!({"password": PASSWORD}))).await.refused(403, "forbidden");
    assert_eq!(browser.delete("/internal/totp", json!({"password": PASSWORD})).await.status(), 204);
    assert_eq!(browser.get("/api/v2/members/me").await.expect(200)["mfa"], "disabled");
    Browser::new(&house).sign_in().await;

    switch_on_again(&house, &browser).await;
    let me = browser.get("/api/v2/members/me").await.expect(200)["_id"].as_str().unwrap().to_owned();
    let line = format!("DELETE /internal/members/{me}/totp");
    let reader = house.post("/api/v2/tokens", json!({"role": "reader", "serviceToken": true})).await.ok();
    house.raw(&line, &[("authorization", reader["token"].as_str().unwrap())], "").await.refused(403, "forbidden");
    house.send(&line, None).await.ok();
    assert_eq!(house.newest().await["accesses"][0]["action"], "resetMemberMfa");
    Browser::new(&house).sign_in().await;
}

/// Carries letters into the test.
struct Postman(mpsc::UnboundedSender<Letter>);

impl Carrier for Postman {
    fn carry<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), String>> {
        self.0.send(letter.clone()).unwrap();
        Box::pin(std::future::ready(Ok(())))
    }
}

async fn who_signs_in_otherwise_is_told(store: Store) {
    let (sender, mut letters) = mpsc::unbounded_channel();
    let mut extensions = http::Extensions::new();
    extensions.insert(Mail::by(Postman(sender)));
    let house = House::extended(store, extensions).await;
    let browser = Browser::signed_in(&house).await;
    let mut told = async |what: &str| {
        let letter = tokio::time::timeout(PATIENCE, letters.recv()).await.expect("a letter").unwrap();
        assert_eq!((&*letter.to, letter.subject), (EMAIL, format!("{what} at Wigwag")));
        assert!(letter.text.contains("https://flags.example.com/reset-password\n"), "{}", letter.text);
    };
    let (_, codes) = switch_on(&browser).await;
    told("Your second factor was switched on").await;
    let other = Browser::new(&house);
    first_step(&other).await;
    other.post("/internal/session/totp", json!({"code": codes[0]})).await.expect(200);
    told("A recovery code of yours was used").await;
    assert_eq!(browser.delete("/internal/totp", json!({"password": PASSWORD})).await.status(), 204);
    told("Your second factor was switched off").await;
    let change = json!({"current": PASSWORD, "password": "another horse"});
    assert_eq!(browser.post("/internal/password", change).await.status(), 204);
    told("Your password was changed").await;
}

pub async fn switch_on_again(house: &House, browser: &Browser<'_>) {
    house.clock.advance(120_000);
    switch_on(browser).await;
}
