//! Access tokens with other claims, signed by the user pool's own key, which the emulator keeps in its state.

use std::fs;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls::{
    SignatureScheme,
    crypto::ring::sign::any_supported_type,
    pki_types::{PrivateKeyDer, pem::PemObject as _},
};
use serde_json::Value;

use crate::{Marquee, people::Actor};

/// The claims of a token.
#[must_use]
pub fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("three parts");

    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

impl Actor {
    /// The same person with a token of other claims that is signed as Cognito signs.
    #[must_use]
    pub fn with_claims(&self, change: impl FnOnce(&mut Value)) -> Self {
        let token = self.token().expect("a person who is signed in");
        let mut claims = claims(token);
        change(&mut claims);
        let header = token.split('.').next().expect("three parts");
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = sign(&self.marquee().user_pool(), self.marquee(), signed.as_bytes());

        self.with_token(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn sign(pool: &str, marquee: &Marquee, message: &[u8]) -> Vec<u8> {
    let file = marquee.home.join(format!("state/cognito-pool-keys/{pool}-access.pem"));
    let pem = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let key = PrivateKeyDer::from_pem_slice(&pem).expect("a private key");
    let key = any_supported_type(&key).expect("an RSA key");
    let signer = key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]).expect("RS256");

    signer.sign(message).expect("a signature")
}
