#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use http::Method;
use wigwag_store::volume::{Grain, Sketch};

use super::*;
use crate::request::Request;

/// 2026-03-02T12:00:00Z.
const NOW: i64 = 1_772_452_800_000;
const DAY: i64 = 86_400_000;

const SERIES: Series = Series {
    filters: &[("projectKey", "projectKey"), ("environmentKey", "environmentKey"), ("sdkName", "sdkName")],
    groups: ("groupBy", &["sdkName", "projectId"]),
    always: &[],
    sums: &[("month_to_date", Sum::MonthToDate), ("incremental", Sum::Incremental), ("rolling_30d", Sum::Rolling)],
    steps: Steps::Asked { hourly: true },
    since: Since::Ago(3 * DAY),
    unit: Unit::Millis,
};

fn asked(series: &Series, query: &str) -> crate::Result<Asked> {
    series.asked(&Request::new(Method::GET, &format!("/x?{query}")).unwrap(), NOW)
}

fn times(days_ago: i64, sdk: &str, times: u64) -> Counted {
    let labels = BTreeMap::from([("sdkName", sdk.to_owned()), ("projectKey", "p".to_owned())]);
    Counted { at: NOW - days_ago * DAY, labels, amount: Amount::Times(times) }
}

fn different(days_ago: i64, hashes: &[u64]) -> Counted {
    let mut sketch = Sketch::default();
    hashes.iter().for_each(|hash| {
        sketch.add(*hash);
    });
    Counted { amount: Amount::Different(Box::new(sketch)), ..times(days_ago, "go", 0) }
}

/// The values of the first series.
fn values(query: &str, counted: Vec<Counted>) -> Vec<i64> {
    let list = asked(&SERIES, query).unwrap().answer(counted, Links::new(), |_| {});
    list.series.iter().map(|point| point["0"]).collect()
}

#[test]
fn times_are_summed_each_way() {
    let counted =
        || vec![times(0, "go", 5), times(1, "go", 3), times(1, "js", 1), times(2, "go", 7), times(40, "go", 9)];
    // The month began yesterday.
    assert_eq!(values("", counted()), [0, 7, 4, 9]);
    assert_eq!(values("aggregationType=incremental", counted()), [0, 7, 4, 5]);
    assert_eq!(values("aggregationType=rolling_30d", counted()), [0, 7, 11, 16]);
    assert_eq!(values("sdkName=js&aggregationType=incremental", counted()), [0, 0, 1, 0]);
    assert_eq!(values("granularity=monthly", counted()), [7, 9]);
}

#[test]
fn contexts_count_once() {
    let counted = || vec![different(0, &[1, 2]), different(1, &[2, 3]), different(2, &[1, 2])];
    assert_eq!(values("", counted()), [0, 2, 2, 3]);
    assert_eq!(values("aggregationType=incremental", counted()), [0, 2, 2, 1]);
    assert_eq!(values("aggregationType=rolling_30d", counted()), [0, 2, 3, 3]);
}

#[test]
fn groups_are_series_of_their_own() {
    let asked = asked(&SERIES, "groupBy=sdkName&aggregationType=incremental").unwrap();
    let list = asked.answer(vec![times(0, "js", 1), times(0, "go", 2)], Links::new(), |about| {
        about.insert("more".into(), 1.into());
    });
    let names: Vec<_> = list.metadata.iter().map(|about| (&about["sdkName"], &about["more"])).collect();
    assert_eq!(names, [(&"go".into(), &1.into()), (&"js".into(), &1.into())]);
    let last = list.series.last().unwrap();
    assert_eq!((last["time"], last["0"], last["1"]), (NOW.div_euclid(DAY) * DAY, 2, 1));
    assert!(asked.answer(Vec::new(), Links::new(), |_| {}).series.is_empty());
}

#[test]
fn what_is_read_follows_what_is_asked() {
    let span = |query: &str| asked(&SERIES, query).unwrap().span();
    assert_eq!(span("").grain, Grain::Day);
    assert_eq!(span("granularity=hourly").grain, Grain::Hour);
    let by_age = Series { steps: Steps::ByAge, sums: &[("", Sum::Alone)], ..SERIES };
    for (ago, grain) in [(3_600_000, Grain::Minute), (DAY, Grain::Hour), (3 * DAY, Grain::Day)] {
        assert_eq!(asked(&by_age, &format!("from={}", NOW - ago)).unwrap().span().grain, grain);
    }
    // Days in a time zone are made of hours.
    let here = asked(&by_age, "tz=America/New_York").unwrap();
    assert_eq!(here.span().grain, Grain::Hour);
    let list = here.answer(vec![times(0, "go", 1)], Links::new(), |_| {});
    assert_eq!(list.series.last().unwrap()["time"], NOW - 7 * 3_600_000);
    let seconds = Series { unit: Unit::Seconds, ..SERIES };
    assert_eq!(asked(&seconds, &format!("from={}", NOW / 1000)).unwrap().from, NOW);
}

#[test]
fn what_cannot_be_asked_is_named() {
    for (query, field) in [
        ("from=x", "from"),
        (&format!("from={}", NOW + 1), "from"),
        ("from=0", "from"),
        ("to=-1", "to"),
        ("groupBy=shoe", "groupBy"),
        ("aggregationType=shoe", "aggregationType"),
        ("granularity=shoe", "granularity"),
        ("granularity=monthly&aggregationType=incremental", "granularity"),
        ("environmentKey=e", "environmentKey"),
        ("environmentKey=e&projectKey=a&projectKey=b", "environmentKey"),
        ("tz=Nowhere/None", "tz"),
    ] {
        let error = asked(&SERIES, query).unwrap_err().to_string();
        assert!(error.contains(field), "{query}: {error}");
    }
}
