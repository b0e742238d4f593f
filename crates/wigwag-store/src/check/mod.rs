//! Verification: whether what is stored is what was written.

mod archive;
mod chain;
mod documents;
mod export;
mod survey;

pub use archive::Archive;
pub use chain::Chain;
pub use documents::Problem;
pub use export::verify_lines;
pub use survey::{Encryption, ServerSurvey, Survey, integrity, survey};
