//! Deliveries of webhooks to a real receiver: behaviour.md 14.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use wigwag_api::deliveries::{Deliverer, DeliveryMetrics, TRIES};
use wigwag_api::{entry_views, subscriber_kinds};
use wigwag_outbound::{Outbound, OutboundConfig};
use wigwag_store::Store;

use crate::receiver::{Receiver, Then};
use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    a_change_is_told_as_the_audit_log_tells_it;
    by_default_of_flags_in_production;
    what_statements_select;
    failures_are_tried_again_and_given_up;
    redirects_are_not_followed;
    a_hanging_receiver_delays_nobody_else;
    what_was_owed_is_made_after_a_restart;
    two_processes_deliver_once;
    private_addresses_are_not_called;
    nobody_hears_who_is_off_or_gone;
    replays_and_tests;
    settled_ones_are_forgotten_in_time;
    it_runs_by_itself;
}

const HOOKS: &str = "/api/v2/webhooks";

pub fn deliverer_with(house: &House, allow_private: bool) -> (Deliverer, DeliveryMetrics) {
    let config = OutboundConfig {
        allow_private,
        timeout: Duration::from_secs(if allow_private { 60 } else { 5 }),
        user_agent: "Wigwag/test".to_owned(),
    };
    let metrics = DeliveryMetrics::default();
    let outbound = Outbound::new(config).unwrap();
    let deliverer =
        Deliverer::new(Arc::clone(&house.app), subscriber_kinds(), entry_views(), outbound, metrics.clone());
    (deliverer, metrics)
}

pub fn deliverer(house: &House) -> Deliverer {
    deliverer_with(house, true).0
}

/// A webhook for everything that happens to teams, or what `more` says.
async fn hook(house: &House, url: &str, more: Value) -> String {
    let teams = json!([{"effect": "allow", "resources": ["team/*"], "actions": ["*"]}]);
    let mut body = json!({"url": url, "sign": false, "on": true, "statements": teams});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    house.post(HOOKS, body).await.ok()["_id"].as_str().unwrap().to_owned()
}

pub async fn team(house: &House, key: &str) {
    house.post("/api/v2/teams", json!({"key": key, "name": key})).await.ok();
}

async fn log(house: &House, hook: &str) -> Vec<Value> {
    let log = house.get(&format!("{HOOKS}/{hook}/deliveries")).await.ok();
    assert_eq!(log["totalCount"], log["items"].as_array().unwrap().len());
    log["items"].as_array().unwrap().clone()
}

async fn a_change_is_told_as_the_audit_log_tells_it(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    let id = hook(&house, &receiver.url, json!({"sign": true, "secret": "frobozz"})).await;
    team(&house, "t").await;
    let entry = house.newest().await;
    let (deliverer, metrics) = deliverer_with(&house, true);
    assert_eq!(deliverer.pass().await.unwrap(), None);
    let calls = receiver.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].json(), entry);
    assert_eq!(entry["currentVersion"]["key"], "t");
    let mut mac = Hmac::<Sha256>::new_from_slice(b"frobozz").unwrap();
    mac.update(calls[0].body.as_bytes());
    let header = |name: &str| calls[0].headers.get(name).map_or("", String::as_str);
    assert_eq!(header("x-ld-signature"), hex::encode(mac.finalize().into_bytes()));
    assert_eq!((header("content-type"), header("user-agent")), ("application/json", "Wigwag/test"));

    let log = log(&house, &id).await;
    let [delivery] = &*log else { panic!("{log:?}") };
    assert_eq!(header("x-wigwag-delivery"), delivery["_id"]);
    assert_eq!((&delivery["status"], &delivery["reason"]), (&json!("delivered"), &json!("change")));
    assert_eq!(delivery["_links"]["entry"]["href"], entry["_links"]["self"]["href"]);
    assert_eq!(delivery["attempts"][0]["responseStatus"], 200);
    assert_eq!(
        (&delivery["attempts"][0]["responseHead"], &delivery["attempts"][0]["date"]),
        (&json!("seen"), &json!(NOW))
    );
    let own = delivery["_links"]["self"]["href"].as_str().unwrap();
    assert_eq!(house.get(own).await.ok(), *delivery);
    house.get(&format!("{HOOKS}/{id}/deliveries/{id}")).await.refused(404, "not_found");
    assert_eq!(metrics.counts(), (1, 0, 0));

    let token = house.powerless().await;
    for line in [format!("GET {HOOKS}/{id}/deliveries"), format!("GET {own}"), format!("POST {own}/replay")] {
        house.raw(&line, &[("authorization", &token)], "").await.refused(403, "forbidden");
    }
    house
        .raw(&format!("POST {HOOKS}/{id}/deliveries"), &[("authorization", &token)], "")
        .await
        .refused(403, "forbidden");

    // Nothing is told twice, nor by a process that comes later.
    deliverer.pass().await.unwrap();
    self::deliverer(&house).pass().await.unwrap();
    assert_eq!(receiver.calls().len(), 1);
}

