//! Doing an import: staging its keys, and putting them in force.

use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Proofs, Result};
use wigwag_model::doc::{ImportMode, SegmentImport, TransferStatus};
use wigwag_store::{DocKey, Expect, MemberSet};

use super::{facts, in_the_way, key, op, said};
use crate::segments::big::keys::Keys;
use crate::segments::big::{change, check, keeper};
use crate::segments::load::{self, Found};
use crate::segments::{audit, write};

/// Keys staged in one transaction: the writer is busy with them for a few milliseconds.
pub(super) const CHUNK: usize = 5_000;

/// An import that is being done.
pub(super) struct Work {
    pub(super) ctx: Ctx,
    pub(super) owner: DocKey,
    pub(super) import: SegmentImport,
    /// Version of its document, once there is one.
    pub(super) written: Option<u64>,
}

impl Work {
    /// Does all of it, as one change.
    pub(super) async fn all(self, keys: Keys) -> Result<()> {
        let done = self.fill_and_end(keys).await;
        match done {
            Err(_) => self.discard().await,
            // Nobody waits for the leftovers.
            Ok(()) => drop(tokio::spawn(async move { keeper::tidy(self.ctx.store()).await })),
        }
        done
    }

    /// Notes that it is under way and goes on in the background.
    pub(super) async fn start(mut self, keys: Keys) -> Result<()> {
        match self.note().await {
            Ok(version) => self.written = Some(version),
            Err(error) => {
                self.discard().await;
                return Err(error);
            }
        }
        tokio::spawn(async move {
            if let Err(error) = self.fill_and_end(keys).await {
                tracing::warn!(import = self.import.id, segment = %self.owner, "an import is stopped: {error}");
                self.discard().await;
                let stopped = keeper::stop(&self.ctx, &self.import_key()).await;
                if let Err(error) = stopped {
                    tracing::warn!(import = self.import.id, "it cannot be noted as stopped now: {error}");
                }
            }
            keeper::tidy(self.ctx.store()).await;
        });
        Ok(())
    }

    async fn note(&self) -> Result<u64> {
        match self.record("began an import for the segment", Expect::Absent, &self.import).await {
            Err(Error::Conflict(_)) => Err(in_the_way()),
            other => other,
        }
    }

    /// Writes the document of the import, and nothing else; answers its version.
    async fn record(&self, verb: &str, expect: Expect, import: &SegmentImport) -> Result<u64> {
        let found = self.find().await?;
        let proof = self.ctx.authorise("updateIncluded", &found.spec())?;
        let target = audit::target(&found.project.value, &found.environment, &found.segment);
        let mut change = Change::new(Proofs::of(proof), verb, target).unlisted();
        change.put(self.import_key(), expect, import, facts(&self.owner, import))?;
        change.require(self.owner.clone(), Expect::Live);
        let committed = change.commit(&self.ctx).await?;
        Ok(committed.versions.first().copied().unwrap_or(1))
    }

    /// What is written of its document so far.
    fn expected(&self) -> Expect {
        self.written.map_or(Expect::Absent, Expect::Version)
    }

    async fn fill_and_end(&self, mut keys: Keys) -> Result<()> {
        let store = self.ctx.store();
        loop {
            let chunk = keys.take(CHUNK)?;
            if chunk.is_empty() {
                break;
            }
            if !store.stage_more(self.set(), chunk, self.ctx.app.clock.now()).await? {
                return Err(Error::Conflict("The segment was deleted, or the import stopped, meanwhile".to_owned()));
            }
        }
        if self.import.status == TransferStatus::Preparing {
            return retried(false, || self.wait()).await;
        }
        retried(false, || self.switch()).await
    }

    /// Notes that it is staged and waits.
    async fn wait(&self) -> Result<()> {
        let ready = SegmentImport { status: TransferStatus::Ready, ..self.import.clone() };
        self.record("prepared an import for the segment", self.expected(), &ready).await.map(drop)
    }

    /// Puts the keys in force: the segment, its members and the import, all at once.
    async fn switch(&self) -> Result<()> {
        let mut found = self.find().await?;
        let proof = self.ctx.authorise("updateIncluded", &found.spec())?;
        if self.import.mode == ImportMode::Replace && self.ctx.store().member_counts(&self.owner).await?.included > 0 {
            // Copies elsewhere cannot be told one by one who is no member any more: they begin anew.
            found.segment.generation = found.segment.generation.saturating_add(1);
        }
        let done = SegmentImport { status: TransferStatus::Complete, ..self.import.clone() };
        let mut change = change(&found, Proofs::of(proof), said(&done), vec![op(&done)]);
        change.put(self.import_key(), self.expected(), &done, facts(&self.owner, &done))?;
        let staged = self.ctx.store().staged_members().await?;
        if !staged.iter().any(|staged| staged.set == self.set()) {
            return Err(Error::Conflict("The segment was deleted, or the import stopped, meanwhile".to_owned()));
        }
        let after = found.segment.clone();
        write::save(&self.ctx, change, found, after, Vec::new()).await.map(drop)
    }

    async fn find(&self) -> Result<Found> {
        let DocKey { project, env, key, .. } = &self.owner;
        let found = load::find(&self.ctx, project, env, key).await?;
        check(&found)?;
        Ok(found)
    }

    async fn discard(&self) {
        if let Err(error) = self.ctx.store().discard_members(self.set()).await {
            tracing::warn!(import = self.import.id, "what was staged is left for later: {error}");
        }
    }

    const fn set(&self) -> MemberSet {
        MemberSet(self.import.set)
    }

    fn import_key(&self) -> DocKey {
        key(&self.owner.project, &self.owner.env, &self.import.id)
    }
}
