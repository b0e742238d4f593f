//! A call of a trigger's URL. The flag changes by the ordinary operation, with the trigger as the
//! one who acts; the trigger's own bookkeeping is part of the same change.

use std::sync::Arc;

use http::Method;
use serde::Serialize;
use serde_json::{Map, Value, json};
use wigwag_auth::secret;
use wigwag_kit::change::Agent;
use wigwag_kit::links::path;
use wigwag_kit::resource::retried;
use wigwag_kit::{
    Acting, Authority, Caller, Change, Ctx, Decision, Error, Operation, Proofs, Reply, Request, Result, Spec, Target,
};
use wigwag_model::doc::{Kind, Trigger, TriggerBody};
use wigwag_store::{Doc, Write};

use super::{Resource, Triggers, href, instruction};
use crate::read;

/// How many calls a trigger remembers.
const REMEMBERED: usize = 5;
/// Largest call that is remembered with what it brought, in bytes.
const BODY_KEPT: usize = 16 * 1024;
/// Where an environment wants a comment for every change, and the trigger has none.
const COMMENT: &str = "Changed by a flag trigger";

/// What a caller is told.
#[derive(Serialize)]
struct Fired {
    /// False for a test call of an integration, which does nothing.
    triggered: bool,
}

/// Does what the trigger is for. The secret of the URL is the only credential.
///
/// # Errors
/// 404 without saying which part is wrong, 403 where it is disabled, and what changing the flag says.
pub(super) async fn fire(ctx: Ctx, request: Request, patch_flag: Option<Operation>) -> Result<Reply> {
    let patch_flag = patch_flag.ok_or_else(|| Error::Internal("flags cannot be changed".to_owned()))?;
    let body = match request.value() {
        Ok(Value::Object(map)) if request.body.len() <= BODY_KEPT => Some(map),
        _ => None,
    };
    let (id, secret) = (request.param("id"), request.param("secret"));
    let triggered = retried(false, || once(&ctx, id, secret, body.as_ref(), &patch_flag)).await?;
    Reply::json(&Fired { triggered })
}

async fn once(
    ctx: &Ctx,
    id: &str,
    secret: &str,
    body: Option<&Map<String, Value>>,
    patch_flag: &Operation,
) -> Result<bool> {
    let doc = ctx.store().find_unique(Kind::Trigger, "id", id).await?.ok_or_else(unknown)?;
    let trigger: Trigger = doc.decode()?;
    if !secret::same(&secret::hash(secret), &trigger.secret_hash) {
        return Err(unknown());
    }
    if !trigger.enabled {
        return Err(Error::Forbidden("This flag trigger is disabled".to_owned()));
    }
    if is_test(&trigger, body) {
        return Ok(false);
    }
    let call = Call { doc: &doc, trigger: &trigger, body };
    let (outcome, acting) = call.change_flag(ctx, patch_flag).await?;
    match outcome {
        Ok(_) if acting.changed() => Ok(true),
        // The flag is as the trigger wants it already: only the trigger's own count moves.
        Ok(_) => call.note(ctx, Ok(())).await.map(|()| true),
        Err(lost @ Error::OptimisticLocking(_)) => Err(lost),
        Err(Error::NotFound(_)) => Err(unknown()),
        Err(refused @ (Error::Internal(_) | Error::Unavailable)) => Err(refused),
        Err(refused) => {
            call.note(ctx, Err(&refused)).await?;
            Err(refused)
        }
    }
}

/// Neither says whether there is such a trigger.
fn unknown() -> Error {
    Error::NotFound("Unknown flag trigger".to_owned())
}

/// Integrations send test events, which are to do nothing. A generic trigger has none.
fn is_test(trigger: &Trigger, body: Option<&Map<String, Value>>) -> bool {
    let event = body.and_then(|b| b.get("eventName")).and_then(Value::as_str);
    trigger.integration_key != "generic-trigger" && event.is_some_and(|e| e.to_lowercase().contains("test"))
}

/// One call of a trigger, as it was loaded.
struct Call<'a> {
    doc: &'a Doc,
    trigger: &'a Trigger,
    body: Option<&'a Map<String, Value>>,
}

