//! Conditions as SQL, within one scope.

use super::facets::Facets;
use crate::Predicate;
use crate::dialect::Dialect;
use crate::facts::{KEY, clean};
use crate::sql::Query;

/// Writes conditions for the fields of one scope.
pub(super) struct Matcher<'a> {
    pub(super) facets: &'a Facets,
    pub(super) dialect: &'static Dialect,
    /// Whether conditions are tested document by document, as a walk wants it. PostgreSQL would
    /// otherwise make a join of them, over all documents and with a sort behind.
    pub(super) one_by_one: bool,
}

impl Matcher<'_> {
    /// `SELECT key …`: the key of every document that matches, each once. `driver` says which part of
    /// a conjunction to start from.
    pub(super) fn keys(&self, sql: &mut Query, predicate: &Predicate, driver: Option<usize>) {
        match predicate {
            Predicate::And(parts) => {
                let start = driver.or_else(|| parts.iter().position(is_leaf));
                let Some(start) = start else { return self.all(sql, predicate) };
                self.drive(sql, &parts[start]);
                for (_, part) in parts.iter().enumerate().filter(|(i, _)| *i != start) {
                    sql.push(" AND ");
                    self.holds(sql, part);
                }
            }
            Predicate::Or(parts) if !parts.is_empty() && self.one_scan(parts).is_none() => {
                for (i, part) in parts.iter().enumerate() {
                    // Each side is wrapped: a conjunction within may itself be a union of selects.
                    sql.push(if i == 0 { "SELECT key FROM (" } else { " UNION SELECT key FROM (" });
                    self.keys(sql, part, None);
                    sql.push(") u");
                }
            }
            Predicate::Or(parts) if !parts.is_empty() => self.drive(sql, predicate),
            leaf if is_leaf(leaf) => self.drive(sql, leaf),
            other => self.all(sql, other),
        }
    }

    /// `SELECT k.key … WHERE …` for a leaf, or for alternatives that one scan answers; more conditions may follow.
    fn drive(&self, sql: &mut Query, part: &Predicate) {
        let Predicate::Or(parts) = part else { return self.select_leaf(sql, part) };
        let scanned = self.one_scan(parts).unwrap_or(KEY);
        sql.push("SELECT k.key FROM ix k WHERE k.facet = ").bind(self.facets.get(scanned).id).push(" AND (");
        for (i, leaf) in parts.iter().enumerate() {
            sql.push(if i == 0 { "" } else { " OR " });
            match leaf {
                leaf if field(leaf) == scanned => {
                    sql.push("(1 = 1");
                    self.value(sql, "k", leaf);
                    sql.push(")");
                }
                Predicate::TextContains { needle, .. } if field(leaf) == KEY => {
                    sql.push(self.dialect.position).push("(lower(k.key), ").bind(&*needle.to_lowercase()).push(") > 0");
                }
                other => self.holds(sql, other),
            }
        }
        sql.push(")");
    }

    /// The field along whose facts all these alternatives can be tested: one of which every document
    /// has one fact, where the others ask for text in the key, which stands beside every fact. (The
    /// engines' `lower` knows ASCII only, as keys do.)
    fn one_scan<'p>(&self, parts: &'p [Predicate]) -> Option<&'p str> {
        let scanned = parts.iter().filter(|part| is_leaf(part)).map(field).find(|field| *field != KEY)?;
        let facet = self.facets.get(scanned);
        let fits = |part: &Predicate| match part {
            Predicate::TextContains { field, needle } if field == KEY => needle.is_ascii(),
            part => is_leaf(part) && field(part) == scanned,
        };
        (facet.docs == self.facets.docs() && !facet.multi && parts.iter().all(fits)).then_some(scanned)
    }

    /// Whether the part is answered by scanning all facts of a field.
    pub(super) fn is_scan(&self, part: &Predicate) -> bool {
        match part {
            Predicate::TextContains { .. } => true,
            Predicate::Or(parts) => self.one_scan(parts).is_some(),
            _ => false,
        }
    }

    /// Every document of the scope, tested.
    fn all(&self, sql: &mut Query, predicate: &Predicate) {
        sql.push("SELECT k.key FROM ix k WHERE k.facet = ").bind(self.facets.get(KEY).id).push(" AND ");
        self.holds(sql, predicate);
    }

    fn select_leaf(&self, sql: &mut Query, leaf: &Predicate) {
        sql.push(if self.repeats(leaf) { "SELECT DISTINCT k.key" } else { "SELECT k.key" });
        sql.push(" FROM ix k WHERE ");
        self.leaf(sql, leaf);
    }

    /// Whether one document can have several facts that match.
    fn repeats(&self, leaf: &Predicate) -> bool {
        match leaf {
            Predicate::TextAnyOf { field, .. }
            | Predicate::TextContains { field, .. }
            | Predicate::TextStartsWith { field, .. } => self.facets.get(field).multi,
            _ => false,
        }
    }

    /// Whether the facts that match lie side by side in the index.
    pub(super) fn is_range(&self, predicate: &Predicate) -> bool {
        is_leaf(predicate) && !matches!(predicate, Predicate::TextContains { .. })
    }

    /// The condition on a row `k` of the index that makes it a fact of the kind asked for.
    pub(super) fn leaf(&self, sql: &mut Query, leaf: &Predicate) {
        let field = field(leaf);
        sql.push("k.facet = ").bind(self.facets.get(field).id);
        self.value(sql, "k", leaf);
    }

    /// What is asked of the fact's value.
    pub(super) fn value(&self, sql: &mut Query, row: &str, leaf: &Predicate) {
        let column = |sql: &mut Query, name: &str, compare: &str| {
            sql.push(" AND ").push(row).push(".").push(name).push(compare);
        };
        match leaf {
            Predicate::TextEq { value, .. } => {
                column(sql, "text", " = ");
                sql.bind(&*clean(value));
                column(sql, "num", " = 0");
            }
            Predicate::TextAnyOf { values, .. } => {
                let (open, close) = self.dialect.among;
                column(sql, "text", open);
                sql.bind(values.iter().map(|value| clean(value)).collect::<Vec<_>>()).push(close);
                // With it one fact is found at its place, whichever index a planner without statistics takes.
                column(sql, "num", " = 0");
            }
            Predicate::KeyIn(values) => {
                column(sql, "text", " IN (SELECT key FROM ");
                self.list(sql, values.iter().map(|value| clean(value)).collect());
                sql.push(" l)");
            }
            Predicate::TextContains { needle, .. } => {
                sql.push(" AND ").push(self.dialect.position).push("(COALESCE(").push(row).push(".low, ").push(row);
                sql.push(".text), ").bind(&*clean(&needle.to_lowercase())).push(") > 0");
            }
            Predicate::TextStartsWith { prefix, .. } => {
                column(sql, "text", " >= ");
                sql.bind(&*clean(prefix));
                if let Some(end) = after_all_with(prefix) {
                    column(sql, "text", " < ");
                    sql.bind(&*end);
                }
            }
            Predicate::NumberRange { min, max, .. } => {
                column(sql, "text", " = ''");
                if let Some(min) = min {
                    column(sql, "num", " >= ");
                    sql.bind(*min);
                }
                if let Some(max) = max {
                    column(sql, "num", " <= ");
                    sql.bind(*max);
                }
            }
            Predicate::Exists { .. } => column(sql, "n", " = 0"),
            Predicate::All | Predicate::And(_) | Predicate::Or(_) | Predicate::Not(_) => {}
        }
    }

    /// The condition on the document whose key is `k.key`.
    pub(super) fn holds(&self, sql: &mut Query, predicate: &Predicate) {
        match predicate {
            Predicate::All => {
                sql.push("1 = 1");
            }
            Predicate::And(parts) => self.join(sql, parts, " AND ", "1 = 1"),
            Predicate::Or(parts) => self.join(sql, parts, " OR ", "1 = 0"),
            Predicate::Not(inner) => {
                sql.push("NOT (");
                self.holds(sql, inner);
                sql.push(")");
            }
            Predicate::KeyIn(keys) => {
                sql.push("k.key IN (SELECT key FROM ");
                self.list(sql, keys.clone());
                sql.push(" l)");
            }
            leaf => {
                let is_given = matches!(leaf, Predicate::TextEq { .. } | Predicate::TextAnyOf { .. });
                sql.push("EXISTS (SELECT 1 FROM ix p").push(if is_given { "" } else { self.dialect.by_key });
                sql.push(" WHERE p.facet = ").bind(self.facets.get(field(leaf)).id);
                sql.push(" AND p.key = k.key");
                self.value(sql, "p", leaf);
                sql.push(if self.one_by_one { " LIMIT 1 OFFSET 0)" } else { ")" });
            }
        }
    }

    fn join(&self, sql: &mut Query, parts: &[Predicate], word: &str, none: &str) {
        if parts.is_empty() {
            sql.push(none);
            return;
        }
        sql.push("(");
        for (i, part) in parts.iter().enumerate() {
            sql.push(if i == 0 { "" } else { word });
            self.holds(sql, part);
        }
        sql.push(")");
    }

    /// A table of one column, `key`, made of a list.
    pub(super) fn list(&self, sql: &mut Query, values: Vec<String>) {
        let (open, close) = self.dialect.list;
        sql.push(open).bind(values).push(close);
    }
}

/// Whether the predicate asks for one fact.
pub(super) const fn is_leaf(predicate: &Predicate) -> bool {
    !matches!(predicate, Predicate::All | Predicate::And(_) | Predicate::Or(_) | Predicate::Not(_))
}

/// The field that a leaf asks about.
pub(super) fn field(leaf: &Predicate) -> &str {
    match leaf {
        Predicate::TextEq { field, .. }
        | Predicate::TextAnyOf { field, .. }
        | Predicate::TextContains { field, .. }
        | Predicate::TextStartsWith { field, .. }
        | Predicate::NumberRange { field, .. }
        | Predicate::Exists { field } => field,
        Predicate::KeyIn(_) | Predicate::All | Predicate::And(_) | Predicate::Or(_) | Predicate::Not(_) => KEY,
    }
}

/// The least text that is greater than every text with this prefix, if there is one.
pub(crate) fn after_all_with(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}
