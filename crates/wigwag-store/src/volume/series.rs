//! What was counted, step by step of time.

use super::Volume;
use super::measure::{Grain, Measure, Sender};
use super::names::sender_row;
use super::sketch::Sketch;
use crate::Result;
use crate::StoreError;
use crate::sql::{Query, Row};
use wigwag_model::clock::Millis;

/// Steps of time from the one that holds `from` to the one that holds `to`, both included.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The length of a step.
    pub grain: Grain,
    /// In milliseconds since 1970.
    pub from: Millis,
    /// In milliseconds since 1970.
    pub to: Millis,
}

/// Something that was counted in a step of time.
#[derive(Clone, Debug)]
pub struct Point {
    /// The environment's id.
    pub env: String,
    /// What it is called, or nothing.
    pub name: String,
    /// Who sent it.
    pub sender: Sender,
    /// When the step begins, in milliseconds since 1970.
    pub at: Millis,
    /// How often; for a peak, the most at a time.
    pub count: u64,
}

/// How often a flag was evaluated in a step of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    /// When the step begins, in milliseconds since 1970.
    pub at: Millis,
    /// The variation's index, or nothing for the fallback.
    pub variation: Option<u32>,
    /// The flag's version; 0 when it was not told.
    pub version: u32,
    /// Who sent it.
    pub sender: Sender,
    /// How often.
    pub count: u64,
}

/// How often a variation of a flag was served in a step of time, to all senders together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The flag's key.
    pub flag: String,
    /// When the step begins, in milliseconds since 1970.
    pub at: Millis,
    /// The variation's index, or nothing for the fallback.
    pub variation: Option<u32>,
    /// How often.
    pub count: u64,
}

/// Contexts of a kind that were seen in a day.
#[derive(Clone, Debug)]
pub struct UniquesOfDay {
    /// The environment's id.
    pub env: String,
    /// The kind.
    pub kind: String,
    /// Whether they are anonymous.
    pub anonymous: bool,
    /// Who sent them; without versions.
    pub sender: Sender,
    /// When the day begins, in milliseconds since 1970.
    pub at: Millis,
    /// Which they were, to be counted.
    pub sketch: Sketch,
}

/// Who sent events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenSender {
    /// The environment's id.
    pub env: String,
    /// Who.
    pub sender: Sender,
    /// When first, in milliseconds since 1970.
    pub first_seen: Millis,
    /// When last, to the minute.
    pub last_seen: Millis,
}

