//! Streams of client-side SDKs (sdk-protocol.md 3.8, 5.6).

use std::collections::BTreeMap;
use std::future::Future;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};

use bytes::Bytes;
use wigwag_model::context::{Context, ContextError};

use super::objects::{Asker, Choice, KIND, bounded};
use super::{Audience, Form, Known, Members, Outcome, Seen, Subject, ask};
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
    sent: Option<At>,
    /// Everything on its way, and the flag to go on with.
    put: Option<(At, usize)>,
    protocol: Protocol,
    members: Option<Arc<dyn Members>>,
    /// Memberships that are being looked up for a snapshot.
    asking: Option<Box<(Arc<EnvSnapshot>, Lookup)>>,
    /// What is to be told next, in place of the newest.
    found: Option<At>,
}

type Lookup = Pin<Box<dyn Future<Output = Known> + Send>>;

/// A snapshot, and what is known of the context's memberships in it.
#[derive(Clone)]
struct At {
    snapshot: Arc<EnvSnapshot>,
    known: Option<Arc<Known>>,
}

impl At {
    fn seen(&self) -> Seen<'_> {
        Seen::new(&self.snapshot, self.known.as_deref())
    }

    /// Whether everything is known that was asked.
    fn is_read(&self) -> bool {
        self.known.as_ref().is_none_or(|known| known.is_read())
    }
}

/// How a stream says it.
enum Protocol {
    /// `put`, `patch` and `delete` (sdk-protocol.md 5.6).
    Events,
    /// Objects (sdk-protocol.md 3.8), and what the client said it holds until that is answered.
    Objects { basis: Option<Box<str>>, said_farewell: bool },
}

impl ClientStream {
    /// A stream for `context`, as JSON. One that is not `vouched` for ends when browsers must prove theirs.
    ///
    /// # Errors
    /// When there is something wrong with the context.
    pub fn new(audience: Audience, form: Form, vouched: bool, context: &[u8]) -> Result<Self, ContextError> {
        Context::from_json(context)?;
        Ok(Self {
            audience,
            form,
            vouched,
            context: context.into(),
            sent: None,
            put: None,
            protocol: Protocol::Events,
            members: None,
            asking: None,
            found: None,
        })
    }

    /// The same in the newer protocol, for a client that holds `basis`.
    #[must_use]
    pub fn of_objects(self, basis: Option<&str>) -> Self {
        Self { protocol: Protocol::Objects { basis: basis.map(Box::from), said_farewell: false }, ..self }
    }

    /// The same, and has big segments asked there.
    #[must_use]
    pub fn asking(self, members: Option<Arc<dyn Members>>) -> Self {
        Self { members, ..self }
    }

    /// Whether members have to be looked up before `newest` can be told: whoever knows them looks again only when they
    /// can be others.
    fn must_ask(&self, newest: &EnvSnapshot) -> bool {
        if newest.big_segments().is_empty() {
            return false;
        }
        let Some(sent) = &self.sent else { return true };
        if !sent.is_read() {
            return true;
        }
        let mut at = sent.snapshot.seq();
        while at != newest.seq() {
            match newest.tail().after(at) {
                Some(update) if !update.asks_members() => at = update.seq(),
                _ => return true,
            }
        }
        false
    }

    /// What a client is sent first.
    fn first(&mut self, at: At, context: &Context) -> Bytes {
        let asker = self.asker(&at);
        let Protocol::Objects { basis, .. } = &mut self.protocol else {
            return self.piece(at, 0, Why::Missing, context);
        };
        let told = match asker.choice(&at.snapshot, basis.take().as_deref()) {
            Choice::Full(why) => return self.piece(at, 0, why, context),
            Choice::UpToDate => Some(Asker::up_to_date(&at.snapshot, Frame::Stream)),
            Choice::Since(seq) => {
                let subject = Subject { environment: &at.seen(), context, form: self.form };
                asker.since(seq, &at.snapshot, &subject, Frame::Stream)
            }
        };
        let Some(told) = told else { return self.piece(at, 0, Why::CannotCatchUp, context) };
        self.sent = Some(at);
        Bytes::from(told)
    }

    fn asker(&self, at: &At) -> Asker {
        Asker::new(self.audience, self.form, &self.context, at.known.as_deref())
    }

