//! The form of an import.

use tokio::sync::Semaphore;
use wigwag_kit::{Error, Request, Result};
use wigwag_model::doc::ImportMode;

use crate::common::multipart;
use crate::segments::big::keys::{Keys, Sorter};
use crate::segments::big::rows::{Format, Rows};

/// Longest value of a field that is no file.
const SHORT: usize = 100;
/// Files read at once: each has a thread for as long as it comes.
static READING: Semaphore = Semaphore::const_new(8);

/// What a form asks for.
pub(super) struct Form {
    pub(super) mode: ImportMode,
    pub(super) name: String,
    pub(super) keys: Keys,
    /// Whether the keys are staged only, until an instruction puts them in force.
    pub(super) waits: bool,
}

/// Reads the form of a request, in its turn.
///
/// # Errors
/// A form or file that is not what it should be; the row of the file is named.
pub(super) async fn read(request: Request) -> Result<Form> {
    let turn = READING.acquire().await.map_err(|_| Error::Unavailable)?;
    let form = tokio::task::spawn_blocking(move || read_now(&request)).await;
    drop(turn);
    form.map_err(|e| Error::Internal(format!("reading a file: {e}")))?
}

/// Reads the form as it comes: of the file only its keys are kept. Blocks.
fn read_now(request: &Request) -> Result<Form> {
    let mut form = multipart::Form::open(request, request.upload.reader()?)?;
    let (mut mode, mut file, mut waits) = (None, None, false);
    while let Some(part) = form.part()? {
        match part.name.as_str() {
            "mode" => mode = Some(form.text("mode", SHORT)?),
            "waitOnApprovals" => {
                waits = match form.text("waitOnApprovals", SHORT)?.as_slice() {
                    b"true" => true,
                    b"false" | b"" => false,
                    _ => return Err(Error::field("waitOnApprovals", "must be true or false")),
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
    Ok(Form { mode, name, keys: keys.finish()?, waits })
}
