//! The standard operations of a plain document kind, written once.
//!
//! A kind states what is particular to it by [`Resource`]; [`Standard`] turns that into list,
//! create, get, patch and delete: load, authorise, apply, check, save with its audit entry, and
//! again when the save lost a race. See `wigwag-api/src/webhooks` for a small one. Kinds that do
//! not fit (a flag is two documents) write their own handlers over the same parts.

mod describe;
mod retry;
mod standard;
mod store;

use std::future::Future;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wigwag_model::doc::Kind;
use wigwag_store::{DocKey, Expect, IndexFacts, Predicate};

pub use describe::description;
pub use retry::retried;
pub use standard::Standard;
pub use store::{Stored, load, save, target};

use crate::change::Target;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::page::Page;
use crate::patch::{Dialects, Instruction, Patch};
use crate::request::Request;
use crate::sort::Sort;
use crate::spec::Spec;

/// What a kind is called, and which action each change needs.
pub struct About {
    /// Under which kind it is stored.
    pub kind: Kind,
    /// As audit entries and sentences name it: `webhook`.
    pub noun: &'static str,
    /// Action of a creation.
    pub create: &'static str,
    /// Action of a deletion.
    pub delete: &'static str,
    /// Action needed to see one; none where those may who may look at its parent ([`Parent::looked_at`]).
    pub view: Option<&'static str>,
    /// Kinds of patch it takes.
    pub dialects: Dialects,
    /// Members of its `Edit`, each with the action that changes it.
    pub edits: &'static [(&'static str, &'static str)],
    /// Instructions, each with its action.
    pub instructions: &'static [(&'static str, &'static str)],
    /// Members that hold secrets: never in the audit log.
    pub secrets: &'static [&'static str],
}

/// Where a kind lives: in the account, a project, an environment.
pub trait Parent: Send + Sync + Sized {
    /// Loads what encloses the resource named by the request's path; 404 where it is not there.
    fn load(ctx: &Ctx, request: &Request) -> impl Future<Output = Result<Self>> + Send;

    /// Where a document of it is stored.
    fn key(&self, kind: Kind, key: &str) -> DocKey;

    /// The actions that looking at what is in it needs, checked when it is loaded or by [`Parent::looked_at`].
    const LOOKED_AT: &'static [&'static str] = &[];

    /// Refuses callers who may not look at what is in it, where the resource names no action for that.
    ///
    /// # Errors
    /// 403.
    fn looked_at(&self, _: &Ctx) -> Result<()> {
        Ok(())
    }

    /// Key of the project, empty for the account.
    fn project(&self) -> &str {
        ""
    }

    /// Key of the environment, empty where there is none.
    fn environment(&self) -> &str {
        ""
    }

    /// Name of the environment, for audit entries.
    fn environment_name(&self) -> Option<&str> {
        None
    }

    /// What must still be as it was loaded when something new is made in it.
    fn requires(&self) -> Option<(DocKey, Expect)> {
        None
    }
}

/// The account itself.
pub struct Account;

impl Parent for Account {
    const LOOKED_AT: &'static [&'static str] = &["viewAccount"];

    async fn load(_: &Ctx, _: &Request) -> Result<Self> {
        Ok(Self)
    }

    fn key(&self, kind: Kind, key: &str) -> DocKey {
        DocKey::account(kind, key)
    }

    /// Those with any read access may (access-control.md 7). No action is documented for it: `viewAccount` stands in.
    fn looked_at(&self, ctx: &Ctx) -> Result<()> {
        ctx.authorise("viewAccount", &Spec::account()).map(drop)
    }
}

/// Which documents a list is asked for, and in what order.
pub struct Search {
    /// Which of them.
    pub filter: Predicate,
    /// In what order; as they were created where nothing is said.
    pub sort: Vec<Sort>,
    /// Which part.
    pub page: Page,
}

impl Search {
    /// Everything, as it was created.
    #[must_use]
    pub const fn everything() -> Self {
        Self { filter: Predicate::All, sort: Vec::new(), page: Page { limit: None, offset: 0 } }
    }
}

