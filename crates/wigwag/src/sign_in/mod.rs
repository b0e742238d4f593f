//! What sign-in needs of the world outside: mail and single sign-on.

mod oidc;
mod smtp;

use std::sync::Arc;

use anyhow::Context as _;
use wigwag_api::sign_in::{Mail, Provider, SignIn};
use wigwag_auth::{Activity, SessionSettings, Sessions};
use wigwag_store::Store;

use crate::config::Config;
use crate::server::Outside;

/// Sessions, as configured.
pub(crate) fn sessions(
    config: &Config,
    site: &str,
    store: &Store,
    activity: &Activity,
    outside: &Outside,
) -> Arc<Sessions> {
    let millis = |time: std::time::Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let settings = SessionSettings {
        idle: millis(config.sign_in.idle),
        absolute: millis(config.sign_in.absolute),
        secure: site.starts_with("https://"),
    };
    let sessions = Sessions::new(store.clone(), outside.clock.clone(), outside.ids.clone(), settings);
    Arc::new(sessions.noting(activity.clone()))
}

/// Sign-in, as configured.
///
/// # Errors
/// A mail server or sender that cannot be used.
pub(crate) fn desk(
    config: &Config,
    site: &str,
    store: &Store,
    sessions: &Arc<Sessions>,
    outside: &Outside,
) -> anyhow::Result<SignIn> {
    let mail = match &config.sign_in.smtp_url {
        Some(url) => Mail::by(smtp::Smtp::new(url, &config.sign_in.mail_from)?),
        None => Mail::default(),
    };
    let provider = match &config.sign_in.oidc {
        Some(oidc) => {
            let oidc = oidc::Oidc::new(oidc.clone(), site, outside.ids.clone()).context("oidc-issuer")?;
            Some(Arc::new(oidc) as Arc<dyn Provider>)
        }
        None => None,
    };
    Ok(SignIn::new(store.clone(), Arc::clone(sessions), mail, provider))
}
