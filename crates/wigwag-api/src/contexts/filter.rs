//! The filter language of contexts and instances (behaviour.md 5, grammar B).

use std::collections::BTreeSet;

use serde_json::Value;
use wigwag_kit::filter::query::{Allowed, Comparison, Expr, Op};
use wigwag_kit::{Ctx, Error, Result};
use wigwag_store::volume::{ContextFilter, InstanceFilter, PageOf, Test};

const NAMED: &[Op] = &[Op::Equals, Op::NotEquals, Op::AnyOf];
const LISTED: &[Op] = &[Op::Equals, Op::AnyOf, Op::Contains];

/// Fields of contexts.
pub(super) const CONTEXT: &[Allowed<'_>] = &[
    ("applicationId", NAMED),
    ("id", NAMED),
    ("key", &[Op::Equals, Op::NotEquals, Op::AnyOf, Op::StartsWith]),
    ("kind", NAMED),
    ("kinds", LISTED),
    ("kindKey", NAMED),
    ("kindKeys", LISTED),
    ("q", &[Op::Equals]),
    ("name", &[Op::Equals, Op::NotEquals, Op::Exists, Op::AnyOf, Op::StartsWith]),
    ("*.*", &[Op::Equals, Op::NotEquals, Op::AnyOf, Op::Exists, Op::StartsWith, Op::Before, Op::After]),
];

