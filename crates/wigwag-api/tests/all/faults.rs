//! Every statement of every operation that writes fails in turn: the operation is refused as the server's own fault,
//! nothing of it was done, and the same request succeeds once statements do. (What an operation reads of its change
//! after the commit is left out: the change stands, and the answer says so; `wigwag-kit` `serve.rs` shows it.)

use crate::samples::{SAMPLES, Sample, filled, remember};
use crate::support::{Answer, House, OWNER};
use crate::sweeps::{built, content_type, prepared};
use wigwag_store::testing::{self, Faults};
use wigwag_store::{Chain, Store};

/// Statements of one operation: more would be a loop without end.
const MOST: u64 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_statement_fails_on_sqlite() {
    sweep(Store::temporary().await.unwrap(), Faults::At, true, |_| true).await;
}

/// From one statement on nothing succeeds, the end of the transaction included.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_fails_on_sqlite() {
    sweep(Store::temporary().await.unwrap(), Faults::From, true, |_| true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_statement_fails_on_postgres() {
    sweep(testing::postgres().await.unwrap(), Faults::At, false, |n| n % 10 == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_fails_on_postgres() {
    sweep(testing::postgres().await.unwrap(), Faults::From, false, |n| n % 25 == 2).await;
}

/// Sends all samples; statements fail in those that are `wanted` by their place.
async fn sweep(store: Store, faults: fn(u64) -> Faults, file: bool, wanted: fn(usize) -> bool) {
    let house = House::open(store.clone()).await;
    let mut ids = prepared(&house).await;
    let mut tried = 0;
    for (place, sample) in SAMPLES.iter().enumerate() {
        if !built(&house).any(|o| o.entry.id == sample.id) {
            continue;
        }
        let done = if wanted(place) {
            let (done, failed) = fails_in_turn(&house, sample, &ids, faults, file).await;
            tried += failed;
            done
        } else {
            send(&house, sample, &ids).await
        };
        remember(&mut ids, sample.id, &done.ok());
    }
    let (seq, chain) = (store.head().await.unwrap(), store.verify_chain().await.unwrap());
    assert!(matches!(chain, Chain::Intact { seq: at, .. } if at == seq), "{chain:?}");
    assert_eq!(store.verify_documents().await.unwrap(), []);
    assert!(tried > if file { 1_000 } else { 30 }, "only {tried} failures");
}

async fn send(house: &House, sample: &Sample, ids: &[(String, String)]) -> Answer {
    let (line, body) = (filled(sample.line, ids), filled(sample.body, ids));
    let headers = [("authorization", OWNER), ("ld-api-version", "beta"), content_type(&body)];
    house.raw(&line, &headers, &body).await
}

/// The answer once no statement failed any more, and how many refusals came before.
async fn fails_in_turn(
    house: &House,
    sample: &Sample,
    ids: &[(String, String)],
    faults: fn(u64) -> Faults,
    file: bool,
) -> (Answer, u64) {
    let contents = || if file { house.store.contents().unwrap() } else { String::new() };
    let (head, before) = (house.head().await, contents());
    for n in 1..MOST {
        house.store.fail(faults(n));
        let answer = send(house, sample, ids).await;
        let seen = house.store.heal();
        if seen < n || answer.status() < 300 {
            // A failure that did not matter is one of what the operation does not depend on.
            assert_eq!(house.head().await, head + 1, "{} at statement {n} of {seen}", sample.line);
            return (answer, n - 1);
        }
        let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
        assert!([500, 503].contains(&answer.status()), "{} at statement {n}: {}", sample.line, answer.text());
        answer.refused(answer.status(), &code);
        assert_eq!(house.head().await, head, "{} at statement {n}", sample.line);
        if n % 3 == 1 {
            assert_eq!(contents(), before, "{} at statement {n}", sample.line);
        }
    }
    panic!("{} does not end", sample.line);
}
