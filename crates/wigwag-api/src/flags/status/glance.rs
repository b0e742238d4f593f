//! Statuses of a page of flags in one request: the contract tells of one flag, or of all there are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::links::path;
use wigwag_kit::{Ctx, Error, Links, Reply, Request, Result};
use wigwag_model::doc::{Flag, FlagConfig};
use wigwag_model::key::{MAX_KEY, is_key};

use super::operations::{InEnvironment, used};
use crate::flags::load::{config_key, flag_key};
use crate::read::project_and_environment;

/// Flags of one request.
const FLAGS: usize = 100;

/// Which flags.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "FlagStatusesAsked")]
pub(crate) struct Asked {
    /// Keys of flags, at most 100.
    flags: Vec<String>,
}

/// Statuses of some flags in one environment.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FlagStatusesAtAGlance")]
pub(crate) struct Glance {
    #[serde(rename = "_links")]
    links: Links,
    /// In the order in which they were asked for, without those that are not there.
    items: Vec<Glanced>,
}

/// The status of a flag.
#[derive(Serialize, JsonSchema)]
struct Glanced {
    /// The flag's key.
    key: String,
    #[serde(flatten)]
    status: InEnvironment,
}

pub(crate) async fn some(ctx: Ctx, request: Request) -> Result<Reply> {
    let (project, environment) =
        project_and_environment(&ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let Asked { flags } = request.json()?;
    if flags.len() > FLAGS {
        return Err(Error::field("flags", format_args!("must be at most {FLAGS}")));
    }
    let (project, env) = (&project.value.key, &environment.value.key);
    let flags: Vec<&str> = flags.iter().map(String::as_str).filter(|key| is_key(key, MAX_KEY)).collect();
    let used = used(&ctx, &environment.value, Some(&flags)).await?;
    let keys: Vec<_> = flags.iter().flat_map(|key| [flag_key(project, key), config_key(project, env, key)]).collect();
    let docs = ctx.store().get_many(&keys).await?;
    let mut items = Vec::with_capacity(flags.len());
    for pair in docs.chunks_exact(2) {
        let [Some(flag), Some(config)] = pair else { continue };
        let (flag, config) = (flag.shared::<Flag>()?, config.shared::<FlagConfig>()?);
        let used = used.iter().find(|used| used.flag == flag.key);
        let status = InEnvironment::of(&ctx, &flag, &config, used);
        items.push(Glanced { key: flag.key.clone(), status });
    }
    let own = path(&["projects", project, "environments", env, "flag-statuses"]);
    Reply::json(&Glance { links: Links::new().own(own), items })
}
