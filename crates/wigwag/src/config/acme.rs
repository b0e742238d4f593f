//! Certificates that are ordered by ACME.

use std::path::PathBuf;

use rustls::pki_types::DnsName;

use super::{Database, Problem, Reader, TlsFiles, parse};

/// Which certificate is ordered, and from whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acme {
    /// The names that it is for.
    pub domains: Vec<String>,
    /// Whom the authority writes to.
    pub email: Option<String>,
    /// The authority: where its directory is.
    pub directory: String,
    /// Who vouches for the authority itself (PEM), if it is not one that this machine trusts.
    pub ca: Option<PathBuf>,
    /// Where account and certificate are kept.
    pub dir: PathBuf,
}

impl Acme {
    /// Certificate and key are in one file, so that they change at once.
    #[must_use]
    pub fn files(&self) -> TlsFiles {
        let file = self.dir.join("certificate.pem");
        TlsFiles { cert: file.clone(), key: file }
    }
}

impl Reader<'_> {
    /// None when something is wrong with it.
    pub(super) fn acme(&mut self, database: Option<&Database>) -> Option<Option<Acme>> {
        let place = self.found("acme-domains").map(|found| found.place);
        let domains = self.optional("acme-domains", names);
        let email = self.optional("acme-email", parse::email);
        let directory = self.required("acme-directory", parse::web_address);
        let ca = self.optional("acme-ca", |t| Ok(PathBuf::from(t)));
        let given = self.optional("acme-dir", |t| Ok(PathBuf::from(t)));
        let Some(place) = place else { return Some(None) };
        if self.found("tls-cert").is_some() {
            let message = "is set together with tls-cert; keep one of the two".to_owned();
            self.problems.push(Problem { option: "acme-domains".to_owned(), place, message });
            return None;
        }
        let dir = given.unwrap_or_else(|| match database {
            Some(Database::Sqlite(dir)) => dir.join("acme"),
            _ => PathBuf::from("./data/acme"),
        });
        Some(Some(Acme { domains: domains?, email, directory: directory?, ca, dir }))
    }
}

fn names(text: &str) -> Result<Vec<String>, String> {
    let one = |name: &str| match DnsName::try_from(name) {
        Ok(_) if !name.starts_with('*') => Ok(name.to_ascii_lowercase()),
        _ => Err(format!("\"{name}\" is not a name that can be shown to be ours; write for example flags.example.com")),
    };
    text.split(',').map(|name| one(name.trim())).collect()
}
