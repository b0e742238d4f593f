//! `cargo xtask fill`: a project with very many flags, for looking at pages of the console and measuring them.
//! Flags that were made through the API are copied below it, five hundred a commit.

use std::path::Path;

use anyhow::Context;
use wigwag::server::Outside;
use wigwag_api::flags::{config_index, flag_index};
use wigwag_model::doc::{Flag, FlagConfig, Kind};
use wigwag_store::{Commit, DocKey, IndexFacts, NewChange, Store, StoreConfig, Write};

const AT_ONCE: usize = 500;
const TEAMS: usize = 40;

/// A flag of the project with what it does in each environment: key, body and facts.
struct Pattern {
    flag: Flag,
    configs: Vec<(DocKey, String, IndexFacts)>,
}

/// Copies the flags of a project in turn until there are `count` copies, numbered in key and name, each made a
/// millisecond after the one before. What is archived or depends on other flags is not copied. The server must not be running.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let [dir, project, count] = arguments else { anyhow::bail!("cargo xtask fill DATA_DIR PROJECT COUNT") };
    let count: usize = count.parse().with_context(|| format!("{count} is not a number"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = Store::open(&StoreConfig::sqlite(Path::new(dir))).await?;
        let filled = fill(&store, project, count).await;
        store.close().await;
        filled
    })
}

async fn fill(store: &Store, project: &str, count: usize) -> anyhow::Result<()> {
    let (patterns, change) = patterns(store, project).await?;
    let newest = patterns.iter().map(|pattern| pattern.flag.created_at).max().unwrap_or_default();
    let ids = Outside::real().ids;
    let numbers: Vec<usize> = (0..count).collect();
    for some in numbers.chunks(AT_ONCE) {
        let mut writes = Vec::new();
        for n in some {
            writes.extend(copy(&patterns[n % patterns.len()], project, newest, *n)?);
        }
        let change = NewChange { id: ids.object_id(), ..change.clone() };
        store.commit(Commit::new(writes, change)).await?;
    }
    crate::say(&format!("{count} flags in project {project}"));
    Ok(())
}

/// The flags to copy, and the change that made the first of them: what the log says of the copies too.
async fn patterns(store: &Store, project: &str) -> anyhow::Result<(Vec<Pattern>, NewChange)> {
    let configs = store.scan(Kind::FlagConfig, Some(project), None).await?;
    let flags = store.scan(Kind::Flag, Some(project), None).await?;
    let mut patterns = Vec::new();
    for doc in &flags {
        let mut pattern = Pattern { flag: doc.decode()?, configs: Vec::new() };
        let mut left_out = pattern.flag.archived_at.is_some();
        for doc in configs.iter().filter(|config| config.key.key == doc.key.key) {
            let config: FlagConfig = doc.decode()?;
            left_out |= !config.prerequisites.is_empty();
            pattern.configs.push((doc.key.clone(), doc.body.to_string(), config_index(&config)));
        }
        if !left_out {
            patterns.push(pattern);
        }
    }
    let first = flags.first().filter(|_| !patterns.is_empty());
    let first = first.with_context(|| format!("project {project} has no flag to copy"))?;
    let row = store.change_at(first.created_seq).await?.context("a flag without its change")?;
    Ok((patterns, row.change))
}

fn copy(pattern: &Pattern, project: &str, newest: i64, n: usize) -> anyhow::Result<Vec<Write>> {
    let mut flag = pattern.flag.clone();
    flag.key = format!("{}-{n:05}", flag.key);
    flag.name = format!("{} {n}", flag.name);
    flag.tags.push(format!("team-{}", n % TEAMS));
    flag.views.clear();
    flag.created_at = newest + 1 + i64::try_from(n)?;
    let key = DocKey::in_project(Kind::Flag, project, flag.key.as_str());
    let mut writes = vec![Write::create(key, serde_json::to_string(&flag)?, flag_index(&flag))];
    for (key, body, facts) in &pattern.configs {
        let key = DocKey { key: flag.key.as_str().into(), ..key.clone() };
        writes.push(Write::create(key, body.clone(), facts.clone()));
    }
    Ok(writes)
}
