//! Opening: migrations, the lock, what is refused.

use crate::raw::{Place, in_both_places};
use crate::support::{change, flag, no_facts};
use wigwag_store::{Commit, Store, StoreConfig, StoreError, Write, newest_schema};

in_both_places! {
    opening_again_keeps_everything;
    a_newer_schema_is_refused;
    a_closed_store_says_so;
}

async fn opening_again_keeps_everything(place: Place) {
    let store = place.open().await.unwrap();
    store.commit(Commit::new(vec![Write::create(flag("a"), "1".into(), no_facts())], change())).await.unwrap();
    store.close().await;
    for head in 1..4 {
        let store = place.open().await.unwrap();
        assert_eq!((store.head().await.unwrap(), *store.watch().borrow()), (head, head));
        let write = Write::update(flag("a"), head, "2".into(), no_facts());
        assert_eq!(store.commit(Commit::new(vec![write], change())).await.unwrap().seq, head + 1);
        // Without `close`: the last clone that goes lets go of everything, too.
        drop(store);
    }
    let migrations = place.value("SELECT max(number) AS v FROM schema_migrations").await;
    assert_eq!(migrations, newest_schema().to_string());
}

async fn a_newer_schema_is_refused(place: Place) {
    place.open().await.unwrap().close().await;
    place.execute("INSERT INTO schema_migrations (number, name) VALUES (9999, '9999_future')").await;
    match place.open().await.err().unwrap() {
        StoreError::NewerSchema { found: 9999, known } => assert_eq!(known, newest_schema()),
        other => panic!("{other:?}"),
    }
    // Refused means untouched: once the number is gone, it opens.
    place.execute("DELETE FROM schema_migrations WHERE number = 9999").await;
    place.open().await.unwrap().close().await;
}

async fn a_closed_store_says_so(place: Place) {
    let store = place.open().await.unwrap();
    store.clone().close().await;
    assert!(matches!(store.get(&flag("a")).await, Err(StoreError::Closed)));
    assert!(matches!(store.commit(Commit::new(vec![], change())).await, Err(StoreError::Closed)));
}

#[tokio::test]
async fn two_processes_cannot_open_one_directory() {
    let place = Place::sqlite();
    let store = place.open().await.unwrap();
    // The lock is by open file, so a second opening here stands for another process.
    let second = place.open().await.err().unwrap();
    assert!(matches!(second, StoreError::Locked(_)));
    assert!(second.to_string().contains("in use by another process"), "{second}");
    store.close().await;
    place.open().await.unwrap().close().await;
}

#[tokio::test]
async fn stores_on_one_server_race_to_create_the_schema() {
    let place = Place::postgres().await;
    let opening: Vec<_> = (0..4)
        .map(|_| {
            let config = place.config();
            tokio::spawn(async move { Store::open(&config).await.unwrap() })
        })
        .collect();
    let mut stores = Vec::new();
    for store in opening {
        stores.push(store.await.unwrap());
    }
    // One writes, the others hear of it.
    let done = stores[0].commit(Commit::new(vec![], change())).await.unwrap();
    for store in &stores {
        let mut watch = store.watch();
        let heard = tokio::time::timeout(std::time::Duration::from_secs(30), watch.wait_for(|head| *head >= done.seq));
        heard.await.expect("never heard of the change").unwrap();
    }
}

#[tokio::test]
async fn addresses_that_lead_nowhere_are_refused_without_their_password() {
    for url in
        ["postgres://", "nonsense://x", "host=/nowhere user=x password=hunter2", "postgres://x:hunter2@127.0.0.1:1/x"]
    {
        let said = Store::open(&StoreConfig::postgres(url)).await.err().unwrap().to_string();
        assert!(!said.contains("hunter2"), "{said}");
    }
}
