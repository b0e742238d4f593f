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

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::operation::Access;
use wigwag_kit::{
    Change, Collection, Ctx, Error, Expand, Operations, Proof, Proofs, Reply, Request, Result, Spec, Target,
};
use wigwag_model::doc::{Environment, Project};
use wigwag_store::Expect;

use crate::read::{Loaded, project_and_environment, put_environment};
use key::{Kind, Place};
use rep::SdkKeyRep;

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
            Operations::operation("postSdkKey", action(&["createSdkKey"]), create::create)
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
            Operations::operation("putSdkKeyViews", action(&["updateSdkKeyPayload"]), put_views)
                .body::<ViewsPut>()
                .reply::<SdkKeyRep>()
                .partial("only the empty list: views come later"),
        )
}

/// The views of a key.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "SdkKeyViewsPut")]
struct ViewsPut {
    /// All of them; there can be none yet.
    view_keys: Vec<String>,
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

    fn shown(&self, ctx: &Ctx, place: Place, expand: &Expand) -> SdkKeyRep {
        rep::shown(ctx, &self.project.value.key, &self.environment, place, expand)
    }

    /// Saves the environment with what became of a key.
    async fn save(&self, ctx: &Ctx, proof: Proof, verb: &str, key: &str, name: &str, text: String) -> Result<()> {
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
        let mut change = Change::new(Proofs::of(proof), verb, target).description(text);
        put_environment(&mut change, ctx, doc.clone(), Expect::Version(*version), value)?;
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
    Reply::json(&home.shown(&ctx, place, &Expand::default()))
}

/// There are no views yet, so a key has none and only none can be asked for.
async fn put_views(ctx: Ctx, request: Request) -> Result<Reply> {
    let home = Home::load(&ctx, &request).await?;
    let place = home.place(&request)?;
    ctx.authorise("updateSdkKeyPayload", &home.spec(request.param("sdkKeyKey")))?;
    no_views(&request.json::<ViewsPut>()?.view_keys)?;
    Reply::json(&home.shown(&ctx, place, &Expand::of(&request)))
}

fn no_views(keys: &[String]) -> Result<()> {
    match keys.first() {
        None => Ok(()),
        Some(key) => Err(Error::field("viewKeys", format_args!("Unknown view {key}: there are no views yet"))),
    }
}

impl Kind {
    const fn noun(self) -> &'static str {
        match self {
            Self::Sdk => "SDK key",
            Self::Mobile => "mobile key",
        }
    }
}
