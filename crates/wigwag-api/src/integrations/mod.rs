//! Audit log subscriptions of integrations. access-control.md 6 and 7; the deliveries are those of webhooks.
//!
//! Integrations are data: what one asks for and how it is called is in a file of `manifests/`.

mod call;
mod catalogue;
mod manifest;
mod rep;
mod template;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use wigwag_auth::policy::Policy;
use wigwag_kit::Standard;
use wigwag_kit::operation::{Access, on};
use wigwag_kit::patch::MASK;
use wigwag_kit::resource::{About, Parent, Search, Stored, unknown};
use wigwag_kit::{
    Change, Collection, Ctx, Dialects, Error, Operation, Operations, Reply, Request, Resource, Result, Spec,
};
use wigwag_model::doc::{Integration, Kind};
use wigwag_store::{Doc, DocKey, Expect, IndexFacts, Predicate};

pub use call::SUBSCRIBER;

use crate::common::{check_name, check_tags};
use crate::deliveries;
use crate::secrets::{Held, SealedKind};
use manifest::{Manifest, manifest};
use rep::{IntegrationRep, href, obscured, rep, with_status};

/// The operations on audit log subscriptions.
#[must_use]
pub fn ops() -> Operations {
    let standard = Standard::<Subscriptions>::new()
        .list("getSubscriptions")
        .create("createSubscription")
        .get("getSubscriptionByID")
        .patch("updateSubscription")
        .delete("deleteSubscription")
        .table();
    let list = standard.find("getSubscriptions").cloned();
    let named = on("getSubscriptions", Access::Caller, move |ctx, request| listed(ctx, request, list.clone()));
    standard
        .without("getSubscriptions")
        .with(named.reply::<Integrations>())
        .with(catalogue_op())
        .and(deliveries::ops(&SUBSCRIBER))
}

fn catalogue_op() -> Operation {
    Operations::own(catalogue::OWN, Access::Caller, catalogue::list)
        .reply::<catalogue::IntegrationManifests>()
        .about("Which integrations there are, and which values each asks for.")
}

/// All subscriptions of an integration.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "described; the standard list makes it")]
struct Integrations {
    #[schemars(flatten)]
    page: Collection<IntegrationRep>,
    /// Key of the integration.
    key: String,
}

/// The standard list, with the key of the integration.
async fn listed(ctx: Ctx, request: Request, list: Option<Operation>) -> Result<Reply> {
    let fault = || Error::Internal("the list of subscriptions is missing".to_owned());
    let key = request.param("integrationKey").to_owned();
    let reply = list.as_ref().and_then(Operation::handler).ok_or_else(fault)?(ctx, request).await?;
    let list = reply.body.ok_or_else(fault)?.collect().await?;
    let mut body: Value = serde_json::from_slice(&list).map_err(|_| fault())?;
    body["key"] = key.into();
    Reply::json(&body)
}

/// A new subscription.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "subscriptionPost")]
pub struct SubscriptionPost {
    /// Human name.
    name: String,
    /// Values of the integration's variables.
    config: Map<String, Value>,
    /// Policy statements that select entries; flag changes in production when missing.
    #[serde(default)]
    statements: Option<Vec<Value>>,
    /// Whether it is told of entries.
    #[serde(default)]
    on: bool,
    /// Tags.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// The same as `config.url`, as older clients send it.
    #[serde(default)]
    url: Option<String>,
    /// The same as `config.apiKey`, as older clients send it.
    #[serde(default)]
    api_key: Option<String>,
}

