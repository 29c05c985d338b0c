//! The user pool: signing up and in through the confidential client `api`, and what admins of the pool may do.
//!
//! The client's secret is asked for once per cold start (`DescribeUserPoolClient`), so that it stands in no
//! environment and no template.

mod error;
mod token;

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{AttributeType, AuthFlowType, AuthenticationResultType},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::account::{Account, DisplayName, Email, Role};
use hmac::{Hmac, Mac};
use kernel::{Timestamp, id::AccountId};
use sha2::Sha256;
use tokio::sync::OnceCell;

pub use self::{
    error::CognitoError,
    token::{RefreshToken, UnknownToken},
};

/// The attribute that keeps which role somebody asked for when signing up.
pub const ASKED_ROLE: &str = "custom:role";

/// The user pool, as its admins see it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UserPool {
    client: Client,
    id: String,
}

/// The user pool, as its confidential client `api` sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ApiClient {
    pool: UserPool,
    id: String,
    secret: Arc<OnceCell<String>>,
}

/// Where Cognito sent a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// `EMAIL`.
    pub medium: String,
    /// The address, masked by Cognito: `a***@e***`.
    pub destination: String,
}

/// Tokens for somebody who signed in.
#[derive(Clone)]
pub struct Session {
    /// What the API takes.
    pub access_token: String,
    /// For new access tokens; there is none when this session was refreshed by it.
    pub refresh_token: Option<RefreshToken>,
    /// How long the access token is good.
    pub expires_in_seconds: u32,
}

/// Somebody in the user pool: what an account is made of, and the role that was asked for.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub account: Account,
    /// The role that was asked for when signing up.
    pub asked_role: Option<Role>,
}

impl ApiClient {
    /// The client `id` of `pool`.
    #[must_use]
    pub fn new(pool: UserPool, id: impl Into<String>) -> Self {
        Self {
            pool,
            id: id.into(),
            secret: Arc::default(),
        }
    }

    /// Signs somebody up; Cognito mails a code to the address.
    pub async fn sign_up(
        &self,
        email: &Email,
        password: &str,
        name: &DisplayName,
        role: Role,
    ) -> Result<(AccountId, Delivery), CognitoError> {
        let attribute = |name: &str, value: &str| {
            AttributeType::builder()
                .name(name)
                .value(value)
                .build()
                .map_err(CognitoError::unexpected)
        };
        let mut attributes = vec![attribute("email", email.as_str())?, attribute("name", name.as_str())?];
        if let Some(group) = role.group() {
            attributes.push(attribute(ASKED_ROLE, group)?);
        }

        let answer = self
            .pool
            .client
            .sign_up()
            .client_id(&self.id)
            .secret_hash(self.secret_hash(email.as_str()).await?)
            .username(email.as_str())
            .password(password)
            .set_user_attributes(Some(attributes))
            .send()
            .await?;
        let id = answer.user_sub().parse().map_err(CognitoError::unexpected)?;
        let delivery = answer.code_delivery_details();
        let medium = delivery.and_then(|delivery| delivery.delivery_medium());

        Ok((
            id,
            Delivery {
                medium: medium.map_or("EMAIL", |medium| medium.as_str()).to_owned(),
                destination: delivery
                    .and_then(|delivery| delivery.destination())
                    .unwrap_or_default()
                    .to_owned(),
            },
        ))
    }

    /// Confirms an address with the mailed code.
    pub async fn confirm(&self, email: &Email, code: &str) -> Result<(), CognitoError> {
        self.pool
            .client
            .confirm_sign_up()
            .client_id(&self.id)
            .secret_hash(self.secret_hash(email.as_str()).await?)
            .username(email.as_str())
            .confirmation_code(code)
            .send()
            .await?;

        Ok(())
    }

    /// Signs somebody in.
    pub async fn sign_in(&self, email: &Email, password: &str) -> Result<Session, CognitoError> {
        let parameters = [("USERNAME", email.as_str()), ("PASSWORD", password)];

        self.authenticate(AuthFlowType::AdminUserPasswordAuth, email.as_str(), parameters)
            .await
    }

    /// A new access token.
    pub async fn refresh(&self, token: &RefreshToken) -> Result<Session, CognitoError> {
        let parameters = [("REFRESH_TOKEN", token.cognito())];

        // Here Cognito wants the user's own name in the hash, not the address that people sign in with.
        self.authenticate(AuthFlowType::RefreshTokenAuth, token.username(), parameters)
            .await
    }

    async fn authenticate<'a>(
        &self,
        flow: AuthFlowType,
        username: &str,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Session, CognitoError> {
        let parameters = parameters.into_iter().map(|(name, value)| (name.into(), value.into()));
        let answer = self
            .pool
            .client
            .admin_initiate_auth()
            .user_pool_id(&self.pool.id)
            .client_id(&self.id)
            .auth_flow(flow)
            .set_auth_parameters(Some(parameters.collect()))
            .auth_parameters("SECRET_HASH", self.secret_hash(username).await?)
            .send()
            .await?;
        if let Some(challenge) = answer.challenge_name() {
            return Err(CognitoError::Challenged(challenge.as_str().to_owned()));
        }

        session(answer.authentication_result())
    }

    /// Ends a session: its refresh token is good for nothing any more.
    pub async fn revoke(&self, token: &RefreshToken) -> Result<(), CognitoError> {
        self.pool
            .client
            .revoke_token()
            .client_id(&self.id)
            .client_secret(self.secret().await?)
            .token(token.cognito())
            .send()
            .await?;

        Ok(())
    }

