//! Our refresh token: Cognito's, with the session that it belongs to in front, and a proof that we put it there.
//!
//! Cognito gives another token each time that one is used. The session stays the same, so that all tokens of one can be refused
//! together when an old one comes back.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::keyed_hash;

/// A refresh token: opaque to clients, `<session>.<proof>.<Cognito's token>` for us.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    session: String,
    proof: String,
    cognito: String,
}

/// The text is not a refresh token.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is not a refresh token of this service")]
pub struct UnknownToken;

/// The longest text that is looked at: a cookie has no more. Cognito's tokens have about 1,800 characters.
const MAX_LENGTH: usize = 4_000;

impl RefreshToken {
    /// Cognito's token, in a session, proved by `key`.
    pub(super) fn new(session: &str, cognito: &str, key: &str) -> Result<Self, UnknownToken> {
        format!("{session}.{}.{cognito}", proof(session, cognito, key)).parse()
    }

    /// The session that an access token was given in: Cognito calls it by the id of the first token.
    pub(super) fn session_of(access_token: &str) -> Result<String, UnknownToken> {
        #[derive(Deserialize)]
        struct Claims {
            origin_jti: String,
        }

        let payload = access_token.split('.').nth(1).ok_or(UnknownToken)?;
        let payload = URL_SAFE_NO_PAD
            .decode(payload.trim_end_matches('='))
            .map_err(|_| UnknownToken)?;
        // It comes straight from Cognito over TLS, so that its signature tells nothing new.
        let Claims { origin_jti } = serde_json::from_slice(&payload).map_err(|_| UnknownToken)?;

        Ok(origin_jti)
    }

    /// Whether we made it, with this key.
    pub(super) fn is_proved_by(&self, key: &str) -> bool {
        let right = proof(&self.session, &self.cognito, key);
        let difference = self
            .proof
            .bytes()
            .zip(right.bytes())
            .fold(0, |seen, (a, b)| seen | (a ^ b));

        self.proof.len() == right.len() && difference == 0
    }

    /// The session that it belongs to.
    #[must_use]
    pub fn session(&self) -> &str {
        &self.session
    }

    pub(super) fn cognito(&self) -> &str {
        &self.cognito
    }
}

fn proof(session: &str, cognito: &str, key: &str) -> String {
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
        let (session, proof, cognito) = (part()?, part()?, part()?);
        // Cognito's own is a JSON Web Token, signed or encrypted.
        let is_token = cognito.split('.').all(|part| part.is_empty() || is_word(part));
        if text.len() > MAX_LENGTH || !is_word(session) || !is_word(proof) || cognito.is_empty() || !is_token {
            return Err(UnknownToken);
        }

        Ok(Self {
            session: session.to_owned(),
            proof: proof.to_owned(),
            cognito: cognito.to_owned(),
        })
    }
}

impl From<RefreshToken> for String {
    fn from(
        RefreshToken {
            session,
            proof,
            cognito,
        }: RefreshToken,
    ) -> Self {
        format!("{session}.{proof}.{cognito}")
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
    fn the_session_travels_in_the_token() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"1","origin_jti":"0192f7a4-6f0e"}"#);
        let session = RefreshToken::session_of(&format!("head.{claims}.signature")).unwrap();
        let token = RefreshToken::new(&session, "a.b.c", "key").unwrap();

        assert_eq!((token.session(), token.cognito()), ("0192f7a4-6f0e", "a.b.c"));
        assert_eq!(String::from(token.clone()).parse(), Ok(token.clone()));
        assert!(!format!("{token:?}").contains("0192f7a4"));
    }

    #[test]
    fn nobody_else_puts_a_session_in_front() {
        let token = RefreshToken::new("mine", "a.b.c", "key").unwrap();
        assert!(token.is_proved_by("key") && !token.is_proved_by("another key"));

        let forged: RefreshToken = String::from(token).replacen("mine", "yours", 1).parse().unwrap();
        assert!(!forged.is_proved_by("key"));
        let cut: RefreshToken = "mine.A.a.b.c".parse().unwrap();
        assert!(!cut.is_proved_by("key"));
    }

    #[test]
    fn anything_else_is_refused() {
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
