//! The root, who is calling, versions, addresses, the account.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use crate::house::{House, on_both_engines};

on_both_engines! {
    the_root_names_the_categories,
    versions,
    addresses,
    who_is_calling,
    the_account,
}

async fn the_root_names_the_categories(house: House) {
    let root = house.with("").get("/api/v2").await.expect(200);
    assert_eq!(root["links"]["self"]["href"], "/api/v2");
    assert_eq!(root["links"]["projects"], json!({"href": "/api/v2/projects", "type": "application/json"}));
    assert_eq!(root["links"]["members"]["href"], "/api/v2/members");
}

async fn versions(house: House) {
    let expected = |current: u32, beta: bool| {
        json!({
            "validVersions": [20_160_426, 20_191_212, 20_210_729, 20_220_603, 20_240_415],
            "latestVersion": 20_240_415, "currentVersion": current, "beta": beta,
        })
    };
    assert_eq!(house.with("").get("/api/v2/versions").await.expect(200), expected(20_240_415, false));
    let old = house.owner().version("20210729").get("/api/v2/versions").await.expect(200);
    assert_eq!(old, expected(20_210_729, false));
    let beta = house.owner().version("beta").get("/api/v2/versions").await.expect(200);
    assert_eq!(beta, expected(20_240_415, true));
    let token = house.token(json!({"defaultApiVersion": 20_191_212})).await;
    assert_eq!(house.with(&token).get("/api/v2/versions").await.expect(200), expected(20_191_212, false));
}

async fn addresses(house: House) {
    let list = house.with("").get("/api/v2/public-ip-list").await.expect(200);
    assert_eq!(list, json!({"addresses": [], "outboundAddresses": []}));
}

async fn who_is_calling(house: House) {
    let path = "/api/v2/caller-identity";
    let me = house.owner().get("/api/v2/members/me").await.expect(200);
    let identity = house.owner().get(path).await.expect(200);
    assert_eq!(identity["memberId"], me["_id"]);
    assert_eq!((&identity["authKind"], &identity["tokenKind"]), (&json!("token"), &json!("auth")));
    assert_eq!(identity["tokenName"], "First access token");
    assert_eq!(identity["accountId"].as_str().unwrap().len(), 24);
    assert!(identity.get("serviceToken").is_none());
    let service = house.token(json!({"name": "robot", "role": "reader", "serviceToken": true})).await;
    let identity = house.with(&service).get(path).await.expect(200);
    assert_eq!((&identity["serviceToken"], identity.get("memberId")), (&json!(true), None::<&Value>));
    house.with("").get(path).await.refused(401, "unauthorized");
}

async fn the_account(house: House) {
    let account = house.owner().get("/api/v2/account").await.expect(200);
    assert_eq!(account["organization"], "Wigwag");
    let head = house.owner().send("HEAD", "/api/v2/account", None).await;
    assert_eq!((head.status(), head.0.body().len()), (200, 0));
    assert_eq!(house.with("").send("HEAD", "/api/v2/account", None).await.status(), 401);
}
