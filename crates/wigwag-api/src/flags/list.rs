//! The list of a project's flags.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::expand::Expand;
use wigwag_kit::page::{Collection, Page};
use wigwag_kit::sort::Sort;
use wigwag_kit::{ApiVersion, Ctx, Error, Reply, Request, Result, sort};
use wigwag_model::doc::{Environment, Flag, FlagConfig, Kind};
use wigwag_store::{Doc, IndexFacts, ListQuery, Listing, Predicate};

use super::conditions::{self, config_facts};
use super::differences;
use super::expanded::Expanded;
use super::filters::Filter;
use super::load::{self, config_key};
use super::rep::{Detail, FlagRep, Maintainers, Shape, View};
use crate::read::Loaded;

const SORTS: [&str; 7] = ["creationDate", "key", "maintainerId", "name", "tags", "targetingModifiedDate", "type"];

/// Default and greatest page size from 20240415 on; older versions answer everything.
const PAGE: (u32, u32) = (20, 100);

pub(super) async fn list(ctx: Ctx, request: Request) -> Result<Reply> {
    let newest = ctx.version >= ApiVersion::V20240415;
    let page = if newest { Page::of(&request, Some(PAGE.0), PAGE.1)? } else { Page::of(&request, None, u32::MAX)? };
    let filter = Filter::of(&request, ctx.app.clock.now())?;
    let order = order(&request)?;
    let compare = request.query_flag("compare")?.unwrap_or(false);
    let shown: Vec<_> = request.query_list("env").collect();
    let filtered = filter.environments.iter().map(String::as_str);
    let (project, mut environments) = load::surroundings(&ctx, request.param("projectKey"), &[]).await?;
    let known = |key: &&str| environments.iter().any(|env| env.value.key == **key);
    if let Some(unknown) = shown.iter().copied().chain(filtered.clone()).find(|key| !known(key)) {
        return Err(crate::read::environment_not_found(unknown));
    }
    let matches = conditions::resolve(&ctx, &project.value.key, &filter, &environments).await?;
    let found = find(&ctx, &project.value.key, &matches, &order, &shown, &page).await?;
    // From 20240415 on environments are shown when they are named, before that unless others are.
    let named: Vec<_> = if newest { shown.into_iter().chain(filtered).collect() } else { shown };
    let none = newest && named.is_empty();
    environments.retain(|env| named.contains(&env.value.key.as_str()) || (named.is_empty() && !newest));
    let total_count_with_differences = match compare {
        true => Some(differences::count(&ctx, &project.value.key, &matches, &environments).await?),
        false => None,
    };
    let shape = shape(&ctx, &request)?;
    let flags = with_configs(&ctx, &project.value.key, found.docs, &environments).await?;
    let maintainers = load::maintainers(&ctx, flags.iter().map(|one| &one.flag)).await?;
    let keys: Vec<_> = flags.iter().map(|one| one.flag.key.as_str()).collect();
    let expanded = Expanded::load(&ctx, &request, &project.value.key, &environments, &keys).await?;
    let reps = flags.iter().map(|one| {
        let view = one.view(&project.value.key, &environments, none, &maintainers, shape);
        View { expanded: &expanded, ..view }.rep()
    });
    let list = Collection::new(reps.collect(), found.total, &page, &request);
    Reply::json(&Flags { list, total_count_with_differences })
}

/// A page of flags.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FeatureFlags")]
pub(super) struct Flags<'a> {
    #[serde(flatten)]
    list: Collection<FlagRep<'a>>,
    /// With `compare`: how many do not do the same in all environments shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count_with_differences: Option<u64>,
}

/// `summary=0` shows whole configurations, `summary=1` leaves them out. The oldest version shows
/// them unless told otherwise.
fn shape(ctx: &Ctx, request: &Request) -> Result<Shape> {
    let summary = request.query_flag("summary")?.unwrap_or(ctx.version > ApiVersion::V20160426);
    Ok(Shape {
        version: ctx.version,
        detail: if summary { Detail::Summary } else { Detail::Full },
        migration_settings: Expand::of(request).has("migrationSettings"),
    })
}

fn order(request: &Request) -> Result<Vec<Sort>> {
    let order = sort::parse(request, &SORTS)?;
    if order.len() > 1 && order.iter().any(|one| one.field == "targetingModifiedDate") {
        return Err(Error::field("sort", "targetingModifiedDate cannot be combined with other fields"));
    }
    Ok(order)
}

