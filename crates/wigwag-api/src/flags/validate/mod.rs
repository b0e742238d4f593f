//! What every stored flag and configuration holds to. Errors name the path of the representation.

mod config;
mod flag;
mod serve;
mod variations;

use wigwag_kit::Result;
use wigwag_model::key::MAX_KEY;

use super::facts::Facts;
use super::state::FlagState;
use crate::common::check_key;

pub(crate) use variations::ValueType;

/// Checks whatever differs from `before`; what was stored once is not questioned again.
pub(crate) fn state(before: &FlagState, after: &FlagState, facts: &Facts) -> Result<()> {
    if after.flag != before.flag {
        flag::check(&after.flag)?;
    }
    let renumbered = after.flag.variations.len() != before.flag.variations.len();
    for (env, config) in &after.configs {
        let old = before.configs.get(env);
        if renumbered || old != Some(config) {
            config::check(env, config, old.filter(|_| !renumbered), &after.flag)?;
            config::check_prerequisites(env, config, old, &after.flag, facts)?;
        }
    }
    Ok(())
}

/// Checks a flag that did not exist before. The prerequisites of the flag it was cloned from are
/// not looked up again.
pub(crate) fn new_state(state: &FlagState, source: Option<&FlagState>, facts: &Facts) -> Result<()> {
    check_key("key", &state.flag.key, MAX_KEY)?;
    flag::check(&state.flag)?;
    for (env, config) in &state.configs {
        config::check(env, config, None, &state.flag)?;
        let old = source.and_then(|source| source.configs.get(env));
        config::check_prerequisites(env, config, old, &state.flag, facts)?;
    }
    Ok(())
}