/// Fields of instances.
pub(super) const INSTANCE: &[Allowed<'_>] =
    &[("applicationId", NAMED), ("id", NAMED), ("kinds", LISTED), ("kindKeys", LISTED)];

/// The one field where what is listed is named in the path.
pub(super) const APPLICATION: &[Allowed<'_>] = &[("applicationId", NAMED)];

/// Instances whose contexts an `id` stands for, at most.
const IDS: usize = 100;

type Pair = (String, String);

/// What a filter of contexts asks for in the environment with this id.
///
/// # Errors
/// 400: a value of the wrong type. The store cannot be read.
pub(super) async fn contexts(ctx: &Ctx, environment_id: &str, expr: &Expr) -> Result<ContextFilter> {
    let mut ids = Vec::new();
    named_ids(expr, &mut ids);
    let mut known = Vec::new();
    if !ids.is_empty() {
        let page = PageOf { limit: IDS, after: None, ascending: false, count: false };
        let found = ctx.store().volume().instances(environment_id, &InstanceFilter::Id(ids), page).await?;
        known = found.items.into_iter().map(|found| (found.hash, parts(&found.body))).collect();
    }
    context(expr, &known)
}

/// Ids that a filter names.
fn named_ids(expr: &Expr, ids: &mut Vec<String>) {
    match expr {
        Expr::And(list) | Expr::Or(list) => list.iter().for_each(|each| named_ids(each, ids)),
        Expr::Is(is) if is.field == "id" => ids.extend(is.texts()),
        Expr::Is(_) => {}
    }
}

/// Kinds and keys of an instance.
fn parts(body: &str) -> Vec<Pair> {
    let context = wigwag_model::context::Context::from_json(body.as_bytes());
    let parts = context.map(|context| context.parts().to_vec()).unwrap_or_default();
    parts.iter().map(|part| (part.kind().as_str().to_owned(), part.key().to_owned())).collect()
}

fn context(expr: &Expr, known: &[(String, Vec<Pair>)]) -> Result<ContextFilter> {
    let each = |list: &[Expr]| list.iter().map(|each| context(each, known)).collect::<Result<Vec<_>>>();
    match expr {
        Expr::And(list) => Ok(ContextFilter::All(each(list)?)),
        Expr::Or(list) => Ok(ContextFilter::Any(each(list)?)),
        Expr::Is(is) => one(is, known),
    }
}

fn one(is: &Comparison, known: &[(String, Vec<Pair>)]) -> Result<ContextFilter> {
    let texts = is.texts();
    let plain = match is.field.as_str() {
        "applicationId" => ContextFilter::Application(texts),
        "id" => {
            let pairs = known.iter().filter(|(id, _)| texts.contains(id)).flat_map(|(_, pairs)| pairs.clone());
            ContextFilter::KindKey(pairs.collect())
        }
        "key" if is.op == Op::StartsWith => ContextFilter::KeyPrefix(text(is)?),
        "key" => ContextFilter::Key(texts),
        "kind" => ContextFilter::Kind(texts),
        "kindKey" => ContextFilter::KindKey(pairs(is)?),
        "kinds" => ContextFilter::Kind(lone(is, texts)),
        "kindKeys" => ContextFilter::KindKey(lone(is, pairs(is)?)),
        "q" => ContextFilter::All(texts.iter().map(|text| ContextFilter::words(text)).collect()),
        "name" => return attribute(None, "name", is),
        dotted => {
            let (kind, name) = dotted.split_once('.').unwrap_or(("*", dotted));
            return attribute(Some(kind).filter(|kind| *kind != "*"), name, is);
        }
    };
    Ok(if is.op == Op::NotEquals { ContextFilter::Not(Box::new(plain)) } else { plain })
}

/// A context is of one kind: of several that it should all have, it has none.
fn lone<T: PartialEq>(is: &Comparison, mut values: Vec<T>) -> Vec<T> {
    if is.op != Op::AnyOf {
        values.dedup();
        if values.len() > 1 {
            values.clear();
        }
    }
    values
}

fn attribute(kind: Option<&str>, name: &str, is: &Comparison) -> Result<ContextFilter> {
    let test = |test| match name {
        "key" | "/key" => keyed(kind, test),
        _ => ContextFilter::attribute(kind, name, test),
    };
    let of_kind = |filter: ContextFilter| match kind {
        Some(kind) => ContextFilter::All(vec![ContextFilter::Kind(vec![kind.to_owned()]), filter]),
        None => filter,
    };
    let absent = |present: ContextFilter| of_kind(ContextFilter::Not(Box::new(present)));
    let values = || is.values.iter().map(|value| comparable(is, value)).collect::<Result<Vec<_>>>();
    // A list has all its items; which it has besides is not looked at.
    let all = |values: Vec<String>| {
        ContextFilter::All(values.into_iter().map(|value| test(Test::AnyOf(vec![value]))).collect())
    };
    Ok(match is.op {
        Op::Equals => all(values()?),
        Op::NotEquals => absent(all(values()?)),
        Op::AnyOf | Op::Contains => test(Test::AnyOf(values()?)),
        Op::StartsWith => test(Test::Prefix(text(is)?)),
        Op::Exists => match is.values.first().and_then(Value::as_bool) {
            Some(true) => test(Test::Exists),
            Some(false) => absent(test(Test::Exists)),
            None => return Err(Error::field("filter", format_args!("{} exists takes true or false", is.field))),
        },
        Op::Before => test(Test::Below(moment(is)?)),
        Op::After => test(Test::Above(moment(is)?)),
    })
}

/// The key, asked for as an attribute.
fn keyed(kind: Option<&str>, test: Test) -> ContextFilter {
    let key = match test {
        Test::AnyOf(keys) => ContextFilter::Key(keys),
        Test::Prefix(prefix) => ContextFilter::KeyPrefix(prefix),
        Test::Exists => ContextFilter::every(),
        Test::Below(_) | Test::Above(_) => ContextFilter::Any(Vec::new()),
    };
    let kind = kind.map(|kind| ContextFilter::Kind(vec![kind.to_owned()]));
    ContextFilter::All(kind.into_iter().chain([key]).collect())
}

fn comparable(is: &Comparison, value: &Value) -> Result<String> {
    ContextFilter::text(value)
        .ok_or_else(|| Error::field("filter", format_args!("{} takes a text, a number, true or false", is.field)))
}

fn text(is: &Comparison) -> Result<String> {
    match is.texts().as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(Error::field("filter", format_args!("{} {} takes one value", is.field, is.op.as_str()))),
    }
}

fn moment(is: &Comparison) -> Result<i64> {
    let number = is.values.first().and_then(Value::as_i64);
    let date = || text(is).ok()?.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
    number.or_else(date).ok_or_else(|| {
        Error::field("filter", format_args!("{} {} takes a date as in RFC 3339", is.field, is.op.as_str()))
    })
}

/// Kinds and keys that are written `kind:key`.
fn pairs(is: &Comparison) -> Result<Vec<Pair>> {
    let pair = |text: String| match text.split_once(':') {
        Some((kind, key)) if !kind.is_empty() && !key.is_empty() => Ok((kind.to_owned(), key.to_owned())),
        _ => Err(Error::field("filter", format_args!("{}: {text} is not of the form kind:key", is.field))),
    };
    is.texts().into_iter().map(pair).collect()
}

/// What a filter of instances asks for.
///
/// # Errors
/// 400: a value of the wrong form.
pub(super) fn instance(expr: &Expr) -> Result<InstanceFilter> {
    let each = |list: &[Expr]| list.iter().map(instance).collect::<Result<Vec<_>>>();
    let is = match expr {
        Expr::And(list) => return Ok(InstanceFilter::All(each(list)?)),
        Expr::Or(list) => return Ok(InstanceFilter::Any(each(list)?)),
        Expr::Is(is) => is,
    };
    let texts = is.texts();
    let any = |list: Vec<InstanceFilter>| InstanceFilter::Any(list);
    Ok(match (is.field.as_str(), is.op) {
        ("applicationId", Op::NotEquals) => InstanceFilter::Not(Box::new(InstanceFilter::Application(texts))),
        ("applicationId", _) => InstanceFilter::Application(texts),
        ("id", Op::NotEquals) => InstanceFilter::Not(Box::new(InstanceFilter::Id(texts))),
        ("id", _) => InstanceFilter::Id(texts),
        ("kinds", Op::Equals) => InstanceFilter::KindsAre(texts.into_iter().collect()),
        ("kinds", Op::Contains) => InstanceFilter::KindsHave(texts.into_iter().collect()),
        ("kinds", _) => any(texts.into_iter().map(|kind| InstanceFilter::KindsHave(BTreeSet::from([kind]))).collect()),
        (_, Op::Equals) => InstanceFilter::KeysAre(pairs(is)?.into_iter().collect()),
        (_, Op::Contains) => InstanceFilter::KeysHave(pairs(is)?.into_iter().collect()),
        (..) => any(pairs(is)?.into_iter().map(|pair| InstanceFilter::KeysHave(BTreeSet::from([pair]))).collect()),
    })
}
