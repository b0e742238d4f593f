//! The relations that client-side SDKs replay (evaluation §10).

use crate::{CompiledFlag, Evaluation, Recorder};
use wigwag_model::flag::Prerequisite;

/// Collects the direct prerequisites of one flag that were found and evaluated.
pub struct Prerequisites<'a> {
    top: &'a CompiledFlag,
    keys: Vec<&'a str>,
}

impl<'a> Prerequisites<'a> {
    /// Watches the evaluation of this flag.
    pub fn of(top: &'a CompiledFlag) -> Prerequisites<'a> {
        Prerequisites { top, keys: Vec::new() }
    }

    /// Their keys, in order.
    pub fn into_keys(self) -> Vec<&'a str> {
        self.keys
    }
}

impl<'a> Recorder<'a> for Prerequisites<'a> {
    fn prerequisite(
        &mut self,
        required_by: &'a CompiledFlag,
        wanted: &'a Prerequisite,
        found: Option<(&'a CompiledFlag, &Evaluation<'a>)>,
        _met: bool,
    ) {
        if std::ptr::eq(required_by, self.top) && found.is_some() {
            self.keys.push(&wanted.key);
        }
    }
}