    /// What proves to Cognito that a call about `username` comes from this client.
    async fn secret_hash(&self, username: &str) -> Result<String, CognitoError> {
        Ok(hash(self.secret().await?, username, &self.id))
    }

    async fn secret(&self) -> Result<&str, CognitoError> {
        let ask = async || {
            let answer = self
                .pool
                .client
                .describe_user_pool_client()
                .user_pool_id(&self.pool.id)
                .client_id(&self.id)
                .send()
                .await?;
            let secret = answer.user_pool_client().and_then(|client| client.client_secret());

            secret
                .map(str::to_owned)
                .ok_or_else(|| CognitoError::unexpected("the client `api` has no secret"))
        };

        self.secret.get_or_try_init(ask).await.map(String::as_str)
    }
}

impl UserPool {
    /// The pool `id`.
    #[must_use]
    pub fn new(config: &SdkConfig, id: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            id: id.into(),
        }
    }

    /// Looks somebody up; nothing if there is no such user (any more).
    pub async fn find(&self, id: AccountId) -> Result<Option<Person>, CognitoError> {
        let found = self
            .client
            .admin_get_user()
            .user_pool_id(&self.id)
            .username(id.to_string())
            .send()
            .await;
        let user = match found.map_err(CognitoError::from) {
            Ok(user) => user,
            Err(CognitoError::NoSuchUser) => return Ok(None),
            Err(error) => return Err(error),
        };
        let attributes = user.user_attributes();
        let attribute = |name: &str| {
            attributes
                .iter()
                .find(|attribute| attribute.name() == name)
                .and_then(AttributeType::value)
        };
        let seconds = user.user_create_date().map_or(0, aws_smithy_types::DateTime::secs);
        let created_at = Timestamp::from_second(seconds).map_err(CognitoError::unexpected)?;

        person(id, attribute, created_at).map(Some)
    }

    /// Puts somebody into the group of a role; harmless if they are in it.
    pub async fn grant(&self, id: AccountId, role: Role) -> Result<(), CognitoError> {
        let Some(group) = role.group() else { return Ok(()) };

        self.client
            .admin_add_user_to_group()
            .user_pool_id(&self.id)
            .username(id.to_string())
            .group_name(group)
            .send()
            .await?;

        Ok(())
    }
}

/// A person out of the attributes that Cognito keeps, whether it is asked for them or tells them to a trigger.
pub fn person<'a>(
    id: AccountId,
    attribute: impl Fn(&str) -> Option<&'a str>,
    created_at: Timestamp,
) -> Result<Person, CognitoError> {
    let email: Email = attribute("email")
        .unwrap_or_default()
        .parse()
        .map_err(CognitoError::unexpected)?;
    // Whoever came in by a hosted page may have given no name.
    let name = attribute("name")
        .map(str::to_owned)
        .and_then(|name| DisplayName::try_from(name).ok());
    let display_name = if let Some(name) = name {
        name
    } else {
        let before_the_at = email.as_str().split('@').next().unwrap_or_default();
        let name: String = before_the_at.chars().take(DisplayName::MAX).collect();
        DisplayName::try_from(name).map_err(CognitoError::unexpected)?
    };

    Ok(Person {
        account: Account {
            id,
            email,
            display_name,
            created_at,
        },
        // Nobody becomes an admin by asking.
        asked_role: attribute(ASKED_ROLE)
            .and_then(Role::of_group)
            .filter(|role| *role == Role::Creator),
    })
}

fn session(result: Option<&AuthenticationResultType>) -> Result<Session, CognitoError> {
    let result = result.ok_or_else(|| CognitoError::unexpected("no tokens came back"))?;
    let access_token = result
        .access_token()
        .ok_or_else(|| CognitoError::unexpected("no access token came back"))?;
    let refresh_token = result
        .refresh_token()
        .map(|token| RefreshToken::of(access_token, token))
        .transpose();

    Ok(Session {
        access_token: access_token.to_owned(),
        refresh_token: refresh_token.map_err(CognitoError::unexpected)?,
        expires_in_seconds: u32::try_from(result.expires_in()).unwrap_or_default(),
    })
}

fn hash(secret: &str, username: &str, client_id: &str) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(username.as_bytes());
    mac.update(client_id.as_bytes());

    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn the_secret_hash_is_what_cognito_computes() {
        // From Python: base64(hmac.new(b"secret", b"ada@example.org" + b"client", sha256)).
        assert_eq!(
            hash("secret", "ada@example.org", "client"),
            "sBU6y0LUhJfllotdoakRGyOT4o4h0ijj8ifFD/tI26c="
        );
    }

    #[test]
    fn a_person_without_a_name_is_called_by_the_address() {
        let attribute = |name: &str| (name == "email").then_some("ada.lovelace@example.org");
        let person = person(AccountId::mint(NOW), attribute, NOW).unwrap();

        assert_eq!(person.account.display_name.as_str(), "ada.lovelace");
        assert_eq!(person.asked_role, None);
    }

    #[test]
    fn nobody_becomes_an_admin_by_asking() {
        let asked = |role: &'static str| {
            let attribute = move |name: &str| match name {
                "email" => Some("ada@example.org"),
                ASKED_ROLE => Some(role),
                _ => None,
            };
            person(AccountId::mint(NOW), attribute, NOW).unwrap().asked_role
        };

        assert_eq!(asked("creator"), Some(Role::Creator));
        assert_eq!(asked("admin"), None);
    }
}
