//! Lists: filter, sort, page and total over the index facts.
//!
//! Within one scope a filter that leaves few documents (up to [`FEW`]) is resolved to their keys
//! first, and the page is sorted from those. One that leaves many is counted, and the page is read by
//! walking the sort field's facts in order until enough match. Neither reads a document that is not
//! on the page. Lists over several scopes are rarer, and go through all documents of the kind.

mod facets;
mod given;
mod page;
mod predicate;
mod wide;

use crate::facts::KEY;
use crate::sql::{Query, Val, doc_row};
use crate::{Doc, ListQuery, Listing, Predicate, Result, Sort, Store};
use facets::Facets;
use page::Order;
use predicate::Matcher;
pub(crate) use predicate::after_all_with;

/// Matches up to which the keys are fetched and sorted, rather than walked to.
pub(crate) const FEW: usize = 1000;

impl Store {
    /// A page of the documents of a kind, and how many match in all.
    ///
    /// The total and the page are read one after the other: a change between the two can show.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(&self, query: &ListQuery<'_>) -> Result<Listing> {
        let Some((project, env)) = self.only_scope(query).await? else {
            return self.list_wide(query).await;
        };
        let facets = self.facets(query.kind, &project, &env).await?;
        if facets.docs() == 0 {
            return Ok(Listing { docs: Vec::new(), total: 0 });
        }
        Narrow { store: self, query, project, env, facets }.list().await
    }

    /// The one scope that the query is about: the one it names, or the only one there is.
    async fn only_scope(&self, query: &ListQuery<'_>) -> Result<Option<(Box<str>, Box<str>)>> {
        if let (Some(project), Some(env)) = (query.project, query.env) {
            return Ok(Some((project.into(), env.into())));
        }
        let mut scopes = self.rows(facets::scopes(query), |row| Ok((row.text(0)?.into(), row.text(1)?.into()))).await?;
        Ok(if scopes.len() > 1 { None } else { Some(scopes.pop().unwrap_or_default()) })
    }
}

/// A list within one scope.
struct Narrow<'a> {
    store: &'a Store,
    query: &'a ListQuery<'a>,
    project: Box<str>,
    env: Box<str>,
    facets: Facets,
}

impl Narrow<'_> {
    async fn list(&self) -> Result<Listing> {
        let order = Order::new(&self.query.sort, &self.facets);
        if matches!(self.query.filter, Predicate::All) {
            let docs = self.walk_or_gather(&order, self.facets.docs(), None).await?;
            return Ok(Listing { docs, total: self.facets.docs() });
        }
        let driver = self.driver().await?;
        let few = self.few(driver).await?;
        if few.is_empty() {
            return Ok(Listing { docs: Vec::new(), total: 0 });
        }
        if few.len() <= self.store.few() {
            let total = few.len() as u64;
            let docs = self.rows(self.gather(&order, Source::Keys(few))).await?;
            return Ok(Listing { docs, total });
        }
        let total = self.count(driver).await?;
        Ok(Listing { docs: self.walk_or_gather(&order, total, driver).await?, total })
    }

    /// The keys that match, up to one more than [`FEW`].
    async fn few(&self, driver: Option<usize>) -> Result<Vec<String>> {
        let mut query = Query::build();
        query.push("SELECT key FROM (");
        self.matcher().keys(&mut query, &self.query.filter, driver);
        query.push(") m LIMIT ").bind(self.store.few() as u64 + 1);
        self.store.rows(query, |row| Ok(row.text(0)?.to_owned())).await
    }

    async fn count(&self, driver: Option<usize>) -> Result<u64> {
        let mut query = Query::build();
        query.push("SELECT count(*) FROM (");
        self.matcher().keys(&mut query, &self.query.filter, driver);
        query.push(") m");
        Ok(self.store.one(query, |row| row.count(0)).await?.unwrap_or(0))
    }

    /// Which part of a conjunction to start from: the one with the fewest facts, as far as a short look
    /// tells; where all have many, one that has to be scanned anyway, lest it be tested one by one.
    async fn driver(&self) -> Result<Option<usize>> {
        let Predicate::And(parts) = &self.query.filter else { return Ok(None) };
        let matcher = self.matcher();
        let ranges: Vec<usize> = (0..parts.len()).filter(|i| matcher.is_range(&parts[*i])).collect();
        let scan = parts.iter().position(|part| matcher.is_scan(part));
        if ranges.len() + usize::from(scan.is_some()) < 2 {
            return Ok(ranges.first().copied().or(scan));
        }
        let many = (self.facets.docs() / 4).max(self.store.few() as u64);
        let mut query = Query::build();
        for (n, i) in ranges.iter().enumerate() {
            query.push(if n == 0 { "" } else { " UNION ALL " });
            query.push(&format!(
                "SELECT CAST({i} AS BIGINT) AS part, count(*) AS facts FROM (SELECT 1 FROM ix k WHERE "
            ));
            matcher.leaf(&mut query, &parts[*i]);
            query.push(" LIMIT ").bind(many).push(") c");
        }
        query.push(" ORDER BY facts, part LIMIT 1");
        let fewest = self.store.one(query, |row| Ok((row.count(0)? as usize, row.count(1)?))).await?;
        Ok(fewest.filter(|(_, facts)| scan.is_none() || *facts < many).map(|(part, _)| part).or(scan))
    }

    /// A page where many match: by walking if that promises to be short, and if it comes out whole.
    async fn walk_or_gather(&self, order: &Order, total: u64, driver: Option<usize>) -> Result<Vec<Doc>> {
        let offset = u64::from(self.query.offset);
        let wanted = self.query.limit.map_or(total, u64::from).min(total.saturating_sub(offset));
        if wanted == 0 {
            return Ok(Vec::new());
        }
        let all = total == self.facets.docs();
        if order.walkable() && (all || offset + wanted <= total / 4) {
            let docs = self.rows(self.walk(order)).await?;
            if docs.len() as u64 == wanted || order.complete() {
                return Ok(docs);
            }
        }
        self.rows(self.gather(order, Source::Matching(driver))).await
    }

    fn matcher(&self) -> Matcher<'_> {
        Matcher { facets: &self.facets, dialect: self.store.dialect(), one_by_one: false }
    }

    async fn rows(&self, query: Query) -> Result<Vec<Doc>> {
        self.store.rows(query, doc_row).await
    }
}

/// Where the documents to sort come from.
enum Source {
    /// These keys.
    Keys(Vec<String>),
    /// The filter, starting from this part of a conjunction.
    Matching(Option<usize>),
}

/// The sorts that decide within one scope: none after the key.
fn deciding(sorts: &[Sort]) -> &[Sort] {
    sorts.iter().position(|sort| sort.field == KEY).map_or(sorts, |i| &sorts[..=i])
}

/// The page's bounds.
fn bounds(query: &ListQuery<'_>) -> (Val, Val) {
    (query.limit.map_or(i64::MAX, i64::from).into(), i64::from(query.offset).into())
}
