//! One accepted change: what it writes, who did it, what it says. It goes to the store whole.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracing::Instrument as _;
use wigwag_model::doc::{Member, Token};
use wigwag_store::{
    Commit, Committed, DocKey, Expect, Holders, IndexFacts, MemberOp, MemberWrite, NewChange, Scope, Write, WriteOp,
};

use crate::access::Proofs;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::selectors::Selectors;
use crate::{made, trace};

/// The kind of rows that audit logs leave out.
pub const UNLISTED: &str = "unlisted";

/// What a change is about, as audit entries show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Kind as audit entries name it: `flag`, `project`, `environment`, `token`…
    pub kind: String,
    /// The resource's human name.
    pub name: String,
    /// Specifiers, one for each environment touched.
    pub resources: Vec<String>,
    /// REST path of the resource.
    pub href: String,
    /// Console path of the resource, empty where there is none.
    #[serde(default)]
    pub site: String,
    /// Key of the project it belongs to, empty for the account's own.
    #[serde(default)]
    pub project: String,
    /// Name of the one environment it concerns, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The document whose history holds the state before and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<[String; 4]>,
}

/// An audit entry as stored; links, titles and versions are made when it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// What was done, as in "turned on the flag".
    pub title_verb: String,
    /// Markdown list of what changed, may be empty.
    #[serde(default)]
    pub description: String,
    /// The client's comment, may be empty.
    #[serde(default)]
    pub comment: String,
    /// What it is about.
    pub target: Target,
    /// Actions and resources that were authorised.
    pub accesses: Vec<AccessRecord>,
    /// Tags that those resources had, each resource once; without those that had none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<Selectors>,
    /// The member who acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Actor>,
    /// The token that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenActor>,
    /// What acted by itself, neither a member nor a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// JSON patch or instructions, as sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<Value>,
    /// What a trigger was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_body: Option<Value>,
    /// The trace it was made in (`traceparent`), where traces are collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// One authorised action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRecord {
    /// The action.
    pub action: String,
    /// The resource specifier.
    pub resource: String,
}

/// A member as they were when they acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// 24 hex digits.
    pub id: String,
    /// Sign-in name.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
}

/// A token as it was when it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenActor {
    /// 24 hex digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Last four characters of its value.
    pub ending: String,
    /// Whether it acts for itself.
    pub service_token: bool,
}

/// Something that acted by itself, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    /// What it is called in sentences.
    pub name: String,
    /// REST path of it.
    pub href: String,
}

impl From<&Member> for Actor {
    fn from(m: &Member) -> Self {
        Self {
            id: m.id.clone(),
            email: m.email.clone(),
            first_name: m.first_name.clone(),
            last_name: m.last_name.clone(),
        }
    }
}

impl From<&Token> for TokenActor {
    fn from(t: &Token) -> Self {
        Self { id: t.id.clone(), name: t.name.clone(), ending: t.ending.clone(), service_token: t.service_token }
    }
}

/// A change in the making. It begins with the proofs that it is allowed.
pub struct Change {
    proofs: Proofs,
    record: Record,
    listed: bool,
    writes: Vec<Write>,
    deletes_under: Vec<Scope>,
    requires: Vec<(DocKey, Expect)>,
    holders: Vec<Holders>,
    members: Vec<MemberWrite>,
}

impl Change {
    /// A change to `target` that `proofs` allow; `verb` reads on from the actor's name.
    #[must_use]
    pub fn new(proofs: Proofs, verb: &str, target: Target) -> Self {
        let accesses = proofs
            .iter()
            .map(|p| AccessRecord { action: p.action().to_owned(), resource: p.resource().to_owned() })
            .collect();
        let record = Record {
            title_verb: verb.to_owned(),
            description: String::new(),
            comment: String::new(),
            target,
            accesses,
            selectors: selectors(&proofs),
            member: None,
            token: None,
            agent: None,
            delta: None,
            trigger_body: None,
            trace: None,
        };
        Self {
            proofs,
            record,
            listed: true,
            writes: Vec::new(),
            deletes_under: Vec::new(),
            requires: Vec::new(),
            holders: Vec::new(),
            members: Vec::new(),
        }
    }

    /// The client's comment.
    #[must_use]
    pub fn comment(mut self, comment: Option<&str>) -> Self {
        comment.unwrap_or_default().clone_into(&mut self.record.comment);
        self
    }

    /// Markdown list of what changed.
    #[must_use]
    pub fn description(mut self, markdown: String) -> Self {
        self.record.description = markdown;
        self
    }

    /// More lines of that list.
    #[must_use]
    pub fn more(mut self, markdown: &str) -> Self {
        self.record.description.push_str(markdown);
        self
    }

