//! How flags were used.

use super::Volume;
use super::measure::Grain;
use super::record::FALLBACK;
use super::types::FlagUse;
use crate::Result;
use crate::sql::{Query, Row};
use std::collections::BTreeMap;
use wigwag_model::clock::Millis;

impl Volume {
    /// How the flags of an environment were used that were ever evaluated there, or those named, with the
    /// variations served since `since` (to the hour), by key.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn flag_use(&self, env: &str, named: Option<&[&str]>, since: Millis) -> Result<Vec<FlagUse>> {
        if named.is_some_and(<[_]>::is_empty) {
            return Ok(Vec::new());
        }
        let mut query = Query::build();
        query.push(
            "SELECT f.id, f.name, f.last_requested, f.fallback FROM seen_envs e JOIN seen_flags f ON f.env = e.id",
        );
        query.push(" WHERE e.name = ").bind(env);
        for (i, flag) in named.unwrap_or_default().iter().enumerate() {
            query.push(if i == 0 { " AND f.name IN (" } else { ", " }).bind(*flag);
        }
        query.push(if named.is_some() { ")" } else { "" });
        query.push(" ORDER BY f.name");
        let flags = self.rows(query, |row: &Row<'_>| {
            let fallback = Some(row.text(3)?.to_owned()).filter(|text| !text.is_empty());
            let used = FlagUse {
                flag: row.text(1)?.to_owned(),
                last_requested: row.int(2)?,
                fallback,
                variations: Vec::new(),
            };
            Ok((row.int(0)?, used))
        });
        let mut flags = flags.await?;
        let mut served = self.served(&flags.iter().map(|(id, _)| *id).collect::<Vec<_>>(), since).await?;
        for (id, used) in &mut flags {
            used.variations = served.remove(id).unwrap_or_default();
        }
        Ok(flags.into_iter().map(|(_, used)| used).collect())
    }

    /// By flag: the variations served since. Reads the hours of those flags since then.
    async fn served(&self, flags: &[i64], since: Millis) -> Result<BTreeMap<i64, Vec<u32>>> {
        let mut all: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for some in flags.chunks(500) {
            let mut query = Query::build();
            query.push("SELECT DISTINCT flag, variation FROM seen_evaluations WHERE flag IN ").push(self.numbers().0);
            query.bind(some.iter().map(i64::to_string).collect::<Vec<_>>()).push(self.numbers().1);
            query
                .push(" AND grain = ")
                .bind(Grain::Hour.number())
                .push(" AND bucket >= ")
                .bind(Grain::Hour.bucket(since));
            query.push(" AND variation > ").bind(FALLBACK);
            query.push(" ORDER BY flag, variation");
            for (flag, variation) in self.rows(query, |row| Ok((row.int(0)?, row.int(1)?))).await? {
                all.entry(flag).or_default().extend(u32::try_from(variation));
            }
        }
        Ok(all)
    }

    /// Kinds of the contexts that flags of an environment were evaluated for since, by flag.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn flag_kinds(&self, env: &str, flags: &[&str], since: Millis) -> Result<BTreeMap<String, Vec<String>>> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for some in flags.chunks(100) {
            let mut query = Query::build();
            query.push("SELECT f.name, k.kind FROM seen_envs e JOIN seen_flags f ON f.env = e.id");
            query.push(" JOIN seen_flag_kinds k ON k.flag = f.id WHERE e.name = ").bind(env);
            query.push(" AND k.last_seen >= ").bind(since).push(" AND f.name IN (");
            for (i, flag) in some.iter().enumerate() {
                query.push(if i == 0 { "" } else { ", " }).bind(*flag);
            }
            query.push(") ORDER BY f.name, k.kind");
            for (flag, kind) in self.rows(query, |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).await? {
                all.entry(flag).or_default().push(kind);
            }
        }
        Ok(all)
    }

    /// Keys of the flags that were evaluated in an environment since, for a context of this kind or from
    /// this application if one is named.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn flags_used(
        &self,
        env: &str,
        kind: Option<&str>,
        application: Option<&str>,
        since: Millis,
    ) -> Result<Vec<String>> {
        let mut query = Query::build();
        query.push("SELECT f.name FROM seen_envs e JOIN seen_flags f ON f.env = e.id WHERE e.name = ").bind(env);
        query.push(" AND f.last_requested >= ").bind(since);
        if let Some(kind) = kind {
            query.push(" AND EXISTS (SELECT 1 FROM seen_flag_kinds k WHERE k.flag = f.id AND k.kind = ").bind(kind);
            query.push(" AND k.last_seen >= ").bind(since).push(")");
        }
        if let Some(application) = application {
            query.push(" AND EXISTS (SELECT 1 FROM seen_apps a JOIN seen_flag_apps u ON u.app = a.id");
            query.push(" WHERE a.env = e.id AND u.flag = f.id AND a.name = ").bind(application);
            query.push(" AND u.last_seen >= ").bind(since).push(")");
        }
        query.push(" ORDER BY f.name");
        self.rows(query, |row| Ok(row.text(0)?.to_owned())).await
    }
}
