//! List, create, get, patch and delete over a [`Resource`].

use std::marker::PhantomData;

use serde_json::Value;
use wigwag_store::{Expect, ListQuery, Sort};

use super::{Parent, Resource, Search, Stored, description, load, retried, save, store};
use crate::access::Proofs;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::operation::{Access, Operation, Operations};
use crate::page::Collection;
use crate::patch::{self, Patch};
use crate::request::{Reply, Request};

/// The table of a resource's standard operations.
pub struct Standard<R> {
    operations: Vec<Operation>,
    resource: PhantomData<fn() -> R>,
}

impl<R: Resource> Default for Standard<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Resource> Standard<R> {
    /// No operation yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { operations: Vec::new(), resource: PhantomData }
    }

    /// A list, with pages, filter and sort as [`Resource::search`] reads them.
    #[must_use]
    pub fn list(self, id: &str) -> Self {
        self.with(Operations::operation(id, viewed::<R>(), list::<R>).reply::<Collection<R::Rep>>())
    }

    /// A creation.
    #[must_use]
    pub fn create(self, id: &str) -> Self {
        let access = Access::Actions(const { &[R::ABOUT.create] });
        self.with(Operations::operation(id, access, create::<R>).body::<R::Create>().reply::<R::Rep>())
    }

    /// One by its key, the last parameter of the path.
    #[must_use]
    pub fn get(self, id: &str) -> Self {
        self.with(Operations::operation(id, viewed::<R>(), get::<R>).reply::<R::Rep>())
    }

    /// A patch in the dialects of the resource.
    #[must_use]
    pub fn patch(self, id: &str) -> Self {
        self.with(Operations::operation(id, patched_by::<R>(), patch::<R>).body::<patch::Body>().reply::<R::Rep>())
    }

    /// A deletion.
    #[must_use]
    pub fn delete(self, id: &str) -> Self {
        let access = Access::Actions(const { &[R::ABOUT.delete] });
        self.with(Operations::operation(id, access, delete::<R>))
    }

    /// Says what all of them leave out for now.
    #[must_use]
    pub fn partial(mut self, what: &'static str) -> Self {
        self.operations = self.operations.into_iter().map(|o| o.partial(what)).collect();
        self
    }

    /// The table.
    #[must_use]
    pub fn table(self) -> Operations {
        self.operations.into_iter().fold(Operations::new(), Operations::with)
    }

    fn with(mut self, operation: Operation) -> Self {
        self.operations.push(operation);
        self
    }
}

const fn viewed<R: Resource>() -> Access {
    if R::ABOUT.view.is_some() {
        return Access::Actions(const { R::ABOUT.view.as_slice() });
    }
    if R::Parent::LOOKED_AT.is_empty() { Access::Caller } else { Access::Actions(R::Parent::LOOKED_AT) }
}

/// Every action that some patch needs, each once.
fn patched_by<R: Resource>() -> Access {
    let mut actions: Vec<&'static str> = Vec::new();
    for (_, action) in R::ABOUT.edits.iter().chain(R::ABOUT.instructions) {
        if !actions.contains(action) {
            actions.push(action);
        }
    }
    // Tables are built once a process, and a table is as long-lived as it.
    Access::Actions(actions.leak())
}

/// The key in the path: its last parameter.
fn key(request: &Request) -> &str {
    request.params.last().map_or("", |(_, value)| value)
}

async fn one<R: Resource>(ctx: &Ctx, request: &Request, parent: &R::Parent, stored: Stored<R::Doc>) -> Result<Reply> {
    let rep = R::reps(ctx, request, parent, vec![stored]).await?.pop();
    Reply::json(&rep.ok_or_else(|| Error::Internal("a resource was not shown".to_owned()))?)
}

