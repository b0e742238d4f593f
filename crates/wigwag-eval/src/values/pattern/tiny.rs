//! An automaton of a handful of states as a table of what comes after each byte: the fewest steps a byte can take.

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;

/// States by number. Whatever comes after [`NEVER`] and [`FOUND`] is they themselves.
#[derive(Debug)]
pub(crate) struct Tiny {
    after: Box<[[u8; 256]]>,
    /// Whether a text that ends in a state is a match.
    at_end: Box<[bool]>,
    start: u8,
}

/// There will be no match.
const NEVER: u8 = 0;
/// There has been one.
const FOUND: u8 = 1;
/// Most states: a table takes a quarter of a kilobyte for each.
const STATES: usize = 64;
/// Bytes after which to look whether it is decided.
const STRETCH: usize = 16;

impl Tiny {
    /// The table of an automaton; `None` if it has too many states, or finds matches without a character, which may
    /// not be within one.
    pub(super) fn of(automaton: &dense::DFA<Vec<u32>>) -> Option<Tiny> {
        if automaton.has_empty() {
            return None;
        }
        let first = automaton.start_state(&start::Config::new().anchored(Anchored::No)).ok()?;
        let mut states = Numbered { automaton, found: Vec::new() };
        let start = states.number(first)?;
        let (mut after, mut at_end) = (vec![[NEVER; 256], [FOUND; 256]], vec![false, true]);
        let mut next = 0;
        while let Some(state) = states.found.get(next).copied() {
            let mut row = [NEVER; 256];
            for (byte, cell) in (0..=u8::MAX).zip(&mut row) {
                *cell = states.number(automaton.next_state(state, byte))?;
            }
            after.push(row);
            at_end.push(automaton.is_match_state(automaton.next_eoi_state(state)));
            next += 1;
        }
        Some(Tiny { after: after.into(), at_end: at_end.into(), start })
    }

    #[inline]
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        let mut state = self.start;
        for stretch in text.chunks(STRETCH) {
            for byte in stretch {
                state = self.after[usize::from(state)][usize::from(*byte)];
            }
            if state <= FOUND {
                break;
            }
        }
        self.at_end[usize::from(state)]
    }
}

/// States in the order in which they were met.
struct Numbered<'a> {
    automaton: &'a dense::DFA<Vec<u32>>,
    found: Vec<StateID>,
}

impl Numbered<'_> {
    fn number(&mut self, state: StateID) -> Option<u8> {
        if self.automaton.is_match_state(state) {
            return Some(FOUND);
        }
        if self.automaton.is_dead_state(state) {
            return Some(NEVER);
        }
        let place = self.found.iter().position(|known| *known == state).unwrap_or_else(|| {
            self.found.push(state);
            self.found.len() - 1
        });
        u8::try_from(place + 2).ok().filter(|n| usize::from(*n) < STATES)
    }
}
