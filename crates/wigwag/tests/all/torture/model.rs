//! What an SDK holds: flags with their version, and whether they are on.

use std::collections::BTreeMap;

use serde_json::Value;
use wigwag_testkit::Event;

/// By key: version, and the flag unless it was deleted.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Held(BTreeMap<String, (u64, bool)>);

impl Held {
    /// Of all data, as a stream begins with it.
    pub(crate) fn of(all: &Value) -> Self {
        let flags = all["flags"].as_object().unwrap();
        Self(flags.iter().map(|(key, flag)| (key.clone(), state(flag))).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes an event of a stream; a version never goes back.
    pub(crate) fn take(&mut self, event: &Event) {
        let key = event.data["path"].as_str().unwrap_or_default().trim_start_matches("/flags/").to_owned();
        match event.name.as_str() {
            "put" => {
                let fresh = Self::of(&event.data["data"]);
                fresh.is_no_older_than(self);
                *self = fresh;
            }
            "patch" => {
                let new = state(&event.data["data"]);
                let before = self.0.insert(key.clone(), new);
                assert!(before.is_none_or(|before| before.0 < new.0), "{key}: {before:?} and then {new:?}");
            }
            "delete" => {
                self.0.remove(&key);
            }
            other => panic!("{other}"),
        }
    }

    /// No stream shows what could be lost: what was shown stays, gets newer or is deleted.
    pub(crate) fn is_no_older_than(&self, before: &Self) {
        for (key, then) in &before.0 {
            if let Some(now) = self.0.get(key) {
                assert!(now.0 > then.0 || now == then, "{key}: {then:?} was shown, {now:?} is there");
            }
        }
    }

    /// Whether a flag is as REST shows it.
    pub(crate) fn shows(&self, key: &str, configuration: &Value) {
        let (_, on) = self.0.get(key).unwrap_or_else(|| panic!("SDKs do not have {key}"));
        assert_eq!(configuration["on"], *on, "{key}");
    }
}

fn state(flag: &Value) -> (u64, bool) {
    (flag["version"].as_u64().unwrap(), flag["on"].as_bool().unwrap())
}
