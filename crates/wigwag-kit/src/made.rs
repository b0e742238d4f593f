//! Which change a request has made, for its answer where what comes afterwards fails.

use std::cell::RefCell;

tokio::task_local! {
    static MADE: RefCell<Option<String>>;
}

/// Does the work of a request; answers with it the id of the last change that it made, if any.
pub(crate) async fn noting<T>(work: impl Future<Output = T>) -> (T, Option<String>) {
    let work = async {
        let done = work.await;
        (done, MADE.with(RefCell::take))
    };
    MADE.scope(RefCell::default(), work).await
}

/// Notes a change that was committed. Outside of requests nobody asks.
pub(crate) fn note(change: &str) {
    let _outside = MADE.try_with(|made| *made.borrow_mut() = Some(change.to_owned()));
}
