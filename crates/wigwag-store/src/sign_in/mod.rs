//! Who is signed in, and secrets that are good for one use. Rows of their own, not documents: they come and
//! go too often for a log, and nobody shall read them there.

mod pass;
mod session;

pub use pass::Pass;
pub use session::SessionRow;

use crate::sql::Val;
use crate::steps::Step;
use crate::{Result, Store};

/// Every statement that writes, to be prepared beforehand.
pub(crate) const ALL: &[&str] = &[
    session::PUT,
    session::SEEN,
    session::END,
    session::END_NAMED,
    session::END_OTHERS,
    session::FORGET,
    pass::PUT,
    pass::TAKE,
    pass::CHANGE,
    pass::DROP,
    pass::FORGET,
];

impl Store {
    /// Runs a statement that writes, in a transaction of its own. It ends in `RETURNING 1`: answers how many
    /// rows it wrote. A broken connection may leave its outcome unknown.
    pub(crate) async fn note(&self, text: &'static str, params: Vec<Val>) -> Result<u64> {
        self.steps(vec![Step::new(text, params)]).await
    }
}
