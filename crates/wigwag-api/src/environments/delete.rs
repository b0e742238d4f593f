//! The end of an environment.

use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result};
use wigwag_model::doc::Kind;
use wigwag_store::{Expect, ListQuery, Scope};

use super::{of, target};
use crate::read::project_index;
use wigwag_kit::resource::retried;

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || attempt(&ctx, &request)).await
}

async fn attempt(ctx: &Ctx, request: &Request) -> Result<Reply> {
    let (project, environment) = of(ctx, request).await?;
    let proof = ctx.authorise("deleteEnvironment", &environment.spec)?;
    let project_key = &*project.value.key;
    let all = ListQuery::in_project(Kind::Environment, project_key).page(1, 0);
    if ctx.store().list(&all).await?.total <= 1 {
        return Err(Error::Invalid("Cannot delete last environment in a project".to_owned()));
    }
    let mut change = Change::new(Proofs::of(proof), "deleted the environment", target(project_key, &environment));
    change.delete(environment.key.clone(), Expect::Version(environment.version));
    change.delete_under(Scope::Environment(project_key.into(), environment.value.key.as_str().into()));
    // The project is written as it is, so that two cannot each delete the other's last one.
    change.put(project.key.clone(), Expect::Version(project.version), &project.value, project_index(&project.value))?;
    change.commit(ctx).await?;
    Ok(Reply::empty())
}
