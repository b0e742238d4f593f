//! Differential test: random flags, segments and contexts, evaluated by this engine and by the
//! official Rust crate. Every difference must bear one of the names in [`known`].

mod contexts;
mod draw;
mod flags;
pub mod known;
mod run;
mod values;

pub use run::{Report, run_cases};
