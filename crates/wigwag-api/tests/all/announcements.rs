//! Announcements: one at a time.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use crate::house::{House, NOW, on_both_engines, replace, texts};

on_both_engines! {
    from_creation_to_deletion,
    one_at_a_time,
    bad_ones,
    who_may,
}

const PATH: &str = "/api/v2/announcements";

fn post(start: i64, end: Option<i64>) -> Value {
    let mut body =
        json!({"isDismissible": true, "title": "T", "message": "*M*", "severity": "warning", "startTime": start});
    if let Some(end) = end {
        body["endTime"] = end.into();
    }
    body
}

async fn from_creation_to_deletion(house: House) {
    let owner = house.owner();
    let made = owner.post(PATH, post(NOW - 1, Some(NOW + 10))).await.expect(201);
    let id = made["_id"].as_str().unwrap().to_owned();
    let path = format!("{PATH}/{id}");
    assert_eq!(
        made,
        json!({
            "_links": {"self": {"href": path, "type": "application/json"}, "parent": {"href": PATH, "type": "application/json"}},
            "_id": id, "isDismissible": true, "title": "T", "message": "*M*", "severity": "warning",
            "startTime": NOW - 1, "endTime": NOW + 10, "_status": "active",
        })
    );
    let (entry, record) = house.last_entry().await;
    assert_eq!((&*entry.kind, &*entry.name), ("announcement", "T"));
    assert_eq!(record["accesses"], json!([{"action": "createAnnouncement", "resource": "acct"}]));
    let later = owner
        .patch(
            &path,
            json!([{"op": "replace", "path": "/severity", "value": "critical"}, {"op": "remove", "path": "/endTime"}]),
        )
        .await
        .expect(200);
    assert_eq!((&later["severity"], later.get("endTime")), (&json!("critical"), None));
    let (_, record) = house.last_entry().await;
    assert_eq!(
        (&record["titleVerb"], &record["accesses"][0]["action"]),
        (&json!("updated the announcement"), &json!("updateAnnouncement"))
    );
    house.unchanged(async { owner.patch(&path, replace("/title", "T")).await.expect(200) }).await;
    owner.delete(&path).await.expect(204);
    owner.delete(&path).await.refused(404, "not_found");
    owner.patch(&path, replace("/title", "T")).await.refused(404, "not_found");
    assert_eq!(owner.get(PATH).await.expect(200)["items"], json!([]));
}

async fn one_at_a_time(house: House) {
    let owner = house.owner();
    owner.post(PATH, post(NOW, Some(NOW + 10))).await.expect(201);
    let message = house.unchanged(async { owner.post(PATH, post(NOW + 5, None)).await.refused(409, "conflict") }).await;
    assert!(message.contains("Only one"), "{message}");
    let next = owner.post(PATH, post(NOW + 10, None)).await.expect(201);
    assert_eq!(next["_status"], "scheduled");
    let path = format!("{PATH}/{}", next["_id"].as_str().unwrap());
    owner.patch(&path, replace("/startTime", NOW + 9)).await.refused(409, "conflict");
    owner.post(PATH, post(NOW - 20, Some(NOW))).await.expect(201);
    let found = async |status: &str| {
        texts(&owner.get(&format!("{PATH}?status={status}")).await.expect(200), "_status").join(" ")
    };
    assert_eq!(
        (&*found("active").await, &*found("scheduled").await, &*found("inactive").await),
        ("active", "scheduled", "inactive")
    );
    assert_eq!(owner.get(&format!("{PATH}?limit=1")).await.expect(200)["totalCount"], 3);
    house.clock.advance(10);
    assert_eq!(found("inactive").await, "inactive inactive");
    owner.get(&format!("{PATH}?status=old")).await.refused(400, "invalid_request");
}

async fn bad_ones(house: House) {
    for (name, value) in [
        ("title", json!("")),
        ("message", json!(" ")),
        ("severity", json!("loud")),
        ("startTime", json!(-1)),
        ("startTime", json!("now")),
        ("endTime", json!(1)),
        ("isDismissible", json!("yes")),
    ] {
        let mut body = post(NOW, None);
        body[name] = value;
        let message = house.owner().post(PATH, body).await.refused(400, "invalid_request");
        assert!(message.contains(name), "{name}: {message}");
    }
}

async fn who_may(house: House) {
    let made = house.owner().post(PATH, post(NOW, None)).await.expect(201);
    let path = format!("{PATH}/{}", made["_id"].as_str().unwrap());
    let writer = house.role("writer").await;
    let writer = house.with(&writer);
    writer.get(PATH).await.expect(200);
    assert_eq!(writer.post(PATH, post(NOW, None)).await.denied(), ("createAnnouncement".to_owned(), "acct".to_owned()));
    assert_eq!(writer.patch(&path, replace("/title", "X")).await.denied().0, "updateAnnouncement");
    assert_eq!(writer.delete(&path).await.denied().0, "deleteAnnouncement");
    let blind = house.inline("deny", &["*"], &["acct"]).await;
    house.with(&blind).get(PATH).await.denied();
}
