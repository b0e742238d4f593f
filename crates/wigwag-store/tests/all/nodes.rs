//! Several servers on one database: turns at work, who is there, and changes heard of without notifications.

use crate::support::{change, flag, no_facts};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use wigwag_store::testing::Server;
use wigwag_store::testing::behind::Seat;
use wigwag_store::{Beat, Commit, Expect, ServerLimits, Store, StoreConfig, StoreError, Tries, Write, WriteOp};

const LONG: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_has_the_turn() {
    let store = wigwag_store::testing::postgres().await.unwrap();
    assert!(store.take_turn("sweep", "a", LONG).await.unwrap());
    assert!(store.take_turn("sweep", "a", LONG).await.unwrap(), "it holds on");
    assert!(!store.take_turn("sweep", "b", LONG).await.unwrap());
    assert!(store.take_turn("dust", "b", LONG).await.unwrap(), "another work");
    // A server that goes gives its turns up.
    store.end_turns("a").await.unwrap();
    assert!(store.take_turn("sweep", "b", Duration::ZERO).await.unwrap());
    // One that ends without a word loses them once they are over.
    let since = Instant::now();
    while !store.take_turn("sweep", "a", LONG).await.unwrap() {
        assert!(since.elapsed() < Duration::from_secs(30), "the turn is never over");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let (a, b) = (store.turn("sweep", "a"), store.turn("sweep", "b"));
    assert!(a.is_mine().await && !b.is_mine().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_database_has_one_server() {
    let store = Store::temporary().await.unwrap();
    assert!(store.turn("sweep", "a").is_mine().await);
    assert_eq!(store.beat("a", "{}", LONG).await.unwrap(), Beat::default());
    store.end_turns("a").await.unwrap();
    store.leave("a").await.unwrap();
    let done = store.commit(Commit::new(vec![], change())).await.unwrap();
    assert_eq!(store.look().await.unwrap(), done.seq);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_see_each_other() {
    let store = wigwag_store::testing::postgres().await.unwrap();
    let first = store.beat("a", "one", LONG).await.unwrap();
    assert!(first.at.is_some() && first.others.is_empty());
    let second = store.beat("b", "two", LONG).await.unwrap();
    assert_eq!((&*second.others[0].id, &*second.others[0].state, second.others.len()), ("a", "one", 1));
    assert!(store.take_turn("sweep", "a", LONG).await.unwrap());
    let again = store.beat("a", "three", LONG).await.unwrap();
    assert_eq!((again.turns, &*again.others[0].id), (1, "b"));
    assert_eq!(store.beat("b", "two", LONG).await.unwrap().others[0].state, "three");
    store.leave("a").await.unwrap();
    assert_eq!(store.beat("b", "two", LONG).await.unwrap().others, []);
}

async fn tries_are_taken_as_they_were_read(store: Store) {
    let tries = |count| Tries { count, last: 5, open: 9 };
    assert_eq!(store.tries("k").await.unwrap(), None);
    assert!(store.note_tries("k", None, tries(1)).await.unwrap());
    assert!(!store.note_tries("k", None, tries(1)).await.unwrap(), "somebody was first");
    assert!(store.note_tries("k", Some(tries(1)), tries(2)).await.unwrap());
    assert!(!store.note_tries("k", Some(tries(1)), tries(2)).await.unwrap(), "somebody was faster");
    assert_eq!(store.tries("k").await.unwrap(), Some(tries(2)));
    assert_eq!(store.forget_old_tries(5).await.unwrap(), 0);
    assert_eq!(store.forget_old_tries(6).await.unwrap(), 1);
    store.note_tries("k", None, tries(1)).await.unwrap();
    store.forget_tries("k").await.unwrap();
    assert_eq!(store.tries("k").await.unwrap(), None);
}

async fn what_is_told_of_a_work_is_read_by_all(store: Store) {
    assert_eq!(store.reports("sweep").await.unwrap(), []);
    for (about, body) in [("b", "1"), ("a", "2"), ("b", "3")] {
        store.report("sweep", about, body).await.unwrap();
    }
    store.report("dust", "a", "4").await.unwrap();
    let told = |about: &str, body: &str| (about.to_owned(), body.to_owned());
    assert_eq!(store.reports("sweep").await.unwrap(), [told("a", "2"), told("b", "3")]);
    store.drop_report("sweep", "a").await.unwrap();
    store.drop_report("sweep", "never").await.unwrap();
    assert_eq!(store.reports("sweep").await.unwrap(), [told("b", "3")]);
    assert_eq!(store.reports("dust").await.unwrap(), [told("a", "4")]);
}

crate::support::on_both_engines! {
    tries_are_taken_as_they_were_read;
    what_is_told_of_a_work_is_read_by_all;
}

/// It is dropped wherever it is as soon as the turn is another's, and not before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_lasts_as_long_as_the_turn() {
    let store = wigwag_store::testing::postgres().await.unwrap();
    let (a, b) = (store.turn("sweep", "a"), store.turn("sweep", "b"));
    assert_eq!(a.while_mine(async { 7 }).await, Some(7));
    assert_eq!(b.while_mine(async { 7 }).await, None, "it is the other's");
    let started = tokio::sync::Notify::new();
    let endless = a.while_mine(async {
        started.notify_one();
        std::future::pending::<()>().await;
    });
    let lost = async {
        started.notified().await;
        store.end_turns("a").await.unwrap();
        assert!(store.take_turn("sweep", "c", LONG).await.unwrap());
    };
    let (ended, ()) = tokio::time::timeout(LONG, async { tokio::join!(endless, lost) }).await.expect("it ends");
    assert_eq!(ended, None);
}

/// Two stores on one server, of which the second is never notified.
async fn told_and_deaf() -> (Server, Store, Store) {
    let server = Server::start(false).unwrap();
    let told = Store::open(&StoreConfig::postgres(server.url("postgres"))).await.unwrap();
    let (address, _) = link(&server, Kind::Deaf).await;
    let deaf = Store::open(&StoreConfig::postgres(address)).await.unwrap();
    (server, told, deaf)
}

/// A pooler in transaction mode, or a database that only speaks the protocol: nobody is notified.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_found_without_notifications() {
    let (_server, writer, deaf) = told_and_deaf().await;
    let (begun, changes) = (Instant::now(), 30);
    for _ in 0..changes {
        let seq = writer.commit(Commit::new(vec![], change())).await.unwrap().seq;
        let mut head = deaf.watch();
        let heard = tokio::time::timeout(Duration::from_secs(30), head.wait_for(|head| *head >= seq)).await;
        heard.expect("it is never found").unwrap();
    }
    // Looking once a second would take half a minute: it looks more often once it is clear that nobody tells it.
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

/// Whoever asks is told what was committed a moment ago by another, notified or not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_knows_everything() {
    let (_server, writer, reader) = told_and_deaf().await;
    for _ in 0..20 {
        let seq = writer.commit(Commit::new(vec![], change())).await.unwrap().seq;
        let looks = futures_util::future::join_all((0..5).map(|_| reader.look())).await;
        assert!(looks.into_iter().all(|seen| seen.unwrap() == seq));
        assert_eq!(*reader.watch().borrow(), seq);
    }
}

/// Whoever loses a race is shown who won, notified or not: the one that refuses has seen it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_race_shows_who_won() {
    let (_server, wins, loses) = told_and_deaf().await;
    let write = |expect, body: String| {
        let op = WriteOp::Put { body, index: no_facts() };
        Commit::new(vec![Write { key: flag("a"), expect, op }], change())
    };
    for n in 1..20_u64 {
        let known = loses.get(&flag("a")).await.unwrap().map_or(Expect::Absent, |doc| Expect::Version(doc.version));
        wins.commit(write(Expect::Any, n.to_string())).await.unwrap();
        let late = loses.commit(write(known, "late".into())).await;
        assert!(matches!(late, Err(StoreError::Conflict { .. })), "{late:?}");
        let doc = loses.get(&flag("a")).await.unwrap().unwrap();
        assert_eq!((doc.version, &*doc.body), (n, &*n.to_string()));
    }
}

/// The way to the server swallows everything and says nothing: nobody waits for ever, and what was under way is not
/// done twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_server_is_given_up() {
    let server = Server::start(false).unwrap();
    let (url, silent) = link(&server, Kind::Silent).await;
    let second = Duration::from_secs(1);
    let limits = ServerLimits { connect: second, statement: second, replicas: Vec::new() };
    let store = Store::open(&StoreConfig::Postgres { url, pool: 2, limits }).await.unwrap();
    store.commit(Commit::new(vec![], change())).await.unwrap();
    silent.send_replace(true);
    let bound = Duration::from_secs(60);
    let read = tokio::time::timeout(bound, store.head()).await.expect("it is given up");
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    let lost = change();
    let written = tokio::time::timeout(bound, store.commit(Commit::new(vec![], lost))).await.expect("it is given up");
    assert!(matches!(written, Err(StoreError::Unavailable(_) | StoreError::InDoubt(_))), "{written:?}");
    assert!(store.look().await.is_err());
    silent.send_replace(false);
    let since = Instant::now();
    while store.commit(Commit::new(vec![], change())).await.is_err() {
        assert!(since.elapsed() < bound, "it never comes back");
    }
    assert!(matches!(store.verify_chain().await.unwrap(), wigwag_store::Chain::Intact { .. }));
}

