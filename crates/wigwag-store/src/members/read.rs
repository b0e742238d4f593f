//! Looking members up, counting them, and going through them in order.

use super::{IN_FORCE, MemberCounts, MemberList, MemberSet, Membership};
use crate::sql::{Query, Val};
use crate::{DocKey, Result, Store};
use futures_util::future::try_join_all;
use std::collections::BTreeSet;

const LOOK: &str = "SELECT s.list FROM member_sets s JOIN members m ON m.set_id = s.id
     WHERE s.kind = $1 AND s.project = $2 AND s.env = $3 AND s.key = $4 AND s.state = 1 AND m.member = $5";

const IN_SET: &str = "SELECT member FROM members WHERE set_id = $1 AND member = $2";

const SETS: &str = "SELECT list, count, id, state FROM member_sets
     WHERE kind = $1 AND project = $2 AND env = $3 AND key = $4 ORDER BY id";

const PAGE: &str = "SELECT member FROM members WHERE set_id = $1 AND member > $2 ORDER BY member LIMIT $3";

impl Store {
    /// Where a key stands in the lists of a document.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn membership(&self, owner: &DocKey, member: &str) -> Result<Membership> {
        let mut params = named(owner);
        params.push(member.into());
        let mut found = Membership::default();
        for list in self.rows(Query::point(LOOK, params), |row| row.int(0)).await? {
            match MemberList::of(list) {
                MemberList::Included => found.included = true,
                MemberList::Excluded => found.excluded = true,
            }
        }
        Ok(found)
    }

    /// Where keys stand in the lists of documents, in their order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn memberships(&self, asked: &[(DocKey, String)]) -> Result<Vec<Membership>> {
        try_join_all(asked.iter().map(|(owner, member)| self.membership(owner, member))).await
    }

    /// Those of a few keys that are in a set, staged or in force.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn in_set(&self, set: MemberSet, keys: &[String]) -> Result<BTreeSet<String>> {
        let look = |key: &String| {
            let params = vec![Val::Int(set.0), key.as_str().into()];
            self.one(Query::point(IN_SET, params), |row| row.text(0).map(str::to_owned))
        };
        Ok(try_join_all(keys.iter().map(look)).await?.into_iter().flatten().collect())
    }

    /// How many members a document has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn member_counts(&self, owner: &DocKey) -> Result<MemberCounts> {
        let mut counts = MemberCounts::default();
        for set in self.sets(owner).await? {
            match set.list {
                MemberList::Included => counts.included += set.count,
                MemberList::Excluded => counts.excluded += set.count,
            }
        }
        Ok(counts)
    }

    /// The next members of a list after `after` (the empty text comes before all), by their bytes, at most
    /// `limit`. Fewer than `limit` means that these are the last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn members_page(&self, owner: &DocKey, list: MemberList, after: &str, limit: u32) -> Result<Vec<String>> {
        loop {
            let sets = self.ids(owner, list).await?;
            let mut page = BTreeSet::new();
            // A set is only ever folded into an older one, which is read after it: nothing is missed.
            for set in &sets {
                let params = vec![Val::Int(*set), after.into(), i64::from(limit).into()];
                page.extend(self.rows(Query::long(PAGE, params), |row| row.text(0).map(str::to_owned)).await?);
            }
            // Sets that were thrown away meanwhile may have been read half empty.
            if sets == self.ids(owner, list).await? {
                return Ok(page.into_iter().take(limit as usize).collect());
            }
        }
    }

    async fn ids(&self, owner: &DocKey, list: MemberList) -> Result<Vec<i64>> {
        // Newest first.
        let mut sets: Vec<_> = self.sets(owner).await?.into_iter().filter(|set| set.list == list).collect();
        sets.sort_unstable_by_key(|set| std::cmp::Reverse(set.id));
        Ok(sets.into_iter().map(|set| set.id).collect())
    }

    /// The sets in force.
    async fn sets(&self, owner: &DocKey) -> Result<Vec<Set>> {
        let row = |row: &crate::sql::Row<'_>| {
            let set = Set { id: row.int(2)?, list: MemberList::of(row.int(0)?), count: row.count(1)? };
            Ok((set, row.int(3)? == IN_FORCE))
        };
        let rows = self.rows(Query::point(SETS, named(owner)), row).await?;
        Ok(rows.into_iter().filter_map(|(set, in_force)| in_force.then_some(set)).collect())
    }
}

struct Set {
    id: i64,
    list: MemberList,
    count: u64,
}

fn named(owner: &DocKey) -> Vec<Val> {
    vec![owner.kind.into(), (&*owner.project).into(), (&*owner.env).into(), (&*owner.key).into()]
}
