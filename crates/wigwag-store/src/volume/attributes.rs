//! Names and values of attributes.

use super::Volume;
use super::facts::{WORDS, pointer};
use super::index::{Range, value_of};
use super::types::{SeenAttribute, SeenValue};
use crate::Result;
use crate::sql::{Query, Row};

/// Contexts of one value that are counted when its count is not kept.
const COUNTED: usize = 100;

impl Volume {
    /// Attributes of the contexts of an environment that begin so, those that most contexts have first,
    /// at most so many of a kind.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn attributes(
        &self,
        env: &str,
        kind: Option<&str>,
        prefix: Option<&str>,
        limit: usize,
    ) -> Result<Vec<SeenAttribute>> {
        let mut all = Vec::new();
        for each in self.kinds(env).await?.into_iter().filter(|each| kind.is_none_or(|kind| each.name == kind)) {
            let mut query = Query::build();
            query.push("SELECT name, contexts, redacted FROM seen_attributes WHERE kind = ").bind(each.id);
            query.push(" AND name <> ").bind(WORDS).push(" AND (contexts > 0 OR redacted = 1)");
            if let Some(prefix) = prefix {
                let begin = pointer(prefix);
                query.push(" AND name >= ").bind(begin.as_str());
                if let Some(end) = crate::list::after_all_with(&begin) {
                    query.push(" AND name < ").bind(&*end);
                }
            }
            query.push(" ORDER BY contexts DESC, name LIMIT ").bind(limit as u64);
            let found = self.rows(query, |row: &Row<'_>| {
                Ok((row.text(0)?.to_owned(), row.int(1)?.max(0) as u64, row.int(2)? != 0))
            });
            let kind = each.name;
            all.extend(found.await?.into_iter().map(|(name, contexts, redacted)| SeenAttribute {
                kind: kind.clone(),
                name,
                contexts,
                redacted,
            }));
        }
        Ok(all)
    }

    /// Values of an attribute that begin so, those that most contexts have first, at most so many of a
    /// kind. With many different values only those that came first are counted; of the others, the ones
    /// that begin so are found by going from value to value.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn values(
        &self,
        env: &str,
        attribute: &str,
        kind: Option<&str>,
        prefix: Option<&str>,
        limit: usize,
    ) -> Result<Vec<SeenValue>> {
        let mut all = Vec::new();
        for each in self.kinds(env).await?.into_iter().filter(|each| kind.is_none_or(|kind| each.name == kind)) {
            let text = "SELECT id FROM seen_attributes WHERE kind = $1 AND name = $2";
            let found = self
                .rows(Query::point(text, vec![each.id.into(), pointer(attribute).as_str().into()]), |row| row.int(0));
            let Some(id) = found.await?.pop() else { continue };
            let mut values = self.counted_values(id, prefix, limit).await?;
            if values.len() < limit
                && let Some(prefix) = prefix
            {
                self.other_values(id, prefix, limit, &mut values).await?;
            }
            let kind = each.name;
            all.extend(values.into_iter().map(|(value, contexts)| SeenValue { kind: kind.clone(), value, contexts }));
        }
        Ok(all)
    }

    async fn counted_values(&self, attribute: i64, prefix: Option<&str>, limit: usize) -> Result<Vec<(String, u64)>> {
        let mut query = Query::build();
        query.push("SELECT value, contexts FROM seen_values WHERE attribute = ").bind(attribute);
        if let Some(prefix) = prefix {
            query.push(" AND value >= ").bind(prefix);
            if let Some(end) = crate::list::after_all_with(prefix) {
                query.push(" AND value < ").bind(&*end);
            }
        }
        query.push(" ORDER BY contexts DESC, value LIMIT ").bind(limit as u64);
        self.rows(query, |row| Ok((row.text(0)?.to_owned(), row.int(1)?.max(0) as u64))).await
    }

    /// Goes through the values that begin so, in order.
    async fn other_values(
        &self,
        attribute: i64,
        prefix: &str,
        limit: usize,
        values: &mut Vec<(String, u64)>,
    ) -> Result<()> {
        let mut range = Range::prefix(attribute, prefix);
        for _ in 0..2 * limit {
            let having = self.having(&range, COUNTED).await?;
            let mut last = None;
            for (term, contexts) in &having.terms {
                let Some(value) = value_of(term) else { continue };
                last = Some(value);
                if values.len() < limit && !values.iter().any(|(known, _)| known == value) {
                    values.push((value.to_owned(), contexts.len() as u64));
                }
            }
            let Some(last) = last.filter(|_| having.more && values.len() < limit) else { break };
            range = Range::prefix_after(attribute, prefix, last);
        }
        Ok(())
    }
}
