//! The table of operations: what router, permissions, OpenAPI, coverage and sweeps are read from.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::contract::{self, Entry};
use crate::ctx::Ctx;
use crate::error::Result;
use crate::request::{Reply, Request};

/// What a handler's call returns.
pub type Answer = Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;
type Handler = Arc<dyn Fn(Ctx, Request) -> Answer + Send + Sync>;
/// Makes the schema of a type.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One operation: the contract's facts, and what its resource states.
#[derive(Clone)]
pub struct Operation {
    /// Path, method, tag, beta, status and query, from the contract.
    pub entry: &'static Entry,
    /// Who may call it.
    pub access: Access,
    /// Largest body as it is sent, in bytes.
    pub body_limit: usize,
    /// Largest body once a `Content-Encoding` is undone, in bytes.
    pub unpacked_limit: usize,
    /// Schema of the request body.
    pub body: Option<SchemaOf>,
    /// Schema of the answer.
    pub reply: Option<SchemaOf>,
    /// Media type of its answers; empty where they have no body.
    pub media: &'static str,
    /// Statuses of refusals that are not those of any such operation.
    pub refuses: &'static [&'static str],
    /// Whether its refusals are in another form than everybody else's, in its media type.
    pub own_refusals: bool,
    /// What is deliberately left out for now; shown on the coverage page.
    pub partial: Option<&'static str>,
    /// Whether its body is handed on as it comes, in [`Request::upload`], and never held whole.
    pub streamed: bool,
    /// Whether it can show the past: the query parameter `asOf`.
    pub as_of: bool,
    /// Whether it changes what is there already, which a caller may have seen: the header `Wigwag-Based-On`.
    pub changes: bool,
    /// What it does, for people; operations of the contract are told by their names.
    pub about: Option<&'static str>,
    handler: Option<Handler>,
}

/// What an operation asks of its caller before anything else happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a credential.
    Public,
    /// Any valid credential; the handler shows only what the caller may see.
    Caller,
    /// These actions, authorised by the handler on the resources it loads.
    Actions(&'static [&'static str]),
}

/// Bodies are at most this large unless an operation says otherwise.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// How the tags of Wigwag's own operations begin.
const OWN_TAG: &str = "Wigwag: ";

/// What an operation of Wigwag's own states in place of the contract.
#[derive(Clone, Copy, Debug)]
pub struct Own {
    /// The tag it is documented under: `Wigwag: ` and a noun.
    pub tag: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path template.
    pub path: &'static str,
    /// Operation id.
    pub id: &'static str,
    /// Query parameters: name and type, as in the contract's table.
    pub query: &'static [(&'static str, &'static str)],
}

impl Operation {
    fn new<F, Fut>(entry: &'static Entry, access: Access, handler: F) -> Self
    where
        F: Fn(Ctx, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |ctx, request| Box::pin(handler(ctx, request)));
        Self { handler: Some(handler), ..Self::unbuilt(entry, access) }
    }

    fn unbuilt(entry: &'static Entry, access: Access) -> Self {
        Self {
            entry,
            access,
            body_limit: BODY_LIMIT,
            unpacked_limit: BODY_LIMIT,
            body: None,
            reply: None,
            media: "application/json",
            refuses: &[],
            own_refusals: false,
            partial: None,
            streamed: false,
            as_of: false,
            changes: matches!(entry.method, "PATCH" | "PUT" | "DELETE"),
            about: None,
            handler: None,
        }
    }

    /// Whether the contract has it; the others are [`Operations::own`] or [`Operations::beside`] it.
    #[must_use]
    pub fn in_contract(&self) -> bool {
        contract::find(self.entry.id).is_some()
    }

