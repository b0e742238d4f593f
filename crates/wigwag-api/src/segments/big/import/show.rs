//! An import as clients read it.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_kit::links::path;
use wigwag_kit::{Ctx, Error, Links, Reply, Request, Result};
use wigwag_model::clock::Millis;
use wigwag_model::doc::TransferStatus;

use super::{href, load};

/// An import as clients read it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Import")]
pub(in crate::segments::big) struct ImportRep {
    id: String,
    segment_key: String,
    creation_time: Millis,
    /// `merge` or `replace`.
    mode: &'static str,
    /// `preparing`, `ready`, `in_progress`, `complete` or `stopped`.
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
    /// Keys that are stored, in force or waiting to be.
    stored: u64,
}

pub(in crate::segments::big) async fn get(ctx: Ctx, request: Request) -> Result<Reply> {
    let found = crate::segments::big::of(&ctx, &request).await?;
    let id = request.param("importID");
    let unknown = || Error::NotFound(format!("Unknown import {id}"));
    let owner = found.key();
    let (import, _) = load(&ctx, &owner, id).await?.ok_or_else(unknown)?;
    let stored = match import.status {
        TransferStatus::Complete | TransferStatus::Ready => import.keys,
        TransferStatus::Stopped => 0,
        TransferStatus::InProgress | TransferStatus::Preparing => {
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
