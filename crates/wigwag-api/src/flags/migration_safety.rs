//! What a change of a migration flag does to the consistency of the two systems.
//!
//! The contract names the operation and the shape of its findings, not the rule behind them. The
//! rule here follows from what each stage reads and writes (evaluation.md 13): contexts move from
//! one cohort to another, and share data across cohorts. So a cohort that writes to one system
//! only puts every other cohort at risk that relies on what it reads from the other system.

use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::patch::{Dialects, Patch};
use wigwag_kit::{Ctx, Error, Reply, Request, Result};
use wigwag_model::doc::{Flag, FlagConfig, Serve};

use super::instructions::{self, Effect};
use super::state::FlagState;
use super::{load, validate};

/// Stands for the default rule among rule ids.
const FALLTHROUGH: &str = "fallthrough";

/// One way in which a rule endangers others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MigrationSafetyIssueRep")]
pub(crate) struct Issue {
    causing_rule_id: String,
    affected_rule_ids: Vec<String>,
    issue: &'static str,
    old_system_affected: bool,
}

pub(super) async fn judge(ctx: Ctx, request: Request) -> Result<Reply> {
    let environment = request.param("environmentKey");
    let found = load::find(&ctx, request.param("projectKey"), request.param("flagKey"), &[]).await?;
    found.environment(environment)?;
    let Patch::Semantic(sent) = Patch::read(&request, Dialects::SEMANTIC)? else {
        return Err(Error::missing("instructions"));
    };
    if found.state.flag.migration_settings.is_none() {
        return Err(Error::Invalid(format!("{} is not a migration flag", found.state.flag.key)));
    }
    let facts = load::facts(&ctx, &found.project.value.key, instructions::wanted(&sent.instructions)).await?;
    let mut after = found.state.clone();
    let effect = instructions::apply(&mut after, Some(environment), &sent.instructions, &facts)?;
    if effect == Effect::Deleted {
        return Ok(none());
    }
    if after != found.state {
        validate::state(&found.state, &after, &facts)?;
    }
    let of =
        |state: &FlagState| state.configs.get(environment).map_or_else(Vec::new, |config| issues(&state.flag, config));
    let before = of(&found.state);
    let new: Vec<_> = of(&after).into_iter().filter(|issue| !before.contains(issue)).collect();
    if new.is_empty() { Ok(none()) } else { Reply::json(&new) }
}

fn none() -> Reply {
    Reply::empty().status(StatusCode::NO_CONTENT)
}

/// What a stage does with one of the systems.
#[derive(Clone, Copy, PartialEq, Eq)]
enum System {
    Old,
    New,
}

/// The only system that is written to, if it is one.
fn writes_only(stage: &str) -> Option<System> {
    match stage {
        "off" => Some(System::Old),
        "complete" => Some(System::New),
        _ => None,
    }
}

/// The system whose answer counts.
fn relies_on(stage: &str) -> Option<System> {
    match stage {
        "off" | "dualwrite" | "shadow" => Some(System::Old),
        "live" | "rampdown" | "complete" => Some(System::New),
        _ => None,
    }
}

/// Every pair of a rule that writes to one system only and those that rely on the other.
fn issues(flag: &Flag, config: &FlagConfig) -> Vec<Issue> {
    if !config.on {
        return Vec::new();
    }
    let rules = config.rules.iter().map(|rule| (rule.id.as_str(), &rule.serve));
    let cohorts: Vec<_> =
        rules.chain([(FALLTHROUGH, &config.fallthrough)]).map(|(id, serve)| (id, stages(flag, serve))).collect();
    let mut issues = Vec::new();
    for (id, stages) in &cohorts {
        for system in [System::Old, System::New] {
            if !stages.iter().any(|stage| writes_only(stage) == Some(system)) {
                continue;
            }
            let relies = |stage: &&str| relies_on(stage).is_some_and(|other| other != system);
            let affected = cohorts.iter().filter(|(other, stages)| other != id && stages.iter().any(relies));
            let affected: Vec<_> = affected.map(|(other, _)| (*other).to_owned()).collect();
            if !affected.is_empty() {
                issues.push(issue(id, affected, system));
            }
        }
    }
    issues
}

fn issue(id: &str, affected_rule_ids: Vec<String>, written: System) -> Issue {
    let old_system_affected = written == System::New;
    let issue = match old_system_affected {
        true => "Writes go to the new system only, while the affected rules still rely on the old system",
        false => "Writes go to the old system only, while the affected rules already rely on the new system",
    };
    Issue { causing_rule_id: id.to_owned(), affected_rule_ids, issue, old_system_affected }
}

/// The stages that somebody may be served.
fn stages<'a>(flag: &'a Flag, serve: &Serve) -> Vec<&'a str> {
    let served: Vec<usize> = match serve {
        Serve::Variation(index) => vec![*index],
        Serve::Rollout(rollout) => {
            rollout.variations.iter().filter(|entry| entry.weight > 0).map(|entry| entry.variation).collect()
        }
    };
    served.into_iter().filter_map(|index| flag.variations.get(index)?.value.as_str()).collect()
}
