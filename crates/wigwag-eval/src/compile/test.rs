//! What a clause compares an attribute with, sorted by operator and value type ahead of time.

use crate::keymap::KeyMap;
use crate::texts::Texts;
use crate::values::date::Instant;
use crate::values::pattern::Pattern;
use crate::values::version::{OwnedVersion, Version};
use serde_json::Value;
use std::cmp::Ordering;
use wigwag_model::clause::Operator;
use wigwag_model::context::AttributeValue;

/// The operator with those of its values that can match at all.
#[derive(Debug)]
pub(crate) enum Test {
    /// Nothing can match: unknown operator, or no usable value.
    Never,
    /// `in` with texts alone: few are compared one by one, many are hashed.
    InFew(Texts),
    InMany(KeyMap),
    /// `in` with values of several types.
    InMixed(Box<AnyOf>),
    StartsWith(Texts),
    EndsWith(Texts),
    Contains(Texts),
    Matches(Box<[Pattern]>),
    /// Of several limits only the loosest counts.
    Less(f64),
    LessOrEqual(f64),
    Greater(f64),
    GreaterOrEqual(f64),
    Before(Instant),
    After(Instant),
    /// The order an attribute must have to one of the versions.
    Version(Ordering, Box<[OwnedVersion]>),
}

/// Values of an `in` clause by type. Lists and objects equal nothing.
#[derive(Debug)]
pub(crate) struct AnyOf {
    texts: KeyMap,
    numbers: Box<[f64]>,
    yes: bool,
    no: bool,
    null: bool,
}

const FEW: usize = 6;

impl Test {
    pub(crate) fn new(op: Option<Operator>, values: &[Value]) -> Test {
        let Some(op) = op else { return Test::Never };
        match op {
            Operator::In => any_of(values),
            Operator::StartsWith => with_texts(values, Test::StartsWith),
            Operator::EndsWith => with_texts(values, Test::EndsWith),
            Operator::Contains => with_texts(values, Test::Contains),
            Operator::Matches => unless_empty(texts(values).filter_map(Pattern::new).collect(), Test::Matches),
            Operator::LessThan => numbers(values).reduce(f64::max).map_or(Test::Never, Test::Less),
            Operator::LessThanOrEqual => numbers(values).reduce(f64::max).map_or(Test::Never, Test::LessOrEqual),
            Operator::GreaterThan => numbers(values).reduce(f64::min).map_or(Test::Never, Test::Greater),
            Operator::GreaterThanOrEqual => numbers(values).reduce(f64::min).map_or(Test::Never, Test::GreaterOrEqual),
            Operator::Before => instants(values).max().map_or(Test::Never, Test::Before),
            Operator::After => instants(values).min().map_or(Test::Never, Test::After),
            Operator::SemVerEqual => versions(Ordering::Equal, values),
            Operator::SemVerLessThan => versions(Ordering::Less, values),
            Operator::SemVerGreaterThan => versions(Ordering::Greater, values),
            // Has no attribute to compare; its values are kept with the clause.
            Operator::SegmentMatch => Test::Never,
        }
    }

    /// Whether the attribute, or any element if it is a list, matches any value.
    #[inline]
    pub(crate) fn hits(&self, attribute: AttributeValue<'_>) -> bool {
        match attribute {
            AttributeValue::Text(text) => self.hits_text(text),
            AttributeValue::Bool(value) => self.hits_bool(value),
            AttributeValue::Json(Value::Array(elements)) => elements.iter().any(|e| self.hits_element(e)),
            AttributeValue::Json(value) => self.hits_element(value),
        }
    }

    /// Only the top level of a list is unpacked: lists in lists hit nothing, nor do objects.
    fn hits_element(&self, element: &Value) -> bool {
        match element {
            Value::String(text) => self.hits_text(text),
            Value::Bool(value) => self.hits_bool(*value),
            Value::Number(number) => number.as_f64().is_some_and(|n| self.hits_number(n)),
            Value::Null => matches!(self, Test::InMixed(any) if any.null),
            Value::Array(_) | Value::Object(_) => false,
        }
    }

    #[inline]
    pub(crate) fn hits_text(&self, text: &str) -> bool {
        match self {
            Test::InFew(texts) => texts.contain(text),
            Test::InMany(texts) => texts.get(text).is_some(),
            Test::InMixed(any) => any.texts.get(text).is_some(),
            Test::StartsWith(heads) => heads.iter().any(|head| text.starts_with(head)),
            Test::EndsWith(tails) => tails.iter().any(|tail| text.ends_with(tail)),
            Test::Contains(parts) => parts.iter().any(|part| text.contains(part)),
            Test::Matches(patterns) => patterns.iter().any(|pattern| pattern.is_match(text)),
            Test::Before(limit) => Instant::parse(text).is_some_and(|at| at < *limit),
            Test::After(limit) => Instant::parse(text).is_some_and(|at| at > *limit),
            Test::Version(order, versions) => Version::parse(text)
                .is_some_and(|version| versions.iter().any(|other| version.compare(&other.borrow()) == *order)),
            _ => false,
        }
    }

    fn hits_number(&self, number: f64) -> bool {
        match self {
            Test::InMixed(any) => any.numbers.contains(&number),
            Test::Less(limit) => number < *limit,
            Test::LessOrEqual(limit) => number <= *limit,
            Test::Greater(limit) => number > *limit,
            Test::GreaterOrEqual(limit) => number >= *limit,
            Test::Before(limit) => Instant::from_millis(number).is_some_and(|at| at < *limit),
            Test::After(limit) => Instant::from_millis(number).is_some_and(|at| at > *limit),
            _ => false,
        }
    }

    fn hits_bool(&self, value: bool) -> bool {
        matches!(self, Test::InMixed(any) if if value { any.yes } else { any.no })
    }
}

fn any_of(values: &[Value]) -> Test {
    let keys = || KeyMap::new(texts(values).map(|text| (text, 0)));
    if !values.iter().all(Value::is_string) {
        return Test::InMixed(Box::new(AnyOf {
            texts: keys(),
            numbers: numbers(values).collect(),
            yes: values.contains(&Value::Bool(true)),
            no: values.contains(&Value::Bool(false)),
            null: values.contains(&Value::Null),
        }));
    }
    if values.len() > FEW { Test::InMany(keys()) } else { with_texts(values, Test::InFew) }
}

fn unless_empty<T>(values: Box<[T]>, test: impl FnOnce(Box<[T]>) -> Test) -> Test {
    if values.is_empty() { Test::Never } else { test(values) }
}

fn with_texts(values: &[Value], test: impl FnOnce(Texts) -> Test) -> Test {
    let texts: Texts = texts(values).collect();
    if texts.is_empty() { Test::Never } else { test(texts) }
}

fn texts(values: &[Value]) -> impl Iterator<Item = &str> + Clone {
    values.iter().filter_map(Value::as_str)
}

fn numbers(values: &[Value]) -> impl Iterator<Item = f64> {
    values.iter().filter_map(Value::as_f64)
}

fn instants(values: &[Value]) -> impl Iterator<Item = Instant> {
    values.iter().filter_map(|value| match value {
        Value::String(text) => Instant::parse(text),
        Value::Number(number) => Instant::from_millis(number.as_f64()?),
        _ => None,
    })
}

fn versions(order: Ordering, values: &[Value]) -> Test {
    let versions = texts(values).filter_map(Version::parse).map(OwnedVersion::from);
    unless_empty(versions.collect(), |versions| Test::Version(order, versions))
}
