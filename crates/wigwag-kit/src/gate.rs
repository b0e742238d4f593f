//! Who is let in at all, before anything is looked at: by network address.

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};

use crate::access::BoxFuture;
use crate::error::{Error, Result};

/// What somebody brings to be known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An access token.
    Token,
    /// The session of a browser.
    Session,
}

impl Credential {
    /// What a request brings, whether it holds or not. Nobody gets anywhere without.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        match (headers.contains_key(AUTHORIZATION), headers.contains_key(COOKIE)) {
            (true, _) => Some(Self::Token),
            (false, true) => Some(Self::Session),
            (false, false) => None,
        }
    }
}

/// Keeps a list of addresses.
pub trait Gate: Send + Sync {
    /// Whether what it knows is up to date: asked for every request.
    fn is_current(&self) -> bool;
    /// Gets up to date.
    fn refresh(&self) -> BoxFuture<'_, Result<()>>;
    /// Whether who comes from there may come in. Where nobody says from where, the address is missing.
    fn admits(&self, credential: Credential, peer: Option<IpAddr>) -> bool;
}

/// The extension of [`crate::App`] that holds the gate.
#[derive(Clone)]
pub struct Gatekeeper(pub Arc<dyn Gate>);

impl Gatekeeper {
    /// Refuses who may not come in.
    ///
    /// # Errors
    /// 403 naming the address.
    pub(crate) async fn check(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<()> {
        let Some(credential) = Credential::of(headers) else { return Ok(()) };
        if !self.0.is_current() {
            self.0.refresh().await?;
        }
        if self.0.admits(credential, peer) {
            return Ok(());
        }
        let from = peer.map_or_else(|| "an unknown address".to_owned(), |peer| peer.to_canonical().to_string());
        Err(Error::Forbidden(format!("Requests from {from} are not on the IP allowlist of this account")))
    }
}
