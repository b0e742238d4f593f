//! The account at an authority: made once, then used again.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context as _;
use instant_acme::{Account, AccountCredentials, NewAccount};

use crate::config::Acme;

/// Ours at the authority, which is told that we agree to its terms.
///
/// # Errors
/// The authority cannot be reached or wants none, or what was kept cannot be read.
pub(super) async fn account(acme: &Acme) -> anyhow::Result<Account> {
    let builder = match &acme.ca {
        Some(file) => Account::builder_with_root(file).with_context(|| format!("acme-ca {}", file.display()))?,
        None => Account::builder()?,
    };
    let kept = file(acme)?;
    let read = match fs::read(&kept) {
        Ok(read) => Some(read),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| kept.display().to_string()),
    };
    if let Some(read) = read {
        let ours: AccountCredentials = serde_json::from_slice(&read).with_context(|| kept.display().to_string())?;
        return Ok(builder.from_credentials(ours).await?);
    }
    let contact: Vec<String> = acme.email.iter().map(|email| format!("mailto:{email}")).collect();
    let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
    let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
    let (account, ours) = builder.create(&new, acme.directory.clone(), None).await?;
    super::write(acme, &kept, &serde_json::to_vec(&ours)?)?;
    tracing::info!(directory = acme.directory, "an account was made at the authority for certificates");
    Ok(account)
}

/// Each authority has its own.
fn file(acme: &Acme) -> anyhow::Result<PathBuf> {
    let directory: http::Uri = acme.directory.parse()?;
    let host = directory.authority().context("acme-directory names no host")?;
    Ok(acme.dir.join(format!("account-{}.json", host.as_str().replace(':', "-"))))
}
