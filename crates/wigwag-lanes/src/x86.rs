//! Vectors of 512 bits (AVX-512): a number of each of sixteen messages in each.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi32, _mm512_or_si512, _mm512_rol_epi32, _mm512_set1_epi32, _mm512_shuffle_epi8,
    _mm512_shuffle_i32x4, _mm512_ternarylogic_epi32, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi32, _mm512_unpacklo_epi64, _mm512_xor_si512,
};

use crate::{Block, LANES};

/// Proof that the processor has what is used here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Able(());

const INITIAL: [u32; 5] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
const ROUNDS: [u32; 4] = [0x5A82_7999, 0x6ED9_EBA1, 0x8F1B_BCDC, 0xCA62_C1D6];

// What a bit is made of three others, by their eight combinations.
const CHOICE: i32 = 0xCA;
const PARITY: i32 = 0x96;
const MAJORITY: i32 = 0xE8;

impl Able {
    pub(crate) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")).then_some(Self(()))
    }

    #[inline]
    pub(crate) fn hash(self, fronts: &[Block; LANES], backs: [&Block; LANES]) -> [u64; LANES] {
        #[expect(unsafe_code, reason = "only a check of the processor makes an `Able`")]
        // SAFETY: there is an `Able` only where `detect` found both features.
        unsafe {
            hash(fronts, backs)
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn hash(fronts: &[Block; LANES], backs: [&Block; LANES]) -> [u64; LANES] {
    // Numbers of SHA-1 have their first byte on top.
    let turned = vector(&std::array::from_fn(|byte| (byte ^ 3) as u8 & 15));
    let rows: [__m512i; LANES] = std::array::from_fn(|lane| {
        let whole = _mm512_or_si512(vector(&fronts[lane]), vector(backs[lane]));
        _mm512_shuffle_epi8(whole, turned)
    });
    let mut words = transposed(rows);

    let start = INITIAL.map(|number| _mm512_set1_epi32(number as i32));
    let [mut a, mut b, mut c, mut d, mut e] = start;
    // Written out, so that no number has to be looked for in memory.
    macro_rules! rounds {
        ($bits:expr, $constant:expr, $($round:literal)*) => {
            let constant = _mm512_set1_epi32($constant as i32);
            $(
                if $round >= 16 {
                    let (two, eight, thirteen) =
                        (words[($round + 2) % 16], words[($round + 8) % 16], words[($round + 13) % 16]);
                    let three = _mm512_ternarylogic_epi32::<PARITY>(thirteen, eight, two);
                    words[$round % 16] = _mm512_rol_epi32::<1>(_mm512_xor_si512(three, words[$round % 16]));
                }
                let mixed = _mm512_ternarylogic_epi32::<{ $bits }>(b, c, d);
                let sum = _mm512_add_epi32(_mm512_add_epi32(e, constant), words[$round % 16]);
                (e, d, c, b) = (d, c, _mm512_rol_epi32::<30>(b), a);
                a = _mm512_add_epi32(_mm512_add_epi32(sum, mixed), _mm512_rol_epi32::<5>(a));
            )*
        };
    }
    rounds!(CHOICE, ROUNDS[0], 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19);
    rounds!(PARITY, ROUNDS[1], 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39);
    rounds!(MAJORITY, ROUNDS[2], 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59);
    rounds!(PARITY, ROUNDS[3], 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79);
    let _others = (c, d, e);

    let (high, low) = (numbers(_mm512_add_epi32(a, start[0])), numbers(_mm512_add_epi32(b, start[1])));
    std::array::from_fn(|lane| u64::from(high[lane]) << 32 | u64::from(low[lane]))
}

/// Sixteen rows of sixteen numbers as sixteen columns.
#[target_feature(enable = "avx512f")]
fn transposed(rows: [__m512i; LANES]) -> [__m512i; LANES] {
    // Within pairs of rows, then within fours; each vector has four parts that stay where they are.
    let pairs: [__m512i; LANES] = std::array::from_fn(|n| {
        let (one, other) = (rows[n & !1], rows[n | 1]);
        if n % 2 == 0 { _mm512_unpacklo_epi32(one, other) } else { _mm512_unpackhi_epi32(one, other) }
    });
    let fours: [__m512i; LANES] = std::array::from_fn(|n| {
        let first = (n & !3) + (n >> 1 & 1);
        let (one, other) = (pairs[first], pairs[first + 2]);
        if n % 2 == 0 { _mm512_unpacklo_epi64(one, other) } else { _mm512_unpackhi_epi64(one, other) }
    });
    // Then the parts: the even ones of two, or the odd ones.
    let mut columns = rows;
    for n in 0..4 {
        let (one, two, three, four) = (fours[n], fours[n + 4], fours[n + 8], fours[n + 12]);
        let (left, right) = (_mm512_shuffle_i32x4::<0x88>(one, two), _mm512_shuffle_i32x4::<0x88>(three, four));
        columns[n] = _mm512_shuffle_i32x4::<0x88>(left, right);
        columns[n + 8] = _mm512_shuffle_i32x4::<0xDD>(left, right);
        let (left, right) = (_mm512_shuffle_i32x4::<0xDD>(one, two), _mm512_shuffle_i32x4::<0xDD>(three, four));
        columns[n + 4] = _mm512_shuffle_i32x4::<0x88>(left, right);
        columns[n + 12] = _mm512_shuffle_i32x4::<0xDD>(left, right);
    }
    columns
}

#[inline]
fn vector(bytes: &Block) -> __m512i {
    #[expect(unsafe_code, reason = "the standard library has no safe way")]
    // SAFETY: both are 64 bytes, of which each may have any value.
    unsafe {
        std::mem::transmute(*bytes)
    }
}

#[inline]
fn numbers(vector: __m512i) -> [u32; LANES] {
    #[expect(unsafe_code, reason = "the standard library has no safe way")]
    // SAFETY: both are 64 bytes, of which each may have any value.
    unsafe {
        std::mem::transmute(vector)
    }
}
