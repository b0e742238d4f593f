//! The runner of due work, with a kind of work of its own.

use std::sync::Arc;
use std::time::Duration;

use wigwag_api::due::{Due, DueKind};
use wigwag_kit::{App, Change, Ctx, Error, Proofs, Result, Spec, Target};
use wigwag_model::doc::Kind;
use wigwag_store::{DocKey, Expect, IndexFacts, Store};

use crate::support::{House, NOW, on_both_engines};

on_both_engines! {
    what_is_due_is_done_once;
    what_fails_is_left_for_later;
    it_wakes_for_what_comes_and_ends_with_the_store;
}

/// Work that deletes its document; one called `stuck` cannot be done.
async fn finish(ctx: Ctx, key: DocKey) -> Result<()> {
    if &*key.key == "stuck" {
        return Err(Error::Invalid("never".to_owned()));
    }
    let Some(doc) = ctx.store().get(&key).await? else { return Ok(()) };
    let mut change = change(&ctx, "finished");
    change.delete(key, Expect::Version(doc.version));
    match change.commit(&ctx).await {
        Ok(_) | Err(Error::OptimisticLocking(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

fn kinds() -> Vec<DueKind> {
    vec![DueKind { kind: Kind::Segment, fact: "dueAt", apply: |ctx, key| Box::pin(finish(ctx, key)) }]
}

fn change(ctx: &Ctx, verb: &str) -> Change {
    let proof = ctx.authorise("createWebhook", &Spec::top("webhook", "w")).unwrap();
    let target = Target {
        kind: "webhook".to_owned(),
        name: "Work".to_owned(),
        resources: Vec::new(),
        href: String::new(),
        site: String::new(),
        project: String::new(),
        environment: None,
        document: None,
    };
    Change::new(Proofs::of(proof), verb, target)
}

fn due(app: &Arc<App>) -> Due {
    Due::new(Arc::clone(app), kinds())
}

fn key(env: &str, name: &str) -> DocKey {
    DocKey::in_env(Kind::Segment, "default", env, name)
}

/// Plans work, in scopes of its own.
async fn plan(house: &House, env: &str, name: &str, at: i64) {
    let caller = wigwag_kit::Caller { member: None, token: None, authority: Arc::new(wigwag_auth::Unrestricted) };
    let ctx = Ctx {
        app: Arc::clone(&house.app),
        caller: Arc::new(caller),
        version: wigwag_kit::ApiVersion::NEWEST,
        as_of: None,
        based_on: None,
    };
    let mut change = change(&ctx, "planned");
    change.put(key(env, name), Expect::Absent, &1, IndexFacts::new().number("dueAt", at)).unwrap();
    change.commit(&ctx).await.unwrap();
}

async fn left(house: &House) -> usize {
    house.store.scan(Kind::Segment, None, None).await.unwrap().len()
}

async fn what_is_due_is_done_once(store: Store) {
    let house = House::open(store).await;
    assert_eq!(due(&house.app).pass().await.unwrap(), None);
    for (env, name, after) in [("a", "one", 5), ("b", "two", 10), ("b", "three", 10), ("c", "four", 20)] {
        plan(&house, env, name, NOW + after).await;
    }
    let head = house.head().await;
    assert_eq!(due(&house.app).pass().await.unwrap(), Some(NOW + 5));
    assert_eq!(house.head().await, head, "nothing was due");
    house.clock.advance(10);
    // Two processes at the same time.
    let (one, other) = (due(&house.app), due(&house.app));
    let (one, other) = tokio::join!(one.pass(), other.pass());
    assert_eq!((one.unwrap(), other.unwrap()), (Some(NOW + 20), Some(NOW + 20)));
    assert_eq!((left(&house).await, house.head().await), (1, head + 3), "one change each");
    let entry = house.newest().await;
    assert!(entry.get("member").is_none() && entry.get("token").is_none(), "{entry}");
    assert_eq!(entry["subject"]["name"], "Wigwag");
}

async fn what_fails_is_left_for_later(store: Store) {
    let house = House::open(store).await;
    plan(&house, "a", "stuck", NOW).await;
    plan(&house, "a", "other", NOW).await;
    let next = due(&house.app).pass().await.unwrap();
    assert!(next.is_some_and(|at| at > NOW), "{next:?}");
    assert_eq!(left(&house).await, 1);
}

async fn it_wakes_for_what_comes_and_ends_with_the_store(store: Store) {
    let house = House::open(store).await;
    let running = tokio::spawn(due(&house.app).run());
    plan(&house, "a", "one", NOW).await;
    let mut head = house.store.watch();
    let done = async {
        while left(&house).await > 0 {
            head.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(30), done).await.unwrap();
    house.store.clone().close().await;
    tokio::time::timeout(Duration::from_secs(30), running).await.unwrap().unwrap();
}
