//! Context kinds of a project: those that were made, those that events named, and `user`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wigwag_kit::links::path;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Expand, Links, Proofs, Reply, Request, Result, Target};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{ContextKind, Kind, Project};
use wigwag_model::key::MAX_KEY;
use wigwag_store::{DocKey, Expect, IndexFacts, ListQuery};

use crate::common::{Bullets, check_name};
use crate::read::{Loaded, environments, project};

/// The kind that is always there.
const USER: &str = "user";
/// The greatest version that a new kind may begin with: what a client may hold, and what goes on rising.
const GREATEST_VERSION: u64 = i32::MAX as u64;
/// How a kind came to be.
const MANUAL: &str = "manual";
const AUTO: &str = "auto-add";

/// All kinds of a project.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ContextKindsCollectionRep")]
pub(super) struct ContextKinds {
    items: Vec<ContextKindRep>,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ContextKindRep {
    key: String,
    name: String,
    description: String,
    version: u64,
    creation_date: Millis,
    last_modified: Millis,
    /// When a context of this kind was last seen, in any environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<Millis>,
    created_from: String,
    /// The same as `archived`.
    hide_in_targeting: bool,
    archived: bool,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment_observations: Option<Vec<Observation>>,
}

/// Where a kind was seen.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Observation {
    environment_key: String,
    last_seen: Millis,
}

/// A kind, new or changed.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "UpsertContextKindPayload")]
pub(super) struct UpsertContextKind {
    /// Human name.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// The same as `archived`.
    #[serde(default)]
    hide_in_targeting: Option<bool>,
    #[serde(default)]
    archived: Option<bool>,
    /// Of a new kind, 2147483647 at most; 1 if absent.
    #[serde(default)]
    version: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UpsertResponseRep")]
pub(super) struct Upserted {
    status: &'static str,
    #[serde(rename = "_links")]
    links: Links,
}

/// What events told of a kind: when it was first seen, and where it was seen last.
#[derive(Default)]
struct Seen {
    first: Option<Millis>,
    places: Vec<Observation>,
}

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let project = project(&ctx, request.param("projectKey")).await?;
    let observations = Expand::of(&request).has("environmentObservations");
    let mut seen = seen(&ctx, &project).await?;
    let docs = ctx.store().list(&ListQuery::in_project(Kind::ContextKind, &project.value.key)).await?.docs;
    let mut kinds: BTreeMap<String, ContextKind> = BTreeMap::new();
    for doc in docs {
        let kind: ContextKind = doc.decode()?;
        kinds.insert(kind.key.clone(), kind);
    }
    for (key, seen) in &seen {
        kinds.entry(key.clone()).or_insert_with(|| met(key, seen.first.unwrap_or(project.value.created_at)));
    }
    let user = kinds.remove(USER).unwrap_or_else(|| met(USER, project.value.created_at));
    let user = ContextKind { name: "User".to_owned(), created_at: project.value.created_at, ..user };
    let all = std::iter::once(user).chain(kinds.into_values());
    let items = all.map(|kind| {
        let places = seen.remove(&kind.key).unwrap_or_default().places;
        rep(&project.value, kind, places, observations)
    });
    let own = path(&["projects", &project.value.key, "context-kinds"]);
    let parent = path(&["projects", &project.value.key]);
    Reply::json(&ContextKinds { items: items.collect(), links: Links::new().own(own).parent(parent) })
}

async fn seen(ctx: &Ctx, project: &Loaded<Project>) -> Result<BTreeMap<String, Seen>> {
    let mut all: BTreeMap<String, Seen> = BTreeMap::new();
    for environment in environments(ctx, project).await? {
        for kind in ctx.store().volume().kinds(&environment.value.id).await? {
            let seen = all.entry(kind.name).or_default();
            seen.first = Some(seen.first.map_or(kind.first_seen, |first| first.min(kind.first_seen)));
            let environment_key = environment.value.key.clone();
            seen.places.push(Observation { environment_key, last_seen: kind.last_seen });
        }
    }
    Ok(all)
}

/// A kind that nobody made.
fn met(key: &str, at: Millis) -> ContextKind {
    ContextKind {
        key: key.to_owned(),
        name: key.to_owned(),
        description: String::new(),
        version: 1,
        archived: false,
        created_from: AUTO.to_owned(),
        created_at: at,
        last_modified: at,
    }
}

fn rep(project: &Project, kind: ContextKind, places: Vec<Observation>, observations: bool) -> ContextKindRep {
    ContextKindRep {
        links: links(&project.key, &kind.key),
        key: kind.key,
        name: kind.name,
        description: kind.description,
        version: kind.version,
        creation_date: kind.created_at,
        last_modified: kind.last_modified,
        last_seen: places.iter().map(|place| place.last_seen).max(),
        created_from: kind.created_from,
        hide_in_targeting: kind.archived,
        archived: kind.archived,
        environment_observations: observations.then_some(places),
    }
}

