//! How many different things there were, in a few kilobytes: exact for few, estimated within about 2 % for many.
//! Sketches of several days can be joined, which counts cannot.

/// So many are kept as they are.
const EXACT: usize = 512;
/// Bits of a hash that choose a register.
const BITS: u32 = 12;
const REGISTERS: usize = 1 << BITS;

/// A set of hashes that knows its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch(Kept);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kept {
    /// Hashes, sorted.
    All(Vec<u64>),
    /// For each register the longest run of zeros met, plus one.
    Registers(Box<[u8]>),
}

impl Default for Sketch {
    fn default() -> Self {
        Self(Kept::All(Vec::new()))
    }
}

impl Sketch {
    /// Adds one. Whether that changes anything.
    pub fn add(&mut self, hash: u64) -> bool {
        match &mut self.0 {
            Kept::All(all) => {
                let Err(at) = all.binary_search(&hash) else { return false };
                all.insert(at, hash);
                if all.len() > EXACT {
                    self.widen();
                }
                true
            }
            Kept::Registers(registers) => note(registers, hash),
        }
    }

    /// Adds all of another.
    pub fn join(&mut self, other: &Self) {
        match &other.0 {
            Kept::All(all) => all.iter().for_each(|hash| {
                self.add(*hash);
            }),
            Kept::Registers(theirs) => {
                self.widen();
                if let Kept::Registers(ours) = &mut self.0 {
                    ours.iter_mut().zip(theirs.iter()).for_each(|(our, their)| *our = (*our).max(*their));
                }
            }
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        let registers = match &self.0 {
            Kept::All(all) => return all.len() as u64,
            Kept::Registers(registers) => registers,
        };
        let size = REGISTERS as f64;
        let sum: f64 = registers.iter().map(|rank| 2_f64.powi(-i32::from(*rank))).sum();
        let estimate = 0.7213 / (1.0 + 1.079 / size) * size * size / sum;
        let empty = registers.iter().filter(|rank| **rank == 0).count();
        let few = estimate <= 2.5 * size && empty > 0;
        let best = if few { size * (size / empty as f64).ln() } else { estimate };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let rounded = best.round() as u64;
        rounded
    }

    fn widen(&mut self) {
        if let Kept::All(all) = &self.0 {
            let mut registers = vec![0; REGISTERS].into_boxed_slice();
            all.iter().for_each(|hash| {
                note(&mut registers, *hash);
            });
            self.0 = Kept::Registers(registers);
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Kept::All(all) => std::iter::once(0).chain(all.iter().flat_map(|hash| hash.to_le_bytes())).collect(),
            Kept::Registers(registers) => [&[1], &registers[..]].concat(),
        }
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (0, rest) => {
                let (hashes, left) = rest.as_chunks::<8>();
                let all = hashes.iter().map(|hash| u64::from_le_bytes(*hash)).collect();
                left.is_empty().then_some(Self(Kept::All(all)))
            }
            (1, rest) if rest.len() == REGISTERS => Some(Self(Kept::Registers(rest.into()))),
            _ => None,
        }
    }
}

fn note(registers: &mut [u8], hash: u64) -> bool {
    let register = (hash >> (64 - BITS)) as usize;
    let rank = ((hash << BITS) | (1 << (BITS - 1))).leading_zeros() as u8 + 1;
    let longer = rank > registers[register];
    registers[register] = registers[register].max(rank);
    longer
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::volume::hash_of_key;

    fn of(keys: std::ops::Range<u64>) -> Sketch {
        let mut sketch = Sketch::default();
        for n in keys {
            sketch.add(hash_of_key("user", &format!("user-{n}")));
        }
        sketch
    }

    #[test]
    fn few_are_counted_and_many_estimated() {
        for (n, within) in [(0, 0), (1, 0), (512, 0), (2_000, 80), (20_000, 1_000), (200_000, 10_000)] {
            let counted = of(0..n).count();
            assert!(counted.abs_diff(n) <= within, "{n}: {counted}");
        }
    }

    #[test]
    fn joined_ones_count_each_once() {
        for (a, b, all, within) in
            [(0..100, 50..150, 150, 0), (0..400, 200..5000, 5000, 250), (0..9000, 0..9000, 9000, 450)]
        {
            let mut sketch = of(a);
            sketch.join(&of(b));
            assert!(sketch.count().abs_diff(all) <= within, "{all}: {}", sketch.count());
        }
    }

    #[test]
    fn they_are_kept_as_bytes() {
        for sketch in [Sketch::default(), of(0..10), of(0..1000)] {
            assert_eq!(Sketch::from_bytes(&sketch.to_bytes()).unwrap(), sketch);
        }
        assert!(Sketch::from_bytes(&[]).is_none() && Sketch::from_bytes(&[0, 1]).is_none());
        assert!(Sketch::from_bytes(&[1, 1]).is_none());
        let mut again = of(0..1000);
        assert!(!again.add(hash_of_key("user", "user-7")));
    }
}
