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
use wigwag_kit::{Collection, Ctx, Operations, Reply, Request, Result, Target};
use wigwag_model::doc::{Environment, Project};

use crate::read::{self, EnvironmentRep, Loaded, environment_rep};

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
