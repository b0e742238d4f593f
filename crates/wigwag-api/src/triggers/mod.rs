//! Flag triggers: a secret URL that turns a flag on or off. semantic-patch.md 8, behaviour.md 16.
//!
//! The secret of the URL is told when it is made or cycled and kept as a hash only.

mod fire;
mod rep;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_auth::secret;
use wigwag_kit::links::path;
use wigwag_kit::operation::Access;
use wigwag_kit::patch::Instruction;
use wigwag_kit::resource::{About, Parent, Search, Stored};
use wigwag_kit::{
    Ctx, Dialects, Error, Operation, Operations, Patch, Request, Resource, Result, Spec, Standard, Target,
};
use wigwag_model::doc::{Kind, Trigger, TriggerAction};
use wigwag_model::key::MAX_KEY;
use wigwag_store::{IndexFacts, Predicate};

use crate::common::check_key;
use crate::read::{FlagPlace, members_by_id};
use rep::TriggerRep;

/// Longest description, in characters.
const MAX_COMMENT: usize = 1_000;

/// The operations on triggers, and their URL. What a trigger does goes the way of `patch_flag`,
/// the operation that changes flags.
#[must_use]
pub fn ops(patch_flag: Option<Operation>) -> Operations {
    Standard::<Triggers>::new()
        .list("getTriggerWorkflows")
        .create("createTriggerWorkflow")
        .get("getTriggerWorkflowById")
        .patch("patchTriggerWorkflow")
        .delete("deleteTriggerWorkflow")
        .table()
        .beside("POST", "/webhook/triggers/{id}/{secret}", "fireTrigger", Access::Public, move |ctx, request| {
            fire::fire(ctx, request, patch_flag.clone())
        })
}

/// A new trigger.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "triggerPost")]
pub struct TriggerPost {
    /// What calls it; `generic-trigger` for anything.
    integration_key: String,
    /// One object whose `kind` is `turnFlagOn` or `turnFlagOff`.
    #[serde(default)]
    instructions: Option<Vec<Action>>,
    /// Human description.
    #[serde(default)]
    comment: Option<String>,
}

/// What a trigger does, as clients write it.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// What it does to targeting.
    kind: ActionKind,
}

/// Names of what a trigger can do.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum ActionKind {
    /// Turns it on.
    TurnFlagOn,
    /// Turns it off.
    TurnFlagOff,
}

/// What patches of a trigger change, as audit entries list it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Edit {
    trigger_action: TriggerAction,
    trigger_enabled: bool,
    trigger_url: String,
}

/// The kind.
pub enum Triggers {}

impl Resource for Triggers {
    type Doc = Trigger;
    type Parent = FlagPlace;
    type Create = TriggerPost;
    type Edit = Edit;
    /// A secret to cycle to, where the patch asks for one.
    type Facts = Option<String>;
    type Rep = TriggerRep;

    const ABOUT: About = About {
        kind: Kind::Trigger,
        noun: "flag trigger",
        create: "createTriggers",
        delete: "deleteTriggers",
        view: None,
        dialects: Dialects::SEMANTIC,
        edits: &[],
        instructions: &[
            ("replaceTriggerActionInstructions", "updateTriggers"),
            ("cycleTriggerUrl", "updateTriggers"),
            ("disableTrigger", "updateTriggers"),
            ("enableTrigger", "updateTriggers"),
        ],
        secrets: &["triggerUrl"],
    };

    async fn create(ctx: &Ctx, place: &FlagPlace, input: TriggerPost) -> Result<Trigger> {
        let action = only(&input.instructions.unwrap_or_default()).map_err(|p| Error::field("instructions", p))?;
        let made = ctx.app.ids.uuid();
        Ok(Trigger {
            id: ctx.app.ids.object_id(),
            flag: place.flag.key.clone(),
            integration_key: input.integration_key,
            action,
            comment: input.comment.unwrap_or_default(),
            maintainer_id: ctx.caller.acting_member().map(|member| member.id.clone()),
            enabled: true,
            secret_hash: secret::hash(&made),
            secret: Some(made),
            count: 0,
            last_triggered_at: None,
            last_failed_at: None,
            recent_bodies: Vec::new(),
            created_at: ctx.app.clock.now(),
        })
    }

    fn key(trigger: &Trigger) -> &str {
        &trigger.id
    }

