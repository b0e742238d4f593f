//! TLS of the server itself: a certificate and its key from files, read anew when they change. The files may be those of
//! [`crate::acme`].

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, TlsFiles};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(10);
/// The protocol that authorities ask for who want to know whether a name is ours (RFC 8737).
const ACME: &[u8] = b"acme-tls/1";

/// The certificate in force, which connections that come get; those that are open stay what they are.
#[derive(Debug)]
pub(crate) struct Certificate {
    files: TlsFiles,
    /// None: it is still being ordered.
    current: RwLock<Option<Arc<CertifiedKey>>>,
    /// What authorities are answered, by the name that they ask about; none where nothing is ordered.
    answers: Option<RwLock<HashMap<String, Arc<CertifiedKey>>>>,
}

impl Certificate {
    /// Reads it.
    ///
    /// # Errors
    /// A file that cannot be read, holds no certificate or key, or a key that is not the certificate's.
    pub(crate) fn load(files: &TlsFiles) -> anyhow::Result<Arc<Self>> {
        let current = RwLock::new(Some(Arc::new(read(files)?)));
        Ok(Arc::new(Self { files: files.clone(), current, answers: None }))
    }

    /// The one that a server is to speak TLS with, if it is to.
    ///
    /// # Errors
    /// As [`Certificate::load`]; one that is ordered need not be there yet.
    pub(crate) fn of(config: &Config) -> anyhow::Result<Option<Arc<Self>>> {
        let Some(files) = &config.tls else { return Ok(None) };
        if config.acme.is_none() {
            return Self::load(files).map(Some);
        }
        let kept = if files.cert.exists() { Some(Arc::new(read(files)?)) } else { None };
        let (current, answers) = (RwLock::new(kept), Some(RwLock::default()));
        Ok(Some(Arc::new(Self { files: files.clone(), current, answers })))
    }

    /// The one in force.
    pub(crate) fn current(&self) -> Option<Arc<CertifiedKey>> {
        self.current.read().clone()
    }

    /// Answers authorities who ask about `name`.
    pub(crate) fn answer(&self, name: String, with: CertifiedKey) {
        if let Some(answers) = &self.answers {
            answers.write().insert(name, Arc::new(with));
        }
    }

    /// Answers no authority any more.
    pub(crate) fn answer_no_more(&self) {
        if let Some(answers) = &self.answers {
            answers.write().clear();
        }
    }

    /// How connections are to be secured: TLS 1.2 or newer, HTTP/2 where the client can.
    pub(crate) fn config(self: &Arc<Self>) -> anyhow::Result<Arc<ServerConfig>> {
        let versions = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
        let resolver = Arc::clone(self) as Arc<dyn ResolvesServerCert>;
        let mut config = versions.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        if self.answers.is_some() {
            config.alpn_protocols.push(ACME.to_vec());
        }
        Ok(Arc::new(config))
    }

    /// Reads the files again. What cannot be used changes nothing.
    pub(crate) fn again(&self) {
        match read(&self.files) {
            Ok(new) => {
                *self.current.write() = Some(Arc::new(new));
                tracing::info!(file = %self.files.cert.display(), "the certificate was read anew");
            }
            Err(error) => tracing::error!("the certificate in force stays: {error:#}"),
        }
    }

    fn stamp(&self) -> [Option<(SystemTime, u64)>; 2] {
        let of = |path: &Path| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.modified().ok()?, data.len()))
        };
        [of(&self.files.cert), of(&self.files.key)]
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if hello.alpn().is_some_and(|mut wanted| wanted.any(|protocol| protocol == ACME)) {
            return self.answers.as_ref()?.read().get(hello.server_name()?).cloned();
        }
        self.current()
    }
}

/// Reads the certificate anew when its files change and on SIGHUP. Without one, SIGHUP changes nothing.
pub(crate) async fn reload(certificate: Option<Arc<Certificate>>) {
    let mut hangup = match signal(SignalKind::hangup()) {
        Ok(hangup) => hangup,
        Err(error) => return tracing::warn!(%error, "SIGHUP cannot be heard"),
    };
    let mut stamp = certificate.as_ref().map(|certificate| certificate.stamp());
    loop {
        let asked = tokio::select! {
            heard = hangup.recv() => heard.is_some(),
            () = tokio::time::sleep(EVERY) => false,
        };
        let Some(certificate) = &certificate else { continue };
        let now = certificate.stamp();
        if asked || stamp != Some(now) {
            stamp = Some(now);
            certificate.again();
        }
    }
}

/// What encrypts.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Certificate and key, of which is known that they belong together.
pub(crate) fn read(files: &TlsFiles) -> anyhow::Result<CertifiedKey> {
    let shown = |name: &str, path: &Path| format!("{name} {}", path.display());
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect)
        .with_context(|| shown("tls-cert", &files.cert));
    let chain: Vec<CertificateDer<'static>> = chain?;
    anyhow::ensure!(!chain.is_empty(), "{}: there is no certificate in it", shown("tls-cert", &files.cert));
    let key = PrivateKeyDer::from_pem_file(&files.key).with_context(|| shown("tls-key", &files.key))?;
    CertifiedKey::from_der(chain, key, &provider())
        .with_context(|| format!("{} and {} do not belong together", files.cert.display(), files.key.display()))
}
