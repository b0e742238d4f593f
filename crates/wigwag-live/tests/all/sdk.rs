//! A stand-in for an SDK: reads server-sent events and keeps a store, by the rules of evaluation.md 15.

use std::collections::BTreeMap;

use serde_json::Value;
use wigwag_live::EnvSnapshot;

/// Flags and segments as an SDK has them after reading some events.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Store {
    pub(crate) items: BTreeMap<String, Value>,
    /// Versions, tombstones included.
    versions: BTreeMap<String, u64>,
}

impl Store {
    /// Reads complete events; anything else is an error in the test.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> usize {
        let text = std::str::from_utf8(bytes).unwrap();
        let events = text.split_terminator("\n\n").filter(|event| *event != ":");
        events.map(|event| self.event(event)).count()
    }

    fn event(&mut self, event: &str) {
        let (name, data) = event.split_once('\n').unwrap_or_else(|| panic!("not an event: {event:?}"));
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        match name {
            "event: put" => self.put(&data),
            "event: patch" => {
                let version = data["data"]["version"].as_u64().unwrap();
                self.set(data["path"].as_str().unwrap(), version, Some(data["data"].clone()));
            }
            "event: delete" => self.set(data["path"].as_str().unwrap(), data["version"].as_u64().unwrap(), None),
            other => panic!("unknown event {other}"),
        }
    }

    fn put(&mut self, data: &Value) {
        assert_eq!(data["path"], "/");
        *self = Self::default();
        for sort in ["flags", "segments"] {
            for (key, item) in data["data"][sort].as_object().unwrap() {
                let version = item["version"].as_u64().unwrap();
                self.set(&format!("/{sort}/{key}"), version, Some(item.clone()));
            }
        }
    }

    fn set(&mut self, path: &str, version: u64, item: Option<Value>) {
        let newest = self.versions.entry(path.to_owned()).or_default();
        assert!(version > *newest, "{path} went from version {newest} to {version}: SDKs ignore that");
        *newest = version;
        match item {
            Some(item) => self.items.insert(path.to_owned(), item),
            None => self.items.remove(path),
        };
    }

    /// What `snapshot` says, as a store.
    pub(crate) fn of(snapshot: &EnvSnapshot) -> BTreeMap<String, Value> {
        let flags = snapshot.flags().iter().map(|item| (format!("/flags/{}", item.key()), item.json()));
        let segments = snapshot.segments().iter().map(|item| (format!("/segments/{}", item.key()), item.json()));
        flags.chain(segments).map(|(path, json)| (path, serde_json::from_slice(json).unwrap())).collect()
    }
}