    /// The next piece of everything, of which all before `from` was sent.
    fn piece(&mut self, at: At, from: usize, why: Why, context: &Context) -> Bytes {
        let list = at.snapshot.clients(self.audience);
        let mut out = Vec::with_capacity(PIECE + 1024);
        if from == 0 {
            match self.protocol {
                Protocol::Events => out.extend_from_slice(b"event: put\ndata: {"),
                Protocol::Objects { .. } => out = begin(&at.snapshot, Frame::Stream, Intent::Full, why.reason()),
            }
        }
        let subject = Subject { environment: &at.seen(), context, form: self.form };
        let next = match self.protocol {
            Protocol::Events => list.write(&subject, from, PIECE, &mut out),
            Protocol::Objects { .. } => list.write_objects(&subject, Frame::Stream, from, PIECE, &mut out),
        };
        if next < list.len() {
            self.put = Some((at, next));
            return Bytes::from(out);
        }
        match self.protocol {
            Protocol::Events => out.extend_from_slice(b"}\n\n"),
            Protocol::Objects { .. } => {
                out.extend_from_slice(&self.asker(&at).commit(&at.snapshot, Frame::Stream));
            }
        }
        self.sent = Some(at);
        Bytes::from(out)
    }

    /// What changed for this context since `sent`, nothing if that is empty; `None` if it is not known any more.
    fn changes(&self, sent: &At, newest: &At, context: &Context) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let (seen_before, seen_after) = (sent.seen(), newest.seen());
        for (key, seq) in affected(&sent.snapshot, &newest.snapshot)? {
            let before = sent.snapshot.visible(self.audience, key);
            let before = before.map(|flag| Outcome::of(&seen_before, flag, context));
            let Some(flag) = newest.snapshot.visible(self.audience, key) else {
                if before.is_some() {
                    self.gone(&newest.snapshot, key, seq, &mut out);
                }
                continue;
            };
            let after = Outcome::of(&seen_after, flag, context);
            if !before.is_some_and(|before| after.same(&before, self.form)) {
                self.changed(&newest.snapshot, &after, newest.snapshot.client_version(flag), &mut out);
            }
        }
        if let (Protocol::Objects { .. }, false) = (&self.protocol, out.is_empty()) {
            out.extend_from_slice(&self.asker(newest).commit(&newest.snapshot, Frame::Stream));
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

    fn is_at(&self, newest: &Arc<EnvSnapshot>) -> bool {
        self.sent.as_ref().is_some_and(|sent| Arc::ptr_eq(&sent.snapshot, newest))
    }
}

/// Begins changes, unless they have begun.
fn intend(newest: &EnvSnapshot, out: &mut Vec<u8>) {
    if out.is_empty() {
        *out = begin(newest, Frame::Stream, Intent::Changes, "stale");
    }
}

impl Content for ClientStream {
    fn poll_ready(&mut self, newest: &Arc<EnvSnapshot>, cx: &mut std::task::Context<'_>) -> Poll<()> {
        if self.put.is_some() || self.found.is_some() || self.is_at(newest) {
            return Poll::Ready(());
        }
        if self.asking.is_none() && self.must_ask(newest) {
            // `next` ends a stream whose context cannot be read.
            let Ok(context) = Context::from_json(&self.context) else { return Poll::Ready(()) };
            let lookup = ask(self.members.as_ref(), newest, &context);
            self.asking = lookup.map(|lookup| Box::new((Arc::clone(newest), lookup)));
        }
        let Some(asking) = &mut self.asking else { return Poll::Ready(()) };
        let known = ready!(asking.1.as_mut().poll(cx));
        // Told even if there is a newer one by now: otherwise a stream among many changes would never get to tell.
        self.found = Some(At { snapshot: Arc::clone(&asking.0), known: Some(Arc::new(known)) });
        self.asking = None;
        Poll::Ready(())
    }

