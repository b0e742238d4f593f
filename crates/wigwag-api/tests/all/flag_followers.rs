//! Followers of flags.

use serde_json::{Value, json};
use wigwag_store::Store;

use crate::support::{House, on_both_engines};

on_both_engines! {
    following_and_no_more;
    for_others_it_is_an_action;
    unknown_things;
    followers_go_with_the_flag;
}

const PROJECT: &str = "/api/v2/projects/default";
const OF_LAMP: &str = "/api/v2/projects/default/flags/lamp/environments/test/followers";

async fn house(store: Store) -> (House, Value) {
    let house = House::open(store).await;
    for key in ["lamp", "door"] {
        house.post("/api/v2/flags/default", json!({"key": key, "name": key})).await.ok();
    }
    let me = house.get("/api/v2/members/me").await.ok();
    (house, me)
}

async fn put(house: &House, path: &str) -> u16 {
    house.send(&format!("PUT {path}"), None).await.status()
}

async fn following_and_no_more(store: Store) {
    let (house, me) = house(store).await;
    let id = me["_id"].as_str().unwrap();
    let none = house.get(OF_LAMP).await.ok();
    assert_eq!((&none["items"], &none["_links"]["self"]["href"]), (&json!([]), &json!(OF_LAMP)));
    let log = house.get("/api/v2/auditlog").await.ok()["items"].clone();
    let head = house.head().await;
    assert_eq!(put(&house, &format!("{OF_LAMP}/{id}")).await, 204);
    assert_eq!(house.head().await, head + 1);
    assert_eq!(put(&house, &format!("{OF_LAMP}/{id}")).await, 204);
    assert_eq!(house.head().await, head + 1, "once is enough");

    let items = house.get(OF_LAMP).await.ok()["items"].clone();
    let follower = &items[0];
    assert_eq!((items.as_array().unwrap().len(), &follower["_id"], &follower["email"]), (1, &me["_id"], &me["email"]));
    assert_eq!(follower["_links"]["self"], me["_links"]["self"]);
    let elsewhere = OF_LAMP.replace("/test/", "/production/");
    assert_eq!(house.get(&elsewhere).await.ok()["items"], json!([]));

    let door = OF_LAMP.replace("lamp", "door");
    assert_eq!(put(&house, &format!("{door}/{id}")).await, 204);
    let all = house.get(&format!("{PROJECT}/environments/test/followers")).await.ok();
    assert_eq!(
        all["items"],
        json!([{"flagKey": "door", "followers": [follower]}, {"flagKey": "lamp", "followers": [follower]}])
    );
    assert_eq!(house.delete(&format!("{OF_LAMP}/{id}")).await.status(), 204);
    assert_eq!(house.get(OF_LAMP).await.ok()["items"], json!([]));
    house.delete(&format!("{OF_LAMP}/{id}")).await.refused(404, "not_found");
    assert_eq!(house.get("/api/v2/auditlog").await.ok()["items"], log, "follows are not logged");
}

async fn for_others_it_is_an_action(store: Store) {
    let (house, me) = house(store).await;
    let path = format!("{OF_LAMP}/{}", me["_id"].as_str().unwrap());
    let token = async |service: bool, actions: &[&str]| {
        let role = json!([
            {"effect": "allow", "resources": ["proj/*"], "actions": ["viewProject"]},
            {"effect": "allow", "resources": ["proj/*:env/*:flag/*"], "actions": actions},
        ]);
        let token = json!({"name": "t", "serviceToken": service, "inlineRole": role});
        house.post("/api/v2/tokens", token).await.ok()["token"].as_str().unwrap().to_owned()
    };
    // A member's own token follows for that member, a service token for nobody.
    let own = token(false, &["updateOn"]).await;
    assert_eq!(house.raw(&format!("PUT {path}"), &[("authorization", &own)], "").await.status(), 204);
    let service = token(true, &["updateOn"]).await;
    for method in ["PUT", "DELETE"] {
        let answer = house.raw(&format!("{method} {path}"), &[("authorization", &service)], "").await;
        answer.refused(403, "forbidden");
        assert_eq!(answer.json()["access"]["action"], "manageFlagFollowers");
    }
    let manager = token(true, &["manageFlagFollowers"]).await;
    assert_eq!(house.raw(&format!("DELETE {path}"), &[("authorization", &manager)], "").await.status(), 204);
}

async fn unknown_things(store: Store) {
    let (house, me) = house(store).await;
    let id = me["_id"].as_str().unwrap();
    for path in [
        format!("{OF_LAMP}/ffffffffffffffffffffffff"),
        OF_LAMP.replace("lamp", "nope") + "/" + id,
        OF_LAMP.replace("/test/", "/nope/") + "/" + id,
        OF_LAMP.replace("/default/", "/nope/") + "/" + id,
    ] {
        house.send(&format!("PUT {path}"), None).await.refused(404, "not_found");
        house.delete(&path).await.refused(404, "not_found");
    }
}

async fn followers_go_with_the_flag(store: Store) {
    let (house, me) = house(store).await;
    put(&house, &format!("{OF_LAMP}/{}", me["_id"].as_str().unwrap())).await;
    assert_eq!(house.delete("/api/v2/flags/default/lamp").await.status(), 204);
    assert_eq!(house.get(&format!("{PROJECT}/environments/test/followers")).await.ok()["items"], json!([]));
}
