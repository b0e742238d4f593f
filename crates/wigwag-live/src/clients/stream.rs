//! Streams of client-side SDKs (sdk-protocol.md 5.6).

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use wigwag_model::context::{Context, ContextError};

use super::{Audience, Form, Outcome};
use crate::content::{Content, Next};
use crate::json;
use crate::snapshot::EnvSnapshot;

/// A `put` is evaluated and handed out in pieces of about this many bytes, so that clients that all come at
/// once and read slowly do not each hold a whole one.
const PIECE: usize = 16 << 10;

/// Results for one context: all of them first, then each that changed.
pub struct ClientStream {
    audience: Audience,
    form: Form,
    /// Whether the context was proved with a hash.
    vouched: bool,
    /// As JSON, which takes a fraction of the room; it is read again when something changed.
    context: Box<[u8]>,
    /// What the client knows.
    sent: Option<Arc<EnvSnapshot>>,
    /// A `put` on its way, and the flag to go on with.
    put: Option<(Arc<EnvSnapshot>, usize)>,
}

impl ClientStream {
    /// A stream for `context`, as JSON. One that is not `vouched` for ends when browsers must prove theirs.
    ///
    /// # Errors
    /// When there is something wrong with the context.
    pub fn new(audience: Audience, form: Form, vouched: bool, context: &[u8]) -> Result<Self, ContextError> {
        Context::from_json(context)?;
        Ok(Self { audience, form, vouched, context: context.into(), sent: None, put: None })
    }

    /// The next piece of a `put` of which everything before `from` was sent.
    fn piece(&mut self, snapshot: Arc<EnvSnapshot>, from: usize, context: &Context) -> Bytes {
        let list = snapshot.clients(self.audience);
        let mut out = Vec::with_capacity(PIECE + 1024);
        if from == 0 {
            out.extend_from_slice(b"event: put\ndata: {");
        }
        let next = list.write(&snapshot, context, self.form, from, PIECE, &mut out);
        if next < list.len() {
            self.put = Some((snapshot, next));
        } else {
            out.extend_from_slice(b"}\n\n");
            self.sent = Some(snapshot);
        }
        Bytes::from(out)
    }

    /// What changed for this context since `sent`; `None` if that is not known any more.
    fn patches(&self, sent: &EnvSnapshot, newest: &EnvSnapshot, context: &Context) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for (key, seq) in affected(sent, newest)? {
            let before = sent.visible(self.audience, key).map(|flag| Outcome::of(sent, flag, context));
            let Some(flag) = newest.visible(self.audience, key) else {
                if before.is_some() {
                    out.extend_from_slice(b"event: delete\ndata: {\"key\":");
                    json::string(&mut out, key);
                    let _ = write!(out, ",\"version\":{seq}}}\n\n");
                }
                continue;
            };
            let after = Outcome::of(newest, flag, context);
            if !before.is_some_and(|before| after.same(&before, self.form)) {
                out.extend_from_slice(b"event: patch\ndata: ");
                after.write_keyed(newest.client_version(flag), self.form, &mut out);
                out.extend_from_slice(b"\n\n");
            }
        }
        Some(out)
    }
}

impl Content for ClientStream {
    fn next(&mut self, newest: &Arc<EnvSnapshot>) -> Next {
        if newest.settings().secure_mode && self.audience == Audience::EnvironmentId && !self.vouched {
            return Next::End;
        }
        if self.put.is_none() && self.sent.as_ref().is_some_and(|sent| Arc::ptr_eq(sent, newest)) {
            return Next::Wait;
        }
        let Ok(context) = Context::from_json(&self.context) else { return Next::End };
        if let Some((snapshot, from)) = self.put.take() {
            return Next::Send(self.piece(snapshot, from, &context));
        }
        let patches = self.sent.as_ref().map(|sent| self.patches(sent, newest, &context));
        match patches {
            Some(Some(patches)) => {
                self.sent = Some(Arc::clone(newest));
                if patches.is_empty() { Next::Wait } else { Next::Send(Bytes::from(patches)) }
            }
            None | Some(None) => Next::Send(self.piece(Arc::clone(newest), 0, &context)),
        }
    }

    fn sent(&self) -> Option<u64> {
        self.sent.as_ref().map(|sent| sent.seq())
    }
}

/// Tells clients to ask again: at once, and whenever a flag that they may see can have changed.
pub struct PingStream {
    audience: Audience,
    event: Bytes,
    sent: Option<Arc<EnvSnapshot>>,
}

/// Parsers drop events without data: one space, which is data.
const PING: Bytes = Bytes::from_static(b"event: ping\ndata:  \n\n");

impl PingStream {
    /// A stream of pings for an audience (sdk-protocol.md 5.6).
    #[must_use]
    pub const fn new(audience: Audience) -> Self {
        Self::of(audience, PING)
    }

    /// A stream of another event, which must be complete.
    #[must_use]
    pub const fn of(audience: Audience, event: Bytes) -> Self {
        Self { audience, event, sent: None }
    }

    fn concerns(&self, sent: &EnvSnapshot, newest: &EnvSnapshot) -> bool {
        let seen = |key: &str| [sent, newest].iter().any(|at| at.visible(self.audience, key).is_some());
        affected(sent, newest).is_none_or(|keys| keys.into_keys().any(seen))
    }
}

impl Content for PingStream {
    fn next(&mut self, newest: &Arc<EnvSnapshot>) -> Next {
        let quiet = self.sent.as_ref().is_some_and(|sent| !self.concerns(sent, newest));
        if !self.sent.as_ref().is_some_and(|sent| Arc::ptr_eq(sent, newest)) {
            self.sent = Some(Arc::clone(newest));
        }
        if quiet { Next::Wait } else { Next::Send(self.event.clone()) }
    }

    fn sent(&self) -> Option<u64> {
        self.sent.as_ref().map(|sent| sent.seq())
    }
}

/// The flags that may have changed between two snapshots, with the last change that affected each; `None` if
/// that is not known any more.
fn affected<'a>(sent: &EnvSnapshot, newest: &'a EnvSnapshot) -> Option<BTreeMap<&'a str, u64>> {
    let mut keys = BTreeMap::new();
    let mut at = sent.seq();
    while at != newest.seq() {
        let update = newest.tail().after(at)?;
        keys.extend(update.affected().iter().map(|key| (&**key, update.seq())));
        at = update.seq();
    }
    Some(keys)
}
