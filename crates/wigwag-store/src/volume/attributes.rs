//! Names and values of attributes.

use super::Volume;
use super::facts::{WORDS, pointer};
use super::types::{SeenAttribute, SeenValue};
use crate::Result;
use crate::sql::{Query, Row};

/// Contexts of one value that are counted when its count is not kept.
const COUNTED: u64 = 100;

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

    /// Goes from each value to the next greater one: a step of the index each.
    async fn other_values(
        &self,
        attribute: i64,
        prefix: &str,
        limit: usize,
        values: &mut Vec<(String, u64)>,
    ) -> Result<()> {
        const FIRST: &str = "SELECT value FROM seen_facts WHERE attribute = $1 AND value >= $2 ORDER BY value LIMIT 1";
        const NEXT: &str = "SELECT value FROM seen_facts WHERE attribute = $1 AND value > $2 ORDER BY value LIMIT 1";
        const COUNT: &str = "SELECT COUNT(*) FROM
             (SELECT 1 AS one FROM seen_facts WHERE attribute = $1 AND value = $2 LIMIT $3) n";
        let (mut from, mut text, mut steps) = (prefix.to_owned(), FIRST, 0);
        while values.len() < limit && steps < 2 * limit {
            steps += 1;
            let query = Query::point(text, vec![attribute.into(), from.as_str().into()]);
            let found = self.rows(query, |row| Ok(row.text(0)?.to_owned())).await?.pop();
            let Some(value) = found.filter(|value| value.starts_with(prefix)) else { return Ok(()) };
            if !values.iter().any(|(known, _)| *known == value) {
                let params = vec![attribute.into(), value.as_str().into(), COUNTED.into()];
                let count = self.rows(Query::point(COUNT, params), |row| row.count(0)).await?.pop().unwrap_or(0);
                values.push((value.clone(), count));
            }
            (from, text) = (value, NEXT);
        }
        Ok(())
    }
}
