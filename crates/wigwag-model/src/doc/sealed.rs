//! A secret that must be read back, encrypted.

use serde::{Deserialize, Serialize};

/// A secret in a form that only the installation's key ring opens (`wigwag_kit::secrets`): the id of
/// the key, a colon, and base64 of nonce and ciphertext. It can be stored and logged; it shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(pub String);

impl Sealed {
    /// The id of the key it was sealed with.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.0.split_once(':').map_or("", |(id, _)| id)
    }
}
