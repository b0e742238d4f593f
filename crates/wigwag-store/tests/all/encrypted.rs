//! TLS to PostgreSQL: who is let in, who is believed, and that every connection of a store has it.

use crate::support::{change, flag, no_facts};
use std::path::Path;
use std::time::Duration;
use wigwag_store::testing::Secured;
use wigwag_store::{
    Commit, Encryption, ServerLimits, Store, StoreConfig, StoreError, Write, check_server_address, compact, survey,
};

/// Why a store cannot be opened there.
async fn refused(url: &str) -> String {
    match Store::open(&StoreConfig::postgres(url)).await {
        Err(StoreError::Unavailable(reason)) => reason,
        Err(other) => panic!("{url}: {other:?}"),
        Ok(_) => panic!("{url} lets us in"),
    }
}

async fn encryption(url: &str) -> Encryption {
    survey(&StoreConfig::postgres(url)).await.unwrap().server.unwrap().encryption
}

fn verified(mode: &str, roots: &Path) -> String {
    format!("sslmode={mode} sslrootcert={}", roots.display())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_let_in_and_who_is_believed() {
    let db = Secured::start().await.unwrap();
    let (ours, other) = (db.authority(), db.stranger());

    let told = refused(&db.url("sslmode=disable")).await;
    assert!(told.contains("(28000)") && told.contains("write sslmode=verify-full"), "{told}");
    let told = refused(&db.url_as("db.test", "plain", "sslmode=require")).await;
    assert!(told.contains("(28000)"), "{told}");
    for mode in ["verify-ca", "verify-full", "require"] {
        let told = refused(&db.url(&verified(mode, &other))).await;
        assert!(told.contains("UnknownIssuer") && told.contains("in sslrootcert"), "{told}");
    }
    let told = refused(&db.url_as("elsewhere.test", "wigwag", &verified("verify-full", &ours))).await;
    assert!(told.contains("elsewhere.test") && told.contains("subjectAltName"), "{told}");

    let unverified = Encryption::Unverified("TLSv1.3".into());
    let (by_ca, in_full) = (verified("verify-ca", &ours), verified("verify-full", &ours));
    assert_eq!(encryption(&db.url("")).await, unverified);
    assert_eq!(encryption(&db.url("sslmode=require")).await, unverified);
    assert_eq!(encryption(&db.url_as("db.test", "plain", "")).await, Encryption::Local);
    for url in [db.url(&in_full), db.url_as("elsewhere.test", "wigwag", &by_ca)] {
        assert_eq!(encryption(&url).await, Encryption::Verified("TLSv1.3".into()));
    }
    // The password is bound to this very certificate, so that nobody in between can pass it on.
    assert_eq!(encryption(&db.url("channel_binding=require")).await, unverified);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_connection_has_it() {
    let db = Secured::start().await.unwrap();
    let url = db.url(&verified("verify-full", &db.authority()));
    let replicas = ServerLimits { replicas: vec![url.clone()], ..ServerLimits::default() };
    let place = StoreConfig::Postgres { url, pool: 4, limits: replicas };
    let store = Store::open(&place).await.unwrap();
    let other = Store::open(&place).await.unwrap();
    let create = Write::create(flag("a"), "1".into(), no_facts());
    let done = store.commit(Commit::new(vec![create], change())).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(30), async {
        other.watch().wait_for(|head| *head >= done.seq).await.map(drop)
    });
    heard.await.expect("nothing was heard").unwrap();
    assert_eq!(&*other.get(&flag("a")).await.unwrap().unwrap().body, "1");

    // The server itself counts: those that read, write and listen, of two stores.
    let counted = db.server.psql(
        "flags",
        "SELECT count(*) FILTER (WHERE ssl) >= 5, count(*) FILTER (WHERE NOT ssl) \
         FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'wigwag'",
    );
    assert_eq!(counted.unwrap().trim(), "t|0");
    store.close().await;
    other.close().await;
    compact(&place).await.unwrap();
}

#[test]
fn addresses_are_checked_before_anything_is_tried() {
    assert_eq!(check_server_address("postgres://u:p@h/d?sslmode=require"), Ok(()));
    let refused = check_server_address("postgres://u:hunter22@h/d?sslmode=always").unwrap_err();
    assert!(refused.contains("sslmode=always") && !refused.contains("hunter22"), "{refused}");
}
