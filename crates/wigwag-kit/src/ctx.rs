//! What a handler may use: the caller, the store, time, ids. Nothing ambient.

use std::sync::Arc;

use wigwag_model::clock::Clock;
use wigwag_model::id::Ids;
use wigwag_store::Store;

use crate::access::{Caller, Decision, Proof};
use crate::error::{Error, Result};
use crate::secrets::Keyring;
use crate::spec::Spec;
use crate::version::ApiVersion;

/// What all requests share.
pub struct App {
    /// Documents and the change log.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Ids and secrets.
    pub ids: Ids,
    /// Absolute address under which people reach this server, no trailing slash.
    pub site: String,
    /// The account's id.
    pub account_id: String,
    /// Opens and seals secrets that must be read back.
    pub keyring: Arc<Keyring>,
    /// What the process has besides, by type: resources may use it and must do without it.
    pub extensions: http::Extensions,
}

impl App {
    /// A part of the process that not every process has.
    #[must_use]
    pub fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<&T> {
        self.extensions.get()
    }
}

/// One request's view of the world.
#[derive(Clone)]
pub struct Ctx {
    /// What all requests share.
    pub app: Arc<App>,
    /// Who is calling.
    pub caller: Arc<Caller>,
    /// The API version in force.
    pub version: ApiVersion,
    /// The change after which things are shown; none shows them as they are. See [`crate::past`].
    pub as_of: Option<u64>,
}

impl Ctx {
    /// Asks whether the caller may do `action` on `resource`.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub fn authorise(&self, action: &'static str, resource: &Spec) -> Result<Proof> {
        match self.caller.authority.decide(action, resource) {
            Decision::Allow => Ok(Proof::new(action, resource)),
            Decision::Deny(reason) => Err(Error::denied(action, resource, reason)),
        }
    }

    /// Whether the caller may do `action` on `resource`, for leaving things out of lists.
    #[must_use]
    pub fn may(&self, action: &str, resource: &Spec) -> bool {
        self.caller.authority.decide(action, resource) == Decision::Allow
    }

    /// Documents and the change log. What may be asked for as of another time is read by [`Ctx::get`] and its
    /// like instead.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.app.store
    }
}
