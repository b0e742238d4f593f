//! Changes and deletions of keys.

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::resource::retried;
use wigwag_kit::{Ctx, Error, Expand, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::GoneKey;

use super::Home;
use super::create::check_description;
use super::key::Place;
use crate::common::{Bullets, check_name, code, future};
use crate::read::NamedViews;

/// What to change of a key.
#[derive(Deserialize, JsonSchema)]
pub(super) struct SdkKeyPatch {
    /// Human name.
    #[serde(default)]
    name: Option<String>,
    /// What it is for.
    #[serde(default)]
    description: Option<String>,
    /// Time after which it is refused; it can be moved, not taken away.
    #[serde(default)]
    expiry: Option<Millis>,
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    Home::load(&ctx, &request).await?.place(&request)?;
    let version = request.query_number("version")?;
    let patch: SdkKeyPatch = request.json()?;
    if patch.name.is_none() && patch.description.is_none() && patch.expiry.is_none() {
        return Err(Error::missing("name, description or expiry"));
    }
    let (home, place) = retried(version.is_some(), || attempt(&ctx, &request, &patch, version)).await?;
    home.answer(&ctx, place, &Expand::default()).await
}

async fn attempt(ctx: &Ctx, request: &Request, patch: &SdkKeyPatch, version: Option<i64>) -> Result<(Home, Place)> {
    let mut home = Home::load(ctx, request).await?;
    let place = home.place(request)?;
    let key = request.param("sdkKeyKey");
    let proof = ctx.authorise("updateSdkKey", &home.spec(key))?;
    let environment = &mut home.environment.value;
    let Some(before) = place.about(environment) else { return Ok((home, place)) };
    if version.is_some_and(|version| u64::try_from(version) != Ok(before.version)) {
        let text = format!("The SDK key is at version {}", before.version);
        return Err(Error::OptimisticLocking(text));
    }
    let now = ctx.app.clock.now();
    let mut after = before.clone();
    if let Some(name) = &patch.name {
        check_name("name", name)?;
        after.name.clone_from(name);
    }
    check_description(patch.description.as_deref())?;
    if let Some(description) = &patch.description {
        after.description.clone_from(description);
    }
    let Some(stored) = place.kind.keys_mut(environment).get_mut(place.at) else { return Ok((home, place)) };
    let ends = match patch.expiry {
        Some(at) if Some(at) != stored.expiry && place.at == 0 => {
            return Err(Error::field("expiry", "the default key does not expire: reset it instead"));
        }
        Some(at) if Some(at) != stored.expiry => Some(future("expiry", at, now)?),
        _ => stored.expiry,
    };
    if after == before && ends == stored.expiry {
        return Ok((home, place));
    }
    let mut bullets = Bullets::default();
    bullets.changed("name", &before.name, &after.name);
    if before.description != after.description {
        bullets.line("Changed the description");
    }
    if ends != stored.expiry {
        bullets.line("Changed the expiry");
    }
    // A default of before stays without a name of its own: its value is what it goes by.
    (after.updated_at, after.version) = (now, before.version + 1);
    let (name, keeps) = (after.name.clone(), place.at == 0 || stored.about.is_some());
    if keeps {
        stored.about = Some(Box::new(after));
    } else if ends == stored.expiry {
        return Err(Error::field("name", "a default key of before cannot be renamed"));
    }
    stored.expiry = ends;
    let none = NamedViews::default();
    home.save(ctx, vec![proof], "updated the sdk-key", key, &name, bullets.markdown(), none).await?;
    Ok((home, place))
}

pub(super) async fn delete(ctx: Ctx, request: Request) -> Result<Reply> {
    retried(false, || deleted(&ctx, &request)).await?;
    Ok(Reply::empty())
}

async fn deleted(ctx: &Ctx, request: &Request) -> Result<()> {
    let mut home = Home::load(ctx, request).await?;
    let place: Place = home.place(request)?;
    let key = request.param("sdkKeyKey").to_owned();
    let proof = ctx.authorise("deleteSdkKey", &home.spec(&key))?;
    if place.at == 0 {
        let text = format!("The default {} cannot be deleted: reset it instead", place.kind.noun());
        return Err(Error::Conflict(text));
    }
    let environment = &mut home.environment.value;
    let name = place.about(environment).map_or_else(|| key.clone(), |about| about.name);
    place.kind.keys_mut(environment).remove(place.at);
    environment.gone_keys.push(GoneKey { key: key.clone(), deleted_at: ctx.app.clock.now() });
    let text = format!("* Deleted the {} {}\n", place.kind.noun(), code(&key));
    home.save(ctx, vec![proof], "deleted the sdk-key", &key, &name, text, NamedViews::default()).await
}
