//! Looking terms up.

use super::block::{context_of, is_gone, key};
use super::joined::{Blocks, Cursor, From, GONE, Joined, Piece, Raw};
use super::term::Range;
use crate::sql::{Query, Row};
use crate::volume::Volume;
use crate::{Result, StoreError};

/// Times that reading begins again because runs were merged meanwhile.
const AGAIN: usize = 5;

/// For each run the block in which a key is, oldest run first.
const START: &str = "SELECT r.id, r.tail, b.first, b.body FROM seen_runs r JOIN seen_blocks b ON b.id =
      (SELECT x.id FROM seen_blocks x WHERE x.run = r.id AND x.first <= $1 ORDER BY x.first DESC LIMIT 1)
     WHERE r.state = 0 ORDER BY r.level DESC, r.id";
const NEXT: &str = "SELECT first, body FROM seen_blocks WHERE run = $1 AND first > $2 ORDER BY first LIMIT 1";

/// Contexts of a range of terms, in order.
pub(crate) struct Having {
    /// Each term with its contexts.
    pub(crate) terms: Vec<(Vec<u8>, Vec<i64>)>,
    /// Whether there are more than were asked for.
    pub(crate) more: bool,
}

impl Having {
    /// All contexts, each once.
    pub(crate) fn contexts(self) -> Vec<i64> {
        let mut all: Vec<i64> = self.terms.into_iter().flat_map(|(_, contexts)| contexts).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Volume {
    /// Which contexts have terms of a range, at most so many.
    pub(crate) async fn having(&self, range: &Range, limit: usize) -> Result<Having> {
        for _ in 1..AGAIN {
            match self.having_once(range, limit).await {
                Err(StoreError::Unavailable(reason)) if reason == GONE => {}
                outcome => return outcome,
            }
        }
        self.having_once(range, limit).await
    }

    async fn having_once(&self, range: &Range, limit: usize) -> Result<Having> {
        let mut having = Having { terms: Vec::new(), more: false };
        if range.start >= range.end {
            return Ok(having);
        }
        let start = Query::long(START, vec![key(&range.start, 0).into()]);
        let runs = self.rows(start, |row: &Row<'_>| Ok((row.int(0)?, row.bytes(1)?, (row.bytes(2)?, row.bytes(3)?))));
        let mut cursors = Vec::new();
        let mut blocks = self;
        for (run, tail, raw) in runs.await? {
            cursors.extend(Cursor::open(&mut blocks, run, tail, raw, From::Term(&range.start)).await?);
        }
        let (mut joined, mut piece, mut found) = (Joined::new(cursors), Piece::default(), 0);
        while joined.take(&mut blocks, &mut piece).await?.is_some() {
            if piece.term >= range.end {
                break;
            }
            let live = piece.postings.iter().filter(|posting| !is_gone(**posting)).map(|each| context_of(*each));
            let mut live = live.peekable();
            if live.peek().is_none() {
                continue;
            }
            if having.terms.last().is_none_or(|(term, _)| *term != piece.term) {
                having.terms.push((piece.term.clone(), Vec::new()));
            }
            if let Some((_, contexts)) = having.terms.last_mut() {
                let before = contexts.len();
                contexts.extend(live.take(limit + 1 - found));
                found += contexts.len() - before;
            }
            if found > limit {
                having.more = true;
                break;
            }
        }
        Ok(having)
    }
}

impl Blocks for &Volume {
    async fn after(&mut self, run: i64, first: &[u8]) -> Result<Option<Raw>> {
        let query = Query::point(NEXT, vec![run.into(), first.to_vec().into()]);
        Ok(self.rows(query, |row| Ok((row.bytes(0)?, row.bytes(1)?))).await?.pop())
    }
}
