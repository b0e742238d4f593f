//! Several servers on one PostgreSQL act as one, whatever happens to them and to it. Clients that go from server to
//! server read what they wrote; each stream moves forward only and ends at the last state of the log.

mod clocks;
mod cuts;
mod history;
mod hook;
mod link;
mod load;
mod nodes;
mod turns;
mod wires;

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;
use wigwag_model::doc::Kind;
use wigwag_store::testing::Server;
use wigwag_store::testing::behind::Seat;
use wigwag_testkit::{Client, flag};

use load::{Load, is_lost, until};
use nodes::{Cluster, NODES};

const ALL: [usize; NODES] = [0, 1, 2];

/// What one server does for all.
const WORKS: [&str; 4] = ["deliveries", "due", "persistent-stores", "retention"];

/// Writes that each server takes before and after something happens to it.
const SOME: usize = 5;

/// Nothing happens to them; then one is killed and comes back, one stands still, one loses its connections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_come_and_go() {
    let cluster = Cluster::start().await;
    let load = Load::begin(&cluster).await;
    load.goes_on(&ALL, SOME).await;

    cluster.kill(1);
    load.goes_on(&[0, 2], SOME).await;
    cluster.restart(1);
    load.goes_on(&ALL, SOME).await;

    cluster.signal(2, Signal::STOP);
    load.goes_on(&[0, 1], SOME).await;
    cluster.signal(2, Signal::CONT);
    load.goes_on(&ALL, SOME).await;

    for _ in 0..5 {
        assert!(cluster.seat().await.end_connections("node-0").await.unwrap() > 0);
        load.goes_on(&ALL, 1).await;
    }
    load.check().await;
}

/// The database is gone and comes back; flags are served meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_restarts() {
    let cluster = Cluster::start().await;
    let load = Load::begin(&cluster).await;
    load.goes_on(&ALL, SOME).await;
    let found = cluster.client(0).get("/api/v2/projects/default/environments/test").await.expect(200).json();
    let key = found["apiKey"].as_str().unwrap().to_owned();
    tokio::task::block_in_place(|| cluster.database.lock().unwrap().crash().unwrap());
    for node in ALL {
        let client = cluster.client(node);
        client.with_token(&key).get("/sdk/latest-all").await.expect(200);
        // It might be a key that another server made a moment ago.
        let strange = client.with_token("sdk-00000000-0000-4000-8000-000000000000");
        strange.get("/sdk/latest-all").await.expect(503);
        let refused = client.post("/api/v2/flags/default", flag("refused").body()).await.expect(503);
        assert!(refused.headers.contains_key("retry-after"));
    }
    tokio::task::block_in_place(|| cluster.database.lock().unwrap().resume().unwrap());
    load.goes_on(&ALL, SOME).await;
    let strange = cluster.client(0).with_token("sdk-00000000-0000-4000-8000-000000000000");
    strange.get("/sdk/latest-all").await.expect(401);
    load.check().await;
}

/// The database lets nobody in for a while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_run_out() {
    let most = "-c max_connections=70 -c superuser_reserved_connections=0";
    let cluster = Cluster::with_options(most).await;
    let load = Load::begin(&cluster).await;
    load.goes_on(&ALL, SOME).await;
    let mut held = Vec::new();
    let held_up = async {
        // What they have is taken from them as well, until one of them has none left.
        loop {
            while let Ok(seat) = Seat::take(&cluster.address).await {
                held.push(seat);
            }
            if let Some(seat) = held.first() {
                seat.end_connections("node-").await.unwrap();
            }
            let post = cluster.client(0).request("POST", "/api/v2/flags/default").json(flag("refused").body());
            match Client::try_send(post).await {
                Ok(answer) if answer.status == 503 => return,
                Ok(answer) => assert!(matches!(answer.status, 201 | 409) || is_lost(&answer), "{}", answer.text),
                Err(_) => {}
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), held_up).await.expect("they run out");
    held.clear();
    load.goes_on(&ALL, SOME).await;
    load.check().await;
}

