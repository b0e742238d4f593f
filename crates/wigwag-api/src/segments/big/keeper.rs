//! What imports leave behind: those that broke off are noted as stopped, and what is in force no more goes.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use wigwag_kit::change::Target;
use wigwag_kit::resource::retried;
use wigwag_kit::{App, Change, Ctx, Error, Proofs, Result, Spec};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Kind, SegmentImport, TransferStatus};
use wigwag_store::{DocKey, Expect, IndexFacts, Store};

use super::import::{SINCE, WAITING};
use crate::common::system;

/// Members that are moved or deleted in one transaction.
const CHUNK: u64 = 5_000;
/// How often to look.
const EVERY: Duration = Duration::from_secs(60);
/// An import that has stored nothing for so long is nobody's any more, in milliseconds.
const LEASE: Millis = 5 * 60 * 1000;
/// How long an import may wait to be put in force, in milliseconds.
const WAIT: Millis = 30 * 24 * 60 * 60 * 1000;

/// Folds and throws away what is left over, until nothing is.
pub(super) async fn tidy(store: &Store) {
    loop {
        match store.tidy_members(CHUNK).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!("members that are in force no more are left for later: {error}");
                return;
            }
        }
    }
}

/// Notes an import as stopped, unless it has ended.
pub(super) async fn stop(ctx: &Ctx, key: &DocKey) -> Result<()> {
    retried(false, || async {
        let Some(doc) = ctx.store().get(key).await? else { return Ok(()) };
        let import: SegmentImport = doc.decode()?;
        if matches!(import.status, TransferStatus::Complete | TransferStatus::Stopped) {
            return Ok(());
        }
        let stopped = SegmentImport { status: TransferStatus::Stopped, ..import };
        let ctx = system(Arc::clone(&ctx.app));
        let spec = Spec::project(&key.project, &[]).env(&key.env, &[], false).then("segment", &stopped.segment, &[]);
        let proof = ctx.authorise("updateIncluded", &spec)?;
        let target = Target {
            kind: "segment".to_owned(),
            name: stopped.segment.clone(),
            resources: vec![spec.to_string()],
            href: wigwag_kit::links::path(&["segments", &key.project, &key.env, &stopped.segment]),
            site: String::new(),
            project: key.project.to_string(),
            environment: None,
            document: None,
        };
        let mut change = Change::new(Proofs::of(proof), "stopped an import for the segment", target).unlisted();
        change.put(key.clone(), Expect::Version(doc.version), &stopped, IndexFacts::new())?;
        change.commit(&ctx).await.map(drop)
    })
    .await
}

/// Stops imports whose process is gone and throws away what they staged, and whatever else nobody fills any more.
/// `just_started`: this process has begun none yet.
///
/// # Errors
/// The store cannot be reached.
pub async fn settle(app: &Arc<App>, just_started: bool) -> Result<()> {
    let (ctx, store) = (system(Arc::clone(app)), &app.store);
    let now = app.clock.now();
    let gone = |touched_at: Millis| (just_started && store.is_alone()) || touched_at < now.saturating_sub(LEASE);
    let imports = imports(store).await?;
    let waits = |import: &SegmentImport| {
        import.status == TransferStatus::Ready && import.created_at >= now.saturating_sub(WAIT)
    };
    let waiting: HashSet<i64> = imports.iter().filter(|(_, import)| waits(import)).map(|(_, one)| one.set).collect();
    let staged = store.staged_members().await?;
    let (gone, alive): (Vec<_>, Vec<_>) =
        staged.into_iter().partition(|one| gone(one.touched_at) && !waiting.contains(&one.set.0));
    for one in gone {
        store.discard_members(one.set).await?;
    }
    for (key, import) in imports {
        // What is staged no more was deleted with its segment.
        if !alive.iter().any(|one| one.set.0 == import.set) {
            stop(&ctx, &key).await?;
        }
    }
    tidy(store).await;
    Ok(())
}

/// The imports that have not ended.
async fn imports(store: &Store) -> Result<Vec<(DocKey, SegmentImport)>> {
    let mut keys = store.due(Kind::SegmentImport, SINCE, Millis::MAX).await?;
    keys.extend(store.due(Kind::SegmentImport, WAITING, Millis::MAX).await?);
    let docs = store.get_many(&keys).await?;
    docs.into_iter().flatten().map(|doc| Ok((doc.key.clone(), doc.decode()?))).collect()
}

/// Looks after imports for as long as the process runs.
pub struct Keeper(Arc<App>);

impl Keeper {
    /// For this process.
    #[must_use]
    pub const fn new(app: Arc<App>) -> Self {
        Self(app)
    }

    /// Goes on for ever. It may be dropped at any point.
    pub async fn run(self) {
        let mut just_started = true;
        loop {
            match settle(&self.0, just_started).await {
                Ok(()) => just_started = false,
                Err(Error::Unavailable) => {}
                Err(error) => tracing::warn!("imports cannot be looked after: {error}"),
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}
