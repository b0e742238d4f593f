//! One order: names are shown to be ours, then the authority signs.

use anyhow::Context as _;
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use crate::config::Acme;
use crate::tls::{self, Certificate};

/// A new private key and the certificate for it, with those that vouch for it, in PEM.
///
/// # Errors
/// The authority cannot be reached, or is not convinced.
pub(super) async fn order(account: &Account, acme: &Acme, certificate: &Certificate) -> anyhow::Result<String> {
    let names: Vec<Identifier> = acme.domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&names)).await?;
    show(&mut order, certificate).await?;
    // What the authority has against it is the error.
    let status = order.poll_ready(&RetryPolicy::default()).await?;
    anyhow::ensure!(status == OrderStatus::Ready, "the order is {status:?} after its names were shown to be ours");
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(acme.domains.clone())?;
    params.distinguished_name = DistinguishedName::new();
    order.finalize_csr(params.serialize_request(&key)?.der()).await?;
    let chain = order.poll_certificate(&RetryPolicy::default()).await?;
    Ok(key.serialize_pem() + &chain)
}

/// Has handshakes answered as the authority wants, and tells it to look.
async fn show(order: &mut Order, certificate: &Certificate) -> anyhow::Result<()> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let challenge = authorization.challenge(ChallengeType::TlsAlpn01);
        let mut challenge = challenge.context("the authority does not offer tls-alpn-01")?;
        let name = challenge.identifier().to_string();
        let answer = answer(&name, challenge.key_authorization().digest().as_ref())?;
        certificate.answer(name, answer);
        challenge.set_ready().await?;
    }
    Ok(())
}

/// What is shown in the handshake (RFC 8737, 3).
fn answer(name: &str, digest: &[u8]) -> anyhow::Result<CertifiedKey> {
    let mut params = CertificateParams::new(vec![name.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let shown = params.self_signed(&key)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    // Not looked at as others are: it is critical that its reader knows the extension, and only authorities do.
    Ok(CertifiedKey::new(vec![shown.der().clone()], tls::provider().key_provider.load_private_key(key)?))
}
