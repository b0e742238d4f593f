//! What a handler may use: the caller, the store, time, ids. Nothing ambient.

use std::sync::Arc;

use wigwag_model::clock::Clock;
use wigwag_model::doc::Role;
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
    /// The change up to which the caller knows what it is about to change. See [`crate::based`].
    pub based_on: Option<u64>,
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

    /// What members may do to themselves without any role saying so, such as changing their own name. Only the
    /// member in person may, or a token that simply acts for them.
    ///
    /// # Errors
    /// [`Error::Denied`] for everybody else.
    pub fn authorise_oneself(&self, action: &'static str, member: &Spec) -> Result<Proof> {
        let myself = self.caller.acting_member().is_some_and(|me| Spec::top("member", &me.id) == *member);
        let in_person = self.caller.token.as_ref().is_none_or(|token| {
            let narrowed = token.role.is_some_and(|role| role != Role::Owner) || token.inline_role.is_some();
            !narrowed && token.custom_role_ids.is_empty() && token.limits.is_empty()
        });
        if myself && in_person { Ok(Proof::new(action, member)) } else { Err(Error::denied(action, member, None)) }
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
