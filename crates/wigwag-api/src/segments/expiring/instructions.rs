//! The instructions: for contexts, and the older ones for users.

use wigwag_kit::patch::Instruction;
use wigwag_kit::{Error, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{ExpiringSegmentTarget, Segment, SegmentList};
use wigwag_model::id::Ids;

use super::{listed, name};
use crate::common::{ExpirySpelling, check_expiry};

/// What an instruction must know beyond the segment.
pub(super) struct Facts<'a> {
    pub(super) now: Millis,
    pub(super) ids: &'a Ids,
    /// Version of the segment.
    pub(super) version: u64,
}

/// An instruction that can be read: one that cannot refuses the whole request.
pub(super) struct Planned<'a> {
    spelling: ExpirySpelling,
    sent: Instruction<'a>,
    target: ExpiringSegmentTarget,
    version: Option<u64>,
}

impl<'a> Planned<'a> {
    /// Reads one instruction.
    ///
    /// # Errors
    /// 400: an unknown kind, a parameter that is missing or of the wrong type.
    pub(super) fn read(spelling: ExpirySpelling, sent: Instruction<'a>) -> Result<Self> {
        spelling.check(sent)?;
        let list: String = sent.required("targetType")?;
        let list = match list.as_str() {
            "included" => SegmentList::Included,
            "excluded" => SegmentList::Excluded,
            _ => return Err(sent.problem("targetType", "must be included or excluded")),
        };
        let (context_kind, context_key) = spelling.context(sent)?;
        let removes = sent.kind() == spelling.remove;
        let target = ExpiringSegmentTarget {
            id: String::new(),
            version: 1,
            list,
            context_kind,
            context_key,
            expires_at: if removes { 0 } else { sent.required("value")? },
        };
        let version = if sent.kind() == spelling.update { sent.optional("version")? } else { None };
        Ok(Self { spelling, sent, target, version })
    }

    /// Applies it.
    ///
    /// # Errors
    /// A context that is not targeted, another plan in the way, none to change, or one of another version.
    pub(super) fn apply(self, segment: &mut Segment, facts: &Facts<'_>) -> Result<()> {
        let Self { spelling, sent, target, version } = self;
        if sent.kind() != spelling.remove {
            check_expiry(sent, target.expires_at, facts.now)?;
        }
        let at = segment.expiring_targets.iter().position(|one| name(one) == name(&target));
        if sent.kind() == spelling.add {
            if at.is_some() {
                return Err(sent.problem(spelling.key, "already expires; update or remove that first"));
            }
            if !listed(segment).contains(&name(&target)) {
                return Err(sent.problem(spelling.key, "is not individually targeted"));
            }
            segment.expiring_targets.push(ExpiringSegmentTarget { id: facts.ids.object_id(), ..target });
            return Ok(());
        }
        let at = at.ok_or_else(|| sent.problem(spelling.key, "does not expire"))?;
        if sent.kind() == spelling.remove {
            segment.expiring_targets.remove(at);
            return Ok(());
        }
        let one = &mut segment.expiring_targets[at];
        // Of a plan for a context, the plan's version is meant; of one for a user, the segment's.
        let (what, is) = match spelling.kind {
            Some(_) => ("the expiring target", one.version),
            None => ("the segment", facts.version),
        };
        if let Some(version) = version.filter(|version| *version != is) {
            return Err(sent.problem("version", format_args!("{what} is at version {is}, not {version}")));
        }
        if one.expires_at != target.expires_at {
            one.expires_at = target.expires_at;
            one.version += 1;
        }
        Ok(())
    }
}

/// What a failed instruction says; other errors end the request.
///
/// # Errors
/// Whatever is not about the instruction.
pub(super) fn failure(error: Error) -> Result<String> {
    match error {
        Error::Invalid(message) => Ok(message),
        other => Err(other),
    }
}
