//! Passwords: which may be chosen, and how they are kept: Argon2id in PHC form, with the parameters inside, so that they
//! can be raised.
//!
//! Judging, hashing and verifying take tens of milliseconds, the latter 19 MiB: call them off the async threads.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};

/// The shortest and the longest password that somebody may choose, in characters.
const SHORTEST: usize = 12;
const LONGEST: usize = 128;

/// As much of a password is judged, in characters: what it costs grows with more, and nobody guesses so much by chance.
const JUDGED: usize = 32;
/// A password that is found with fewer guesses is a common one. Ten thousand would be those on the list alone; with the
/// usual digits and signs around them it is a hundred times as many.
const GUESSES: u64 = 1_000_000;

/// What is wrong with a password that somebody chooses. Passwords that are in use stay good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Too short or too long.
    #[error("must be {SHORTEST} to {LONGEST} characters long")]
    Length,
    /// Among those that are tried first.
    #[error("is one of the most common passwords, or one of them with little added: choose another")]
    Common,
}

/// What is wrong with a password that whoever has the e-mail address `email` chooses, if anything. Any characters will
/// do; several spaces in a row count as one (ASVS 4.0.3, 2.1.1 to 2.1.4 and 2.1.7).
#[must_use]
pub fn problem(password: &str, email: &str) -> Option<Problem> {
    let mut last = None;
    let counted = password.chars().filter(|&c| last.replace(c) != Some(' ') || c != ' ').count();
    if counted < SHORTEST || password.chars().count() > LONGEST {
        return Some(Problem::Length);
    }
    let judged: String = password.chars().take(JUDGED).collect();
    let own = [email, email.split('@').next().unwrap_or_default(), "wigwag"];
    (zxcvbn::zxcvbn(&judged, &own).guesses() < GUESSES).then_some(Problem::Common)
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

    use super::{Problem, problem};

    const EMAIL: &str = "ann.miller@example.com";

    #[test]
    fn passwords_are_long_and_not_too_long() {
        let long = |n: usize| "ß knows of 1 way ".chars().cycle().take(n).collect::<String>();
        for good in ["twelve chars", "ä3456789012é", "            x b c d e f g", &*long(64), &*long(128)] {
            assert_eq!(problem(good, EMAIL), None, "{good}");
        }
        for bad in ["", "eleven char", "ä345678901é", "twelve            is", &*" ".repeat(64), &*long(129)] {
            assert_eq!(problem(bad, EMAIL), Some(Problem::Length), "{bad}");
        }
    }

    #[test]
    fn common_passwords_are_none() {
        let common = ["password1234", "Password123!", "P@ssw0rd1234", "123456789012", "qwertyuiop12", "1q2w3e4r5t6y"];
        let more = ["iloveyou1234", "letmein12345", "passwordpassword", "aaaaaaaaaaaa", "abcdefghijkl", "unbelievable"];
        let own = ["Ann.Miller@example.com", "ann.miller1234", "wigwag123456"];
        for bad in common.iter().chain(&more).chain(&own) {
            assert_eq!(problem(bad, EMAIL), Some(Problem::Common), "{bad}");
        }
        for good in ["correct horse battery", "bob's password", "x9v!kd82hs-1", "a gorse bush, 4 goats"] {
            assert_eq!(problem(good, EMAIL), None, "{good}");
        }
    }

    /// Signs that stand for letters can be read in very many ways, which is why only a part is judged.
    #[test]
    fn the_worst_password_is_judged() {
        let worst: String = "4@8({[<369&#!1|0$5+7%2/".chars().cycle().take(128).collect();
        assert_eq!(problem(&worst, EMAIL), None);
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
