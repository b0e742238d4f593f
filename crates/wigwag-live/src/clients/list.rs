//! All flags of an audience, evaluated one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest as _, Sha256};
use wigwag_eval::Lookup;
use wigwag_eval::client::Plan;
use wigwag_eval::dependents::Item as Reference;
use wigwag_model::context::Context;

use super::pieces::{Pieces, close};
use super::{Audience, Form, Known, Shape, Subject, sees};
use crate::objects::Frame;
use crate::snapshot::{EnvSnapshot, FlagItem, weak_tag};

/// The flags of a snapshot that an audience may see.
pub struct ClientList {
    pub(super) flags: Box<[Visible]>,
    /// Stands for the flags and their versions: equal on every server.
    digest: [u8; 32],
    /// How they are evaluated together.
    plan: Plan,
    pieces: Pieces,
    /// How long the last results were.
    length: AtomicUsize,
}

pub(super) struct Visible {
    pub(super) flag: Arc<FlagItem>,
    pub(super) version: u64,
}

impl ClientList {
    pub(crate) fn new(snapshot: &EnvSnapshot, audience: Audience) -> Self {
        let mut hash = Sha256::new();
        let visible = snapshot.flags().iter().filter(|flag| sees(audience, flag)).map(|flag| {
            let version = snapshot.client_version(flag);
            hash.update(flag.key());
            hash.update([0]);
            hash.update(version.to_le_bytes());
            Visible { flag: Arc::clone(flag), version }
        });
        let flags: Box<[Visible]> = visible.collect();
        flags.iter().for_each(|visible| compile_needed(snapshot, &visible.flag));
        Self {
            plan: Plan::new(flags.iter().map(|visible| visible.flag.compiled())),
            pieces: Pieces::new(flags.iter().map(|visible| (visible.flag.text(), visible.version))),
            digest: hash.finalize().into(),
            length: AtomicUsize::new(64 * flags.len()),
            flags,
        }
    }

    /// How many flags there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flags.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty()
    }

    /// Keys and their versions, in key order.
    pub fn iter(&self) -> impl Iterator<Item = (&FlagItem, u64)> {
        self.flags.iter().map(|visible| (&*visible.flag, visible.version))
    }

    /// The weak entity tag of the results for a context, given as its JSON, of whose memberships something may be known:
    /// it is there before anything is evaluated, and equal on every server.
    #[must_use]
    pub fn etag(&self, context: &[u8], form: Form, known: Option<&Known>) -> String {
        let mut hash = Sha256::new();
        if let Some(known) = known {
            known.digest(&mut hash);
        }
        hash.update(self.digest);
        hash.update([u8::from(form.reasons), form.shape as u8]);
        hash.update(context);
        weak_tag(&hash.finalize())
    }

    /// `{"key":result,…}` for a context, or what the form wants instead. `environment` is the snapshot that this list is of, or stands for it.
    #[must_use]
    pub fn evaluate<L: Lookup>(&self, environment: &L, context: &Context, form: Form) -> Vec<u8> {
        let mut out = Vec::new();
        self.evaluate_into(environment, context, form, &mut out);
        out
    }

    /// The same, appended to `out`.
    pub fn evaluate_into<L: Lookup>(&self, environment: &L, context: &Context, form: Form, out: &mut Vec<u8>) {
        let start = out.len();
        out.reserve(self.length.load(Ordering::Relaxed) + 256);
        out.push(b'{');
        let subject = Subject { environment, context, form };
        if form.shape == Shape::Bootstrap {
            self.write_bootstrap(&subject, out);
        } else {
            self.write(&subject, 0, usize::MAX, out);
        }
        out.push(b'}');
        self.length.store(out.len() - start, Ordering::Relaxed);
    }

    /// Appends results as members of an object, from the flag at `from` until `out` is about `full` bytes
    /// long, and returns where to go on.
    pub(super) fn write<L: Lookup>(
        &self,
        subject: &Subject<'_, L>,
        from: usize,
        full: usize,
        out: &mut Vec<u8>,
    ) -> usize {
        let form = subject.form;
        let plainly = form.shape == Shape::Results && !form.reasons;
        let mut facts = plainly.then(|| self.plan.facts(subject.context));
        for (n, visible) in self.flags.iter().enumerate().skip(from) {
            if out.len() >= full {
                return n;
            }
            let comma = usize::from(n == 0);
            let flag = || visible.flag.compiled();
            if let Some(variation) = facts.as_mut().and_then(|facts| self.plan.variation(n, flag, facts)) {
                match self.pieces.get(n, variation) {
                    Some(result) => out.extend_from_slice(result.get(comma..).unwrap_or_default()),
                    None => write_plain(visible, visible.flag.text().member(variation), comma, out),
                }
                continue;
            }
            let outcome = subject.outcome(&visible.flag);
            if plainly && let Some(plain) = outcome.plain(form) {
                write_plain(visible, plain, comma, out);
                continue;
            }
            out.extend_from_slice(&b","[comma..]);
            out.extend_from_slice(visible.flag.text().key());
            out.push(b':');
            if form.shape == Shape::Values {
                out.extend_from_slice(outcome.value());
            } else {
                outcome.write(visible.version, form, out);
            }
        }
        self.flags.len()
    }
}

impl ClientList {
    /// The same as [`ClientList::write`], as objects of the newer protocol.
    pub(super) fn write_objects<L: Lookup>(
        &self,
        subject: &Subject<'_, L>,
        frame: Frame,
        from: usize,
        full: usize,
        out: &mut Vec<u8>,
    ) -> usize {
        for (n, visible) in self.flags.iter().enumerate().skip(from) {
            if out.len() >= full {
                return n;
            }
            subject.outcome(&visible.flag).write_object(visible.version, subject.form, frame, out);
        }
        self.flags.len()
    }
}

/// Appends a result of which all is known but the version.
fn write_plain(visible: &Visible, member: &[u8], comma: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(member.get(comma..).unwrap_or_default());
    close(visible.version, out);
}

/// Compiles what a flag refers to directly, so that requests do not have to.
fn compile_needed(snapshot: &EnvSnapshot, flag: &FlagItem) {
    for reference in &flag.about().refers_to {
        match reference {
            Reference::Flag(key) => drop(snapshot.flags().get(key).map(|flag| flag.compiled())),
            Reference::Segment(key) => drop(snapshot.segments().get(key).map(|segment| segment.compiled())),
        }
    }
}
