//! Writes beside the log: a few statements in one transaction, with the same text on both engines.

use crate::Result;
use crate::members::Chore;
use crate::sql::Val;
use crate::{Store, StoreError};

/// One statement. It answers rows, which are counted: `RETURNING 1`.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) text: &'static str,
    pub(crate) params: Vec<Val>,
}

impl Step {
    pub(crate) const fn new(text: &'static str, params: Vec<Val>) -> Self {
        Self { text, params }
    }
}

/// Statements that are run in order. Nothing after the first is done unless the first answers a row.
#[derive(Clone, Debug)]
pub(crate) struct Steps(pub(crate) Vec<Step>);

impl Store {
    /// Runs the steps, whole or not at all. How many rows the first answered.
    pub(crate) async fn steps(&self, steps: Vec<Step>) -> Result<u64> {
        if steps.is_empty() {
            return Err(StoreError::Invalid("there is nothing to do".into()));
        }
        self.chore(Chore::Steps(Steps(steps))).await
    }
}
