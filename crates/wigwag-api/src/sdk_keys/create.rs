//! New keys.

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Expand, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{EnvKey, GoneKey, KeyAbout, KeyValue};
use wigwag_model::key::MAX_KEY;

use super::key::{Kind, Place};
use super::{Home, views};
use crate::common::{check_key, check_name, code, future};

/// Most keys of one kind in an environment.
const MOST: usize = 100;
/// Longest description, in characters.
pub(super) const MAX_DESCRIPTION: usize = 4_096;
/// How long the name of a deleted key cannot be taken: 180 days, in milliseconds.
const GONE_FOR: Millis = 180 * 24 * 60 * 60_000;

/// A new key.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SdkKeyPost {
    /// `sdk` when missing.
    #[serde(default)]
    kind: Option<Kind>,
    /// Chosen key.
    key: String,
    /// Human name.
    name: String,
    /// What it is for.
    #[serde(default)]
    description: Option<String>,
    /// Time after which it is refused.
    #[serde(default)]
    expiry: Option<Millis>,
    /// Views that it is held to: it delivers nothing but what is linked to one of them.
    #[serde(default)]
    view_keys: Option<Vec<String>>,
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    // Where it goes comes before what it is.
    Home::load(&ctx, &request).await?;
    let post: SdkKeyPost = request.json()?;
    let kind = post.kind.unwrap_or_default();
    let value = match kind {
        Kind::Sdk => ctx.app.ids.sdk_key(),
        Kind::Mobile => ctx.app.ids.mobile_key(),
    };
    let (home, place) = retried(false, || attempt(&ctx, &request, &post, kind, &value)).await?;
    home.answer(&ctx, place, &Expand::default()).await
}

async fn attempt(ctx: &Ctx, request: &Request, post: &SdkKeyPost, kind: Kind, value: &str) -> Result<(Home, Place)> {
    let mut home = Home::load(ctx, request).await?;
    let proof = ctx.authorise("createSdkKey", &home.spec(&post.key))?;
    let now = ctx.app.clock.now();
    check_key("key", &post.key, MAX_KEY)?;
    check_name("name", &post.name)?;
    check_description(post.description.as_deref())?;
    let wanted = post.view_keys.as_deref().unwrap_or_default();
    let mut proofs = vec![proof];
    if !wanted.is_empty() {
        proofs.push(ctx.authorise("updateSdkKeyPayload", &home.spec(&post.key))?);
    }
    let views = views::named(ctx, &home.project, wanted).await?;
    let expiry = post.expiry.map(|at| future("expiry", at, now)).transpose()?;
    let environment = &mut home.environment.value;
    let held = |gone: &GoneKey| gone.deleted_at.saturating_add(GONE_FOR) > now;
    environment.gone_keys.retain(held);
    let taken = environment.gone_keys.iter().any(|gone| gone.key == post.key);
    if taken || Place::find(environment, &post.key).is_some() {
        return Err(Error::Conflict("SDK key already exists".to_owned()));
    }
    let keys = kind.keys_mut(environment);
    if keys.len() >= MOST {
        return Err(Error::Conflict(format!("An environment has at most {MOST} keys of a kind")));
    }
    let about = KeyAbout {
        key: post.key.clone(),
        name: post.name.clone(),
        description: post.description.clone().unwrap_or_default(),
        member_id: ctx.caller.acting_member().map(|member| member.id.clone()),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let named = EnvKey::new(KeyValue::Clear(value.to_owned()), expiry);
    keys.push(EnvKey { about: Some(Box::new(about)), views: views.keys(), ..named });
    let at = keys.len() - 1;
    let text = format!("* Created the {} {}\n", kind.noun(), code(&post.key));
    home.save(ctx, proofs, "created the sdk-key", &post.key, &post.name, text, views).await?;
    Ok((home, Place { kind, at }))
}

pub(super) fn check_description(text: Option<&str>) -> Result<()> {
    if text.is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        return Err(Error::field("description", format_args!("must be at most {MAX_DESCRIPTION} characters long")));
    }
    Ok(())
}
