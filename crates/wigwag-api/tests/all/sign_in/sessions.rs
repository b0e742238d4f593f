//! How sessions end, and are listed.

use serde_json::json;
use wigwag_store::Store;

use super::browser::Browser;
use crate::support::{House, on_both_engines};

on_both_engines! {
    unused_they_end;
    used_they_end_too;
    lists_and_ends;
    those_who_may_not_sign_in;
}

const HOUR: i64 = 3_600_000;

async fn unused_they_end(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::signed_in(&house).await;
    house.clock.advance(11 * HOUR);
    assert!(browser.is_in().await);
    house.clock.advance(11 * HOUR);
    assert!(browser.is_in().await, "it was used meanwhile");
    house.clock.advance(12 * HOUR);
    assert!(!browser.is_in().await);
    assert_eq!(browser.get("/internal/session").await.expect(200)["next"], "password");
}

async fn used_they_end_too(store: Store) {
    let house = House::open(store).await;
    let browser = Browser::signed_in(&house).await;
    for _ in 0..33 {
        house.clock.advance(10 * HOUR);
        assert!(browser.is_in().await);
    }
    house.clock.advance(6 * HOUR);
    assert!(!browser.is_in().await, "14 days are over");
    browser.sign_in().await;
    assert_eq!(house.store.all_sessions().await.unwrap().len(), 1, "the ended one is thrown away");
}

async fn lists_and_ends(store: Store) {
    let house = House::open(store).await;
    let (a, b, c) =
        (Browser::signed_in(&house).await, Browser::signed_in(&house).await, Browser::signed_in(&house).await);
    let list = a.get("/internal/sessions").await.expect(200);
    let items = list["items"].as_array().unwrap();
    assert_eq!((items.len(), items.iter().filter(|s| s["current"] == true).count()), (3, 1), "{list}");
    let own = b.get("/internal/session").await.expect(200)["session"]["_id"].as_str().unwrap().to_owned();
    assert_eq!(a.delete(&format!("/internal/sessions/{own}"), json!({})).await.status(), 200);
    assert!(!b.is_in().await && c.is_in().await);
    a.delete(&format!("/internal/sessions/{own}"), json!({})).await.refused(404, "not_found");
    assert_eq!(a.delete("/internal/sessions", json!({})).await.status(), 200);
    assert!(a.is_in().await && !c.is_in().await);

    let me = house.get("/api/v2/members/me").await.ok()["_id"].as_str().unwrap().to_owned();
    let line = format!("DELETE /internal/members/{me}/sessions");
    house.raw(&line, &[("authorization", &house.powerless().await)], "").await.refused(403, "forbidden");
    house.send(&line, None).await.ok();
    assert!(!a.is_in().await);
}

/// What a change to the member says counts at once.
async fn those_who_may_not_sign_in(store: Store) {
    use wigwag_model::doc::{Kind, Member};
    use wigwag_store::{Commit, Expect, IndexFacts, NewChange, Write, WriteOp};
    let house = House::open(store).await;
    let browser = Browser::signed_in(&house).await;
    let token = house.post("/api/v2/tokens", json!({"name": "mine"})).await.ok()["token"].as_str().unwrap().to_owned();
    let with_token = async || house.raw("GET /api/v2/members/me", &[("authorization", &token)], "").await.status();
    assert_eq!(with_token().await, 200);
    let id = browser.get("/api/v2/members/me").await.expect(200)["_id"].as_str().unwrap().to_owned();
    let key = wigwag_store::DocKey::account(Kind::Member, id.as_str());
    let mut member: Member = house.store.get(&key).await.unwrap().unwrap().decode().unwrap();
    let put = async |member: &Member, n: u8| {
        let op = WriteOp::Put {
            body: serde_json::to_string(member).unwrap(),
            index: IndexFacts::new().unique("email", "ann@example.com"),
        };
        let change = NewChange { id: format!("put {n}"), ..NewChange::default() };
        house
            .store
            .commit(Commit::new(vec![Write { key: key.clone(), expect: Expect::Any, op }], change))
            .await
            .unwrap();
    };
    member.sign_in.deactivated = true;
    put(&member, 1).await;
    assert!(!browser.is_in().await);
    assert_eq!(with_token().await, 401);
    let again = Browser::new(&house);
    let post = json!({"email": "ann@example.com", "password": super::browser::PASSWORD});
    again.post("/internal/session", post).await.refused(401, "unauthorized");
    member.sign_in.deactivated = false;
    put(&member, 2).await;
    assert!(browser.is_in().await);
    member.sign_in.sessions_from = house.clock.now() + 1;
    put(&member, 3).await;
    assert!(!browser.is_in().await);
}
