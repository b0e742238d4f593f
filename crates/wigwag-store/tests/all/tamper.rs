//! The chain and the cross-checks notice whatever is changed behind the store's back.

use crate::raw::{Place, in_both_places};
use crate::support::{change, config, flag};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use wigwag_model::doc::Kind;
use wigwag_store::{Archive, Chain, Commit, DocKey, Expect, IndexFacts, Store, Write, verify_lines};

in_both_places! {
    no_column_of_the_log_can_be_changed_unseen;
    no_table_can_part_from_the_others_unseen;
    no_byte_of_the_log_can_be_changed_unseen;
    no_byte_of_an_export_can_be_changed_unseen;
    a_shortened_log_shows_against_a_noted_hash;
}

async fn fill(store: &Store) {
    let facts =
        |name: &str| IndexFacts::new().text("name", name).number("n", 1).unique("id", name).many("tags", ["a", "B"]);
    let member = DocKey::account(Kind::Member, "1");
    let commits = [
        vec![
            Write::create(flag("a"), "1".into(), facts("a")),
            Write::create(config("test", "a"), "1".into(), facts("a")),
        ],
        vec![Write::update(flag("a"), 1, "2".into(), facts("b"))],
        vec![Write::create(member, "{}".into(), IndexFacts::new())],
        vec![Write::delete(config("test", "a"), Expect::Version(1))],
    ];
    for writes in commits {
        store.commit(Commit::new(writes, change())).await.unwrap();
    }
}

/// Statements that change every column of `table` in the rows that meet `condition`.
fn each_column(table: &str, columns: &str, condition: &str) -> Vec<String> {
    let change = |column: &str| {
        // Numbers move on by one; texts get longer; what is null becomes empty.
        let number = ["seq", "n", "at", "version", "created_seq", "updated_at"].contains(&column);
        let value = if number { format!("{column} + 100") } else { format!("COALESCE({column} || 'x', '')") };
        format!("UPDATE {table} SET {column} = {value} WHERE {condition}")
    };
    columns.split_whitespace().map(change).collect()
}

async fn no_column_of_the_log_can_be_changed_unseen(place: Place) {
    let store = place.open().await.unwrap();
    fill(&store).await;
    let Chain::Intact { seq: 4, hash } = store.verify_chain().await.unwrap() else { panic!("not intact") };
    assert_eq!(hash.len(), 64);
    store.close().await;

    let columns = "seq id at kind project name member_id token_id resources body digest prev_hash hash";
    let mut tampering = each_column("changes", columns, "seq = 2");
    tampering.extend(each_column("versions", "seq n project env key version created_seq body", "seq = 2"));
    tampering.extend(each_column("versions", "seq n project env key version created_seq body", "seq = 4"));
    tampering.push("UPDATE versions SET kind = 'team' WHERE seq = 2".into());
    tampering.push("UPDATE changes SET member_id = NULL WHERE seq = 2".into());
    tampering
        .push("UPDATE versions SET n = 1 - n + 10 WHERE seq = 1; UPDATE versions SET n = n - 10 WHERE seq = 1".into());
    tampering.push("DELETE FROM versions WHERE seq = 1 AND n = 1".into());
    tampering.push("DELETE FROM changes WHERE seq = 3; DELETE FROM versions WHERE seq = 3".into());
    tampering.push("DELETE FROM changes WHERE seq = 4".into());
    tampering.push("DELETE FROM changes WHERE seq = 1; DELETE FROM versions WHERE seq = 1".into());
    tampering.push(
        "INSERT INTO versions (seq, n, kind, project, env, key, version, created_seq, body)
         VALUES (2, 1, 'flag', 'web', '', 'z', 1, 2, '{}')"
            .into(),
    );
    let keep = "DROP TABLE IF EXISTS kept_changes; DROP TABLE IF EXISTS kept_versions;
                CREATE TABLE kept_changes AS SELECT * FROM changes; CREATE TABLE kept_versions AS SELECT * FROM versions";
    place.execute(keep).await;
    for statement in tampering {
        place.execute(&statement).await;
        let store = place.open().await.unwrap();
        let found = store.verify_chain().await.unwrap();
        assert!(matches!(found, Chain::Broken { .. }), "unseen: {statement}");
        store.close().await;
        place
            .execute(
                "DELETE FROM changes; DELETE FROM versions;
                 INSERT INTO changes SELECT * FROM kept_changes; INSERT INTO versions SELECT * FROM kept_versions",
            )
            .await;
    }
    let store = place.open().await.unwrap();
    assert_eq!(store.verify_chain().await.unwrap(), Chain::Intact { seq: 4, hash });
    store.close().await;
}

