//! Read models: what more than one area loads, checks and shows of another's documents.

mod audit_entry;
mod big_segments;
mod change_rep;
mod code_references;
mod custom_role;
mod environment;
mod environment_rep;
mod evaluation;
mod evaluator;
mod flag_listing;
mod flag_place;
mod linkable_index;
mod member;
mod member_search;
mod project;
pub mod revisions;
mod segment_use;
mod spec;
mod team;
mod token;
mod view;

pub use audit_entry::{AuditEntry, Detail, Sight, Views, audit_entry, record, selected};
pub use big_segments::{ContextKeys, knowing_big_segments, knowing_members, segment_owner};
pub use change_rep::{ChangeRep, change_rep};
pub use code_references::{
    CodeReferencesRep, CodeStatistic, code_branch_key, code_branches, code_reference_counts, code_references,
    code_references_key, code_references_of, code_repositories, code_repository_of, code_repository_spec,
    code_statistics,
};
pub use custom_role::{GivenRoles, Holders, ROLE_KEY, custom_role_id};
pub use environment::{
    environment, environment_index, environment_key, environment_not_found, environment_of, environment_seen,
    environment_spec, environments, key_mark, opened_key, project_and_environment, put_environment,
};
pub use environment_rep::{EnvironmentRep, environment_rep};
pub use evaluation::{EvaluationReason, evaluation_reason};
pub use evaluator::{BigSegmentLookup, Evaluator, evaluator, evaluator_at};
pub use flag_listing::{FlagListing, SiteLink, flag_site};
pub use flag_place::{FlagPlace, delete_hanging, flag, hanging_key};
pub use linkable_index::{IN_VIEW, SEGMENT_EXPIRES_AT, flag_index, segment_index};
pub use member::{
    MemberSummary, VIEWER, display_name, member_index, member_key, member_of, members_by_id, owner_id, require_viewer,
    summary_of,
};
pub use member_search::{LastSeen, Seen, given_role, members_but, role_names, within};
pub use project::{project, project_index, project_key, project_not_found, project_of, project_spec};
pub use segment_use::segments_in_use;
pub use spec::spec_named;
pub use team::{all_teams, team_index, team_key, team_of, team_spec};
pub use token::{TOKEN_GOES, token, token_index, token_key, token_of, token_spec, token_visible};
pub use view::{
    LinkedToView, NamedViews, keys_with_views, linked_to_view, require_views, unlink_flag, unlink_segment, view_index,
    view_key, view_links, view_names, view_spec,
};

use wigwag_kit::{Ctx, Result, Spec};
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

impl<T: serde::de::DeserializeOwned + Clone + Send + Sync + 'static> Loaded<T> {
    fn from_doc(doc: &wigwag_store::Doc, spec: impl FnOnce(&T) -> Spec) -> Result<Self> {
        let value = T::clone(&*doc.shared()?);
        let spec = spec(&value);
        Ok(Self { value, version: doc.version, key: doc.key.clone(), spec })
    }
}

/// Policies speak of things as they are: what is shown as it was still has the tags that it has now, for those
/// who decide. Only what is gone is judged by what it was.
async fn judged_now<T>(
    ctx: &Ctx,
    mut then: Loaded<T>,
    read: impl Fn(&wigwag_store::Doc) -> Result<Loaded<T>>,
) -> Result<Loaded<T>> {
    if ctx.as_of.is_some()
        && let Some(doc) = ctx.store().get(&then.key).await?
    {
        then.spec = read(&doc)?.spec;
    }
    Ok(then)
}
