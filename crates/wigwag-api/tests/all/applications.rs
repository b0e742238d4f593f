//! Applications that SDKs report.

use std::sync::Arc;

use serde_json::{Value, json};
use wigwag_store::Store;
use wigwag_store::volume::{Batch, Count, Measure, Sender, SenderKind, Tally, Usage};

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    those_that_are_reported_are_listed;
    lists_are_narrowed_sorted_and_paged;
    notes_are_kept_and_audited;
    what_is_deleted_comes_back_when_it_is_reported;
    changes_need_their_actions;
    what_cannot_be_done_is_named;
}

const APPLICATIONS: &str = "/api/v2/applications";

fn sender(kind: SenderKind, application: &str, version: &str) -> Arc<Sender> {
    let (sdk, sdk_version) = ("GoClient".into(), "7".into());
    Arc::new(Sender { kind, sdk, sdk_version, application: application.into(), application_version: version.into() })
}

impl House {
    /// Something was sent by an application.
    pub async fn reported(&self, kind: SenderKind, application: &str, version: &str) {
        let env = self.env_id().await.as_str().into();
        let at = self.clock.now();
        let sender = sender(kind, application, version);
        let tally = Tally { env, sender, measure: Measure::Events, name: "index".into(), at, count: 1 };
        self.store.volume().record(Batch { tallies: vec![tally], ..Batch::default() }).await.unwrap();
    }

    async fn shop(store: Store) -> Self {
        let house = Self::open(store).await;
        house.reported(SenderKind::Mobile, "shop", "1.0").await;
        house.clock.advance(60_000);
        house.reported(SenderKind::Mobile, "shop", "1.1").await;
        house.reported(SenderKind::Server, "api", "").await;
        house.reported(SenderKind::Server, "", "").await;
        house
    }

    async fn listed(&self, path: &str) -> Vec<String> {
        let list = self.get(path).await.ok();
        list["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap().to_owned()).collect()
    }
}

async fn those_that_are_reported_are_listed(store: Store) {
    let house = House::shop(store).await;
    assert_eq!(house.listed(APPLICATIONS).await, ["api", "shop"]);
    let shop = house.get(&format!("{APPLICATIONS}/shop")).await.ok();
    assert_eq!(
        shop,
        json!({"_links": {"self": {"href": "/api/v2/applications/shop", "type": "application/json"},
            "parent": {"href": "/api/v2/applications", "type": "application/json"}}, "_version": 0, "autoAdded": true,
            "creationDate": NOW, "key": "shop", "kind": "mobile", "name": "shop"})
    );
    let versions = house.get(&format!("{APPLICATIONS}/shop/versions")).await.ok();
    assert_eq!(versions["totalCount"], 2);
    let (key, supported) = (&versions["items"][1]["key"], &versions["items"][1]["supported"]);
    assert_eq!((key, supported), (&json!("1.1"), &json!(true)));
    house.get(&format!("{APPLICATIONS}/none")).await.refused(404, "not_found");

    // With the flags that it evaluated.
    house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "Lamp"})).await.ok();
    let usage = Usage {
        env: house.env_id().await.as_str().into(),
        flag: "lamp".into(),
        at: NOW,
        application: "shop".into(),
        sender: sender(SenderKind::Mobile, "shop", "1.0"),
        fallback: None,
        kinds: Vec::new(),
        counts: vec![Count { variation: Some(0), version: 1, count: 1 }],
    };
    house.store.volume().record(Batch { usage: vec![usage], ..Batch::default() }).await.unwrap();
    let list = house.get(&format!("{APPLICATIONS}?expand=flags")).await.ok();
    assert_eq!(list["items"][0]["flags"]["totalCount"], 0);
    assert_eq!(
        (&list["items"][1]["flags"]["items"][0]["key"], &list["items"][1]["flags"]["totalCount"]),
        (&json!("lamp"), &json!(1))
    );
}

async fn lists_are_narrowed_sorted_and_paged(store: Store) {
    let house = House::shop(store).await;
    for (query, keys) in [
        ("filter=kind%20anyOf%20%5B%22mobile%22%2C%22browser%22%5D", &["shop"][..]),
        ("filter=name%20startsWith%20%22a%22", &["api"]),
        ("filter=key%20notEquals%20%22api%22", &["shop"]),
        ("filter=autoAdded%20equals%20false", &[]),
        ("sort=-name", &["shop", "api"]),
        ("sort=creationDate", &["shop", "api"]),
        ("limit=1&offset=1", &["shop"]),
    ] {
        assert_eq!(house.listed(&format!("{APPLICATIONS}?{query}")).await, keys, "{query}");
    }
    assert_eq!(house.listed(&format!("{APPLICATIONS}/shop/versions?sort=-creationDate")).await, ["1.1", "1.0"]);
    house.get(&format!("{APPLICATIONS}?filter=shoe%20equals%201")).await.refused(400, "invalid_request");
    house.get(&format!("{APPLICATIONS}?sort=shoe")).await.refused(400, "invalid_request");
}