    fn name(trigger: &Trigger) -> &str {
        &trigger.integration_key
    }

    fn spec(_: &Trigger, place: &FlagPlace) -> Spec {
        place.specs().into_iter().next().unwrap_or_default()
    }

    fn subject(place: &FlagPlace) -> Option<Target> {
        Some(place.target())
    }

    fn comment(trigger: &Trigger) -> Option<&str> {
        Some(&trigger.comment)
    }

    fn href(trigger: &Trigger, place: &FlagPlace) -> String {
        href(place.project(), &trigger.flag, place.environment(), &trigger.id)
    }

    fn edit(trigger: &Trigger) -> Edit {
        Edit {
            trigger_action: trigger.action,
            trigger_enabled: trigger.enabled,
            trigger_url: trigger.secret_hash.clone(),
        }
    }

    /// Triggers are changed by instructions only.
    fn set(_: &mut Trigger, _: Edit) {}

    fn check(trigger: &Trigger) -> Result<()> {
        check_key("integrationKey", &trigger.integration_key, MAX_KEY)?;
        match trigger.comment.chars().count() {
            0..=MAX_COMMENT => Ok(()),
            _ => Err(Error::field("comment", format_args!("must be at most {MAX_COMMENT} characters long"))),
        }
    }

    async fn facts(ctx: &Ctx, _: &FlagPlace, patch: &Patch) -> Result<Option<String>> {
        let Patch::Semantic(sent) = patch else { return Ok(None) };
        Ok(sent.iter().any(|i| i.kind() == "cycleTriggerUrl").then(|| ctx.app.ids.uuid()))
    }

    fn instruct(trigger: &mut Trigger, drawn: &Option<String>, instruction: &Instruction<'_>) -> Result<()> {
        match instruction.kind() {
            "replaceTriggerActionInstructions" => {
                let wanted: Vec<Action> = instruction.required("value")?;
                trigger.action = only(&wanted).map_err(|problem| instruction.problem("value", problem))?;
            }
            "cycleTriggerUrl" => {
                trigger.secret_hash = drawn.as_deref().map(secret::hash).unwrap_or_default();
                trigger.secret.clone_from(drawn);
            }
            "disableTrigger" => trigger.enabled = false,
            "enableTrigger" => trigger.enabled = true,
            _ => return Err(instruction.unsupported()),
        }
        Ok(())
    }

    fn index(trigger: &Trigger) -> IndexFacts {
        IndexFacts::new().text("flag", &trigger.flag).unique("id", trigger.id.as_str())
    }

    fn search(request: &Request) -> Result<Search> {
        let filter = Predicate::eq("flag", request.param("featureFlagKey"));
        Ok(Search { filter, ..Search::everything() })
    }

    fn rep(trigger: &Trigger, version: u64, place: &FlagPlace) -> TriggerRep {
        TriggerRep::new(trigger, version, place, None)
    }

    async fn reps(ctx: &Ctx, _: &Request, place: &FlagPlace, stored: Vec<Stored<Trigger>>) -> Result<Vec<TriggerRep>> {
        let members = members_by_id(ctx, stored.iter().filter_map(|s| s.value.maintainer_id.as_deref())).await?;
        let one = |s: &Stored<Trigger>| {
            let maintainer = s.value.maintainer_id.as_ref().and_then(|id| members.get(id));
            TriggerRep::new(&s.value, s.version, place, maintainer)
        };
        Ok(stored.iter().map(one).collect())
    }
}

/// REST path of a trigger.
fn href(project: &str, flag: &str, environment: &str, id: &str) -> String {
    path(&["flags", project, flag, "triggers", environment, id])
}

/// The one action of a list.
fn only(actions: &[Action]) -> Result<TriggerAction, &'static str> {
    match actions {
        [Action { kind: ActionKind::TurnFlagOn }] => Ok(TriggerAction::TurnFlagOn),
        [Action { kind: ActionKind::TurnFlagOff }] => Ok(TriggerAction::TurnFlagOff),
        _ => Err("must be one instruction, turnFlagOn or turnFlagOff"),
    }
}

/// The action as clients write it.
fn instruction(action: TriggerAction) -> Value {
    let kind = match action {
        TriggerAction::TurnFlagOn => "turnFlagOn",
        TriggerAction::TurnFlagOff => "turnFlagOff",
    };
    serde_json::json!({"kind": kind})
}
