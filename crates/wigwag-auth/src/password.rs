//! Passwords at rest: Argon2id in PHC form, with the parameters inside, so that they can be raised.
//!
//! Hashing and verifying take tens of milliseconds and 19 MiB: call them off the async threads.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};

/// The shortest and the longest password that somebody may choose, in characters.
const SHORTEST: usize = 12;
const LONGEST: usize = 128;

/// What is wrong with a password that somebody chooses, if anything. Any characters will do; several spaces in a row
/// count as one (ASVS 4.0.3, 2.1.1 to 2.1.4). Passwords that are in use stay good.
#[must_use]
pub fn problem(password: &str) -> Option<&'static str> {
    let mut last = None;
    let counted = password.chars().filter(|&c| last.replace(c) != Some(' ') || c != ' ').count();
    let fits = counted >= SHORTEST && password.chars().count() <= LONGEST;
    (!fits).then_some("must be 12 to 128 characters long")
}

/// Hashes a password with 8 or more bytes of salt nobody else uses.
///
/// # Errors
/// The salt is too short or too long.
pub fn hash(password: &str, salt: &[u8]) -> Result<String, argon2::password_hash::Error> {
    Argon2::default().hash_password_with_salt(password.as_bytes(), salt).map(|phc| phc.to_string())
}

/// A hash that no password fits, with the parameters of [`hash`]: verified where there is no member, so that
/// the time of an answer does not tell.
pub const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$ZGVjb3lkZWNveWRlY295$\
    ZGVjb3lkZWNveWRlY295ZGVjb3lkZWNveWRlY295ZGU";

/// Whether `password` is the one behind `phc`. A hash that cannot be read fits no password.
#[must_use]
pub fn verify(password: &str, phc: &str) -> bool {
    Argon2::default().verify_password(password.as_bytes(), phc).is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    #[test]
    fn passwords_are_long_and_not_too_long() {
        use super::problem;
        for good in ["twelve chars", "ä3456789012é", "            x b c d e f g", &*"x".repeat(64), &*"ß".repeat(128)]
        {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in ["", "eleven char", "ä345678901é", "twelve            is", &*" ".repeat(64), &*"x".repeat(129)] {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn only_the_password_fits() {
        let phc = super::hash("correct horse", b"0123456789abcdef").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(super::verify("correct horse", &phc));
        assert!(!super::verify("correct horsE", &phc));
        assert!(!super::verify("correct horse", "not a hash"));
        let same = |text: &str| text.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(same(super::DECOY), same(&phc));
        assert_eq!(super::DECOY.len(), phc.len() + 20 - "MDEyMzQ1Njc4OWFiY2RlZg".len());
        assert!(argon2::PasswordHash::new(super::DECOY).is_ok());
    }
}
