//! Regular expressions for `matches` (evaluation §6.5), read as RE2 reads them (Go's `regexp`),
//! whatever the `regex` crate would make of the same text.

mod class;
mod escape;
#[cfg(test)]
mod tests;
mod tiny;
mod translate;

use regex::Regex;
use regex_automata::Input;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use tiny::Tiny;

/// A compiled pattern.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// A handful of states as a table.
    Tiny(Tiny),
    /// A small automaton, built whole: searching needs no working memory.
    Small(Box<dense::DFA<Vec<u32>>>),
    /// Anything else.
    Large(Box<Regex>),
}

/// Bounds on memory and time for building a small automaton.
const SMALL_BYTES: usize = 32 * 1024;

impl Pattern {
    /// Compiles a pattern; `None` if it is not valid RE2 or too large, and then it matches nothing.
    pub(crate) fn new(pattern: &str) -> Option<Pattern> {
        let pattern = translate::translate(pattern)?;
        let Some(automaton) = small(&pattern) else {
            return Regex::new(&pattern).ok().map(|regex| Pattern::Large(Box::new(regex)));
        };
        Some(Tiny::of(&automaton).map_or_else(|| Pattern::Small(Box::new(automaton)), Pattern::Tiny))
    }

    /// Whether the pattern is found anywhere in the text.
    #[inline]
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self {
            Pattern::Tiny(tiny) => tiny.is_match(text.as_bytes()),
            // The automaton has no bytes it gives up on, so there is no error to see.
            Pattern::Small(small) => matches!(small.try_search_fwd(&Input::new(text).earliest(true)), Ok(Some(_))),
            Pattern::Large(regex) => regex.is_match(text),
        }
    }
}

fn small(pattern: &str) -> Option<dense::DFA<Vec<u32>>> {
    let config = dense::Config::new()
        .start_kind(StartKind::Unanchored)
        .dfa_size_limit(Some(SMALL_BYTES))
        .determinize_size_limit(Some(2 * SMALL_BYTES));
    dense::Builder::new().configure(config).build(pattern).ok()
}

/// What is left to read of a pattern.
struct Reader<'p> {
    rest: &'p str,
}

impl<'p> Reader<'p> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Skips the text if it comes next.
    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Everything up to the text, which is skipped too.
    fn until(&mut self, text: &str) -> Option<&'p str> {
        let (head, tail) = self.rest.split_once(text)?;
        self.rest = tail;
        Some(head)
    }
}

/// Writes a character so that it means itself, inside and outside classes.
fn push_literal(out: &mut String, c: char) {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        out.push_str(&format!("\\x{{{:x}}}", u32::from(c)));
    } else {
        out.push(c);
    }
}
