//! All flags of an audience, evaluated one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest as _, Sha256};
use wigwag_eval::Lookup;
use wigwag_eval::dependents::Item as Reference;
use wigwag_model::context::Context;

use super::{Audience, Form, Known, Shape, Subject, sees};
use crate::objects::Frame;
use crate::snapshot::{EnvSnapshot, FlagItem, weak_tag};

/// The flags of a snapshot that an audience may see.
pub struct ClientList {
    pub(super) flags: Box<[Visible]>,
    /// Stands for the flags and their versions: equal on every server.
    digest: [u8; 32],
    /// How long the last results were.
    length: AtomicUsize,
}

pub(super) struct Visible {
    pub(super) flag: Arc<FlagItem>,
    pub(super) version: u64,
    end: End,
}

/// The version in digits and a closing brace: how a plain result ends.
struct End {
    bytes: [u8; 21],
    length: u8,
}

impl End {
    fn new(version: u64) -> Self {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(version).as_bytes();
        let mut bytes = [b'}'; 21];
        bytes[..digits.len()].copy_from_slice(digits);
        Self { bytes, length: digits.len() as u8 + 1 }
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl ClientList {
    pub(crate) fn new(snapshot: &EnvSnapshot, audience: Audience) -> Self {
        let mut hash = Sha256::new();
        let visible = snapshot.flags().iter().filter(|flag| sees(audience, flag)).map(|flag| {
            let version = snapshot.client_version(flag);
            hash.update(flag.key());
            hash.update([0]);
            hash.update(version.to_le_bytes());
            flag.text();
            Visible { flag: Arc::clone(flag), version, end: End::new(version) }
        });
        let flags: Box<[Visible]> = visible.collect();
        flags.iter().for_each(|visible| compile_needed(snapshot, &visible.flag));
        Self { digest: hash.finalize().into(), length: AtomicUsize::new(64 * flags.len()), flags }
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
        let mut out = Vec::with_capacity(self.length.load(Ordering::Relaxed) + 256);
        out.push(b'{');
        let subject = Subject { environment, context, form };
        if form.shape == Shape::Bootstrap {
            self.write_bootstrap(&subject, &mut out);
        } else {
            self.write(&subject, 0, usize::MAX, &mut out);
        }
        out.push(b'}');
        self.length.store(out.len(), Ordering::Relaxed);
        out
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
        for (n, visible) in self.flags.iter().enumerate().skip(from) {
            if out.len() >= full {
                return n;
            }
            let outcome = subject.outcome(&visible.flag);
            let comma = usize::from(n == 0);
            if form.shape == Shape::Results
                && let Some(plain) = outcome.plain(form)
            {
                out.extend_from_slice(plain.get(comma..).unwrap_or_default());
                out.extend_from_slice(visible.end.as_bytes());
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

/// Compiles what a flag refers to directly, so that requests do not have to.
fn compile_needed(snapshot: &EnvSnapshot, flag: &FlagItem) {
    for reference in &flag.about().refers_to {
        match reference {
            Reference::Flag(key) => drop(snapshot.flags().get(key).map(|flag| flag.compiled())),
            Reference::Segment(key) => drop(snapshot.segments().get(key).map(|segment| segment.compiled())),
        }
    }
}
