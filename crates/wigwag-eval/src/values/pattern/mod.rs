//! Regular expressions for `matches` (evaluation §6.5), read as RE2 reads them (Go's `regexp`),
//! whatever the `regex` crate would make of the same text.

mod class;
mod escape;
#[cfg(test)]
mod tests;
mod translate;

use regex::Regex;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, Input};

/// A compiled pattern.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// A small automaton, built whole: searching needs no working memory.
    Small(Box<Small>),
    /// Anything else.
    Large(Box<Regex>),
}

#[derive(Debug)]
pub(crate) struct Small {
    automaton: dense::DFA<Vec<u32>>,
    /// The state before the first byte of a text.
    start: StateID,
    /// Whether every match has a character, so that matches within one need no thought.
    never_empty: bool,
}

/// Bounds on memory and time for building a small automaton.
const SMALL_BYTES: usize = 32 * 1024;

impl Pattern {
    /// Compiles a pattern; `None` if it is not valid RE2 or too large, and then it matches nothing.
    pub(crate) fn new(pattern: &str) -> Option<Pattern> {
        let pattern = translate::translate(pattern)?;
        match Small::new(&pattern) {
            Some(small) => Some(Pattern::Small(Box::new(small))),
            None => Regex::new(&pattern).ok().map(|regex| Pattern::Large(Box::new(regex))),
        }
    }

    /// Whether the pattern is found anywhere in the text.
    #[inline]
    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self {
            Pattern::Small(small) => small.is_match(text),
            Pattern::Large(regex) => regex.is_match(text),
        }
    }
}

impl Small {
    fn new(pattern: &str) -> Option<Small> {
        let config = dense::Config::new()
            .start_kind(StartKind::Unanchored)
            .dfa_size_limit(Some(SMALL_BYTES))
            .determinize_size_limit(Some(2 * SMALL_BYTES));
        let automaton = dense::Builder::new().configure(config).build(pattern).ok()?;
        let start = automaton.start_state(&start::Config::new().anchored(Anchored::No)).ok()?;
        Some(Small { start, never_empty: !automaton.has_empty(), automaton })
    }

    #[inline]
    fn is_match(&self, text: &str) -> bool {
        let automaton = &self.automaton;
        if !self.never_empty {
            // The automaton has no bytes it gives up on, so there is no error to see.
            return matches!(automaton.try_search_fwd(&Input::new(text).earliest(true)), Ok(Some(_)));
        }
        let mut state = self.start;
        for byte in text.bytes() {
            state = automaton.next_state(state, byte);
            if automaton.is_special_state(state) {
                if automaton.is_match_state(state) {
                    return true;
                }
                if automaton.is_dead_state(state) {
                    return false;
                }
            }
        }
        automaton.is_match_state(automaton.next_eoi_state(state))
    }
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
