//! Flags by their status.

use wigwag_kit::{Ctx, Result};
use wigwag_model::doc::Environment;

use super::operations::scan;

/// Keys of the flags of a project that have a status in an environment, named as it is written.
///
/// # Errors
/// The store cannot be read.
pub(crate) async fn with_status(
    ctx: &Ctx,
    project: &str,
    environment: &Environment,
    status: &str,
) -> Result<Vec<String>> {
    let all = scan(ctx, project, environment).await?;
    Ok(all.into_iter().filter(|one| one.status.name.as_str() == status).map(|one| one.flag).collect())
}