async fn by_default_of_flags_in_production(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    house.post("/api/v2/flags/default", json!({"key": "lamp", "name": "Lamp"})).await.ok();
    hook(&house, &receiver.url, json!({"statements": null})).await;
    for env in ["test", "production"] {
        let on = json!({"environmentKey": env, "instructions": [{"kind": "turnFlagOn"}]});
        house.patch("/api/v2/flags/default/lamp", on).await.ok();
    }
    team(&house, "t").await;
    let deliverer = deliverer(&house);
    deliverer.pass().await.unwrap();
    let calls = receiver.calls();
    assert_eq!(calls.len(), 1, "what came before the webhook, or in other environments, is not told");
    let entry = calls[0].json();
    assert_eq!((&entry["titleVerb"], &entry["kind"]), (&json!("turned on the flag"), &json!("flag")));
    assert_eq!(entry["accesses"], json!([{"action": "updateOn", "resource": "proj/default:env/production:flag/lamp"}]));
    // What receivers read: the flag as the API shows it, before and after.
    let on = |version: &str| entry[version]["environments"]["production"]["on"].clone();
    assert_eq!((on("previousVersion"), on("currentVersion")), (json!(false), json!(true)));
    assert!(!calls[0].headers.contains_key("x-ld-signature"));
}

/// Tags are those that the resource had when it was changed.
async fn what_statements_select(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    let statement = |effect: &str, resource: &str, action: &str| json!({"effect": effect, "resources": [resource], "actions": [action]});
    let of = json!([
        statement("allow", "proj/*:env/*:flag/*;loud", "*"),
        statement("deny", "proj/*:env/*:flag/*", "deleteFlag")
    ]);
    hook(&house, &receiver.url, json!({"statements": of})).await;
    for (key, tags) in [("a", json!(["loud"])), ("b", json!([]))] {
        house.post("/api/v2/flags/default", json!({"key": key, "name": key, "tags": tags})).await.ok();
        house.delete(&format!("/api/v2/flags/default/{key}")).await.ok();
    }
    deliverer(&house).pass().await.unwrap();
    let told: Vec<_> =
        receiver.calls().iter().map(|c| (c.json()["name"].clone(), c.json()["titleVerb"].clone())).collect();
    assert_eq!(told, [(json!("a"), json!("created the flag"))]);
}

