//! `wigwag owner`, `token` and `sessions`: for who runs the server and is locked out of it.

use std::fmt::Write as _;

use anyhow::Context as _;
use wigwag_api::sign_in::operator::{LetIn, Operator};
use wigwag_store::{Store, StoreError};

use crate::cli::{DatabaseArgs, OwnerVerb, SessionsVerb, TokenVerb};
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
        let done = match Operator::of(&store, &outside.clock, &outside.ids).await {
            Ok(operator) => act(&operator, work).await,
            Err(error) => Err(error),
        };
        store.close().await;
        Ok(done?)
    })
}

async fn act(operator: &Operator, work: &Work) -> wigwag_kit::Result<String> {
    match work {
        Work::Owner(OwnerVerb::Create { email, .. }) => operator.make_owner(email).await.map(|let_in| told(&let_in)),
        Work::Owner(OwnerVerb::ResetPassword { email, totp_off, .. }) => {
            operator.reset_password(email.as_deref(), *totp_off).await.map(|let_in| told(&let_in))
        }
        Work::Token(TokenVerb::Issue { email, name, .. }) => {
            operator.issue_token(email.as_deref(), name).await.map(|token| format!("{token}\n"))
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
            operator.end_sessions(email.as_deref()).await.map(|count| format!("{count} ended\n"))
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
        | Work::Sessions(SessionsVerb::List { place, .. } | SessionsVerb::End { place, .. }) => place,
    }
}

/// The configuration of the server, as far as it says where the database is.
fn config(place: &DatabaseArgs, environment: Environment<'_>) -> anyhow::Result<Config> {
    Config::load(&place.flags(), environment).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(lines.join("\n"))
    })
}
