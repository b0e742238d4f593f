//! The IP allowlist, and what it keeps out.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::IpAddr;

use bytes::Bytes;
use serde_json::{Value, json};
use wigwag_api::ip_allowlist::gatekeeper;
use wigwag_store::Store;

use crate::support::{Answer, HERE, House, NOW, OWNER, on_both_engines};

on_both_engines! {
    entries;
    nobody_locks_themselves_out;
    tokens_are_kept_out;
    sessions_are_kept_out;
    who_may;
}

const PATH: &str = "/api/v2/account/ip-allowlist";

/// A house with a gate.
async fn gated(store: Store) -> House {
    let mut extensions = http::Extensions::new();
    extensions.insert(gatekeeper(&store));
    House::extended(store, extensions).await
}

async fn add(house: &House, address: &str) -> String {
    house.post(PATH, json!({"ipAddress": address})).await.ok()["_id"].as_str().unwrap().to_owned()
}

async fn get_from(house: &House, peer: &str, headers: &[(&str, &str)]) -> Answer {
    let peer = Some(peer.parse::<IpAddr>().unwrap());
    house.from(peer, "GET /api/v2/projects", headers, Bytes::new()).await
}

const TOKEN: &[(&str, &str)] = &[("authorization", OWNER)];

async fn entries(store: Store) {
    let house = House::open(store).await;
    let empty = house.get(PATH).await.ok();
    assert_eq!((&empty["sessionAllowlistEnabled"], &empty["apiTokenAllowlistEnabled"]), (&json!(false), &json!(false)));
    assert_eq!((&empty["entries"], &empty["totalCount"]), (&json!([]), &json!(0)));
    let answer = house.post(PATH, json!({"ipAddress": "192.0.2.0/24", "description": "Office"})).await;
    assert_eq!(answer.status(), 201);
    let made = answer.ok();
    assert_eq!((&made["ipAddress"], &made["description"]), (&json!("192.0.2.0/24"), &json!("Office")));
    assert_eq!(
        (&made["_createdAt"], &made["_updatedAt"], made["_id"].as_str().unwrap().len()),
        (&json!(NOW), &json!(NOW), 36)
    );
    assert!(made["_createdByMemberId"].is_string());
    let entry = house.newest().await;
    assert_eq!((&entry["kind"], &entry["name"]), (&json!("ip-allowlist"), &json!("192.0.2.0/24")));
    assert_eq!(entry["accesses"], json!([{"action": "createIpAllowlistEntry", "resource": "ip-allowlist"}]));
    add(&house, "2001:db8::/32").await;
    let head = house.head().await;
    for again in ["192.0.2.0/24", "192.0.2.7/24", "2001:db8::1/32"] {
        house.post(PATH, json!({"ipAddress": again})).await.refused(409, "optimistic_locking_error");
    }
    for bad in [json!({}), json!({"ipAddress": "office"}), json!({"ipAddress": "1.2.3.4/33"}), json!({"ipAddress": 7})]
    {
        let message = house.post(PATH, bad.clone()).await.refused(400, "invalid_request");
        assert!(message.contains("ipAddress"), "{bad}: {message}");
    }
    assert_eq!(house.head().await, head);
    let path = format!("{PATH}/{}", made["_id"].as_str().unwrap());
    house.clock.advance(3);
    let changed = house.patch(&path, json!({"description": "Old office"})).await.ok();
    assert_eq!((&changed["description"], &changed["_updatedAt"]), (&json!("Old office"), &json!(NOW + 3)));
    house.patch(&path, json!({})).await.refused(400, "invalid_request");
    house.patch(&format!("{PATH}/none"), json!({"description": ""})).await.refused(404, "not_found");
    for (query, count, shown) in
        [("search=OFFICE", 1, 1), ("search=2001", 1, 1), ("search=x", 0, 0), ("limit=1&offset=1", 2, 1)]
    {
        let list = house.get(&format!("{PATH}?{query}")).await.ok();
        assert_eq!(
            (list["totalCount"].as_u64().unwrap(), list["entries"].as_array().unwrap().len()),
            (count, shown),
            "{query}"
        );
    }
    house.get(&format!("{PATH}?limit=101")).await.refused(400, "invalid_request");
    assert_eq!(house.delete(&path).await.status(), 204);
    house.delete(&path).await.refused(404, "not_found");
}

