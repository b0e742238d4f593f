//! What rules begin to ask for must not be deleted at that moment.

use std::collections::BTreeSet;

use wigwag_kit::{Ctx, Result};
use wigwag_model::doc::Kind;
use wigwag_model::key::{MAX_KEY, is_key};
use wigwag_store::{DocKey, Expect};

/// What a change must require that begins to use segments of an environment: that those which exist still do. Naming
/// one that does not exist is no fault.
///
/// # Errors
/// The store cannot be read.
pub async fn segments_in_use(
    ctx: &Ctx,
    project: &str,
    environment: &str,
    keys: &BTreeSet<&str>,
) -> Result<Vec<(DocKey, Expect)>> {
    let keys = keys.iter().filter(|key| is_key(key, MAX_KEY));
    let keys: Vec<_> = keys.map(|key| DocKey::in_env(Kind::Segment, project, environment, *key)).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let docs = ctx.store().get_many(&keys).await?;
    Ok(docs.into_iter().flatten().map(|doc| (doc.key, Expect::Live)).collect())
}
