//! Instants for `before` and `after` (evaluation §6.7): RFC 3339 texts and milliseconds.

/// Seconds since 1970 UTC and nanoseconds within the second; in a leap second the nanoseconds go
/// on past 10^9, so it sorts between the seconds around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant {
    seconds: i64,
    nanos: u32,
}

/// The years −262143 to 262142, which is as far as the official Rust engine goes.
const MIN_SECONDS: i64 = -8_334_601_228_800;
const MAX_SECONDS: i64 = 8_210_266_876_799;

impl Instant {
    /// Milliseconds since 1970; a fraction is cut off towards zero. `None` beyond the years a date
    /// can hold.
    pub(crate) fn from_millis(millis: f64) -> Option<Instant> {
        // The cast saturates, and the limits are far inside i64.
        let millis = millis as i64;
        let seconds = millis.div_euclid(1000);
        let nanos = millis.rem_euclid(1000) as u32 * 1_000_000;
        (MIN_SECONDS..=MAX_SECONDS).contains(&seconds).then_some(Instant { seconds, nanos })
    }

    /// `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`; `t` and `z` too. Digits past the ninth of a
    /// fraction are cut off.
    pub(crate) fn parse(text: &str) -> Option<Instant> {
        let mut rest = text.as_bytes();
        let year = digits(&mut rest, 4)?;
        byte(&mut rest, b"-")?;
        let month = digits(&mut rest, 2)?;
        byte(&mut rest, b"-")?;
        let day = digits(&mut rest, 2)?;
        byte(&mut rest, b"Tt")?;
        let hour = digits(&mut rest, 2)?;
        byte(&mut rest, b":")?;
        let minute = digits(&mut rest, 2)?;
        byte(&mut rest, b":")?;
        let second = digits(&mut rest, 2)?;
        let mut nanos = fraction(&mut rest)?;
        let offset = offset(rest)?;

        let in_range = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60;
        if !in_range {
            return None;
        }
        let mut seconds = days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
        if second == 60 {
            seconds -= 1;
            nanos += 1_000_000_000;
        }
        Some(Instant { seconds: seconds - offset, nanos })
    }
}

fn byte(rest: &mut &[u8], allowed: &[u8]) -> Option<u8> {
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    allowed.contains(first).then_some(*first)
}

fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let (head, tail) = rest.split_at_checked(count)?;
    *rest = tail;
    head.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

/// An optional `.` with at least one digit, as nanoseconds.
fn fraction(rest: &mut &[u8]) -> Option<u32> {
    let Some(tail) = rest.strip_prefix(b".") else {
        return Some(0);
    };
    let count = tail.iter().take_while(|b| b.is_ascii_digit()).count();
    if count == 0 {
        return None;
    }
    let (head, tail) = tail.split_at(count);
    *rest = tail;
    let digit = |at: usize| head.get(at).map_or(0, |b| u32::from(b - b'0'));
    Some((0..9).fold(0, |n, at| n * 10 + digit(at)))
}

/// `Z` or `±hh:mm` to the end of the text, in seconds east of UTC.
fn offset(rest: &[u8]) -> Option<i64> {
    let sign = match rest {
        [b'Z' | b'z'] => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let mut rest = &rest[1..];
    let hours = digits(&mut rest, 2)?;
    byte(&mut rest, b":")?;
    let minutes = digits(&mut rest, 2)?;
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar; years count from March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, nanos: u32) -> Option<Instant> {
        Some(Instant { seconds, nanos })
    }

    #[test]
    fn texts_and_millis_meet() {
        assert_eq!(Instant::parse("1970-01-01T00:00:00Z"), Instant::from_millis(0.9));
        assert_eq!(Instant::parse("2031-05-06t07:08:09.25+01:30"), Instant::from_millis(1935812289250.0));
        assert_eq!(Instant::parse("1969-12-31T23:59:59.999z"), Instant::from_millis(-1.5));
        assert_eq!(Instant::parse("2000-02-29T00:00:00-00:00"), at(951_782_400, 0));
        assert_eq!(Instant::parse("1970-01-01T00:00:00.1234567899Z"), at(0, 123_456_789));
        let leap = Instant::parse("1990-12-31T23:59:60Z");
        assert!(Instant::parse("1990-12-31T23:59:59.999Z") < leap);
        assert!(leap < Instant::parse("1991-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in [
            "",
            "2031-05-06",
            "2031-05-06T07:08:09",
            "2031-05-06 07:08:09Z",
            "2031-02-30T00:00:00Z",
            "2031-05-06T7:08:09Z",
            "2031-05-06T07:08:09+24:00",
            "2031-05-06T07:08:09+0100",
            "2031-05-06T07:08:09Zx",
            "2031-05-06T07:08:09.Z",
            "2031-05-06T07:08:61Z",
            "2031-13-06T07:08:09Z",
            "2031-05-06T24:00:00Z",
            " 2031-05-06T07:08:09Z",
            "1935812289250",
            "2031-05-06T07:08:09\u{2212}01:00",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
        assert_eq!(Instant::from_millis(1e17), None);
        assert_eq!(Instant::from_millis(-1e300), None);
    }

    #[test]
    fn the_limits_are_whole_years() {
        assert_eq!(days_since_1970(-262_143, 1, 1) * 86_400, MIN_SECONDS);
        assert_eq!(days_since_1970(262_143, 1, 1) * 86_400 - 1, MAX_SECONDS);
    }
}
