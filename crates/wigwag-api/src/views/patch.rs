//! Changes of a view: a partial object.

use schemars::JsonSchema;
use serde::Deserialize;
use wigwag_kit::resource::{Parent, Stored, load, retried, save};
use wigwag_kit::{Ctx, Error, Proofs, Reply, Request, Resource, Result};
use wigwag_model::doc::View;

use super::{Place, Views, maintainer};
use crate::common::{Bullets, unique};

/// What to change of a view.
#[derive(Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ViewPatch {
    /// Human name.
    #[serde(default)]
    name: Option<String>,
    /// What it is for.
    #[serde(default)]
    description: Option<String>,
    /// Whether it is meant to have SDK keys of its own.
    #[serde(default)]
    generate_sdk_keys: Option<bool>,
    /// A member who looks after it.
    #[serde(default)]
    maintainer_id: Option<String>,
    /// A team that looks after it.
    #[serde(default)]
    maintainer_team_key: Option<String>,
    /// Tags.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// Whether it is put away.
    #[serde(default)]
    archived: Option<bool>,
}

pub(super) async fn patch(ctx: Ctx, request: Request) -> Result<Reply> {
    let place = Place::load(&ctx, &request).await?;
    let key = request.param("viewKey");
    let patch: ViewPatch = request.json()?;
    if patch == ViewPatch::default() {
        return Err(Error::missing("a field of the view"));
    }
    let stored = retried(false, || attempt(&ctx, &place, key, &patch)).await?;
    let rep = Views::reps(&ctx, &request, &place, vec![stored]).await?.pop();
    rep.map_or_else(|| Err(super::not_found(key)), |rep| Reply::json(&rep))
}

async fn attempt(ctx: &Ctx, place: &Place, key: &str, patch: &ViewPatch) -> Result<Stored<View>> {
    let before = load::<Views>(ctx, place, key).await?;
    let proof = ctx.authorise("updateView", &Views::spec(&before.value, place))?;
    let mut after = before.value.clone();
    patch.apply(ctx, &mut after).await?;
    if after == before.value {
        return Ok(before);
    }
    Views::check(&after)?;
    Views::touch(&mut after, ctx);
    let text = described(&before.value, &after);
    let verb = match (before.value.archived_at, after.archived_at) {
        (None, Some(_)) => "archived the view",
        (Some(_), None) => "restored the view",
        _ => "updated the view",
    };
    save::<Views>(ctx, place, after, Some(before.version), |change| change.description(text), Proofs::of(proof), verb)
        .await
}

impl ViewPatch {
    async fn apply(&self, ctx: &Ctx, view: &mut View) -> Result<()> {
        if let Some(name) = &self.name {
            view.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            view.description.clone_from(description);
        }
        view.generate_sdk_keys = self.generate_sdk_keys.unwrap_or(view.generate_sdk_keys);
        if let Some(tags) = &self.tags {
            view.tags = unique(tags.clone());
        }
        let named = maintainer::named(ctx, self.maintainer_id.as_deref(), self.maintainer_team_key.as_deref()).await?;
        if self.maintainer_id.is_some() || self.maintainer_team_key.is_some() {
            view.maintainer = named;
        }
        match self.archived {
            Some(true) if view.archived_at.is_none() => view.archived_at = Some(ctx.app.clock.now()),
            Some(false) => view.archived_at = None,
            _ => {}
        }
        Ok(())
    }
}

fn described(before: &View, after: &View) -> String {
    let mut bullets = Bullets::default();
    bullets.changed("name", &before.name, &after.name);
    if before.description != after.description {
        bullets.line("Changed the description");
    }
    if before.maintainer != after.maintainer {
        bullets.line("Changed the maintainer");
    }
    bullets.turned("SDK keys of its own", before.generate_sdk_keys, after.generate_sdk_keys);
    bullets.tags(&before.tags, &after.tags);
    bullets.markdown()
}