    /// The patch or instructions, as sent. Never pass a body that may hold a secret.
    #[must_use]
    pub fn delta(mut self, delta: Value) -> Self {
        self.record.delta = Some(delta);
        self
    }

    /// Leaves it out of the audit log: for what the contract does not log, such as following a
    /// flag. It stays in the log of changes, with its accesses, like every other.
    #[must_use]
    pub const fn unlisted(mut self) -> Self {
        self.listed = false;
        self
    }

    /// Writes a document.
    ///
    /// # Errors
    /// The document cannot be written as JSON: a fault of ours.
    pub fn put<T: Serialize>(&mut self, key: DocKey, expect: Expect, document: &T, index: IndexFacts) -> Result<()> {
        let body = serde_json::to_string(document).map_err(|e| Error::Internal(e.to_string()))?;
        self.writes.push(Write { key, expect, op: WriteOp::Put { body, index } });
        Ok(())
    }

    /// How many documents it writes so far: where the next one's version will be among those that are answered.
    #[must_use]
    pub const fn writes(&self) -> usize {
        self.writes.len()
    }

    /// Deletes a document; a tombstone keeps its version.
    pub fn delete(&mut self, key: DocKey, expect: Expect) {
        self.writes.push(Write { key, expect, op: WriteOp::Delete });
    }

    /// Makes the change depend on a document that it does not write: it is lost, like a lost race,
    /// unless the document is as expected.
    pub fn require(&mut self, key: DocKey, expect: Expect) {
        self.requires.push((key, expect));
    }

    /// Makes the change depend on who has a fact: it is lost, like a lost race, unless they are those that were found
    /// when it was decided on. For what must not be changed while others rely on it.
    pub fn require_holders(&mut self, holders: Holders) {
        self.holders.push(holders);
    }

    /// Writes members of a document, in the same transaction.
    pub fn members(&mut self, owner: DocKey, generation: u32, op: MemberOp) {
        self.members.push(MemberWrite { owner, generation, op });
    }

    /// Deletes every document of a scope.
    pub fn delete_under(&mut self, scope: Scope) {
        self.deletes_under.push(scope);
    }

    /// Commits: documents, their versions and the audit entry, all or nothing. The versions
    /// answered are those of the writes, in order.
    ///
    /// # Errors
    /// A lost race, a duplicate, a change based on what is not so any more, a store that cannot be reached.
    pub async fn commit(mut self, ctx: &Ctx) -> Result<Committed> {
        let caller = &ctx.caller;
        self.record.trace = trace::current();
        self.record.member = caller.acting_member().map(|m| Actor::from(&**m));
        self.record.token = caller.token.as_ref().map(|t| TokenActor::from(&**t));
        let acting = caller.authority.acting();
        if let Some(acting) = acting {
            self.record.agent = Some(acting.agent.clone());
            self.record.trigger_body.clone_from(&acting.body);
            self.writes.extend(acting.also.iter().cloned());
        }
        let change = NewChange {
            id: ctx.app.ids.object_id(),
            at: ctx.app.clock.now(),
            kind: if self.listed { self.record.target.kind.clone() } else { UNLISTED.to_owned() },
            project: self.record.target.project.clone(),
            name: self.record.target.name.clone(),
            member_id: self.record.member.as_ref().map(|m| m.id.clone()),
            token_id: self.record.token.as_ref().map(|t| t.id.clone()),
            resources: self.proofs.iter().map(|p| p.resource().to_owned()).collect(),
            body: serde_json::to_string(&self.record).map_err(|e| Error::Internal(e.to_string()))?,
        };
        let commit = Commit {
            requires: self.requires,
            holders: self.holders,
            writes: self.writes,
            deletes_under: self.deletes_under,
            members: self.members,
            change,
        };
        if ctx.based_on.is_some() {
            let written: Vec<_> = commit.writes.iter().map(|write| write.key.clone()).collect();
            ctx.refuse_outdated(&written).await?;
        }
        let span = tracing::trace_span!(target: trace::TARGET, "commit", wigwag.change.id = commit.change.id);
        let id = commit.change.id.clone();
        let committed = ctx.store().commit(commit).instrument(span).await?;
        made::note(&id);
        if let Some(acting) = acting {
            acting.note();
        }
        Ok(committed)
    }
}

fn selectors(proofs: &Proofs) -> Vec<Selectors> {
    let mut all: Vec<Selectors> = Vec::new();
    for proof in proofs.iter() {
        if all.last().is_none_or(|last| last.resource != proof.resource())
            && !all.iter().any(|known| known.resource == proof.resource())
        {
            all.extend(Selectors::of(proof.resource(), proof.spec()));
        }
    }
    all
}