    /// Whether it is one of Wigwag's own: documented, but apart from the contract.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.entry.tag.starts_with(OWN_TAG)
    }

    /// The handler, unless the operation is not built yet.
    #[must_use]
    pub fn handler(&self) -> Option<&(dyn Fn(Ctx, Request) -> Answer + Send + Sync)> {
        self.handler.as_deref()
    }

    /// Declares the type of the request body.
    #[must_use]
    pub fn body<T: JsonSchema>(mut self) -> Self {
        self.body = Some(|g| g.subschema_for::<T>());
        self
    }

    /// Declares the type of the answer.
    #[must_use]
    pub fn reply<T: JsonSchema>(mut self) -> Self {
        self.reply = Some(|g| g.subschema_for::<T>());
        self
    }

    /// Allows larger (or only smaller) bodies, in bytes.
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self.unpacked_limit = bytes;
        self
    }

    /// Allows gzipped bodies to be larger than [`Operation::body_limit`] once they are unpacked, in bytes.
    #[must_use]
    pub const fn unpacked_limit(mut self, bytes: usize) -> Self {
        self.unpacked_limit = bytes;
        self
    }

    /// Takes bodies as they come, of so many bytes at most, also once they are unpacked: the handler reads them from
    /// [`Request::upload`] after it made sure that the caller may.
    #[must_use]
    pub const fn streamed(mut self, bytes: usize) -> Self {
        self.streamed = true;
        self.body_limit(bytes)
    }

    /// Says that it can show the past: what it reads through [`Ctx::get`] and its like is as it was at the time of
    /// the query parameter `asOf`.
    #[must_use]
    pub const fn as_of(mut self) -> Self {
        self.as_of = true;
        self
    }

    /// Says that it changes what is there already, though its method does not tell.
    #[must_use]
    pub const fn changes(mut self) -> Self {
        self.changes = true;
        self
    }

    /// Says what it does.
    #[must_use]
    pub const fn about(mut self, text: &'static str) -> Self {
        self.about = Some(text);
        self
    }

    /// Answers in another media type than JSON; an empty one says that its answers have no body.
    #[must_use]
    pub const fn media(mut self, media: &'static str) -> Self {
        self.media = media;
        self
    }

    /// Answers 204 and no body; only of operations that are not of the contract.
    #[must_use]
    pub fn no_content(mut self) -> Self {
        self.entry = Box::leak(Box::new(Entry { status: 204, ..self.entry.clone() }));
        self
    }

    /// Also refuses with these statuses.
    #[must_use]
    pub const fn refuses(mut self, statuses: &'static [&'static str]) -> Self {
        self.refuses = statuses;
        self
    }

    /// Refuses in the form of the protocol that it belongs to.
    #[must_use]
    pub const fn own_refusals(mut self) -> Self {
        self.own_refusals = true;
        self
    }

    /// Says what is left out for now.
    #[must_use]
    pub const fn partial(mut self, what: &'static str) -> Self {
        self.partial = Some(what);
        self
    }
}

