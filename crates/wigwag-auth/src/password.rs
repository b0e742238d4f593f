//! Passwords at rest: Argon2id in PHC form, with the parameters inside, so that they can be raised.
//!
//! Both functions take tens of milliseconds and 19 MiB: call them off the async threads.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};

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
