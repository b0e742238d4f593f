//! Work that falls due: what documents say is to happen at a time, done when that time comes.
//!
//! A document states the time of its next work as a number fact. [`Due`] finds the documents whose
//! time has come and lets their kind apply what is due by the ordinary way of a change, so that it
//! is checked, versioned and in the audit log like any other. Of several servers one has the turn to do so. Were two
//! to do it at once, because one stood still and does not know yet that its turn is over, the change of all but one
//! loses its race, and finds nothing left to do when it loads anew.

use std::sync::Arc;
use std::time::Duration;

use wigwag_auth::Unrestricted;
use wigwag_kit::{ApiVersion, App, BoxFuture, Caller, Ctx, Error, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::Kind;
use wigwag_store::{DocKey, Turn};

use crate::common::News;

/// How long to wait before what failed is tried again.
const RETRY: Duration = Duration::from_secs(60);
/// The same where the database does not answer.
const AWAY: Duration = Duration::from_secs(2);
/// The longest sleep: the machine's clock may be set meanwhile.
const LONGEST: Duration = Duration::from_secs(60);
/// Changes come in bursts, which are looked at once.
const BURST: Duration = Duration::from_millis(200);

/// A kind of work that falls due.
pub struct DueKind {
    /// The documents that say when.
    pub kind: Kind,
    /// Their number fact with the time of the next work; without it, there is none.
    pub fact: &'static str,
    /// Does all that one document has due by the clock. Loads the document itself and tries again
    /// when it loses a race ([`wigwag_kit::resource::retried`]); that nothing is due any more, or
    /// that the document is gone, is a success.
    pub apply: fn(Ctx, DocKey) -> BoxFuture<'static, Result<()>>,
}

/// Does what falls due.
pub struct Due {
    ctx: Ctx,
    kinds: Vec<DueKind>,
    turn: Option<Turn>,
}

impl Due {
    /// For these kinds of work.
    #[must_use]
    pub fn new(app: Arc<App>, kinds: Vec<DueKind>) -> Self {
        // Nobody acts: audit entries of such changes name neither a member nor a token.
        let system = Caller { member: None, token: None, authority: Arc::new(Unrestricted) };
        Self {
            ctx: Ctx { app, caller: Arc::new(system), version: ApiVersion::NEWEST, as_of: None, based_on: None },
            kinds,
            turn: None,
        }
    }

    /// Only while it is this server's turn.
    #[must_use]
    pub fn in_turn(self, turn: Turn) -> Self {
        Self { turn: Some(turn), ..self }
    }

    /// Does everything that is due now, the longest due first within each kind. Answers when to look
    /// again, were nothing to change: `None` when nothing else is planned.
    ///
    /// # Errors
    /// The store cannot be reached. Work that fails for another reason is left for later.
    pub async fn pass(&self) -> Result<Option<Millis>> {
        let (store, now) = (self.ctx.store(), self.ctx.app.clock.now());
        let mut next = None;
        for DueKind { kind, fact, apply } in &self.kinds {
            // As a rule nothing is due: then one question will do.
            let first = store.next_due(*kind, fact, Millis::MIN).await?;
            if first.is_none_or(|first| first > now) {
                next = earlier(next, first);
                continue;
            }
            for key in store.due(*kind, fact, now).await? {
                match apply(self.ctx.clone(), key.clone()).await {
                    Ok(()) => {}
                    Err(Error::Unavailable) => return Err(Error::Unavailable),
                    Err(error) => {
                        tracing::warn!(document = %key, "what is due could not be done: {}", cause(&error));
                        next = earlier(next, Some(now.saturating_add(millis(RETRY))));
                    }
                }
            }
            next = earlier(next, store.next_due(*kind, fact, now).await?);
        }
        Ok(next)
    }

    /// Goes on for ever, or until the store is closed: sleeps until something is due, and wakes
    /// whenever a document of its kinds changes. It may be dropped at any point.
    pub async fn run(self) {
        let kinds: Vec<Kind> = self.kinds.iter().map(|due| due.kind).collect();
        let mut news = News::of(self.ctx.store());
        loop {
            news.look();
            let pause = match self.turned().await {
                Ok(pause) => pause,
                Err(Error::Unavailable) => AWAY,
                Err(error) => {
                    tracing::warn!("cannot look for what is due: {}", cause(&error));
                    RETRY
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                open = news.come(&kinds, BURST) => if !open {
                    return;
                },
            }
        }
    }

    /// A pass, if it is this server's turn. When to look again.
    async fn turned(&self) -> Result<Duration> {
        let Some(turn) = &self.turn else { return Ok(self.pause(self.pass().await?)) };
        if !turn.is_mine().await {
            return Ok(Turn::RENEW);
        }
        Ok(self.pause(self.pass().await?).min(Turn::RENEW))
    }

    fn pause(&self, next: Option<Millis>) -> Duration {
        let left = next.map(|at| at.saturating_sub(self.ctx.app.clock.now()).max(0));
        left.and_then(|left| u64::try_from(left).ok()).map_or(LONGEST, |left| Duration::from_millis(left).min(LONGEST))
    }
}

fn earlier(a: Option<Millis>, b: Option<Millis>) -> Option<Millis> {
    a.into_iter().chain(b).min()
}

fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

/// For the log, where faults of ours may be told.
fn cause(error: &Error) -> String {
    match error {
        Error::Internal(cause) => cause.clone(),
        other => other.to_string(),
    }
}
