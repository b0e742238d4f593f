//! Lists over several scopes: every document of the kind is looked at.

use super::bounds;
use super::predicate::{Matcher, field};
use crate::facts::{CREATED, KEY};
use crate::sql::{Query, doc_columns, doc_row};
use crate::{ListQuery, Listing, Predicate, Result, Store};

impl Store {
    pub(super) async fn list_wide(&self, query: &ListQuery<'_>) -> Result<Listing> {
        let facets = self.facets(query.kind, "", "").await?;
        let matcher = Matcher { facets: &facets, dialect: self.dialect(), one_by_one: false };
        let mut count = Query::build();
        count.push("SELECT count(*) FROM docs d");
        restrict(&mut count, &matcher, query);
        let total = self.one(count, |row| row.count(0)).await?.unwrap_or(0);
        let docs = self.rows(page(&matcher, query), doc_row).await?;
        Ok(Listing { docs, total })
    }
}

fn restrict(sql: &mut Query, matcher: &Matcher<'_>, query: &ListQuery<'_>) {
    sql.push(" WHERE d.deleted = 0 AND d.kind = ").bind(query.kind);
    if let Some(project) = query.project {
        sql.push(" AND d.project = ").bind(project);
    }
    if let Some(env) = query.env {
        sql.push(" AND d.env = ").bind(env);
    }
    sql.push(" AND ");
    holds(sql, matcher, &query.filter);
}

fn page(matcher: &Matcher<'_>, query: &ListQuery<'_>) -> Query {
    let (limit, offset) = bounds(query);
    let sorts = &query.sort;
    let mut sql = Query::build();
    sql.push(concat!("SELECT ", doc_columns!(), " FROM docs d"));
    for (i, sort) in sorts.iter().enumerate().filter(|(_, sort)| !built_in(&sort.field)) {
        sql.push(&format!(
            " LEFT JOIN facets f{i} ON f{i}.kind = d.kind AND f{i}.project = d.project AND f{i}.env = d.env
               AND f{i}.field = "
        ));
        sql.bind(&*sort.field);
        sql.push(&format!(" LEFT JOIN ix s{i} ON s{i}.facet = f{i}.id AND s{i}.key = d.key AND s{i}.n = 0"));
    }
    restrict(&mut sql, matcher, query);
    sql.push(" ORDER BY ");
    for (i, sort) in sorts.iter().enumerate() {
        let way = if sort.descending { " DESC" } else { "" };
        match &*sort.field {
            KEY => sql.push(&format!("d.key{way}, ")),
            CREATED => sql.push(&format!("d.created_seq{way}, ")),
            _ => sql.push(&format!("s{i}.key IS NULL, s{i}.text{way}, s{i}.num{way}, ")),
        };
    }
    let way = if sorts.last().is_some_and(|sort| sort.descending) { " DESC" } else { "" };
    sql.push(&format!("d.key{way}, d.project{way}, d.env{way} LIMIT ")).bind(limit).push(" OFFSET ").bind(offset);
    sql
}

fn built_in(field: &str) -> bool {
    field == KEY || field == CREATED
}

/// The condition on the document `d`.
fn holds(sql: &mut Query, matcher: &Matcher<'_>, predicate: &Predicate) {
    match predicate {
        Predicate::All => {
            sql.push("1 = 1");
        }
        Predicate::And(parts) => join(sql, matcher, parts, " AND ", "1 = 1"),
        Predicate::Or(parts) => join(sql, matcher, parts, " OR ", "1 = 0"),
        Predicate::Not(inner) => {
            sql.push("NOT (");
            holds(sql, matcher, inner);
            sql.push(")");
        }
        Predicate::KeyIn(keys) => {
            sql.push("d.key IN (SELECT key FROM ");
            matcher.list(sql, keys.clone());
            sql.push(" l)");
        }
        leaf => {
            sql.push(
                "EXISTS (SELECT 1 FROM facets f JOIN ix p ON p.facet = f.id WHERE f.kind = d.kind
                  AND f.project = d.project AND f.env = d.env AND p.key = d.key AND f.field = ",
            );
            sql.bind(field(leaf));
            matcher.value(sql, "p", leaf);
            sql.push(")");
        }
    }
}

fn join(sql: &mut Query, matcher: &Matcher<'_>, parts: &[Predicate], word: &str, none: &str) {
    if parts.is_empty() {
        sql.push(none);
        return;
    }
    sql.push("(");
    for (i, part) in parts.iter().enumerate() {
        sql.push(if i == 0 { "" } else { word });
        holds(sql, matcher, part);
    }
    sql.push(")");
}
