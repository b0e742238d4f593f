//! Deleting a user.

use wigwag_kit::links::path;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result, Target};

use crate::read::project_and_environment;

/// Deletes the user and the context instances it is in. The entry in the audit log comes first: a
/// deletion that nobody can trace must not happen.
pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let (id, key) = (&environment.value.id, request.param("userKey"));
    let proof = match ctx.authorise("deleteContextInstance", &environment.spec) {
        Ok(proof) => proof,
        // What it was called before contexts.
        Err(denied) => {
            ctx.authorise("deleteUser", &environment.spec.clone().then("user", key, &[])).map_err(|_| denied)?
        }
    };
    let volume = ctx.store().volume();
    if volume.context(id, "user", key).await?.is_none() {
        return Err(Error::NotFound(format!("Unknown user key {key}")));
    }
    let project = &project.value.key;
    let target = Target {
        kind: "user".to_owned(),
        name: key.to_owned(),
        resources: vec![environment.spec.clone().then("user", key, &[]).to_string()],
        href: path(&["users", project, &environment.value.key, key]),
        site: format!("/{project}/{}/users/{key}", environment.value.key),
        project: project.clone(),
        environment: Some(environment.value.name.clone()),
        document: None,
    };
    Change::new(Proofs::of(proof), "deleted the user", target).commit(&ctx).await?;
    volume.remove_context(id, "user", key).await?;
    Ok(Reply::empty())
}
