//! Adding to the index, and keeping it in few runs: a little with every transaction.

use super::block::{Encoder, Packed, Posting, context_of, is_gone, key};
use super::joined::{Blocks, Cursor, From, Joined, Piece, Raw};
use crate::Result;
use crate::volume::session::{Session, vals};

/// Runs of a level that are merged into one of the next.
const WIDE: usize = 16;
/// Postings merged in a transaction, for each that it adds: each is merged once a level.
const SHARE: usize = 6;
/// Postings merged in a transaction at least.
const LEAST: usize = 20_000;
/// Blocks of runs that were merged which a transaction removes at least.
const REMOVED: usize = 64;

const READY: i64 = 0;
const BUILT: i64 = 1;
const DEAD: i64 = 2;

/// Terms and contexts of one transaction.
#[derive(Default)]
pub(crate) struct Postings {
    terms: Vec<u8>,
    list: Vec<Entry>,
}

/// The first bytes of a term sort most of them without looking further.
struct Entry {
    head: [u64; 2],
    from: usize,
    to: usize,
    posting: Posting,
}

impl Postings {
    /// Notes that a context has a term, or has it no more.
    pub(crate) fn push(&mut self, term: &[u8], posting: Posting) {
        let from = self.terms.len();
        self.terms.extend_from_slice(term);
        let mut head = [0; 16];
        // The first bytes are the attribute's, most of them zero.
        let from_byte = 5.min(term.len());
        let most = (term.len() - from_byte).min(15);
        head[0] = term.first().copied().unwrap_or(0);
        head[1..=most].copy_from_slice(&term[from_byte..from_byte + most]);
        let head = u128::from_be_bytes(head);
        let head = [(head >> 64) as u64, head as u64];
        self.list.push(Entry { head, from, to: self.terms.len(), posting });
    }

    fn blocks(mut self) -> Vec<Packed> {
        let terms = &self.terms;
        let term = |entry: &Entry| &terms[entry.from..entry.to];
        self.list.sort_unstable_by(|a, b| {
            a.head.cmp(&b.head).then_with(|| term(a).cmp(term(b))).then_with(|| a.posting.cmp(&b.posting))
        });
        let mut encoder = Encoder::default();
        for group in self.list.chunk_by(|a, b| a.head == b.head && term(a) == term(b)) {
            let postings: Vec<Posting> = group.iter().map(|entry| entry.posting).collect();
            encoder.push(term(&group[0]), &postings);
        }
        encoder.finish()
    }
}

struct Run {
    id: i64,
    level: i64,
    state: i64,
    target: i64,
    resume: Vec<u8>,
    tail: Vec<u8>,
}

/// Adds postings as a run, and merges some that are there.
pub(crate) async fn add(db: &mut Session, postings: Postings) -> Result<()> {
    let count = postings.list.len();
    if count == 0 {
        return Ok(());
    }
    let blocks = postings.blocks();
    let tail = blocks.last().map(|last| last.first.clone()).unwrap_or_default();
    let id = new_run(db, 0, READY, tail).await?;
    save(db, id, blocks).await?;
    keep_few(db, LEAST.max(SHARE * count)).await
}

async fn new_run(db: &mut Session, level: i64, state: i64, tail: Vec<u8>) -> Result<i64> {
    let text = "INSERT INTO seen_runs (level, state, target, resume, tail) VALUES ($1, $2, 0, $3, $4) RETURNING id";
    db.int(text, vals![level, state, Vec::<u8>::new(), tail]).await
}

async fn save(db: &mut Session, run: i64, blocks: Vec<Packed>) -> Result<()> {
    let rows = blocks.into_iter().map(|block| vals![run, block.first, block.body]).collect();
    db.run("INSERT INTO seen_blocks (run, first, body) VALUES ($1, $2, $3)", rows).await
}

/// Merges where a level has many runs, the lowest first, and removes what was merged. Looks at so many postings.
async fn keep_few(db: &mut Session, mut budget: usize) -> Result<()> {
    let removed = REMOVED.max(budget / 200);
    let mut level = 0;
    loop {
        let runs = runs(db).await?;
        if level > runs.iter().map(|run| run.level).max().unwrap_or(0) || budget == 0 {
            return remove(db, &runs, removed).await;
        }
        let ready: Vec<&Run> =
            runs.iter().filter(|run| run.level == level && run.state == READY && run.target == 0).collect();
        let under_way = runs.iter().find(|run| run.level == level + 1 && run.state == BUILT);
        let target = match under_way {
            Some(target) => Run { tail: target.tail.clone(), resume: target.resume.clone(), ..*target },
            None if ready.len() >= WIDE => {
                let id = new_run(db, level + 1, BUILT, Vec::new()).await?;
                let inputs = ready.iter().take(WIDE).map(|run| vals![run.id, id]).collect();
                db.run("UPDATE seen_runs SET target = $2 WHERE id = $1", inputs).await?;
                Run { id, level: level + 1, state: BUILT, target: 0, resume: Vec::new(), tail: Vec::new() }
            }
            None => {
                level += 1;
                continue;
            }
        };
        let used = merge(db, &target, budget).await?;
        budget = budget.saturating_sub(used.max(1));
    }
}

