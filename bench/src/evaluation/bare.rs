//! The least that an evaluator can do: which variation, by the shortest way that the standard library offers. It gives no
//! reasons, checks nothing, knows one kind of context, attributes of texts, and only what the shapes hold.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result, ensure};
use regex::Regex;
use semver::Version;
use serde_json::Value;
use sha1::{Digest as _, Sha1};
use std::fmt::Write as _;
use std::hint::black_box;

use super::shapes::Shape;

pub(crate) struct Bare {
    flags: HashMap<String, Flag>,
    segments: HashMap<String, HashSet<String>>,
    context: HashMap<String, String>,
    top: Vec<Flag>,
}

#[derive(Clone)]
struct Flag {
    on: bool,
    off: usize,
    prerequisites: Vec<(String, usize)>,
    targets: Vec<(HashSet<String>, usize)>,
    rules: Vec<(Vec<Clause>, usize)>,
    fallthrough: Serve,
    variations: Vec<Value>,
}

#[derive(Clone)]
enum Serve {
    Variation(usize),
    /// What the context's key is appended to, and the weights.
    Rollout(String, Vec<(usize, f64)>),
}

#[derive(Clone)]
enum Clause {
    In(String, Vec<String>),
    StartsWith(String, String),
    Matches(String, Regex),
    Newer(String, Version),
    Segment(String),
}

impl Bare {
    pub(crate) fn new(shape: &Shape) -> Result<Self> {
        let flags: HashMap<_, _> =
            shape.flags.iter().map(|flag| Ok((text(&flag["key"])?, Flag::new(flag)?))).collect::<Result<_>>()?;
        let segment =
            |segment: &Value| Ok((text(&segment["key"])?, texts(&segment["included"])?.into_iter().collect()));
        let context = shape.context.as_object().into_iter().flatten();
        let context = context.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        let bare = Self {
            segments: shape.segments.iter().map(segment).collect::<Result<_>>()?,
            context: context.collect(),
            top: shape.top.iter().filter_map(|key| flags.get(key).cloned()).collect(),
            flags,
        };
        let got = bare.top.first().and_then(|flag| flag.variations.get(bare.variation(flag)));
        ensure!(got == Some(&shape.serves), "{}: {got:?}", shape.name);
        Ok(bare)
    }

    #[inline]
    pub(crate) fn run(&self) {
        for flag in &self.top {
            let variation = black_box(self).variation(black_box(flag));
            black_box(flag.variations.get(variation));
        }
    }

    fn variation(&self, flag: &Flag) -> usize {
        let key = self.context.get("key").map_or("", String::as_str);
        let serves = |(required, variation): &(String, usize)| {
            self.flags.get(required).is_some_and(|flag| flag.on && self.variation(flag) == *variation)
        };
        if !flag.on || !flag.prerequisites.iter().all(serves) {
            return flag.off;
        }
        if let Some((_, variation)) = flag.targets.iter().find(|(keys, _)| keys.contains(key)) {
            return *variation;
        }
        let rule = flag.rules.iter().find(|(clauses, _)| clauses.iter().all(|clause| self.matches(clause, key)));
        match (rule, &flag.fallthrough) {
            (Some((_, variation)), _) | (None, Serve::Variation(variation)) => *variation,
            (None, Serve::Rollout(prefix, weights)) => rolled(prefix, key, weights),
        }
    }

    fn matches(&self, clause: &Clause, key: &str) -> bool {
        let value = |name: &str| self.context.get(name).map_or("", String::as_str);
        match clause {
            Clause::In(name, values) => {
                let value = value(name);
                values.iter().any(|wanted| wanted == value)
            }
            Clause::StartsWith(name, start) => value(name).starts_with(start.as_str()),
            Clause::Matches(name, pattern) => pattern.is_match(value(name)),
            Clause::Newer(name, version) => Version::parse(value(name)).is_ok_and(|value| value > *version),
            Clause::Segment(segment) => self.segments.get(segment).is_some_and(|keys| keys.contains(key)),
        }
    }
}

fn rolled(prefix: &str, key: &str, weights: &[(usize, f64)]) -> usize {
    let mut hash = Sha1::new();
    hash.update(prefix);
    hash.update(key);
    let first = hash.finalize().iter().take(8).fold(0, |out: u64, byte| (out << 8) | u64::from(*byte)) >> 4;
    let bucket = first as f64 / 0x0fff_ffff_ffff_ffff_u64 as f64;
    let mut sum = 0.0;
    let found = weights.iter().find(|(_, weight)| {
        sum += weight / 100_000.0;
        bucket < sum
    });
    found.or(weights.last()).map_or(0, |(variation, _)| *variation)
}

impl Flag {
    fn new(flag: &Value) -> Result<Self> {
        let prerequisite = |one: &Value| Ok((text(&one["key"])?, index(&one["variation"])?));
        let target = |one: &Value| Ok((texts(&one["values"])?.into_iter().collect(), index(&one["variation"])?));
        let rule = |one: &Value| {
            let clauses = list(&one["clauses"]).map(Clause::new).collect::<Result<_>>()?;
            Ok((clauses, index(&one["variation"])?))
        };
        Ok(Self {
            on: flag["on"].as_bool().context("on")?,
            off: index(&flag["offVariation"])?,
            prerequisites: list(&flag["prerequisites"]).map(prerequisite).collect::<Result<_>>()?,
            targets: list(&flag["targets"]).map(target).collect::<Result<_>>()?,
            rules: list(&flag["rules"]).map(rule).collect::<Result<_>>()?,
            fallthrough: serve(flag)?,
            variations: list(&flag["variations"]).cloned().collect(),
        })
    }
}

fn serve(flag: &Value) -> Result<Serve> {
    let rollout = &flag["fallthrough"]["rollout"];
    if rollout.is_null() {
        return Ok(Serve::Variation(index(&flag["fallthrough"]["variation"])?));
    }
    let mut prefix = String::new();
    write!(prefix, "{}.{}.", text(&flag["key"])?, text(&flag["salt"])?)?;
    let weight = |one: &Value| Ok((index(&one["variation"])?, one["weight"].as_f64().context("weight")?));
    Ok(Serve::Rollout(prefix, list(&rollout["variations"]).map(weight).collect::<Result<_>>()?))
}

impl Clause {
    fn new(clause: &Value) -> Result<Self> {
        let (name, values) = (text(&clause["attribute"])?, texts(&clause["values"])?);
        let first = values.first().context("a clause without values")?;
        Ok(match clause["op"].as_str().unwrap_or_default() {
            "startsWith" => Self::StartsWith(name, first.clone()),
            "matches" => Self::Matches(name, Regex::new(first)?),
            "semVerGreaterThan" => Self::Newer(name, Version::parse(first)?),
            "segmentMatch" => Self::Segment(first.clone()),
            "in" => Self::In(name, values),
            other => anyhow::bail!("no shape has {other}"),
        })
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("not a text")?.to_owned())
}

fn texts(value: &Value) -> Result<Vec<String>> {
    list(value).map(text).collect()
}

fn index(value: &Value) -> Result<usize> {
    Ok(value.as_u64().context("not a number")?.try_into()?)
}
