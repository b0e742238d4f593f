//! Environments, as everything inside them needs them.

use wigwag_auth::secret;
use wigwag_kit::patch::MASK;
use wigwag_kit::{Change, Ctx, Error, Result, Spec};
use wigwag_model::doc::Kind;
use wigwag_model::doc::{EnvKey, Environment, KeyValue, Project};
use wigwag_model::key::{MAX_KEY, MAX_PROJECT_KEY, is_key};
use wigwag_store::{Doc, DocKey, Expect, IndexFacts};

use super::{Loaded, judged_now, project_key, project_not_found, project_of};

/// Where an environment is stored.
#[must_use]
pub fn environment_key(project: &str, environment: &str) -> DocKey {
    DocKey::in_project(Kind::Environment, project, environment)
}

/// How policies name an environment of a project.
#[must_use]
pub fn environment_spec(project: &Spec, environment: &Environment) -> Spec {
    project.clone().env(&environment.key, &environment.tags, environment.critical)
}

/// What lists of environments can ask, and the ids and keys that no two may share.
#[must_use]
pub fn environment_index(environment: &Environment) -> IndexFacts {
    let facts = IndexFacts::new()
        .text("name", &environment.name)
        .many("tags", environment.tags.iter().map(|t| t.to_lowercase()))
        .number("critical", environment.critical.into())
        .number("createdOn", environment.created_at)
        .unique("clientSideId", environment.id.as_str());
    let keys = |field, facts: IndexFacts, keys: &[EnvKey]| {
        keys.iter().fold(facts, |facts, key| facts.unique(field, key_mark(&key.value)))
    };
    keys("mobileKey", keys("sdkKey", facts, &environment.sdk_keys), &environment.mobile_keys)
}

/// What tells the value of a key from others and does not tell the value: its SHA-256.
#[must_use]
pub fn key_mark(value: &KeyValue) -> String {
    match value {
        KeyValue::Clear(value) => secret::hash(value),
        KeyValue::Sealed { hash, .. } => hash.clone(),
    }
}

/// Adds an environment to a change: with the values of its keys sealed, and found by what lists can ask.
///
/// # Errors
/// A fault of ours.
pub fn put_environment(
    change: &mut Change,
    ctx: &Ctx,
    key: DocKey,
    expect: Expect,
    environment: &Environment,
) -> Result<()> {
    let mut stored = environment.clone();
    for (about, key) in stored.keys_mut() {
        if let KeyValue::Clear(value) = &key.value {
            let sealed = ctx.app.keyring.seal(&ctx.app.ids, &about, value)?;
            key.value = KeyValue::Sealed { sealed, hash: key_mark(&key.value) };
        }
    }
    change.put(key, expect, &stored, environment_index(&stored))
}

/// The value of a key of kind `sdk` or `mobile`, to be shown. It is masked where the key that sealed it is gone: the
/// past is not sealed anew.
#[must_use]
pub fn opened_key(ctx: &Ctx, environment: &Environment, kind: &str, value: &KeyValue) -> String {
    match value {
        KeyValue::Clear(value) => value.clone(),
        KeyValue::Sealed { sealed, .. } => {
            ctx.app.keyring.open(&environment.about_keys(kind), sealed).unwrap_or_else(|error| {
                if ctx.as_of.is_none() {
                    tracing::error!(?error, environment = environment.key, "a key cannot be shown");
                }
                MASK.to_owned()
            })
        }
    }
}

/// The refusal of a key that no environment of the project has.
#[must_use]
pub fn environment_not_found(key: &str) -> Error {
    Error::NotFound(format!("Unknown environment key {key}"))
}

/// The environment of a project that the caller may view.
///
/// # Errors
/// 404 when there is none.
pub async fn environment(ctx: &Ctx, project: &Loaded<Project>, key: &str) -> Result<Loaded<Environment>> {
    if !is_key(key, MAX_KEY) {
        return Err(environment_not_found(key));
    }
    let doc = ctx.get(&environment_key(&project.value.key, key)).await?;
    environment_seen(ctx, &project.spec, &doc.ok_or_else(|| environment_not_found(key))?).await
}

/// A project and one of its environments, in one round trip.
///
/// # Errors
/// 404 when there is no such project or environment, 403 when the project is hidden.
pub async fn project_and_environment(
    ctx: &Ctx,
    project: &str,
    environment: &str,
) -> Result<(Loaded<Project>, Loaded<Environment>)> {
    if !is_key(project, MAX_PROJECT_KEY) {
        return Err(project_not_found(project));
    }
    if !is_key(environment, MAX_KEY) {
        super::project(ctx, project).await?;
        return Err(environment_not_found(environment));
    }
    if ctx.as_of.is_some() {
        let project = super::project(ctx, project).await?;
        let environment = self::environment(ctx, &project, environment).await?;
        return Ok((project, environment));
    }
    let keys = [project_key(project), environment_key(project, environment)];
    let mut docs = ctx.store().get_many(&keys).await?.into_iter();
    let mut next = || docs.next().flatten();
    let loaded = project_of(&next().ok_or_else(|| project_not_found(project))?)?;
    ctx.authorise("viewProject", &loaded.spec)?;
    let found = environment_of(&loaded.spec, &next().ok_or_else(|| environment_not_found(environment))?)?;
    Ok((loaded, found))
}

/// Every environment of a project, oldest first.
///
/// # Errors
/// The store cannot be read.
pub async fn environments(ctx: &Ctx, project: &Loaded<Project>) -> Result<Vec<Loaded<Environment>>> {
    let key = &project.value.key;
    let mut docs = match ctx.as_of {
        None => ctx.store().few_of(Kind::Environment, key).await?,
        Some(_) => ctx.scan(Kind::Environment, Some(key), Some("")).await?,
    };
    docs.sort_by_key(|doc| doc.created_seq);
    let mut all = Vec::with_capacity(docs.len());
    for doc in &docs {
        all.push(environment_seen(ctx, &project.spec, doc).await?);
    }
    Ok(all)
}

/// An environment of the present or the past, for a request that may ask about either.
///
/// # Errors
/// The store cannot be read.
pub async fn environment_seen(ctx: &Ctx, project: &Spec, doc: &Doc) -> Result<Loaded<Environment>> {
    judged_now(ctx, environment_of(project, doc)?, |doc| environment_of(project, doc)).await
}

/// Reads a stored environment of the project that policies name `project`.
///
/// # Errors
/// The document cannot be read.
pub fn environment_of(project: &Spec, doc: &Doc) -> Result<Loaded<Environment>> {
    Loaded::from_doc(doc, |environment| environment_spec(project, environment))
}
