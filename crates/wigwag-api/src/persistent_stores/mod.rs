//! Persistent stores: databases of the customer's that SDKs read members of big segments from, kept up to date by us
//! (openapi.json, sdk-protocol.md 8). access-control.md 7: the actions of integrations.
//!
//! Where the contract is silent: a store belongs to an environment and goes with it; what was written to it stays. Of several
//! servers one has the turn to write; how it goes is told in the database, so that all answer the same.

mod config;
mod dynamodb;
mod keeper;
mod redis;
mod rep;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wigwag_kit::operation::{Access, on};
use wigwag_kit::page::Page;
use wigwag_kit::patch::MASK;
use wigwag_kit::resource::{About, Parent, Standard, Stored, unknown};
use wigwag_kit::{Collection, Ctx, Dialects, Error, Operations, Reply, Request, Resource, Result, Spec};
use wigwag_model::doc::{Environment, Kind, PersistentStore, Project};
use wigwag_store::{DocKey, Expect, IndexFacts};

pub use keeper::StoreKeeper;

use crate::common::{check_name, check_tags};
use crate::read::{Loaded, project_and_environment, require_viewer};
use config::SECRETS;
use rep::{PersistentStoreRep, href, rep};

/// The operations on persistent stores.
#[must_use]
pub fn ops() -> Operations {
    let standard = Standard::<PersistentStores>::new()
        .create("createBigSegmentStoreIntegration")
        .get("getBigSegmentStoreIntegration")
        .patch("patchBigSegmentStoreIntegration")
        .delete("deleteBigSegmentStoreIntegration")
        .partial("roles in AWS, for tables in DynamoDB")
        .table();
    standard.with(
        on("getBigSegmentStoreIntegrations", Access::Actions(&["viewAccount"]), list)
            .reply::<Collection<PersistentStoreRep>>(),
    )
}

/// A new store.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "IntegrationDeliveryConfigurationPost")]
pub struct PersistentStorePost {
    /// How to reach it.
    config: Map<String, Value>,
    /// Whether it is kept up to date.
    #[serde(default)]
    on: bool,
    /// Human name.
    #[serde(default)]
    name: Option<String>,
    /// Tags.
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// The part that a patch may touch; secret values are obscured.
#[derive(Serialize, Deserialize)]
pub struct PersistentStoreEdit {
    name: String,
    config: Map<String, Value>,
    on: bool,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// An environment and the kind of store that the path names.
pub struct Place {
    project: Loaded<Project>,
    environment: Loaded<Environment>,
    integration_key: String,
}

impl Parent for Place {
    const LOOKED_AT: &'static [&'static str] = &["viewProject"];

    async fn load(ctx: &Ctx, request: &Request) -> Result<Self> {
        let (project, environment) = (request.param("projectKey"), request.param("environmentKey"));
        let (project, environment) = project_and_environment(ctx, project, environment).await?;
        let integration_key = request.param("integrationKey").to_owned();
        if !matches!(&*integration_key, "redis" | "dynamodb") {
            return Err(unknown("integration", &integration_key));
        }
        Ok(Self { project, environment, integration_key })
    }

    fn key(&self, kind: Kind, key: &str) -> DocKey {
        DocKey::in_env(kind, self.project(), self.environment(), key)
    }

    fn project(&self) -> &str {
        &self.project.value.key
    }

    fn environment(&self) -> &str {
        &self.environment.value.key
    }

    fn environment_name(&self) -> Option<&str> {
        Some(&self.environment.value.name)
    }

    /// Nothing new in an environment that is being deleted.
    fn requires(&self) -> Option<(DocKey, Expect)> {
        Some((self.environment.key.clone(), Expect::Live))
    }
}

/// The kind.
pub enum PersistentStores {}

impl Resource for PersistentStores {
    type Doc = PersistentStore;
    type Parent = Place;
    type Create = PersistentStorePost;
    type Edit = PersistentStoreEdit;
    type Facts = ();
    type Rep = PersistentStoreRep;

    const ABOUT: About = About {
        kind: Kind::PersistentStore,
        noun: "integration",
        create: "createIntegration",
        delete: "deleteIntegration",
        view: None,
        dialects: Dialects::JSON,
        edits: &[
            ("name", "updateName"),
            ("config", "updateConfiguration"),
            ("on", "updateOn"),
            ("tags", "updateConfiguration"),
        ],
        instructions: &[],
        secrets: &["config"],
    };

    async fn create(ctx: &Ctx, place: &Place, input: PersistentStorePost) -> Result<PersistentStore> {
        Ok(PersistentStore {
            id: ctx.app.ids.object_id(),
            integration_key: place.integration_key.clone(),
            name: input.name.unwrap_or_else(|| place.environment.value.name.clone()),
            config: input.config,
            sealed: BTreeMap::new(),
            on: input.on,
            tags: input.tags.unwrap_or_default(),
            created_at: ctx.app.clock.now(),
        })
    }