/// [`Operations::operation`], for tables with many lines.
///
/// # Panics
/// The id is not in the contract: caught by the first test that builds the table.
#[must_use]
pub fn on<F, Fut>(id: &str, access: Access, handler: F) -> Operation
where
    F: Fn(Ctx, Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply>> + Send + 'static,
{
    Operations::operation(id, access, handler)
}

/// The table, completed with the contract's other operations as not built yet.
#[derive(Clone, Default)]
pub struct Operations {
    list: Vec<Operation>,
}

impl Operations {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a built operation under its id in the contract.
    ///
    /// # Panics
    /// The id is not in the contract: caught by the first test that builds the table.
    #[must_use]
    pub fn on<F, Fut>(self, id: &str, access: Access, handler: F) -> Self
    where
        F: Fn(Ctx, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply>> + Send + 'static,
    {
        self.with(Self::operation(id, access, handler))
    }

    /// Adds an operation made by [`Operations::operation`].
    #[must_use]
    pub fn with(mut self, operation: Operation) -> Self {
        self.list.push(operation);
        self
    }

    /// Takes an operation out, to be put back in another form.
    #[must_use]
    pub fn without(mut self, id: &str) -> Self {
        self.list.retain(|operation| operation.entry.id != id);
        self
    }

    /// Gives an operation of this table another largest body, in bytes: for limits that are configured.
    #[must_use]
    pub fn limited(mut self, id: &str, bytes: usize) -> Self {
        for operation in self.list.iter_mut().filter(|operation| operation.entry.id == id) {
            (operation.body_limit, operation.unpacked_limit) = (bytes, bytes);
        }
        self
    }

    /// A built operation, to be completed with its body and reply types.
    ///
    /// # Panics
    /// The id is not in the contract: caught by the first test that builds the table.
    #[must_use]
    pub fn operation<F, Fut>(id: &str, access: Access, handler: F) -> Operation
    where
        F: Fn(Ctx, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply>> + Send + 'static,
    {
        #[expect(clippy::panic, reason = "a slip in our own table, found by every test that builds it")]
        let Some(entry) = contract::find(id) else { panic!("{id} is not an operation of the contract") };
        Operation::new(entry, access, handler)
    }

    /// A built operation of Wigwag's own, to be completed like one of the contract. It answers 200. It is
    /// served and swept like the others, and documented apart from them.
    #[must_use]
    pub fn own<F, Fut>(own: Own, access: Access, handler: F) -> Operation
    where
        F: Fn(Ctx, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply>> + Send + 'static,
    {
        debug_assert!(own.tag.starts_with(OWN_TAG), "{} has the tag of the contract {}", own.id, own.tag);
        let Own { tag, method, path, id, query } = own;
        let entry = Entry { tag, method, path, id, beta: false, status: 200, query: query.to_vec() };
        Operation::new(Box::leak(Box::new(entry)), access, handler)
    }

    /// Adds a path that clients or people use but the contract does not have: it is served and
    /// swept like the others, and left out of the OpenAPI document and the coverage table.
    #[must_use]
    pub fn beside<F, Fut>(
        self,
        method: &'static str,
        path: &'static str,
        id: &'static str,
        access: Access,
        handler: F,
    ) -> Self
    where
        F: Fn(Ctx, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply>> + Send + 'static,
    {
        self.beside_with(200, method, path, id, access, handler)
    }

    /// The same for one that answers another status than 200.
    #[must_use]
    pub fn beside_with<F, Fut>(
        self,
        status: u16,
        method: &'static str,
        path: &'static str,
        id: &'static str,
        access: Access,
        handler: F,
    ) -> Self
    where
        F: Fn(Ctx, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Reply>> + Send + 'static,
    {
        let entry = Entry { tag: "Beside the contract", method, path, id, beta: false, status, query: Vec::new() };
        self.with(Operation::new(Box::leak(Box::new(entry)), access, handler))
    }

    /// A built operation of this table.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Operation> {
        self.list.iter().find(|operation| operation.entry.id == id)
    }

    /// The built operations, in the order they were added.
    #[must_use]
    pub fn into_list(self) -> Vec<Operation> {
        self.list
    }

    /// Joins the tables of two resources.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.list.extend(other.list);
        self
    }

    /// Every operation of the contract in its order, then those beside it. What nobody added
    /// answers 501.
    ///
    /// # Panics
    /// An operation was added twice: caught by the first test that builds the table.
    #[must_use]
    pub fn complete(mut self) -> Vec<Operation> {
        let mut all: Vec<_> = contract::entries()
            .iter()
            .map(|entry| match self.list.iter().position(|op| op.entry.id == entry.id) {
                Some(at) => self.list.remove(at),
                None => Operation::unbuilt(entry, Access::Caller),
            })
            .collect();
        #[expect(clippy::panic, reason = "a slip in our own table, found by every test that builds it")]
        if let Some(twice) = self.list.iter().find(|op| op.in_contract()) {
            panic!("{} was added twice", twice.entry.id);
        }
        all.append(&mut self.list);
        all
    }
}