/// A replica is read from while the primary is gone, and is not asked once it is back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_stands_in() {
    let mut primary = Server::start(false).unwrap();
    let replica = primary.replica().unwrap();
    let limits = ServerLimits { replicas: vec![replica.url("postgres")], ..ServerLimits::default() };
    let store = Store::open(&StoreConfig::Postgres { url: primary.url("postgres"), pool: 2, limits }).await.unwrap();
    let seq = store.commit(Commit::new(vec![], change())).await.unwrap().seq;
    let copy = Store::open(&StoreConfig::postgres(replica.url("postgres"))).await;
    assert!(matches!(copy, Err(StoreError::Unavailable(_))), "it takes no writes");
    assert_eq!((store.head().await.unwrap(), store.reads_of_replicas()), (seq, 0));
    let since = Instant::now();
    let seat = Seat::take(&replica.url("postgres")).await.unwrap();
    // Until then it may not even have the tables.
    while seat.changes("\"n\"", "flag/a").await.unwrap_or(0) == 0 {
        assert!(since.elapsed() < Duration::from_secs(30), "the replica has not got it");
    }
    primary.crash().unwrap();
    assert_eq!(store.head().await.unwrap(), seq);
    assert!(store.is_on_replica() && store.reads_of_replicas() > 0);
    assert!(store.look().await.is_err(), "what others wrote is not known");
    assert!(matches!(store.commit(Commit::new(vec![], change())).await, Err(StoreError::Unavailable(_))));
    primary.resume().unwrap();
    while store.commit(Commit::new(vec![], change())).await.is_err() {
        assert!(since.elapsed() < Duration::from_secs(60), "the primary is back");
    }
    while store.is_on_replica() {
        assert!(since.elapsed() < Duration::from_secs(60), "the primary is back");
        tokio::time::sleep(Duration::from_millis(20)).await;
        store.head().await.unwrap();
    }
    let before = store.reads_of_replicas();
    assert_eq!((store.head().await.unwrap(), store.reads_of_replicas()), (seq + 1, before));
}

