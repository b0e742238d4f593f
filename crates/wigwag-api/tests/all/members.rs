//! Members: `me`, the list and one.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::json;

use crate::house::{House, on_both_engines, texts};

on_both_engines! {
    the_owner_is_there,
    who_may_look,
    filters_and_pages,
    teams_are_shown_and_searched,
    the_rest_is_not_built,
}

const PATH: &str = "/api/v2/members";

async fn the_owner_is_there(house: House) {
    let me = house.owner().get(&format!("{PATH}/me")).await.expect(200);
    let id = me["_id"].as_str().unwrap();
    assert_eq!(
        me,
        json!({
            "_links": {"self": {"href": format!("{PATH}/{id}"), "type": "application/json"}},
            "_id": id, "role": "owner", "email": "ann@example.com", "_pendingInvite": false, "_verified": true,
            "customRoles": [], "excludedDashboards": [], "mfa": "disabled", "_lastSeen": 0, "creationDate": crate::house::NOW,
            "hasPassword": true, "teams": [], "version": 1,
        })
    );
    assert_eq!(house.owner().get(&format!("{PATH}/{id}")).await.expect(200), me);
    let list = house.owner().get(PATH).await.expect(200);
    assert_eq!((&list["items"], &list["totalCount"]), (&json!([me]), &json!(1)));
    assert_eq!(list["_links"]["self"]["href"], PATH);
    for id in ["x", "0123456789abcdef01234567"] {
        house.owner().get(&format!("{PATH}/{id}")).await.refused(404, "not_found");
    }
}

async fn who_may_look(house: House) {
    let service = house.token(json!({"role": "reader", "serviceToken": true})).await;
    house.with(&service).get(PATH).await.expect(200);
    house.with(&service).get(&format!("{PATH}/me")).await.refused(404, "not_found");
    let blind = house.inline("deny", &["*"], &["acct"]).await;
    house.with(&blind).get(PATH).await.denied();
    house.with(&blind).get(&format!("{PATH}/me")).await.expect(200);
    house.with("").get(PATH).await.refused(401, "unauthorized");
}

async fn filters_and_pages(house: House) {
    let id = house.owner().get(&format!("{PATH}/me")).await.expect(200)["_id"].as_str().unwrap().to_owned();
    let cases = [
        ("filter=query:ANN", 1),
        ("filter=query:bob", 0),
        ("filter=role:admin", 1),
        ("filter=role:reader|owner", 1),
        ("filter=role:reader", 0),
        ("filter=email:ann@example.com|x@y", 1),
        ("filter=email:x@y", 0),
        (&*format!("filter=id:{id}"), 1),
        ("filter=id:none", 0),
        ("sort=displayName", 1),
        ("sort=-lastSeen", 1),
        ("limit=1000", 1),
        ("offset=1", 0),
    ];
    for (query, count) in cases {
        let list = house.owner().get(&format!("{PATH}?{query}")).await.expect(200);
        assert_eq!(texts(&list, "_id").len(), count, "{query}");
    }
    for bad in ["filter=shoe:42", "sort=shoe", "limit=1001"] {
        house.owner().get(&format!("{PATH}?{bad}")).await.refused(400, "invalid_request");
    }
    let old = house.owner().version("20191212").get(&format!("{PATH}?limit=0")).await.expect(200);
    assert_eq!(texts(&old, "_id").len(), 1);
}

async fn teams_are_shown_and_searched(house: House) {
    let owner = house.owner();
    let id = owner.get(&format!("{PATH}/me")).await.expect(200)["_id"].as_str().unwrap().to_owned();
    let count =
        async |filter: &str| owner.get(&format!("{PATH}?filter={filter}")).await.expect(200)["totalCount"].clone();
    assert_eq!(
        (count("noteam:true").await, count("noteam:false").await, count("team:t").await),
        (json!(1), json!(0), json!(0))
    );
    owner.post("/api/v2/teams", json!({"key": "t", "name": "T", "memberIDs": [id]})).await.expect(201);
    assert_eq!(
        (count("noteam:true").await, count("noteam:false").await, count("team:T").await),
        (json!(0), json!(1), json!(1))
    );
    let me = owner.get(&format!("{PATH}/me")).await.expect(200);
    assert_eq!((&me["teams"][0]["key"], &me["teams"][0]["customRoleKeys"]), (&json!("t"), &json!([])));
    owner.get(&format!("{PATH}?filter=noteam:perhaps")).await.refused(400, "invalid_request");
}

async fn the_rest_is_not_built(house: House) {
    house
        .owner()
        .post(PATH, json!([{"email": "x@example.com", "role": "reader"}]))
        .await
        .refused(501, "not_implemented");
}
