//! Letters by SMTP.

use anyhow::Context as _;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use wigwag_api::sign_in::{Carrier, Letter};
use wigwag_kit::BoxFuture;

/// A mail server.
pub(super) struct Smtp {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// The server at an address with user and password.
    pub(super) fn new(url: &str, from: &str) -> anyhow::Result<Self> {
        // What lettre says of an address could repeat its password.
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| anyhow::anyhow!("WIGWAG_SMTP_URL is not the address of a mail server"))?
            .build();
        let from = from.parse().with_context(|| format!("mail-from: \"{from}\" is not an address"))?;
        Ok(Self { server, from })
    }
}

impl Carrier for Smtp {
    fn carry<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let to: Mailbox = letter.to.parse().map_err(|e| format!("the address cannot be used: {e}"))?;
            let message = Message::builder().from(self.from.clone()).to(to).subject(&letter.subject);
            let message = message.header(ContentType::TEXT_PLAIN).body(letter.text.clone());
            let message = message.map_err(|e| e.to_string())?;
            self.server.send(message).await.map(drop).map_err(|e| e.to_string())
        })
    }
}
