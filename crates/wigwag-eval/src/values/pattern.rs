//! Regular expressions for `matches` (evaluation §6.5), read as RE2 reads them.

use regex::Regex;

/// Compiles a pattern; `None` if it is not valid, and then it matches nothing.
pub(crate) fn compile(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}
