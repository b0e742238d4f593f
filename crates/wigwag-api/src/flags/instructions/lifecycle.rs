//! Archiving, deprecating and deleting.

use super::{Apply, Instruction, on_flag};

pub(super) const ALL: &[Instruction] = &[
    on_flag("archiveFlag", "updateGlobalArchived", |state, _, facts| {
        state.flag.archived_at.get_or_insert(facts.now);
        Ok(())
    }),
    on_flag("restoreFlag", "updateGlobalArchived", |state, _, _| {
        state.flag.archived_at = None;
        Ok(())
    }),
    on_flag("deprecateFlag", "updateDeprecated", |state, _, facts| {
        state.flag.deprecated_at.get_or_insert(facts.now);
        Ok(())
    }),
    on_flag("restoreDeprecatedFlag", "updateDeprecated", |state, _, _| {
        state.flag.deprecated_at = None;
        Ok(())
    }),
    Instruction { kind: "deleteFlag", action: "deleteFlag", apply: Apply::Delete },
];
