//! Steps of time.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};
use wigwag_model::clock::Millis;
use wigwag_store::volume::Grain;

/// A step of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day in the time zone asked for.
    Day,
    /// A month, UTC.
    Month,
}

/// One minute, hour and day in milliseconds.
pub(super) const MINUTE: Millis = 60_000;
pub(super) const HOUR: Millis = 60 * MINUTE;
pub(super) const DAY: Millis = 24 * HOUR;

impl Step {
    /// Which counts it is made of. Days elsewhere than in Greenwich are made of hours.
    pub(super) fn grain(self, zone: &TimeZone) -> Grain {
        match self {
            Self::Minute => Grain::Minute,
            Self::Hour => Grain::Hour,
            Self::Day if *zone != TimeZone::UTC => Grain::Hour,
            Self::Day | Self::Month => Grain::Day,
        }
    }

    /// When the step begins that holds a time; months are summed by days.
    pub(super) fn begin(self, at: Millis, zone: &TimeZone) -> Millis {
        match self {
            Self::Minute => at.div_euclid(MINUTE) * MINUTE,
            Self::Hour => at.div_euclid(HOUR) * HOUR,
            Self::Day if *zone == TimeZone::UTC => at.div_euclid(DAY) * DAY,
            Self::Month => at.div_euclid(DAY) * DAY,
            Self::Day => zoned(at, zone).and_then(|z| z.start_of_day().ok()).map_or(at, millis),
        }
    }

    /// When the next one begins.
    pub(super) fn next(self, begin: Millis, zone: &TimeZone) -> Millis {
        match self {
            Self::Minute => begin + MINUTE,
            Self::Hour => begin + HOUR,
            Self::Day if *zone != TimeZone::UTC => {
                let next = zoned(begin, zone).and_then(|z| z.checked_add(1.day()).ok()).map(millis);
                next.filter(|next| *next > begin).unwrap_or(begin + DAY)
            }
            Self::Day | Self::Month => begin + DAY,
        }
    }
}

fn zoned(at: Millis, zone: &TimeZone) -> Option<Zoned> {
    Some(Timestamp::from_millisecond(at).ok()?.to_zoned(zone.clone()))
}

#[expect(clippy::needless_pass_by_value, reason = "the end of a chain")]
fn millis(zoned: Zoned) -> Millis {
    zoned.timestamp().as_millisecond()
}

/// When the month begins, UTC, that holds a time.
pub(super) fn month(at: Millis) -> Millis {
    let first = zoned(at, &TimeZone::UTC).and_then(|z| z.first_of_month().ok()?.start_of_day().ok());
    first.map_or(at, millis)
}