async fn list<R: Resource>(ctx: Ctx, request: Request) -> Result<Reply> {
    let parent = R::Parent::load(&ctx, &request).await?;
    looked_at::<R>(&ctx, &parent)?;
    let Search { filter, mut sort, page } = R::search(&request)?;
    if sort.is_empty() {
        sort.push(Sort { field: wigwag_store::CREATED.to_owned(), descending: false });
    }
    let mut query = ListQuery::scoped(R::ABOUT.kind, Some(parent.project()), Some(parent.environment()));
    (query.filter, query.sort) = (filter, sort);
    // Where some may be hidden, pages are cut from what the caller sees.
    if R::ABOUT.view.is_none() {
        (query.limit, query.offset) = (page.limit, page.offset);
    }
    let listing = ctx.list(&query, |doc| Ok(R::index(&doc.decode()?))).await?;
    let mut all = Vec::with_capacity(listing.docs.len());
    for doc in &listing.docs {
        let value = R::opened(doc.decode()?, &ctx)?;
        if R::ABOUT.view.is_none_or(|view| ctx.may(view, &R::spec(&value, &parent))) {
            all.push(Stored { value, version: doc.version });
        }
    }
    let (stored, total) = match R::ABOUT.view {
        None => (all, listing.total),
        Some(_) => {
            let total = all.len() as u64;
            (page.cut(all).collect(), total)
        }
    };
    let reps = R::reps(&ctx, &request, &parent, stored).await?;
    Reply::json(&Collection::new(reps, total, &page, &request))
}

fn looked_at<R: Resource>(ctx: &Ctx, parent: &R::Parent) -> Result<()> {
    if R::ABOUT.view.is_some() { Ok(()) } else { parent.looked_at(ctx) }
}

async fn get<R: Resource>(ctx: Ctx, request: Request) -> Result<Reply> {
    let parent = R::Parent::load(&ctx, &request).await?;
    looked_at::<R>(&ctx, &parent)?;
    let stored = load::<R>(&ctx, &parent, key(&request)).await?;
    one::<R>(&ctx, &request, &parent, stored).await
}

async fn create<R: Resource>(ctx: Ctx, request: Request) -> Result<Reply> {
    let parent = R::Parent::load(&ctx, &request).await?;
    let value = R::create(&ctx, &parent, request.json()?).await?;
    let proofs = proofs::<R>(&ctx, &[R::ABOUT.create], &value, &parent)?.ok_or_else(nowhere)?;
    R::check(&value)?;
    R::given(&ctx, None, &value).await?;
    let verb = format!("created the {}", R::ABOUT.noun);
    let comment = R::comment(&value).map(str::to_owned);
    let describe = |change: crate::Change| change.comment(comment.as_deref());
    let stored = save::<R>(&ctx, &parent, value, None, describe, proofs, &verb).await?;
    one::<R>(&ctx, &request, &parent, stored).await
}

async fn patch<R: Resource>(ctx: Ctx, request: Request) -> Result<Reply> {
    let parent = R::Parent::load(&ctx, &request).await?;
    let patch = Patch::read(&request, R::ABOUT.dialects)?;
    let (c, p, k) = (&ctx, &parent, key(&request));
    let stored = retried(patch.pins(), || patched::<R>(c, p, k, &patch)).await?;
    one::<R>(&ctx, &request, &parent, stored).await
}

