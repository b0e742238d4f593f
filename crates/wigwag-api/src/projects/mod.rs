//! Projects, their environments in short, and the defaults of their flags.

mod create;
mod delete;
mod flag_defaults;
mod list;
mod patch;
mod rep;

pub(crate) use create::write;
pub use create::{ProjectPost, draft};
pub use rep::ProjectRep;

use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::{ApiVersion, Collection, Ctx, Expand, Operations, Reply, Request, Result, Target};
use wigwag_model::doc::Project;

use crate::read::{self, Loaded};
use flag_defaults::{FlagDefaults, FlagDefaultsRep};
use rep::Embed;

/// The operations on projects.
#[must_use]
pub fn ops() -> Operations {
    Operations::new()
        .with(
            Operations::operation("getProjects", Access::Actions(&["viewProject"]), list::list)
                .reply::<Collection<ProjectRep>>(),
        )
        .with(
            Operations::operation("postProject", Access::Actions(&["createProject"]), create::create)
                .body::<ProjectPost>()
                .reply::<ProjectRep>(),
        )
        .with(Operations::operation("getProject", Access::Actions(&["viewProject"]), get).reply::<ProjectRep>())
        .with(
            Operations::operation("patchProject", Access::Actions(patch::ACTIONS), patch::patch)
                .body::<wigwag_kit::patch::Body>()
                .reply::<ProjectRep>()
                .partial("lifecycle, observability and rollout settings come with their features"),
        )
        .with(Operations::operation("deleteProject", Access::Actions(&["deleteProject"]), delete::delete))
        .and(flag_defaults_ops())
}

fn flag_defaults_ops() -> Operations {
    let update = Access::Actions(&["updateProjectFlagDefaults"]);
    Operations::new()
        .with(
            Operations::operation("getFlagDefaultsByProject", Access::Actions(&["viewProject"]), flag_defaults::get)
                .reply::<FlagDefaultsRep>(),
        )
        .with(
            Operations::operation("putFlagDefaultsByProject", update, flag_defaults::put)
                .body::<FlagDefaults>()
                .reply::<FlagDefaultsRep>(),
        )
        .with(
            Operations::operation("patchFlagDefaultsByProject", update, flag_defaults::patch)
                .body::<wigwag_kit::patch::Body>()
                .reply::<FlagDefaultsRep>(),
        )
}

async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let project = read::project(&ctx, request.param("projectKey")).await?;
    let embed = Embed::of(ctx.version, &Expand::of(&request));
    Reply::json(&rep::project_rep(&ctx, &project, embed).await?)
}

/// Versions before 2022-06-03 embed environments as they were.
fn before_expansions(version: ApiVersion) -> bool {
    version < ApiVersion::V20220603
}

/// The project as its audit entries show it.
fn target(project: &Loaded<Project>) -> Target {
    let Loaded { value, key, spec, .. } = project;
    Target {
        kind: "project".to_owned(),
        name: value.name.clone(),
        resources: vec![spec.to_string()],
        href: path(&["projects", &value.key]),
        site: "/settings/projects".to_owned(),
        project: value.key.clone(),
        environment: None,
        document: Some([
            key.kind.as_str().to_owned(),
            key.project.to_string(),
            key.env.to_string(),
            key.key.to_string(),
        ]),
    }
}
