//! The page: in the order of facts, by walking along them or by gathering and sorting.

use super::facets::{Facet, Facets};
use super::predicate::{Matcher, field};
use super::{Narrow, Source, bounds, deciding};
use crate::facts::KEY;
use crate::sql::{Query, doc_columns};
use crate::{Predicate, Sort};

/// The order asked for, with the fields looked up.
pub(super) struct Order {
    by: Vec<(String, Facet, bool)>,
    docs: u64,
}

impl Order {
    pub(super) fn new(sorts: &[Sort], facets: &Facets) -> Self {
        let mut by: Vec<_> =
            deciding(sorts).iter().map(|sort| (sort.field.clone(), facets.get(&sort.field), sort.descending)).collect();
        if by.is_empty() {
            by.push((KEY.into(), facets.get(KEY), false));
        }
        Self { by, docs: facets.docs() }
    }

    /// Whether the index is in this order.
    pub(super) fn walkable(&self) -> bool {
        self.by.len() == 1 && self.by[0].1.docs > 0
    }

    /// Whether every document has a fact in the field.
    pub(super) fn complete(&self) -> bool {
        self.by[0].1.docs == self.docs
    }

    /// The direction of the last sort, which orders what still ties.
    fn last(&self) -> &'static str {
        direction(self.by.last().is_some_and(|(_, _, descending)| *descending))
    }
}

const fn direction(descending: bool) -> &'static str {
    if descending { " DESC" } else { " ASC" }
}

const PAGE: &str = concat!("SELECT ", doc_columns!(), " FROM (");

impl Narrow<'_> {
    /// Reads the facts of the sort field in order until the page is full.
    pub(super) fn walk(&self, order: &Order) -> Query {
        let (sort_field, facet, descending) = &order.by[0];
        let way = direction(*descending);
        let (limit, offset) = bounds(self.query);
        let matcher = Matcher { one_by_one: true, ..self.matcher() };
        let mut sql = Query::build();
        sql.push(PAGE).push("SELECT k.text, k.num, k.key FROM ix k WHERE k.facet = ").bind(facet.id);
        sql.push(" AND k.n = 0");
        for part in conjuncts(&self.query.filter) {
            // A number has one fact: what is asked of the field we walk along bounds the walk.
            if matches!(part, Predicate::NumberRange { .. }) && field(part) == sort_field {
                matcher.value(&mut sql, "k", part);
            } else {
                sql.push(" AND ");
                matcher.holds(&mut sql, part);
            }
        }
        sql.push(" ORDER BY ");
        ordered(&mut sql, "k", way);
        sql.push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
        self.join_docs(&mut sql);
        ordered(&mut sql, "w", way);
        sql
    }

    /// Sorts all that match.
    pub(super) fn gather(&self, order: &Order, source: Source) -> Query {
        let (limit, offset) = bounds(self.query);
        let mut sql = Query::build();
        sql.push(PAGE).push("SELECT k.key");
        for i in 0..order.by.len() {
            let s = format!("s{i}");
            sql.push(&format!(", {s}.key IS NULL AS missing{i}, {s}.text AS text{i}, {s}.num AS num{i}"));
        }
        sql.push(" FROM ");
        match source {
            Source::Keys(keys) => self.matcher().list(&mut sql, keys),
            Source::Matching(driver) => {
                sql.push("(");
                self.matcher().keys(&mut sql, &self.query.filter, driver);
                sql.push(")");
            }
        }
        sql.push(" k");
        for (i, (_, facet, _)) in order.by.iter().enumerate() {
            sql.push(&format!(" LEFT JOIN ix s{i} ON s{i}.facet = ")).bind(facet.id);
            sql.push(&format!(" AND s{i}.key = k.key AND s{i}.n = 0"));
        }
        sql.push(" ORDER BY ");
        gathered(&mut sql, "", order);
        sql.push("k.key").push(order.last()).push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
        self.join_docs(&mut sql);
        gathered(&mut sql, "w.", order);
        sql.push("w.key").push(order.last());
        sql
    }

    /// Fetches the documents of the page `w`; what it is ordered by is to follow.
    fn join_docs(&self, sql: &mut Query) {
        // Crossed, which SQLite takes as an order: else it may go through all documents to find those of the page.
        sql.push(") w CROSS JOIN docs d WHERE d.kind = ")
            .bind(self.query.kind)
            .push(" AND d.project = ")
            .bind(&*self.project);
        sql.push(" AND d.env = ").bind(&*self.env).push(" AND d.key = w.key AND d.deleted = 0 ORDER BY ");
    }
}

