//! Events as they come, for those who watch.
//!
//! Nobody waits for a listener: what it is not quick enough for is lost to it and counted. While nobody listens, a
//! batch costs a look at one number.

mod shown;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use wigwag_model::clock::Clock;
use wigwag_model::tail::{Heard, Wanted};
use wigwag_sdk::EventBatch;

use crate::read::sender;

/// Listeners of a process at most.
const LISTENERS: usize = 50;
/// Events that wait for a listener, and their bytes, at most.
const QUEUE: (usize, usize) = (256, 1 << 20);

/// Where events pass by. Clones are one.
#[derive(Clone)]
pub struct Tail(Arc<Inner>);

struct Inner {
    clock: Clock,
    listening: AtomicUsize,
    slots: Mutex<Vec<Arc<Slot>>>,
}

struct Slot {
    env: Box<str>,
    wanted: Wanted,
    waiting: Mutex<Waiting>,
    more: Notify,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<String>,
    bytes: usize,
    /// The second of the last event, and how many were shown in it.
    second: (i64, u32),
    left_out: u64,
    lost: u64,
}

/// Listens until it is dropped.
pub struct Listener {
    slot: Arc<Slot>,
    tail: Tail,
}

impl Tail {
    /// Nobody listens yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner { clock, listening: AtomicUsize::new(0), slots: Mutex::default() }))
    }

    /// Listens to the events of an environment, by its id, from now on. None when fifty listen already.
    #[must_use]
    pub fn listen(&self, env: &str, wanted: Wanted) -> Option<Listener> {
        let mut slots = self.0.slots.lock();
        if slots.len() >= LISTENERS {
            return None;
        }
        let slot = Arc::new(Slot { env: env.into(), wanted, waiting: Mutex::default(), more: Notify::new() });
        slots.push(Arc::clone(&slot));
        self.0.listening.store(slots.len(), Ordering::Release);
        Some(Listener { slot, tail: self.clone() })
    }

    /// Whether anybody listens at all.
    pub(crate) fn is_listened_to(&self) -> bool {
        self.0.listening.load(Ordering::Acquire) > 0
    }

    /// Shows a batch to those who listen to its environment.
    pub(crate) fn show(&self, batch: &EventBatch) {
        let slots: Vec<_> = self.0.slots.lock().iter().filter(|slot| *slot.env == *batch.env).cloned().collect();
        if slots.is_empty() {
            return;
        }
        let events = match serde_json::from_slice(&batch.body) {
            Ok(Value::Array(events)) => events,
            Ok(event) => vec![event],
            Err(_) => return,
        };
        let second = self.0.clock.now().div_euclid(1000);
        let sender = sender_of(batch);
        for event in events {
            let Value::Object(event) = event else { continue };
            one(&slots, second, (batch.received, &sender), event);
        }
        slots.iter().for_each(|slot| slot.more.notify_one());
    }
}

/// Shows one event to those who want it.
fn one(slots: &[Arc<Slot>], second: i64, (at, sender): (i64, &Value), event: Map<String, Value>) {
    let wanting: Vec<_> = slots.iter().filter(|slot| shown::is_wanted(&slot.wanted, &event)).collect();
    let room: Vec<_> = wanting.into_iter().filter(|slot| slot.waiting.lock().room(second, slot.wanted.rate)).collect();
    if room.is_empty() {
        return;
    }
    let text = json!({"at": at, "sender": sender, "event": shown::cleaned(event)}).to_string();
    for slot in room {
        slot.waiting.lock().push(text.clone());
    }
}

fn sender_of(batch: &EventBatch) -> Value {
    let sender = sender(&batch.origin);
    // As streams are told apart: browsers have a client-side ID.
    let kind = if sender.kind.as_str() == "browser" { "client" } else { sender.kind.as_str() };
    json!({
        "kind": kind, "sdk": sender.sdk, "sdkVersion": sender.sdk_version,
        "application": sender.application, "applicationVersion": sender.application_version,
    })
}

impl Waiting {
    /// Takes a place among those of this second, and in the queue.
    fn room(&mut self, second: i64, rate: u32) -> bool {
        if self.second.0 != second {
            self.second = (second, 0);
        }
        if self.second.1 >= rate {
            self.left_out += 1;
            return false;
        }
        self.second.1 += 1;
        if self.events.len() >= QUEUE.0 || self.bytes >= QUEUE.1 {
            self.lost += 1;
            return false;
        }
        true
    }

    fn push(&mut self, text: String) {
        self.bytes += text.len();
        self.events.push_back(text);
    }
}

impl Listener {
    /// What came since the last time, once there is something.
    pub async fn next(&mut self) -> Heard {
        loop {
            {
                let mut waiting = self.slot.waiting.lock();
                if !waiting.events.is_empty() || waiting.left_out + waiting.lost > 0 {
                    waiting.bytes = 0;
                    return Heard {
                        events: waiting.events.drain(..).collect(),
                        left_out: std::mem::take(&mut waiting.left_out),
                        lost: std::mem::take(&mut waiting.lost),
                    };
                }
            }
            self.slot.more.notified().await;
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut slots = self.tail.0.slots.lock();
        slots.retain(|slot| !Arc::ptr_eq(slot, &self.slot));
        self.tail.0.listening.store(slots.len(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
