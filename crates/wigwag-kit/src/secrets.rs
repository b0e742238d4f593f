//! Secrets that must be read back, at rest: XChaCha20-Poly1305 under a key of the installation.
//!
//! What only has to be recognised (tokens, session ids, passwords) is hashed instead and never comes here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use wigwag_model::doc::Sealed;
use wigwag_model::id::Ids;

use crate::error::{Error, Result};

const NONCE: usize = 24;

/// The keys of an installation. The first seals; all of them open, so that a key can be replaced
/// while what it sealed is still around.
#[derive(Clone)]
pub struct Keyring(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl Keyring {
    /// A ring of one key.
    #[must_use]
    pub fn of(key: [u8; 32]) -> Self {
        Self(vec![Key::new(&key)])
    }

    /// Reads keys as files hold them: 64 hexadecimal digits a line, the one that seals first. Empty lines and
    /// lines that begin with `#` are skipped.
    ///
    /// # Errors
    /// What is wrong, by line; never a key.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let mut keys = Vec::new();
        for (at, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut key = [0; 32];
            hex::decode_to_slice(line, &mut key)
                .map_err(|_| format!("line {} is not a key: 64 hexadecimal digits", at + 1))?;
            keys.push(Key::new(&key));
        }
        if keys.is_empty() {
            return Err("there is no key: 64 hexadecimal digits on a line".to_owned());
        }
        Ok(Self(keys))
    }

    /// Encrypts `clear`. `about` says what the secret belongs to, such as `webhook/5f…`: opened for
    /// anything else it is refused, so that a stored secret cannot be moved to where others may read it.
    ///
    /// # Errors
    /// [`Error::Internal`], when the secret is longer than any cipher takes.
    pub fn seal(&self, ids: &Ids, about: &str, clear: &str) -> Result<Sealed> {
        let key = self.0.first().ok_or_else(|| Error::Internal("there is no key to seal with".to_owned()))?;
        let nonce: [u8; NONCE] = ids.nonce();
        let payload = Payload { msg: clear.as_bytes(), aad: about.as_bytes() };
        let text = key.cipher.encrypt(&XNonce::from(nonce), payload);
        let text = text.map_err(|_| Error::Internal("a secret could not be sealed".to_owned()))?;
        Ok(Sealed(format!("{}:{}", key.id, BASE64.encode([&nonce[..], &text].concat()))))
    }

    /// The secret behind `sealed`.
    ///
    /// # Errors
    /// [`Error::Internal`] naming the key that is missing, or what it belongs to when it was changed.
    pub fn open(&self, about: &str, sealed: &Sealed) -> Result<String> {
        let id = sealed.key_id();
        let key = self.0.iter().find(|key| key.id == id);
        let key = key.ok_or_else(|| Error::Internal(format!("the key {id} that sealed a secret is not configured")))?;
        let broken = || Error::Internal(format!("the sealed secret of {about} is damaged"));
        let bytes = BASE64.decode(sealed.0.get(id.len() + 1..).unwrap_or_default()).map_err(|_| broken())?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE>().ok_or_else(broken)?;
        let payload = Payload { msg: text, aad: about.as_bytes() };
        let clear = key.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken())?;
        String::from_utf8(clear).map_err(|_| broken())
    }

    /// The same secret under the key that seals now; none where that sealed it already.
    ///
    /// # Errors
    /// As [`Keyring::open`].
    pub fn renewed(&self, ids: &Ids, about: &str, sealed: &Sealed) -> Result<Option<Sealed>> {
        if self.is_current(sealed) {
            return Ok(None);
        }
        self.seal(ids, about, &self.open(about, sealed)?).map(Some)
    }

    /// Whether the key that sealed this is still here.
    #[must_use]
    pub fn knows(&self, sealed: &Sealed) -> bool {
        self.0.iter().any(|key| key.id == sealed.key_id())
    }

    /// The same with the keys of `others` behind, which then open too.
    #[must_use]
    pub fn with(mut self, others: Self) -> Self {
        for other in others.0 {
            if !self.0.iter().any(|key| key.id == other.id) {
                self.0.push(other);
            }
        }
        self
    }

    /// The ids of the keys, the one that seals first. They tell nothing of the keys.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.id.as_str())
    }

    /// Whether `sealed` was made by the key that seals now: others want sealing again after a rotation.
    #[must_use]
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        self.0.first().is_some_and(|key| key.id == sealed.key_id())
    }
}

impl Key {
    fn new(key: &[u8; 32]) -> Self {
        let mut id = hex::encode(Sha256::digest(key));
        id.truncate(8);
        Self { id, cipher: XChaCha20Poly1305::new(key.into()) }
    }
}

/// The ids of the keys, never the keys.
impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|key| &key.id)).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn sealed_and_opened() {
        let (ring, ids) = (Keyring::of([7; 32]), Ids::seeded(1));
        let sealed = ring.seal(&ids, "webhook/1", "hunter2").unwrap();
        assert!(!sealed.0.contains("hunter2"));
        assert_eq!(ring.open("webhook/1", &sealed).unwrap(), "hunter2");
        assert!(ring.open("webhook/2", &sealed).is_err(), "it belongs to another");
        assert!(Keyring::of([8; 32]).open("webhook/1", &sealed).is_err(), "another key");
        for at in 9..sealed.0.len() {
            let mut text = sealed.0.clone().into_bytes();
            text[at] = if text[at] == b'A' { b'B' } else { b'A' };
            let changed = Sealed(String::from_utf8(text).unwrap());
            assert!(changed == sealed || ring.open("webhook/1", &changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_replaced_key_still_opens() {
        let (old, ids) = (Keyring::of([7; 32]), Ids::seeded(1));
        let sealed = old.seal(&ids, "x", "y").unwrap();
        let both = Keyring::parse(&format!("# two\n{}\n\n{}\n", "08".repeat(32), "07".repeat(32))).unwrap();
        assert_eq!(both.open("x", &sealed).unwrap(), "y");
        assert!(!both.is_current(&sealed));
        assert!(both.is_current(&both.seal(&ids, "x", "y").unwrap()));
        let new = both.renewed(&ids, "x", &sealed).unwrap().unwrap();
        assert_eq!(Keyring::of([8; 32]).open("x", &new).unwrap(), "y", "the old key is not needed any more");
        assert!(both.renewed(&ids, "x", &new).unwrap().is_none());
        assert!(both.knows(&sealed) && !Keyring::of([8; 32]).knows(&sealed));
        let joined = Keyring::of([8; 32]).with(both.clone());
        assert_eq!(joined.ids().collect::<Vec<_>>(), both.ids().collect::<Vec<_>>());
    }

    #[test]
    fn files_that_hold_no_keys() {
        for text in ["", "# nothing", "abc", &"0".repeat(63)] {
            let error = Keyring::parse(text).unwrap_err();
            assert!(!error.contains("abc"), "{error}");
        }
    }
}
