//! PostgreSQL that speaks TLS, with a certificate of an authority of its own.

use super::server::{Server, failed, run};
use crate::Result;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};

/// A private server on an address of this machine, under the name `db.test`. It lets `wigwag` in only with TLS and a
/// password, and `plain` only without TLS.
pub struct Secured {
    /// The server.
    pub server: Server,
    address: Ipv4Addr,
}

/// Who is let in.
const RULES: &str = "local all all trust\n\
    hostssl all wigwag 127.0.0.0/8 scram-sha-256\n\
    hostnossl all plain 127.0.0.0/8 trust\n";

static NEXT: AtomicU8 = AtomicU8::new(1);

impl Secured {
    /// Starts one, with a database `flags` that both users may use.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start() -> Result<Self> {
        let task = tokio::task::spawn_blocking(started);
        let secured = task.await.map_err(failed)??;
        let admin = secured.server.url("postgres");
        run(&admin, "CREATE ROLE wigwag SUPERUSER LOGIN PASSWORD 'a secret'").await?;
        run(&admin, "CREATE ROLE plain SUPERUSER LOGIN").await?;
        run(&admin, "CREATE DATABASE flags").await?;
        Ok(secured)
    }

    /// The connection string of `wigwag` by the server's name, with more options.
    #[must_use]
    pub fn url(&self, more: &str) -> String {
        self.url_as("db.test", "wigwag", more)
    }

    /// The connection string of a user, by any name of the server.
    #[must_use]
    pub fn url_as(&self, name: &str, user: &str, more: &str) -> String {
        format!("host={name} hostaddr={} user={user} password='a secret' dbname=flags {more}", self.address)
    }

    /// The certificate of the authority that vouches for it.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.server.file("authority.pem")
    }

    /// The certificate of another.
    #[must_use]
    pub fn stranger(&self) -> PathBuf {
        self.server.file("stranger.pem")
    }
}

fn started() -> Result<Secured> {
    let (authority, stranger) = (authority("An authority")?, authority("A stranger")?);
    let key = KeyPair::generate().map_err(failed)?;
    let params = CertificateParams::new(vec!["db.test".to_owned()]).map_err(failed)?;
    let cert = params.signed_by(&key, &authority.1).map_err(failed)?;
    // All addresses that begin with 127 are this machine; the port stays the usual one, which names the socket.
    let process = std::process::id().to_be_bytes();
    let address = Ipv4Addr::new(127, 64 + NEXT.fetch_add(1, Ordering::Relaxed) % 64, process[2], process[3]);
    let options =
        format!("-c listen_addresses={address} -c ssl=on -c ssl_cert_file=../server.pem -c ssl_key_file=../server.key");
    let files = [
        ("server.pem", &*cert.pem()),
        ("server.key", &*key.serialize_pem()),
        ("authority.pem", &*authority.0),
        ("stranger.pem", &*stranger.0),
    ];
    Ok(Secured { server: Server::start_open(&options, &files, RULES)?, address })
}

/// An authority: its certificate, and who signs with it.
fn authority(name: &str) -> Result<(String, Issuer<'static, KeyPair>)> {
    let mut params = CertificateParams::new(Vec::new()).map_err(failed)?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().map_err(failed)?;
    let cert = params.self_signed(&key).map_err(failed)?.pem();
    Ok((cert, Issuer::new(params, key)))
}
