//! Rules for what is served: indexes and rollouts.

use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Flag, Rollout, Serve};

use crate::common::{check_context_kind, check_reference};
use crate::flags::defaults::FULL_WEIGHT;
use crate::flags::state::GONE;

pub(super) fn index(path: &str, index: usize, flag: &Flag) -> Result<()> {
    if index < flag.variations.len() {
        return Ok(());
    }
    if index == GONE {
        return Err(Error::field(path, "still in use: a variation that would be removed is referred to here"));
    }
    let count = flag.variations.len();
    Err(Error::field(path, format_args!("there is no variation {index}: the flag has {count}, counted from 0")))
}

pub(super) fn check(path: &str, serve: &Serve, flag: &Flag) -> Result<()> {
    match serve {
        Serve::Variation(_) if flag.migration_settings.is_some() => {
            Err(Error::field(path, "a migration flag serves a rollout, not a variation"))
        }
        Serve::Variation(at) => index(&format!("{path}/variation"), *at, flag),
        Serve::Rollout(rollout) => check_rollout(&format!("{path}/rollout"), rollout, flag),
    }
}

fn check_rollout(path: &str, rollout: &Rollout, flag: &Flag) -> Result<()> {
    if let Some(kind) = &rollout.context_kind {
        check_context_kind(&format!("{path}/contextKind"), kind)?;
    }
    if let Some(attribute) = &rollout.bucket_by {
        let kind = rollout.context_kind.as_deref();
        check_reference(&format!("{path}/bucketBy"), attribute, kind)?;
    }
    if rollout.seed == Some(0) {
        return Err(Error::field(&format!("{path}/seed"), "must not be 0"));
    }
    for (i, entry) in rollout.variations.iter().enumerate() {
        index(&format!("{path}/variations/{i}/variation"), entry.variation, flag)?;
    }
    let total: u64 = rollout.variations.iter().map(|entry| u64::from(entry.weight)).sum();
    if total == u64::from(FULL_WEIGHT) {
        return Ok(());
    }
    let rule = format!("the weights must add up to {FULL_WEIGHT} (100%), not {total}");
    Err(Error::field(&format!("{path}/variations"), rule))
}
