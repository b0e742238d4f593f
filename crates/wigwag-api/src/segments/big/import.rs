//! Members from a file.

use http::HeaderValue;
use http::header::LOCATION;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::Semaphore;
use wigwag_kit::links::path;
use wigwag_kit::resource::retried;
use wigwag_kit::{Change, Ctx, Error, Links, Proofs, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::{ImportMode, Kind, SegmentImport, TransferStatus};
use wigwag_store::{DocKey, Expect, IndexFacts, MemberList, MemberOp, MemberSet};

use super::keys::{Keys, Sorter};
use super::rows::{Format, Rows};
use super::{audit, load, write};
use crate::common::multipart;
use crate::segments::load::Found;

/// Keys staged in one transaction: the writer is busy with them for a few milliseconds.
const CHUNK: usize = 5_000;

/// Longest value of a field that is no file.
const SHORT: usize = 100;
/// Files read at once: each has a thread for as long as it comes.
static READING: Semaphore = Semaphore::const_new(8);

/// An import as clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Import")]
pub(super) struct ImportRep {
    id: String,
    segment_key: String,
    creation_time: Millis,
    /// `merge` or `replace`.
    mode: &'static str,
    /// `in_progress`, `complete` or `stopped`.
    status: &'static str,
    files: Vec<FileRep>,
    #[serde(rename = "_links")]
    links: Links,
    /// How far it is.
    #[serde(rename = "_progress")]
    progress: ProgressRep,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FileRep")]
struct FileRep {
    filename: String,
    status: &'static str,
}

/// How far an import is; Wigwag's own.
#[derive(Serialize, JsonSchema)]
struct ProgressRep {
    /// Different keys in the file.
    keys: u64,
    /// Keys that are stored.
    stored: u64,
}

/// What a form asks for.
struct Form {
    mode: ImportMode,
    name: String,
    keys: Keys,
}

pub(super) fn key(project: &str, environment: &str, id: &str) -> DocKey {
    DocKey::in_env(Kind::SegmentImport, project, environment, id)
}

/// What says that an import is under way, and of which segment: no two of one segment are.
pub(super) const RUNNING: &str = "running";
/// The same, for those who look in all environments.
pub(super) const SINCE: &str = "runningSince";

fn running(segment: &DocKey) -> String {
    format!("{}/{}/{}", segment.project, segment.env, segment.key)
}

fn facts(segment: &DocKey, import: &SegmentImport) -> IndexFacts {
    match import.status {
        TransferStatus::InProgress => {
            IndexFacts::new().unique(RUNNING, running(segment)).number(SINCE, import.created_at)
        }
        TransferStatus::Complete | TransferStatus::Stopped => IndexFacts::new(),
    }
}

/// Whether an import for the segment is under way.
pub(super) async fn is_running(ctx: &Ctx, segment: &DocKey) -> Result<bool> {
    Ok(ctx.store().find_unique(Kind::SegmentImport, RUNNING, &running(segment)).await?.is_some())
}

pub(super) async fn create(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = super::of(&ctx, &request).await?;
    // Before a large body is read; each change asks again.
    ctx.authorise("updateIncluded", &found.spec())?;
    let owner = found.key();
    if is_running(&ctx, &owner).await? {
        return Err(in_the_way());
    }
    let turn = READING.acquire().await.map_err(|_| Error::Unavailable)?;
    let form = tokio::task::spawn_blocking(move || read(&request)).await;
    drop(turn);
    let form = form.map_err(|e| Error::Internal(format!("reading a file: {e}")))??;
    if is_running(&ctx, &owner).await? {
        return Err(in_the_way());
    }
    let set = ctx.store().stage_members(&owner, MemberList::Included, ctx.app.clock.now()).await?;
    let import = SegmentImport {
        id: ctx.app.ids.uuid(),
        segment: found.segment.key.clone(),
        file: form.name,
        mode: form.mode,
        status: TransferStatus::InProgress,
        set: set.0,
        keys: form.keys.len() as u64,
        created_at: ctx.app.clock.now(),
    };
    let location = href(&owner, &import.id);
    let work = Work { ctx, owner, import, written: None };
    if form.keys.len() <= CHUNK {
        work.all(form.keys).await?
    } else {
        work.start(form.keys).await?
    }
    let mut reply = Reply::empty();
    let location = HeaderValue::from_str(&location).map_err(|e| Error::Internal(e.to_string()))?;
    reply.headers.insert(LOCATION, location);
    Ok(reply)
}

/// Reads the form as it comes: of the file only its keys are kept. Blocks.
fn read(request: &Request) -> Result<Form> {
    let mut form = multipart::Form::open(request, request.upload.reader()?)?;
    let (mut mode, mut file) = (None, None);
    while let Some(part) = form.part()? {
        match part.name.as_str() {
            "mode" => mode = Some(form.text("mode", SHORT)?),
            "waitOnApprovals" => {
                if form.text("waitOnApprovals", SHORT)? == b"true" {
                    return Err(Error::field("waitOnApprovals", "there are no approvals yet"));
                }
            }
            "file" if file.is_none() => {
                let name = part.file.unwrap_or_default();
                let (mut rows, mut keys) = (Rows::new(Format::of(&name, &part.media_type)), Sorter::default());
                form.body(&mut |piece| rows.push(piece, &mut |key| keys.add(key)))?;
                rows.finish(&mut |key| keys.add(key))?;
                file = Some((name, keys));
            }
            _ => form.body(&mut |_| Ok(()))?,
        }
    }
    let mode = match mode.as_deref() {
        Some(b"merge") => ImportMode::Merge,
        Some(b"replace") => ImportMode::Replace,
        Some(_) => return Err(Error::field("mode", "must be merge or replace")),
        None => return Err(Error::missing("mode")),
    };
    let (name, keys) = file.ok_or_else(|| Error::missing("file"))?;
    let name: String = name.chars().filter(|c| !c.is_control()).take(255).collect();
    Ok(Form { mode, name, keys: keys.finish()? })
}

fn in_the_way() -> Error {
    Error::Conflict("Another import for this segment is under way".to_owned())
}

fn href(segment: &DocKey, id: &str) -> String {
    path(&["segments", &segment.project, &segment.env, &segment.key, "imports", id])
}

/// An import that is being done.
struct Work {
    ctx: Ctx,
    owner: DocKey,
    import: SegmentImport,
    /// Version of its document, once there is one.
    written: Option<u64>,
}

impl Work {
    /// Does all of it, as one change.
    async fn all(self, keys: Keys) -> Result<()> {
        let done = self.fill_and_switch(keys).await;
        match done {
            Err(_) => self.discard().await,
            // Nobody waits for the leftovers.
            Ok(()) => drop(tokio::spawn(async move { super::keeper::tidy(self.ctx.store()).await })),
        }
        done
    }

    /// Notes that it is under way and goes on in the background.
    async fn start(mut self, keys: Keys) -> Result<()> {
        match self.note().await {
            Ok(version) => self.written = Some(version),
            Err(error) => {
                self.discard().await;
                return Err(error);
            }
        }
        tokio::spawn(async move {
            if let Err(error) = self.fill_and_switch(keys).await {
                tracing::warn!(import = self.import.id, segment = %self.owner, "an import is stopped: {error}");
                self.discard().await;
                let stopped = super::keeper::stop(&self.ctx, &self.import_key()).await;
                if let Err(error) = stopped {
                    tracing::warn!(import = self.import.id, "it cannot be noted as stopped now: {error}");
                }
            }
            super::keeper::tidy(self.ctx.store()).await;
        });
        Ok(())
    }

    async fn note(&self) -> Result<u64> {
        let found = self.find().await?;
        let proof = self.ctx.authorise("updateIncluded", &found.spec())?;
        let target = audit::target(&found.project.value, &found.environment, &found.segment);
        let mut change = Change::new(Proofs::of(proof), "began an import for the segment", target).unlisted();
        change.put(self.import_key(), Expect::Absent, &self.import, facts(&self.owner, &self.import))?;
        change.require(found.environment.key.clone(), Expect::Any);
        let committed = match change.commit(&self.ctx).await {
            Err(Error::Conflict(_)) => return Err(in_the_way()),
            other => other?,
        };
        Ok(committed.versions.first().copied().unwrap_or(1))
    }

    async fn fill_and_switch(&self, mut keys: Keys) -> Result<()> {
        let store = self.ctx.store();
        loop {
            let chunk = keys.take(CHUNK)?;
            if chunk.is_empty() {
                break;
            }
            if !store.stage_more(self.set(), chunk, self.ctx.app.clock.now()).await? {
                return Err(Error::Conflict("The segment was deleted, or the import stopped, meanwhile".to_owned()));
            }
        }
        retried(false, || self.switch()).await
    }

    /// Puts the keys in force: the segment, its members and the import, all at once.
    async fn switch(&self) -> Result<()> {
        let mut found = self.find().await?;
        let proof = self.ctx.authorise("updateIncluded", &found.spec())?;
        if self.import.mode == ImportMode::Replace && self.ctx.store().member_counts(&self.owner).await?.included > 0 {
            // Copies elsewhere cannot be told one by one who is no member any more: they begin anew.
            found.segment.generation = found.segment.generation.saturating_add(1);
        }
        let done = SegmentImport { status: TransferStatus::Complete, ..self.import.clone() };
        let (verb, op) = match done.mode {
            ImportMode::Merge => ("Added", MemberOp::Merge(self.set())),
            ImportMode::Replace => ("Replaced the included targets by", MemberOp::Replace(self.set())),
        };
        let text = format!("* {verb} {} targets from a file\n", done.keys);
        let mut change = super::change(&found, Proofs::of(proof), text, vec![op]);
        let expect = self.written.map_or(Expect::Absent, Expect::Version);
        change.put(self.import_key(), expect, &done, facts(&self.owner, &done))?;
        let staged = self.ctx.store().staged_members().await?;
        if !staged.iter().any(|staged| staged.set == self.set()) {
            return Err(Error::Conflict("The segment was deleted, or the import stopped, meanwhile".to_owned()));
        }
        let after = found.segment.clone();
        write::save(&self.ctx, change, found, after, Vec::new()).await.map(drop)
    }

    async fn find(&self) -> Result<Found> {
        let DocKey { project, env, key, .. } = &self.owner;
        super::big(load::find(&self.ctx, project, env, key).await?)
    }

    async fn discard(&self) {
        if let Err(error) = self.ctx.store().discard_members(self.set()).await {
            tracing::warn!(import = self.import.id, "what was staged is left for later: {error}");
        }
    }

    const fn set(&self) -> MemberSet {
        MemberSet(self.import.set)
    }

    fn import_key(&self) -> DocKey {
        key(&self.owner.project, &self.owner.env, &self.import.id)
    }
}

pub(super) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = super::of(&ctx, &request).await?;
    let id = request.param("importID");
    let unknown = || Error::NotFound(format!("Unknown import {id}"));
    let owner = found.key();
    let doc = if id.is_ascii() && id.len() <= 64 {
        ctx.store().get(&key(&owner.project, &owner.env, id)).await?
    } else {
        None
    };
    let import: SegmentImport = doc.ok_or_else(unknown)?.decode()?;
    if import.segment != found.segment.key {
        return Err(unknown());
    }
    let stored = match import.status {
        TransferStatus::Complete => import.keys,
        TransferStatus::Stopped => 0,
        TransferStatus::InProgress => {
            let staged = ctx.store().staged_members().await?;
            staged.iter().find(|staged| staged.set.0 == import.set).map_or(0, |staged| staged.count)
        }
    };
    let parent = path(&["segments", &owner.project, &owner.env, &owner.key]);
    let status = import.status.as_str();
    Reply::json(&ImportRep {
        links: Links::new().own(href(&owner, &import.id)).parent(parent),
        id: import.id,
        segment_key: import.segment,
        creation_time: import.created_at,
        mode: import.mode.as_str(),
        status,
        files: vec![FileRep { filename: import.file, status }],
        progress: ProgressRep { keys: import.keys, stored },
    })
}
