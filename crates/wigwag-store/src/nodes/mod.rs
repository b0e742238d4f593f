//! Several servers on one database: who is there, whose turn work is that one does for all, and the time that all
//! of them go by, which is the database's. Rows that come and go, outside the log.
//!
//! An embedded database has one server only: it is always its turn.

mod lease;
mod node;
mod report;
mod tries;

pub use lease::Turn;
pub use node::{Beat, Node};
pub use tries::Tries;

/// The database's clock, in milliseconds since 1970.
macro_rules! now {
    () => {
        "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    };
}
use now;
