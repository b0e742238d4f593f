//! SHA-1 of sixteen short messages at once, where the processor has vectors of 512 bits.
//!
//! The buckets of rollouts are defined by SHA-1, a hash for every flag. One block after the other the instructions that
//! processors have for it take 17 ns each; sixteen side by side take 5, and so evaluating all flags for a client, most of
//! which is hashing, takes two thirds of the time (`bench/results/client.md`). No library hashes several messages at once
//! without C, and the wrappers that would make vectors safe are either not kept up or stop at 256 bits. Hence the
//! workspace's only unsafe code: calling what the processor was asked about, and seeing vectors as numbers.

#[cfg(target_arch = "x86_64")]
#[path = "x86.rs"]
mod imp;
#[cfg(not(target_arch = "x86_64"))]
#[path = "other.rs"]
mod imp;

/// How many are hashed at once.
pub const LANES: usize = 16;

/// A block of SHA-1.
pub type Block = [u8; 64];

/// A processor that can.
#[derive(Clone, Copy, Debug)]
pub struct Lanes(imp::Able);

impl Lanes {
    /// Whether this one can.
    #[must_use]
    pub fn detect() -> Option<Self> {
        imp::Able::detect().map(Self)
    }

    /// The first 64 bits of the SHA-1 of messages of one block each, padding included, which are given in two parts that
    /// are put together bit for bit: where one part says something, the other is zero.
    #[must_use]
    #[inline]
    pub fn hash(self, fronts: &[Block; LANES], backs: [&Block; LANES]) -> [u64; LANES] {
        self.0.hash(fronts, backs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha1::{Digest as _, Sha1};

    /// Bytes that look like nothing.
    fn noise(seed: &mut u32) -> u8 {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*seed >> 24) as u8
    }

    #[test]
    fn every_lane_is_what_one_hash_gives() {
        let Some(lanes) = Lanes::detect() else { return };
        let mut seed = 1;
        for round in 0..1_000 {
            let (mut fronts, mut backs, mut expected) = ([[0; 64]; LANES], [[0; 64]; LANES], [0; LANES]);
            for lane in 0..LANES {
                let length = (round * LANES + lane) % 56;
                let split = usize::from(noise(&mut seed)) % (length + 1);
                let message: Vec<u8> = (0..length).map(|_| noise(&mut seed)).collect();
                fronts[lane][..split].copy_from_slice(&message[..split]);
                backs[lane][split..length].copy_from_slice(&message[split..]);
                backs[lane][length] = 0x80;
                backs[lane][56..].copy_from_slice(&(length as u64 * 8).to_be_bytes());
                let digest = Sha1::digest(&message);
                expected[lane] = digest[..8].iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
            }
            assert_eq!(lanes.hash(&fronts, std::array::from_fn(|lane| &backs[lane])), expected);
        }
    }
}
