//! The instructions: for contexts, and the older ones for users.

use wigwag_kit::patch::Instruction;
use wigwag_kit::{Error, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{ExpiringSegmentTarget, Segment, SegmentList};
use wigwag_model::id::Ids;

use super::{listed, name};
use crate::common::future;
use crate::segments::lists::USER;

/// How clients spell the instructions.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    add: &'static str,
    update: &'static str,
    remove: &'static str,
    key: &'static str,
    /// Where the context kind is; users need none.
    kind: Option<&'static str>,
}

/// For targets of any kind. Their `version` is that of the expiring target.
pub(super) const CONTEXTS: Spelling = Spelling {
    add: "addExpiringTarget",
    update: "updateExpiringTarget",
    remove: "removeExpiringTarget",
    key: "contextKey",
    kind: Some("contextKind"),
};

/// For targets of kind `user`. Their `version` is that of the segment.
pub(super) const USERS: Spelling = Spelling {
    add: "addExpireUserTargetDate",
    update: "updateExpireUserTargetDate",
    remove: "removeExpireUserTargetDate",
    key: "userKey",
    kind: None,
};

/// What an instruction must know beyond the segment.
pub(super) struct Facts<'a> {
    pub(super) now: Millis,
    pub(super) ids: &'a Ids,
    /// Version of the segment.
    pub(super) version: u64,
}

/// An instruction that can be read: one that cannot refuses the whole request.
pub(super) struct Planned<'a> {
    spelling: Spelling,
    sent: Instruction<'a>,
    target: ExpiringSegmentTarget,
    version: Option<u64>,
}

impl<'a> Planned<'a> {
    /// Reads one instruction.
    ///
    /// # Errors
    /// 400: an unknown kind, a parameter that is missing or of the wrong type.
    pub(super) fn read(spelling: Spelling, sent: Instruction<'a>) -> Result<Self> {
        if ![spelling.add, spelling.update, spelling.remove].contains(&sent.kind()) {
            return Err(sent.unsupported());
        }
        let list: String = sent.required("targetType")?;
        let list = match list.as_str() {
            "included" => SegmentList::Included,
            "excluded" => SegmentList::Excluded,
            _ => return Err(sent.problem("targetType", "must be included or excluded")),
        };
        let kind = spelling.kind.map(|name| sent.optional::<String>(name)).transpose()?.flatten();
        let removes = sent.kind() == spelling.remove;
        let target = ExpiringSegmentTarget {
            id: String::new(),
            version: 1,
            list,
            context_kind: kind.filter(|kind| !kind.is_empty()).unwrap_or_else(|| USER.to_owned()),
            context_key: sent.required(spelling.key)?,
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
            future("value", target.expires_at, facts.now)
                .map_err(|_| sent.problem("value", "must be a time in the future, in epoch milliseconds"))?;
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
