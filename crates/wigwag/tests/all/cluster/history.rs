//! What clients and streams saw, and whether one log explains all of it.
//!
//! Each flag has one writer, which gives it ever greater values, each only on top of the value before. So the order in
//! which values may be seen is known, and what a read may answer can be told from when it was made: not less than what
//! was acknowledged before it began or read before it began, and nothing that was not sent before it ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Instant;

/// What one client did.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) flag: String,
    #[expect(dead_code, reason = "told when something is wrong")]
    pub(super) node: usize,
    pub(super) value: u64,
    pub(super) began: Instant,
    pub(super) ended: Instant,
}

/// What came on a stream.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) node: usize,
    /// Counts the connections to a node.
    pub(super) stream: usize,
    pub(super) flag: String,
    pub(super) version: u64,
    pub(super) value: u64,
    pub(super) at: Instant,
}

/// All that was recorded.
#[derive(Default)]
pub(super) struct History {
    pub(super) sent: Mutex<Vec<(String, u64, Instant)>>,
    pub(super) acknowledged: Mutex<Vec<Call>>,
    pub(super) reads: Mutex<Vec<Call>>,
    pub(super) seen: Mutex<Vec<Seen>>,
}

impl History {
    /// The last value that each stream has, by node and flag.
    pub(super) fn last_seen(&self, node: usize, flag: &str) -> Option<u64> {
        let seen = self.seen.lock().unwrap();
        seen.iter().rev().find(|seen| seen.node == node && seen.flag == flag).map(|seen| seen.value)
    }

    /// Everything that is wrong with it. `log` has the values of each flag, in the order in which they were committed.
    pub(super) fn faults(&self, log: &BTreeMap<String, Vec<u64>>) -> Vec<String> {
        let mut faults = Vec::new();
        for (flag, values) in log {
            if !values.is_sorted_by(|a, b| a < b) {
                faults.push(format!("the log of {flag} is out of order: {values:?}"));
            }
            let committed: BTreeSet<u64> = values.iter().copied().collect();
            self.calls(flag, &committed, &mut faults);
            self.streams(flag, &committed, &mut faults);
        }
        faults
    }

    fn calls(&self, flag: &str, committed: &BTreeSet<u64>, faults: &mut Vec<String>) {
        let of = |calls: &Mutex<Vec<Call>>| -> Vec<Call> {
            calls.lock().unwrap().iter().filter(|call| call.flag == flag).cloned().collect()
        };
        let (acknowledged, reads) = (of(&self.acknowledged), of(&self.reads));
        for call in acknowledged.iter().filter(|call| !committed.contains(&call.value)) {
            faults.push(format!("acknowledged and lost: {call:?}"));
        }
        for read in &reads {
            let known = acknowledged.iter().chain(&reads).filter(|other| other.ended < read.began);
            let least = known.map(|other| other.value).max().unwrap_or(0);
            if read.value < least {
                faults.push(format!("{read:?} does not know of {least}"));
            }
            if !committed.contains(&read.value) || !self.was_sent(flag, read.value, read.ended) {
                faults.push(format!("{read:?} is not of the log"));
            }
        }
    }

    fn streams(&self, flag: &str, committed: &BTreeSet<u64>, faults: &mut Vec<String>) {
        let seen = self.seen.lock().unwrap();
        let mut last: BTreeMap<usize, Seen> = BTreeMap::new();
        for one in seen.iter().filter(|seen| seen.flag == flag) {
            if !committed.contains(&one.value) || !self.was_sent(flag, one.value, one.at) {
                faults.push(format!("{one:?} is not of the log"));
            }
            // A server that was started anew may begin with what was seen before it, and never with less.
            if let Some(before) = last.insert(one.node, one.clone()) {
                let again = before.stream != one.stream && before.version == one.version && before.value == one.value;
                if !again && (one.version <= before.version || one.value <= before.value) {
                    faults.push(format!("{before:?} and then {one:?}"));
                }
            }
        }
    }

    /// Values begin with 0, which was there before the first write.
    fn was_sent(&self, flag: &str, value: u64, by: Instant) -> bool {
        let sent = self.sent.lock().unwrap();
        value == 0 || sent.iter().any(|(to, sent, at)| to == flag && *sent == value && *at <= by)
    }
}

/// A checker that finds nothing is worth nothing.
#[test]
fn the_checker_finds_what_is_wrong() {
    let begin = Instant::now();
    let at = |millis: u64| begin + std::time::Duration::from_millis(millis);
    let call = |value, began, ended| Call { flag: "a".into(), node: 0, value, began: at(began), ended: at(ended) };
    let history = || {
        let history = History::default();
        *history.sent.lock().unwrap() = (1..5).map(|n| ("a".to_owned(), n, at(n * 10))).collect();
        *history.acknowledged.lock().unwrap() = vec![call(1, 10, 15), call(2, 20, 25)];
        history
    };
    let log = BTreeMap::from([("a".to_owned(), vec![0, 1, 2, 4])]);
    let check = |change: &dyn Fn(&History)| {
        let history = history();
        change(&history);
        history.faults(&log).len()
    };
    let read =
        |value, began, ended| move |history: &History| history.reads.lock().unwrap().push(call(value, began, ended));
    assert_eq!(check(&|_| {}), 0);
    assert_eq!(check(&read(1, 16, 18)), 0);
    assert_eq!(check(&read(2, 21, 22)), 0, "under way");
    assert_eq!(check(&read(1, 26, 27)), 1, "stale");
    assert_eq!(check(&read(4, 26, 27)), 1, "not sent yet");
    assert_eq!(check(&read(3, 36, 37)), 1, "never committed");
    assert_eq!(check(&|history| history.acknowledged.lock().unwrap().push(call(3, 30, 35))), 1, "lost");
    assert_eq!(
        check(&|history| {
            read(4, 41, 42)(history);
            read(2, 43, 44)(history);
        }),
        1,
        "back"
    );
    let seen = |stream, version, value| Seen { node: 0, stream, flag: "a".into(), version, value, at: at(90) };
    let push = |all: Vec<Seen>| move |history: &History| history.seen.lock().unwrap().extend(all.clone());
    assert_eq!(check(&push(vec![seen(0, 1, 0), seen(0, 2, 1), seen(1, 2, 1), seen(1, 4, 4)])), 0);
    assert_eq!(check(&push(vec![seen(0, 2, 1), seen(0, 2, 1)])), 1, "the same again");
    assert_eq!(check(&push(vec![seen(0, 3, 2), seen(1, 2, 1)])), 1, "back after connecting anew");
    assert_eq!(check(&push(vec![seen(0, 3, 3)])), 1, "never committed");
    let disordered = BTreeMap::from([("a".to_owned(), vec![0, 2, 1])]);
    assert!(!history().faults(&disordered).is_empty());
}