    fn key(store: &PersistentStore) -> &str {
        &store.id
    }

    fn name(store: &PersistentStore) -> &str {
        &store.name
    }

    /// Policies name the integration, not the single store.
    fn spec(store: &PersistentStore, _: &Place) -> Spec {
        Spec::default().then("integration", &store.integration_key, &store.tags)
    }

    /// A store of another kind is not there.
    async fn resolve(ctx: &Ctx, place: &Place, key: &str) -> Result<String> {
        let doc = match ctx.get(&place.key(Kind::PersistentStore, key)).await {
            Err(Error::Invalid(_)) => None,
            found => found?,
        };
        let found: Option<PersistentStore> = doc.map(|doc| doc.decode()).transpose()?;
        let found = found.filter(|found| found.integration_key == place.integration_key);
        found.map(|found| found.id).ok_or_else(|| unknown("integration", key))
    }

    fn href(store: &PersistentStore, place: &Place) -> String {
        href(store, place.project(), place.environment())
    }

    fn site(_: &PersistentStore, _: &Place) -> String {
        "/integrations".to_owned()
    }

    fn edit(store: &PersistentStore) -> PersistentStoreEdit {
        PersistentStoreEdit {
            name: store.name.clone(),
            config: config::obscured(&store.config),
            on: store.on,
            tags: Some(store.tags.clone()),
        }
    }

    /// A secret value that comes back obscured stays what it is.
    fn set(store: &mut PersistentStore, edit: PersistentStoreEdit) {
        let old = std::mem::replace(&mut store.config, edit.config);
        for (key, value) in &mut store.config {
            if let Some(kept) = old.get(key).filter(|_| *value == MASK) {
                value.clone_from(kept);
            }
        }
        (store.name, store.on, store.tags) = (edit.name, edit.on, edit.tags.unwrap_or_default());
    }

    fn check(store: &PersistentStore) -> Result<()> {
        check_name("name", &store.name)?;
        config::read(&store.integration_key, &store.config)?;
        check_tags("tags", store.tags.clone()).map(drop)
    }

    fn opened(mut store: PersistentStore, ctx: &Ctx) -> Result<PersistentStore> {
        for (key, sealed) in std::mem::take(&mut store.sealed) {
            let clear = ctx.app.keyring.open(&about(&store, &key), &sealed)?;
            store.config.insert(key, clear.into());
        }
        Ok(store)
    }

    fn sealed(store: &PersistentStore, ctx: &Ctx) -> Result<PersistentStore> {
        let mut stored = store.clone();
        for key in SECRETS {
            if let Some(clear) = store.config.get(key).and_then(Value::as_str) {
                let sealed = ctx.app.keyring.seal(&ctx.app.ids, &about(store, key), clear)?;
                stored.sealed.insert(key.to_owned(), sealed);
                stored.config.shift_remove(key);
            }
        }
        Ok(stored)
    }

    fn index(store: &PersistentStore) -> IndexFacts {
        IndexFacts::new().text("name", &store.name)
    }

    fn rep(store: &PersistentStore, version: u64, place: &Place) -> PersistentStoreRep {
        rep(store, version, place.project(), place.environment(), None)
    }

    async fn reps(
        ctx: &Ctx,
        _: &Request,
        place: &Place,
        stored: Vec<Stored<PersistentStore>>,
    ) -> Result<Vec<PersistentStoreRep>> {
        let (mut told, now) = (keeper::statuses(ctx).await?, ctx.app.clock.now());
        let mut one = |s: &Stored<PersistentStore>| {
            let status = told.remove(&s.value.id).unwrap_or_default().status(now);
            rep(&s.value, s.version, place.project(), place.environment(), Some(status))
        };
        Ok(stored.iter().map(&mut one).collect())
    }
}

/// All stores of all environments.
async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    require_viewer(&ctx)?;
    let (mut told, now) = (keeper::statuses(&ctx).await?, ctx.app.clock.now());
    let mut reps = Vec::new();
    for doc in ctx.store().scan(Kind::PersistentStore, None, None).await? {
        let store: PersistentStore = doc.decode()?;
        let status = told.remove(&store.id).unwrap_or_default().status(now);
        reps.push(rep(&store, doc.version, &doc.key.project, &doc.key.env, Some(status)));
    }
    let total = reps.len() as u64;
    Reply::json(&Collection::new(reps, total, &Page { limit: None, offset: 0 }, &request))
}

/// What a sealed value belongs to.
fn about(store: &PersistentStore, key: &str) -> String {
    format!("persistent-store/{}/{key}", store.id)
}
