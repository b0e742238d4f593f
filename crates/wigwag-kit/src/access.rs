//! Who is calling, what they may do, and the proof that it was asked.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderMap;
use serde_json::Value;
use wigwag_model::doc::{Member, Token};
use wigwag_store::Write;

use crate::change::Agent;
use crate::error::Error;
use crate::spec::Spec;

/// Who makes a request. A member acts through a token or a session; a service token for itself.
#[derive(Clone)]
pub struct Caller {
    /// The member, or for a service token the member who made it.
    pub member: Option<Arc<Member>>,
    /// The access token used.
    pub token: Option<Arc<Token>>,
    /// What the caller may do.
    pub authority: Arc<dyn Authority>,
}

impl Caller {
    /// The member on whose behalf the caller acts; none for service tokens.
    #[must_use]
    pub fn acting_member(&self) -> Option<&Arc<Member>> {
        if self.token.as_ref().is_some_and(|t| t.service_token) { None } else { self.member.as_ref() }
    }
}

/// Decides. Implemented by `wigwag-auth`.
pub trait Authority: Send + Sync {
    /// Whether `action` on `resource` is allowed.
    fn decide(&self, action: &str, resource: &Spec) -> Decision;

    /// Who acts, where it is neither a member nor a token.
    fn acting(&self) -> Option<&Acting> {
        None
    }
}

/// An answer of an [`Authority`].
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Go ahead.
    Allow,
    /// Refused, with the deciding statement where one exists.
    Deny(Option<Value>),
}

/// Something that acts by itself, such as a trigger, and what its change carries along.
pub struct Acting {
    /// As audit entries name it.
    pub agent: Agent,
    /// What set it off, for the audit entry.
    pub body: Option<Value>,
    /// Its own bookkeeping: written together with the change that it makes, whatever that is.
    pub also: Vec<Write>,
    changed: AtomicBool,
}

impl Acting {
    /// Nothing was changed yet.
    #[must_use]
    pub const fn new(agent: Agent, body: Option<Value>, also: Vec<Write>) -> Self {
        Self { agent, body, also, changed: AtomicBool::new(false) }
    }

    /// Whether it made a change.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.changed.load(Ordering::SeqCst)
    }

    pub(crate) fn note(&self) {
        self.changed.store(true, Ordering::SeqCst);
    }
}

/// Evidence that one action on one resource was allowed. Only [`crate::Ctx::authorise`] makes it,
/// and a [`crate::Change`] cannot be made without: a forgotten check does not compile.
#[derive(Debug)]
pub struct Proof {
    action: &'static str,
    resource: String,
    spec: Spec,
}

impl Proof {
    pub(crate) fn new(action: &'static str, resource: &Spec) -> Self {
        Self { action, resource: resource.to_string(), spec: resource.clone() }
    }

    /// The resource, with its tags.
    #[must_use]
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The action that was allowed.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        self.action
    }

    /// The specifier of the resource, without tags.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }
}

/// At least one proof. They become the `accesses` of the audit entry, in order, once each.
#[derive(Debug)]
pub struct Proofs(Vec<Proof>);

impl Proofs {
    /// Begins with one.
    #[must_use]
    pub fn of(first: Proof) -> Self {
        Self(vec![first])
    }

    /// Adds another; one that is already there is dropped.
    pub fn add(&mut self, proof: Proof) {
        if !self.0.iter().any(|p| p.action == proof.action && p.resource == proof.resource) {
            self.0.push(proof);
        }
    }

    /// Adds those of another part of the same change.
    pub fn join(&mut self, others: Self) {
        others.0.into_iter().for_each(|proof| self.add(proof));
    }

    /// From a list; none when the list is empty.
    #[must_use]
    pub fn from_list(list: Vec<Proof>) -> Option<Self> {
        let mut proofs = list.into_iter();
        let mut all = Self::of(proofs.next()?);
        proofs.for_each(|p| all.add(p));
        Some(all)
    }

    /// In the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Proof> {
        self.0.iter()
    }
}

/// A future that anything may be behind.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Finds out who is calling. Implemented by `wigwag-auth`.
pub trait Authenticator: Send + Sync {
    /// The caller that the header fields prove, or [`Error::Unauthorized`].
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Caller, Error>>;
}

impl<A: Authenticator + ?Sized> Authenticator for Arc<A> {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> BoxFuture<'a, Result<Caller, Error>> {
        (**self).authenticate(headers)
    }
}

impl Caller {
    /// Nobody in particular: who calls public operations without a credential. May do nothing.
    #[must_use]
    pub fn nobody() -> Self {
        struct Nothing;
        impl Authority for Nothing {
            fn decide(&self, _: &str, _: &Spec) -> Decision {
                Decision::Deny(None)
            }
        }
        Self { member: None, token: None, authority: Arc::new(Nothing) }
    }
}
