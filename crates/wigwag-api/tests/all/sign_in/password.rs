//! E-mail address and password.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::browser::{Browser, EMAIL, PASSWORD};
use crate::support::{House, NOW, OWNER, on_both_engines};

on_both_engines! {
    in_and_out;
    whatever_is_wrong_is_the_same;
    tries_are_slowed_down;
    foreign_pages;
    cookies_of_other_hosts;
    changing_it;
}

async fn in_and_out(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::new(&house);
    let head = house.head().await;
    assert_eq!(browser.get("/internal/session").await.expect(200), json!({"next": "password", "singleSignOn": false}));
    let rep =
        browser.post("/internal/session", json!({"email": " ANN@example.com", "password": PASSWORD})).await.expect(200);
    assert_eq!((&rep["next"], &rep["member"]["email"]), (&json!("done"), &json!(EMAIL)));
    let now = browser.get("/internal/session").await.expect(200);
    assert_eq!((&now["next"], &now["mfa"]), (&json!("done"), &json!("disabled")));
    let session = &now["session"];
    assert_eq!((&session["userAgent"], &session["signedInBy"]), (&json!("Lynx/2.9"), &json!("password")));
    assert_eq!(session["expires"], NOW + 14 * 24 * 3_600_000);
    let cookie = browser.cookie("wigwag_session").unwrap();
    assert!(!now.to_string().contains(&cookie) && cookie.len() == 64);

    // It is the owner, in the newest version, and changes name the member.
    let identity = browser.get("/api/v2/caller-identity").await.expect(200);
    assert_eq!(identity["authKind"], "session");
    assert_eq!(browser.get("/api/v2/versions").await.expect(200)["currentVersion"], 20_240_415);
    assert_eq!(house.head().await, head, "signing in is no change");
    browser.post("/api/v2/projects", json!({"key": "p", "name": "P"})).await.expect(201);
    let entry = house.newest().await;
    assert_eq!((&entry["member"]["email"], &entry["token"]), (&json!(EMAIL), &Value::Null));

    // Signing in again gives another id, and the old one is gone.
    let other = Browser::new(&house);
    other.cookies.borrow_mut().insert("__Host-wigwag_session".to_owned(), cookie.clone());
    assert!(other.is_in().await);
    browser.sign_in().await;
    assert!(browser.is_in().await && !other.is_in().await);

    let stolen = browser.cookie("wigwag_session").unwrap();
    assert_eq!(browser.delete("/internal/session", json!({})).await.status(), 204);
    assert_eq!(browser.cookie("wigwag_session"), None);
    other.cookies.borrow_mut().insert("__Host-wigwag_session".to_owned(), stolen);
    assert!(!other.is_in().await);
    assert_eq!(browser.delete("/internal/session", json!({})).await.status(), 204, "twice does no harm");
}

