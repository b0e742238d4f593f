//! Identifiers and secrets, made by an injected generator.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Fills the buffer with bytes that nobody can guess.
pub type Entropy = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// Makes every id, salt and secret in the product, so that tests can seed it.
#[derive(Clone)]
pub struct Ids(Entropy);

impl Ids {
    /// Draws from `entropy`; production passes the operating system's generator.
    #[must_use]
    pub fn new(entropy: Entropy) -> Self {
        Self(entropy)
    }

    /// A reproducible sequence for tests: never for secrets that matter.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let counter = AtomicU64::new(seed);
        Self::new(Arc::new(move |buf: &mut [u8]| {
            for chunk in buf.chunks_mut(8) {
                let mut z = counter.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                let bytes = (z ^ (z >> 31)).to_le_bytes();
                chunk.copy_from_slice(&bytes[..chunk.len()]);
            }
        }))
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buf = [0; N];
        (self.0)(&mut buf);
        buf
    }

    /// Bytes that are used once, with a key that seals secrets.
    #[must_use]
    pub fn nonce(&self) -> [u8; 24] {
        self.bytes()
    }

    /// 32 random bytes: a key that seals secrets.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        self.bytes()
    }

    /// 24 lower-case hex digits: accounts, environments, members, tokens, audit entries.
    #[must_use]
    pub fn object_id(&self) -> String {
        hex::encode(self.bytes::<12>())
    }

    /// A random (version 4) UUID: variations, rules, clauses.
    #[must_use]
    pub fn uuid(&self) -> String {
        let mut b = self.bytes::<16>();
        b[6] = (b[6] & 0x0f) | 0x40;
        b[8] = (b[8] & 0x3f) | 0x80;
        let h = hex::encode(b);
        format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
    }

    /// 32 lower-case hex digits: salts.
    #[must_use]
    pub fn salt(&self) -> String {
        hex::encode(self.bytes::<16>())
    }

    /// An SDK key: `sdk-` and a UUID (sdk-protocol.md 1.1).
    #[must_use]
    pub fn sdk_key(&self) -> String {
        format!("sdk-{}", self.uuid())
    }

    /// A mobile key: `mob-` and a UUID (sdk-protocol.md 1.1).
    #[must_use]
    pub fn mobile_key(&self) -> String {
        format!("mob-{}", self.uuid())
    }

    /// A REST access token: `api-` and a UUID.
    #[must_use]
    pub fn access_token(&self) -> String {
        format!("api-{}", self.uuid())
    }

    /// The key of a Relay Proxy configuration: `rel-` and a UUID.
    #[must_use]
    pub fn relay_key(&self) -> String {
        format!("rel-{}", self.uuid())
    }

    /// A secret of 256 random bits, 64 lower-case hex digits: clients' secrets, codes, refresh tokens.
    #[must_use]
    pub fn secret(&self) -> String {
        hex::encode(self.bytes::<32>())
    }

    /// A readable password of 20 characters (about 100 bits), without look-alikes.
    #[must_use]
    pub fn password(&self) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let drawn = self.bytes::<20>();
        drawn.iter().map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect()
    }
}
