//! What is counted in one minute is summed up before it is recorded.

use std::borrow::Cow;
use std::sync::Arc;

use wigwag_model::clock::Millis;
use wigwag_store::volume::{Measure, Tally};

use super::{Known, Sender};

const MINUTE: Millis = 60_000;

/// Sums by sender, measure, name and minute.
#[derive(Default)]
pub(super) struct Counts<'b> {
    sums: Known<(usize, Measure, Cow<'b, str>, Millis), usize>,
    tallies: Vec<Tally>,
}

impl<'b> Counts<'b> {
    /// Counts one more at some time. Answers the name, to be shared.
    pub(super) fn add(&mut self, sender: &Sender, measure: Measure, name: Cow<'b, str>, at: Millis) -> Arc<str> {
        let next = self.tallies.len();
        let shared = &mut self.tallies;
        let sum = self.sums.entry((sender.number, measure, name, at.div_euclid(MINUTE)));
        let place = *sum.or_insert_with_key(|(.., name, _)| {
            let (env, sender) = (sender.env.clone(), sender.sender.clone());
            shared.push(Tally { env, sender, measure, name: Arc::from(&**name), at, count: 0 });
            next
        });
        let tally = &mut self.tallies[place];
        tally.count += 1;
        Arc::clone(&tally.name)
    }

    pub(super) fn into_tallies(self) -> Vec<Tally> {
        self.tallies
    }
}
