//! What is planned for one user, in all flags of an environment (semantic-patch.md 4).

use indexmap::IndexMap;
use serde_json::Value;
use wigwag_kit::patch::semantic::Instructions;
use wigwag_kit::patch::{Dialects, Patch};
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Links, Proofs, Reply, Request, Result};
use wigwag_model::doc::{Flag, FlagConfig, Kind};
use wigwag_store::{Expect, ListQuery, Predicate};

use super::instructions;
use super::rep::{Item, List, Patched, Place, UserItem};
use crate::common::ExpirySpelling;
use crate::flags::diff::Diff;
use crate::flags::facts::Wanted;
use crate::flags::load::{self, Found, config_key, flag_key};
use crate::flags::state::FlagState;
use crate::flags::{access, audit, guard, index};
use crate::read::project_and_environment;

const USER: &str = "user";

pub(crate) async fn get_for_user(ctx: Ctx, request: Request) -> Result<Reply> {
    let planned = planned(&ctx, &request).await?;
    Reply::json(&list(&request, &planned))
}

pub(crate) async fn patch_for_user(ctx: Ctx, request: Request) -> Result<Reply> {
    let patch = Patch::read(&request, Dialects::SEMANTIC)?;
    let count = retried(false, || once(&ctx, &request, &patch)).await?;
    let planned = planned(&ctx, &request).await?;
    Reply::json(&Patched {
        list: list(&request, &planned),
        total_instructions: count,
        successful_instructions: count,
        failed_instructions: 0,
    })
}

/// Flags of the environment that have a plan for any target, with their configuration there.
async fn planned(ctx: &Ctx, request: &Request) -> Result<Vec<(Flag, FlagConfig)>> {
    let (project, environment) =
        project_and_environment(ctx, request.param("projectKey"), request.param("environmentKey")).await?;
    let (project, environment) = (&project.value.key, &environment.value.key);
    let expiring = Predicate::Exists { field: index::EXPIRES_AT.to_owned() };
    let query = ListQuery::in_env(Kind::FlagConfig, project, environment).filter(expiring);
    let configs = ctx.store().list(&query).await?.docs;
    let keys: Vec<_> = configs.iter().map(|doc| flag_key(project, &doc.key.key)).collect();
    let flags = ctx.store().get_many(&keys).await?;
    let pairs = configs.iter().zip(flags).filter_map(|(config, flag)| Some((flag?, config)));
    pairs.map(|(flag, config)| Ok((flag.decode()?, config.decode()?))).collect()
}

fn list<'a>(request: &'a Request, planned: &'a [(Flag, FlagConfig)]) -> List<UserItem<'a>> {
    let user = request.param("userKey");
    let items = planned.iter().flat_map(|(flag, config)| {
        let place = Place { project: request.param("projectKey"), environment: request.param("environmentKey"), flag };
        let his = config.expiring_targets.iter().filter(|one| one.context_kind == USER && one.context_key == user);
        his.filter_map(move |one| UserItem::of(place, one))
    });
    List { items: items.collect(), links: Links::new().own(&*request.path) }
}

/// Applies the instructions to all flags they name in one change, or to none. Answers how many there were.
async fn once(ctx: &Ctx, request: &Request, patch: &Patch) -> Result<usize> {
    let Patch::Semantic(sent) = patch else { return Err(Error::missing("instructions")) };
    let user = request.param("userKey");
    let (environment, count) = (request.param("environmentKey"), sent.instructions.len());
    let mut states: IndexMap<String, (Found, FlagState)> = IndexMap::new();
    let with_user = with_user(sent, user);
    for instruction in with_user.iter() {
        let key: String = instruction.required("flagKey")?;
        if !states.contains_key(&key) {
            let found = load::find(ctx, request.param("projectKey"), &key, &[environment]).await?;
            let after = found.state.clone();
            states.insert(key.clone(), (found, after));
        }
        let Some((found, after)) = states.get_mut(&key) else { continue };
        let facts = load::facts(ctx, &found.project.value.key, Wanted::default()).await?;
        for config in after.configs.values_mut() {
            instructions::apply(config, &found.state.flag, ExpirySpelling::USERS, instruction, &facts)?;
        }
    }
    save(ctx, patch, states.into_values().collect()).await.map(|()| count)
}

/// The instructions with the user of the path in each.
fn with_user(sent: &Instructions, user: &str) -> Instructions {
    let mut sent = sent.clone();
    for instruction in sent.instructions.iter_mut().filter_map(Value::as_object_mut) {
        instruction.insert("userKey".to_owned(), user.into());
    }
    sent
}

async fn save(ctx: &Ctx, patch: &Patch, states: Vec<(Found, FlagState)>) -> Result<()> {
    let (mut all, mut target, mut description, mut writes) = (None::<Proofs>, None, String::new(), Vec::new());
    for (found, after) in states {
        let diff = Diff::between(&found.state, &after);
        let (project, environments) = (&found.project.value, found.environments());
        let proofs = access::authorise(ctx, project, &environments, &found.state.flag, &diff)?;
        let Some(mut proofs) = proofs else { continue };
        guard::check(ctx, &found, &diff, patch.comment(), &mut proofs)?;
        let about = audit::target(project, &after, &environments);
        description.push_str(&audit::sentence(&found.state, &after, &diff).1);
        match &mut all {
            None => all = Some(proofs),
            Some(all) => all.join(proofs),
        }
        match &mut target {
            None => target = Some(about),
            Some(target) => target.resources.extend(about.resources),
        }
        writes.push((found, after));
    }
    let (Some(proofs), Some(target)) = (all, target) else { return Ok(()) };
    let mut change = Change::new(proofs, "updated the flag", target)
        .description(description)
        .comment(patch.comment())
        .delta(patch.delta());
    for (found, mut after) in writes {
        let (project, flag) = (&found.project.value.key, &found.state.flag.key);
        for (env, config) in &mut after.configs {
            config.last_modified = ctx.app.clock.now();
            let expect = found.versions.get(env).map_or(Expect::Absent, |version| Expect::Version(*version));
            change.put(config_key(project, env, flag), expect, config, index::config(config))?;
        }
    }
    change.commit(ctx).await.map(drop)
}
