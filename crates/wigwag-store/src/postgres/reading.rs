//! What is read of documents and of the log: from memory while that is as new as anything known, else from the database.

use super::look::{self, Look};
use super::{Postgres, queue};
use crate::plan::Head;
use crate::read::feed;
use crate::recent::Recent;
use crate::sql::{Query, Row, Val};
use crate::{Doc, DocKey, FeedRow, Result, StoreError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wigwag_model::doc::Kind;

/// How long a look at the end of the log may take.
const LOOK_WITHIN: Duration = Duration::from_secs(2);
/// Changes that a reader of documents waits for to be taken in; where there are more it asks the database.
const NEAR: u64 = 16;
/// Changes that are taken in at once.
const AT_ONCE: usize = 64;
/// Changes after which following begins anew.
const FAR: u64 = 1024;

impl Postgres {
    /// Makes the end of the log known. Those who ask while one look is under way share the next.
    pub(crate) async fn look(&self) -> Result<()> {
        let asked = Instant::now();
        let mut looked = self.looked.lock().await;
        if let Some((began, outcome)) = looked.as_ref()
            && *began > asked
        {
            return outcome.clone();
        }
        let began = Instant::now();
        let found = tokio::time::timeout(LOOK_WITHIN, self.newest()).await;
        let found = found.unwrap_or_else(|_| Err(StoreError::Unavailable("the end of the log is not known".into())));
        if found.is_err() {
            self.followed.not_seen();
        }
        let outcome = found.and_then(|newest| {
            let head = self.head.upgrade().ok_or(StoreError::Closed)?;
            queue::publish(&head, newest.seq);
            Ok(())
        });
        *looked = Some((began, outcome.clone()));
        outcome
    }

    /// The end of the log. What was taken in of it is seen to be in it.
    async fn newest(&self) -> Result<Head> {
        let look = Look::from(&self.followed);
        let rows = self.pools.look(&look.query(), &self.connector).await?;
        let found = rows.iter().map(|row| look::row(&Row::Postgres(row))).collect::<Result<_>>()?;
        look.seen(&self.followed, found)
    }

    /// Comes when changes were found missing.
    pub(crate) async fn changes_lost(&self) {
        let mut losses = self.followed.losses();
        // An error would mean that the store is gone, which it is not.
        let _lost = losses.wait_for(|lost| *lost).await;
    }

    /// Takes in what others wrote, up to the newest change that is known of. Those who ask meanwhile share it.
    async fn follow(&self) -> Result<()> {
        let head = self.known_head()?;
        let _one_at_a_time = self.following.lock().await;
        if head.saturating_sub(self.followed.position().end.seq) >= FAR {
            let newest = self.newest().await?;
            self.followed.skip_to(newest);
        }
        loop {
            let position = self.followed.position();
            if position.end.seq >= head {
                return Ok(());
            }
            let rows = self.note(feed::query(position.end.seq, AT_ONCE), feed::row).await?;
            if rows.is_empty() {
                return Ok(());
            }
            self.followed.read(&position, feed::gathered(rows));
        }
    }

    /// The newest change that this process knows of.
    fn known_head(&self) -> Result<u64> {
        Ok(*self.head.upgrade().ok_or(StoreError::Closed)?.borrow())
    }

    /// What is kept in memory, if that is as new as anything known; up to `near` changes are waited for.
    async fn recent(&self, near: u64) -> Option<&Recent> {
        let head = self.known_head().ok()?;
        let behind = head.saturating_sub(self.followed.position().end.seq);
        if behind > 0
            && (behind <= near || behind >= FAR)
            && let Err(error) = self.follow().await
        {
            tracing::debug!("the log is not followed: {error}");
        }
        self.followed.recent(head)
    }

    /// The documents under several keys as they are at one moment; `text` reads them.
    pub(crate) async fn docs(
        &self,
        keys: &[DocKey],
        text: &'static str,
        map: fn(&Row<'_>) -> Result<Doc>,
    ) -> Result<Vec<Option<Doc>>> {
        if let Some(found) = self.recent(NEAR).await.and_then(|recent| recent.get(keys)) {
            return Ok(found);
        }
        let (position, stood_in) = (self.followed.position(), self.pools.stood_in());
        let part =
            |part: fn(&DocKey) -> &str| Val::from(keys.iter().map(|key| part(key).to_owned()).collect::<Vec<_>>());
        let params = vec![part(|k| k.kind.as_str()), part(|k| &k.project), part(|k| &k.env), part(|k| &k.key)];
        let found = self.rows(Query::point(text, params), map).await?;
        let found: HashMap<DocKey, Doc> = found.into_iter().map(|doc| (doc.key.clone(), doc)).collect();
        let found: Vec<_> = keys.iter().map(|key| found.get(key).cloned()).collect();
        // A replica may be behind.
        if self.pools.stood_in() == stood_in {
            self.followed.keep(&position, keys, &found);
        }
        Ok(found)
    }

    /// The few documents that a project itself has of a kind; `query` reads them.
    pub(crate) async fn few(
        &self,
        kind: Kind,
        project: &str,
        query: Query,
        map: fn(&Row<'_>) -> Result<Doc>,
    ) -> Result<Vec<Doc>> {
        if let Some(found) = self.recent(NEAR).await.and_then(|recent| recent.list(kind, project)) {
            return Ok(found.to_vec());
        }
        let (position, stood_in) = (self.followed.position(), self.pools.stood_in());
        let found: Arc<[Doc]> = self.rows(query, map).await?.into();
        if self.pools.stood_in() == stood_in {
            self.followed.keep_list(&position, kind, project, &found);
        }
        Ok(found.to_vec())
    }

    /// The changes after `after`, if memory reaches back so far.
    pub(crate) async fn recent_feed(&self, after: u64, limit: usize) -> Option<Vec<FeedRow>> {
        self.recent(FAR).await?.feed(after, limit)
    }
}
