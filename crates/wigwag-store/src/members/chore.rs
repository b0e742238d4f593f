//! Writes that are no changes: nobody sees what they do. They take their turn among the commits.

use super::{MemberList, MemberSet, StagedMembers, check_keys};
use crate::sql::Query;
use crate::steps::Steps;
use crate::store::Engine;
use crate::{DocKey, Result, Store};
use wigwag_model::clock::Millis;

/// A write by the writer that no row of the log tells of. What it answers is a number.
#[derive(Clone, Debug)]
pub(crate) enum Chore {
    /// Makes an empty staged set; answers its id.
    Stage { owner: DocKey, list: MemberList, at: Millis },
    /// Adds to a staged set; 0 if it is staged no more.
    Fill { set: i64, keys: Vec<String>, at: Millis },
    /// Throws a staged set away.
    Discard { set: i64 },
    /// Folds or throws away so many members; 0 when there is nothing of the kind to do.
    Tidy { most: u64 },
    /// Statements of another part of the store; how many rows the first answered.
    Steps(Steps),
}

const STAGED: &str =
    "SELECT kind, project, env, key, id, touched_at, count FROM member_sets WHERE state = 0 ORDER BY id";

impl Store {
    /// Makes an empty set for members of a document; nobody sees it until a commit puts it in force.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn stage_members(&self, owner: &DocKey, list: MemberList, at: Millis) -> Result<MemberSet> {
        owner.check()?;
        self.chore(Chore::Stage { owner: owner.clone(), list, at }).await.map(|id| MemberSet(id as i64))
    }

    /// Adds members to a staged set, in one short transaction; keys already there do not matter. Ascending
    /// order is by far the fastest. Answers whether the set is still staged: otherwise nothing was added.
    ///
    /// # Errors
    /// When a key cannot be held or the database cannot be written.
    pub async fn stage_more(&self, set: MemberSet, keys: Vec<String>, at: Millis) -> Result<bool> {
        check_keys(&keys)?;
        self.chore(Chore::Fill { set: set.0, keys, at }).await.map(|staged| staged > 0)
    }

    /// Throws away a set that was staged in vain.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn discard_members(&self, set: MemberSet) -> Result<()> {
        self.chore(Chore::Discard { set: set.0 }).await.map(drop)
    }

    /// All sets that are staged, by whichever process.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn staged_members(&self) -> Result<Vec<StagedMembers>> {
        let query = Query::long(STAGED, Vec::new());
        let row = |row: &crate::sql::Row<'_>| {
            let (owner, set, touched_at) = (row.key(0)?, MemberSet(row.int(4)?), row.int(5)?);
            Ok(StagedMembers { owner, set, touched_at, count: row.count(6)? })
        };
        self.rows(query, row).await
    }

    /// Does a little of what is left to do after sets were put in force or thrown away: folds sets of one
    /// list together, or deletes, `most` members at most. Answers whether there may be more to do.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn tidy_members(&self, most: u64) -> Result<bool> {
        self.chore(Chore::Tidy { most: most.max(1) }).await.map(|did| did > 0)
    }

    pub(crate) async fn chore(&self, chore: Chore) -> Result<u64> {
        match self.engine() {
            Engine::Sqlite(sqlite) => sqlite.chore(chore).await,
            Engine::Postgres(postgres) => postgres.chore(chore).await,
        }
    }

    /// Whether no other process can write to this database: what was left half done is nobody's.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        matches!(self.engine(), Engine::Sqlite(_))
    }
}
