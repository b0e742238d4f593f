//! SDK and mobile keys of an environment, each with a name of its own (beta).
//!
//! They are part of the environment's document, which SDKs' snapshots are made from: a key that is deleted or has
//! expired is refused at once, and its streams end.

mod create;
mod key;
mod list;
mod patch;
mod project;
mod rep;
mod views;

use wigwag_kit::operation::Access;
use wigwag_kit::{
    Change, Collection, Ctx, Error, Expand, Operations, Proof, Proofs, Reply, Request, Result, Spec, Target,
};
use wigwag_model::doc::{Environment, Project};
use wigwag_store::Expect;

use crate::read::{Loaded, NamedViews, project_and_environment, put_environment};
use key::{Kind, Place};
use rep::SdkKeyRep;
use views::Summaries;

/// The operations on SDK keys.
#[must_use]
pub fn ops() -> Operations {
    let action = |name: &'static [&'static str]| Access::Actions(name);
    Operations::new()
        .with(
            Operations::operation("getSdkKeys", action(&["viewProject"]), list::list).reply::<Collection<SdkKeyRep>>(),
        )
        .with(
            Operations::operation("getProjectSdkKeys", action(&["viewProject"]), project::list)
                .reply::<Collection<SdkKeyRep>>(),
        )
        .with(
            Operations::operation("postSdkKey", action(&["createSdkKey", "updateSdkKeyPayload"]), create::create)
                .body::<create::SdkKeyPost>()
                .reply::<SdkKeyRep>(),
        )
        .with(Operations::operation("getSdkKeyByKey", action(&["viewProject"]), get).reply::<SdkKeyRep>())
        .with(
            Operations::operation("patchSdkKeyByKey", action(&["updateSdkKey"]), patch::patch)
                .body::<patch::SdkKeyPatch>()
                .reply::<SdkKeyRep>(),
        )
        .on("deleteSdkKeyByKey", action(&["deleteSdkKey"]), patch::delete)
        .with(
            Operations::operation("putSdkKeyViews", action(&["updateSdkKeyPayload"]), views::put)
                .body::<views::ViewsPut>()
                .reply::<SdkKeyRep>(),
        )
}

/// An environment that is about to be looked at or changed.
struct Home {
    project: Loaded<Project>,
    environment: Loaded<Environment>,
}

impl Home {
    async fn load(ctx: &Ctx, request: &Request) -> Result<Self> {
        let (project, environment) =
            project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await?;
        Ok(Self { project, environment })
    }

    /// How policies name a key.
    fn spec(&self, key: &str) -> Spec {
        spec_of(&self.environment, key)
    }

    /// The key that the path names.
    fn place(&self, request: &Request) -> Result<Place> {
        let key = request.param("sdkKeyKey");
        let found = Place::find(&self.environment.value, key);
        found.ok_or_else(|| Error::NotFound(format!("Unknown SDK key {key}")))
    }

    async fn answer(&self, ctx: &Ctx, place: Place, expand: &Expand) -> Result<Reply> {
        let keys = place.key(&self.environment.value).map(|key| key.views.clone()).unwrap_or_default();
        let views = Summaries::load(ctx, &self.project, expand, keys).await?;
        Reply::json(&rep::shown(ctx, &self.project.value.key, &self.environment, place, expand, &views))
    }

    /// Saves the environment with what became of a key.
    #[expect(clippy::too_many_arguments, reason = "what an entry says, each once")]
    async fn save(
        &self,
        ctx: &Ctx,
        proofs: Vec<Proof>,
        verb: &str,
        key: &str,
        name: &str,
        text: String,
        views: NamedViews,
    ) -> Result<()> {
        let Loaded { value, version, key: doc, .. } = &self.environment;
        let project = &self.project.value.key;
        let target = Target {
            kind: "sdk-key".to_owned(),
            name: name.to_owned(),
            resources: vec![self.spec(key).to_string()],
            href: rep::href(project, &value.key, key),
            site: "/settings/projects".to_owned(),
            project: project.clone(),
            environment: Some(value.name.clone()),
            document: Some([
                doc.kind.as_str().to_owned(),
                doc.project.to_string(),
                doc.env.to_string(),
                doc.key.to_string(),
            ]),
        };
        let proofs = Proofs::from_list(proofs).ok_or_else(|| Error::Internal("a change without proof".to_owned()))?;
        let mut change = Change::new(proofs, verb, target).description(text);
        put_environment(&mut change, ctx, doc.clone(), Expect::Version(*version), value)?;
        views.touched(&mut change, ctx.app.clock.now())?;
        change.commit(ctx).await.map(drop)
    }
}

/// How policies name a key of an environment.
fn spec_of(environment: &Loaded<Environment>, key: &str) -> Spec {
    environment.spec.clone().then("sdk-key", key, &[])
}

async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let home = Home::load(&ctx, &request).await?;
    let place = home.place(&request)?;
    home.answer(&ctx, place, &Expand::default()).await
}

impl Kind {
    const fn noun(self) -> &'static str {
        match self {
            Self::Sdk => "SDK key",
            Self::Mobile => "mobile key",
        }
    }
}
