//! Evaluations: counted by the SDK in summaries, or told one by one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use wigwag_sdk::{Event, Scalar};
use wigwag_store::volume::{Count, Usage};

use super::Sender;

/// Counters of one flag that are read in one summary: versions can be made up too.
const MAX_COUNTERS: usize = 200;
/// Kinds noted of one flag in one batch.
pub(super) const MAX_KINDS: usize = 20;

/// A value that is left out if it is not what it should be; the others of its kind stay.
struct Maybe<T>(Option<T>);

impl<T> Default for Maybe<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'b, T: Deserialize<'b>> Deserialize<'b> for Maybe<T> {
    fn deserialize<D: Deserializer<'b>>(from: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(from)?;
        Ok(Self(serde_json::from_str(text.get()).ok()))
    }
}

/// What a summary tells of a flag.
#[derive(Deserialize)]
struct Told<'b> {
    #[serde(borrow, default)]
    default: Maybe<&'b RawValue>,
    #[serde(borrow, default, rename = "contextKinds")]
    kinds: Maybe<Vec<Scalar<'b>>>,
    #[serde(borrow, default)]
    counters: Maybe<Vec<Maybe<Counter<'b>>>>,
}

#[derive(Deserialize)]
struct Counter<'b> {
    #[serde(borrow, default)]
    unknown: Scalar<'b>,
    #[serde(borrow, default)]
    variation: Scalar<'b>,
    #[serde(borrow, default)]
    version: Scalar<'b>,
    #[serde(borrow, default)]
    count: Scalar<'b>,
}

impl Counter<'_> {
    fn read(&self) -> Option<Count> {
        let (variation, version) = (index(&self.variation), index(&self.version).unwrap_or(0));
        Some(Count { variation, version, count: self.count.whole()? })
    }

    /// The SDK did not know the flag: anybody could make such flags up.
    fn is_unknown(&self) -> bool {
        self.unknown == Scalar::Is(true)
    }
}

/// The counters of a summary. Whether all of them made sense.
pub(super) fn of_summary(sender: &Sender, event: &Event<'_>, into: &mut Vec<Usage>) -> bool {
    let features = event.features.map(|features| serde_json::from_str(features.get()));
    let Some(Ok(features)) = features else { return false };
    let features: BTreeMap<String, Maybe<Told<'_>>> = features;
    let mut is_clear = true;
    for (flag, Maybe(told)) in features {
        let Some((told, counters)) = told.and_then(|mut told| told.counters.0.take().map(|counters| (told, counters)))
        else {
            is_clear = false;
            continue;
        };
        let read = |Maybe(counter): &Maybe<Counter<'_>>| {
            if counter.as_ref().is_some_and(Counter::is_unknown) {
                return None;
            }
            let count = counter.as_ref().and_then(Counter::read);
            is_clear &= count.is_some();
            count
        };
        let counts: Vec<_> = counters.iter().filter_map(read).take(MAX_COUNTERS).collect();
        if counts.is_empty() {
            continue;
        }
        let kinds = told.kinds.0.into_iter().flatten().filter_map(Scalar::into_text);
        into.push(Usage {
            env: sender.env.clone(),
            flag,
            at: sender.at(event.end_date.number()),
            application: sender.application.clone(),
            sender: sender.sender.clone(),
            fallback: told.default.0.and_then(fallback),
            kinds: kinds.take(MAX_KINDS).map(Cow::into_owned).collect(),
            counts,
        });
    }
    is_clear
}

/// One evaluation, from an SDK that does not sum up, for a context of some kinds.
pub(super) fn of_feature(sender: &Sender, event: &Event<'_>, kinds: &[String]) -> Option<Usage> {
    if event.exclude_from_summaries == Scalar::Is(true) || event.version == Scalar::Nothing {
        return None;
    }
    Some(Usage {
        env: sender.env.clone(),
        flag: event.key.text()?.to_owned(),
        at: sender.at(event.creation_date.number()),
        application: sender.application.clone(),
        sender: sender.sender.clone(),
        fallback: event.default.and_then(fallback),
        kinds: kinds.to_vec(),
        counts: vec![Count {
            variation: index(&event.variation),
            version: index(&event.version).unwrap_or(0),
            count: 1,
        }],
    })
}

fn index(number: &Scalar<'_>) -> Option<u32> {
    number.whole().and_then(|number| u32::try_from(number).ok())
}

/// The fallback of the code, without spaces.
fn fallback(json: &RawValue) -> Option<String> {
    serde_json::from_str::<Value>(json.get()).ok().map(|value| value.to_string())
}
