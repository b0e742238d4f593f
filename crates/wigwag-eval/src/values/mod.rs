//! Values that clauses compare: dates, versions, regular expressions.

pub(crate) mod date;
pub(crate) mod pattern;
pub(crate) mod version;
