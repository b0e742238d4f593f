//! What is sealed, under which keys, and sealing it anew when there is a newer key.
//!
//! Only what holds now is sealed anew. The past is vouched for by the hashes of the log and stays as it was written:
//! once an old key is dropped, nobody can open what it sealed there.

mod status;

use wigwag_kit::change::Change;
use wigwag_kit::{Ctx, Error, Keyring, Proofs, Result, Spec};
use wigwag_model::doc::{Account, Kind, Sealed};
use wigwag_store::{Doc, Expect, IndexFacts};

pub use status::{KeyPart, KeyStatus, Status};

use crate::bootstrap;

/// Documents sealed anew by one change.
const AT_ONCE: usize = 100;
/// How often documents are looked for that others changed meanwhile.
const ROUNDS: usize = 100;

/// A kind of document that holds sealed secrets.
pub struct SealedKind {
    /// The kind.
    pub kind: Kind,
    /// Each secret that a document holds, as it is stored.
    pub held: fn(&Doc) -> Result<Vec<Held>>,
    /// Adds the document with all its secrets under the key that seals now to a change.
    pub renew: fn(&Ctx, &Doc, &mut Change) -> Result<()>,
}

/// A secret as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Stored before such secrets were sealed.
    Clear,
    /// Sealed.
    Sealed(Sealed),
}

impl Held {
    fn is_current(&self, keyring: &Keyring) -> bool {
        matches!(self, Self::Sealed(sealed) if keyring.is_current(sealed))
    }

    fn can_be_opened(&self, keyring: &Keyring) -> bool {
        match self {
            Self::Clear => true,
            Self::Sealed(sealed) => keyring.knows(sealed),
        }
    }
}

/// What is sealed, and with which keys.
///
/// # Errors
/// A store that cannot be read.
pub async fn status(ctx: &Ctx) -> Result<Status> {
    let mut status = Status::of(&ctx.app.keyring);
    for SealedKind { kind, held, .. } in crate::sealed_kinds() {
        for doc in ctx.store().scan(kind, None, None).await? {
            held(&doc)?.iter().for_each(|held| status.count(kind, held));
        }
    }
    status.kept = account(ctx).await?.0.keyring.is_some();
    Ok(status)
}

/// Seals everything anew that the key that seals now did not seal. Each change is whole in itself: what was
/// interrupted goes on when it is called again, and servers may change the same documents meanwhile. When all is
/// done, keys that were kept in the database are forgotten; `configured` says that others seal now.
///
/// What was sealed with a key that is not here stays as it is: [`status`] tells.
///
/// # Errors
/// A store that cannot be reached; documents that change faster than they can be sealed.
pub async fn rotate(ctx: &Ctx, configured: bool) -> Result<u64> {
    let mut done = 0;
    for sealed in crate::sealed_kinds() {
        done += rotate_kind(ctx, &sealed).await?;
    }
    if configured && status(ctx).await?.is_done() {
        forget_kept(ctx).await?;
    }
    Ok(done)
}

async fn rotate_kind(ctx: &Ctx, of: &SealedKind) -> Result<u64> {
    let mut done = 0;
    for _ in 0..ROUNDS {
        let stale = stale(ctx, of).await?;
        if stale.is_empty() {
            return Ok(done);
        }
        for docs in stale.chunks(AT_ONCE) {
            match renew(ctx, of, docs).await {
                Ok(()) => done += docs.len() as u64,
                // Somebody changed one of them: they are looked at again in the next round.
                Err(Error::OptimisticLocking(_) | Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Err(Error::Conflict(format!("documents of the kind {} change all the time: try again", of.kind.as_str())))
}

/// The documents that hold something to be sealed anew, and nothing that cannot be opened.
async fn stale(ctx: &Ctx, of: &SealedKind) -> Result<Vec<Doc>> {
    let keyring = &ctx.app.keyring;
    let mut stale = Vec::new();
    for doc in ctx.store().scan(of.kind, None, None).await? {
        let held = (of.held)(&doc)?;
        let old = held.iter().any(|held| !held.is_current(keyring));
        if old && held.iter().all(|held| held.can_be_opened(keyring)) {
            stale.push(doc);
        }
    }
    Ok(stale)
}

async fn renew(ctx: &Ctx, of: &SealedKind, docs: &[Doc]) -> Result<()> {
    let (account, _) = account(ctx).await?;
    let text = format!("* Sealed the secrets of {} documents of the kind `{}` anew\n", docs.len(), of.kind.as_str());
    let mut change = change(ctx, "sealed secrets anew in", &account)?.description(text);
    for doc in docs {
        (of.renew)(ctx, doc, &mut change)?;
    }
    change.commit(ctx).await.map(drop)
}

/// Once nothing is sealed with them, and others are configured.
async fn forget_kept(ctx: &Ctx) -> Result<()> {
    let (account, version) = account(ctx).await?;
    if account.keyring.is_none() {
        return Ok(());
    }
    let account = Account { keyring: None, ..account };
    let mut change = change(ctx, "forgot the key kept in the database in", &account)?;
    change.put(bootstrap::account_key(), Expect::Version(version), &account, IndexFacts::new())?;
    change.commit(ctx).await.map(drop)
}

fn change(ctx: &Ctx, verb: &str, account: &Account) -> Result<Change> {
    let proofs = Proofs::of(ctx.authorise("updateOrganization", &Spec::account())?);
    Ok(Change::new(proofs, verb, bootstrap::account_target(account)))
}

async fn account(ctx: &Ctx) -> Result<(Account, u64)> {
    let found = bootstrap::found(ctx.store()).await?;
    let found = found.ok_or_else(|| Error::Internal("there is no account".to_owned()))?;
    Ok((found.account, found.version))
}