/// All runs, oldest first.
async fn runs(db: &mut Session) -> Result<Vec<Run>> {
    let text = "SELECT id, level, state, target, resume, tail FROM seen_runs ORDER BY level DESC, id";
    db.rows(text, Vec::new(), |row| {
        Ok(Run {
            id: row.int(0)?,
            level: row.int(1)?,
            state: row.int(2)?,
            target: row.int(3)?,
            resume: row.bytes(4)?,
            tail: row.bytes(5)?,
        })
    })
    .await
}

/// Goes on merging into a run, for so many postings. Answers how many.
async fn merge(db: &mut Session, target: &Run, budget: usize) -> Result<usize> {
    let runs = runs(db).await?;
    // What is no more need not be kept where nothing older is.
    let oldest = !runs.iter().any(|run| run.level >= target.level && run.id != target.id && run.state == READY);
    let from = if target.resume.is_empty() { Vec::new() } else { target.resume.clone() };
    let mut cursors = Vec::new();
    for run in runs.into_iter().filter(|run| run.target == target.id) {
        let text = "SELECT first, body FROM seen_blocks WHERE run = $1 AND first <= $2 ORDER BY first DESC LIMIT 1";
        let raw = db.rows(text, vals![run.id, from.clone()], |row| Ok((row.bytes(0)?, row.bytes(1)?))).await?.pop();
        if let Some(raw) = raw {
            cursors.extend(Cursor::open(db, run.id, run.tail, raw, From::Behind(&from)).await?);
        }
    }
    let (mut joined, mut piece, mut used, mut ended) = (Joined::new(cursors), Piece::default(), 0, false);
    let mut encoder = Encoder::going_on(!target.tail.is_empty() || !target.resume.is_empty() && has(db, target).await?);
    let mut last = None;
    while used < budget {
        let Some(seen) = joined.take(db, &mut piece).await? else {
            ended = true;
            break;
        };
        used += seen;
        last = piece.postings.last().map(|posting| context_of(*posting)).or(last);
        if oldest {
            piece.postings.retain(|posting| !is_gone(*posting));
        }
        encoder.push(&piece.term, &piece.postings);
    }
    let resume = last.map_or(from, |context| key(&piece.term, context));
    let blocks = encoder.finish();
    let tail = blocks.last().map_or_else(|| target.tail.clone(), |block| block.first.clone());
    save(db, target.id, blocks).await?;
    if ended {
        let state = if has(db, target).await? { READY } else { DEAD };
        let text = "UPDATE seen_runs SET state = $2, tail = $3, resume = $4 WHERE id = $1";
        db.run(text, vec![vals![target.id, state, tail, Vec::<u8>::new()]]).await?;
        db.run("UPDATE seen_runs SET state = 2, target = 0 WHERE target = $1", vec![vals![target.id]]).await?;
    } else {
        let text = "UPDATE seen_runs SET resume = $2, tail = $3 WHERE id = $1";
        db.run(text, vec![vals![target.id, resume, tail]]).await?;
    }
    Ok(used)
}

/// Whether a run has blocks.
async fn has(db: &mut Session, run: &Run) -> Result<bool> {
    let text = "SELECT id FROM seen_blocks WHERE run = $1 ORDER BY first LIMIT 1";
    Ok(!db.rows(text, vals![run.id], |row| row.int(0)).await?.is_empty())
}

/// Removes blocks of runs that were merged, from their ends: who still reads one notices.
async fn remove(db: &mut Session, runs: &[Run], mut budget: usize) -> Result<()> {
    for run in runs.iter().filter(|run| run.state == DEAD) {
        let text = "DELETE FROM seen_blocks WHERE id IN
             (SELECT id FROM seen_blocks WHERE run = $1 ORDER BY first DESC LIMIT $2) RETURNING id";
        let gone = db.rows(text, vals![run.id, budget as u64], |row| row.int(0)).await?.len();
        if gone < budget {
            db.run("DELETE FROM seen_runs WHERE id = $1", vec![vals![run.id]]).await?;
        }
        budget -= gone;
        if budget == 0 {
            break;
        }
    }
    Ok(())
}

impl Blocks for Session {
    async fn after(&mut self, run: i64, first: &[u8]) -> Result<Option<Raw>> {
        let text = "SELECT first, body FROM seen_blocks WHERE run = $1 AND first > $2 ORDER BY first LIMIT 1";
        Ok(self.rows(text, vals![run, first.to_vec()], |row| Ok((row.bytes(0)?, row.bytes(1)?))).await?.pop())
    }
}