impl Call<'_> {
    /// Has the flag changed by its own operation. Answers what that said, and who acted.
    async fn change_flag(&self, ctx: &Ctx, patch_flag: &Operation) -> Result<(Result<Reply>, Arc<Acting>)> {
        let handler = patch_flag.handler().ok_or_else(|| Error::Internal("flags cannot be changed".to_owned()))?;
        let (project, env, flag) = (&self.doc.key.project, &self.doc.key.env, &self.trigger.flag);
        let mut request = Request::new(Method::PATCH, &path(&["flags", project, flag]))?;
        request.params = vec![("projectKey", project.to_string()), ("featureFlagKey", flag.clone())];
        let comment = Some(self.trigger.comment.as_str()).filter(|c| !c.trim().is_empty()).unwrap_or(COMMENT);
        let patch =
            json!({"environmentKey": env, "instructions": [instruction(self.trigger.action)], "comment": comment});
        request.body = patch.to_string().into();
        request.headers.insert(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/json; domain-model=launchdarkly.semanticpatch"),
        );
        let acting = Arc::new(self.acting(ctx, true)?);
        let outcome = handler(self.ctx(ctx, &acting), request).await;
        Ok((outcome, acting))
    }

    /// Notes a call that did not change the flag: because there was nothing to do, or why it could not.
    async fn note(&self, ctx: &Ctx, outcome: Result<(), &Error>) -> Result<()> {
        let (project, flag) = (&*self.doc.key.project, &*self.trigger.flag);
        let acting = Arc::new(self.acting(ctx, outcome.is_ok())?);
        let ctx = self.ctx(ctx, &acting);
        let spec = self.spec();
        let proof = ctx.authorise("updateOn", &spec)?;
        let target = Target {
            kind: "flag".to_owned(),
            name: read::flag(&ctx, project, flag).await?.0.name,
            resources: vec![spec.to_string()],
            href: path(&["flags", project, flag]),
            site: format!("/{project}/{}/features/{flag}", self.doc.key.env),
            project: project.to_owned(),
            environment: None,
            document: None,
        };
        let change = Change::new(Proofs::of(proof), "could not change the flag", target);
        let change = match outcome {
            Ok(()) => change.unlisted(),
            Err(problem) => change.description(format!("* {problem}\n")),
        };
        change.commit(&ctx).await.map(drop)
    }

    /// The trigger as the one who acts, with its document as it will be.
    fn acting(&self, ctx: &Ctx, works: bool) -> Result<Acting> {
        let now = ctx.app.clock.now();
        let mut after = self.trigger.clone();
        if works {
            after.count += 1;
            after.last_triggered_at = Some(now);
        } else {
            after.last_failed_at = Some(now);
        }
        after.recent_bodies.insert(0, TriggerBody { timestamp: now, json_body: self.body.cloned() });
        after.recent_bodies.truncate(REMEMBERED);
        let stored = serde_json::to_string(&after).map_err(|e| Error::Internal(e.to_string()))?;
        let write = Write::update(self.doc.key.clone(), self.doc.version, stored, Triggers::index(&after));
        let agent = Agent {
            name: format!("Flag trigger ({})", self.trigger.integration_key),
            href: href(&self.doc.key.project, &self.trigger.flag, &self.doc.key.env, &self.trigger.id),
        };
        Ok(Acting::new(agent, self.body.cloned().map(Value::Object), vec![write]))
    }

    fn ctx(&self, ctx: &Ctx, acting: &Arc<Acting>) -> Ctx {
        let project = Spec::project(&self.doc.key.project, &[]).to_string();
        let authority = OfTrigger { acting: Arc::clone(acting), project, flag: self.spec().to_string() };
        let caller = Caller { member: None, token: None, authority: Arc::new(authority) };
        Ctx { caller: Arc::new(caller), ..ctx.clone() }
    }

    fn spec(&self) -> Spec {
        let key = &self.doc.key;
        Spec::project(&key.project, &[]).env(&key.env, &[], false).then("flag", &self.trigger.flag, &[])
    }
}

/// What a trigger may do: switch its flag in its environment, and see the project for that.
struct OfTrigger {
    acting: Arc<Acting>,
    project: String,
    flag: String,
}

impl Authority for OfTrigger {
    fn decide(&self, action: &str, resource: &Spec) -> Decision {
        let resource = resource.to_string();
        match action {
            "viewProject" if resource == self.project => Decision::Allow,
            "updateOn" if resource == self.flag => Decision::Allow,
            _ => Decision::Deny(None),
        }
    }

    fn acting(&self) -> Option<&Acting> {
        Some(&self.acting)
    }
}
