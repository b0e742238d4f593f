//! Results as objects of the newer protocol: in full, as changes or not at all, depending on what the client says
//! it holds (sdk-protocol.md 3.5, 3.8).

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use wigwag_eval::Lookup;
use wigwag_model::context::Context;

use super::{Audience, Form, Known, Seen, Subject};
use crate::objects::{Frame, Intent, Whom, Why, begin, client_contents_of, delete, end, transferred};
use crate::snapshot::EnvSnapshot;

/// The kind of all objects that clients get.
pub(super) const KIND: &str = "flag-eval";

/// Who asks for results as objects, and how it wants them.
#[derive(Clone, Copy)]
pub(super) struct Asker {
    audience: Audience,
    whom: Whom,
}

/// What a client is sent that says what it holds.
pub(super) enum Choice {
    Full(Why),
    /// What can have changed since a sequence of the tail.
    Since(u64),
    UpToDate,
}

impl Asker {
    /// For a context given as JSON. The same in other words counts as another, and is sent everything.
    /// What is known of its memberships belongs to it: members may change where the contents do not.
    pub(super) fn new(audience: Audience, form: Form, context: &[u8], known: Option<&Known>) -> Self {
        let mut hash = Sha256::new();
        hash.update([audience as u8, u8::from(form.reasons)]);
        if let Some(known) = known {
            known.digest(&mut hash);
        }
        hash.update(context);
        let whom = hash.finalize().iter().take(8).fold(0, |out, byte| (out << 8) | u64::from(*byte));
        Self { audience, whom: Whom(whom) }
    }

    /// What it holds that was sent everything of a snapshot.
    pub(super) fn state(self, snapshot: &EnvSnapshot) -> String {
        snapshot.client_state(self.whom)
    }

    /// What leads from `basis`, an earlier [`Asker::state`], to a snapshot.
    pub(super) fn choice(self, to: &EnvSnapshot, basis: Option<&str>) -> Choice {
        let Some(basis) = basis.filter(|basis| !basis.is_empty()) else { return Choice::Full(Why::Missing) };
        let held = client_contents_of(basis, &to.settings().id, self.whom);
        match held {
            Some(held) if held == to.contents() => Choice::UpToDate,
            Some(held) => {
                to.tail().with_contents(held).map_or(Choice::Full(Why::CannotCatchUp), |at| Choice::Since(at.seq))
            }
            None => Choice::Full(Why::CannotCatchUp),
        }
    }

    /// What makes everything before it count.
    pub(super) fn commit(self, to: &EnvSnapshot, frame: Frame) -> Vec<u8> {
        transferred(to, &self.state(to), frame)
    }

    /// The flags that may have changed since `seq`, as they now are. Only these are evaluated. What the client
    /// had of them nobody remembers, so that some may be told anew.
    pub(super) fn since<L: Lookup>(
        self,
        seq: u64,
        to: &EnvSnapshot,
        subject: &Subject<'_, L>,
        frame: Frame,
    ) -> Option<Vec<u8>> {
        let updates = to.tail().since(seq)?;
        let mut affected: BTreeMap<&str, (u64, bool)> = BTreeMap::new();
        for update in updates {
            for key in update.affected() {
                let entry = affected.entry(key).or_default();
                *entry = (update.seq(), entry.1 || update.withdrew(self.audience, key));
            }
        }
        let mut out = begin(to, frame, Intent::Changes, "stale");
        for (key, (seq, withdrawn)) in affected {
            match to.visible(self.audience, key) {
                Some(flag) => {
                    let version = to.client_version(flag);
                    subject.outcome(flag).write_object(version, subject.form, frame, &mut out);
                }
                // The key of what it never could see stays untold.
                None if withdrawn => delete(&mut out, frame, KIND, key, bounded(seq)),
                None => {}
            }
        }
        out.extend_from_slice(&self.commit(to, frame));
        Some(out)
    }

    /// That there is nothing to be sent.
    pub(super) fn up_to_date(to: &EnvSnapshot, frame: Frame) -> Vec<u8> {
        let mut out = begin(to, frame, Intent::None, "up-to-date");
        out.extend_from_slice(end(frame));
        out
    }
}

/// Some SDKs read versions of 32 bits. Objects are not ordered by them.
pub(super) fn bounded(version: u64) -> u64 {
    version.min(i32::MAX.unsigned_abs().into())
}

/// A poll for results as objects.
pub struct ClientPoll<'a> {
    environment: Seen<'a>,
    asker: Asker,
    form: Form,
}

impl<'a> ClientPoll<'a> {
    /// A poll for `context`, as JSON.
    #[must_use]
    pub fn new(environment: Seen<'a>, audience: Audience, form: Form, context: &[u8]) -> Self {
        Self { environment, asker: Asker::new(audience, form, context, environment.known()), form }
    }

    /// What the client holds afterwards: known before anything is evaluated, and equal on every server.
    #[must_use]
    pub fn state(&self) -> String {
        self.asker.state(self.environment.snapshot())
    }

    /// `{"events":[…]}` for a client that holds `basis`.
    #[must_use]
    pub fn body(&self, context: &Context, basis: Option<&str>) -> Vec<u8> {
        let (to, asker) = (self.environment.snapshot(), self.asker);
        let subject = Subject { environment: &self.environment, context, form: self.form };
        let full = |why: Why| {
            let mut out = begin(to, Frame::Poll, Intent::Full, why.reason());
            let list = to.clients(asker.audience);
            list.write_objects(&subject, Frame::Poll, 0, usize::MAX, &mut out);
            out.extend_from_slice(&asker.commit(to, Frame::Poll));
            out
        };
        match asker.choice(to, basis) {
            Choice::Full(why) => full(why),
            Choice::UpToDate => Asker::up_to_date(to, Frame::Poll),
            Choice::Since(seq) => {
                let changes = asker.since(seq, to, &subject, Frame::Poll);
                changes.unwrap_or_else(|| full(Why::CannotCatchUp))
            }
        }
    }
}
