//! What a request asks of a series.

use jiff::tz::TimeZone;
use wigwag_model::clock::Millis;
use wigwag_store::volume::Span;

use super::time::{DAY, HOUR, Step, month};
use super::{Series, Since, Steps, Sum, Unit};
use crate::error::{Error, Result};
use crate::request::Request;

/// The longest range.
const LONGEST: Millis = 366 * DAY;
/// Hours are kept for so long: days in a time zone are made of them.
const HOURS_KEPT: Millis = 60 * DAY;

/// What is asked, checked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The first time of interest, in milliseconds since 1970.
    pub from: Millis,
    /// The last.
    pub to: Millis,
    pub(super) step: Step,
    pub(super) sum: Sum,
    pub(super) zone: TimeZone,
    /// Labels and the values that will do.
    pub(super) filters: Vec<(&'static str, Vec<String>)>,
    pub(super) groups: Vec<&'static str>,
}

impl Series {
    /// Reads and checks the parameters of a request that comes at `now`.
    ///
    /// # Errors
    /// A parameter that is not possible, by name.
    pub fn asked(&self, request: &Request, now: Millis) -> Result<Asked> {
        let to = self.time(request, "to")?.unwrap_or(now);
        let since = match self.since {
            Since::Month => month(to),
            Since::Ago(age) => to - age,
        };
        let from = self.time(request, "from")?.unwrap_or(since);
        if from > to {
            return Err(Error::field("from", "must not be later than to"));
        }
        if to - from > LONGEST {
            return Err(Error::field("from", "must be at most 365 days before to"));
        }
        let sum = self.sum(request)?;
        let step = self.step(request, sum, from, to, now)?;
        let filter = |(parameter, label): &(&'static str, &'static str)| {
            let values: Vec<String> = request.query_list(parameter).map(str::to_owned).collect();
            (!values.is_empty()).then_some((*label, values))
        };
        let filters: Vec<_> = self.filters.iter().filter_map(filter).collect();
        let named = |label: &str| filters.iter().find(|(of, _)| *of == label).map_or(0, |(_, values)| values.len());
        if named("environmentKey") > 0 && named("projectKey") != 1 {
            return Err(Error::field("environmentKey", "needs exactly one project"));
        }
        Ok(Asked {
            from,
            to,
            step,
            sum,
            zone: zone(request, step, from, now)?,
            groups: self.grouped(request)?,
            filters,
        })
    }

    fn time(&self, request: &Request, name: &str) -> Result<Option<Millis>> {
        let Some(given) = request.query_number(name)? else { return Ok(None) };
        let millis = if self.unit == Unit::Seconds { given.saturating_mul(1000) } else { given };
        // Far from where the calendar ends.
        if (0..=253_402_300_000_000 / 2).contains(&millis) {
            Ok(Some(millis))
        } else {
            Err(Error::field(name, "is not a time since 1970"))
        }
    }

    fn sum(&self, request: &Request) -> Result<Sum> {
        let default = self.sums.first().map_or(Sum::Alone, |first| first.1);
        let Some(named) = request.query("aggregationType").filter(|_| self.sums.len() > 1) else { return Ok(default) };
        let found = self.sums.iter().find(|(name, _)| *name == named).map(|(_, sum)| *sum);
        found.ok_or_else(|| one_of("aggregationType", self.sums.iter().map(|(name, _)| *name)))
    }

    fn step(&self, request: &Request, sum: Sum, from: Millis, to: Millis, now: Millis) -> Result<Step> {
        let hourly = match self.steps {
            Steps::Days => return Ok(Step::Day),
            Steps::ByAge => {
                return Ok(match now - from {
                    age if age <= 2 * HOUR => Step::Minute,
                    age if age <= 2 * DAY => Step::Hour,
                    _ => Step::Day,
                });
            }
            Steps::Asked { hourly } => hourly,
        };
        match request.query("granularity") {
            None | Some("daily") => Ok(Step::Day),
            Some("hourly") if hourly && to - from > HOURS_KEPT => {
                Err(Error::field("granularity", "hourly is possible for at most 60 days"))
            }
            Some("hourly") if hourly => Ok(Step::Hour),
            Some("monthly") if sum == Sum::MonthToDate => Ok(Step::Month),
            Some("monthly") => Err(Error::field("granularity", "monthly needs aggregationType month_to_date")),
            Some(_) => Err(one_of("granularity", ["daily", "monthly"].into_iter().chain(hourly.then_some("hourly")))),
        }
    }

    fn grouped(&self, request: &Request) -> Result<Vec<&'static str>> {
        let (parameter, possible) = self.groups;
        let mut all = self.always.to_vec();
        for named in request.query_list(parameter).filter(|_| !parameter.is_empty()) {
            let label = possible.iter().find(|label| **label == named);
            let label = *label.ok_or_else(|| one_of(parameter, possible.iter().copied()))?;
            if !all.contains(&label) {
                all.push(label);
            }
        }
        Ok(all)
    }
}

impl Asked {
    /// What must be read: more than the range where sums reach back.
    #[must_use]
    pub fn span(&self) -> Span {
        let from = match self.sum {
            Sum::Alone => self.from,
            Sum::Incremental | Sum::MonthToDate => month(self.from),
            Sum::Rolling => self.from - 30 * DAY,
        };
        Span { grain: self.step.grain(&self.zone), from: from.min(self.step.begin(self.from, &self.zone)), to: self.to }
    }
}

fn one_of<'n>(parameter: &str, names: impl Iterator<Item = &'n str>) -> Error {
    Error::field(parameter, format_args!("must be one of {}", names.collect::<Vec<_>>().join(", ")))
}

/// The time zone in which days break.
fn zone(request: &Request, step: Step, from: Millis, now: Millis) -> Result<TimeZone> {
    let Some(name) = request.query("tz") else { return Ok(TimeZone::UTC) };
    let zone = TimeZone::get(name).map_err(|_| Error::field("tz", format_args!("{name} is no time zone")))?;
    // Older days are only known as they are in Greenwich.
    let possible = step == Step::Day && now - from <= HOURS_KEPT;
    Ok(if possible && name != "UTC" { zone } else { TimeZone::UTC })
}
