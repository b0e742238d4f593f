//! Relay Proxy configurations: which environments a proxy serves, and the key it asks with.

mod environments;
mod following;
mod reset;

pub use environments::{config_of, environments_of};
pub use following::Following;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_auth::policy::Policy;
use wigwag_auth::secret;
use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::resource::{About, Account, Stored, save};
use wigwag_kit::{
    Collection, Ctx, Dialects, Error, Operations, Proofs, Reply, Request, Resource, Result, Spec, Standard,
};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, RelayConfig};
use wigwag_store::IndexFacts;

use crate::common::{check_name, get_for_viewers, list_for_viewers};
use crate::read::{MemberSummary, members_by_id, summary_of};

/// Most statements of a policy.
const MAX_STATEMENTS: usize = 500;

/// The operations on Relay Proxy configurations.
#[must_use]
pub fn ops() -> Operations {
    Standard::<RelayConfigs>::new()
        .patch("patchRelayAutoConfig")
        .delete("deleteRelayAutoConfig")
        .table()
        .with(
            Operations::operation(
                "getRelayProxyConfigs",
                Access::Actions(&["viewAccount"]),
                list_for_viewers::<RelayConfigs>,
            )
            .reply::<Collection<RelayConfigRep>>(),
        )
        .with(
            Operations::operation(
                "getRelayProxyConfig",
                Access::Actions(&["viewAccount"]),
                get_for_viewers::<RelayConfigs>,
            )
            .reply::<RelayConfigRep>(),
        )
        .with(
            Operations::operation("postRelayAutoConfig", Access::Actions(&["createRelayAutoConfiguration"]), create)
                .body::<RelayConfigPost>()
                .reply::<RelayConfigRep>(),
        )
        .with(
            Operations::operation("resetRelayAutoConfig", Access::Actions(&[reset::ACTION]), reset::reset)
                .reply::<RelayConfigRep>(),
        )
}

/// A Relay Proxy configuration.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RelayAutoConfigRep")]
pub struct RelayConfigRep {
    /// 24 hex digits.
    #[serde(rename = "_id")]
    id: String,
    /// The member who made it, while they exist.
    #[serde(rename = "_creator", skip_serializing_if = "Option::is_none")]
    creator: Option<MemberSummary>,
    /// Human name.
    name: String,
    /// Statements that select environments.
    policy: Vec<Value>,
    /// The key, when it was just made; otherwise empty, since some clients insist on the member.
    full_key: String,
    /// The last four characters of the key.
    display_key: String,
    /// When it was created.
    creation_date: Millis,
    /// When it was last changed.
    last_modified: Millis,
}

/// A new configuration.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "RelayAutoConfigPost")]
pub struct RelayConfigPost {
    /// Human name.
    name: String,
    /// Statements that select environments.
    policy: Vec<Value>,
}

/// The part that a patch may touch.
#[derive(Serialize, Deserialize)]
pub struct RelayConfigEdit {
    name: String,
    policy: Vec<Value>,
}

/// The kind.
pub enum RelayConfigs {}

impl Resource for RelayConfigs {
    type Doc = RelayConfig;
    type Parent = Account;
    type Create = RelayConfigPost;
    type Edit = RelayConfigEdit;
    type Facts = ();
    type Rep = RelayConfigRep;

    const ABOUT: About = About {
        kind: Kind::RelayConfig,
        noun: "relay-proxy-config",
        create: "createRelayAutoConfiguration",
        delete: "deleteRelayAutoConfiguration",
        view: None,
        dialects: Dialects::JSON_OR_MERGE,
        edits: &[("name", "updateRelayAutoConfigurationName"), ("policy", "updateRelayAutoConfigurationPolicy")],
        instructions: &[],
        secrets: &[],
    };

    async fn create(ctx: &Ctx, _: &Account, input: RelayConfigPost) -> Result<RelayConfig> {
        let now = ctx.app.clock.now();
        Ok(RelayConfig {
            id: ctx.app.ids.object_id(),
            name: input.name,
            policy: input.policy,
            // The key is drawn by whoever gets to see it.
            key_hash: String::new(),
            ending: String::new(),
            previous: None,
            creator_id: ctx.caller.acting_member().map(|member| member.id.clone()),
            created_at: now,
            modified_at: now,
        })
    }

