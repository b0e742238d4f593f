//! The forms for people without the console.

use wigwag_auth::totp;
use wigwag_model::doc::Role;
use wigwag_store::Store;

use super::browser::{Browser, EMAIL, PASSWORD, Seen, letter_secret};
use super::demand::demand;
use super::factor::{seed, switch_on};
use super::recover::invited;
use crate::support::{House, on_both_engines};

on_both_engines! {
    in_and_out_by_forms;
    a_demanded_factor_by_forms;
    a_password_by_forms;
    a_program_by_forms;
    pages_are_plain;
}

#[track_caller]
fn goes_to(seen: &Seen, place: &str) {
    assert_eq!((seen.status(), seen.header("location")), (303, place), "{}", seen.text());
}

async fn in_and_out_by_forms(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::new(&house);
    goes_to(&browser.get("/account").await, "/login");
    let wrong = browser.form("/login", &[("email", "<b>\"@x"), ("password", "wrong")]).await;
    assert_eq!(wrong.status(), 401);
    let text = wrong.text();
    assert!(text.contains("role=\"alert\"") && text.contains("&lt;b&gt;&quot;@x") && !text.contains("<b>"), "{text}");
    goes_to(&browser.form("/login", &[("email", EMAIL), ("password", PASSWORD)]).await, "/account");
    let page = browser.get("/account").await.text();
    assert!(page.contains(EMAIL) && page.contains("Lynx/2.9"), "{page}");

    let begun = browser.form("/account", &[("do", "totp")]).await.text();
    assert!(begun.contains("otpauth://"), "{begun}");
    assert_eq!(browser.form("/account", &[("do", "totp-confirm"), ("code", "1")]).await.status(), 400);
    assert_eq!(browser.form("/account", &[("do", "nonsense")]).await.status(), 400);
    goes_to(&browser.form("/account", &[("do", "end-others")]).await, "/account");
    let changed = [("do", "password"), ("current", PASSWORD), ("password", "another horse")];
    goes_to(&browser.form("/account", &changed).await, "/account");
    assert!(browser.is_in().await);
    goes_to(&browser.form("/account", &[("do", "sign-out")]).await, "/login");
    assert!(!browser.is_in().await);
    // Nobody is sent to other sites.
    let elsewhere = [("email", EMAIL), ("password", "another horse"), ("then", "//evil.example")];
    goes_to(&browser.form("/login", &elsewhere).await, "/account");
    browser.send("POST", "/login", "text/plain", "email=x").await.refused(400, "invalid_request");
    browser
        .send("POST", "/login", "application/x-www-form-urlencoded", "email=%ff")
        .await
        .refused(400, "invalid_request");
}

async fn a_demanded_factor_by_forms(store: Store) {
    let house = House::open(store).await;
    switch_on(&Browser::signed_in(&house).await).await;
    demand(&house, "everyone").await.ok();
    invited(&house, "bob@example.com", Role::Reader).await;
    let browser = Browser::new(&house);
    goes_to(&browser.get("/login-set-up").await, "/login");
    let secret = letter_secret(&house).await;
    let accepted = browser.form("/accept-invitation", &[("token", &secret), ("password", "bob's password")]).await;
    goes_to(&accepted, "/login-set-up?then=/account");
    goes_to(&browser.get("/account").await, "/login");
    goes_to(&browser.get("/login-code").await, "/login");
    let login = [("email", "bob@example.com"), ("password", "bob's password"), ("then", "/device")];
    goes_to(&browser.form("/login", &login).await, "/login-set-up?then=/device");
    assert!(browser.get("/login-set-up?then=/device").await.text().contains("value=\"/device\""));
    let begun = browser.form("/login-set-up", &[("do", "totp"), ("then", "/device")]).await.text();
    let secret = begun.split("secret=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
    let seed = seed(secret);
    let confirm = async |code: &str| {
        browser.form("/login-set-up", &[("do", "totp-confirm"), ("then", "/device"), ("code", code)]).await
    };
    assert_eq!(confirm("1").await.status(), 400);
    let done = confirm(&totp::code_at(&seed, house.clock.now())).await;
    let text = done.text();
    assert!(
        done.status() == 200 && text.matches("<code>").count() == 10 && text.contains("href=\"/device\""),
        "{text}"
    );
    assert!(browser.is_in().await);
}

async fn a_password_by_forms(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::new(&house);
    assert_eq!(browser.form("/reset-password", &[("email", EMAIL)]).await.status(), 200);
    let secret = letter_secret(&house).await;
    assert!(browser.get(&format!("/reset-password?token={secret}")).await.text().contains(&secret));
    let short = browser.form("/reset-password", &[("token", &secret), ("password", "short")]).await;
    assert!(short.status() == 400 && short.text().contains(&secret), "{}", short.text());
    assert_eq!(
        browser.form("/reset-password", &[("token", &secret), ("password", "a new one, longer")]).await.status(),
        200
    );
    goes_to(&browser.form("/login", &[("email", EMAIL), ("password", "a new one, longer")]).await, "/account");
    let refused = browser.form("/accept-invitation", &[("token", "x"), ("password", "123456789012")]).await;
    assert_eq!(refused.status(), 401);
}

async fn a_program_by_forms(store: Store) {
    let house = House::open(store).await;
    let (program, browser) = (Browser::new(&house), Browser::new(&house));
    let asked =
        program.post("/internal/device-authorization", serde_json::json!({"deviceName": "<lathe>"})).await.expect(200);
    let code = asked["userCode"].as_str().unwrap();
    let place = format!("/device/{code}");
    goes_to(&browser.get(&place).await, &format!("/login?then={place}"));
    goes_to(&browser.form("/login", &[("email", EMAIL), ("password", PASSWORD), ("then", &place)]).await, &place);
    let page = browser.get(&place).await.text();
    assert!(page.contains("&lt;lathe&gt;") && page.contains(code), "{page}");
    assert_eq!(browser.get("/device/ABCD-EFGH").await.status(), 404);
    assert_eq!(browser.form("/device", &[("do", "look"), ("code", code)]).await.status(), 200);
    assert!(browser.form("/device", &[("do", "approve"), ("code", code)]).await.text().contains("It is in"));
    let token = serde_json::json!({"deviceCode": asked["deviceCode"]});
    program.post("/internal/device-authorization/token", token).await.expect(200);
}

async fn pages_are_plain(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::signed_in(&house).await;
    for path in
        ["/login", "/account", "/device", "/reset-password", "/reset-password?token=x", "/accept-invitation?token=x"]
    {
        let page = browser.get(path).await;
        assert_eq!(page.status(), 200, "{path}");
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{path}: {policy}");
        assert_eq!((page.header("cache-control"), page.header("x-frame-options")), ("no-store", "DENY"), "{path}");
        let text = page.text();
        assert!(!text.contains("<script") && !text.contains("onclick") && text.contains("lang=\"en\""), "{path}");
        assert_eq!(text.matches("<input").count(), text.matches("type=\"").count(), "{path}");
    }
}