async fn failures_are_tried_again_and_given_up(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    let id = hook(&house, &receiver.url, json!({})).await;
    let (deliverer, metrics) = deliverer_with(&house, true);
    receiver.then([Then::Status(500), Then::HangUp]);
    team(&house, "t").await;
    let due = deliverer.pass().await.unwrap().expect("it is tried again");
    assert!((NOW + 5_000..=NOW + 10_000).contains(&due), "{}", due - NOW);
    assert_eq!(log(&house, &id).await[0]["nextAttemptDate"], due);
    house.clock.advance(due - NOW - 1);
    assert_eq!(deliverer.pass().await.unwrap(), Some(due), "not before its time");
    // What comes meanwhile is not held up, and hears the second failure of the script.
    team(&house, "u").await;
    house.clock.advance(1);
    let next = deliverer.pass().await.unwrap().expect("one failed again");
    assert_eq!(metrics.counts(), (1, 2, 0));
    house.clock.advance(next - due);
    assert_eq!(deliverer.pass().await.unwrap(), None);
    let all = log(&house, &id).await;
    let status: Vec<_> = all.iter().map(|d| d["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["delivered", "delivered"]);
    let tries = all[1]["attempts"].as_array().unwrap();
    let statuses: Vec<_> = tries.iter().map(|a| a["responseStatus"].as_u64()).collect();
    assert_eq!(statuses, [Some(500), None, Some(200)]);
    assert!(!tries[1]["error"].as_str().unwrap().contains("127.0.0.1"), "{}", tries[1]);

    // One that always fails: each pause is longer, and there is an end.
    receiver.then((0..TRIES).map(|_| Then::Status(404)));
    team(&house, "v").await;
    let (mut count, mut waited) = (0, 0);
    while let Some(next) = deliverer.pass().await.unwrap() {
        let pause = next - house.clock.now();
        assert!(pause > waited / 4 && pause <= 3_600_000, "{pause} after {waited}");
        (count, waited) = (count + 1, pause);
        house.clock.advance(pause);
    }
    assert_eq!(count + 1, TRIES);
    let newest = &log(&house, &id).await[0];
    assert_eq!(newest["status"], "failed");
    assert_eq!(newest["attempts"].as_array().unwrap().len() as u64, TRIES);
    assert_eq!(metrics.counts(), (2, 2 + TRIES, 1));
}

async fn redirects_are_not_followed(store: Store) {
    let (house, receiver, other) = (House::open(store).await, Receiver::start().await, Receiver::start().await);
    let id = hook(&house, &receiver.url, json!({})).await;
    receiver.then([Then::Redirect(other.url.clone())]);
    team(&house, "t").await;
    assert!(deliverer(&house).pass().await.unwrap().is_some());
    assert_eq!((receiver.calls().len(), other.calls().len()), (1, 0));
    assert_eq!(log(&house, &id).await[0]["attempts"][0]["responseStatus"], 307);
}

async fn a_hanging_receiver_delays_nobody_else(store: Store) {
    let (house, hanging, quick) = (House::open(store).await, Receiver::start().await, Receiver::start().await);
    let id = hook(&house, &hanging.url, json!({})).await;
    hook(&house, &quick.url, json!({})).await;
    hanging.then([Then::Hang]);
    let running = tokio::spawn(Arc::new(deliverer(&house)).run());
    for n in 0..3 {
        team(&house, &format!("t{n}")).await;
    }
    quick.wait_for(3).await;
    let names: Vec<_> = quick.calls().iter().map(|c| c.json()["name"].clone()).collect();
    assert_eq!(names, ["t0", "t1", "t2"], "in order");
    hanging.wait_for(1).await;
    assert_eq!(hanging.calls().len(), 1, "one at a time");
    assert!(log(&house, &id).await.iter().all(|d| d["status"] == "pending"));
    running.abort();
}

async fn what_was_owed_is_made_after_a_restart(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    let id = hook(&house, &receiver.url, json!({})).await;
    team(&house, "unplanned").await;
    receiver.then([Then::Hang]);
    // A process that ends in the midst of a call.
    let running = tokio::spawn(Arc::new(deliverer(&house)).run());
    receiver.wait_for(1).await;
    running.abort();
    let _aborted = running.await;
    let after = deliverer(&house);
    let due = after.pass().await.unwrap().expect("it is claimed for a while");
    assert_eq!(receiver.calls().len(), 1);
    house.clock.advance(due - house.clock.now());
    assert_eq!(after.pass().await.unwrap(), None);
    assert_eq!(receiver.calls().len(), 2);
    assert_eq!(log(&house, &id).await[0]["status"], "delivered");
}

async fn two_processes_deliver_once(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    for _ in 0..3 {
        hook(&house, &receiver.url, json!({})).await;
    }
    let (one, other) = (Arc::new(deliverer(&house)), Arc::new(deliverer(&house)));
    let running = [Arc::clone(&one), Arc::clone(&other)].map(|d| tokio::spawn(d.run()));
    for n in 0..10 {
        team(&house, &format!("t{n}")).await;
    }
    receiver.wait_for(30).await;
    let (a, b) = tokio::join!(one.pass(), other.pass());
    a.unwrap();
    b.unwrap();
    let mut told: Vec<_> = receiver.calls().iter().map(|c| c.headers["x-wigwag-delivery"].clone()).collect();
    assert_eq!(told.len(), 30);
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), 30);
    running.iter().for_each(tokio::task::JoinHandle::abort);
}

