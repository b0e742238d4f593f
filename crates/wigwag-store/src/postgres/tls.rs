//! TLS to a server: how much of it is asked for, and who is believed to be the server.

use super::address::TlsOptions;
use deadpool_postgres::Connect;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::error::Error;
use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How much is asked for, as libpq understands the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Disable,
    /// Where the server can; otherwise without.
    Prefer,
    /// In any case, with whoever answers.
    Require,
    /// With whom an authority vouches for.
    VerifyCa,
    /// And who bears the name that was asked for.
    VerifyFull,
}

impl Mode {
    pub(super) fn named(name: &str) -> Result<Self, String> {
        match name {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            other => Err(format!("sslmode={other} is none; write disable, prefer, require, verify-ca or verify-full")),
        }
    }

    pub(super) const fn for_driver(self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => SslMode::Require,
        }
    }

    /// Whether the server has to prove who it is.
    pub(super) const fn is_verified(self) -> bool {
        matches!(self, Self::VerifyCa | Self::VerifyFull)
    }
}

/// Opens connections as the address wants them.
#[derive(Clone)]
pub(super) struct Tls {
    mode: Mode,
    maker: MakeRustlsConnect,
}

/// A connection that is to be driven, encrypted or not.
pub(super) type Wire = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

impl Tls {
    /// Reads the certificates that are named. Without a mode it is `prefer`; where an authority is named, it is
    /// asked: `require` becomes `verify-ca`, as with libpq, and less is refused.
    pub(super) fn new(options: &TlsOptions) -> Result<Self, String> {
        let mode = match (options.mode.unwrap_or(Mode::Prefer), &options.roots) {
            (Mode::Disable | Mode::Prefer, Some(_)) => {
                return Err("sslrootcert is for sslmode=verify-full (or verify-ca): write that as well".into());
            }
            (Mode::Require, Some(_)) => Mode::VerifyCa,
            (mode, _) => mode,
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let authorities = if mode.is_verified() {
            let roots = Arc::new(roots(options.roots.as_deref())?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build();
            Some(verifier.map_err(|e| format!("sslrootcert: {e}"))?)
        } else {
            None
        };
        let verifier = Verifier { authorities, any_name: mode != Mode::VerifyFull, provider: Arc::clone(&provider) };
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder =
            versions.map_err(|e| e.to_string())?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        let config = match (&options.cert, &options.key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(cert), Some(key)) => {
                let key = PrivateKeyDer::from_pem_file(key).map_err(|e| unread("sslkey", key, &e))?;
                let ours = builder.with_client_auth_cert(certificates("sslcert", cert)?, key);
                ours.map_err(|e| format!("sslcert and sslkey do not belong together: {e}"))?
            }
            (Some(_), None) => return Err("sslcert needs sslkey as well".into()),
            (None, Some(_)) => return Err("sslkey needs sslcert as well".into()),
        };
        Ok(Self { mode, maker: MakeRustlsConnect::new(config) })
    }

    pub(super) const fn mode(&self) -> Mode {
        self.mode
    }

    /// Connects; where encryption is only preferred and fails, without.
    pub(super) async fn dial(&self, config: &Config) -> Result<(Client, Wire), tokio_postgres::Error> {
        let dialled = config.connect(self.maker.clone()).await;
        match dialled {
            Err(error) if self.mode == Mode::Prefer && is_about_encryption(&error) => {
                let mut plain = config.clone();
                plain.ssl_mode(SslMode::Disable);
                plain.connect(self.maker.clone()).await.map_err(|_| error)
            }
            other => other,
        }
    }

    /// What to do about an error of connecting, if that is known.
    pub(super) fn advice(&self, error: &tokio_postgres::Error) -> Option<&'static str> {
        if self.mode == Mode::Disable && error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION) {
            return Some("where the server lets in only who encrypts, write sslmode=verify-full");
        }
        if error.to_string().contains("server does not support TLS") {
            return Some("switch ssl on at the server, or write sslmode=disable where nobody can listen");
        }
        Some(match of_rustls(error)? {
            rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
                "name the certificate of the authority that vouches for the server in sslrootcert"
            }
            rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => "connect by a name that the server's certificate has as subjectAltName, or write sslmode=verify-ca",
            rustls::Error::InvalidCertificate(_) => {
                "give the server a certificate that is in force, signed by an authority"
            }
            _ => "look at the server's log, and at its certificate and protocol versions (TLS 1.2 or 1.3)",
        })
    }
}

/// For pools.
impl Connect for Tls {
    fn connect(&self, config: &Config) -> Connecting<'_> {
        let config = config.clone();
        Box::pin(async move {
            let (client, wire) = self.dial(&config).await?;
            Ok((client, drive(wire)))
        })
    }
}

type Connecting<'a> =
    Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), tokio_postgres::Error>> + Send + 'a>>;

/// Drives a connection by a task of its own.
pub(super) fn drive(wire: Wire) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(e) = wire.await {
            tracing::debug!("a connection to PostgreSQL ended: {e}");
        }
    })
}

/// Whether it might go without encryption: the handshake failed, or the server has no entry for who encrypts.
fn is_about_encryption(error: &tokio_postgres::Error) -> bool {
    of_rustls(error).is_some() || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

/// What went wrong in the handshake, if it was that.
fn of_rustls(error: &tokio_postgres::Error) -> Option<&rustls::Error> {
    error.source()?.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()
}

fn roots(file: Option<&Path>) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    if let Some(file) = file {
        for certificate in certificates("sslrootcert", file)? {
            store.add(certificate).map_err(|e| unread("sslrootcert", file, &e))?;
        }
    } else {
        let (added, _) = store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if added == 0 {
            return Err("this machine trusts no authority: name one in sslrootcert".into());
        }
    }
    Ok(store)
}

fn certificates(option: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|e| unread(option, file, &e))?;
    if read.is_empty() { Err(unread(option, file, &"there is no certificate in it")) } else { Ok(read) }
}

fn unread(option: &str, file: &Path, why: &dyn std::fmt::Display) -> String {
    format!("{option} {}: {why}", file.display())
}

/// Decides who is the server.
#[derive(Debug)]
struct Verifier {
    /// Who vouches; none: nobody has to.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    /// Whatever name it bears.
    any_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authorities) = &self.authorities else { return Ok(ServerCertVerified::assertion()) };
        match authorities.verify_server_cert(end_entity, intermediates, name, ocsp, now) {
            // The name is looked at last: everything else is in order.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.any_name => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
