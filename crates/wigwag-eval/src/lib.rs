//! Flag evaluation: flags and segments compiled once per version, evaluated without allocation,
//! with an optional trace of why. No I/O, no clock, no locks.
//!
//! ```
//! use std::sync::Arc;
//! use wigwag_eval::{CompiledFlag, Environment, evaluate};
//! use wigwag_model::{context::Context, flag::Flag};
//!
//! let flag: Flag = serde_json::from_str(
//!     r#"{"key":"lamp","on":true,"variations":["dark","steady"],"fallthrough":{"variation":1}}"#,
//! )?;
//! let mut environment = Environment::default();
//! environment.put_flag(Arc::new(CompiledFlag::new(Arc::new(flag))));
//! let context = Context::user("signal-7")?;
//! let result = evaluate(&environment, "lamp", &context);
//! assert_eq!(result.value, "steady");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bucket;
pub mod client;
mod compile;
pub mod dependents;
mod environment;
mod evaluate;
mod keymap;
pub mod literals;
pub mod offline;
mod reason;
mod record;
mod secure;
mod texts;
pub mod trace;
mod values;

pub use compile::flag::CompiledFlag;
pub use compile::segment::CompiledSegment;
pub use environment::{BigSegmentAnswer, Environment, Lookup};
pub use evaluate::{evaluate, evaluate_flag, evaluate_recorded, membership};
pub use reason::{BigSegmentsStatus, ErrorKind, Evaluation, Reason, ReasonKind};
pub use record::{Bucketing, ClauseOutcome, Membership, Recorder, Silent};
pub use secure::secure_mode_hash;
