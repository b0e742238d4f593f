//! `getFeatureFlags`: what each version of the API shows, pages and order.

use serde_json::json;
use wigwag_store::Store;

use super::{FLAGS, keys, path, variation};
use crate::support::{House, on_both_engines};

on_both_engines! {
    what_each_version_shows;
    pages_and_their_links;
    orders;
    modification_dates_order_by_environment;
    environments_are_compared;
    parameters_that_are_refused;
}

const FULL: [&str; 6] = ["rules", "targets", "contextTargets", "prerequisites", "fallthrough", "offVariation"];

async fn what_each_version_shows(store: Store) {
    let house = House::open(store).await;
    house.boolean("f").await;
    // Version, query, environments shown (none: the member is absent), whole configurations.
    let cases = [
        ("20160426", "", Some(2), true),
        ("20160426", "?summary=1", Some(2), false),
        ("20191212", "", Some(2), false),
        ("20191212", "?summary=0", Some(2), true),
        ("20210729", "?env=test", Some(1), false),
        ("20220603", "?env=test&env=production&summary=0", Some(2), true),
        ("20220603", "?filter=filterEnv:test", Some(2), false),
        ("20240415", "", None, false),
        ("20240415", "?summary=0", None, false),
        ("20240415", "?env=production", Some(1), false),
        ("20240415", "?env=test,production&summary=0", Some(2), true),
        ("20240415", "?filter=filterEnv:test", Some(1), false),
        ("20240415", "?filter=filterEnv:test%2Bproduction", Some(2), false),
    ];
    for (version, query, environments, full) in cases {
        let list = house.in_version(version, &format!("{FLAGS}{query}")).await;
        assert_eq!(list["totalCount"], 1);
        let shown = list["items"][0].get("environments");
        assert_eq!(shown.map(|e| e.as_object().unwrap().len()), environments, "{version}{query}");
        for config in shown.iter().flat_map(|e| e.as_object().unwrap().values()) {
            assert!(FULL.iter().all(|name| config.get(name).is_some() == full), "{version}{query}: {config}");
            assert!(config["_summary"]["variations"]["0"]["isFallthrough"] == true);
        }
    }
}

async fn pages_and_their_links(store: Store) {
    let house = House::open(store).await;
    for i in 0..23 {
        house.boolean(&format!("f{i:02}")).await;
    }
    let all = house.in_version("20220603", FLAGS).await;
    assert_eq!((keys(&all).len(), &all["totalCount"]), (23, &json!(23)));
    let page = house.in_version("20240415", FLAGS).await;
    assert_eq!((keys(&page).len(), &page["totalCount"]), (20, &json!(23)));
    assert!(page["_links"].get("first").is_none() && page["_links"].get("prev").is_none());
    let next = page["_links"]["next"]["href"].as_str().unwrap();
    let rest = house.in_version("20240415", next).await;
    assert_eq!(keys(&rest), ["f20", "f21", "f22"]);
    assert!(rest["_links"].get("next").is_none());
    let some = house.in_version("20210729", &format!("{FLAGS}?limit=2&offset=1")).await;
    assert_eq!(keys(&some), ["f01", "f02"], "in the order they were created");
}

async fn orders(store: Store) {
    let house = House::open(store).await;
    for (key, name, temporary, tag) in [("b", "1", true, "z"), ("c", "3", false, "y"), ("a", "2", true, "x")] {
        house.clock.advance(1);
        house.flag(json!({"name": name, "key": key, "temporary": temporary, "tags": [tag]})).await;
    }
    for (sort, expected) in [
        ("key", ["a", "b", "c"]),
        ("-key", ["c", "b", "a"]),
        ("name", ["b", "a", "c"]),
        ("creationDate", ["b", "c", "a"]),
        ("-creationDate", ["a", "c", "b"]),
        ("tags", ["a", "c", "b"]),
        ("type,-key", ["c", "b", "a"]),
        ("maintainerId,key", ["a", "b", "c"]),
    ] {
        let list = house.get(&format!("{FLAGS}?sort={sort}")).await.ok();
        assert_eq!(keys(&list), expected, "{sort}");
    }
}