/// A plain document kind: an empty type that states everything about its documents.
pub trait Resource: Send + Sync + 'static {
    /// What is stored.
    type Doc: Clone + Serialize + DeserializeOwned + Send + Sync;
    /// Where it lives.
    type Parent: Parent;
    /// Body of a creation.
    type Create: DeserializeOwned + JsonSchema + Send + 'static;
    /// The part that a JSON or merge patch may touch.
    type Edit: Serialize + DeserializeOwned + Send;
    /// What instructions must know of other documents; `()` where they need nothing.
    type Facts: Default + Send + Sync;
    /// What clients see.
    type Rep: Serialize + JsonSchema + Send;

    /// What it is called, and its actions.
    const ABOUT: About;

    /// A new one. Nothing is written yet.
    fn create(ctx: &Ctx, parent: &Self::Parent, input: Self::Create) -> impl Future<Output = Result<Self::Doc>> + Send;

    /// Its key or id, unique among its kind and parent.
    fn key(doc: &Self::Doc) -> &str;
    /// Its name for people.
    fn name(doc: &Self::Doc) -> &str;
    /// How policies name it.
    fn spec(doc: &Self::Doc, parent: &Self::Parent) -> Spec;
    /// The resources on which a change is authorised, where it is not one: what concerns a flag
    /// everywhere is authorised in each environment.
    fn specs(doc: &Self::Doc, parent: &Self::Parent) -> Vec<Spec> {
        vec![Self::spec(doc, parent)]
    }
    /// What its audit entries are about where that is what it belongs to: those of a link tell of
    /// an update of its flag.
    fn subject(_: &Self::Parent) -> Option<Target> {
        None
    }
    /// The comment of its creation.
    fn comment(_: &Self::Doc) -> Option<&str> {
        None
    }
    /// The key of what a path names otherwise.
    fn resolve(_: &Ctx, _: &Self::Parent, key: &str) -> impl Future<Output = Result<String>> + Send {
        let key = key.to_owned();
        async { Ok(key) }
    }
    /// REST path of it.
    fn href(doc: &Self::Doc, parent: &Self::Parent) -> String;
    /// Console path of it; empty where there is none.
    fn site(_: &Self::Doc, _: &Self::Parent) -> String {
        String::new()
    }

    /// The part that a patch may touch.
    fn edit(doc: &Self::Doc) -> Self::Edit;
    /// Takes over an edited part.
    fn set(doc: &mut Self::Doc, edit: Self::Edit);
    /// Refuses a state that must not be, by field.
    ///
    /// # Errors
    /// What is wrong.
    fn check(doc: &Self::Doc) -> Result<()>;
    /// Reads what is stored sealed: everything else here works with the secrets in the clear. A document that
    /// was stored before its secrets were sealed is taken as it is.
    ///
    /// # Errors
    /// A key that is not configured any more.
    fn opened(doc: Self::Doc, _: &Ctx) -> Result<Self::Doc> {
        Ok(doc)
    }
    /// The form in which it is stored, with its secrets sealed.
    ///
    /// # Errors
    /// A secret that cannot be sealed.
    fn sealed(doc: &Self::Doc, _: &Ctx) -> Result<Self::Doc> {
        Ok(doc.clone())
    }

    /// The refusal of a patch that cannot be applied: some kinds have a code of their own for a path that is not
    /// there.
    fn unapplied(error: Error) -> Error {
        error
    }
    /// Refuses what the caller may not give: for kinds that give rights to somebody. Asked before it is created or
    /// changed.
    ///
    /// # Errors
    /// Which right goes too far.
    fn given(_: &Ctx, _before: Option<&Self::Doc>, _after: &Self::Doc) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Notes that it is about to be saved.
    fn touch(_: &mut Self::Doc, _: &Ctx) {}
    /// Refuses a deletion.
    ///
    /// # Errors
    /// Why not.
    fn deletable(_: &Self::Doc) -> Result<()> {
        Ok(())
    }

    /// Loads what the instructions of a patch must know.
    fn facts(_: &Ctx, _: &Self::Parent, _: &Patch) -> impl Future<Output = Result<Self::Facts>> + Send {
        async { Ok(Self::Facts::default()) }
    }
    /// Applies one instruction.
    ///
    /// # Errors
    /// A parameter that is missing or wrong.
    fn instruct(_: &mut Self::Doc, _: &Self::Facts, instruction: &Instruction<'_>) -> Result<()> {
        Err(instruction.unsupported())
    }

    /// What can be filtered and sorted by.
    fn index(doc: &Self::Doc) -> IndexFacts;
    /// Which documents a list request asks for.
    ///
    /// # Errors
    /// A filter, order or page that cannot be.
    fn search(_: &Request) -> Result<Search> {
        Ok(Search::everything())
    }

    /// What clients see of it.
    fn rep(doc: &Self::Doc, version: u64, parent: &Self::Parent) -> Self::Rep;
    /// What clients see of several, with what `expand` asks for.
    fn reps(
        _: &Ctx,
        _: &Request,
        parent: &Self::Parent,
        stored: Vec<Stored<Self::Doc>>,
    ) -> impl Future<Output = Result<Vec<Self::Rep>>> + Send {
        let reps = stored.iter().map(|s| Self::rep(&s.value, s.version, parent)).collect();
        async { Ok(reps) }
    }

    /// What an update did, if there is a better word than "updated the webhook".
    fn verb(_before: &Self::Doc, _after: &Self::Doc) -> Option<&'static str> {
        None
    }
}

/// The 404 of a kind.
#[must_use]
pub fn unknown(noun: &str, key: &str) -> Error {
    Error::NotFound(format!("Unknown {noun} {key}"))
}
