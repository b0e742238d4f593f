//! On and off, and what is tracked.

use wigwag_kit::{Error, Result};
use wigwag_model::clock::Millis;

use super::params::{Params, decode};
use super::{Instruction, on_config};

pub(super) const ALL: &[Instruction] = &[
    on_config("turnFlagOn", "updateOn", |config, _, _, _| {
        config.on = true;
        Ok(())
    }),
    on_config("turnFlagOff", "updateOn", |config, _, _, _| {
        config.on = false;
        Ok(())
    }),
    on_config("updateTrackEvents", "updateTrackEvents", |config, _, params, _| {
        config.track_events = params.boolean("trackEvents")?;
        Ok(())
    }),
    on_config("updateTrackEventsFallthrough", "updateFlagFallthroughTrackEvents", |config, _, params, _| {
        config.track_events_fallthrough = params.boolean("trackEvents")?;
        Ok(())
    }),
    // Our own: the contract shows the time and has nothing that sets it.
    on_config("updateDebugEventsUntilDate", "updateTrackEvents", |config, _, params, _| {
        config.debug_events_until = time(params)?;
        Ok(())
    }),
];

/// A time in milliseconds since 1970, or null for none.
fn time(params: Params<'_>) -> Result<Option<Millis>> {
    let value = params.raw("value").ok_or_else(|| Error::missing("value"))?;
    let time: Option<Millis> = decode("value", value)?;
    if time.is_some_and(|time| !(0..=LAST).contains(&time)) {
        return Err(Error::field("value", "is not a time in milliseconds since 1970"));
    }
    Ok(time)
}

/// The end of the year 9999.
const LAST: Millis = 253_402_300_799_999;