async fn modification_dates_order_by_environment(store: Store) {
    let house = House::open(store).await;
    for key in ["a", "b", "c", "old"] {
        house.boolean(key).await;
    }
    for (key, env) in [("b", "test"), ("a", "test"), ("c", "test"), ("a", "production")] {
        house.clock.advance(5);
        let on = json!({"environmentKey": env, "instructions": [{"kind": "turnFlagOn"}]});
        house.patch(&path(key), on).await.ok();
    }
    let archive = json!({"instructions": [{"kind": "archiveFlag"}]});
    house.patch(&path("old"), archive).await.ok();
    let list = |env: &str, more: &str| format!("{FLAGS}?env={env}&sort=-targetingModifiedDate{more}");
    // All flags are read, or their configurations gone through.
    for few in [1_000, 0] {
        house.store.set_few(few);
        assert_eq!(keys(&house.get(&list("test", "")).await.ok()), ["c", "a", "b"]);
        assert_eq!(keys(&house.get(&list("production", "&limit=1")).await.ok()), ["a"]);
        for (offset, expected) in [(0, &["c"][..]), (1, &["a"]), (2, &["b"]), (3, &[])] {
            let page = house.get(&list("test", &format!("&limit=1&offset={offset}"))).await.ok();
            assert_eq!((keys(&page), &page["totalCount"]), (expected.to_vec(), &json!(3)), "{offset}");
        }
        assert_eq!(keys(&house.get(&list("test", "&filter=state:archived")).await.ok()), ["old"]);
        assert_eq!(keys(&house.get(&list("test", "&limit=1&filter=query:b")).await.ok()), ["b"]);
    }
}

async fn parameters_that_are_refused(store: Store) {
    let house = House::open(store).await;
    for (query, named) in [
        ("limit=101", "Limit must be less than or equal to 100"),
        ("limit=x", "limit"),
        ("offset=-1", "offset"),
        ("sort=salary", "salary"),
        ("sort=targetingModifiedDate", "env"),
        ("sort=key,targetingModifiedDate&env=test", "targetingModifiedDate"),
        ("summary=maybe", "summary"),
        ("archived=maybe", "archived"),
        ("compare=maybe", "compare"),
    ] {
        let message = house.get(&format!("{FLAGS}?{query}")).await.refused(400, "invalid_request");
        assert!(message.contains(named), "{query}: {message}");
    }
    let message = house.get(&format!("{FLAGS}?env=nope")).await.refused(404, "not_found");
    assert_eq!(message, "Unknown environment key nope");
}

async fn environments_are_compared(store: Store) {
    let house = House::open(store).await;
    for key in ["same", "on", "rule", "copied"] {
        house.boolean(key).await;
    }
    let rule = |flag: &serde_json::Value| {
        let clauses = json!([{"attribute": "email", "op": "endsWith", "values": [".edu"]}]);
        json!([{"kind": "addRule", "variationId": variation(flag, 1), "clauses": clauses}])
    };
    house.instruct("on", json!([{"kind": "turnFlagOn"}])).await;
    for key in ["rule", "copied"] {
        let flag = house.get(&path(key)).await.ok();
        house.instruct(key, rule(&flag)).await;
    }
    // The same rule made twice has two ids, and is the same nonetheless.
    let copied = house.get(&path("copied")).await.ok();
    let again = json!({"environmentKey": "production", "instructions": rule(&copied)});
    house.patch(&path("copied"), again).await.ok();
    for (version, query, expected) in [
        ("20220603", "?compare=true", json!(2)),
        ("20220603", "?compare=true&filter=query:on", json!(1)),
        ("20220603", "?compare=true&env=test", json!(0)),
        ("20220603", "?compare=false", json!(null)),
        ("20220603", "", json!(null)),
        ("20240415", "?compare=true&env=test&env=production&limit=1", json!(2)),
    ] {
        let list = house.in_version(version, &format!("{FLAGS}{query}")).await;
        assert_eq!(list["totalCountWithDifferences"], expected, "{version} {query}");
    }
}
