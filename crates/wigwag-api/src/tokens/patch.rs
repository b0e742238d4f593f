//! Changes to tokens.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wigwag_auth::{Directory, Reach};
use wigwag_kit::{Change, Ctx, Dialects, Error, Patch, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Role, Token};
use wigwag_store::Expect;

use super::create::{Grant, check_texts};
use super::{index, rep, target};
use crate::common::{Bullets, authorise_patch, future};
use crate::read::token;
use wigwag_kit::resource::retried;

/// The members that can be patched, each with its action (access-control.md 7).
const EDITABLE: [(&str, &str); 6] = [
    ("name", "updateAccessTokenName"),
    ("description", "updateAccessTokenDescription"),
    ("role", "updateAccessTokenPolicy"),
    ("customRoleIds", "updateAccessTokenPolicy"),
    ("inlineRole", "updateAccessTokenPolicy"),
    ("expiry", "updateAccessTokenExpiry"),
];

/// The actions of [`EDITABLE`].
pub(super) const ACTIONS: &[&str] =
    &["updateAccessTokenName", "updateAccessTokenDescription", "updateAccessTokenPolicy", "updateAccessTokenExpiry"];

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Edit {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    custom_role_ids: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inline_role: Option<Vec<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expiry: Option<Millis>,
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::JSON)?;
    retried(patch.pins(), || attempt(&ctx, &request, &patch)).await
}

async fn attempt(ctx: &Ctx, request: &Request, patch: &Patch) -> Result<Reply> {
    let mut token = token(ctx, request.param("id")).await?;
    let shown = rep::shown(ctx, &token.value, None).await?;
    let proofs = authorise_patch(ctx, &token.spec, patch, &EDITABLE)?;
    let before = token.value.clone();
    // Here a path that is not there means that the patch cannot be applied: 422, as clients expect.
    let edit = patch.edited(&shown, &Edit::of(&before)).map_err(|error| match error {
        Error::InvalidPatch(problem) => Error::PatchFailed(problem),
        other => other,
    })?;
    let now = ctx.app.clock.now();
    let directory = Directory::load(ctx.store()).await?;
    token.value = apply(ctx, edit, &before, now, &directory)?;
    let Some(proofs) = proofs.filter(|_| token.value != before) else { return Reply::json(&shown) };
    token.value.modified_at = now;
    let mut change = Change::new(proofs, "updated the access token", target(&token.value))
        .comment(patch.comment())
        .description(describe(&before, &token.value))
        .delta(patch.delta());
    change.put(token.key.clone(), Expect::Version(token.version), &token.value, index(&token.value))?;
    let shown = rep::shown(ctx, &token.value, None).await?;
    change.commit(ctx).await?;
    Reply::json(&shown)
}

impl Edit {
    fn of(token: &Token) -> Self {
        Self {
            name: Some(token.name.clone()),
            description: Some(token.description.clone()),
            role: token.role,
            custom_role_ids: Some(token.custom_role_ids.clone()).filter(|ids| !ids.is_empty()),
            inline_role: token.inline_role.clone(),
            expiry: token.expiry,
        }
    }

    /// What the token may do, as the edit has it.
    fn policy(&self) -> (Option<Role>, &[String], Option<&Vec<Value>>) {
        (self.role, self.custom_role_ids.as_deref().unwrap_or_default(), self.inline_role.as_ref())
    }
}

fn apply(ctx: &Ctx, edit: Edit, before: &Token, now: Millis, directory: &Directory) -> Result<Token> {
    let mut token = before.clone();
    if edit.policy() != Edit::of(before).policy() {
        let role = edit.role.map(|role| match role {
            Role::Reader => "reader",
            Role::Writer => "writer",
            Role::Admin => "admin",
            Role::Owner | Role::NoAccess => "",
        });
        let grant = Grant::new(role, edit.custom_role_ids, edit.inline_role, directory)?;
        grant.give(&mut token, &Reach::of(&ctx.caller, directory))?;
    }
    token.name = edit.name.unwrap_or_default();
    token.description = edit.description.unwrap_or_default();
    if edit.expiry != before.expiry {
        token.expiry = edit.expiry.map(|at| future("expiry", at, now)).transpose()?;
    }
    check_texts(&token)?;
    Ok(token)
}

fn describe(before: &Token, after: &Token) -> String {
    let mut bullets = Bullets::default();
    bullets.changed("name", &before.name, &after.name);
    if before.description != after.description {
        bullets.line("Changed the description");
    }
    let policy = |token: &'_ Token| (token.role, token.custom_role_ids.clone(), token.inline_role.clone());
    if policy(before) != policy(after) {
        bullets.line("Changed the permissions");
    }
    if before.expiry != after.expiry {
        bullets.line("Changed the expiry");
    }
    bullets.markdown()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_editable_member_declares_its_action() {
        let mut actions = super::EDITABLE.map(|(_, action)| action).to_vec();
        actions.dedup();
        assert_eq!(actions, super::ACTIONS);
    }
}
