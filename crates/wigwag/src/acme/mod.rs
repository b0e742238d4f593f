//! A certificate from an authority by ACME (RFC 8555), renewed in time. That the names are this server's is shown on its
//! own port, in the handshake of TLS (`tls-alpn-01`, RFC 8737).

mod account;
mod files;
mod order;
mod renewal;

use std::sync::Arc;
use std::time::Duration;

use wigwag_model::clock::Clock;

use crate::config::Acme;
use crate::tls::Certificate;

/// How long to wait after an order that failed: longer each time, so that limits of the authority are not used up.
const AGAIN: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(6 * 60 * 60));
/// How often to look whether it is time, clocks being what they are.
const LOOK: Duration = Duration::from_secs(60 * 60);

/// Sees to it for ever that a certificate is in force.
pub(crate) async fn keep(acme: Acme, certificate: Arc<Certificate>, clock: Clock) {
    let mut again = AGAIN.0;
    loop {
        let current = certificate.current();
        let left = current.and_then(|current| renewal::due(&current, &acme.domains)).map(|due| due - clock.now());
        if let Some(left) = left.and_then(|left| u64::try_from(left).ok()).filter(|left| *left > 0) {
            tokio::time::sleep(Duration::from_millis(left).min(LOOK)).await;
            continue;
        }
        match renew(&acme, &certificate).await {
            Ok(()) => again = AGAIN.0,
            Err(error) => {
                tracing::error!(seconds = again.as_secs(), "no certificate from {}: {error:#}", acme.directory);
                tokio::time::sleep(again).await;
                again = (2 * again).min(AGAIN.1);
            }
        }
    }
}

async fn renew(acme: &Acme, certificate: &Certificate) -> anyhow::Result<()> {
    let account = account::account(acme).await?;
    let ordered = order::order(&account, acme, certificate).await;
    certificate.answer_no_more();
    files::keep(&acme.files().cert, ordered?.as_bytes())?;
    certificate.again();
    Ok(())
}