async fn whatever_is_wrong_is_the_same(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::new(&house);
    let mut bodies = Vec::new();
    for (email, password) in [
        (EMAIL, "wrong horse battery"),
        (EMAIL, ""),
        ("nobody@example.com", PASSWORD),
        ("", PASSWORD),
        ("\0", PASSWORD),
        (&*"x".repeat(5_000), PASSWORD),
    ] {
        let answer = browser.post("/internal/session", json!({"email": email, "password": password})).await;
        answer.refused(401, "unauthorized");
        let mut body: Value = serde_json::from_str(&answer.text()).unwrap();
        body["id"] = Value::Null;
        bodies.push(body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert!(browser.cookies.borrow().is_empty());
    for junk in [json!({}), json!({"email": EMAIL}), json!({"email": 7, "password": "x"}), json!([])] {
        browser.post("/internal/session", junk).await.refused(400, "invalid_request");
    }
}

async fn tries_are_slowed_down(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::new(&house);
    let attempt =
        async |password: &str| browser.post("/internal/session", json!({"email": EMAIL, "password": password})).await;
    let mut refused = 0;
    while attempt("wrong").await.status() == 401 {
        refused += 1;
        assert!(refused < 20, "nobody stops it");
    }
    let answer = attempt(PASSWORD).await;
    answer.refused(429, "rate_limited");
    assert_eq!(answer.header("retry-after"), "1", "the right password waits as well");
    house.clock.advance(1_000);
    assert_eq!(attempt("wrong").await.status(), 401);
    assert_eq!(attempt(PASSWORD).await.header("retry-after"), "2");
    house.clock.advance(2_000);
    assert_eq!(attempt(PASSWORD).await.status(), 200);
    assert_eq!(attempt("wrong").await.status(), 401, "forgotten");
}

async fn foreign_pages(store: Store) {
    let house = House::open(store).await;
    let mut browser = Browser::signed_in(&house).await;
    for origin in ["https://evil.example", "null", "http://flags.example.com", "https://flags.example.com.evil.example"]
    {
        browser.origin = origin;
        let head = house.head().await;
        let message =
            browser.post("/api/v2/projects", json!({"key": "p", "name": "P"})).await.refused(403, "forbidden");
        assert!(message.contains("Origin: https://flags.example.com"), "{message}");
        browser
            .post("/internal/session", json!({"email": EMAIL, "password": PASSWORD}))
            .await
            .refused(403, "forbidden");
        browser.delete("/internal/session", json!({})).await.refused(403, "forbidden");
        browser.delete("/internal/sessions", json!({})).await.refused(403, "forbidden");
        browser.form("/account", &[("do", "sign-out")]).await.refused(403, "forbidden");
        assert_eq!(house.head().await, head);
        assert!(browser.is_in().await, "reading is free");
    }
    // Without one no session changes anything; a token may.
    browser.origin = "";
    browser.post("/api/v2/projects", json!({"key": "p", "name": "P"})).await.refused(403, "forbidden");
    browser.form("/account", &[("do", "end-others")]).await.expect(403);
    house.post("/api/v2/projects", json!({"key": "p", "name": "P"})).await.ok();
    // A token counts before a cookie, also one that does not hold.
    let cookie = format!("__Host-wigwag_session={}", browser.cookie("wigwag_session").unwrap());
    let ask = async |token: &str| {
        let headers = [("authorization", token), ("cookie", cookie.as_str())];
        house.raw("GET /api/v2/caller-identity", &headers, "").await
    };
    assert_eq!(ask(OWNER).await.ok()["authKind"], "token");
    assert_eq!(ask("api-nonsense").await.status(), 401);
}

/// A cookie without the prefix may have been set by another site of the same domain, or before there was the prefix: it
/// is none, and signing in again is all there is to do.
async fn cookies_of_other_hosts(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::signed_in(&house).await;
    let value = browser.cookie("wigwag_session").unwrap();
    let ask = async |cookie: String| {
        house.raw("GET /internal/session", &[("cookie", cookie.as_str())], "").await.ok()["next"].clone()
    };
    assert_eq!(ask(format!("wigwag_session={value}")).await, "password");
    assert_eq!(ask(format!("wigwag_session=planted; __Host-wigwag_session={value}")).await, "done");
    let planted = Browser::new(&house);
    planted.cookies.borrow_mut().insert("wigwag_session".to_owned(), value);
    assert!(!planted.is_in().await);
    planted.sign_in().await;
    assert!(planted.is_in().await);
}

async fn changing_it(store: Store) {
    let house = House::open(store).await;
    let (browser, other) = (Browser::signed_in(&house).await, Browser::signed_in(&house).await);
    let change = async |current: &str, password: &str| {
        browser.post("/internal/password", json!({"current": current, "password": password})).await
    };
    change("wrong", "another horse").await.refused(401, "unauthorized");
    for bad in ["short", "Password123!", "ann@example.com"] {
        assert!(change(PASSWORD, bad).await.refused(400, "invalid_request").contains("password"));
    }
    let before = browser.cookie("wigwag_session").unwrap();
    house.clock.advance(1);
    assert_eq!(change(PASSWORD, "another horse").await.status(), 204);
    assert_ne!(browser.cookie("wigwag_session").unwrap(), before, "the id is another one");
    assert!(browser.is_in().await && !other.is_in().await);
    let entry = house.newest().await;
    assert_eq!(entry["titleVerb"], "changed the password of");
    assert!(!entry.to_string().contains("argon2") && !entry.to_string().contains("horse"), "{entry}");
    other.post("/internal/session", json!({"email": EMAIL, "password": PASSWORD})).await.refused(401, "unauthorized");
    house
        .send("POST /internal/password", Some(&json!({"current": "x", "password": "123456789012"})))
        .await
        .refused(403, "forbidden");
}
