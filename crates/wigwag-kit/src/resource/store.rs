//! Loading and saving documents of a plain kind.

use wigwag_store::Expect;

use super::describe::happened;
use super::{Parent, Resource, unknown};
use crate::access::Proofs;
use crate::change::{Change, Target};
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// A document as it was loaded or saved.
#[derive(Clone, Debug)]
pub struct Stored<D> {
    /// The document.
    pub value: D,
    /// Its version.
    pub version: u64,
}

/// Loads one that the caller may see.
///
/// # Errors
/// 404 where there is none, 403 where it is hidden.
pub async fn load<R: Resource>(ctx: &Ctx, parent: &R::Parent, key: &str) -> Result<Stored<R::Doc>> {
    let found = R::resolve(ctx, parent, key).await?;
    let doc = match ctx.get(&parent.key(R::ABOUT.kind, &found)).await {
        // A key that no document can have.
        Err(Error::Invalid(_)) => None,
        found => found?,
    };
    let doc = doc.ok_or_else(|| unknown(R::ABOUT.noun, key))?;
    let value = R::opened(doc.decode()?, ctx)?;
    if let Some(view) = R::ABOUT.view {
        ctx.authorise(view, &R::spec(&value, parent))?;
    }
    Ok(Stored { value, version: doc.version })
}

/// A change to a document; what it writes is still to be added.
pub(super) fn change<R: Resource>(proofs: Proofs, verb: &str, doc: &R::Doc, parent: &R::Parent) -> Change {
    if let Some(subject) = R::subject(parent) {
        // The title is about what it belongs to; what happened to it stands below.
        let happened = happened(verb, R::name(doc));
        return Change::new(proofs, &format!("updated the {}", subject.kind), subject).description(happened);
    }
    Change::new(proofs, verb, target::<R>(doc, parent))
}

/// What audit entries of a document are about.
pub fn target<R: Resource>(doc: &R::Doc, parent: &R::Parent) -> Target {
    let kind = R::ABOUT.kind;
    Target {
        kind: R::ABOUT.noun.to_owned(),
        name: R::name(doc).to_owned(),
        resources: vec![R::spec(doc, parent).to_string()],
        href: R::href(doc, parent),
        site: R::site(doc, parent),
        project: parent.project().to_owned(),
        environment: parent.environment_name().map(ToOwned::to_owned),
        document: Some([kind.as_str(), parent.project(), parent.environment(), R::key(doc)].map(ToOwned::to_owned)),
    }
}

/// Saves a new one (`version` none) or the next state of an old one, with its audit entry.
///
/// # Errors
/// Taken (409), a lost race, a store that cannot be reached.
pub async fn save<R: Resource>(
    ctx: &Ctx,
    parent: &R::Parent,
    value: R::Doc,
    version: Option<u64>,
    describe: impl FnOnce(Change) -> Change,
    proofs: Proofs,
    verb: &str,
) -> Result<Stored<R::Doc>> {
    let mut change = describe(change::<R>(proofs, verb, &value, parent));
    let expect = version.map_or(Expect::Absent, Expect::Version);
    if let Some((key, state)) = parent.requires().filter(|_| version.is_none()) {
        change.require(key, state);
    }
    change.put(parent.key(R::ABOUT.kind, R::key(&value)), expect, &R::sealed(&value, ctx)?, R::index(&value))?;
    match (change.commit(ctx).await, version) {
        (Ok(committed), _) => Ok(Stored { value, version: committed.versions.first().copied().unwrap_or_default() }),
        (Err(Error::OptimisticLocking(_)), None) => {
            Err(Error::Conflict(format!("A {} with that key already exists", R::ABOUT.noun)))
        }
        (Err(error), _) => Err(error),
    }
}
