//! Read models: what more than one area loads, checks and shows of another's documents.

mod environment;
mod environment_rep;
mod evaluation;
mod evaluator;
mod member;
mod project;

pub use environment::{
    environment, environment_index, environment_key, environment_not_found, environment_of, environment_spec,
    environments, project_and_environment,
};
pub use environment_rep::{EnvironmentRep, environment_rep};
pub use evaluation::{EvaluationReason, evaluation_reason};
pub use evaluator::{BigSegmentLookup, Evaluator, evaluator, evaluator_at};
pub use member::{MemberSummary, member_key, member_of, members_by_id, owner_id, require_viewer, summary_of};
pub use project::{project, project_index, project_key, project_not_found, project_of, project_spec};

use wigwag_kit::{Result, Spec};
use wigwag_store::DocKey;

/// A document that was loaded, and what a change or a check needs to know of it.
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The document.
    pub value: T,
    /// The version the store counts.
    pub version: u64,
    /// Where it is stored.
    pub key: DocKey,
    /// How policies name it.
    pub spec: Spec,
}

impl<T: serde::de::DeserializeOwned> Loaded<T> {
    fn from_doc(doc: &wigwag_store::Doc, spec: impl FnOnce(&T) -> Spec) -> Result<Self> {
        let value: T = doc.decode()?;
        let spec = spec(&value);
        Ok(Self { value, version: doc.version, key: doc.key.clone(), spec })
    }
}
