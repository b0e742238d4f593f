//! What many events tell again: within a moment the same contexts come with every event, and the same is counted.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::Arc;

use wigwag_model::clock::Millis;
use wigwag_store::volume::{Batch, Measure, Part, Sender, Sighting, Tally, Unique};

const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;

/// Leaves of what is equal one, so that it is recorded once: of contexts the last, with the latest time; of what is
/// counted in the same minute the sum; of those seen on a day the first.
pub(crate) fn sum(batch: &mut Batch) {
    let mut senders = Senders::default();
    sightings(&mut batch.sightings);
    tallies(&mut batch.tallies, &mut senders);
    uniques(&mut batch.uniques, &mut senders);
}

/// The order of those that are left is that in which they were seen last, which decides what is known in the end.
fn sightings(all: &mut Vec<Sighting>) {
    type Same<'s> = (&'s str, &'s str, &'s [String], &'s [Part]);
    let mut latest: Vec<Option<Millis>> = vec![None; all.len()];
    let mut last: HashMap<Same<'_>, usize> = HashMap::with_capacity(all.len() / 4);
    for (n, sighting) in all.iter().enumerate().rev() {
        let same = (&*sighting.env, &*sighting.application, &*sighting.anonymous, &*sighting.parts);
        let place = *last.entry(same).or_insert(n);
        latest[place] = latest[place].max(Some(sighting.at));
    }
    let mut latest = latest.into_iter();
    all.retain_mut(|sighting| {
        let kept = latest.next().flatten();
        sighting.at = kept.unwrap_or(sighting.at);
        kept.is_some()
    });
}

fn tallies(all: &mut Vec<Tally>, senders: &mut Senders) {
    let (mut first, mut sums) = (HashMap::new(), Vec::<u64>::new());
    all.retain(|tally| {
        // The most at a time: that is for the store to find.
        let place = if tally.measure == Measure::Connections {
            None
        } else {
            let minute = tally.at.div_euclid(MINUTE);
            let same = (tally.env.clone(), senders.number(&tally.sender), tally.measure, tally.name.clone(), minute);
            seen(&mut first, same, sums.len())
        };
        match place {
            Some(place) => sums[place] += tally.count,
            None => sums.push(tally.count),
        }
        place.is_none()
    });
    all.iter_mut().zip(sums).for_each(|(tally, sum)| tally.count = sum);
}

fn uniques(all: &mut Vec<Unique>, senders: &mut Senders) {
    let mut first = HashMap::new();
    all.retain(|unique| {
        let of = (unique.env.clone(), senders.number(&unique.sender), unique.at.div_euclid(DAY));
        seen(&mut first, (of, unique.kind.clone(), unique.anonymous, unique.hash), 0).is_none()
    });
}

/// Where the same was noted before; otherwise it is noted with `place`.
fn seen<K: Hash + Eq>(first: &mut HashMap<K, usize>, same: K, place: usize) -> Option<usize> {
    match first.entry(same) {
        Entry::Occupied(known) => Some(*known.get()),
        Entry::Vacant(free) => {
            free.insert(place);
            None
        }
    }
}

/// Senders by number: each batch that came has its own copy of who sent it.
#[derive(Default)]
struct Senders {
    known: HashMap<Arc<Sender>, usize>,
    last: Option<(Arc<Sender>, usize)>,
}

impl Senders {
    fn number(&mut self, sender: &Arc<Sender>) -> usize {
        if let Some((last, number)) = &self.last
            && Arc::ptr_eq(last, sender)
        {
            return *number;
        }
        let next = self.known.len();
        let number = *self.known.entry(Arc::clone(sender)).or_insert(next);
        self.last = Some((Arc::clone(sender), number));
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(key: &str, at: Millis, body: Option<&str>) -> Sighting {
        let part = Part { kind: "user".into(), key: key.into(), body: body.map(Into::into) };
        Sighting { env: "e".into(), at, application: "a".into(), anonymous: Vec::new(), parts: vec![part] }
    }

    #[test]
    fn of_equal_contexts_the_last_is_left_with_the_latest_time() {
        let seen = [("x", 5, None), ("y", 9, None), ("x", 1, Some("1")), ("x", 3, None), ("x", 4, Some("2"))];
        let mut batch = Batch {
            sightings: seen.into_iter().chain([("x", 2, Some("1"))]).map(|(k, at, b)| sighting(k, at, b)).collect(),
            ..Batch::default()
        };
        sum(&mut batch);
        let left: Vec<_> =
            batch.sightings.iter().map(|s| (&*s.parts[0].key, s.at, s.parts[0].body.as_deref())).collect();
        assert_eq!(left, [("y", 9, None), ("x", 5, None), ("x", 4, Some("2")), ("x", 2, Some("1"))]);
    }

    #[test]
    fn what_is_counted_in_a_minute_is_summed_and_peaks_are_not() {
        let sender = |sdk: &str| Arc::new(Sender { sdk: sdk.into(), ..Sender::default() });
        let tally = |sdk: &str, measure, name: &str, at| Tally {
            env: "e".into(),
            sender: sender(sdk),
            measure,
            name: name.into(),
            at,
            count: 2,
        };
        let (events, peak) = (Measure::Events, Measure::Connections);
        let tallies = vec![
            tally("a", events, "x", 1),
            tally("b", events, "x", 2),
            tally("a", peak, "", 3),
            tally("a", events, "x", 59_999),
            tally("a", peak, "", 4),
            tally("a", events, "x", 60_000),
            tally("a", events, "y", 5),
        ];
        let mut batch = Batch { tallies, ..Batch::default() };
        sum(&mut batch);
        let left: Vec<_> = batch.tallies.iter().map(|t| (&*t.sender.sdk, &*t.name, t.at, t.count)).collect();
        let want = [("a", "x", 1, 4), ("b", "x", 2, 2), ("a", "", 3, 2), ("a", "", 4, 2), ("a", "x", 60_000, 2)];
        assert_eq!(left, want.into_iter().chain([("a", "y", 5, 2)]).collect::<Vec<_>>());
    }

    #[test]
    fn a_context_counts_once_a_day() {
        let unique = |hash, at, anonymous| Unique {
            env: "e".into(),
            sender: Arc::default(),
            kind: "user".into(),
            anonymous,
            hash,
            at,
        };
        let uniques = vec![unique(1, 0, false), unique(1, 5, false), unique(2, 5, false), unique(1, DAY, false)];
        let mut batch =
            Batch { uniques: uniques.into_iter().chain([unique(1, 5, true)]).collect(), ..Batch::default() };
        sum(&mut batch);
        let left: Vec<_> = batch.uniques.iter().map(|u| (u.hash, u.at, u.anonymous)).collect();
        assert_eq!(left, [(1, 0, false), (2, 5, false), (1, DAY, false), (1, 5, true)]);
    }
}
