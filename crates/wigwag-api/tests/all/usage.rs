//! Account usage.

use std::sync::Arc;

use serde_json::{Value, json};
use wigwag_store::Store;
use wigwag_store::volume::{Batch, Count, Measure, Sender, SenderKind, Tally, Unique, Usage, hash_of_key};

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    evaluations_are_told_by_variation;
    contexts_are_counted_each_once;
    events_streams_and_runs_are_counted;
    sdks_are_listed;
    what_there_is_not_is_empty;
    what_cannot_be_asked_is_named;
    hidden_projects_are_not_counted;
}

const DAY: i64 = 86_400_000;

fn sender(kind: SenderKind, sdk: &str, version: &str) -> Arc<Sender> {
    Arc::new(Sender { kind, sdk: sdk.into(), sdk_version: version.into(), ..Sender::default() })
}

impl House {
    /// Tells of contexts of kind user.
    async fn met(&self, sender: &Arc<Sender>, at: i64, keys: &[&str]) {
        let env: Arc<str> = self.env_id().await.as_str().into();
        let unique = |key: &&str| Unique {
            env: env.clone(),
            sender: sender.clone(),
            kind: "user".into(),
            anonymous: key.starts_with('?'),
            hash: hash_of_key("user", key),
            at,
        };
        let uniques = keys.iter().map(unique).collect();
        self.store.volume().record(Batch { uniques, ..Batch::default() }).await.unwrap();
    }

    /// Tells of something counted.
    async fn tallied(&self, sender: &Arc<Sender>, measure: Measure, name: &str, count: u64) {
        let env = self.env_id().await.as_str().into();
        let tally = Tally { env, sender: sender.clone(), measure, name: name.into(), at: NOW, count };
        self.store.volume().record(Batch { tallies: vec![tally], ..Batch::default() }).await.unwrap();
    }

    /// The last point of each series under its description.
    async fn last(&self, path: &str) -> Vec<(Value, i64)> {
        let list = self.get(&format!("/api/v2/usage/{path}")).await.ok();
        let last = list["series"].as_array().unwrap().last().cloned().unwrap_or_default();
        let about = list["metadata"].as_array().unwrap();
        about.iter().enumerate().map(|(n, about)| (about.clone(), last[n.to_string()].as_i64().unwrap())).collect()
    }
}

async fn evaluations_are_told_by_variation(store: Store) {
    let house = House::open(store).await;
    house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "Lamp"})).await.ok();
    let usage = |at, variation, count| Usage {
        env: "".into(),
        flag: "lamp".into(),
        at,
        application: "".into(),
        sender: sender(SenderKind::Server, "GoClient", "7.0.0"),
        fallback: None,
        kinds: Vec::new(),
        counts: vec![Count { variation, version: 1, count }],
    };
    let env: Arc<str> = house.env_id().await.as_str().into();
    let usage = [usage(NOW, Some(0), 3), usage(NOW - 60_000, Some(1), 2), usage(NOW - 3 * DAY, None, 7)];
    let usage = usage.map(|usage| Usage { env: env.clone(), ..usage }).into();
    house.store.volume().record(Batch { usage, ..Batch::default() }).await.unwrap();
    let path = "/api/v2/usage/evaluations/default/test/lamp";
    let list = house.get(path).await.ok();
    assert_eq!(
        list["metadata"],
        json!([{"variation": 0, "value": true}, {"variation": 1, "value": false},
        {"variation": null}])
    );
    let series = list["series"].as_array().unwrap();
    assert_eq!(series.len(), 31, "a point for every day");
    assert_eq!((&series[30]["0"], &series[30]["1"], &series[27]["2"]), (&json!(3), &json!(2), &json!(7)));
    assert_eq!(list["_links"]["self"]["href"], path);
    // Recent ones minute by minute.
    let list = house.get(&format!("{path}?from={}", NOW - 3_600_000)).await.ok();
    let series = list["series"].as_array().unwrap();
    assert_eq!((series.len(), &series[60]["0"], &series[59]["1"]), (61, &json!(3), &json!(2)));
    // Who asked, where that is asked for.
    let list = house.get(&format!("{path}?groupBy=sdkName,sdkAppId")).await.ok();
    assert_eq!(list["metadata"][0], json!({"variation": 0, "value": true, "sdkName": "GoClient", "sdkAppId": ""}));
    house.get(&format!("{path}?groupBy=planet")).await.refused(400, "invalid_request");
    house.get("/api/v2/usage/evaluations/default/test/none").await.refused(404, "not_found");
}

