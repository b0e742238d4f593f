//! From what was counted to series.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};
use wigwag_model::clock::Millis;
use wigwag_store::volume::Sketch;

use super::time::{DAY, Step, month};
use super::{Amount, Asked, Counted, SeriesList, Sum};
use crate::links::Links;

impl Default for Amount {
    fn default() -> Self {
        Self::Times(0)
    }
}

impl Amount {
    fn join(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Times(sum), Self::Times(more)) => *sum = sum.saturating_add(*more),
            (Self::Different(all), Self::Different(more)) => all.join(more),
            (Self::Times(0), Self::Different(_)) => *self = other.clone(),
            (_, Self::Times(0)) | (Self::Times(_), Self::Different(_)) | (Self::Different(_), Self::Times(_)) => {}
        }
    }

    fn value(&self) -> u64 {
        match self {
            Self::Times(times) => *times,
            Self::Different(all) => Sketch::count(all),
        }
    }
}

impl Asked {
    /// Whether something is asked about.
    fn wants(&self, counted: &Counted) -> bool {
        self.filters.iter().all(|(label, values)| counted.labels.get(label).is_some_and(|has| values.contains(has)))
    }

    /// The answer: each group a series. `describe` adds to what is told of a group.
    pub fn answer(
        &self,
        counted: impl IntoIterator<Item = Counted>,
        links: Links,
        describe: impl Fn(&mut Map<String, Value>),
    ) -> SeriesList {
        let mut groups: BTreeMap<Vec<String>, BTreeMap<Millis, Amount>> = BTreeMap::new();
        for each in counted.into_iter().filter(|each| self.wants(each)) {
            let group = self.groups.iter().map(|label| each.labels.get(label).cloned().unwrap_or_default()).collect();
            let begin = self.step.begin(each.at, &self.zone);
            groups.entry(group).or_default().entry(begin).or_default().join(&each.amount);
        }
        let mut metadata = Vec::with_capacity(groups.len());
        let mut series: BTreeMap<Millis, BTreeMap<String, i64>> = BTreeMap::new();
        for (number, (group, amounts)) in groups.iter().enumerate() {
            let named =
                self.groups.iter().zip(group).map(|(label, value)| ((*label).to_owned(), value.as_str().into()));
            let mut about: Map<String, Value> = named.collect();
            describe(&mut about);
            metadata.push(about);
            for (time, value) in self.values(amounts) {
                let point = series.entry(time).or_insert_with(|| BTreeMap::from([("time".to_owned(), time)]));
                point.insert(number.to_string(), i64::try_from(value).unwrap_or(i64::MAX));
            }
        }
        SeriesList { links, metadata, series: series.into_values().collect() }
    }

    /// The value at every step of the range.
    fn values(&self, amounts: &BTreeMap<Millis, Amount>) -> BTreeMap<Millis, u64> {
        let first = self.step.begin(self.from, &self.zone);
        let mut at = self.step.begin(self.span().from, &self.zone);
        let (mut values, mut running, mut of_month) = (BTreeMap::new(), Amount::default(), month(at));
        let mut window: VecDeque<(Millis, &Amount)> = VecDeque::new();
        while at <= self.to {
            if month(at) != of_month {
                (running, of_month) = (Amount::default(), month(at));
            }
            let amount = amounts.get(&at);
            let before = running.value();
            if let Some(amount) = amount {
                match self.sum {
                    Sum::Rolling => window.push_back((at, amount)),
                    Sum::Incremental if matches!(amount, Amount::Times(_)) => {}
                    _ => running.join(amount),
                }
            }
            if at >= first {
                let value = match (self.sum, amount) {
                    (Sum::MonthToDate, _) => running.value(),
                    (Sum::Incremental, Some(Amount::Different(_))) => running.value().saturating_sub(before),
                    (Sum::Incremental | Sum::Alone, amount) => amount.map_or(0, Amount::value),
                    (Sum::Rolling, _) => rolling(&mut window, at),
                };
                let time = if self.step == Step::Month { of_month } else { at };
                values.insert(time, value);
            }
            at = self.step.next(at, &self.zone);
        }
        values
    }
}

/// All of the thirty days that end with the one that begins at `at`.
fn rolling(window: &mut VecDeque<(Millis, &Amount)>, at: Millis) -> u64 {
    while window.front().is_some_and(|(begin, _)| *begin <= at - 30 * DAY) {
        window.pop_front();
    }
    let mut all = Amount::default();
    window.iter().for_each(|(_, amount)| all.join(amount));
    all.value()
}
