//! Secure mode (evaluation §14): the hash that proves a client-side context was vouched for.

use sha2::{Digest, Sha256};
use wigwag_model::context::Context;

const BLOCK: usize = 64;

/// Lower-case hex of HMAC-SHA256 with the SDK key over the context's canonical key.
pub fn secure_mode_hash(sdk_key: &str, context: &Context) -> String {
    hex::encode(hmac_sha256(sdk_key.as_bytes(), context.canonical_key().as_bytes()))
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5C)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn published_hashes_come_out() {
        for (context, hash) in [
            (
                json!({"key":"signal-7","kind":"user"}),
                "d177938c37c943087b45fc2309e5ef73e8b7b68457fe2171273286b1261a796f",
            ),
            (json!({"key":"a:b%c","kind":"user"}), "74087957a2ec9bf7d4f6172579a3f16e537e4cb5273cff47f62191ea90600cfc"),
            (json!({"key":"a:b%c","kind":"yard"}), "12f4b97f99150d0c9462dd4a3e244c588caab443a2a4007869e821dd46063f4b"),
            (
                json!({"kind":"multi","user":{"key":"signal-7"},"yard":{"key":"y:1"}}),
                "d05750fdaccf240a996b05e521c3017d80dc96a5523b238d01bf9c6612e3a313",
            ),
            (
                json!({"Zed":{"key":"z"},"app":{"key":"p"},"kind":"multi"}),
                "32361e07a004d0608886f64f29902f9f5be126066b935caf7f8829a4f6612fbc",
            ),
            (json!({"key":"踏切🚦","kind":"user"}), "8cb8c7aacc0e909bdd447dc9cf3307484f4566515792ffe5117fe2ab31e2de56"),
            (json!({"key":"old-1","name":"n"}), "74c67e34a3b87fe687fc907bf1a88dc9ef2db1ddeb38e398b5d8c2dc6bea7b1d"),
        ] {
            let context = Context::from_value(context).unwrap();
            assert_eq!(secure_mode_hash("sdk-wigwag-0001", &context), hash, "{}", context.canonical_key());
        }
    }

    #[test]
    fn long_keys_are_hashed_first() {
        // RFC 4231, test case 6.
        let hash = hmac_sha256(&[0xAA; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(hex::encode(hash), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }
}
