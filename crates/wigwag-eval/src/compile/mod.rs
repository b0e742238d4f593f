//! Flags and segments in the form the evaluator reads: everything that can be parsed, hashed or
//! checked once is.

pub(crate) mod clause;
pub(crate) mod flag;
pub(crate) mod segment;
pub(crate) mod serve;
pub(crate) mod targets;
pub(crate) mod test;
