//! Waiting for changes that concern somebody.

use std::time::Duration;

use tokio::sync::watch;
use wigwag_model::doc::Kind;
use wigwag_store::Store;

/// Follows the log for work that looks at all there is, and again when something changed. Most changes are none of
/// its business, which is found out without reading the database where the end of the log is in memory.
pub(crate) struct News {
    store: Store,
    head: watch::Receiver<u64>,
    looked: u64,
}

impl News {
    pub(crate) fn of(store: &Store) -> Self {
        Self { store: store.clone(), head: store.watch(), looked: 0 }
    }

    /// To be called before all there is is looked at.
    pub(crate) fn look(&mut self) {
        self.looked = *self.head.borrow_and_update();
    }

    /// Comes `burst` after a document of one of these kinds was written since that look; with no kinds named, after
    /// any change. False once the store is closed. May be dropped at any point.
    pub(crate) async fn come(&mut self, kinds: &[Kind], burst: Duration) -> bool {
        loop {
            if self.head.changed().await.is_err() {
                return false;
            }
            tokio::time::sleep(burst).await;
            let newest = *self.head.borrow_and_update();
            // Where what was written cannot be learnt, a look may tell why.
            if kinds.is_empty()
                || !self.store.written(self.looked, newest, kinds).await.is_ok_and(|written| written.is_empty())
            {
                return true;
            }
            self.looked = newest;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use wigwag_store::{Commit, DocKey, Expect, IndexFacts, NewChange, Write, WriteOp};

    use super::*;

    async fn write(store: &Store, kind: Kind, id: &str) {
        let op = WriteOp::Put { body: "{}".to_owned(), index: IndexFacts::new() };
        let write = Write { key: DocKey::account(kind, "a"), expect: Expect::Any, op };
        store.commit(Commit::new(vec![write], NewChange { id: id.to_owned(), ..NewChange::default() })).await.unwrap();
    }

    /// Whether news come at once, without those that are still to be made.
    async fn come(news: &mut News, kinds: &[Kind]) -> bool {
        tokio::time::timeout(Duration::from_millis(50), news.come(kinds, Duration::ZERO)).await.unwrap_or(false)
    }

    #[tokio::test]
    async fn only_what_concerns_somebody_is_news() {
        let store = Store::temporary().await.unwrap();
        let mut news = News::of(&store);
        write(&store, Kind::Team, "1").await;
        news.look();
        write(&store, Kind::Member, "2").await;
        assert!(!come(&mut news, &[Kind::Team]).await, "the team was looked at, and the member is of no interest");
        write(&store, Kind::Team, "3").await;
        write(&store, Kind::Member, "4").await;
        assert!(news.come(&[Kind::Team, Kind::Token], Duration::ZERO).await);
        news.look();
        write(&store, Kind::Member, "5").await;
        assert!(news.come(&[], Duration::ZERO).await, "any change");
        news.look();
        store.close().await;
        assert!(!news.come(&[], Duration::ZERO).await);
    }
}
