//! Semantic patch: each `kind` of instruction is a pure function on the flag (semantic-patch.md 3).
//!
//! The table below is what permissions, approvals, schedules and triggers read as well.

mod clauses;
mod lifecycle;
mod params;
mod prerequisites;
mod rules;
mod serve;
mod settings;
mod switch;
mod targets;
mod variations;
mod wanted;

use serde_json::Value;
use wigwag_kit::{Error, Result};
use wigwag_model::doc::{Flag, FlagConfig};

use super::facts::Facts;
use super::state::FlagState;

pub use params::Params;
pub(crate) use params::{decode, variation_index};
pub(crate) use settings::{member, team};
pub use wanted::wanted;

/// A kind of instruction.
pub struct Instruction {
    /// What clients send as `kind`.
    pub kind: &'static str,
    /// The access-control action it needs.
    pub action: &'static str,
    /// What it does.
    pub apply: Apply,
}

/// How an instruction is applied. The variant also says whether it needs `environmentKey`.
pub enum Apply {
    /// Changes the flag's configuration in one environment.
    Config(fn(&mut FlagConfig, &Flag, Params<'_>, &Facts<'_>) -> Result<()>),
    /// Changes the flag in all environments.
    Flag(fn(&mut FlagState, Params<'_>, &Facts<'_>) -> Result<()>),
    /// Deletes the flag.
    Delete,
}

/// What a list of instructions comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The state is as it should be now.
    Changed,
    /// The flag is to be deleted; the state no longer matters.
    Deleted,
}

/// Every kind of instruction, by group.
pub const GROUPS: [&[Instruction]; 9] = [
    switch::ALL,
    rules::ALL,
    clauses::ALL,
    targets::ALL,
    prerequisites::ALL,
    serve::ALL,
    variations::ALL,
    settings::ALL,
    lifecycle::ALL,
];

/// The instruction of this kind.
#[must_use]
pub fn find(kind: &str) -> Option<&'static Instruction> {
    GROUPS.into_iter().flatten().find(|instruction| instruction.kind == kind)
}

/// Applies instructions in order, all or nothing: on an error the state must be thrown away.
/// `environment` is the key under `environmentKey`, already known to exist.
///
/// # Errors
/// An unknown kind, a parameter that is missing or wrong, something that cannot be done. The
/// message says which instruction.
pub fn apply(
    state: &mut FlagState,
    environment: Option<&str>,
    instructions: &[Value],
    facts: &Facts<'_>,
) -> Result<Effect> {
    let mut effect = Effect::Changed;
    for (i, sent) in instructions.iter().enumerate() {
        match apply_one(state, environment, sent, facts) {
            Ok(Effect::Changed) => {}
            Ok(Effect::Deleted) => effect = Effect::Deleted,
            Err(Error::Invalid(problem)) => return Err(Error::Invalid(format!("instructions[{i}]: {problem}"))),
            Err(other) => return Err(other),
        }
    }
    Ok(effect)
}

fn apply_one(state: &mut FlagState, env: Option<&str>, sent: &Value, facts: &Facts<'_>) -> Result<Effect> {
    let map = sent.as_object().ok_or_else(|| Error::Invalid("must be an object".to_owned()))?;
    let params = Params(map);
    let kind = params.text("kind")?;
    let Some(instruction) = find(kind) else {
        return Err(Error::Invalid(format!("instruction kind '{kind}' unsupported")));
    };
    match instruction.apply {
        Apply::Flag(apply) => apply(state, params, facts)?,
        Apply::Delete => return Ok(Effect::Deleted),
        Apply::Config(apply) => {
            let config = env.and_then(|env| state.configs.get_mut(env));
            let config = config.ok_or_else(|| Error::Invalid(format!("{kind} needs environmentKey")))?;
            apply(config, &state.flag, params, facts)?;
        }
    }
    Ok(Effect::Changed)
}

const fn on_config(
    kind: &'static str,
    action: &'static str,
    apply: fn(&mut FlagConfig, &Flag, Params<'_>, &Facts<'_>) -> Result<()>,
) -> Instruction {
    Instruction { kind, action, apply: Apply::Config(apply) }
}

const fn on_flag(
    kind: &'static str,
    action: &'static str,
    apply: fn(&mut FlagState, Params<'_>, &Facts<'_>) -> Result<()>,
) -> Instruction {
    Instruction { kind, action, apply: Apply::Flag(apply) }
}