    fn key(config: &RelayConfig) -> &str {
        &config.id
    }

    fn name(config: &RelayConfig) -> &str {
        &config.name
    }

    fn spec(config: &RelayConfig, _: &Account) -> Spec {
        Spec::top("relay-proxy-config", &config.id)
    }

    fn href(config: &RelayConfig, _: &Account) -> String {
        path(&["account", "relay-auto-configs", &config.id])
    }

    fn site(_: &RelayConfig, _: &Account) -> String {
        "/settings/relay".to_owned()
    }

    fn edit(config: &RelayConfig) -> RelayConfigEdit {
        RelayConfigEdit { name: config.name.clone(), policy: config.policy.clone() }
    }

    fn set(config: &mut RelayConfig, edit: RelayConfigEdit) {
        config.name = edit.name;
        config.policy = edit.policy;
    }

    fn check(config: &RelayConfig) -> Result<()> {
        check_name("name", &config.name)?;
        if config.policy.is_empty() || config.policy.len() > MAX_STATEMENTS {
            return Err(Error::field("policy", format_args!("must hold 1 to {MAX_STATEMENTS} statements")));
        }
        Policy::parse(&config.policy).map_err(|problem| Error::Invalid(format!("policy{problem}"))).map(drop)
    }

    fn unapplied(error: Error) -> Error {
        match error {
            Error::InvalidPatch(problem) => Error::PatchFailed(problem),
            other => other,
        }
    }

    fn touch(config: &mut RelayConfig, ctx: &Ctx) {
        config.modified_at = ctx.app.clock.now();
    }

    fn index(config: &RelayConfig) -> IndexFacts {
        let facts = IndexFacts::new().text("name", &config.name).unique("hash", config.key_hash.as_str());
        match &config.previous {
            Some(previous) => facts.unique("hash", previous.hash.as_str()),
            None => facts,
        }
    }

    fn rep(config: &RelayConfig, _: u64, _: &Account) -> RelayConfigRep {
        RelayConfigRep {
            id: config.id.clone(),
            creator: None,
            name: config.name.clone(),
            policy: config.policy.clone(),
            full_key: String::new(),
            display_key: config.ending.clone(),
            creation_date: config.created_at,
            last_modified: config.modified_at,
        }
    }

    async fn reps(
        ctx: &Ctx,
        _: &Request,
        parent: &Account,
        stored: Vec<Stored<RelayConfig>>,
    ) -> Result<Vec<RelayConfigRep>> {
        let members = members_by_id(ctx, stored.iter().filter_map(|s| s.value.creator_id.as_deref())).await?;
        let rep = |s: &Stored<RelayConfig>| {
            let creator = s.value.creator_id.as_ref().and_then(|id| members.get(id)).map(summary_of);
            RelayConfigRep { creator, ..Self::rep(&s.value, s.version, parent) }
        };
        Ok(stored.iter().map(rep).collect())
    }
}

/// Shows a configuration with the key that was just made for it.
async fn with_key(ctx: &Ctx, request: &Request, stored: Stored<RelayConfig>, key: String) -> Result<Reply> {
    let mut reps = RelayConfigs::reps(ctx, request, &Account, vec![stored]).await?;
    if let Some(rep) = reps.first_mut() {
        rep.full_key = key;
    }
    Reply::json(&reps.pop().ok_or_else(|| Error::Internal("a resource was not shown".to_owned()))?)
}

async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let mut config = RelayConfigs::create(&ctx, &Account, request.json()?).await?;
    let proof = ctx.authorise(RelayConfigs::ABOUT.create, &RelayConfigs::spec(&config, &Account))?;
    RelayConfigs::check(&config)?;
    let key = ctx.app.ids.relay_key();
    (config.key_hash, config.ending) = (secret::hash(&key), secret::ending(&key));
    let verb = "created the relay-proxy-config";
    let stored = save::<RelayConfigs>(&ctx, &Account, config, None, |change| change, Proofs::of(proof), verb).await?;
    with_key(&ctx, &request, stored, key).await
}