/// The primary dies for good; a replica is read from until it is promoted, and takes its place without a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_takes_over() {
    let primary = Server::start(false).unwrap();
    let replica = primary.replica().unwrap();
    // Nothing is acknowledged that the replica does not show.
    let to_primary = primary.url("postgres");
    let seat = Seat::take(&to_primary).await.unwrap();
    for setting in ["synchronous_standby_names = '*'", "synchronous_commit = 'remote_apply'"] {
        seat.set(setting).await.unwrap();
    }
    drop(seat);
    let place = |server: &Server| server.socket().parent().unwrap().display().to_string();
    let (one, two) = (place(&primary), place(&replica));
    let both = format!("host={one},{two} user=postgres dbname=postgres connect_timeout=2");
    let stands_in = format!("postgres:///postgres?host={two}&user=postgres");
    let cluster = Cluster::over(primary, replica.url("postgres"), &stands_in, &both).await;
    let load = Load::begin(&cluster).await;
    load.goes_on(&ALL, SOME).await;

    tokio::task::block_in_place(|| cluster.database.lock().unwrap().crash().unwrap());
    for node in ALL {
        let client = cluster.client(node);
        client.get("/api/v2/flags/default/lamp-0").await.expect(200);
        let refused = client.post("/api/v2/flags/default", flag("refused").body()).await.expect(503);
        assert!(refused.headers.contains_key("retry-after"));
        until("the metric tells", async || {
            client.get("/metrics").await.expect(200).text.contains("wigwag_database_on_replica 1")
        })
        .await;
    }
    tokio::task::block_in_place(|| replica.promote().unwrap());
    load.goes_on(&ALL, SOME).await;
    load.check().await;
}

/// The primary dies for good before its replica has the last change: servers begin anew with what there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_takes_over_that_lacks_a_change() {
    let primary = Server::start(false).unwrap();
    let replica = primary.replica().unwrap();
    let place = |server: &Server| server.socket().parent().unwrap().display().to_string();
    let (one, two) = (place(&primary), place(&replica));
    let both = format!("host={one},{two} user=postgres dbname=postgres connect_timeout=2");
    let stands_in = format!("postgres:///postgres?host={two}&user=postgres");
    let cluster = Cluster::over(primary, replica.url("postgres"), &stands_in, &both).await;
    let change = async |node: usize, path: &str, value: serde_json::Value| {
        let patch = json!([{"op": "replace", "path": path, "value": value}]);
        let patch = cluster.client(node).request("PATCH", "/api/v2/flags/default/lamp").json(&patch);
        Client::try_send(patch).await.is_ok_and(|answer| answer.status == 200)
    };
    let sdk = cluster.client(0).get("/api/v2/projects/default/environments/test").await.expect(200).json();
    let key = sdk["apiKey"].as_str().unwrap().to_owned();
    // What people and SDKs are shown by each of them.
    let all_show = async |wanted: bool| {
        for node in ALL {
            let client = cluster.client(node);
            until("people are shown it", async || {
                let flag = client.request("GET", "/api/v2/flags/default/lamp?env=test");
                let flag = Client::try_send(flag).await;
                flag.is_ok_and(|flag| flag.json()["environments"]["test"]["on"] == wanted)
            })
            .await;
            until("SDKs are shown it", async || {
                let all = client.with_token(&key).request("GET", "/sdk/latest-all");
                Client::try_send(all).await.is_ok_and(|all| all.json()["flags"]["lamp"]["on"] == wanted)
            })
            .await;
        }
    };
    cluster.client(0).post("/api/v2/flags/default", flag("lamp").body()).await.expect(201);
    let copy = Seat::take(&cluster.address).await.unwrap();
    until("the replica has it", async || !copy.versions(Kind::Flag, "lamp").await.unwrap().is_empty()).await;
    copy.set("primary_conninfo = ''").await.unwrap();
    let before = cluster.database.lock().unwrap().url("postgres");
    let first = Seat::take(&before).await.unwrap();
    until("it gets no more", async || first.replicas().await.unwrap() == 0).await;
    drop(first);
    assert!(change(1, "/environments/test/on", json!(true)).await);
    all_show(true).await;

    tokio::task::block_in_place(|| cluster.database.lock().unwrap().crash().unwrap());
    tokio::task::block_in_place(|| replica.promote().unwrap());
    all_show(false).await;
    // Others in the place of what is gone.
    for node in ALL {
        until("it takes changes", async || change(node, "/name", json!(format!("Lamp of {node}"))).await).await;
    }
    until("it is on again", async || change(0, "/environments/test/on", json!(true)).await).await;
    all_show(true).await;
}