/// One attempt at a patch. A patch that changes nothing writes nothing.
async fn patched<R: Resource>(ctx: &Ctx, parent: &R::Parent, key: &str, patch: &Patch) -> Result<Stored<R::Doc>> {
    let before = load::<R>(ctx, parent, key).await?;
    let facts = R::facts(ctx, parent, patch).await?;
    let proofs = proofs::<R>(ctx, &actions::<R>(patch)?, &before.value, parent)?;
    let mut after = before.value.clone();
    match patch {
        Patch::Semantic(instructions) => instructions.iter().try_for_each(|i| R::instruct(&mut after, &facts, &i))?,
        _ => {
            let shown = R::rep(&before.value, before.version, parent);
            R::set(&mut after, patch.edited(&shown, &R::edit(&before.value)).map_err(R::unapplied)?);
        }
    }
    // Without a proof only members were named that are ignored.
    let Some(proofs) = proofs else { return Ok(before) };
    if json(&before.value)? == json(&after)? {
        return Ok(before);
    }
    R::check(&after)?;
    R::given(ctx, Some(&before.value), &after).await?;
    R::touch(&mut after, ctx);
    let verb = R::verb(&before.value, &after).map_or_else(|| format!("updated the {}", R::ABOUT.noun), str::to_owned);
    let text = description(&told::<R>(&before.value)?, &told::<R>(&after)?, R::ABOUT.secrets);
    let delta = patch.delta_without(R::ABOUT.secrets);
    let describe = |change: crate::Change| change.comment(patch.comment()).description(text).delta(delta);
    save::<R>(ctx, parent, after, Some(before.version), describe, proofs, &verb).await
}

/// Proofs of the actions on every resource that a change of it is about.
fn proofs<R: Resource>(
    ctx: &Ctx,
    actions: &[&'static str],
    value: &R::Doc,
    parent: &R::Parent,
) -> Result<Option<Proofs>> {
    let mut proofs = Vec::new();
    for spec in R::specs(value, parent) {
        for action in actions {
            proofs.push(ctx.authorise(action, &spec)?);
        }
    }
    Ok(Proofs::from_list(proofs))
}

fn nowhere() -> Error {
    Error::Internal("a change that is about no resource".to_owned())
}

/// The actions that a patch needs, in its order.
fn actions<R: Resource>(patch: &Patch) -> Result<Vec<&'static str>> {
    if let Patch::Semantic(instructions) = patch {
        let action = |i: patch::Instruction<'_>| {
            let known = R::ABOUT.instructions.iter().find(|(kind, _)| *kind == i.kind());
            known.map(|(_, action)| *action).ok_or_else(|| i.unsupported())
        };
        return instructions.iter().map(action).collect();
    }
    let mut actions = Vec::new();
    for member in patch.members() {
        // An empty name is the whole resource.
        let named = R::ABOUT.edits.iter().filter(|(name, _)| member.is_empty() || *name == member);
        actions.extend(named.map(|(_, action)| *action));
    }
    Ok(actions)
}

async fn delete<R: Resource>(ctx: Ctx, request: Request) -> Result<Reply> {
    let parent = R::Parent::load(&ctx, &request).await?;
    let (c, p, k) = (&ctx, &parent, key(&request));
    retried(false, || deleted::<R>(c, p, k)).await?;
    Ok(Reply::empty())
}

async fn deleted<R: Resource>(ctx: &Ctx, parent: &R::Parent, key: &str) -> Result<()> {
    let Stored { value, version } = load::<R>(ctx, parent, key).await?;
    let proofs = proofs::<R>(ctx, &[R::ABOUT.delete], &value, parent)?.ok_or_else(nowhere)?;
    R::deletable(&value)?;
    let verb = format!("deleted the {}", R::ABOUT.noun);
    let mut change = store::change::<R>(proofs, &verb, &value, parent);
    change.delete(parent.key(R::ABOUT.kind, R::key(&value)), Expect::Version(version));
    change.commit(ctx).await.map(drop)
}

/// What a description compares: the part that can be edited, with the secrets as they are. It names these and does
/// not show them.
fn told<R: Resource>(value: &R::Doc) -> Result<Value> {
    let (mut edit, mut whole) = (json(&R::edit(value))?, json(value)?);
    if let (Value::Object(edit), Value::Object(whole)) = (&mut edit, &mut whole) {
        for name in R::ABOUT.secrets {
            edit.extend(whole.remove_entry(*name));
        }
    }
    Ok(edit)
}

fn json(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|e| Error::Internal(e.to_string()))
}
