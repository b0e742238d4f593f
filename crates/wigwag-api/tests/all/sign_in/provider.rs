//! Single sign-on: what becomes of whom a provider vouches for.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::json;
use wigwag_api::sign_in::{Departure, Identity, Mapping, Provider};
use wigwag_kit::BoxFuture;
use wigwag_model::doc::Role;
use wigwag_store::Store;

use super::browser::Browser;
use super::demand::demand;
use super::factor::{seed, switch_on};
use crate::support::{House, on_both_engines};

on_both_engines! {
    a_role_that_groups_no_longer_give_is_taken;
    whoever_is_turned_away_is_signed_out;
    a_demanded_factor_is_the_providers;
}

/// Vouches for whom the test says.
struct Fake {
    identity: Mutex<Identity>,
    mapping: Mapping,
}

impl Provider for Fake {
    fn begin(&self) -> BoxFuture<'_, Result<Departure, String>> {
        let (url, kept) = ("https://login.example.com/".to_owned(), "kept".to_owned());
        Box::pin(async { Ok(Departure { url, state: "state".to_owned(), kept }) })
    }

    fn finish<'a>(&'a self, code: &'a str, kept: &'a str) -> BoxFuture<'a, Result<Identity, String>> {
        assert_eq!((code, kept), ("code", "kept"));
        Box::pin(async { Ok(self.identity.lock().clone()) })
    }

    fn mapping(&self) -> &Mapping {
        &self.mapping
    }
}

impl Fake {
    fn new(default_role: Option<Role>) -> Arc<Self> {
        let identity = Identity {
            issuer: "https://login.example.com".to_owned(),
            subject: "7".to_owned(),
            email: "bob@example.com".to_owned(),
            email_verified: true,
            ..Identity::default()
        };
        let roles = [("admins".to_owned(), Role::Admin), ("writers".to_owned(), Role::Writer)].into();
        Arc::new(Self {
            identity: Mutex::new(identity),
            mapping: Mapping { roles, default_role, ..Mapping::default() },
        })
    }

    fn groups(&self, groups: &[&str]) {
        self.identity.lock().groups = Some(groups.iter().map(|group| (*group).to_owned()).collect());
    }
}

async fn house(store: Store, fake: &Arc<Fake>) -> House {
    let mut extensions = http::Extensions::new();
    extensions.insert(Arc::clone(fake) as Arc<dyn Provider>);
    House::extended(store, extensions).await
}

/// The status of the way back, and the browser.
async fn signed_in(house: &House) -> (u16, Browser<'_>) {
    let browser = Browser::new(house);
    assert_eq!(browser.get("/internal/single-sign-on").await.status(), 303);
    let back = browser.get("/login-return?code=code&state=state").await.status();
    (back, browser)
}

async fn role(house: &House) -> String {
    let list = house.get("/api/v2/members?filter=email:bob@example.com").await.ok();
    list["items"][0]["role"].as_str().unwrap_or_default().to_owned()
}

async fn a_role_that_groups_no_longer_give_is_taken(store: Store) {
    let fake = Fake::new(Some(Role::Reader));
    let house = house(store, &fake).await;
    for (groups, expected) in [
        (&["admins", "writers"][..], "admin"),
        (&["writers"][..], "writer"),
        (&["others"][..], "reader"),
        (&[][..], "reader"),
        (&["admins"][..], "admin"),
    ] {
        fake.groups(groups);
        let (status, browser) = signed_in(&house).await;
        assert_eq!((status, role(&house).await.as_str()), (303, expected), "{groups:?}");
        assert!(browser.is_in().await);
    }
    // A provider that tells nothing of groups changes no roles.
    fake.identity.lock().groups = None;
    assert_eq!(signed_in(&house).await.0, 303);
    assert_eq!(role(&house).await, "admin");
}

async fn whoever_is_turned_away_is_signed_out(store: Store) {
    let fake = Fake::new(None);
    let house = house(store, &fake).await;
    fake.groups(&["admins"]);
    let (status, before) = signed_in(&house).await;
    assert!(status == 303 && before.is_in().await);
    fake.groups(&["others"]);
    let (status, after) = signed_in(&house).await;
    assert_eq!(status, 403);
    assert!(!after.is_in().await && !before.is_in().await, "the sessions of before ended, too");

    fake.groups(&["writers"]);
    let (_, before) = signed_in(&house).await;
    assert!(before.is_in().await);
    let id = house.get("/api/v2/members?filter=email:bob@example.com").await.ok()["items"][0]["_id"].clone();
    let off = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
    house.send(&format!("PATCH /scim/v2/Users/{}", id.as_str().unwrap()), Some(&off)).await.ok();
    assert_eq!(signed_in(&house).await.0, 403, "the directory says that they have left");
    assert!(!before.is_in().await);
}

/// A second factor that is demanded here is not of those whom a provider vouches for: it asks for its own.
async fn a_demanded_factor_is_the_providers(store: Store) {
    let fake = Fake::new(Some(Role::Admin));
    let house = house(store, &fake).await;
    let (status, before) = signed_in(&house).await;
    assert!(status == 303 && before.is_in().await);
    switch_on(&Browser::signed_in(&house).await).await;
    demand(&house, "everyone").await.ok();
    let (status, after) = signed_in(&house).await;
    assert!(status == 303 && after.is_in().await && before.is_in().await);
    // Who has one here is asked for it, as ever.
    let begun = after.post("/internal/totp", json!({})).await.expect(200);
    let seed = seed(begun["secret"].as_str().unwrap());
    let code = wigwag_auth::totp::code_at(&seed, house.clock.now());
    after.post("/internal/totp/confirm", json!({"code": code})).await.expect(200);
    let session = after.get("/internal/session").await.expect(200)["session"].clone();
    assert_eq!(session["signedInBy"], "oidc+totp", "it stays a session of the provider");
    let (status, half) = signed_in(&house).await;
    assert!(status == 303 && !half.is_in().await);
    assert_eq!(half.get("/internal/session").await.expect(200)["next"], "totp");
}
