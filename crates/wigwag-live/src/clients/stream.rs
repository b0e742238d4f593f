//! Streams of client-side SDKs (sdk-protocol.md 3.8, 5.6).

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use wigwag_model::context::{Context, ContextError};

use super::objects::{Asker, Choice, KIND, bounded};
use super::{Audience, Form, Outcome, Subject};
use crate::content::{Content, Next};
use crate::json;
use crate::objects::{Frame, GOODBYE, Intent, Why, begin, delete};
use crate::snapshot::EnvSnapshot;

/// Everything is evaluated and handed out in pieces of about this many bytes, so that clients that all come at
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
    /// Everything on its way, and the flag to go on with.
    put: Option<(Arc<EnvSnapshot>, usize)>,
    protocol: Protocol,
}

/// How a stream says it.
enum Protocol {
    /// `put`, `patch` and `delete` (sdk-protocol.md 5.6).
    Events,
    /// Objects (sdk-protocol.md 3.8), and what the client said it holds until that is answered.
    Objects { asker: Asker, basis: Option<Box<str>>, said_farewell: bool },
}

impl ClientStream {
    /// A stream for `context`, as JSON. One that is not `vouched` for ends when browsers must prove theirs.
    ///
    /// # Errors
    /// When there is something wrong with the context.
    pub fn new(audience: Audience, form: Form, vouched: bool, context: &[u8]) -> Result<Self, ContextError> {
        Context::from_json(context)?;
        let protocol = Protocol::Events;
        Ok(Self { audience, form, vouched, context: context.into(), sent: None, put: None, protocol })
    }

    /// The same in the newer protocol, for a client that holds `basis`.
    #[must_use]
    pub fn of_objects(self, basis: Option<&str>) -> Self {
        let asker = Asker::new(self.audience, self.form, &self.context);
        Self { protocol: Protocol::Objects { asker, basis: basis.map(Box::from), said_farewell: false }, ..self }
    }

    /// What a client is sent first.
    fn first(&mut self, newest: &Arc<EnvSnapshot>, context: &Context) -> Bytes {
        let Protocol::Objects { asker, basis, .. } = &mut self.protocol else {
            return self.piece(Arc::clone(newest), 0, Why::Missing, context);
        };
        let choice = asker.choice(newest, basis.take().as_deref());
        let told = match choice {
            Choice::Full(why) => return self.piece(Arc::clone(newest), 0, why, context),
            Choice::UpToDate => Some(Asker::up_to_date(newest, Frame::Stream)),
            Choice::Since(seq) => {
                let subject = Subject { environment: &**newest, context, form: self.form };
                asker.since(seq, newest, &subject, Frame::Stream)
            }
        };
        let Some(told) = told else { return self.piece(Arc::clone(newest), 0, Why::CannotCatchUp, context) };
        self.sent = Some(Arc::clone(newest));
        Bytes::from(told)
    }

    /// The next piece of everything, of which all before `from` was sent.
    fn piece(&mut self, snapshot: Arc<EnvSnapshot>, from: usize, why: Why, context: &Context) -> Bytes {
        let list = snapshot.clients(self.audience);
        let mut out = Vec::with_capacity(PIECE + 1024);
        let subject = Subject { environment: &*snapshot, context, form: self.form };
        if from == 0 {
            match self.protocol {
                Protocol::Events => out.extend_from_slice(b"event: put\ndata: {"),
                Protocol::Objects { .. } => out = begin(&snapshot, Frame::Stream, Intent::Full, why.reason()),
            }
        }
        let next = match self.protocol {
            Protocol::Events => list.write(&subject, from, PIECE, &mut out),
            Protocol::Objects { .. } => list.write_objects(&subject, Frame::Stream, from, PIECE, &mut out),
        };
        if next < list.len() {
            self.put = Some((snapshot, next));
            return Bytes::from(out);
        }
        match &self.protocol {
            Protocol::Events => out.extend_from_slice(b"}\n\n"),
            Protocol::Objects { asker, .. } => out.extend_from_slice(&asker.commit(&snapshot, Frame::Stream)),
        }
        self.sent = Some(snapshot);
        Bytes::from(out)
    }

    /// What changed for this context since `sent`, nothing if that is empty; `None` if it is not known any more.
    fn changes(&self, sent: &EnvSnapshot, newest: &EnvSnapshot, context: &Context) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for (key, seq) in affected(sent, newest)? {
            let before = sent.visible(self.audience, key).map(|flag| Outcome::of(sent, flag, context));
            let Some(flag) = newest.visible(self.audience, key) else {
                if before.is_some() {
                    self.gone(newest, key, seq, &mut out);
                }
                continue;
            };
            let after = Outcome::of(newest, flag, context);
            if !before.is_some_and(|before| after.same(&before, self.form)) {
                self.changed(newest, &after, newest.client_version(flag), &mut out);
            }
        }
        if let (Protocol::Objects { asker, .. }, false) = (&self.protocol, out.is_empty()) {
            out.extend_from_slice(&asker.commit(newest, Frame::Stream));
        }
        Some(out)
    }

    fn changed(&self, newest: &EnvSnapshot, outcome: &Outcome<'_>, version: u64, out: &mut Vec<u8>) {
        if let Protocol::Events = self.protocol {
            out.extend_from_slice(b"event: patch\ndata: ");
            outcome.write_keyed(version, self.form, out);
            out.extend_from_slice(b"\n\n");
        } else {
            intend(newest, out);
            outcome.write_object(version, self.form, Frame::Stream, out);
        }
    }

    fn gone(&self, newest: &EnvSnapshot, key: &str, seq: u64, out: &mut Vec<u8>) {
        if let Protocol::Events = self.protocol {
            out.extend_from_slice(b"event: delete\ndata: {\"key\":");
            json::string(out, key);
            let _ = write!(out, ",\"version\":{seq}}}\n\n");
        } else {
            intend(newest, out);
            delete(out, Frame::Stream, KIND, key, bounded(seq));
        }
    }
}

/// Begins changes, unless they have begun.
fn intend(newest: &EnvSnapshot, out: &mut Vec<u8>) {
    if out.is_empty() {
        *out = begin(newest, Frame::Stream, Intent::Changes, "stale");
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
            return Next::Send(self.piece(snapshot, from, Why::Missing, &context));
        }
        let Some(sent) = &self.sent else { return Next::Send(self.first(newest, &context)) };
        let Some(changes) = self.changes(sent, newest, &context) else {
            return Next::Send(self.piece(Arc::clone(newest), 0, Why::CannotCatchUp, &context));
        };
        self.sent = Some(Arc::clone(newest));
        if changes.is_empty() { Next::Wait } else { Next::Send(Bytes::from(changes)) }
    }

    fn sent(&self) -> Option<u64> {
        self.sent.as_ref().map(|sent| sent.seq())
    }

    /// Between groups of objects only.
    fn farewell(&mut self) -> Option<Bytes> {
        match &mut self.protocol {
            Protocol::Objects { said_farewell, .. } if self.put.is_none() && !*said_farewell => {
                *said_farewell = true;
                Some(GOODBYE)
            }
            _ => None,
        }
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
