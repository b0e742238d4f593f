//! Context instances: searching, looking up, deleting.

use wigwag_kit::links::path;
use wigwag_kit::{Change, Ctx, Error, Proofs, Reply, Request, Result, Target};
use wigwag_store::volume::InstanceFilter;

use super::filter;
use super::rep::{Place, split};
use super::search::Asked;
use crate::read::project_and_environment;

pub(super) async fn search(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = Asked::of(&request, filter::INSTANCE, true)?;
    list(&ctx, &request, asked, None).await
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let asked = Asked::of(&request, filter::APPLICATION, false)?;
    let id = InstanceFilter::Id(vec![request.param("id").to_owned()]);
    list(&ctx, &request, asked, Some(id)).await
}

async fn list(ctx: &Ctx, request: &Request, asked: Asked, also: Option<InstanceFilter>) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let id = &environment.value.id;
    let mut filter = filter::instance(&asked.expr)?;
    if let Some(also) = also {
        filter = InstanceFilter::All(vec![also, filter]);
    }
    let (found, rest) = split(ctx.store().volume().instances(id, &filter, asked.page).await?);
    let place = Place { request, project: &project.value.key, environment: &environment.value.key, environment_id: id };
    let items = found.iter().map(|seen| place.instance(seen)).collect::<Result<_>>()?;
    Reply::json(&place.list(rest, items, &asked.kept))
}

/// Deletes the instance, and the contexts that were in no other. The entry in the audit log comes first:
/// a deletion that nobody can trace must not happen.
pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let proof = match ctx.authorise("deleteContextInstance", &environment.spec) {
        Ok(proof) => proof,
        // What it was called before contexts.
        Err(denied) => {
            ctx.authorise("deleteUser", &environment.spec.clone().then("user", "*", &[])).map_err(|_| denied)?
        }
    };
    let (id, hash) = (&environment.value.id, request.param("id"));
    let page = wigwag_store::volume::PageOf { limit: 1, after: None, ascending: false, count: false };
    let volume = ctx.store().volume();
    if volume.instances(id, &InstanceFilter::Id(vec![hash.to_owned()]), page).await?.items.is_empty() {
        return Err(Error::NotFound(format!("Unknown context instance {hash}")));
    }
    let (project, environment) = (&project.value.key, &environment);
    let target = Target {
        kind: "environment".to_owned(),
        name: environment.value.name.clone(),
        resources: vec![environment.spec.to_string()],
        href: path(&["projects", project, "environments", &environment.value.key]),
        site: format!("/{project}/{}/contexts", environment.value.key),
        project: project.clone(),
        environment: Some(environment.value.name.clone()),
        document: None,
    };
    let change = Change::new(Proofs::of(proof), "deleted a context instance of the environment", target)
        .description(format!("* Deleted the context instance `{hash}`\n"));
    change.commit(&ctx).await?;
    volume.remove_instance(id, hash).await?;
    Ok(Reply::empty())
}
