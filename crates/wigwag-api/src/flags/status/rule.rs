//! The rules.

use schemars::JsonSchema;
use serde::Serialize;
use wigwag_model::clock::Millis;
use wigwag_model::doc::{Flag, FlagConfig};
use wigwag_store::volume::FlagUse;

/// What counts as lately, in milliseconds: 7 days.
pub(super) const LATELY: Millis = 7 * 24 * 60 * 60 * 1000;

/// A status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    /// Made lately, never requested.
    New,
    /// Not requested lately.
    Inactive,
    /// Requested lately, and not launched.
    Active,
    /// Requested lately, on, with one variation for everybody and no change lately.
    Launched,
}

impl Status {
    /// As it is written.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Inactive => "inactive",
            Self::Active => "active",
            Self::Launched => "launched",
        }
    }
}

/// The status of a flag at `now`. `used` tells which variations were served lately.
pub(super) fn status(flag: &Flag, config: &FlagConfig, used: Option<&FlagUse>, now: Millis) -> Status {
    let since = now - LATELY;
    match used {
        None if flag.created_at > since => Status::New,
        Some(used) if used.last_requested > since => {
            let one_for_all = used.variations.len() == 1;
            let launched = config.on && one_for_all && config.last_modified <= since;
            if launched { Status::Launched } else { Status::Active }
        }
        _ => Status::Inactive,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    const NOW: Millis = 1_700_000_000_000;
    const DAY: Millis = 24 * 60 * 60 * 1000;

    fn flag(age: Millis) -> Flag {
        let flag = json!({"key": "f", "name": "F", "kind": "boolean", "variations": [],
            "defaults": {"onVariation": 0, "offVariation": 1}, "temporary": true, "createdAt": NOW - age,
            "clientSideAvailability": {"usingMobileKey": false, "usingEnvironmentId": false}});
        serde_json::from_value(flag).unwrap()
    }

    fn config(on: bool, age: Millis) -> FlagConfig {
        let config =
            json!({"on": on, "salt": "s", "sel": "s", "lastModified": NOW - age, "fallthrough": {"variation": 0}});
        serde_json::from_value(config).unwrap()
    }

    fn used(age: Millis, variations: &[u32]) -> FlagUse {
        let variations = variations.to_vec();
        FlagUse { flag: "f".into(), last_requested: NOW - age, fallback: None, variations }
    }

    #[test]
    fn each_status_has_its_conditions() {
        let of = |age, on, changed, used: Option<FlagUse>| status(&flag(age), &config(on, changed), used.as_ref(), NOW);
        assert_eq!(of(DAY, false, DAY, None), Status::New);
        assert_eq!(of(7 * DAY, false, 7 * DAY, None), Status::Inactive);
        assert_eq!(of(30 * DAY, true, 30 * DAY, Some(used(7 * DAY, &[]))), Status::Inactive);
        assert_eq!(of(30 * DAY, true, 30 * DAY, Some(used(DAY, &[0]))), Status::Launched);
        // Just made and requested already; changed lately; off; several variations; only the fallback.
        assert_eq!(of(DAY, true, DAY, Some(used(0, &[0]))), Status::Active);
        assert_eq!(of(30 * DAY, true, 6 * DAY, Some(used(0, &[0]))), Status::Active);
        assert_eq!(of(30 * DAY, false, 30 * DAY, Some(used(0, &[1]))), Status::Active);
        assert_eq!(of(30 * DAY, true, 30 * DAY, Some(used(0, &[0, 1]))), Status::Active);
        assert_eq!(of(30 * DAY, true, 30 * DAY, Some(used(0, &[]))), Status::Active);
    }
}
