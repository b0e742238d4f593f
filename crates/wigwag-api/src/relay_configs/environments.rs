//! What a Relay Proxy is told: the configuration behind its key, and the environments that its policy allows.

use wigwag_auth::policy::Policy;
use wigwag_auth::secret;
use wigwag_kit::{Ctx, Result, Spec};
use wigwag_model::doc::{Environment, Kind, Project, RelayConfig};

use crate::read::{environment_of, project_of};

/// Policies of proxies speak of every action: an environment is in or out.
const ANY: &str = "*";

/// The configuration that a proxy's key belongs to, while the key is valid. Nothing says why it is not.
///
/// # Errors
/// The store cannot be read.
pub async fn config_of(ctx: &Ctx, key: &str) -> Result<Option<RelayConfig>> {
    let hash = secret::hash(key);
    let Some(doc) = ctx.store().find_unique(Kind::RelayConfig, "hash", &hash).await? else { return Ok(None) };
    let config: RelayConfig = doc.decode()?;
    let now = ctx.app.clock.now();
    let current = secret::same(&config.key_hash, &hash);
    let still = config.previous.as_ref().is_some_and(|old| secret::same(&old.hash, &hash) && old.expiry > now);
    Ok((current || still).then_some(config))
}

/// The environments that a configuration's policy allows, each with its project. A policy that cannot be read
/// allows none.
///
/// # Errors
/// The store cannot be read.
pub async fn environments_of(ctx: &Ctx, config: &RelayConfig) -> Result<Vec<(Project, Environment)>> {
    let Ok(policy) = Policy::parse(&config.policy) else { return Ok(Vec::new()) };
    let mut allowed = Vec::new();
    for doc in ctx.store().scan(Kind::Project, Some(""), Some("")).await? {
        let project = project_of(&doc)?;
        for doc in ctx.store().scan(Kind::Environment, Some(&project.value.key), Some("")).await? {
            let environment = environment_of(&project.spec, &doc)?;
            if allows(&policy, &environment.spec) {
                allowed.push((project.value.clone(), environment.value));
            }
        }
    }
    Ok(allowed)
}

fn allows(policy: &Policy, environment: &Spec) -> bool {
    policy.allows(ANY, environment.segments())
}
