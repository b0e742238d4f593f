//! Codes of six digits that change every 30 seconds (RFC 6238, SHA-1): what every authenticator app speaks.

use totp_rs::{Algorithm, Builder, Secret, Totp};
use wigwag_model::clock::Millis;

/// Bytes of a seed.
pub const SEED: usize = 20;
/// Seconds a code is shown.
const STEP: u64 = 30;
/// For how long the step of a code that was used has to be remembered, in milliseconds.
pub const REMEMBERED: Millis = 3 * STEP as Millis * 1_000;

fn totp(seed: &[u8; SEED]) -> Totp {
    let secret = Secret::new(Box::new(*seed));
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1);
    builder.with_step_duration(STEP).with_secret(secret).build_noncompliant()
}

/// The step whose code this is: the present one, the one before or the one after. A step must not be
/// accepted twice; the caller remembers.
#[must_use]
pub fn step_of(seed: &[u8; SEED], code: &str, now: Millis) -> Option<u64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    totp(seed).check(&digits, seconds(now))
}

/// The code of a time. For tests and for people who write authenticators.
#[must_use]
pub fn code_at(seed: &[u8; SEED], now: Millis) -> String {
    totp(seed).generate(seconds(now)).to_string()
}

/// The seed as people type it: base32 without padding.
#[must_use]
pub fn base32(seed: &[u8; SEED]) -> String {
    Secret::new(Box::new(*seed)).to_base32()
}

/// The address that authenticator apps read, usually from a picture.
#[must_use]
pub fn url(seed: &[u8; SEED], issuer: &str, account: &str) -> String {
    let (issuer, account) = (encoded(issuer), encoded(account));
    let secret = base32(seed);
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
}

/// Everything but letters, digits and a few signs as `%XX`.
fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~@".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn seconds(now: Millis) -> u64 {
    u64::try_from(now / 1_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    /// The test vectors of RFC 6238, appendix B, shortened to six digits.
    #[test]
    fn known_codes() {
        let seed = b"12345678901234567890";
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(seed, second * 1_000), code);
            assert_eq!(step_of(seed, code, second * 1_000), Some(second as u64 / 30));
            assert_eq!(step_of(seed, code, (second + 30) * 1_000), Some(second as u64 / 30));
            assert_eq!(step_of(seed, code, (second - 30) * 1_000), Some(second as u64 / 30));
            assert_eq!(step_of(seed, code, (second + 90) * 1_000), None);
            // Before the epoch there are no steps.
            assert_eq!(step_of(seed, code, (second - 90) * 1_000), (second < 90).then_some(1));
        }
        assert_eq!(step_of(seed, " 287 082 ", 59_000), Some(1));
        for junk in ["", "28708", "2870820", "28708x", "٢٨٧٠٨٢", "-28708", "+28708"] {
            assert_eq!(step_of(seed, junk, 59_000), None, "{junk}");
        }
    }

    #[test]
    fn addresses() {
        let url = url(b"12345678901234567890", "Wigwag", "ann+1@example.com");
        assert_eq!(
            url,
            "otpauth://totp/Wigwag:ann%2B1@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Wigwag&algorithm=SHA1&digits=6&period=30"
        );
    }
}
