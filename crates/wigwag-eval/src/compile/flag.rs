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
    source: Arc<Flag>,
    pub(crate) key_hash: u64,
    pub(crate) off: Off,
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
    pub fn variation(&self, index: u32) -> Option<&Value> {
        self.source.variations.get(index as usize)
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
