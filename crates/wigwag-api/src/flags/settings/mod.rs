//! What flags give one context, and whether it is targeted by itself: the settings of a user, and setting
//! a flag for a context (behaviour.md 18 and 21.1).

mod get;
mod put;

pub(super) use get::{FlagSetting, FlagSettings, all, one, reported};
pub(super) use put::{ValuePut, for_context, for_user};
