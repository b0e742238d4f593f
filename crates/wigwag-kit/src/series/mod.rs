//! Computed series: what was counted over time, narrowed, grouped and summed as a request asks.
//!
//! An operation states which parameters narrow, which groups there are and which ways of summing; what it counts
//! comes as [`Counted`] rows with labels. Everything else is here: reading and checking the parameters, the range of
//! time to read, steps of time, sums, and the answer.

mod asked;
mod render;
#[cfg(test)]
mod tests;
mod time;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use wigwag_model::clock::Millis;
use wigwag_store::volume::Sketch;

use crate::links::Links;

pub use asked::Asked;
pub use time::Step;

/// What an operation states of its series.
#[derive(Clone, Copy, Debug)]
pub struct Series {
    /// Query parameters that narrow, each with the label it looks at.
    pub filters: &'static [(&'static str, &'static str)],
    /// The query parameter that groups, and the labels it may name; each is told as it is named.
    pub groups: (&'static str, &'static [&'static str]),
    /// Labels by which it is grouped in any case.
    pub always: &'static [&'static str],
    /// Ways of summing as `aggregationType` names them, the first is the default. Where there is one only, the
    /// parameter is not read.
    pub sums: &'static [(&'static str, Sum)],
    /// Which steps there are.
    pub steps: Steps,
    /// Where a series begins that does not say.
    pub since: Since,
    /// What `from` and `to` count.
    pub unit: Unit,
}

/// A way of summing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// Of each step by itself; of contexts those that are new in the month.
    Incremental,
    /// Of each step by itself, in every respect.
    Alone,
    /// From the beginning of the month to the end of the step.
    MonthToDate,
    /// Of the thirty days that end with the step.
    Rolling,
}

/// Steps of time that can be had.
#[derive(Clone, Copy, Debug)]
pub enum Steps {
    /// As `granularity` says: `daily`, or `monthly` with [`Sum::MonthToDate`]; `hourly` if so stated.
    Asked {
        /// Whether there are hours, too.
        hourly: bool,
    },
    /// Days.
    Days,
    /// Minutes within the last two hours, hours within the last two days, otherwise days.
    ByAge,
}

/// Where a series begins that does not say.
#[derive(Clone, Copy, Debug)]
pub enum Since {
    /// With the month.
    Month,
    /// So long ago, in milliseconds.
    Ago(Millis),
}

/// What a timestamp counts, since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
}

/// Something that was counted.
#[derive(Clone, Debug)]
pub struct Counted {
    /// When, in milliseconds since 1970.
    pub at: Millis,
    /// What is known of it, by name.
    pub labels: BTreeMap<&'static str, String>,
    /// How much.
    pub amount: Amount,
}

/// How much was counted.
#[derive(Clone, Debug)]
pub enum Amount {
    /// So often.
    Times(u64),
    /// So many different ones.
    Different(Box<Sketch>),
}

/// Series over the same times.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SeriesListRep")]
pub struct SeriesList {
    /// This list.
    #[serde(rename = "_links")]
    pub links: Links,
    /// What each series is about, in their order.
    pub metadata: Vec<Map<String, Value>>,
    /// For each time (`time`, in milliseconds since 1970) the value of each series under its number: `0`, `1`…
    pub series: Vec<BTreeMap<String, i64>>,
}
