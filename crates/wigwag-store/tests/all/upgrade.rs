//! A database of every schema there has been opens, is brought up to date and keeps what it holds.

use crate::portable::{fill, fill_more, segment};
use crate::raw::{Place, in_both_places};
use crate::support::flag;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::path::Path;
use wigwag_store::testing::earlier;
use wigwag_store::{Chain, Store, StoreError, newest_schema};

in_both_places! {
    every_earlier_schema_is_brought_up_to_date;
}

/// The first schemas with members of documents, what events told in its present form, and sessions.
const MEMBERS: u64 = 2;
const EVENTS: u64 = 4;
const SIGN_IN: u64 = 6;

async fn every_earlier_schema_is_brought_up_to_date(kind: Place) {
    let newest = tempfile::tempdir().unwrap();
    let store = Place::open_dir(newest.path()).await;
    fill(&store).await;
    let (head, Chain::Intact { hash, .. }) = (store.head().await.unwrap(), store.verify_chain().await.unwrap()) else {
        panic!("not intact")
    };
    store.close().await;
    for schema in earlier::schemas() {
        let place = kind.another().await;
        earlier::make(&place.config(), schema).await.unwrap();
        carry_over(newest.path(), schema, &place).await;
        assert_eq!(place.value("SELECT max(number) AS v FROM schema_migrations").await, schema.to_string());

        let store = place.open().await.unwrap();
        assert_eq!(store.head().await.unwrap(), head, "{schema}");
        match store.verify_chain().await.unwrap() {
            Chain::Intact { seq, hash: found } => assert_eq!((seq, &found), (head, &hash), "{schema}"),
            broken => panic!("{schema}: {broken:?}"),
        }
        assert_eq!(store.verify_documents().await.unwrap(), [], "{schema}");
        assert_eq!(store.get(&flag("a")).await.unwrap().unwrap().version, 2);
        assert_eq!(store.membership(&segment(), "ann").await.unwrap().included, schema >= MEMBERS, "{schema}");
        assert_eq!(store.session("h").await.unwrap().is_some(), schema >= SIGN_IN, "{schema}");
        let environments = store.volume().environments().await.unwrap();
        assert_eq!(environments.len(), usize::from(schema >= EVENTS), "{schema}");
        fill_more(&store).await;
        store.close().await;
        assert_eq!(place.value("SELECT max(number) AS v FROM schema_migrations").await, newest_schema().to_string());
        place.open().await.unwrap().close().await;
    }
}

/// Puts the rows of a store into the tables and columns that there were at a schema.
async fn carry_over(from: &Path, schema: u64, to: &Place) {
    let then = tempfile::tempdir().unwrap();
    earlier::make(&wigwag_store::StoreConfig::sqlite(then.path()), schema).await.unwrap();
    for file in ["wigwag.db", "events.db"] {
        // What events told in the tables before is not kept by a migration, which says so.
        if file == "events.db" && schema < EVENTS {
            continue;
        }
        let (now, then) = (open(&from.join(file)), open(&then.path().join(file)));
        for table in names(&then, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'") {
            let columns = names(&then, &format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"));
            let there = names(&now, &format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"));
            if table == "schema_migrations" || columns.iter().any(|column| !there.contains(column)) {
                continue;
            }
            let rows = rows(&now, &table, &columns, matches!(to, Place::Postgres(_)));
            to.fill(file, &table, &columns, &rows).await;
        }
    }
}

fn open(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

fn names(db: &Connection, sql: &str) -> Vec<String> {
    let mut statement = db.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The rows of a table, as they stand behind VALUES.
fn rows(db: &Connection, table: &str, columns: &[String], postgres: bool) -> Vec<String> {
    let mut statement = db.prepare(&format!("SELECT {} FROM {table}", columns.join(", "))).unwrap();
    let value = |value: ValueRef<'_>| match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(n) => n.to_string(),
        ValueRef::Text(text) => format!("'{}'", std::str::from_utf8(text).unwrap().replace('\'', "''")),
        ValueRef::Blob(bytes) if postgres => format!("'\\x{}'::bytea", hex(bytes)),
        ValueRef::Blob(bytes) => format!("X'{}'", hex(bytes)),
    };
    let all = statement.query_map([], |row| {
        Ok((0..columns.len()).map(|n| value(row.get_ref(n).unwrap())).collect::<Vec<_>>().join(", "))
    });
    all.unwrap().map(|row| format!("({})", row.unwrap())).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The two files are of one release: one that a newer release wrote is refused by itself.
#[tokio::test]
async fn a_newer_file_of_events_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    Place::open_dir(dir.path()).await.close().await;
    let events = open(&dir.path().join("events.db"));
    events.execute_batch("INSERT INTO schema_migrations (number, name) VALUES (9999, 'future')").unwrap();
    drop(events);
    let refused = Store::open(&wigwag_store::StoreConfig::sqlite(dir.path())).await.err().unwrap();
    assert!(matches!(refused, StoreError::NewerSchema { found: 9999, .. }), "{refused}");
}
