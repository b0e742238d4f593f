//! The log as lines of JSON that vouch for each other: it can be verified without the database.

use super::Archive;
use super::chain::{CHANGES, Chain, Logged, logged};
use crate::chain::{GENESIS, row_hash};
use crate::{NewChange, Result, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::{self, BufRead};

/// A row of the log. Its hash is over everything else in it, byte for byte.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line<'a> {
    sequence: u64,
    id: Cow<'a, str>,
    date: i64,
    kind: Cow<'a, str>,
    project: Cow<'a, str>,
    name: Cow<'a, str>,
    member_id: Option<Cow<'a, str>>,
    token_id: Option<Cow<'a, str>>,
    resources: Box<RawValue>,
    entry: Box<RawValue>,
    /// Digest of the documents that it wrote.
    documents: Cow<'a, str>,
    previous_hash: Cow<'a, str>,
    hash: Cow<'a, str>,
}

impl Archive {
    /// The next rows after `after` as lines without their ends, at most `limit`, and the sequence of the last.
    ///
    /// # Errors
    /// The database cannot be read, or a row is not what this could have written.
    pub async fn export(&self, after: u64, limit: u32) -> Result<(Vec<String>, Option<u64>)> {
        let rows = self.rows(CHANGES, vec![after.into(), i64::from(limit).into()], logged).await?;
        let last = rows.last().map(|row| row.seq);
        Ok((rows.iter().map(line).collect::<Result<_>>()?, last))
    }
}

fn line(row: &Logged) -> Result<String> {
    let broken = |e: serde_json::Error| StoreError::Corrupt(format!("row {} cannot be exported: {e}", row.seq));
    let raw = |text: &str| RawValue::from_string(text.to_owned()).map_err(broken);
    let change = &row.change;
    let line = Line {
        sequence: row.seq,
        id: (&*change.id).into(),
        date: change.at,
        kind: (&*change.kind).into(),
        project: (&*change.project).into(),
        name: (&*change.name).into(),
        member_id: change.member_id.as_deref().map(Into::into),
        token_id: change.token_id.as_deref().map(Into::into),
        resources: raw(&row.resources)?,
        entry: raw(&change.body)?,
        documents: (&*row.digest).into(),
        previous_hash: (&*row.prev_hash).into(),
        hash: (&*row.hash).into(),
    };
    serde_json::to_string(&line).map_err(broken)
}

/// Verifies lines that [`Archive::export`] wrote, from whichever row they begin. The sequence and hash of the last
/// tell whether something was cut off at the end. `passed` is told those of each line that is right.
///
/// # Errors
/// When the lines cannot be read; what does not add up is not an error but [`Chain::Broken`].
pub fn verify_lines(lines: impl BufRead, mut passed: impl FnMut(u64, &str)) -> io::Result<Chain> {
    let mut last: Option<(u64, String)> = None;
    for text in lines.lines() {
        let text = text?;
        if text.is_empty() {
            continue;
        }
        let next = last.as_ref().map_or(1, |(seq, _)| seq + 1);
        // Written again, a line is byte for byte what was read: nothing hides in blanks, order or escapes.
        let line = serde_json::from_str::<Line<'_>>(&text);
        let Some(line) = line.ok().filter(|line| serde_json::to_string(line).is_ok_and(|again| again == text)) else {
            return Ok(Chain::Broken { seq: next, what: "the line is not one of an export" });
        };
        if let Some(what) = fault(&line, last.as_ref()) {
            return Ok(Chain::Broken { seq: line.sequence, what });
        }
        passed(line.sequence, &line.hash);
        last = Some((line.sequence, line.hash.into_owned()));
    }
    let (seq, hash) = last.unwrap_or_else(|| (0, GENESIS.to_owned()));
    Ok(Chain::Intact { seq, hash })
}

fn fault(line: &Line<'_>, last: Option<&(u64, String)>) -> Option<&'static str> {
    let follows = match last {
        Some((seq, _)) if line.sequence != seq + 1 => return Some("the row before it is missing"),
        Some((_, hash)) => line.previous_hash == *hash,
        None => line.sequence > 1 || (line.sequence == 1 && line.previous_hash == GENESIS),
    };
    if !follows {
        return Some("it does not follow from the row before it");
    }
    let change = NewChange {
        id: line.id.to_string(),
        at: line.date,
        kind: line.kind.to_string(),
        project: line.project.to_string(),
        name: line.name.to_string(),
        member_id: line.member_id.as_ref().map(ToString::to_string),
        token_id: line.token_id.as_ref().map(ToString::to_string),
        resources: Vec::new(),
        body: line.entry.get().to_owned(),
    };
    let hash = row_hash(&line.previous_hash, line.sequence, &change, line.resources.get(), &line.documents);
    (hash != line.hash).then_some("the row is not what was written")
}
