//! Verification: whether what is stored is what was written.

mod chain;
mod documents;

pub use chain::Chain;
pub use documents::Problem;
