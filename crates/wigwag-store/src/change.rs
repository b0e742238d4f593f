//! A change: what it writes, and its row in the log.

use crate::{DocKey, IndexFacts, MemberWrite, Scope};
use std::collections::BTreeSet;
use wigwag_model::clock::Millis;
use wigwag_model::doc::Kind;

/// What a write takes for granted about the document's current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No live document under the key (a deleted one does not count).
    Absent,
    /// A live document at this version.
    Version(u64),
    /// A live document, whatever its version: something begins to rely on it.
    Live,
    /// Whatever there is. A deletion still needs a live document.
    Any,
}

/// One document to write.
#[derive(Clone, Debug)]
pub struct Write {
    /// Which document.
    pub key: DocKey,
    /// What must be so before.
    pub expect: Expect,
    /// What to do.
    pub op: WriteOp,
}

impl Write {
    /// Creates a document that must not exist.
    #[must_use]
    pub const fn create(key: DocKey, body: String, index: IndexFacts) -> Self {
        Self { key, expect: Expect::Absent, op: WriteOp::Put { body, index } }
    }

    /// Replaces version `version` of a document.
    #[must_use]
    pub const fn update(key: DocKey, version: u64, body: String, index: IndexFacts) -> Self {
        Self { key, expect: Expect::Version(version), op: WriteOp::Put { body, index } }
    }

    /// Deletes a live document.
    #[must_use]
    pub const fn delete(key: DocKey, expect: Expect) -> Self {
        Self { key, expect, op: WriteOp::Delete }
    }
}

/// What a write does.
#[derive(Clone, Debug)]
pub enum WriteOp {
    /// Creates or replaces the document.
    Put {
        /// JSON text; kept byte for byte.
        body: String,
        /// What lists can ask of it: a pure function of the body.
        index: IndexFacts,
    },
    /// Deletes the document; its versions stay.
    Delete,
}

/// The audit entry of a change. The columns are what can be searched; `body` is the store's secret to keep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewChange {
    /// The entry's id: unique for ever, and what tells whether an interrupted commit happened.
    pub id: String,
    /// When it happened, by the writer's clock.
    pub at: Millis,
    /// The kind of resource it is about.
    pub kind: String,
    /// The project it is about, or empty.
    pub project: String,
    /// The name of the resource, as the audit log shows it.
    pub name: String,
    /// The member who made it.
    pub member_id: Option<String>,
    /// The access token it was made with.
    pub token_id: Option<String>,
    /// Resource specifiers of what it touched.
    pub resources: Vec<String>,
    /// The whole entry as JSON text; never looked into.
    pub body: String,
}

/// A change to make, whole or not at all.
#[derive(Clone, Debug)]
pub struct Commit {
    /// What must be so of documents that are not written.
    pub requires: Vec<(DocKey, Expect)>,
    /// Which documents must have a fact, no more and no fewer: those that were found when the change was decided on.
    /// Such a commit is not grouped with others.
    pub holders: Vec<Holders>,
    /// Documents to write; no document twice.
    pub writes: Vec<Write>,
    /// Scopes whose live documents are deleted, but for those that `writes` names.
    pub deletes_under: Vec<Scope>,
    /// What happens to members of documents, in order, after the documents are written. (A segment that is
    /// deleted takes its members along.)
    pub members: Vec<MemberWrite>,
    /// The row of the log.
    pub change: NewChange,
}

impl Commit {
    /// A change that writes these documents.
    #[must_use]
    pub const fn new(writes: Vec<Write>, change: NewChange) -> Self {
        Self {
            requires: Vec::new(),
            holders: Vec::new(),
            writes,
            deletes_under: Vec::new(),
            members: Vec::new(),
            change,
        }
    }
}

/// The live documents that have a text fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holders {
    /// Of this kind.
    pub kind: Kind,
    /// In this project.
    pub project: Box<str>,
    /// In this environment, or in all of the project.
    pub env: Option<Box<str>>,
    /// The fact's field.
    pub field: &'static str,
    /// The fact's value.
    pub value: Box<str>,
    /// Environment and key of each.
    pub docs: BTreeSet<(Box<str>, Box<str>)>,
}

impl Holders {
    /// As the engines find them: environments and keys.
    pub(crate) const FIND: &str = "SELECT f.env, i.key FROM facets f JOIN ix i ON i.facet = f.id
         WHERE f.kind = $1 AND f.project = $2 AND f.field = $3 AND i.text = $4 AND ($5 = '' OR f.env = $5)";
}

/// What became of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its place in the log.
    pub seq: u64,
    /// The new version of each document in [`Commit::writes`], in order.
    pub versions: Vec<u64>,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its place in the log: 1, 2, 3, without gaps.
    pub seq: u64,
    /// What was written.
    pub change: NewChange,
    /// SHA-256 over the row before, this row and the documents it wrote (hex).
    pub hash: String,
}

/// Which rows of the log to list; each condition narrows.
#[derive(Clone, Debug, Default)]
pub struct ChangeQuery {
    /// Dated after this time.
    pub after: Option<Millis>,
    /// Dated before this time.
    pub before: Option<Millis>,
    /// Further back than this row, in the order of the list: what continues a page.
    pub before_seq: Option<u64>,
    /// Made by this member.
    pub member: Option<String>,
    /// Made with this token.
    pub token: Option<String>,
    /// About this project.
    pub project: Option<String>,
    /// About a resource whose name holds this, in whatever case.
    pub name_contains: Option<String>,
    /// At most so many rows.
    pub limit: u32,
}
