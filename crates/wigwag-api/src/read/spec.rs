//! Resources that people name by specifiers.

use wigwag_auth::policy::is_resource;
use wigwag_kit::{Ctx, Error, Result, Spec};
use wigwag_model::doc::{Environment, Flag, Kind, Project, Segment, ViewLink, Webhook};
use wigwag_store::DocKey;

use super::{environment_key, environment_spec, project_key, project_spec};

/// The resource that a specifier names, with the tags and properties it has, as far as the caller may know them. It
/// need not exist.
///
/// # Errors
/// 400 naming `field`: the specifier of nothing.
pub async fn spec_named(ctx: &Ctx, field: &str, text: &str) -> Result<Spec> {
    let plain = Spec::parse(text).filter(is_resource);
    let plain =
        plain.ok_or_else(|| Error::field(field, format_args!("\"{text}\" is of no type of resource there is")))?;
    let names: Vec<(&'static str, String)> =
        plain.segments().iter().map(|s| (s.kind, s.name.clone().unwrap_or_default())).collect();
    let steps: Vec<(&str, &str)> = names.iter().map(|(kind, name)| (*kind, name.as_str())).collect();
    match steps.as_slice() {
        [("webhook", id)] => {
            let hook: Option<Webhook> = found(ctx, &DocKey::account(Kind::Webhook, *id)).await?;
            Ok(hook.map_or(plain, |hook| Spec::default().then("webhook", id, &hook.tags)))
        }
        [("proj", key), inside @ ..] => in_project(ctx, &plain, key, inside).await,
        _ => Ok(plain),
    }
}

async fn in_project(ctx: &Ctx, plain: &Spec, key: &str, inside: &[(&str, &str)]) -> Result<Spec> {
    let Some(project) = found::<Project>(ctx, &project_key(key)).await? else { return Ok(plain.clone()) };
    let seen = project_spec(&project);
    // What is inside a hidden project tells nothing of itself, not even by the statement that matches it.
    if !ctx.may("viewProject", &seen) {
        return Ok(plain.clone());
    }
    let mut spec = seen;
    for (at, step) in plain.segments().iter().enumerate().skip(1) {
        let name = step.name.as_deref().unwrap_or_default();
        let env = inside.first().filter(|(kind, _)| *kind == "env").map_or("", |(_, env)| *env);
        spec = match (at, step.kind) {
            (1, "env") => match found::<Environment>(ctx, &environment_key(key, name)).await? {
                Some(environment) => environment_spec(&spec, &environment),
                None => spec.env(name, &[], false),
            },
            (2, "flag") => {
                let flag: Option<Flag> = found(ctx, &DocKey::in_project(Kind::Flag, key, name)).await?;
                let (tags, views) = flag.map(|flag| (flag.tags, flag.views)).unwrap_or_default();
                spec.then("flag", name, &tags).in_views(&ViewLink::keys(&views))
            }
            (2, "segment") => {
                let segment: Option<Segment> = found(ctx, &DocKey::in_env(Kind::Segment, key, env, name)).await?;
                let (tags, views) = segment.map(|segment| (segment.tags, segment.views)).unwrap_or_default();
                spec.then("segment", name, &tags).in_views(&ViewLink::keys(&views))
            }
            _ => spec.then(step.kind, name, &[]),
        };
    }
    Ok(spec)
}

async fn found<T: serde::de::DeserializeOwned>(ctx: &Ctx, key: &DocKey) -> Result<Option<T>> {
    match ctx.store().get(key).await.map_err(Error::from) {
        // A name that no document can have.
        Err(Error::Invalid(_)) => Ok(None),
        doc => Ok(doc?.map(|doc| doc.decode()).transpose()?),
    }
}