/// The part of a subscription that a patch may touch; secret values are obscured.
#[derive(Serialize, Deserialize)]
pub struct SubscriptionEdit {
    name: String,
    config: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statements: Option<Vec<Value>>,
    on: bool,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// An integration, which the path names.
pub struct Of(&'static Manifest);

impl Parent for Of {
    async fn load(_: &Ctx, request: &Request) -> Result<Self> {
        let key = request.param("integrationKey");
        manifest(key).map(Self).ok_or_else(|| unknown("integration", key))
    }

    fn key(&self, kind: Kind, key: &str) -> DocKey {
        DocKey::account(kind, key)
    }
}

/// The kind.
pub enum Subscriptions {}

impl Resource for Subscriptions {
    type Doc = Integration;
    type Parent = Of;
    type Create = SubscriptionPost;
    type Edit = SubscriptionEdit;
    type Facts = ();
    type Rep = IntegrationRep;

    const ABOUT: About = About {
        kind: Kind::Integration,
        noun: "integration",
        create: "createIntegration",
        delete: "deleteIntegration",
        view: None,
        dialects: Dialects::JSON,
        edits: &[
            ("name", "updateName"),
            ("config", "updateConfiguration"),
            ("statements", "updateConfiguration"),
            ("on", "updateOn"),
            ("tags", "updateConfiguration"),
        ],
        instructions: &[],
        secrets: &["config"],
    };

    async fn create(ctx: &Ctx, of: &Of, input: SubscriptionPost) -> Result<Integration> {
        let mut config = input.config;
        for (key, value) in [("url", input.url), ("apiKey", input.api_key)] {
            if let Some(value) = value.filter(|_| of.0.form_variables.iter().any(|v| v.key == key)) {
                config.entry(key).or_insert_with(|| value.into());
            }
        }
        Ok(Integration {
            id: ctx.app.ids.object_id(),
            integration_key: of.0.key.clone(),
            name: input.name,
            config,
            sealed: BTreeMap::new(),
            statements: input.statements,
            on: input.on,
            tags: input.tags.unwrap_or_default(),
            created_at: ctx.app.clock.now(),
        })
    }

    fn key(integration: &Integration) -> &str {
        &integration.id
    }

    fn name(integration: &Integration) -> &str {
        &integration.name
    }

    /// Policies name the integration, not the single subscription.
    fn spec(integration: &Integration, _: &Of) -> Spec {
        spec(integration)
    }

    /// A subscription of another integration is not there.
    async fn resolve(ctx: &Ctx, of: &Of, key: &str) -> Result<String> {
        let doc = match ctx.get(&of.key(Kind::Integration, key)).await {
            Err(Error::Invalid(_)) => None,
            found => found?,
        };
        let found: Option<Integration> = doc.map(|doc| doc.decode()).transpose()?;
        let found = found.filter(|found| found.integration_key == of.0.key);
        found.map(|found| found.id).ok_or_else(|| unknown("integration", key))
    }

    fn href(integration: &Integration, _: &Of) -> String {
        href(integration)
    }

    fn site(_: &Integration, _: &Of) -> String {
        "/integrations".to_owned()
    }

    fn edit(integration: &Integration) -> SubscriptionEdit {
        SubscriptionEdit {
            name: integration.name.clone(),
            config: obscured(integration),
            statements: integration.statements.clone(),
            on: integration.on,
            tags: Some(integration.tags.clone()),
        }
    }

    /// A secret value that comes back obscured stays what it is.
    fn set(integration: &mut Integration, edit: SubscriptionEdit) {
        let old = std::mem::replace(&mut integration.config, edit.config);
        for (key, value) in &mut integration.config {
            if let Some(kept) = old.get(key).filter(|_| *value == MASK) {
                value.clone_from(kept);
            }
        }
        integration.name = edit.name;
        integration.statements = edit.statements;
        integration.on = edit.on;
        integration.tags = edit.tags.unwrap_or_default();
    }

    fn check(integration: &Integration) -> Result<()> {
        check_name("name", &integration.name)?;
        let found = manifest(&integration.integration_key);
        found.ok_or_else(|| unknown("integration", &integration.integration_key))?.check(&integration.config)?;
        if let Some(statements) = &integration.statements {
            Policy::parse(statements).map_err(|problem| Error::Invalid(format!("statements{problem}")))?;
        }
        check_tags("tags", integration.tags.clone()).map(drop)
    }

    fn opened(mut integration: Integration, ctx: &Ctx) -> Result<Integration> {
        for (key, sealed) in std::mem::take(&mut integration.sealed) {
            // The past is not sealed anew: where the key is gone, it shows that there was a secret.
            let gone = ctx.as_of.is_some() && !ctx.app.keyring.knows(&sealed);
            let clear =
                if gone { MASK.to_owned() } else { ctx.app.keyring.open(&about(&integration, &key), &sealed)? };
            integration.config.insert(key, clear.into());
        }
        Ok(integration)
    }

    fn sealed(integration: &Integration, ctx: &Ctx) -> Result<Integration> {
        let mut stored = integration.clone();
        for (key, value) in &integration.config {
            if let Some(clear) = value.as_str().filter(|_| is_secret(integration, key)) {
                let sealed = ctx.app.keyring.seal(&ctx.app.ids, &about(integration, key), clear)?;
                stored.sealed.insert(key.clone(), sealed);
                stored.config.shift_remove(key);
            }
        }
        Ok(stored)
    }

    fn index(integration: &Integration) -> IndexFacts {
        IndexFacts::new().text("name", &integration.name).text("kind", &integration.integration_key)
    }

    fn search(request: &Request) -> Result<Search> {
        let of = Predicate::eq("kind", request.param("integrationKey"));
        Ok(Search { filter: of, ..Search::everything() })
    }

    fn rep(integration: &Integration, _: u64, _: &Of) -> IntegrationRep {
        rep(integration)
    }

    async fn reps(ctx: &Ctx, _: &Request, _: &Of, stored: Vec<Stored<Integration>>) -> Result<Vec<IntegrationRep>> {
        let mut reps = Vec::with_capacity(stored.len());
        for integration in &stored {
            reps.push(with_status(ctx, &integration.value).await?);
        }
        Ok(reps)
    }
}

fn spec(integration: &Integration) -> Spec {
    Spec::default().then("integration", &integration.integration_key, &integration.tags)
}

/// For sealing secrets anew.
#[must_use]
pub fn sealed_kind() -> SealedKind {
    SealedKind { kind: Kind::Integration, held, renew }
}

fn held(doc: &Doc) -> Result<Vec<Held>> {
    let integration: Integration = doc.decode()?;
    let clear = integration.config.iter().filter(|(key, value)| is_secret(&integration, key) && value.is_string());
    let clear: Vec<Held> = clear.map(|_| Held::Clear).collect();
    Ok(clear.into_iter().chain(integration.sealed.into_values().map(Held::Sealed)).collect())
}

fn renew(ctx: &Ctx, doc: &Doc, change: &mut Change) -> Result<()> {
    let stored = Subscriptions::sealed(&Subscriptions::opened(doc.decode()?, ctx)?, ctx)?;
    change.put(doc.key.clone(), Expect::Version(doc.version), &stored, Subscriptions::index(&stored))
}

fn is_secret(integration: &Integration, key: &str) -> bool {
    manifest(&integration.integration_key).is_none_or(|m| m.is_secret(key))
}

/// What a sealed value belongs to.
fn about(integration: &Integration, key: &str) -> String {
    format!("integration/{}/{key}", integration.id)
}
