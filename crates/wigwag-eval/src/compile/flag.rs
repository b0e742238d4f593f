//! A flag ready for evaluation.

use super::clause::{CompiledClause, segment_keys};
use super::serve::{Index, Serve, index};
use super::targets::Targets;
use serde_json::Value;
use std::sync::Arc;
use wigwag_model::flag::Flag;
use wigwag_model::hash::text_hash;

/// A flag compiled once per version. Compiling never fails: what is broken makes the flag
/// malformed only where it is reached.
#[derive(Debug)]
pub struct CompiledFlag {
    /// What every evaluation reads comes first and is copied from `source`, so that a flag that is
    /// off, or serves one variation, touches little memory.
    ///
    /// On, and no tombstone.
    pub(crate) on: bool,
    pub(crate) deleted: bool,
    pub(crate) has_prerequisites: bool,
    pub(crate) off: Off,
    near_values: Option<Box<[Value]>>,
    pub(crate) key_hash: u64,
    source: Arc<Flag>,
    pub(crate) targets: Targets,
    pub(crate) rules: Box<[CompiledRule]>,
    pub(crate) fallthrough: Serve,
}

#[derive(Debug)]
pub(crate) struct CompiledRule {
    pub(crate) clauses: Box<[CompiledClause]>,
    pub(crate) serve: Serve,
}

/// What an off flag serves.
#[derive(Debug)]
pub(crate) enum Off {
    Nothing,
    Variation(Index),
}

impl CompiledFlag {
    /// Compiles a flag.
    pub fn new(source: Arc<Flag>) -> CompiledFlag {
        let flag = &*source;
        let count = flag.variations.len();
        let serve = |serve| Serve::new(serve, &flag.key, &flag.salt, count);
        let rules = flag
            .rules
            .iter()
            .map(|rule| CompiledRule { clauses: CompiledClause::all(&rule.clauses), serve: serve(&rule.serve) });
        CompiledFlag {
            on: flag.on && !flag.deleted,
            deleted: flag.deleted,
            has_prerequisites: !flag.prerequisites.is_empty(),
            near_values: near_values(&flag.variations),
            key_hash: text_hash(&flag.key),
            off: flag.off_variation.map_or(Off::Nothing, |at| Off::Variation(index(at, count))),
            targets: Targets::new(flag),
            rules: rules.collect(),
            fallthrough: serve(&flag.fallthrough),
            source,
        }
    }

    /// The flag as it came.
    #[inline]
    pub fn source(&self) -> &Flag {
        &self.source
    }

    /// The flag as it came, shared.
    pub fn shared_source(&self) -> &Arc<Flag> {
        &self.source
    }

    /// The flag's key.
    #[inline]
    pub fn key(&self) -> &str {
        &self.source.key
    }

    /// The flag's version.
    pub fn version(&self) -> u64 {
        self.source.version
    }

    /// The value of a variation.
    #[inline]
    pub fn variation(&self, index: u32) -> Option<&Value> {
        match &self.near_values {
            Some(values) => values.get(index as usize),
            None => self.source.variations.get(index as usize),
        }
    }

    /// Keys of the flags this one directly requires, with repetitions.
    pub fn prerequisites(&self) -> impl Iterator<Item = &str> {
        self.source.prerequisites.iter().map(|required| required.key.as_str())
    }

    /// Keys of the segments this flag's rules directly ask about, with repetitions.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.source.rules.iter().flat_map(|rule| segment_keys(&rule.clauses))
    }
}

/// A copy of the values, unless one of them could be large.
fn near_values(values: &[Value]) -> Option<Box<[Value]>> {
    const LARGE_TEXT: usize = 64;
    let small = |value: &Value| match value {
        Value::String(text) => text.len() <= LARGE_TEXT,
        Value::Array(_) | Value::Object(_) => false,
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    };
    values.iter().all(small).then(|| values.into())
}
