//! What sign-in has besides the store: an extension of the process.

use std::sync::Arc;

use tokio::sync::Semaphore;
use wigwag_auth::{Sessions, Throttle, password};
use wigwag_kit::{Ctx, Error, Result};
use wigwag_store::Store;

use super::mail::Mail;
use super::provider::Provider;

/// Passwords checked at once: each takes 19 MiB and a processor for tens of milliseconds.
const CHECKS: usize = 4;

/// Sign-in, as an extension of [`wigwag_kit::App`]. Cheap to clone.
#[derive(Clone)]
pub struct SignIn(Arc<Inner>);

struct Inner {
    sessions: Arc<Sessions>,
    throttle: Throttle,
    mail: Mail,
    provider: Option<Arc<dyn Provider>>,
    checks: Semaphore,
}

impl SignIn {
    /// Over an open store and `sessions`, the same that authenticate requests; with single sign-on where there is
    /// a provider.
    #[must_use]
    pub fn new(store: Store, sessions: Arc<Sessions>, mail: Mail, provider: Option<Arc<dyn Provider>>) -> Self {
        let throttle = Throttle::new(store);
        Self(Arc::new(Inner { sessions, throttle, mail, provider, checks: Semaphore::new(CHECKS) }))
    }

    /// That of the process.
    ///
    /// # Errors
    /// [`Error::NotFound`] in a process without.
    pub(crate) fn of(ctx: &Ctx) -> Result<&Self> {
        ctx.app.extension().ok_or_else(|| Error::NotFound("This process lets nobody sign in".to_owned()))
    }

    /// Sessions of members.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    /// Counts of tries.
    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// Letters to members.
    #[must_use]
    pub fn mail(&self) -> &Mail {
        &self.0.mail
    }

    /// The provider of single sign-on, if there is one.
    pub(crate) fn provider(&self) -> Option<&Arc<dyn Provider>> {
        self.0.provider.as_ref()
    }

    /// Whether a password is the one behind `phc`; against a decoy where there is none, in the same time.
    pub(crate) async fn verify(&self, password: &str, phc: Option<&str>) -> Result<bool> {
        let (password, known) = (password.to_owned(), phc.is_some());
        let phc = phc.unwrap_or(password::DECOY).to_owned();
        self.blocking(move || Ok(password::verify(&password, &phc) && known)).await
    }

    /// A password as it is stored.
    pub(crate) async fn hash(&self, ctx: &Ctx, password: &str) -> Result<String> {
        let (password, salt) = (password.to_owned(), ctx.app.ids.salt());
        let hash = move || password::hash(&password, salt.as_bytes()).map_err(|e| Error::Internal(e.to_string()));
        self.blocking(hash).await
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let _turn = self.0.checks.acquire().await.map_err(|e| Error::Internal(e.to_string()))?;
        tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(e.to_string()))?
    }
}