fn links(project: &str, kind: &str) -> Links {
    let all = path(&["projects", project, "context-kinds"]);
    Links::new().own(path(&["projects", project, "context-kinds", kind])).parent(all)
}

pub(super) async fn put(ctx: Ctx, request: Request) -> Result<Reply> {
    // What is not there is told before what is wrong with the request.
    project(&ctx, request.param("projectKey")).await?;
    let sent: UpsertContextKind = request.json()?;
    check_name("name", &sent.name)?;
    if let (Some(a), Some(b)) = (sent.archived, sent.hide_in_targeting)
        && a != b
    {
        return Err(Error::field("hideInTargeting", "must be the same as archived"));
    }
    if sent.version.is_some_and(|version| version > GREATEST_VERSION) {
        return Err(Error::field("version", format_args!("must be {GREATEST_VERSION} or less")));
    }
    let key = request.param("key");
    if !wigwag_model::kind::Kind::is_valid(key) || key.len() > MAX_KEY {
        return Err(Error::field("key", format_args!("{key} is not a context kind: letters, digits, ., _ and - only")));
    }
    if key == USER {
        return Err(Error::field("key", "the context kind user is built in and cannot be changed"));
    }
    retried(false, || upsert(&ctx, &request, &sent)).await
}

async fn upsert(ctx: &Ctx, request: &Request, sent: &UpsertContextKind) -> Result<Reply> {
    let project = project(ctx, request.param("projectKey")).await?;
    let key = request.param("key");
    let at = DocKey::in_project(Kind::ContextKind, &*project.value.key, key);
    let spec = project.spec.clone().then("context-kind", key, &[]);
    let now = ctx.app.clock.now();
    let stored = ctx.store().get(&at).await?;
    let before: Option<ContextKind> = stored.as_ref().map(wigwag_store::Doc::decode).transpose()?;
    let mut after = match &before {
        Some(before) => before.clone(),
        None => new(ctx, &project, key, sent, now).await?,
    };
    after.name.clone_from(&sent.name);
    after.description = sent.description.clone().unwrap_or(after.description);
    after.archived = sent.archived.or(sent.hide_in_targeting).unwrap_or(after.archived);
    let answer = Upserted { status: "success", links: links(&project.value.key, key) };
    let (proofs, verb) = match &before {
        None => (Proofs::of(ctx.authorise("createContextKind", &spec)?), "created the context kind"),
        Some(before) => {
            let texts = (&before.name, &before.description) != (&after.name, &after.description);
            let shown = before.archived != after.archived;
            if !texts && !shown {
                ctx.authorise("updateContextKind", &spec)?;
                return Reply::json(&answer);
            }
            let actions = [(texts, "updateContextKind"), (shown, "updateAvailabilityForExperiments")];
            let needed = actions.into_iter().filter(|(needed, _)| *needed);
            let proofs = needed.map(|(_, action)| ctx.authorise(action, &spec)).collect::<Result<_>>()?;
            let none = || Error::Internal("a change of a context kind without an action".to_owned());
            (Proofs::from_list(proofs).ok_or_else(none)?, "updated the context kind")
        }
    };
    if before.is_some() {
        after.version = after.version.saturating_add(1);
        after.last_modified = now;
    }
    let target = Target {
        kind: "context-kind".to_owned(),
        name: after.name.clone(),
        resources: vec![spec.to_string()],
        href: path(&["projects", &project.value.key, "context-kinds", key]),
        site: format!("/{}/settings/context-kinds/{key}", project.value.key),
        project: project.value.key.clone(),
        environment: None,
        document: Some(["context-kind".to_owned(), project.value.key.clone(), String::new(), key.to_owned()]),
    };
    let mut change = Change::new(proofs, verb, target).description(described(before.as_ref(), &after));
    let expect = stored.map_or(Expect::Absent, |doc| Expect::Version(doc.version));
    change.put(at, expect, &after, IndexFacts::new())?;
    change.commit(ctx).await?;
    Reply::json(&answer)
}

/// A kind that has no document yet; one that events named was there before.
async fn new(
    ctx: &Ctx,
    project: &Loaded<Project>,
    key: &str,
    sent: &UpsertContextKind,
    now: Millis,
) -> Result<ContextKind> {
    let met_before = seen(ctx, project).await?.contains_key(key);
    Ok(ContextKind {
        version: sent.version.unwrap_or(1),
        created_from: if met_before { AUTO } else { MANUAL }.to_owned(),
        ..met(key, now)
    })
}

fn described(before: Option<&ContextKind>, after: &ContextKind) -> String {
    let Some(before) = before else { return String::new() };
    let mut bullets = Bullets::default();
    bullets.changed("name", &before.name, &after.name);
    bullets.changed("description", &before.description, &after.description);
    if before.archived != after.archived {
        bullets.line(if after.archived { "Archived the context kind" } else { "Restored the context kind" });
    }
    bullets.markdown()
}
