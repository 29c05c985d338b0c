//! Our refresh token: Cognito's, with the name of the user in front, which Cognito wants to hear when it is used.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// A refresh token: opaque to clients, `<user>.<Cognito's token>` for us.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    username: String,
    cognito: String,
}

/// The text is not a refresh token.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is not a refresh token of this service")]
pub struct UnknownToken;

/// The longest text that is looked at; Cognito's tokens have about 1,800 characters.
const MAX_LENGTH: usize = 8_192;

impl RefreshToken {
    /// Puts the user's name, which stands in the access token of the same session, in front of Cognito's token.
    pub(super) fn of(access_token: &str, cognito: &str) -> Result<Self, UnknownToken> {
        #[derive(Deserialize)]
        struct Claims {
            username: String,
        }

        let payload = access_token.split('.').nth(1).ok_or(UnknownToken)?;
        let payload = URL_SAFE_NO_PAD
            .decode(payload.trim_end_matches('='))
            .map_err(|_| UnknownToken)?;
        // It comes straight from Cognito over TLS, so that its signature tells nothing new.
        let Claims { username } = serde_json::from_slice(&payload).map_err(|_| UnknownToken)?;

        format!("{username}.{cognito}").parse()
    }

    pub(super) fn username(&self) -> &str {
        &self.username
    }

    pub(super) fn cognito(&self) -> &str {
        &self.cognito
    }
}

impl FromStr for RefreshToken {
    type Err = UnknownToken;

    fn from_str(text: &str) -> Result<Self, UnknownToken> {
        let printable = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        let (username, cognito) = text.split_once('.').ok_or(UnknownToken)?;
        if text.len() > MAX_LENGTH || !printable(username) || !printable(cognito) {
            return Err(UnknownToken);
        }

        Ok(Self {
            username: username.to_owned(),
            cognito: cognito.to_owned(),
        })
    }
}

impl From<RefreshToken> for String {
    fn from(RefreshToken { username, cognito }: RefreshToken) -> Self {
        format!("{username}.{cognito}")
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
    fn the_user_travels_in_the_token() {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"1","username":"0192f7a4"}"#);
        let token = RefreshToken::of(&format!("head.{claims}.signature"), "a.b.c").unwrap();

        assert_eq!((token.username(), token.cognito()), ("0192f7a4", "a.b.c"));
        assert_eq!(String::from(token.clone()).parse(), Ok(token.clone()));
        assert!(!format!("{token:?}").contains("0192f7a4"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", ".", "a.", ".b", "ab", "a b.c", "a.\u{7}", &"a.b".repeat(4_000)] {
            assert_eq!(text.parse::<RefreshToken>(), Err(UnknownToken), "{text}");
        }
    }
}
