//! How instructions about expiring targets are spelled (semantic-patch.md 4): the same for flags and segments.

use wigwag_kit::Result;
use wigwag_kit::patch::Instruction;
use wigwag_model::clock::Millis;

use super::future;

/// How clients spell the instructions.
#[derive(Clone, Copy)]
pub struct ExpirySpelling {
    /// Plans that a context stops being a target.
    pub add: &'static str,
    /// Changes when.
    pub update: &'static str,
    /// Drops the plan.
    pub remove: &'static str,
    /// Where the context's key is.
    pub key: &'static str,
    /// Where the context kind is; users need none.
    pub kind: Option<&'static str>,
}

impl ExpirySpelling {
    /// For targets of any kind.
    pub const CONTEXTS: Self = Self {
        add: "addExpiringTarget",
        update: "updateExpiringTarget",
        remove: "removeExpiringTarget",
        key: "contextKey",
        kind: Some("contextKind"),
    };

    /// For targets of kind `user`.
    pub const USERS: Self = Self {
        add: "addExpireUserTargetDate",
        update: "updateExpireUserTargetDate",
        remove: "removeExpireUserTargetDate",
        key: "userKey",
        kind: None,
    };

    /// Refuses other instructions.
    ///
    /// # Errors
    /// 400 naming the kind.
    pub fn check(&self, sent: Instruction<'_>) -> Result<()> {
        match [self.add, self.update, self.remove].contains(&sent.kind()) {
            true => Ok(()),
            false => Err(sent.unsupported()),
        }
    }

    /// Kind and key of the context that an instruction is about.
    ///
    /// # Errors
    /// 400 naming the parameter that is missing or of the wrong type.
    pub fn context(&self, sent: Instruction<'_>) -> Result<(String, String)> {
        let kind = self.kind.map(|name| sent.optional::<String>(name)).transpose()?.flatten();
        Ok((kind.filter(|kind| !kind.is_empty()).unwrap_or_else(|| "user".to_owned()), sent.required(self.key)?))
    }
}

/// Refuses times that are over.
///
/// # Errors
/// 400 naming `value`.
pub fn check_expiry(sent: Instruction<'_>, at: Millis, now: Millis) -> Result<()> {
    let problem = |_| sent.problem("value", "must be a time in the future, in epoch milliseconds");
    future("value", at, now).map(drop).map_err(problem)
}
