//! The certification authorities that clients trust.

use aws_smithy_http_client::tls::{TlsContext, TrustStore};

/// The five roots of Amazon Trust Services, which issues the certificates of AWS; clients with a trust store of their own should have
/// all five (<https://www.amazontrust.com/repository>).
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// The first parts of the regions outside of the partition `aws`: China, GovCloud, the isolated ones and the European Sovereign Cloud.
const OTHER_PARTITIONS: [&str; 5] = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"];

/// Trusts Amazon's roots: to parse the 150 of the system takes half of a cold start. Trusts the system's if `SSL_CERT_FILE` or
/// `SSL_CERT_DIR` names them, and in other partitions, for which Amazon's roots are not promised.
pub(super) fn context(variable: impl Fn(&str) -> Option<String>) -> TlsContext {
    let has_own_roots = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .iter()
        .any(|name| variable(name).is_some_and(|path| !path.is_empty()));
    let is_elsewhere = variable("AWS_REGION")
        .is_some_and(|region| OTHER_PARTITIONS.iter().any(|partition| region.starts_with(partition)));
    let store = if has_own_roots || is_elsewhere {
        TrustStore::default()
    } else {
        TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
    };

    TlsContext::builder()
        .with_trust_store(store)
        .build()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rustls::{
        RootCertStore,
        pki_types::{CertificateDer, pem::PemObject as _},
    };

    use super::*;

    fn trusts_the_system(variables: &[(&str, &str)]) -> bool {
        let context = context(|name| {
            let found = variables.iter().find(|(each, _)| *each == name);
            found.map(|(_, value)| (*value).to_owned())
        });

        format!("{context:?}").contains("enable_native_roots: true")
    }

    #[test]
    fn the_system_is_trusted_in_other_partitions_and_if_the_operator_says_so() {
        assert!(!trusts_the_system(&[]));
        assert!(!trusts_the_system(&[
            ("AWS_REGION", "eu-central-1"),
            ("SSL_CERT_FILE", "")
        ]));
        assert!(trusts_the_system(&[("AWS_REGION", "cn-north-1")]));
        assert!(trusts_the_system(&[("SSL_CERT_FILE", "/etc/proxy.pem")]));
        assert!(trusts_the_system(&[("SSL_CERT_DIR", "/etc/proxy")]));
    }

    #[test]
    fn amazons_roots_are_certificates_of_authorities() {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(AMAZON_ROOTS) {
            roots.add(certificate.unwrap()).unwrap();
        }

        assert_eq!(roots.len(), 5);
    }
}
