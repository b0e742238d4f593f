//! Finding the few contexts that a filter can match, by index. "Few" is what can be read, tested and
//! sorted in a few milliseconds; where an index has more, looking stops.

use super::Volume;
use super::facts::WORDS;
use super::filter::{ContextFilter, Test};
use super::index::Range;
use super::types::SeenKind;
use crate::Result;
use crate::sql::Query;
use futures_util::future::BoxFuture;

/// Contexts that are few.
pub(crate) const FEW: usize = 2000;

/// Ids that a filter can hold for at most; nothing if they may be many.
pub(crate) type Candidates = Option<Vec<i64>>;

impl Volume {
    /// Ids of all contexts that `filter` may hold for, if an index says that they are few.
    pub(super) fn few<'a>(
        &'a self,
        kinds: &'a [SeenKind],
        filter: &'a ContextFilter,
    ) -> BoxFuture<'a, Result<Candidates>> {
        Box::pin(async move {
            match filter {
                ContextFilter::All(list) => self.fewest(kinds, list).await,
                ContextFilter::Any(list) => self.union(kinds, list).await,
                ContextFilter::Not(_) | ContextFilter::Application(_) | ContextFilter::SeenSince(_) => Ok(None),
                ContextFilter::Key(keys) => self.by_keys(kinds, keys).await,
                ContextFilter::KeyPrefix(prefix) => self.by_key_prefix(kinds, prefix).await,
                ContextFilter::Kind(names) => self.by_kind(kinds, names).await,
                ContextFilter::KindKey(pairs) => self.by_pairs(kinds, pairs).await,
                ContextFilter::Attribute { kind, name, test } => {
                    self.by_attribute(kinds, kind.as_deref(), name, test).await
                }
                ContextFilter::Words(word) => self.by_attribute(kinds, None, WORDS, &Test::Prefix(word.clone())).await,
            }
        })
    }

    async fn fewest(&self, kinds: &[SeenKind], list: &[ContextFilter]) -> Result<Candidates> {
        let mut best: Candidates = None;
        for each in list {
            if let Some(found) = self.few(kinds, each).await?
                && best.as_ref().is_none_or(|best| found.len() < best.len())
            {
                best = Some(found);
            }
        }
        Ok(best)
    }

    async fn union(&self, kinds: &[SeenKind], list: &[ContextFilter]) -> Result<Candidates> {
        let mut all = Vec::new();
        for each in list {
            let Some(found) = self.few(kinds, each).await? else { return Ok(None) };
            all.extend(found);
        }
        Ok(Some(all).filter(|all| all.len() <= FEW))
    }

    async fn by_keys(&self, kinds: &[SeenKind], keys: &[String]) -> Result<Candidates> {
        let mut all = Vec::new();
        for kind in kinds {
            let mut query = Query::build();
            query
                .push("SELECT id FROM seen_contexts WHERE kind = ")
                .bind(kind.id)
                .push(" AND key IN ")
                .push(self.list().0);
            query.bind(keys.to_vec()).push(self.list().1).push(" LIMIT ").bind(FEW as u64 + 1);
            all.extend(self.rows(query, |row| row.int(0)).await?);
        }
        Ok(Some(all).filter(|all| all.len() <= FEW))
    }

    async fn by_pairs(&self, kinds: &[SeenKind], pairs: &[(String, String)]) -> Result<Candidates> {
        let mut all = Vec::new();
        for kind in kinds {
            let keys: Vec<String> =
                pairs.iter().filter(|(name, _)| *name == kind.name).map(|(_, key)| key.clone()).collect();
            if !keys.is_empty() {
                let Some(found) = self.by_keys(std::slice::from_ref(kind), &keys).await? else { return Ok(None) };
                all.extend(found);
            }
        }
        Ok(Some(all))
    }

    async fn by_key_prefix(&self, kinds: &[SeenKind], prefix: &str) -> Result<Candidates> {
        let mut all = Vec::new();
        for kind in kinds {
            let mut query = Query::build();
            query.push("SELECT id FROM seen_contexts WHERE kind = ").bind(kind.id);
            query.push(" AND key >= ").bind(prefix);
            if let Some(end) = crate::list::after_all_with(prefix) {
                query.push(" AND key < ").bind(&*end);
            }
            query.push(" LIMIT ").bind(FEW as u64 + 1);
            all.extend(self.rows(query, |row| row.int(0)).await?);
            if all.len() > FEW {
                return Ok(None);
            }
        }
        Ok(Some(all))
    }

    async fn by_kind(&self, kinds: &[SeenKind], names: &[String]) -> Result<Candidates> {
        let chosen: Vec<_> = kinds.iter().filter(|kind| names.contains(&kind.name)).collect();
        if chosen.iter().map(|kind| kind.contexts).sum::<u64>() > FEW as u64 {
            return Ok(None);
        }
        let mut all = Vec::new();
        for kind in chosen {
            let text = "SELECT id FROM seen_contexts WHERE kind = $1 ORDER BY last_seen DESC LIMIT $2";
            all.extend(
                self.rows(Query::long(text, vec![kind.id.into(), (FEW as u64 + 1).into()]), |row| row.int(0)).await?,
            );
        }
        Ok(Some(all).filter(|all| all.len() <= FEW))
    }

    async fn by_attribute(
        &self,
        kinds: &[SeenKind],
        kind: Option<&str>,
        name: &str,
        test: &Test,
    ) -> Result<Candidates> {
        let mut all = Vec::new();
        for kind in kinds.iter().filter(|each| kind.is_none_or(|kind| each.name == kind)) {
            let text = "SELECT id FROM seen_attributes WHERE kind = $1 AND name = $2";
            let found = self.rows(Query::point(text, vec![kind.id.into(), name.into()]), |row| row.int(0)).await?;
            for attribute in found {
                for range in ranges(attribute, test) {
                    let having = self.having(&range, FEW).await?;
                    if having.more {
                        return Ok(None);
                    }
                    all.extend(having.contexts());
                    if all.len() > FEW {
                        return Ok(None);
                    }
                }
            }
        }
        all.sort_unstable();
        all.dedup();
        Ok(Some(all))
    }
}

/// Where in the index the contexts are in which an attribute passes a test.
fn ranges(attribute: i64, test: &Test) -> Vec<Range> {
    match test {
        Test::Exists => vec![Range::all(attribute)],
        Test::AnyOf(values) => values.iter().map(|value| Range::exact(attribute, value)).collect(),
        Test::Prefix(prefix) => vec![Range::prefix(attribute, prefix)],
        Test::Below(bound) => vec![Range::below(attribute, *bound)],
        Test::Above(bound) => vec![Range::above(attribute, *bound)],
    }
}
