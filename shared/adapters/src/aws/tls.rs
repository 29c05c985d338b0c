//! The certification authorities that clients trust.

use aws_smithy_http_client::tls::{TlsContext, TrustStore};

/// The five roots of Amazon Trust Services, which issues the certificates of AWS; clients with a trust store of their own should have
/// all five (<https://www.amazontrust.com/repository>).
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// The first parts of the regions outside of the partition `aws`: China, GovCloud, the isolated ones and the European Sovereign Cloud.
const OTHER_PARTITIONS: [&str; 5] = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"];

/// Trusts Amazon's roots: the 150 of the system take longer to parse than everything else in a cold start (ADR 36). Trusts the system's if
/// `SSL_CERT_FILE` or `SSL_CERT_DIR` names them, and in other partitions, for which Amazon's roots are not promised.
#[expect(clippy::expect_used, reason = "a context without additional names is always valid")]
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
        .expect("a valid context")
}

#[cfg(test)]
mod tests {
    use rustls::{
        RootCertStore,
        pki_types::{CertificateDer, pem::PemObject as _},
    };
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// What the clients trust with these variables.
    fn trusted(variables: &[(&str, &str)]) -> String {
        let context = context(|name| {
            let found = variables.iter().find(|(each, _)| *each == name);
            found.map(|(_, value)| (*value).to_owned())
        });

        format!("{context:?}")
    }

    #[test]
    fn the_system_is_trusted_in_other_partitions_and_if_the_operator_says_so() {
        let system = format!("{:?}", TlsContext::default());

        for variable in [
            ("AWS_REGION", "cn-north-1"),
            ("AWS_REGION", "us-gov-west-1"),
            ("AWS_REGION", "us-iso-east-1"),
            ("AWS_REGION", "eu-isoe-west-1"),
            ("AWS_REGION", "eusc-de-east-1"),
            ("SSL_CERT_FILE", "/etc/proxy.pem"),
            ("SSL_CERT_DIR", "/etc/proxy"),
        ] {
            assert_eq!(trusted(&[variable]), system, "{variable:?}");
        }
    }

    #[test]
    fn amazons_roots_and_no_others_are_trusted_elsewhere() {
        let amazon = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
        let amazon = TlsContext::builder().with_trust_store(amazon).build().unwrap();

        for variables in [&[][..], &[("AWS_REGION", "eu-central-1"), ("SSL_CERT_FILE", "")]] {
            assert_eq!(trusted(variables), format!("{amazon:?}"));
        }
    }

    /// The file names each root with the digest of its certificate, as the repository does.
    #[test]
    fn amazons_roots_are_those_that_the_file_names() {
        let text = str::from_utf8(AMAZON_ROOTS).unwrap();
        let named = text.lines().filter_map(|line| line.rsplit_once("SHA-256 "));
        let named: Vec<_> = named.map(|(_, digest)| digest.to_lowercase()).collect();
        let mut roots = RootCertStore::empty();
        let mut found = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(AMAZON_ROOTS) {
            let certificate = certificate.unwrap();
            found.push(format!("{:x}", Sha256::digest(&certificate)));
            roots.add(certificate).unwrap();
        }

        assert_eq!(roots.len(), 5);
        assert_eq!(found, named);
    }
}
