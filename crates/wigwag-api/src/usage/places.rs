//! Projects and environments that the caller may see, by the environment's id.

use std::collections::{BTreeMap, HashMap};

use wigwag_kit::{Ctx, Result};
use wigwag_model::doc::{Environment, Kind, Project};

use crate::read::{environment_of, project_of};

/// Where something was counted.
pub(super) struct Place {
    pub(super) project: Project,
    pub(super) environment: Environment,
}

/// Environments by id.
pub(super) struct Places(HashMap<String, Place>);

impl Places {
    /// Those in projects that the caller may view.
    pub(super) async fn visible(ctx: &Ctx) -> Result<Self> {
        let mut projects = BTreeMap::new();
        for doc in ctx.store().scan(Kind::Project, None, None).await? {
            let project = project_of(&doc)?;
            if ctx.may("viewProject", &project.spec) {
                projects.insert(project.value.key.clone(), project);
            }
        }
        let mut places = HashMap::new();
        for doc in ctx.store().scan(Kind::Environment, None, None).await? {
            let Some(project) = projects.get(&*doc.key.project) else { continue };
            let environment = environment_of(&project.spec, &doc)?.value;
            places.insert(environment.id.clone(), Place { project: project.value.clone(), environment });
        }
        Ok(Self(places))
    }

    /// The environment with this id.
    pub(super) fn get(&self, env: &str) -> Option<&Place> {
        self.0.get(env)
    }
}

impl Place {
    /// What series are narrowed and grouped by.
    pub(super) fn labels(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("projectKey", self.project.key.clone()),
            ("projectId", self.project.id.clone()),
            ("environmentKey", self.environment.key.clone()),
            ("environmentId", self.environment.id.clone()),
            ("project", self.project.key.clone()),
            ("environment", self.environment.key.clone()),
        ])
    }
}
