//! Making a change again that lost a race.

use std::future::Future;

use crate::error::{Error, Result};

/// How often a change is tried. Of those that race, one wins each time, so this many can change one
/// document at once.
const ATTEMPTS: usize = 64;

/// Makes a change again while it loses races, unless the client `pins` the state it is meant
/// for (see [`crate::Patch::pins`]). Each attempt must load anew.
///
/// # Errors
/// What the last attempt says.
pub async fn retried<T, F, Fut>(pins: bool, mut attempt: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(Error::OptimisticLocking(_)) if !pins => {}
            outcome => return outcome,
        }
    }
    attempt().await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    async fn tries(pins: bool, won_at: usize) -> (bool, usize) {
        let mut count = 0;
        let outcome = retried(pins, || {
            count += 1;
            let won = count == won_at;
            async move { if won { Ok(()) } else { Err(Error::OptimisticLocking(String::new())) } }
        });
        (outcome.await.is_ok(), count)
    }

    #[tokio::test]
    async fn as_many_attempts_unless_pinned() {
        assert_eq!(tries(false, 1).await, (true, 1));
        assert_eq!(tries(false, ATTEMPTS).await, (true, ATTEMPTS));
        assert_eq!(tries(false, ATTEMPTS + 1).await, (false, ATTEMPTS));
        assert_eq!(tries(true, 2).await, (false, 1));
    }
}
