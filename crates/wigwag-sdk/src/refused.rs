//! Keys that are refused, as operators see them: counted by kind, and each told in the log by its end, so that the
//! program that still has it can be found. What clients send never makes a series of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Keys that are remembered; a stranger who makes up more of them makes the oldest forgotten, no more.
const REMEMBERED: usize = 64;
/// How often one key is told.
const EVERY: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    credential: &'static str,
}

/// Counts refusals.
#[derive(Clone, Default)]
pub(crate) struct Refused {
    counted: Family<Labels, Counter>,
    told: Arc<Mutex<Vec<Seen>>>,
}

struct Seen {
    shown: String,
    at: Instant,
    times: u64,
}

impl Refused {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let refused = Self::default();
        let help = "SDK requests refused for their key, by its kind";
        registry.register("wigwag_sdk_refused_keys", help, refused.counted.clone());
        refused
    }

    /// Notes that a request was refused for its key, if it had any.
    pub(crate) fn note(&self, key: Option<&str>, route: &str) {
        self.counted.get_or_create(&Labels { credential: kind(key) }).inc();
        let Some(key) = key else { return };
        if let Some(times) = self.is_to_be_told(shown(key), Instant::now()) {
            tracing::warn!(key = shown(key), route, times, "a key that is not in force is refused");
        }
    }

    /// How often the key was refused since it was last told, if it is to be told again.
    fn is_to_be_told(&self, shown: String, now: Instant) -> Option<u64> {
        let mut told = self.told.lock();
        if let Some(seen) = told.iter_mut().find(|seen| seen.shown == shown) {
            seen.times += 1;
            if now.duration_since(seen.at) < EVERY {
                return None;
            }
            seen.at = now;
            return Some(std::mem::take(&mut seen.times));
        }
        if told.len() >= REMEMBERED {
            told.remove(0);
        }
        told.push(Seen { shown, at: now, times: 0 });
        Some(1)
    }
}

fn kind(key: Option<&str>) -> &'static str {
    match key {
        None => "none",
        Some(key) if key.starts_with("sdk-") => "sdk",
        Some(key) if key.starts_with("mob-") => "mobile",
        Some(key) if key.starts_with("api-") => "api",
        Some(_) => "other",
    }
}

/// The kind of a key and its last four characters, which are no secret: REST shows them too.
fn shown(key: &str) -> String {
    let start = if kind(Some(key)) == "other" { "" } else { &key[..4] };
    let count = key.chars().count();
    let end: String = if count < 12 { String::new() } else { key.chars().skip(count - 4).collect() };
    let end: String = end.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_by_their_end_and_not_too_often() {
        assert_eq!(shown("sdk-00000000-1111-2222-3333-44444449999a"), "sdk-…999a");
        assert_eq!((&*shown("secret"), &*shown("sdk-1"), &*shown("é")), ("…", "sdk-…", "…"));
        assert_eq!([kind(None), kind(Some("mob-1")), kind(Some("x"))], ["none", "mobile", "other"]);
        let (refused, now) = (Refused::default(), Instant::now());
        let told = |key: &str, after| refused.is_to_be_told(key.to_owned(), now + Duration::from_secs(after));
        assert_eq!((told("a", 0), told("a", 1), told("b", 2), told("a", 61)), (Some(1), None, Some(1), Some(2)));
        for n in 0..1000 {
            told(&n.to_string(), 62);
        }
        assert_eq!(refused.told.lock().len(), REMEMBERED);
    }
}
