//! A certificate from an authority by ACME (RFC 8555), renewed in time. That the names are this server's is shown on its
//! own port, in the handshake of TLS (`tls-alpn-01`, RFC 8737).

mod account;
mod order;
mod renewal;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use wigwag_model::clock::Clock;

use crate::config::Acme;
use crate::private;
use crate::tls::Certificate;

/// How long to wait after an order that failed: longer each time, so that limits of the authority are not used up.
const AGAIN: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(6 * 60 * 60));
/// How often to look whether it is time, clocks being what they are.
const LOOK: Duration = Duration::from_secs(60 * 60);

/// Sees to it for ever that a certificate is in force.
pub(crate) async fn keep(acme: Acme, certificate: Arc<Certificate>, clock: Clock) {
    let mut again = AGAIN.0;
    loop {
        if let Some(left) = left(&acme, &certificate, &clock) {
            again = AGAIN.0;
            tokio::time::sleep(left.min(LOOK)).await;
            continue;
        }
        let error = match renew(&acme, &certificate).await {
            // Also where the clock is wrong authorities are not asked without end.
            Ok(()) if left(&acme, &certificate, &clock).is_none() => {
                anyhow::anyhow!("what came is to be renewed at once; is the clock of this machine right?")
            }
            Ok(()) => continue,
            Err(error) => error,
        };
        tracing::error!(seconds = again.as_secs(), "no certificate from {}: {error:#}", acme.directory);
        tokio::time::sleep(again).await;
        again = (2 * again).min(AGAIN.1);
    }
}

/// How long the one in force will do; none if another is to be ordered now.
fn left(acme: &Acme, certificate: &Certificate, clock: &Clock) -> Option<Duration> {
    let due = renewal::due(&*certificate.current()?, &acme.domains)?;
    let left = u64::try_from(due - clock.now()).ok().filter(|left| *left > 0)?;
    Some(Duration::from_millis(left))
}

async fn renew(acme: &Acme, certificate: &Certificate) -> anyhow::Result<()> {
    let account = account::account(acme).await?;
    let ordered = order::order(&account, acme, certificate).await;
    certificate.answer_no_more();
    write(acme, &acme.files().cert, ordered?.as_bytes())?;
    certificate.again();
    Ok(())
}

/// Keeps a file in the directory for it, both for this user only.
fn write(acme: &Acme, path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&acme.dir);
    made.and_then(|()| private::replace(path, contents))
        .with_context(|| format!("acme-dir: {} cannot be written", path.display()))
}