async fn nobody_locks_themselves_out(store: Store) {
    let house = gated(store).await;
    let enable = async |body: Value| house.patch(PATH, body).await;
    for body in [json!({"apiTokenAllowlistEnabled": true}), json!({"sessionAllowlistEnabled": true})] {
        let message = enable(body).await.refused(409, "conflict");
        assert!(message.contains(&HERE.to_string()), "{message}");
    }
    add(&house, "198.51.100.0/24").await;
    enable(json!({"apiTokenAllowlistEnabled": true})).await.refused(409, "conflict");
    let here = add(&house, "192.0.2.1").await;
    let unknown = house
        .from(
            None,
            &format!("PATCH {PATH}"),
            &[("authorization", OWNER), ("ld-api-version", "beta")],
            r#"{"apiTokenAllowlistEnabled": true}"#.into(),
        )
        .await;
    assert!(unknown.refused(409, "conflict").contains("unknown"));
    let list = enable(json!({"apiTokenAllowlistEnabled": true})).await.ok();
    assert_eq!((&list["apiTokenAllowlistEnabled"], &list["sessionAllowlistEnabled"]), (&json!(true), &json!(false)));
    let entry = house.newest().await;
    assert_eq!(entry["accesses"][0]["action"], "updateIpAllowlistEnabled");
    assert_eq!(entry["description"], "* Turned on the list for access tokens\n");
    let head = house.head().await;
    assert!(house.delete(&format!("{PATH}/{here}")).await.refused(409, "conflict").contains("192.0.2.1"));
    enable(json!({})).await.refused(400, "invalid_request");
    enable(json!({"apiTokenAllowlistEnabled": true})).await.ok();
    assert_eq!(house.head().await, head);
    enable(json!({"apiTokenAllowlistEnabled": false})).await.ok();
    assert_eq!(house.delete(&format!("{PATH}/{here}")).await.status(), 204);
}

async fn tokens_are_kept_out(store: Store) {
    let house = gated(store).await;
    add(&house, "192.0.2.0/24").await;
    get_from(&house, "203.0.113.9", TOKEN).await.ok();
    house.patch(PATH, json!({"apiTokenAllowlistEnabled": true})).await.ok();
    let message = get_from(&house, "203.0.113.9", TOKEN).await.refused(403, "forbidden");
    assert!(message.contains("203.0.113.9") && message.contains("IP allowlist"), "{message}");
    get_from(&house, "192.0.2.99", TOKEN).await.ok();
    get_from(&house, "::ffff:192.0.2.99", TOKEN).await.ok();
    get_from(&house, "2001:db8::1", TOKEN).await.refused(403, "forbidden");
    // It comes before everything else: whether the token holds, whether there is anything there.
    get_from(&house, "203.0.113.9", &[("authorization", "api-wrong")]).await.refused(403, "forbidden");
    let outside = Some("203.0.113.9".parse().unwrap());
    house.from(outside, "GET /api/v2/nothing", TOKEN, Bytes::new()).await.refused(403, "forbidden");
    house.from(None, "GET /api/v2/projects", TOKEN, Bytes::new()).await.refused(403, "forbidden");
    // Those without a credential get no further anyway.
    get_from(&house, "203.0.113.9", &[]).await.refused(401, "unauthorized");
    // A new entry lets in at once.
    add(&house, "2001:db8::/32").await;
    get_from(&house, "2001:db8::1", TOKEN).await.ok();
    house.patch(PATH, json!({"apiTokenAllowlistEnabled": false})).await.ok();
    get_from(&house, "203.0.113.9", TOKEN).await.ok();
}

async fn sessions_are_kept_out(store: Store) {
    let house = gated(store).await;
    add(&house, "192.0.2.0/24").await;
    house.patch(PATH, json!({"sessionAllowlistEnabled": true})).await.ok();
    let cookie = &[("cookie", "session=x")];
    get_from(&house, "203.0.113.9", cookie).await.refused(403, "forbidden");
    get_from(&house, "192.0.2.9", cookie).await.refused(401, "unauthorized");
    get_from(&house, "203.0.113.9", TOKEN).await.ok();
}

async fn who_may(store: Store) {
    let house = House::open(store).await;
    let id = add(&house, "192.0.2.0/24").await;
    let writer = house.post("/api/v2/tokens", json!({"role": "writer", "serviceToken": true})).await.ok();
    let headers = [("authorization", writer["token"].as_str().unwrap()), ("ld-api-version", "beta")];
    house.raw(&format!("GET {PATH}"), &headers, "").await.ok();
    let head = house.head().await;
    for (line, body, action) in [
        (format!("POST {PATH}"), r#"{"ipAddress": "192.0.2.0/24"}"#, "createIpAllowlistEntry"),
        (format!("PATCH {PATH}"), r#"{"sessionAllowlistEnabled": true}"#, "updateIpAllowlistEnabled"),
        (format!("PATCH {PATH}/{id}"), r#"{"description": "d"}"#, "updateIpAllowlistEntry"),
        (format!("DELETE {PATH}/{id}"), "", "deleteIpAllowlistEntry"),
    ] {
        let answer = house.raw(&line, &headers, body).await;
        answer.refused(403, "forbidden");
        assert_eq!(answer.json()["access"], json!({"action": action, "resource": "ip-allowlist"}), "{line}");
    }
    assert_eq!(house.head().await, head);
    let blind = json!([{"effect": "deny", "resources": ["ip-allowlist"], "actions": ["*"]}]);
    let blind = house.post("/api/v2/tokens", json!({"serviceToken": true, "inlineRole": blind})).await.ok();
    let headers = [("authorization", blind["token"].as_str().unwrap()), ("ld-api-version", "beta")];
    house.raw(&format!("GET {PATH}"), &headers, "").await.refused(403, "forbidden");
    house.raw(&format!("GET {PATH}"), TOKEN, "").await.refused(403, "forbidden");
}
