//! A certificate for this run, and the two ends that use it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

/// Whom the certificate is for.
pub(crate) const NAME: &str = "localhost";

/// Writes `cert.pem` and `key.pem` into a directory.
pub(crate) fn make(arguments: &[String]) -> Result<()> {
    let [dir] = arguments else { anyhow::bail!("wigwag-bench certificate DIRECTORY") };
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()])?;
    std::fs::write(Path::new(dir).join("cert.pem"), made.cert.pem())?;
    std::fs::write(Path::new(dir).join("key.pem"), made.signing_key.serialize_pem())?;
    Ok(())
}

/// A server's end, from such a directory.
pub(crate) fn server(dir: &Path) -> Result<Arc<ServerConfig>> {
    let key = PrivateKeyDer::from_pem_file(dir.join("key.pem")).context("key.pem")?;
    let config = ServerConfig::builder().with_no_client_auth();
    Ok(Arc::new(config.with_single_cert(vec![certificate(&dir.join("cert.pem"))?], key)?))
}

/// A client's end, which trusts one certificate and takes up no earlier session.
pub(crate) fn connector(path: &Path) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(path)?)?;
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.resumption = tokio_rustls::rustls::client::Resumption::disabled();
    Ok(Arc::new(config).into())
}

fn certificate(path: &Path) -> Result<CertificateDer<'static>> {
    CertificateDer::from_pem_file(path).with_context(|| format!("{}", path.display()))
}
