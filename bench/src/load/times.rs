//! Times of very many replies in little memory: buckets that grow by a sixteenth.

use std::time::Duration;

const STEPS: usize = 16;

/// Counts of times, to about six per cent.
#[derive(Clone)]
pub(super) struct Times {
    counts: Vec<u64>,
    longest: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { counts: vec![0; 64 * STEPS], longest: Duration::ZERO }
    }
}

impl Times {
    pub(super) fn add(&mut self, time: Duration) {
        self.counts[bucket(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))] += 1;
        self.longest = self.longest.max(time);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.longest = self.longest.max(other.longest);
    }

    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The time that the `share` does not exceed, in milliseconds: the lower end of its bucket.
    pub(super) fn at(&self, share: f64) -> f64 {
        let wanted = (self.count() as f64 * share) as u64;
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen > wanted
        });
        found.map_or(0.0, |bucket| micros(bucket) as f64 / 1e3)
    }

    /// In milliseconds.
    pub(super) fn longest(&self) -> f64 {
        self.longest.as_secs_f64() * 1e3
    }
}

/// Times of fewer microseconds than steps have a bucket each; above, every power of two has so many.
fn bucket(micros: u64) -> usize {
    if micros < STEPS as u64 {
        return micros as usize;
    }
    let power = micros.ilog2() as usize;
    let step = (micros >> (power - 4)) as usize - STEPS;
    (power - 3) * STEPS + step
}

fn micros(bucket: usize) -> u64 {
    if bucket < STEPS {
        return bucket as u64;
    }
    let (power, step) = (bucket / STEPS + 3, bucket % STEPS);
    ((STEPS + step) as u64) << (power - 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_begins_at_most_a_sixteenth_below_its_times() {
        for time in (0..200_000).chain([u64::from(u32::MAX), 1 << 40]) {
            let from = micros(bucket(time));
            assert!(from <= time && time - from <= time / 16, "{time} is in the bucket from {from}");
        }
    }
}