    fn next(&mut self, newest: &Arc<EnvSnapshot>) -> Next {
        if newest.settings().secure_mode && self.audience == Audience::EnvironmentId && !self.vouched {
            return Next::End;
        }
        if self.put.is_none() && self.is_at(newest) {
            return Next::Wait;
        }
        let Ok(context) = Context::from_json(&self.context) else { return Next::End };
        if let Some((at, from)) = self.put.take() {
            return Next::Send(self.piece(at, from, Why::Missing, &context));
        }
        let known = self.sent.as_ref().and_then(|sent| sent.known.clone());
        let at = self.found.take().unwrap_or_else(|| At { snapshot: Arc::clone(newest), known });
        let Some(sent) = &self.sent else { return Next::Send(self.first(at, &context)) };
        if sent.is_read() && !at.is_read() {
            // What is known would be taken back for a fault that passes. Who comes back has it looked up again.
            return Next::End;
        }
        // What was told in a fault may be wrong of any flag.
        let recovered = !sent.is_read() && at.is_read();
        let Some(changes) = (if recovered { None } else { self.changes(sent, &at, &context) }) else {
            return Next::Send(self.piece(at, 0, Why::CannotCatchUp, &context));
        };
        self.sent = Some(at);
        if !changes.is_empty() {
            return Next::Send(Bytes::from(changes));
        }
        if self.is_at(newest) { Next::Wait } else { Next::Again }
    }

    fn sent(&self) -> Option<u64> {
        self.sent.as_ref().map(|sent| sent.snapshot.seq())
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};
    use wigwag_model::doc::Kind;

    use super::*;
    use crate::clients::outcome::EVALUATED;
    use crate::{MemoryLog, MemoryWrite, World};

    fn put(kind: Kind, env: &str, key: &str, body: &Value) -> MemoryWrite {
        MemoryWrite { kind, project: "p".into(), env: env.into(), key: key.into(), body: Some(body.to_string()) }
    }

    fn flag(key: &str) -> MemoryWrite {
        let body = json!({
            "key": key, "name": key, "kind": "boolean", "temporary": false, "createdAt": 0,
            "variations": [{ "id": "0", "value": true }, { "id": "1", "value": false }],
            "defaults": { "onVariation": 0, "offVariation": 1 },
            "clientSideAvailability": { "usingMobileKey": true, "usingEnvironmentId": true },
        });
        put(Kind::Flag, "", key, &body)
    }

    fn config(key: &str, on: bool, requires: &[&str]) -> MemoryWrite {
        let requires: Vec<Value> = requires.iter().map(|key| json!({ "key": key, "variation": 0 })).collect();
        let body = json!({
            "on": on, "salt": "s", "sel": "s", "lastModified": 0, "offVariation": 1, "prerequisites": requires,
            "fallthrough": { "variation": 0 },
        });
        put(Kind::FlagConfig, "e", key, &body)
    }

    #[test]
    fn a_change_has_the_flag_and_what_depends_on_it_evaluated_and_no_other() {
        let (log, mut world) = (MemoryLog::default(), World::default());
        let env = json!({ "id": "id-e", "key": "e", "name": "e", "color": "000000",
                          "sdkKeys": [], "mobileKeys": [], "createdAt": 0 });
        let many = (0..10_000).map(|n| format!("flag-{n}"));
        let mut writes = vec![put(Kind::Environment, "", "e", &env)];
        writes.extend(many.flat_map(|key| [flag(&key), config(&key, true, &[])]));
        writes.extend([flag("asks"), config("asks", true, &["flag-7"])]);
        let mut snapshot = |writes: Vec<MemoryWrite>| {
            log.commit(writes);
            for change in log.after(world.seq()) {
                world.apply(change);
            }
            Arc::clone(world.env(&("p".into(), "e".into())).unwrap())
        };
        let first = snapshot(writes);
        let mut streams: Vec<ClientStream> = (0..20)
            .map(|n| {
                let context = format!(r#"{{"kind":"user","key":"{n}"}}"#);
                ClientStream::new(Audience::Mobile, Form::default(), false, context.as_bytes()).unwrap()
            })
            .collect();
        for stream in &mut streams {
            while let Next::Send(_) = stream.next(&first) {}
        }

        let second = snapshot(vec![config("flag-7", false, &[])]);
        EVALUATED.set(0);
        for stream in &mut streams {
            let Next::Send(told) = stream.next(&second) else { panic!("nothing came") };
            assert_eq!(String::from_utf8_lossy(&told).matches("event: patch").count(), 2);
        }
        // Each as it was and as it is.
        assert_eq!(EVALUATED.get(), 20 * 2 * 2);
    }
}