/// What is planned is done once, though the server whose turn it was is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn planned_work_is_done_once() {
    const PLANS: usize = 6;
    let cluster = Cluster::start().await;
    let holder = async || cluster.holder("due").await;
    until("somebody has the turn", async || holder().await.is_some()).await;
    for n in 0..PLANS {
        plan(&cluster, n).await;
    }
    let first = holder().await.expect("somebody has the turn");
    let killed = cluster.node_named(&first).await;
    cluster.kill(killed);
    let left = (killed + 1) % NODES;
    for n in 0..PLANS {
        done_once(&cluster, left, n).await;
    }
    assert_ne!(holder().await, Some(first), "the turn has moved");
}

/// Waits until a server shows that what was planned is done, and sees that it was done once.
async fn done_once(cluster: &Cluster, node: usize, n: usize) {
    let path = format!("/api/v2/flags/default/planned-{n}?env=test");
    until("it is done", async || {
        let flag = cluster.client(node).get(&path).await.expect(200).json();
        flag["environments"]["test"]["targets"][0]["values"] == json!(["bob"])
    })
    .await;
    let done = cluster.seat().await.changes("The targets expired", &format!("planned-{n}")).await;
    assert_eq!(done.unwrap(), 1, "once");
}

/// A flag with a target that is to expire in a moment, made, changed and planned at different servers.
async fn plan(cluster: &Cluster, n: usize) {
    let at = |step: usize| cluster.client((n + step) % NODES);
    let key = format!("planned-{n}");
    let made = at(0).post("/api/v2/flags/default", flag(&key).body()).await.expect(201).json();
    let (variation, path) = (&made["variations"][0]["_id"], format!("/api/v2/flags/default/{key}"));
    let send = async |client: Client, path: &str, instruction: serde_json::Value| {
        let body = json!({"environmentKey": "test", "instructions": [instruction]}).to_string();
        let request = client.request("PATCH", path).body(body);
        let semantic = "application/json; domain-model=launchdarkly.semanticpatch";
        client.send(request.header("content-type", semantic)).await.expect(200);
    };
    let targets = json!({"kind": "addTargets", "variationId": variation, "values": ["ann", "bob"]});
    send(at(1), &path, targets).await;
    let now = cluster.seat().await.now().await.unwrap();
    let expires = json!({
        "kind": "addExpiringTarget", "variationId": variation, "contextKind": "user", "contextKey": "ann",
        "value": now + 1500,
    });
    send(at(2), &format!("{path}/expiring-targets/test"), expires).await;
}

/// What is counted is counted for all of them, and each knows of the others' streams.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_know_of_each_other() {
    let cluster = Cluster::start().await;
    let found = cluster.client(0).get("/api/v2/projects/default/environments/test").await.expect(200).json();
    let key = found["apiKey"].as_str().unwrap();
    let mut stream = cluster.client(2).stream("/all", key).await;
    stream.next().await;
    let streams = "/api/v2/projects/default/environments/test/streams";
    until("the others are known", async || {
        let told = cluster.client(0).get(streams).await.expect(200).json();
        let others = told["others"].as_array().unwrap();
        others.len() == NODES - 1 && others.iter().filter(|other| other["streams"] == 1).count() == 1
    })
    .await;
    // Tries to sign in: those at one server count at the next.
    let wrong = json!({"email": "owner@example.com", "password": "wrong"});
    let mut statuses = Vec::new();
    for n in 0..12 {
        let post =
            Client::new(&cluster.client(n % NODES).url(""), "").request("POST", "/internal/session").json(&wrong);
        statuses.push(Client::try_send(post).await.unwrap().status);
    }
    assert!(statuses[..5].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses[5..].contains(&429), "{statuses:?}");
}