impl Volume {
    /// What was counted of a measure, in all environments. (`CROSS JOIN` keeps SQLite from reading all there is.)
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn counts(&self, measure: Measure, span: Span) -> Result<Vec<Point>> {
        let mut query = Query::build();
        query.push(
            "SELECT e.name, COALESCE(n.name, ''), c.bucket, c.count, s.type, s.sdk, s.sdk_version, s.application,
              s.application_version FROM seen_envs e CROSS JOIN seen_counts c
             JOIN seen_senders s ON s.id = c.sender LEFT JOIN seen_names n ON n.id = c.name
             WHERE c.env = e.id AND c.measure = ",
        );
        query.bind(measure.number());
        within(&mut query, "c.", span);
        query.push(" ORDER BY c.bucket");
        let rows = self.rows(query, |row: &Row<'_>| {
            let (env, name, sender) = (row.text(0)?.to_owned(), row.text(1)?.to_owned(), sender_row(row, 4)?);
            Ok(Point { env, name, sender, at: row.int(2)?, count: row.count(3)? })
        });
        let point = |point: Point| Point { at: point.at * span.grain.length(), ..point };
        Ok(rows.await?.into_iter().map(point).collect())
    }

    /// How often a flag of an environment was evaluated.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn evaluations(&self, env: &str, flag: &str, span: Span) -> Result<Vec<Evaluated>> {
        let mut query = Query::build();
        query.push(
            "SELECT v.bucket, v.variation, v.version, v.count, s.type, s.sdk, s.sdk_version, s.application,
              s.application_version FROM seen_envs e JOIN seen_flags f ON f.env = e.id
             JOIN seen_evaluations v ON v.flag = f.id JOIN seen_senders s ON s.id = v.sender WHERE e.name = ",
        );
        query.bind(env).push(" AND f.name = ").bind(flag);
        within(&mut query, "v.", span);
        query.push(" ORDER BY v.bucket");
        let rows = self.rows(query, |row: &Row<'_>| {
            Ok(Evaluated {
                at: row.int(0)?,
                variation: u32::try_from(row.int(1)?).ok(),
                version: u32::try_from(row.int(2)?).unwrap_or(0),
                count: row.count(3)?,
                sender: sender_row(row, 4)?,
            })
        });
        let point = |point: Evaluated| Evaluated { at: point.at * span.grain.length(), ..point };
        Ok(rows.await?.into_iter().map(point).collect())
    }

    /// How often some flags of an environment were evaluated: one range of the index for each.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn evaluations_of(&self, env: &str, flags: &[&str], span: Span) -> Result<Vec<Served>> {
        let mut query = Query::build();
        query.push(
            "SELECT f.name, v.bucket, v.variation, CAST(SUM(v.count) AS BIGINT)
             FROM seen_envs e CROSS JOIN seen_flags f CROSS JOIN seen_evaluations v
             WHERE f.env = e.id AND v.flag = f.id AND e.name = ",
        );
        query.bind(env).push(" AND f.name IN (");
        for (n, flag) in flags.iter().enumerate() {
            query.push(if n == 0 { "" } else { ", " }).bind(*flag);
        }
        query.push(if flags.is_empty() { "NULL)" } else { ")" });
        within(&mut query, "v.", span);
        query.push(" GROUP BY f.name, v.bucket, v.variation ORDER BY f.name, v.bucket, v.variation");
        let rows = self.rows(query, |row: &Row<'_>| {
            let (flag, variation) = (row.text(0)?.to_owned(), u32::try_from(row.int(2)?).ok());
            Ok(Served { flag, at: row.int(1)?, variation, count: row.count(3)? })
        });
        let point = |point: Served| Served { at: point.at * span.grain.length(), ..point };
        Ok(rows.await?.into_iter().map(point).collect())
    }

    /// Which contexts were seen from one day to another, both included, in all environments.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn uniques(&self, from: Millis, to: Millis) -> Result<Vec<UniquesOfDay>> {
        let mut query = Query::build();
        query.push(
            "SELECT e.name, n.name, u.anonymous, u.day, s.type, s.sdk, s.sdk_version, s.application,
              s.application_version, u.sketch FROM seen_envs e CROSS JOIN seen_uniques u
             JOIN seen_senders s ON s.id = u.sender JOIN seen_names n ON n.id = u.kind WHERE u.env = e.id AND u.day >= ",
        );
        query.bind(Grain::Day.bucket(from)).push(" AND u.day <= ").bind(Grain::Day.bucket(to)).push(" ORDER BY u.day");
        self.rows(query, |row: &Row<'_>| {
            let sketch = Sketch::from_bytes(&row.bytes(9)?);
            Ok(UniquesOfDay {
                env: row.text(0)?.to_owned(),
                kind: row.text(1)?.to_owned(),
                anonymous: row.int(2)? != 0,
                at: row.int(3)? * Grain::Day.length(),
                sender: sender_row(row, 4)?,
                sketch: sketch.ok_or_else(|| StoreError::Corrupt("a sketch of contexts".into()))?,
            })
        })
        .await
    }

    /// Who sent events since.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn senders(&self, since: Millis) -> Result<Vec<SeenSender>> {
        let text = "SELECT e.name, s.first_seen, s.last_seen, s.type, s.sdk, s.sdk_version, s.application,
              s.application_version FROM seen_envs e JOIN seen_senders s ON s.env = e.id WHERE s.last_seen >= $1
             ORDER BY s.id";
        self.rows(Query::long(text, vec![since.into()]), |row| {
            let (env, sender) = (row.text(0)?.to_owned(), sender_row(row, 3)?);
            Ok(SeenSender { env, sender, first_seen: row.int(1)?, last_seen: row.int(2)? })
        })
        .await
    }
}

fn within(query: &mut Query, of: &str, span: Span) {
    query.push(" AND ").push(of).push("grain = ").bind(span.grain.number());
    query.push(" AND ").push(of).push("bucket >= ").bind(span.grain.bucket(span.from));
    query.push(" AND ").push(of).push("bucket <= ").bind(span.grain.bucket(span.to));
}