async fn no_table_can_part_from_the_others_unseen(place: Place) {
    let store = place.open().await.unwrap();
    fill(&store).await;
    assert_eq!(store.verify_documents().await.unwrap(), []);

    let mut tampering = each_column("docs", "version seq created_seq updated_at body", "key = 'a' AND env = ''");
    tampering.extend(
        [
            "UPDATE docs SET deleted = 1 - deleted WHERE env = 'test'",
            "UPDATE docs SET deleted = 1 WHERE env = ''",
            "UPDATE docs SET facts = '{}' WHERE key = 'a' AND env = ''",
            "UPDATE docs SET key = 'b' WHERE env = ''",
            "DELETE FROM docs WHERE kind = 'member'",
            "DELETE FROM versions WHERE kind = 'member'",
            "DELETE FROM ix WHERE text = 'B'",
            "UPDATE ix SET text = 'bb' WHERE text = 'b'",
            "UPDATE ix SET low = NULL WHERE text = 'B'",
            "UPDATE ix SET n = 5 WHERE text = 'a' AND n = 1",
            "UPDATE ix SET num = 2 WHERE num = 1 AND text = ''",
            "UPDATE ix SET facet = 12345 WHERE text = 'b'",
            "UPDATE facets SET docs = docs + 1 WHERE field = 'name' AND env = ''",
            "UPDATE facets SET multi = 0",
            "DELETE FROM uniq",
            "UPDATE uniq SET key = 'z'",
            "INSERT INTO uniq (kind, field, value, project, env, key) VALUES ('flag', 'id', 'z', 'web', '', 'a')",
        ]
        .map(str::to_owned),
    );
    let tables = ["docs", "versions", "facets", "ix", "uniq"];
    for table in tables {
        place.execute(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    // The number of a facet is the database's to give, unless it is told otherwise.
    let overriding = if matches!(place, Place::Postgres(_)) { "OVERRIDING SYSTEM VALUE" } else { "" };
    for statement in tampering {
        place.execute(&statement).await;
        assert_ne!(store.verify_documents().await.unwrap(), [], "unseen: {statement}");
        for table in tables {
            let given = if table == "facets" { overriding } else { "" };
            place
                .execute(&format!("DELETE FROM {table}; INSERT INTO {table} {given} SELECT * FROM kept_{table}"))
                .await;
        }
        assert_eq!(store.verify_documents().await.unwrap(), []);
    }
}

async fn a_shortened_log_shows_against_a_noted_hash(place: Place) {
    let store = place.open().await.unwrap();
    fill(&store).await;
    let noted = store.verify_chain().await.unwrap();
    store.close().await;
    place.execute("DELETE FROM changes WHERE seq = 4; DELETE FROM versions WHERE seq = 4").await;
    let store = place.open().await.unwrap();
    assert_ne!(store.verify_chain().await.unwrap(), noted);
    store.close().await;
}

/// Columns that hold text, and those that hold numbers.
const TEXTS: [(&str, &str); 2] = [
    ("changes", "id kind project name member_id resources body digest prev_hash hash"),
    ("versions", "kind project env key body"),
];
const NUMBERS: [(&str, &str); 2] = [("changes", "seq at"), ("versions", "seq n version created_seq")];

/// Random bytes of random columns of random rows, one at a time.
async fn no_byte_of_the_log_can_be_changed_unseen(place: Place) {
    let mut rng = StdRng::seed_from_u64(11);
    let store = place.open().await.unwrap();
    fill(&store).await;
    store.close().await;
    let archive = Archive::open(&place.config()).await.unwrap();
    let verified = async || {
        let chain = archive.verify_chain(|_, _| {}).await;
        matches!(chain, Ok(Chain::Intact { seq: 4, .. }))
    };
    assert!(verified().await);
    let mut tried = 0;
    while tried < 120 {
        let seq = rng.random_range(1..=4_u64);
        let table = rng.random_range(0..2_usize);
        let row = if table == 0 { format!("seq = {seq}") } else { format!("seq = {seq} AND n = 0") };
        let number = rng.random_bool(0.2);
        let (table, columns) = if number { NUMBERS[table] } else { TEXTS[table] };
        let columns: Vec<_> = columns.split_whitespace().collect();
        let column = columns[rng.random_range(0..columns.len())];
        let old = place
            .value(&format!("SELECT COALESCE(CAST({column} AS TEXT), 'NULL') AS v FROM {table} WHERE {row}"))
            .await;
        let (new, old) = if number {
            let by = rng.random_range(1..1000_i64) * if rng.random_bool(0.5) { 1 } else { -1 };
            ((old.parse::<i64>().unwrap() + by).to_string(), old)
        } else if old.is_empty() || old == "NULL" {
            continue;
        } else {
            let mut text = old.clone().into_bytes();
            let at = rng.random_range(0..text.len());
            // Another digit, so that a digest stays one; a letter in an id, which else could become
            // that of another change, and no engine would take it.
            text[at] = match (column, text[at]) {
                ("id", _) => b'q',
                (_, b'7') => b'8',
                _ => b'7',
            };
            let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
            (quoted(&String::from_utf8(text).unwrap()), quoted(&old))
        };
        // Where the row itself moves it is found under its new place.
        let now = match column {
            "seq" => row.replace(&format!("seq = {seq}"), &format!("seq = {new}")),
            "n" => row.replace("n = 0", &format!("n = {new}")),
            _ => row.clone(),
        };
        place.execute(&format!("UPDATE {table} SET {column} = {new} WHERE {row}")).await;
        assert!(!verified().await, "unseen: {table}.{column} of {row} from {old} to {new}");
        place.execute(&format!("UPDATE {table} SET {column} = {old} WHERE {now}")).await;
        tried += 1;
    }
    assert!(verified().await, "what was put back is right again");
}

async fn no_byte_of_an_export_can_be_changed_unseen(place: Place) {
    let mut rng = StdRng::seed_from_u64(12);
    let store = place.open().await.unwrap();
    fill(&store).await;
    let (lines, last) = Archive::of(&store).export(0, 100).await.unwrap();
    assert_eq!((lines.len(), last), (4, Some(4)));
    let whole = store.verify_chain().await.unwrap();
    let verified = |text: &[u8]| verify_lines(text, |_, _| {});
    let text = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    assert_eq!(verified(text.as_bytes()).unwrap(), whole);
    for _ in 0..2_000 {
        let mut changed = text.clone().into_bytes();
        let at = rng.random_range(0..changed.len() - 1);
        match rng.random_range(0..3) {
            0 => changed[at] ^= 1 << rng.random_range(0..7),
            1 => drop(changed.remove(at)),
            _ => changed.insert(at, rng.random_range(32..127)),
        }
        // A byte put beside its like, or a line that ends otherwise, is the same text.
        if changed == text.as_bytes() {
            continue;
        }
        assert!(
            !verified(&changed).is_ok_and(|found| found == whole),
            "unseen at byte {at}: {}",
            String::from_utf8_lossy(&changed)
        );
    }
    for gone in 0..3 {
        let cut: String = lines.iter().enumerate().filter(|(n, _)| *n != gone).map(|(_, l)| format!("{l}\n")).collect();
        let found = verified(cut.as_bytes()).unwrap();
        assert!(gone == 0 || matches!(found, Chain::Broken { .. }), "{found:?}");
    }
    store.close().await;
}
