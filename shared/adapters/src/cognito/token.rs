//! The refresh token of the API: Cognito's token, prefixed with the id of its session and a signature of both.
//!
//! Cognito issues another token each time one is used. The session stays the same, so that all its tokens can be refused when an old
//! one is used again.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::keyed_hash;

/// A refresh token, `<session>.<signature>.<Cognito's token>`; opaque to clients.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    session: String,
    signature: String,
    cognito: String,
}

/// The text is not a refresh token.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is not a refresh token of this service")]
pub struct UnknownToken;

/// The longest text that is parsed: a cookie has no more. Cognito's tokens have about 1,800 characters.
const MAX_LENGTH: usize = 4_000;

impl RefreshToken {
    /// Cognito's token of a session, signed with `key`.
    pub(super) fn new(session: &str, cognito: &str, key: &str) -> Result<Self, UnknownToken> {
        format!("{session}.{}.{cognito}", signature(session, cognito, key)).parse()
    }

    /// The session of an access token: Cognito identifies it by the id of its first token.
    pub(super) fn session_of(access_token: &str) -> Result<String, UnknownToken> {
        #[derive(Deserialize)]
        struct Claims {
            origin_jti: String,
        }

        let payload = access_token.split('.').nth(1).ok_or(UnknownToken)?;
        let payload = URL_SAFE_NO_PAD
            .decode(payload.trim_end_matches('='))
            .map_err(|_| UnknownToken)?;
        // The signature need not be checked: the token comes from Cognito over TLS.
        let Claims { origin_jti } = serde_json::from_slice(&payload).map_err(|_| UnknownToken)?;

        Ok(origin_jti)
    }

    /// Whether it was signed with this key.
    pub(super) fn is_signed_with(&self, key: &str) -> bool {
        let expected = signature(&self.session, &self.cognito, key);
        let difference = self
            .signature
            .bytes()
            .zip(expected.bytes())
            .fold(0, |seen, (a, b)| seen | (a ^ b));

        self.signature.len() == expected.len() && difference == 0
    }

    /// Its session.
    #[must_use]
    pub fn session(&self) -> &str {
        &self.session
    }

    pub(super) fn cognito(&self) -> &str {
        &self.cognito
    }
}

fn signature(session: &str, cognito: &str, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(keyed_hash(key, &["refresh token\n", session, "\n", cognito]))
}

impl FromStr for RefreshToken {
    type Err = UnknownToken;

    fn from_str(text: &str) -> Result<Self, UnknownToken> {
        let is_word = |text: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            !text.is_empty() && text.bytes().all(fits)
        };
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().ok_or(UnknownToken);
        let (session, signature, cognito) = (part()?, part()?, part()?);
        // Cognito's token is a JSON Web Token, signed or encrypted.
        let is_token = cognito.split('.').all(|part| part.is_empty() || is_word(part));
        if text.len() > MAX_LENGTH || !is_word(session) || !is_word(signature) || cognito.is_empty() || !is_token {
            return Err(UnknownToken);
        }

        Ok(Self {
            session: session.to_owned(),
            signature: signature.to_owned(),
            cognito: cognito.to_owned(),
        })
    }
}

impl From<RefreshToken> for String {
    fn from(
        RefreshToken {
            session,
            signature,
            cognito,
        }: RefreshToken,
    ) -> Self {
        format!("{session}.{signature}.{cognito}")
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_contains_its_session() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"1","origin_jti":"0192f7a4-6f0e"}"#);
        let session = RefreshToken::session_of(&format!("head.{claims}.signature")).unwrap();
        let token = RefreshToken::new(&session, "a.b.c", "key").unwrap();

        assert_eq!((token.session(), token.cognito()), ("0192f7a4-6f0e", "a.b.c"));
        assert_eq!(String::from(token.clone()).parse(), Ok(token.clone()));
        assert!(!format!("{token:?}").contains("0192f7a4"));
    }

    #[test]
    fn a_forged_session_is_detected() {
        let token = RefreshToken::new("mine", "a.b.c", "key").unwrap();
        assert!(token.is_signed_with("key") && !token.is_signed_with("another key"));

        let forged: RefreshToken = String::from(token).replacen("mine", "yours", 1).parse().unwrap();
        assert!(!forged.is_signed_with("key"));
        let cut: RefreshToken = "mine.A.a.b.c".parse().unwrap();
        assert!(!cut.is_signed_with("key"));
    }

    #[test]
    fn a_signature_that_was_cut_is_detected() {
        let token = String::from(RefreshToken::new("mine", "a.b.c", "key").unwrap());
        let (session, rest) = token.split_once('.').unwrap();
        let (signature, cognito) = rest.split_once('.').unwrap();
        let first = signature.chars().next().unwrap();

        let cut: RefreshToken = format!("{session}.{first}.{cognito}").parse().unwrap();
        assert!(!cut.is_signed_with("key"));
        let longer: RefreshToken = format!("{session}.{signature}A.{cognito}").parse().unwrap();
        assert!(!longer.is_signed_with("key"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            ".",
            "a.b",
            "a.b.",
            ".b.c",
            "a..c",
            "a b.c.d",
            "a.b.\u{7}",
            "a.b.c;d",
            &"a.b".repeat(2_000),
        ] {
            assert_eq!(text.parse::<RefreshToken>(), Err(UnknownToken), "{text}");
        }
    }
}