enum Kind {
    /// Takes notifications out.
    Deaf,
    /// Stands still when told.
    Silent,
}

/// A way to the server that goes through the test, which reads messages: they are not encrypted.
async fn link(server: &Server, kind: Kind) -> (String, tokio::sync::watch::Sender<bool>) {
    let (listener, socket) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), server.socket());
    let url = format!("postgres://postgres@{}/postgres?sslmode=disable", listener.local_addr().unwrap());
    let (teller, told) = tokio::sync::watch::channel(false);
    let kind = Arc::new(kind);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = UnixStream::connect(&socket).await.unwrap();
            tokio::spawn(carry(client, server, Arc::clone(&kind), told.clone()));
        }
    });
    (url, teller)
}

async fn carry(client: TcpStream, server: UnixStream, kind: Arc<Kind>, told: tokio::sync::watch::Receiver<bool>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut silent = told.clone();
    let up = async {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(n @ 1..) = from_client.read(&mut bytes).await {
            if silent.wait_for(|silent| !silent).await.is_err() || to_server.write_all(&bytes[..n]).await.is_err() {
                break;
            }
        }
    };
    let down = async {
        match *kind {
            Kind::Silent => drop(tokio::io::copy(&mut from_server, &mut to_client).await),
            // Each message of the server's has a letter and a length, itself included.
            Kind::Deaf => {
                let mut head = [0; 5];
                while from_server.read_exact(&mut head).await.is_ok() {
                    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
                    let mut body = vec![0; length - 4];
                    from_server.read_exact(&mut body).await.unwrap();
                    let heard = head[0] == b'A';
                    if !heard && to_client.write_all(&[&head[..], &body].concat()).await.is_err() {
                        break;
                    }
                }
            }
        }
    };
    tokio::select! { () = up => {}, () = down => {} }
}
