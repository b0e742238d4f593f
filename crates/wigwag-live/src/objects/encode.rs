//! The events of the newer protocol as bytes (sdk-protocol.md 3.3): the same in streams and polls, framed
//! differently.

use crate::item::Item;
use crate::json;
use crate::snapshot::EnvSnapshot;

/// What surrounds an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Server-sent events.
    Stream,
    /// Members of the array in `{"events":[…]}`, all but the first after a comma.
    Poll,
}

/// What is about to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Everything.
    Full,
    /// What changed since the basis.
    Changes,
    /// Nothing: the basis is the newest state.
    None,
}

impl Intent {
    const fn code(self) -> &'static str {
        match self {
            Self::Full => "xfer-full",
            Self::Changes => "xfer-changes",
            Self::None => "none",
        }
    }
}

impl Frame {
    fn open(self, out: &mut Vec<u8>, event: &'static str) {
        match self {
            Self::Stream => {
                out.extend_from_slice(b"event: ");
                out.extend_from_slice(event.as_bytes());
                out.extend_from_slice(b"\ndata: ");
            }
            Self::Poll => {
                out.extend_from_slice(b",{\"event\":\"");
                out.extend_from_slice(event.as_bytes());
                out.extend_from_slice(b"\",\"data\":");
            }
        }
    }

    fn close(self, out: &mut Vec<u8>) {
        out.extend_from_slice(match self {
            Self::Stream => b"\n\n",
            Self::Poll => b"}",
        });
    }
}

/// The intent, with what comes before it.
pub(crate) fn begin(to: &EnvSnapshot, frame: Frame, intent: Intent, reason: &'static str) -> Vec<u8> {
    let mut event = Vec::with_capacity(256);
    frame.open(&mut event, "server-intent");
    event.extend_from_slice(b"{\"payloads\":[{\"id\":");
    json::string(&mut event, &to.settings().id);
    let rest = format!(
        ",\"target\":{},\"intentCode\":\"{}\",\"reason\":\"{reason}\"}}]}}",
        to.payload_version(),
        intent.code()
    );
    event.extend_from_slice(rest.as_bytes());
    frame.close(&mut event);
    match frame {
        Frame::Stream => event,
        // The first of the array has no comma before it.
        Frame::Poll => [b"{\"events\":[".as_slice(), &event[1..]].concat(),
    }
}

/// What makes everything before it count, with what comes after it. `state` is what the SDK then holds.
pub(crate) fn transferred(to: &EnvSnapshot, state: &str, frame: Frame) -> Vec<u8> {
    let mut out = Vec::with_capacity(160);
    frame.open(&mut out, "payload-transferred");
    out.extend_from_slice(b"{\"state\":");
    json::string(&mut out, state);
    out.extend_from_slice(format!(",\"version\":{},\"id\":", to.payload_version()).as_bytes());
    json::string(&mut out, &to.settings().id);
    out.push(b'}');
    frame.close(&mut out);
    out.extend_from_slice(end(frame));
    out
}

/// What comes after the last event.
pub(crate) const fn end(frame: Frame) -> &'static [u8] {
    match frame {
        Frame::Stream => b"",
        Frame::Poll => b"]}",
    }
}

/// An item as it now is. `kind` before `object`: the Go SDK parses as it reads.
pub(crate) fn put<C>(out: &mut Vec<u8>, frame: Frame, kind: &'static str, item: &Item<C>) {
    frame.open(out, "put-object");
    out.extend_from_slice(format!("{{\"version\":{},\"kind\":\"{kind}\",\"key\":", item.version()).as_bytes());
    json::string(out, item.key());
    out.extend_from_slice(b",\"object\":");
    out.extend_from_slice(item.json());
    out.push(b'}');
    frame.close(out);
}

/// What comes before the object of a client's result, which [`close_result`] ends.
pub(crate) fn open_result(out: &mut Vec<u8>, frame: Frame, kind: &'static str, key: &[u8], version: u64) {
    frame.open(out, "put-object");
    out.extend_from_slice(b"{\"version\":");
    out.extend_from_slice(itoa::Buffer::new().format(version).as_bytes());
    out.extend_from_slice(b",\"kind\":\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\",\"key\":");
    out.extend_from_slice(key);
    out.extend_from_slice(b",\"object\":");
}

/// What comes after it.
pub(crate) fn close_result(out: &mut Vec<u8>, frame: Frame) {
    out.push(b'}');
    frame.close(out);
}

/// An item that is gone.
pub(crate) fn delete(out: &mut Vec<u8>, frame: Frame, kind: &'static str, key: &str, version: u64) {
    frame.open(out, "delete-object");
    out.extend_from_slice(format!("{{\"version\":{version},\"kind\":\"{kind}\",\"key\":").as_bytes());
    json::string(out, key);
    out.push(b'}');
    frame.close(out);
}
