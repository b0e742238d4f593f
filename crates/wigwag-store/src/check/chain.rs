//! Recomputes the hash chain over the log and every version.

use super::Archive;
use crate::chain::{DocsDigest, GENESIS, row_hash};
use crate::sql::Row;
use crate::{DocKey, NewChange, Result, Store};

/// What a walk along the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Every row follows from the one before. Whoever noted an earlier hash can tell that nothing up
    /// to it was changed or cut off.
    Intact {
        /// The last row; 0 in an empty log.
        seq: u64,
        /// Its hash (hex).
        hash: String,
    },
    /// The first row that is not what it was when it was written, or what stands where a row is missing.
    Broken {
        /// Its sequence.
        seq: u64,
        /// What is wrong with it.
        what: &'static str,
    },
}

pub(super) const CHANGES: &str =
    "SELECT seq, id, at, kind, project, name, member_id, token_id, body, resources, digest, prev_hash, hash
     FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2";

const VERSIONS: &str = "SELECT seq, n, kind, project, env, key, version, created_seq, body FROM versions
     WHERE seq > $1 AND seq <= $2 ORDER BY seq, n";

const ORPHAN: &str =
    "SELECT v.seq FROM versions v LEFT JOIN changes c ON c.seq = v.seq WHERE c.seq IS NULL ORDER BY v.seq LIMIT 1";

const BEFORE: &str = "SELECT seq, hash FROM changes WHERE seq <= (SELECT MAX(seq) FROM changes) - $1
     ORDER BY seq DESC LIMIT 1";

/// Rows read at a time.
const PAGE: u64 = 500;

pub(super) struct Logged {
    pub(super) seq: u64,
    pub(super) change: NewChange,
    pub(super) resources: String,
    pub(super) digest: String,
    pub(super) prev_hash: String,
    pub(super) hash: String,
}

struct Version {
    seq: u64,
    n: u64,
    key: DocKey,
    version: u64,
    created_seq: u64,
    body: Option<String>,
}

impl Store {
    /// Recomputes the hash of every row of the log from all its columns and all documents it wrote.
    ///
    /// # Errors
    /// When the database cannot be read; what does not add up is not an error but [`Chain::Broken`].
    pub async fn verify_chain(&self) -> Result<Chain> {
        Archive::of(self).verify_chain(|_, _| {}).await
    }
}

impl Archive {
    /// Recomputes the hash of every row of the log from all its columns and all documents it wrote. `passed` is told
    /// the sequence and hash of each row that is right.
    ///
    /// # Errors
    /// When the database cannot be read; what does not add up is not an error but [`Chain::Broken`].
    pub async fn verify_chain(&self, passed: impl FnMut(u64, &str)) -> Result<Chain> {
        let chain = self.verify_after(0, GENESIS.to_owned(), passed).await?;
        if matches!(chain, Chain::Broken { .. }) {
            return Ok(chain);
        }
        match self.rows(ORPHAN, Vec::new(), |row| row.int(0)).await?.pop() {
            Some(orphan) => Ok(Chain::Broken { seq: orphan.unsigned_abs(), what: "a version without its change" }),
            None => Ok(chain),
        }
    }

    /// The same for the last `rows` rows only, which takes the one before them at its word.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify_tail(&self, rows: u64) -> Result<Chain> {
        let before = self.rows(BEFORE, vec![rows.into()], |row| Ok((row.count(0)?, row.text(1)?.to_owned()))).await?;
        let (seq, hash) = before.into_iter().next().unwrap_or((0, GENESIS.to_owned()));
        self.verify_after(seq, hash, |_, _| {}).await
    }

    async fn verify_after(&self, mut seq: u64, mut hash: String, mut passed: impl FnMut(u64, &str)) -> Result<Chain> {
        loop {
            let page = self.rows(CHANGES, vec![seq.into(), PAGE.into()], logged).await?;
            let Some(last) = page.last() else { break };
            let range = vec![seq.into(), last.seq.into()];
            let versions = self.rows(VERSIONS, range, version).await?;
            let mut versions = versions.into_iter().peekable();
            for row in page {
                let mut wrote = Vec::new();
                while let Some(version) = versions.next_if(|version| version.seq <= row.seq) {
                    wrote.push(version);
                }
                if let Some(what) = fault(&row, seq, &hash, &wrote) {
                    return Ok(Chain::Broken { seq: row.seq, what });
                }
                (seq, hash) = (row.seq, row.hash);
                passed(seq, &hash);
            }
        }
        Ok(Chain::Intact { seq, hash })
    }
}

fn fault(row: &Logged, before: u64, prev_hash: &str, wrote: &[Version]) -> Option<&'static str> {
    if row.seq != before + 1 {
        return Some("the row before it is missing");
    }
    if row.prev_hash != prev_hash {
        return Some("it does not follow from the row before it");
    }
    if (0..).zip(wrote).any(|(n, version)| version.seq != row.seq || version.n != n) {
        return Some("its versions are not in order");
    }
    let digest = wrote
        .iter()
        .fold(DocsDigest::new(), |digest, v| digest.add(&v.key, v.version, v.created_seq, v.body.as_deref()));
    if digest.hex() != row.digest {
        return Some("its documents are not what it wrote");
    }
    let hash = row_hash(prev_hash, row.seq, &row.change, &row.resources, &row.digest);
    (hash != row.hash).then_some("the row is not what was written")
}

pub(super) fn logged(row: &Row<'_>) -> Result<Logged> {
    let change = NewChange {
        id: row.text(1)?.into(),
        at: row.int(2)?,
        kind: row.text(3)?.into(),
        project: row.text(4)?.into(),
        name: row.text(5)?.into(),
        member_id: row.opt_text(6)?.map(str::to_owned),
        token_id: row.opt_text(7)?.map(str::to_owned),
        resources: Vec::new(),
        body: row.text(8)?.into(),
    };
    Ok(Logged {
        seq: row.count(0)?,
        change,
        resources: row.text(9)?.into(),
        digest: row.text(10)?.into(),
        prev_hash: row.text(11)?.into(),
        hash: row.text(12)?.into(),
    })
}

fn version(row: &Row<'_>) -> Result<Version> {
    Ok(Version {
        seq: row.count(0)?,
        n: row.count(1)?,
        key: row.key(2)?,
        version: row.count(6)?,
        created_seq: row.count(7)?,
        body: row.opt_text(8)?.map(str::to_owned),
    })
}
