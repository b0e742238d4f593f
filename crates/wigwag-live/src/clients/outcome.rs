//! One flag's result for one context.

use std::io::Write as _;

use wigwag_eval::client::{Prerequisites, is_experiment};
use wigwag_eval::{Evaluation, Lookup, ReasonKind, evaluate_flag, evaluate_recorded};
use wigwag_model::context::Context;

use super::Form;
use super::objects::{KIND, bounded};
use crate::json;
use crate::objects::{Frame, close_result, open_result};
use crate::snapshot::FlagItem;

#[cfg(test)]
thread_local! {
    /// How often this thread has evaluated a flag.
    pub(super) static EVALUATED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A flag evaluated for a context in a snapshot.
pub struct Outcome<'a> {
    flag: &'a FlagItem,
    result: Evaluation<'a>,
    /// It is part of an experiment: reported in full, with the reason.
    experiment: bool,
    /// The direct prerequisites that were evaluated.
    prerequisites: Vec<&'a str>,
}

impl<'a> Outcome<'a> {
    /// Evaluates. `environment` is the flag's snapshot, or stands for it.
    #[inline]
    #[must_use]
    pub fn of<L: Lookup>(environment: &'a L, flag: &'a FlagItem, context: &Context) -> Self {
        #[cfg(test)]
        EVALUATED.set(EVALUATED.get() + 1);
        let compiled = flag.compiled();
        if !flag.text().has_prerequisites {
            return Self::new(flag, evaluate_flag(environment, compiled, context), Vec::new());
        }
        let mut seen = Prerequisites::of(compiled);
        let result = evaluate_recorded(environment, compiled, context, &mut seen);
        Self::new(flag, result, seen.into_keys())
    }

    fn new(flag: &'a FlagItem, result: Evaluation<'a>, prerequisites: Vec<&'a str>) -> Self {
        // Most flags track nothing in particular: their source need not be looked at.
        let experiment = match flag.text().track_some {
            true => is_experiment(flag.compiled(), &result.reason),
            false => result.reason.in_experiment(),
        };
        Self { flag, result, experiment, prerequisites }
    }

    /// The result that most flags have most of the time, ready to be copied: `,"key":{…,"version":`; none where
    /// something has to be added to it.
    #[inline]
    pub(super) fn plain(&self, form: Form) -> Option<&'a [u8]> {
        let plain = !self.experiment && !form.reasons && self.prerequisites.is_empty();
        plain.then(|| self.flag.text().member(self.result.variation))
    }

    /// Value, variation and reason.
    #[must_use]
    pub const fn evaluation(&self) -> &Evaluation<'a> {
        &self.result
    }

    /// The JSON of the value.
    #[must_use]
    pub fn value(&self) -> &'a [u8] {
        self.flag.text().value(self.result.variation)
    }

    /// Whether an SDK would be told the same. Versions aside: those rise whenever something could have changed.
    #[must_use]
    pub fn same(&self, other: &Self, form: Form) -> bool {
        let told = |outcome: &Self| form.reasons || outcome.experiment;
        self.result.variation == other.result.variation
            && self.experiment == other.experiment
            && self.prerequisites == other.prerequisites
            && (!told(self) || self.result.reason == other.result.reason)
            && (std::ptr::eq(self.flag, other.flag) || self.same_text(other))
    }

    fn same_text(&self, other: &Self) -> bool {
        let settings = |flag: &FlagItem| {
            let source = flag.compiled().source();
            (source.track_events, source.debug_events_until_date.filter(|date| *date != 0))
        };
        settings(self.flag) == settings(other.flag) && self.value() == other.value()
    }

    /// Appends `{"value":…,…,"version":…}` (sdk-protocol.md 5.3).
    pub fn write(&self, version: u64, form: Form, out: &mut Vec<u8>) {
        self.write_open(version, form, out);
        out.push(b'}');
    }

    /// The same, with the flag's key in the object (sdk-protocol.md 5.6).
    pub(super) fn write_keyed(&self, version: u64, form: Form, out: &mut Vec<u8>) {
        self.write_open(version, form, out);
        out.extend_from_slice(b",\"key\":");
        out.extend_from_slice(self.flag.text().key());
        out.push(b'}');
    }

    #[inline]
    fn write_open(&self, version: u64, form: Form, out: &mut Vec<u8>) {
        out.extend_from_slice(self.flag.text().result(self.result.variation));
        out.extend_from_slice(itoa::Buffer::new().format(version).as_bytes());
        self.write_rest(form, out);
    }

    /// Appends `{…,"version":…}`: everything but the value.
    pub(super) fn write_beside_value(&self, version: u64, form: Form, out: &mut Vec<u8>) {
        out.push(b'{');
        out.extend_from_slice(self.flag.text().beside_value(self.result.variation));
        out.extend_from_slice(itoa::Buffer::new().format(version).as_bytes());
        self.write_rest(form, out);
        out.push(b'}');
    }

    /// Appends a `put-object` (sdk-protocol.md 3.8): the version stands beside the object and not in it.
    pub(super) fn write_object(&self, version: u64, form: Form, frame: Frame, out: &mut Vec<u8>) {
        let text = self.flag.text();
        open_result(out, frame, KIND, text.key(), bounded(version));
        out.extend_from_slice(text.unversioned(self.result.variation));
        self.write_rest(form, out);
        out.push(b'}');
        close_result(out, frame);
    }

    #[inline]
    fn write_rest(&self, form: Form, out: &mut Vec<u8>) {
        let text = self.flag.text();
        if self.experiment {
            if !text.track_events {
                out.extend_from_slice(b",\"trackEvents\":true");
            }
            out.extend_from_slice(b",\"trackReason\":true");
        }
        if form.reasons || self.experiment {
            self.write_reason(out);
        }
        if !self.prerequisites.is_empty() {
            out.extend_from_slice(b",\"prerequisites\":[");
            for (n, key) in self.prerequisites.iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                json::string(out, key);
            }
            out.push(b']');
        }
    }

    fn write_reason(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"reason\":");
        let plain = self.result.reason.big_segments.is_none() && !self.result.reason.in_experiment();
        match self.result.reason.kind {
            ReasonKind::Fallthrough { .. } if plain => out.extend_from_slice(b"{\"kind\":\"FALLTHROUGH\"}"),
            ReasonKind::Off if plain => out.extend_from_slice(b"{\"kind\":\"OFF\"}"),
            ReasonKind::TargetMatch if plain => out.extend_from_slice(b"{\"kind\":\"TARGET_MATCH\"}"),
            _ => {
                let start = out.len();
                // Writing into memory and of texts and numbers only: it does not fail.
                if serde_json::to_writer(&mut *out, &self.result.reason).is_err() {
                    out.truncate(start);
                    let _ = write!(out, "null");
                }
            }
        }
    }
}