async fn private_addresses_are_not_called(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    let id = hook(&house, &receiver.url, json!({})).await;
    team(&house, "t").await;
    deliverer_with(&house, false).0.pass().await.unwrap();
    let tries = &log(&house, &id).await[0]["attempts"];
    assert!(tries[0]["error"].as_str().unwrap().contains("allow-private-webhooks"), "{tries}");
    assert_eq!(receiver.calls().len(), 0);
}

async fn nobody_hears_who_is_off_or_gone(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    let (off, gone) = (hook(&house, &receiver.url, json!({})).await, hook(&house, &receiver.url, json!({})).await);
    team(&house, "t").await;
    receiver.then([Then::Status(500), Then::Status(500)]);
    let deliverer = deliverer(&house);
    let due = deliverer.pass().await.unwrap().unwrap();
    house.patch(&format!("{HOOKS}/{off}"), json!([{"op": "replace", "path": "/on", "value": false}])).await.ok();
    house.delete(&format!("{HOOKS}/{gone}")).await.ok();
    team(&house, "u").await;
    house.clock.advance(due - NOW + 10_000);
    assert_eq!(deliverer.pass().await.unwrap(), None);
    assert_eq!(receiver.calls().len(), 2);
    let log = log(&house, &off).await;
    assert_eq!((log.len(), &log[0]["status"]), (1, &json!("failed")));
    // Once it is on again, it hears of what comes after.
    house.patch(&format!("{HOOKS}/{off}"), json!([{"op": "replace", "path": "/on", "value": true}])).await.ok();
    team(&house, "v").await;
    deliverer.pass().await.unwrap();
    assert_eq!(receiver.calls().last().unwrap().json()["name"], "v");
    assert_eq!(receiver.calls().len(), 3);
}

async fn replays_and_tests(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    let id = hook(&house, &receiver.url, json!({"name": "ops", "on": false})).await;
    let deliverer = deliverer(&house);
    let path = format!("{HOOKS}/{id}/deliveries");
    let head = house.head().await;
    let asked = house.post(&path, json!({})).await.ok();
    assert_eq!((&asked["reason"], &asked["status"]), (&json!("test"), &json!("pending")));
    receiver.then([Then::Status(503)]);
    assert_eq!(deliverer.pass().await.unwrap(), None, "a test is tried once");
    assert_eq!(receiver.calls()[0].json()["titleVerb"], "created the webhook");
    assert_eq!(receiver.calls()[0].headers["x-wigwag-reason"], "test");
    let own = asked["_links"]["self"]["href"].as_str().unwrap();
    assert_eq!(house.get(own).await.ok()["status"], "failed");

    let again = house.post(&format!("{own}/replay"), json!({})).await.ok();
    assert_eq!((&again["reason"], &again["sequence"]), (&json!("replay"), &asked["sequence"]));
    deliverer.pass().await.unwrap();
    assert_eq!(receiver.calls()[1].body, receiver.calls()[0].body);
    assert_eq!(log(&house, &id).await[0]["status"], "delivered");
    assert_eq!(house.head().await, head, "nothing of this is a change");
    house.post(&format!("{path}/{id}/replay"), json!({})).await.refused(404, "not_found");
}

async fn settled_ones_are_forgotten_in_time(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    let id = hook(&house, &receiver.url, json!({})).await;
    team(&house, "t").await;
    deliverer(&house).pass().await.unwrap();
    assert!(!house.store.forget_deliveries(NOW).await.unwrap());
    assert_eq!(log(&house, &id).await.len(), 1);
    house.store.forget_deliveries(NOW + 1).await.unwrap();
    assert_eq!(log(&house, &id).await.len(), 0);
}

async fn it_runs_by_itself(store: Store) {
    let (house, receiver) = (House::open(store).await, Receiver::start().await);
    let running = tokio::spawn(Arc::new(deliverer(&house)).run());
    hook(&house, &receiver.url, json!({})).await;
    team(&house, "t").await;
    receiver.wait_for(1).await;
    house.store.clone().close().await;
    tokio::time::timeout(Duration::from_secs(30), running).await.unwrap().unwrap();
}