async fn contexts_are_counted_each_once(store: Store) {
    let house = House::open(store).await;
    let (go, js) = (sender(SenderKind::Server, "GoClient", "7"), sender(SenderKind::Browser, "JSClient", "3"));
    house.met(&go, NOW - DAY, &["a", "b"]).await;
    house.met(&go, NOW, &["b", "c"]).await;
    house.met(&js, NOW, &["c", "?d"]).await;
    let one = |n| vec![(json!({}), n)];
    assert_eq!(house.last("total-mau").await, one(4));
    assert_eq!(house.last("total-mau?aggregationType=incremental").await, one(2));
    assert_eq!(house.last("clientside-mau").await, one(2));
    assert_eq!(house.last("clientside-mau?anonymous=false").await, one(1));
    assert_eq!(house.last("total-mau?sdkType=server").await, one(3));
    assert_eq!(house.last("total-mau?projectKey=default&environmentKey=production").await, []);
    let user = |n| vec![(json!({"contextKind": "user"}), n)];
    assert_eq!(house.last("serverside-contexts").await, user(3));
    assert_eq!(house.last("clientside-contexts").await, user(2));
    assert_eq!(house.last("total-contexts?contextKind=org").await, []);
    let grouped = house.last("total-contexts?groupBy=sdkName").await;
    assert_eq!(
        grouped,
        [
            (json!({"contextKind": "user", "sdkName": "GoClient"}), 3),
            (json!({"contextKind": "user", "sdkName": "JSClient"}), 2),
        ]
    );
    assert_eq!(house.last("mau").await, one(4));
    assert_eq!(
        house.last("mau?sdktype=client&groupby=anonymous").await,
        [(json!({"anonymous": "false"}), 1), (json!({"anonymous": "true"}), 1),]
    );
    assert_eq!(
        house.last("mau/bycategory").await,
        [(json!({"category": "backend"}), 3), (json!({"category": "browser"}), 2),]
    );
}

async fn events_streams_and_runs_are_counted(store: Store) {
    let house = House::open(store).await;
    let go = sender(SenderKind::Server, "GoClient", "7");
    house.tallied(&go, Measure::Events, "summary", 4).await;
    house.tallied(&go, Measure::Events, "index", 2).await;
    house.tallied(&go, Measure::MetricEvents, "$ld:ai:generation:success", 3).await;
    house.tallied(&go, Measure::MetricEvents, "buy", 2).await;
    house.tallied(&go, Measure::Clicks, "buy", 1).await;
    house.tallied(&go, Measure::Connections, "", 5).await;
    house.tallied(&go, Measure::ConnectionMinutes, "", 9).await;
    let one = |n| vec![(json!({}), n)];
    assert_eq!(house.last("events/received").await, one(6));
    assert_eq!(house.last("events/published").await, []);
    assert_eq!(house.last("ai-runs").await, one(3));
    assert_eq!(
        house.last("experimentation-events?eventKey=buy&groupBy=eventKind").await,
        [(json!({"eventKind": "click"}), 1), (json!({"eventKind": "custom"}), 2),]
    );
    assert_eq!(house.last("streams/server").await, one(5));
    assert_eq!(house.last("streams/client").await, []);
    let version = json!({"sdk": "GoClient", "version": "7"});
    assert_eq!(house.last("streams/server/bysdkversion").await, [(version, 5)]);
    assert_eq!(house.last("streams/server/bysdkversion?sdk=JSClient").await, []);
    assert_eq!(house.last("service-connections?granularity=hourly&aggregationType=incremental").await, one(9));
}

