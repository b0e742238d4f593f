//! Invitations and forgotten passwords.

use serde_json::json;
use wigwag_model::doc::{Kind, Member, Role};
use wigwag_store::{Commit, DocKey, Expect, IndexFacts, NewChange, Store, Write, WriteOp};

use super::browser::{Browser, EMAIL, PASSWORD, letter_secret};
use crate::support::{House, on_both_engines};

on_both_engines! {
    a_forgotten_password;
    an_invitation;
    letters_are_for_few;
}

async fn a_forgotten_password(store: Store) {
    let house = House::open(store).await;
    let (browser, thief) = (Browser::new(&house), Browser::signed_in(&house).await);
    let ask = async |email: &str| browser.post("/internal/password-reset", json!({"email": email})).await;
    let unknown = ask("nobody@example.com").await.expect(200);
    assert!(house.get("/internal/mail").await.ok()["items"].as_array().unwrap().is_empty());
    assert_eq!(ask(EMAIL).await.expect(200), unknown, "nobody learns who is a member");
    let first = letter_secret(&house).await;
    house.clock.advance(59 * 60_000);
    ask(EMAIL).await.expect(200);
    let secret = letter_secret(&house).await;
    let finish = async |token: &str, password: &str| {
        browser.post("/internal/password-reset/finish", json!({"token": token, "password": password})).await
    };
    finish("nonsense", "a new password").await.refused(401, "unauthorized");
    for bad in ["short", "password1234", "ann@example.com"] {
        assert!(finish(&secret, bad).await.refused(400, "invalid_request").contains("password"));
    }
    house.clock.advance(60_000);
    finish(&first, "a new password").await.refused(401, "unauthorized");
    assert!(thief.is_in().await);
    assert_eq!(finish(&secret, "a new password").await.status(), 204);
    finish(&secret, "a third password").await.refused(401, "unauthorized");
    assert!(!thief.is_in().await);
    let old = json!({"email": EMAIL, "password": PASSWORD});
    browser.post("/internal/session", old).await.refused(401, "unauthorized");
    let new = json!({"email": EMAIL, "password": "a new password"});
    browser.post("/internal/session", new).await.expect(200);
    let entry = house.newest().await;
    assert_eq!((&entry["titleVerb"], &entry["member"]["email"]), (&json!("set a new password of"), &json!(EMAIL)));
    // Asking is slowed down.
    let mut last = 200;
    for _ in 0..10 {
        last = ask(EMAIL).await.status();
    }
    assert_eq!(last, 429);
}

/// Somebody who was invited.
pub async fn invited(house: &House, email: &str, role: Role) -> Member {
    let owner = house.get("/api/v2/members/me").await.ok();
    let key = DocKey::account(Kind::Member, owner["_id"].as_str().unwrap());
    let member: Member = house.store.get(&key).await.unwrap().unwrap().decode().unwrap();
    let id = house.app.ids.object_id();
    let (email_of, sign_in) = (email.into(), Default::default());
    let member =
        Member { id: id.clone(), email: email_of, role, password_hash: None, pending_invite: true, sign_in, ..member };
    let op =
        WriteOp::Put { body: serde_json::to_string(&member).unwrap(), index: IndexFacts::new().unique("email", email) };
    let write = Write { key: DocKey::account(Kind::Member, id.as_str()), expect: Expect::Absent, op };
    let change = NewChange { id: format!("invited {id}"), ..NewChange::default() };
    house.store.commit(Commit::new(vec![write], change)).await.unwrap();
    let caller = wigwag_kit::Caller::nobody();
    let ctx = wigwag_kit::Ctx {
        app: std::sync::Arc::clone(&house.app),
        caller: std::sync::Arc::new(caller),
        version: wigwag_kit::ApiVersion::NEWEST,
        as_of: None,
        based_on: None,
    };
    wigwag_api::sign_in::invite(&ctx, &member).await.unwrap();
    member
}

async fn an_invitation(store: Store) {
    let house = House::open(store).await;
    invited(&house, "bob@example.com", Role::Writer).await;
    let first = letter_secret(&house).await;
    let browser = Browser::new(&house);
    let accept = async |token: &str, password: &str| {
        let body = json!({"token": token, "password": password, "firstName": "Bob", "lastName": " B. "});
        browser.post("/internal/invitation/accept", body).await
    };
    browser
        .post("/internal/session", json!({"email": "bob@example.com", "password": ""}))
        .await
        .refused(401, "unauthorized");
    accept("nonsense", "bob's password").await.refused(401, "unauthorized");
    for bad in ["short", "password1234", "bob@example.com"] {
        assert!(accept(&first, bad).await.refused(400, "invalid_request").contains("password"));
    }
    assert_eq!(accept(&first, "bob's password").await.expect(200)["next"], "done");
    let me = browser.get("/api/v2/members/me").await.expect(200);
    assert_eq!(
        (&me["firstName"], &me["lastName"], &me["_pendingInvite"], &me["hasPassword"]),
        (&json!("Bob"), &json!("B."), &json!(false), &json!(true))
    );
    assert_eq!(house.newest().await["titleVerb"], "accepted the invitation of");
    accept(&first, "bob's password").await.refused(401, "unauthorized");
    // A reset link is no invitation, and the other way round.
    browser.post("/internal/password-reset", json!({"email": "bob@example.com"})).await.expect(200);
    accept(&letter_secret(&house).await, "bob's password").await.refused(401, "unauthorized");

    // A second letter makes the first worthless; a week makes both so.
    let eve = invited(&house, "eve@example.com", Role::Reader).await;
    let secret = letter_secret(&house).await;
    assert_eq!(eve.email, "eve@example.com");
    house.clock.advance(7 * 24 * 3_600_000);
    accept(&secret, "eve's password").await.refused(401, "unauthorized");
}

/// The owner's letters are for the owner alone; who may not invite sees none.
async fn letters_are_for_few(store: Store) {
    let house = House::open(store).await;
    invited(&house, "admin@example.com", Role::Admin).await;
    let (admin, writer) = (Browser::new(&house), Browser::new(&house));
    for (browser, secret) in [(&admin, letter_secret(&house).await)] {
        browser
            .post("/internal/invitation/accept", json!({"token": secret, "password": "a gorse bush"}))
            .await
            .expect(200);
    }
    invited(&house, "writer@example.com", Role::Writer).await;
    let secret = letter_secret(&house).await;
    writer.post("/internal/invitation/accept", json!({"token": secret, "password": "a gorse bush"})).await.expect(200);
    admin.post("/internal/password-reset", json!({"email": EMAIL})).await.expect(200);
    writer.get("/internal/mail").await.refused(403, "forbidden");
    let seen = async |list: serde_json::Value| {
        let items = list["items"].as_array().unwrap().clone();
        items.iter().filter(|l| l["to"] == EMAIL).count()
    };
    assert_eq!(seen(admin.get("/internal/mail").await.expect(200)).await, 0);
    assert_eq!(seen(Browser::signed_in(&house).await.get("/internal/mail").await.expect(200)).await, 1);
}
