//! When a certificate is to be replaced.

use rustls::client::verify_server_name;
use rustls::pki_types::ServerName;
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use wigwag_model::clock::Millis;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

/// When two thirds of its time are over. None if it is not for these names.
pub(super) fn due(certified: &CertifiedKey, domains: &[String]) -> Option<Millis> {
    let own = certified.cert.first()?;
    let parsed = ParsedCertificate::try_from(own).ok()?;
    let has = |name: &String| {
        ServerName::try_from(name.as_str()).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
    };
    if !domains.iter().all(has) {
        return None;
    }
    let validity = Certificate::from_der(own).ok()?.tbs_certificate.validity;
    let millis = |time: x509_cert::time::Time| Millis::try_from(time.to_unix_duration().as_millis()).ok();
    let (from, to) = (millis(validity.not_before)?, millis(validity.not_after)?);
    Some(to - (to - from) / 3)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

    use super::*;

    fn certified(names: &[&str]) -> CertifiedKey {
        let names: Vec<String> = names.iter().copied().map(Into::into).collect();
        let mut params = CertificateParams::new(names).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2026, 4, 1));
        let key = KeyPair::generate().unwrap();
        let own = params.self_signed(&key).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        CertifiedKey::from_der(vec![own.der().clone()], key, &crate::tls::provider()).unwrap()
    }

    #[test]
    fn it_is_due_after_two_thirds_of_its_time() {
        const DAY: Millis = 24 * 60 * 60 * 1000;
        let first_of_2026 = 1_767_225_600_000;
        let both = certified(&["a.example", "b.example"]);
        let domains = |names: &[&str]| -> Vec<String> { names.iter().copied().map(Into::into).collect() };
        assert_eq!(due(&both, &domains(&["a.example", "b.example"])), Some(first_of_2026 + 60 * DAY));
        assert_eq!(due(&both, &domains(&["b.example"])), Some(first_of_2026 + 60 * DAY));
        assert_eq!(due(&both, &domains(&["a.example", "c.example"])), None);
    }
}
