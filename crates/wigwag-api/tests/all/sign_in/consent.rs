//! OAuth 2.0 clients that a member lets in on a page.

use serde_json::json;
use wigwag_store::Store;

use super::browser::{Browser, EMAIL, PASSWORD, letter_secret};
use crate::support::{House, on_both_engines};

on_both_engines! {
    a_member_lets_a_client_in;
    what_is_refused;
    an_invitation_is_sent;
}

const PAGE: &str = "/trust/oauth/authorize";
const BACK: &str = "https://app.example.com/back";

/// A client's id and secret.
async fn client(house: &House) -> (String, String) {
    let made = house.post("/api/v2/oauth/clients", json!({"name": "Bulbs & Co", "redirectUri": BACK})).await.ok();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("_clientId"), text("_clientSecret"))
}

async fn a_member_lets_a_client_in(store: Store) {
    let house = House::open(store).await;
    let (id, secret) = client(&house).await;
    let browser = Browser::new(&house);
    let asked = format!("?response_type=code&client_id={id}&scope=writer&state=a%20b");
    let sent = browser.get(&format!("{PAGE}{asked}")).await;
    assert_eq!(sent.status(), 303, "sign in first");
    let login = sent.header("location").to_owned();
    assert!(login.starts_with("/login?then="), "{login}");
    let then = wigwag_kit::query::parse(login.split_once('?').unwrap().1).unwrap()[0].1.clone();
    let back = browser.form("/login", &[("email", EMAIL), ("password", PASSWORD), ("then", &then)]).await;
    assert_eq!((back.status(), back.header("location")), (303, &*format!("{PAGE}{asked}")));

    let page = browser.get(&format!("{PAGE}{asked}")).await;
    assert_eq!(page.status(), 200);
    assert!(page.text().contains("Bulbs &amp; Co asks to act for you, as writer at most"), "{}", page.text());
    assert!(page.header("content-security-policy").ends_with("form-action 'self' https://app.example.com"));
    let denied = browser.form(PAGE, &[("request", &asked), ("do", "deny")]).await;
    assert_eq!(denied.header("location"), format!("{BACK}?error=access_denied&state=a%20b"));
    let approved = browser.form(PAGE, &[("request", &asked), ("do", "approve")]).await;
    assert_eq!(approved.status(), 303, "{}", approved.text());
    let location = approved.header("location").to_owned();
    let answer = wigwag_kit::query::parse(location.strip_prefix(&format!("{BACK}?")).unwrap()).unwrap();
    assert_eq!(answer[1], ("state".to_owned(), "a b".to_owned()));

    let program = Browser { origin: "", ..Browser::new(&house) };
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*answer[0].1),
        ("client_id", &*id),
        ("client_secret", &*secret),
    ];
    let token = program.form("/trust/oauth/token", &fields).await.expect(200);
    assert_eq!((&token["scope"], &token["token_type"]), (&json!("writer"), &json!("Bearer")));
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let identity = house.raw("GET /api/v2/caller-identity", &[("authorization", &*bearer)], "").await.ok();
    assert_eq!(identity["clientId"], *id);
}

async fn what_is_refused(store: Store) {
    let house = House::open(store).await;
    let (id, _) = client(&house).await;
    let browser = Browser::signed_in(&house).await;
    // Nobody is sent to an address that is not the client's.
    let astray = format!("{PAGE}?response_type=code&client_id={id}&redirect_uri=https://evil.example");
    for bad in [PAGE.to_owned(), format!("{PAGE}?client_id=x&response_type=code"), astray] {
        let page = browser.get(&bad).await;
        assert_eq!((page.status(), page.header("location")), (400, ""), "{bad}");
        assert!(page.text().contains("role=\"alert\""));
    }
    let asked = format!("?response_type=token&client_id={id}");
    let back = browser.get(&format!("{PAGE}{asked}")).await;
    assert!(back.header("location").starts_with(&format!("{BACK}?error=unsupported_response_type")));
    let good = format!("?response_type=code&client_id={id}");
    let mut foreign = Browser::signed_in(&house).await;
    foreign.origin = "https://evil.example";
    foreign.form(PAGE, &[("request", &good), ("do", "approve")]).await.refused(403, "forbidden");
    browser.form(PAGE, &[("request", &good), ("do", "other")]).await.refused(400, "invalid_request");
}

async fn an_invitation_is_sent(store: Store) {
    let house = House::open(store).await;
    let body = json!([{"email": "bob@example.com", "role": "reader"}]);
    let made = house.post("/api/v2/members", body).await.ok();
    assert_eq!(made["items"][0]["_pendingInvite"], true);
    let secret = letter_secret(&house).await;
    let browser = Browser::new(&house);
    let fields = [("token", &*secret), ("firstName", "Bob"), ("lastName", ""), ("password", "a good password")];
    assert_eq!(browser.form("/accept-invitation", &fields).await.status(), 303);
    let me = browser.get("/api/v2/members/me").await.expect(200);
    assert_eq!((&me["email"], &me["firstName"]), (&json!("bob@example.com"), &json!("Bob")));
    assert_eq!(me["_pendingInvite"], false);
    assert!(me["_lastSeen"].as_i64().unwrap() > 0, "{me}");
}
