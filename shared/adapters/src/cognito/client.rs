//! The user pool's confidential client `api`: codes, passwords, sessions.
//!
//! The client's secret is in the function's settings. `DescribeUserPoolClient` returns it too, but has a small fixed quota, which every
//! cold start would use.

use std::{fmt, sync::Arc};

use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType, AuthenticationResultType};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{account::Email, password::Password};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{CognitoError, RefreshToken, UserPool};

/// Client metadata by which the pool's trigger knows that the route creates the account, with the name that the holder of the code
/// chose. Another person may have begun the sign-up, with another name.
pub const CONFIRMED_BY_CODE: &str = "marquee:confirmed-by-code";

/// The user pool's confidential client `api`. Cheap to clone.
#[derive(Clone)]
pub struct ApiClient {
    pool: UserPool,
    id: String,
    secret: Arc<str>,
}

/// The tokens of a session.
#[derive(Clone)]
pub struct Session {
    /// The token for requests to the API.
    pub access_token: String,
    /// The token for the next access token; it can be used once.
    pub refresh_token: Option<RefreshToken>,
    /// How long the access token is valid.
    pub expires_in_seconds: u32,
}

impl ApiClient {
    /// The client `id` of `pool`, which authenticates with `secret`.
    #[must_use]
    pub fn new(pool: UserPool, id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            pool,
            id: id.into(),
            secret: secret.into().into(),
        }
    }

    /// Signs an address up; Cognito mails a code to it. The password is random and kept by no one: the holder of the code chooses
    /// another when the address is confirmed.
    pub async fn sign_up(&self, email: &Email, unknown_password: &str) -> Result<(), CognitoError> {
        let address = AttributeType::builder()
            .name("email")
            .value(email.as_str())
            .build()
            .map_err(CognitoError::unexpected)?;

        self.pool
            .client
            .sign_up()
            .client_id(&self.id)
            .secret_hash(self.secret_hash(email.as_str()))
            .username(email.as_str())
            .password(unknown_password)
            .user_attributes(address)
            .send()
            .await?;

        Ok(())
    }

    /// Mails another code for an address that is not confirmed yet.
    pub async fn resend_code(&self, email: &Email) -> Result<(), CognitoError> {
        self.pool
            .client
            .resend_confirmation_code()
            .client_id(&self.id)
            .secret_hash(self.secret_hash(email.as_str()))
            .username(email.as_str())
            .send()
            .await?;

        Ok(())
    }

    /// Confirms an address with the mailed code.
    pub async fn confirm(&self, email: &Email, code: &str) -> Result<(), CognitoError> {
        self.pool
            .client
            .confirm_sign_up()
            .client_id(&self.id)
            .secret_hash(self.secret_hash(email.as_str()))
            .username(email.as_str())
            .confirmation_code(code)
            .client_metadata(CONFIRMED_BY_CODE, "true")
            .send()
            .await?;

        Ok(())
    }

    /// Mails a code for setting a new password. For an unknown address Cognito responds alike, and mails nothing.
    pub async fn forgot_password(&self, email: &Email) -> Result<(), CognitoError> {
        self.pool
            .client
            .forgot_password()
            .client_id(&self.id)
            .secret_hash(self.secret_hash(email.as_str()))
            .username(email.as_str())
            .send()
            .await?;

        Ok(())
    }

    /// Sets a new password with the mailed code. For an unknown address Cognito responds as for a wrong code.
    pub async fn reset_password(&self, email: &Email, code: &str, password: &Password) -> Result<(), CognitoError> {
        self.pool
            .client
            .confirm_forgot_password()
            .client_id(&self.id)
            .secret_hash(self.secret_hash(email.as_str()))
            .username(email.as_str())
            .confirmation_code(code)
            .password(password.expose())
            .send()
            .await?;

        Ok(())
    }

    /// Signs a user in.
    pub async fn sign_in(&self, email: &Email, password: &str) -> Result<Session, CognitoError> {
        let answer = self
            .pool
            .client
            .admin_initiate_auth()
            .user_pool_id(&self.pool.id)
            .client_id(&self.id)
            .auth_flow(AuthFlowType::AdminUserPasswordAuth)
            .auth_parameters("USERNAME", email.as_str())
            .auth_parameters("PASSWORD", password)
            .auth_parameters("SECRET_HASH", self.secret_hash(email.as_str()))
            .send()
            .await?;
        if let Some(challenge) = answer.challenge_name() {
            return Err(CognitoError::Challenged(challenge.as_str().to_owned()));
        }

        let tokens = answer.authentication_result();
        let session = RefreshToken::session_of(tokens.and_then(|tokens| tokens.access_token()).unwrap_or_default());
        self.session(tokens, &session.map_err(CognitoError::unexpected)?)
    }

    /// New tokens of the same session.
    pub async fn refresh(&self, token: &RefreshToken) -> Result<Session, CognitoError> {
        if !self.issued(token) {
            return Err(CognitoError::Refused("another client issued this token".to_owned()));
        }

        let answer = self
            .pool
            .client
            .get_tokens_from_refresh_token()
            .client_id(&self.id)
            .client_secret(&*self.secret)
            .refresh_token(token.cognito())
            .send()
            .await?;

        self.session(answer.authentication_result(), token.session())
    }

    /// Whether this client issued a token, so that its session can be trusted.
    #[must_use]
    pub fn issued(&self, token: &RefreshToken) -> bool {
        token.is_signed_with(&self.secret)
    }

    /// Ends a session: its refresh token is not valid any more.
    pub async fn revoke(&self, token: &RefreshToken) -> Result<(), CognitoError> {
        self.pool
            .client
            .revoke_token()
            .client_id(&self.id)
            .client_secret(&*self.secret)
            .token(token.cognito())
            .send()
            .await?;

        Ok(())
    }

    fn session(&self, tokens: Option<&AuthenticationResultType>, session: &str) -> Result<Session, CognitoError> {
        let tokens = tokens.ok_or_else(|| CognitoError::unexpected("the response has no tokens"))?;
        let access_token = tokens
            .access_token()
            .ok_or_else(|| CognitoError::unexpected("the response has no access token"))?;
        let refresh_token = tokens
            .refresh_token()
            .map(|token| RefreshToken::new(session, token, &self.secret))
            .transpose();

        Ok(Session {
            access_token: access_token.to_owned(),
            refresh_token: refresh_token.map_err(CognitoError::unexpected)?,
            expires_in_seconds: u32::try_from(tokens.expires_in()).unwrap_or_default(),
        })
    }

    /// Proves to Cognito that a call for `username` comes from this client.
    fn secret_hash(&self, username: &str) -> String {
        STANDARD.encode(keyed_hash(&self.secret, &[username, &self.id]))
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// HMAC-SHA256 of the concatenated `parts`.
pub(super) fn keyed_hash(key: &str, parts: &[&str]) -> Vec<u8> {
    // HMAC accepts keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part.as_bytes());
    }

    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_hash_is_what_cognito_computes() {
        // From Python: base64(hmac.new(b"secret", b"ada@example.org" + b"client", sha256)).
        assert_eq!(
            STANDARD.encode(keyed_hash("secret", &["ada@example.org", "client"])),
            "sBU6y0LUhJfllotdoakRGyOT4o4h0ijj8ifFD/tI26c="
        );
    }

    #[test]
    fn the_debug_form_does_not_contain_the_secret() {
        let client = ApiClient::new(UserPool::new(&crate::aws::offline(), "pool"), "client", "very-secret");

        assert!(!format!("{client:?}").contains("very-secret"));
    }
}
