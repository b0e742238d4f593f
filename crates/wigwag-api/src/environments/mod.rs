//! Environments of a project and their SDK keys.

mod configs;
mod create;
mod delete;
mod keys;
mod list;
mod patch;

pub use create::{EnvironmentPost, defaults, draft};

use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::{Change, Collection, Ctx, Operations, Reply, Request, Result, Target};
use wigwag_model::doc::{Environment, KeyValue, Kind, Project};
use wigwag_store::{Doc, Expect};

use crate::read::{self, EnvironmentRep, Loaded, environment_rep, put_environment};
use crate::secrets::{Held, SealedKind};

/// The operations on environments.
#[must_use]
pub fn ops() -> Operations {
    Operations::new()
        .with(
            Operations::operation("getEnvironmentsByProject", Access::Actions(&["viewProject"]), list::list)
                .reply::<Collection<EnvironmentRep>>()
                .as_of(),
        )
        .with(
            Operations::operation("postEnvironment", Access::Actions(&["createEnvironment"]), create::create)
                .body::<EnvironmentPost>()
                .reply::<EnvironmentRep>(),
        )
        .with(
            Operations::operation("getEnvironment", Access::Actions(&["viewProject"]), get)
                .reply::<EnvironmentRep>()
                .as_of(),
        )
        .with(
            Operations::operation("patchEnvironment", Access::Actions(patch::ACTIONS), patch::patch)
                .body::<wigwag_kit::patch::Body>()
                .reply::<EnvironmentRep>()
                .partial("resourceApprovalSettings come with approvals"),
        )
        .with(Operations::operation("deleteEnvironment", Access::Actions(&["deleteEnvironment"]), delete::delete))
        .with(
            Operations::operation("resetEnvironmentSDKKey", Access::Actions(&["updateApiKey"]), keys::reset_sdk_key)
                .reply::<EnvironmentRep>(),
        )
        .with(
            Operations::operation(
                "resetEnvironmentMobileKey",
                Access::Actions(&["updateMobileKey"]),
                keys::reset_mobile_key,
            )
            .reply::<EnvironmentRep>(),
        )
}

/// For sealing secrets anew.
#[must_use]
pub fn sealed_kind() -> SealedKind {
    SealedKind { kind: Kind::Environment, held, renew }
}

fn held(doc: &Doc) -> Result<Vec<Held>> {
    let mut environment: Environment = doc.decode()?;
    let held = |value: &KeyValue| match value {
        KeyValue::Clear(_) => Held::Clear,
        KeyValue::Sealed { sealed, .. } => Held::Sealed(sealed.clone()),
    };
    Ok(environment.keys_mut().map(|(_, key)| held(&key.value)).collect())
}

/// Values in the clear are sealed by being written.
fn renew(ctx: &Ctx, doc: &Doc, change: &mut Change) -> Result<()> {
    let mut environment: Environment = doc.decode()?;
    for (about, key) in environment.keys_mut() {
        if let KeyValue::Sealed { sealed, .. } = &mut key.value
            && let Some(new) = ctx.app.keyring.renewed(&ctx.app.ids, &about, sealed)?
        {
            *sealed = new;
        }
    }
    put_environment(change, ctx, doc.key.clone(), Expect::Version(doc.version), &environment)
}

async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let (project, environment) = of(&ctx, &request).await?;
    Reply::json(&environment_rep(&ctx, &project.value.key, &environment))
}

/// The project and environment that the path names.
async fn of(ctx: &Ctx, request: &Request) -> Result<(Loaded<Project>, Loaded<Environment>)> {
    read::project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await
}

/// The environment as its audit entries show it.
fn target(project: &str, environment: &Loaded<Environment>) -> Target {
    let Loaded { value, key, spec, .. } = environment;
    Target {
        kind: "environment".to_owned(),
        name: value.name.clone(),
        resources: vec![spec.to_string()],
        href: path(&["projects", project, "environments", &value.key]),
        site: "/settings/projects".to_owned(),
        project: project.to_owned(),
        environment: Some(value.name.clone()),
        document: Some([
            key.kind.as_str().to_owned(),
            key.project.to_string(),
            key.env.to_string(),
            key.key.to_string(),
        ]),
    }
}