fn conjuncts(filter: &Predicate) -> &[Predicate] {
    match filter {
        Predicate::And(parts) => parts,
        Predicate::All => &[],
        one => std::slice::from_ref(one),
    }
}

fn ordered(sql: &mut Query, from: &str, way: &str) {
    sql.push(&format!("{from}.text{way}, {from}.num{way}, {from}.key{way}"));
}

fn gathered(sql: &mut Query, from: &str, order: &Order) {
    for (i, (_, _, descending)) in order.by.iter().enumerate() {
        let way = direction(*descending);
        sql.push(&format!("{from}missing{i}, {from}text{i}{way}, {from}num{i}{way}, "));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::{ListQuery, Store, StoreConfig};
    use wigwag_model::doc::Kind;

    /// Whatever the planner of SQLite thinks of a page: it is short, and documents are many.
    #[tokio::test]
    async fn documents_are_found_by_the_keys_of_the_page() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreConfig::sqlite(dir.path())).await.unwrap();
        let query = ListQuery::in_project(Kind::Flag, "p").sort("name", false).page(20, 0);
        let query = query.filter(Predicate::eq("tags", "half"));
        let facets = store.facets(Kind::Flag, "p", "").await.unwrap();
        let list = Narrow { store: &store, query: &query, project: "p".into(), env: "".into(), facets };
        let order = Order::new(&query.sort, &list.facets);
        let keys = list.gather(&order, Source::Keys(vec!["a".into()]));
        for sql in [list.walk(&order), keys, list.gather(&order, Source::Matching(None))] {
            let plan = Query { text: format!("EXPLAIN QUERY PLAN {}", sql.text).into(), ..sql };
            let steps = store.rows(plan, |row| Ok(row.text(3)?.to_owned())).await.unwrap();
            let mut of_docs = steps.iter().filter(|step| step.split(' ').nth(1) == Some("d"));
            assert!(of_docs.next().is_some_and(|step| step.contains(" AND key=?")), "{steps:#?}");
        }
        store.close().await;
    }

    /// Tested document by document, a fact whose value is not given is found by the key.
    #[tokio::test]
    async fn facts_of_a_document_are_found_by_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreConfig::sqlite(dir.path())).await.unwrap();
        let field = || "name".to_owned();
        let text = Predicate::TextContains { field: field(), needle: "x".into() };
        let start = Predicate::TextStartsWith { field: field(), prefix: "x".into() };
        let range = Predicate::NumberRange { field: field(), min: Some(1), max: None };
        for tested in [text, start, range, Predicate::Exists { field: field() }, Predicate::eq("name", "x")] {
            let filter = Predicate::Not(Box::new(tested));
            let query = ListQuery::in_project(Kind::Flag, "p").sort("created", false).page(20, 0).filter(filter);
            let facets = store.facets(Kind::Flag, "p", "").await.unwrap();
            let list = Narrow { store: &store, query: &query, project: "p".into(), env: "".into(), facets };
            let order = Order::new(&query.sort, &list.facets);
            for sql in [list.walk(&order), list.gather(&order, Source::Matching(None))] {
                let plan = Query { text: format!("EXPLAIN QUERY PLAN {}", sql.text).into(), ..sql };
                let steps = store.rows(plan, |row| Ok(row.text(3)?.to_owned())).await.unwrap();
                let of_fact = steps.iter().find(|step| step.split(' ').nth(1) == Some("p")).expect("a look at a fact");
                assert!(of_fact.contains("key=?"), "{steps:#?}");
            }
        }
        store.close().await;
    }
}
