//! On and off, and what is tracked.

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
];
