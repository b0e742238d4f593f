//! The list: pages, filters and order.

use serde_json::{Value, json};
use wigwag_store::Store;

use super::SEGMENTS;
use crate::flags::keys;
use crate::support::{House, on_both_engines};

on_both_engines! {
    pages_by_version;
    filters;
    orders;
}

async fn list(house: &House, query: &[(&str, &str)]) -> Value {
    let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    house.get(&format!("{SEGMENTS}?{}", query.join("&"))).await.ok()
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect()
}

async fn pages_by_version(store: Store) {
    let house = House::open(store).await;
    for i in 0..23 {
        house.segment(&format!("s{i:02}")).await;
    }
    let newest = house.in_version("20240415", SEGMENTS).await;
    assert_eq!((newest["items"].as_array().unwrap().len(), &newest["totalCount"]), (20, &json!(23)));
    assert_eq!(newest["items"][0]["key"], "s00");
    let next = newest["_links"]["next"]["href"].as_str().unwrap();
    assert_eq!(keys(&house.in_version("20240415", next).await), ["s20", "s21", "s22"]);
    for older in ["20191212", "20210729", "20220603"] {
        assert_eq!(house.in_version(older, SEGMENTS).await["items"].as_array().unwrap().len(), 23, "{older}");
    }
    assert_eq!(keys(&list(&house, &[("limit", "2"), ("offset", "3")]).await), ["s03", "s04"]);
    assert!(newest["items"][0].get("_flags").is_none());
    let elsewhere = house.get("/api/v2/segments/default/production").await.ok();
    assert_eq!(elsewhere["totalCount"], 0);
}

async fn filters(store: Store) {
    let house = House::open(store).await;
    for (key, name, description, tags) in [
        ("toggle", "One", "", json!(["beta"])),
        ("two", "Toggle it", "", json!(["enterprise", "x"])),
        ("three", "Three", "has TOGGLE in it", json!([])),
    ] {
        let body = json!({"key": key, "name": name, "description": description, "tags": tags});
        house.post(SEGMENTS, body).await.ok();
    }
    house.big_segment("big").await;
    for (filter, expected) in [
        (r#"query equals "toggle""#, vec!["toggle", "two", "three"]),
        (r#"query equals ["one", "BIG"]"#, vec!["toggle", "big"]),
        (r#"tags anyOf ["enterprise", "beta"],query equals "toggle""#, vec!["toggle", "two"]),
        (r#"tags anyOf ["x"]|unbounded equals true"#, vec!["two", "big"]),
        (r#"excludedKeys anyOf ["two", "big"]"#, vec!["toggle", "three"]),
        (r#"includedKeys anyOf ["two", "nobody"]"#, vec!["two"]),
        (r#"(includedKeys anyOf ["two"]|includedKeys anyOf ["big"]),unbounded equals false"#, vec!["two"]),
        ("external exists false", vec!["toggle", "two", "three", "big"]),
        ("external exists true", vec![]),
    ] {
        assert_eq!(keys(&list(&house, &[("filter", filter)]).await), expected, "{filter}");
    }
    for (filter, place) in [
        ("color equals red", "color"),
        ("tags equals x", "tags"),
        ("unbounded equals maybe", "unbounded"),
        ("(", "filter"),
    ] {
        let path = format!("{SEGMENTS}?filter={}", escaped(filter));
        let message = house.get(&path).await.refused(400, "invalid_request");
        assert!(message.contains(place), "{filter}: {message}");
    }
}

async fn orders(store: Store) {
    let house = House::open(store).await;
    for (key, name) in [("a", "Z"), ("b", "Y"), ("c", "X")] {
        house.post(SEGMENTS, json!({"key": key, "name": name})).await.ok();
        house.clock.advance(10);
    }
    house.tell("a", json!([{"kind": "addTags", "values": ["t"]}])).await.ok();
    for (sort, expected) in [
        ("name", ["c", "b", "a"]),
        ("-name", ["a", "b", "c"]),
        ("creationDate", ["a", "b", "c"]),
        ("-creationDate", ["c", "b", "a"]),
        ("lastModified", ["b", "c", "a"]),
        ("-lastModified,name", ["a", "c", "b"]),
    ] {
        assert_eq!(keys(&list(&house, &[("sort", sort)]).await), expected, "{sort}");
    }
    let message = house.get(&format!("{SEGMENTS}?sort=color")).await.refused(400, "invalid_request");
    assert!(message.contains("color"), "{message}");
}
