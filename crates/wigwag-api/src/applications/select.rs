//! Which applications or versions a list shows, and in what order.

use std::cmp::Ordering;

use wigwag_kit::filter::query::{self, Comparison, Expr, Op};
use wigwag_kit::sort::{self, Sort};
use wigwag_kit::{Request, Result};
use wigwag_model::clock::Millis;

const OPS: &[Op] = &[Op::Equals, Op::NotEquals, Op::AnyOf, Op::Contains, Op::StartsWith];

/// What `filter` and `sort` ask for.
pub(super) struct Select {
    filter: Expr,
    sort: Vec<Sort>,
}

impl Select {
    pub(super) fn of(request: &Request, fields: &[&str]) -> Result<Self> {
        let allowed: Vec<_> = fields.iter().map(|field| (*field, OPS)).collect();
        let filter = query::parse(request.query("filter").unwrap_or_default(), &allowed)?;
        Ok(Self { filter, sort: sort::parse(request, &["creationDate", "name"])? })
    }

    /// Whether the one with these fields is asked for.
    pub(super) fn wants(&self, field: impl Fn(&str) -> String) -> bool {
        holds(&self.filter, &field)
    }

    /// Sorts, by name if nothing else is asked for.
    pub(super) fn sort<T>(&self, all: &mut [T], created: impl Fn(&T) -> Millis, name: impl Fn(&T) -> String) {
        all.sort_by(|a, b| {
            let by = |sort: &Sort| {
                let order = if sort.field == "name" { name(a).cmp(&name(b)) } else { created(a).cmp(&created(b)) };
                if sort.descending { order.reverse() } else { order }
            };
            let asked = self.sort.iter().map(by).find(|order| order.is_ne());
            asked.unwrap_or(Ordering::Equal).then_with(|| name(a).cmp(&name(b)))
        });
    }
}

fn holds(filter: &Expr, field: &impl Fn(&str) -> String) -> bool {
    match filter {
        Expr::And(list) => list.iter().all(|each| holds(each, field)),
        Expr::Or(list) => list.iter().any(|each| holds(each, field)),
        Expr::Is(comparison) => compare(comparison, &field(&comparison.field)),
    }
}

fn compare(comparison: &Comparison, value: &str) -> bool {
    let mut wanted = comparison.texts().into_iter();
    match comparison.op {
        Op::NotEquals => wanted.all(|text| text != value),
        Op::Contains => wanted.any(|text| value.contains(&text)),
        Op::StartsWith => wanted.any(|text| value.starts_with(&text)),
        _ => wanted.any(|text| text == value),
    }
}