async fn sdks_are_listed(store: Store) {
    let house = House::open(store).await;
    for (kind, sdk, version) in [
        (SenderKind::Server, "GoClient", "7.9.0"),
        (SenderKind::Server, "GoClient", "7.10.0"),
        (SenderKind::Browser, "JSClient", "3.1"),
    ] {
        house.tallied(&sender(kind, sdk, version), Measure::Events, "index", 1).await;
    }
    let get = async |path: &str| house.get(&format!("/api/v2/usage/{path}")).await.ok();
    assert_eq!(get("mau/sdks").await["sdks"], json!(["GoClient", "JSClient"]));
    assert_eq!(get("mau/sdks?sdktype=client").await["sdks"], json!(["JSClient"]));
    let versions = json!([{"sdk": "GoClient", "version": "7.10.0"}, {"sdk": "GoClient", "version": "7.9.0"}]);
    assert_eq!(get("streams/server/sdkversions").await["sdkVersions"], versions);
    assert_eq!(get("sdk-versions/all").await.as_array().unwrap().len(), 3);
    let found = get("sdk-versions/all?sdkType=browser").await;
    assert_eq!((&found[0]["name"], &found[0]["version"]), (&json!("JSClient"), &json!("3.1")));
    assert_eq!((&found[0]["projectKey"], &found[0]["environmentKey"]), (&json!("default"), &json!("test")));
    let newest = get("sdk-versions/details").await;
    let newest: Vec<_> = newest.as_array().unwrap().iter().map(|each| each["version"].as_str().unwrap()).collect();
    assert_eq!(newest, ["7.10.0", "3.1"]);
    house.clock.advance(2 * DAY);
    assert_eq!(get("sdk-versions/all").await, json!([]));
}

async fn what_there_is_not_is_empty(store: Store) {
    let house = House::open(store).await;
    let observed = ["errors", "logs", "metrics", "sessions", "traces"].map(|what| format!("observability/{what}"));
    let others = ["vega-ai", "data-export-events", "experimentation-keys", "warehouse-export", "events/published"];
    for path in observed.iter().map(String::as_str).chain(others) {
        let list = house.get(&format!("/api/v2/usage/{path}")).await.ok();
        assert_eq!((&list["metadata"], &list["series"]), (&json!([]), &json!([])), "{path}");
    }
    let ranking = "/api/v2/usage/data-export-events/projects/ranking";
    let found = house.get(&format!("{ranking}?from=1&to=2")).await.ok();
    assert_eq!(
        found,
        json!({"items": [], "page": {"limit": 20, "count": 0, "totalCount": 0},
        "scope": {"source": "streaming", "dimension": "project", "from": 1, "to": 2}})
    );
    for query in ["", "?from=2&to=1", "?from=1&to=2&limit=0", "?from=1&to=2&source=x", "?from=1&to=2&cursor=x"] {
        house.get(&format!("{ranking}{query}")).await.refused(400, "invalid_request");
    }
}

async fn what_cannot_be_asked_is_named(store: Store) {
    let house = House::open(store).await;
    for (path, field) in [
        ("total-mau?from=x", "from"),
        ("total-mau?groupBy=shoe", "groupBy"),
        ("total-mau?aggregationType=shoe", "aggregationType"),
        ("total-mau?granularity=hourly", "granularity"),
        ("mau?environment=e", "environment"),
        ("mau/sdks?sdktype=shoe", "sdktype"),
        ("warehouse-export?destination=s3&destinationKind=s3", "destination"),
    ] {
        let refused = house.get(&format!("/api/v2/usage/{path}")).await.refused(400, "invalid_request");
        assert!(refused.contains(field), "{path}: {refused}");
    }
    for path in ["streams/shoe", "streams/shoe/sdkversions", "events/shoe"] {
        house.get(&format!("/api/v2/usage/{path}")).await.refused(404, "not_found");
    }
}

async fn hidden_projects_are_not_counted(store: Store) {
    let house = House::open(store).await;
    house.met(&sender(SenderKind::Server, "GoClient", "7"), NOW, &["a"]).await;
    let policy = json!([
        {"effect": "allow", "actions": ["*"], "resources": ["acct", "proj/*"]},
        {"effect": "deny", "actions": ["viewProject"], "resources": ["proj/default"]},
    ]);
    let token = json!({"name": "t", "inlineRole": policy});
    let token = house.post("/api/v2/tokens", token).await.ok()["token"].as_str().unwrap().to_owned();
    let headers = [("authorization", token.as_str()), ("ld-api-version", "beta")];
    let list = house.raw("GET /api/v2/usage/total-mau", &headers, "").await.ok();
    assert_eq!(list["series"], json!([]));
    assert_eq!(house.last("total-mau").await, [(json!({}), 1)]);
}
