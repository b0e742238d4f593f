//! What servers send of an environment: events of the stream `/all` (sdk-protocol.md 2.1).

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use wigwag_live::{MirrorItem, MirrorKind};

use crate::sse::Event;

/// An event that means something.
pub(crate) enum Message {
    /// Everything there is.
    Put(Vec<MirrorItem>),
    /// One flag or segment as it now is, or that it is gone.
    Change(MirrorItem),
}

/// Flags and segments by key, as they were sent.
#[derive(Deserialize)]
pub(crate) struct Data<'a> {
    #[serde(borrow, default)]
    flags: BTreeMap<String, &'a RawValue>,
    #[serde(borrow, default)]
    segments: BTreeMap<String, &'a RawValue>,
}

#[derive(Deserialize)]
struct Put<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Patch<'a> {
    path: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Delete {
    path: String,
    version: u64,
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// Reads an event; nothing where it is of a kind that is not known.
pub(crate) fn read(event: &Event) -> serde_json::Result<Option<Message>> {
    Ok(match event.name.as_str() {
        "put" => Some(Message::Put(serde_json::from_slice::<Put<'_>>(&event.data)?.data.items()?)),
        "patch" => {
            let patch: Patch<'_> = serde_json::from_slice(&event.data)?;
            let named = named(&patch.path);
            named.map(|(kind, key)| item(kind, key, patch.data)).transpose()?.map(Message::Change)
        }
        "delete" => {
            let delete: Delete = serde_json::from_slice(&event.data)?;
            let gone =
                |(kind, key): (_, &str)| MirrorItem { kind, key: key.into(), version: delete.version, json: None };
            named(&delete.path).map(gone).map(Message::Change)
        }
        _ => None,
    })
}

impl Data<'_> {
    /// As items.
    pub(crate) fn items(&self) -> serde_json::Result<Vec<MirrorItem>> {
        let flags = self.flags.iter().map(|(key, raw)| item(MirrorKind::Flag, key, raw));
        flags.chain(self.segments.iter().map(|(key, raw)| item(MirrorKind::Segment, key, raw))).collect()
    }
}

fn named(path: &str) -> Option<(MirrorKind, &str)> {
    let flag = path.strip_prefix("/flags/").map(|key| (MirrorKind::Flag, key));
    flag.or_else(|| path.strip_prefix("/segments/").map(|key| (MirrorKind::Segment, key)))
}

fn item(kind: MirrorKind, key: &str, raw: &RawValue) -> serde_json::Result<MirrorItem> {
    let Versioned { version } = serde_json::from_str(raw.get())?;
    // On one line, as our own streams send it.
    let json = match raw.get().contains(['\n', '\r']) {
        false => Bytes::copy_from_slice(raw.get().as_bytes()),
        true => serde_json::to_vec(&serde_json::from_str::<serde_json::Value>(raw.get())?)?.into(),
    };
    Ok(MirrorItem { kind, key: key.into(), version, json: Some(json) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event { name: name.to_owned(), data: data.as_bytes().to_vec() }
    }

    #[test]
    fn a_put_keeps_the_bytes_of_its_items() {
        let put = event(
            "put",
            r#"{"path":"/","data":{"flags":{"f/x":{"version":3,"odd": 1.0}},"segments":{"s":{"version":1}}}}"#,
        );
        let Some(Message::Put(items)) = read(&put).unwrap() else { panic!("a put") };
        let flag = &items[0];
        assert_eq!((&*flag.key, flag.version), ("f/x", 3));
        assert_eq!(flag.json.as_deref(), Some(&br#"{"version":3,"odd": 1.0}"#[..]));
        assert!(matches!(items[1].kind, MirrorKind::Segment));
    }

    #[test]
    fn changes_name_what_they_are_about() {
        let Some(Message::Change(item)) =
            read(&event("patch", "{\"path\":\"/segments/s\",\"data\":{\n\"version\":2}}")).unwrap()
        else {
            panic!("a change")
        };
        assert_eq!((&*item.key, item.version, item.json.as_deref()), ("s", 2, Some(&br#"{"version":2}"#[..])));
        let Some(Message::Change(gone)) = read(&event("delete", r#"{"path":"/flags/f","version":9}"#)).unwrap() else {
            panic!("a change")
        };
        assert_eq!((&*gone.key, gone.version, gone.json), ("f", 9, None));
        assert!(read(&event("patch", r#"{"path":"/metrics/m","data":{}}"#)).unwrap().is_none());
        assert!(read(&event("goodbye", "what")).unwrap().is_none());
        assert!(read(&event("patch", r#"{"path":"/flags/f","data":{}}"#)).is_err(), "no version");
    }
}