async fn find(
    ctx: &Ctx,
    project: &str,
    matches: &Predicate,
    order: &[Sort],
    environments: &[&str],
    page: &Page,
) -> Result<Listing> {
    let query = ListQuery::in_project(Kind::Flag, project).filter(matches.clone());
    match order {
        [one] if one.field == "targetingModifiedDate" => {
            let Some(env) = environments.first() else {
                return Err(Error::field("sort", "targetingModifiedDate needs the parameter env"));
            };
            by_modification(ctx, project, query, env, one.descending, page).await
        }
        order => {
            let created = Sort { field: wigwag_store::CREATED.to_owned(), descending: false };
            let sort = if order.is_empty() { vec![created] } else { order.to_vec() };
            let query = ListQuery { sort, limit: page.limit, offset: page.offset, ..query };
            ctx.list(&query, facts).await
        }
    }
}

/// What the index has of a flag.
fn facts(doc: &Doc) -> Result<IndexFacts> {
    Ok(super::flag_index(&doc.decode()?))
}

/// The date belongs to the configurations. Where few flags match, their configurations are sorted; where many do, the
/// configurations are gone through in order until enough flags of theirs match.
async fn by_modification(
    ctx: &Ctx,
    project: &str,
    query: ListQuery<'_>,
    env: &str,
    descending: bool,
    page: &Page,
) -> Result<Listing> {
    let configs = ListQuery::in_env(Kind::FlagConfig, project, env).sort("targetingModifiedDate", descending);
    let total = ctx.list(&query.clone().page(1, 0), facts).await?.total;
    let Some(limit) = page.limit.filter(|_| total > ctx.store().few() as u64) else {
        let mut flags = by_key(ctx.list(&query, facts).await?.docs);
        let configs = configs.filter(Predicate::KeyIn(flags.keys().cloned().collect()));
        let configs = ListQuery { limit: page.limit, offset: page.offset, ..configs };
        let listing = ctx.list(&configs, config_facts).await?;
        let docs = listing.docs.iter().filter_map(|config| flags.remove(&*config.key.key)).collect();
        return Ok(Listing { docs, total: listing.total });
    };
    // So many are enough where every other one matches.
    let mut step = page.offset.saturating_add(limit).saturating_mul(2);
    let (mut docs, mut before, mut at) = (Vec::new(), page.offset, 0);
    while docs.len() < limit as usize {
        let configs = ctx.list(&configs.clone().page(step, at), config_facts).await?.docs;
        if configs.is_empty() {
            break;
        }
        let keys = Predicate::KeyIn(configs.iter().map(|config| config.key.key.to_string()).collect());
        let matching = query.clone().filter(Predicate::And(vec![query.filter.clone(), keys]));
        let mut flags = by_key(ctx.list(&matching, facts).await?.docs);
        for doc in configs.iter().filter_map(|config| flags.remove(&*config.key.key)) {
            match before {
                0 if docs.len() < limit as usize => docs.push(doc),
                0 => break,
                _ => before -= 1,
            }
        }
        (at, step) = (at.saturating_add(step), step.saturating_mul(2));
    }
    Ok(Listing { docs, total })
}

fn by_key(docs: Vec<Doc>) -> BTreeMap<String, Doc> {
    docs.into_iter().map(|doc| (doc.key.key.to_string(), doc)).collect()
}

struct Listed {
    flag: Flag,
    version: u64,
    configs: BTreeMap<String, FlagConfig>,
    versions: BTreeMap<String, u64>,
}

/// The flags of the page with the configurations asked for, in one round trip.
async fn with_configs(
    ctx: &Ctx,
    project: &str,
    docs: Vec<Doc>,
    environments: &[Loaded<Environment>],
) -> Result<Vec<Listed>> {
    let keys = docs.iter().flat_map(|doc| {
        let flag = &doc.key.key;
        environments.iter().map(move |env| config_key(project, &env.value.key, flag))
    });
    let keys: Vec<_> = keys.collect();
    let mut configs = ctx.get_many(&keys).await?.into_iter();
    let one = |doc: Doc| {
        let flag: Flag = doc.decode()?;
        let of_flag = configs.by_ref().take(environments.len());
        let (configs, versions) = load::configs(ctx, &flag, environments, of_flag)?;
        Ok(Listed { flag, version: doc.version, configs, versions })
    };
    docs.into_iter().map(one).collect()
}

impl Listed {
    fn view<'a>(
        &'a self,
        project: &'a str,
        environments: &'a [Loaded<Environment>],
        none: bool,
        maintainers: &'a Maintainers,
        shape: Shape,
    ) -> View<'a> {
        let shown = environments.iter().filter_map(|loaded| {
            let environment = &loaded.value;
            let version = self.versions.get(&environment.key).copied().unwrap_or(0);
            Some((environment, self.configs.get(&environment.key)?, version))
        });
        View {
            project,
            flag: &self.flag,
            version: self.version,
            environments: (!none).then(|| shown.collect()),
            maintainers,
            shape,
            expanded: &Expanded::NONE,
        }
    }
}