fn replace(path: &str, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

async fn notes_are_kept_and_audited(store: Store) {
    let house = House::shop(store).await;
    let shop = format!("{APPLICATIONS}/shop");
    let patch = json!([{"op": "add", "path": "/description", "value": "Sells"}, {"op": "replace", "path": "/kind", "value": "browser"}]);
    let changed = house.patch(&shop, patch).await.ok();
    let told = (&changed["description"], &changed["kind"], &changed["_version"]);
    assert_eq!(told, (&json!("Sells"), &json!("browser"), &json!(1)));
    assert_eq!(house.get(&shop).await.ok(), changed);
    let head = house.head().await;
    house.patch(&shop, replace("/kind", json!("browser"))).await.ok();
    assert_eq!(house.head().await, head, "nothing changed");
    let version = format!("{shop}/versions/1.0");
    let changed = house.patch(&version, replace("/supported", json!("false"))).await.ok();
    assert_eq!((&changed["key"], &changed["supported"]), (&json!("1.0"), &json!(false)));
    let listed = house.get(&format!("{shop}/versions?filter=supported%20equals%20false")).await.ok();
    assert_eq!(listed["totalCount"], 1);
    let entries = house.get("/api/v2/auditlog?limit=3").await.ok();
    let told: Vec<_> =
        entries["items"].as_array().unwrap().iter().map(|e| (e["kind"].clone(), e["titleVerb"].clone())).collect();
    assert_eq!(
        told[..2],
        [
            (json!("application"), json!("updated a version of the application")),
            (json!("application"), json!("updated the application")),
        ]
    );
}

async fn what_is_deleted_comes_back_when_it_is_reported(store: Store) {
    let house = House::shop(store).await;
    let shop = format!("{APPLICATIONS}/shop");
    assert_eq!(house.delete(&format!("{shop}/versions/1.0")).await.status(), 204);
    assert_eq!(house.listed(&format!("{shop}/versions")).await, ["1.1"]);
    house.patch(&shop, replace("/description", json!("x"))).await.ok();
    assert_eq!(house.delete(&shop).await.status(), 204);
    house.get(&shop).await.refused(404, "not_found");
    house.delete(&shop).await.refused(404, "not_found");
    assert_eq!(house.listed(APPLICATIONS).await, ["api"]);
    house.clock.advance(120_000);
    house.reported(SenderKind::Mobile, "shop", "1.2").await;
    assert_eq!(house.listed(APPLICATIONS).await, ["api", "shop"]);
    assert_eq!(house.get(&shop).await.ok()["description"], Value::Null);
}

async fn changes_need_their_actions(store: Store) {
    let house = House::shop(store).await;
    let policy =
        json!([{"effect": "allow", "actions": ["updateApplicationDescription"], "resources": ["application/*"]}]);
    let token = house.post("/api/v2/tokens", json!({"name": "t", "inlineRole": policy})).await.ok();
    let headers = [("authorization", token["token"].as_str().unwrap()), ("ld-api-version", "beta")];
    let add = json!([{"op": "add", "path": "/description", "value": "x"}]).to_string();
    let head = house.head().await;
    for (line, body) in [
        ("PATCH /api/v2/applications/shop", replace("/kind", json!("browser")).to_string()),
        ("DELETE /api/v2/applications/shop", String::new()),
        ("PATCH /api/v2/applications/shop/versions/1.0", replace("/supported", json!(false)).to_string()),
        ("DELETE /api/v2/applications/shop/versions/1.0", String::new()),
    ] {
        house.raw(line, &headers, &body).await.refused(403, "forbidden");
    }
    assert_eq!(house.head().await, head);
    house.raw("PATCH /api/v2/applications/shop", &headers, &add).await.ok();
}

async fn what_cannot_be_done_is_named(store: Store) {
    let house = House::shop(store).await;
    for (path, patch, status, code) in [
        ("shop", replace("/kind", json!("toaster")), 400, "invalid_request"),
        ("shop", replace("/kind", json!(3)), 400, "invalid_request"),
        ("shop", json!([{"op": "add", "path": "/description", "value": "x".repeat(10_001)}]), 400, "invalid_request"),
        ("shop/versions/1.0", replace("/supported", json!("maybe")), 400, "invalid_request"),
        ("shop/versions/9", replace("/supported", json!(false)), 404, "not_found"),
        ("none", replace("/kind", json!("mobile")), 404, "not_found"),
    ] {
        house.patch(&format!("{APPLICATIONS}/{path}"), patch).await.refused(status, code);
    }
}
