//! `wigwag owner`, `token`, `sessions` and `secrets`: for who runs the server and is locked out of it.

use std::fmt::Write as _;

use anyhow::Context as _;
use wigwag_api::sign_in::operator::{LetIn, Operator};
use wigwag_kit::Keyring;
use wigwag_store::{Store, StoreError};

use crate::cli::{DatabaseArgs, OwnerVerb, SecretsVerb, SessionsVerb, TokenVerb};
use crate::config::{Config, Environment};
use crate::server::Outside;

/// What to do.
#[derive(Debug)]
pub enum Work {
    /// `wigwag owner`.
    Owner(OwnerVerb),
    /// `wigwag token`.
    Token(TokenVerb),
    /// `wigwag sessions`.
    Sessions(SessionsVerb),
    /// `wigwag secrets`.
    Secrets(SecretsVerb),
}

/// Does it, and answers what to print.
///
/// # Errors
/// A configuration that is wrong, a database that cannot be opened, somebody who is not there.
pub fn run(work: &Work, environment: Environment<'_>) -> anyhow::Result<String> {
    let config = config(place(work), environment)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = match Store::open(&crate::server::store_config(&config.database)).await {
            Err(StoreError::Locked(dir)) => {
                anyhow::bail!("a server is running on {}: stop it first, then start it again", dir.display())
            }
            opened => opened.with_context(|| format!("cannot open {}", config.database.shown()))?,
        };
        let outside = Outside::real();
        let keys = match work {
            Work::Secrets(_) => crate::keys::existing(&config),
            _ => Ok(None),
        };
        let done = match keys {
            Ok(keys) => act(&store, &outside, keys, work).await,
            Err(error) => Err(error),
        };
        store.close().await;
        done
    })
}

async fn act(store: &Store, outside: &Outside, keys: Option<Keyring>, work: &Work) -> anyhow::Result<String> {
    let operator = Operator::with(store, &outside.clock, &outside.ids, keys).await?;
    match work {
        Work::Secrets(SecretsVerb::Status { .. }) => Ok(operator.secrets().await?.to_string()),
        Work::Secrets(SecretsVerb::Rotate { .. }) => {
            let (done, status) = (operator.rotate_secrets().await?, operator.secrets().await?);
            anyhow::ensure!(status.is_done(), "{done} documents were sealed anew, others cannot be opened:\n{status}");
            Ok(format!("{done} documents were sealed anew\n{status}"))
        }
        Work::Owner(OwnerVerb::Create { email, .. }) => Ok(told(&operator.make_owner(email).await?)),
        Work::Owner(OwnerVerb::ResetPassword { email, totp_off, .. }) => {
            Ok(told(&operator.reset_password(email.as_deref(), *totp_off).await?))
        }
        Work::Token(TokenVerb::Issue { email, name, .. }) => {
            Ok(format!("{}\n", operator.issue_token(email.as_deref(), name).await?))
        }
        Work::Sessions(SessionsVerb::List { email, .. }) => {
            let mut text = String::new();
            for (email, row) in operator.sessions(email.as_deref()).await? {
                let seen = jiff::Timestamp::from_millisecond(row.seen).map(|t| t.to_string()).unwrap_or_default();
                // Writing to a string cannot fail.
                let _infallible = writeln!(text, "{}  {email}  {seen}  {}  {}", row.id, row.address, row.agent);
            }
            Ok(text)
        }
        Work::Sessions(SessionsVerb::End { email, .. }) => {
            Ok(format!("{} ended\n", operator.end_sessions(email.as_deref()).await?))
        }
    }
}

fn told(let_in: &LetIn) -> String {
    format!("member    {}\npassword  {}\n", let_in.email, let_in.password)
}

const fn place(work: &Work) -> &DatabaseArgs {
    match work {
        Work::Owner(OwnerVerb::Create { place, .. } | OwnerVerb::ResetPassword { place, .. })
        | Work::Token(TokenVerb::Issue { place, .. })
        | Work::Sessions(SessionsVerb::List { place, .. } | SessionsVerb::End { place, .. })
        | Work::Secrets(SecretsVerb::Status { place } | SecretsVerb::Rotate { place }) => place,
    }
}

/// The configuration of the server, as far as it says where the database is.
pub(crate) fn config(place: &DatabaseArgs, environment: Environment<'_>) -> anyhow::Result<Config> {
    Config::load(&place.flags(), environment).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(lines.join("\n"))
    })
}
