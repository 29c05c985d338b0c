//! The user pool: what its confidential client `api` does for people, and what admins of the pool may do.

mod client;
mod credentials;
mod directory;
mod error;
mod status;
mod token;

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::{Client, types::AttributeType};
use domain::account::{Account, DisplayName, Email, Role};
use kernel::{Timestamp, id::AccountId};

use self::client::keyed_hash;
pub use self::{
    client::{ApiClient, CONFIRMED_BY_CODE, Session},
    credentials::{SignUp, SignUpState},
    directory::{AccountDetails, ListAccounts, UserState},
    error::CognitoError,
    token::{RefreshToken, UnknownToken},
};

/// The attribute that keeps which role somebody asked for when signing up.
pub const REQUESTED_ROLE: &str = "custom:role";
/// What an account without a name is called. Not by its address: everybody sees the name, and `admin@example.org` is no admin.
const NAMELESS: &str = "New member";

/// The user pool, as its admins see it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UserPool {
    client: Client,
    id: String,
}

/// Somebody in the user pool: what an account is made of, and the role that was asked for.
#[derive(Clone, Debug)]
pub struct PoolUser {
    /// The account.
    pub account: Account,
    /// The role that was asked for when signing up.
    pub requested_role: Option<Role>,
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
    pub async fn find(&self, id: AccountId) -> Result<Option<PoolUser>, CognitoError> {
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

        pool_user(id, attribute, created_at).map(Some)
    }

    /// Puts somebody into the group of a role; harmless if they are in it.
    pub async fn grant_role(&self, id: AccountId, role: Role) -> Result<(), CognitoError> {
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
pub fn pool_user<'a>(
    id: AccountId,
    attribute: impl Fn(&str) -> Option<&'a str>,
    created_at: Timestamp,
) -> Result<PoolUser, CognitoError> {
    let email = Email::try_from(attribute("email").unwrap_or_default().to_owned()).map_err(CognitoError::unexpected)?;
    // There may be no name: an operator made the account in the console, or the code of a sign-up set a password only.
    let name = attribute("name")
        .map(str::to_owned)
        .and_then(|name| DisplayName::try_from(name).ok());
    let display_name = name
        .map_or_else(|| DisplayName::try_from(NAMELESS.to_owned()), Ok)
        .map_err(CognitoError::unexpected)?;

    Ok(PoolUser {
        account: Account {
            id,
            email,
            display_name,
            created_at,
        },
        // Nobody becomes an admin by asking.
        requested_role: attribute(REQUESTED_ROLE)
            .and_then(Role::from_group)
            .filter(|role| *role == Role::Creator),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn nothing_of_the_address_becomes_a_name() {
        for address in ["ada.lovelace@example.org", "admin@example.org"] {
            let attribute = |name: &str| (name == "email").then_some(address);
            let user = pool_user(AccountId::mint(NOW), attribute, NOW).unwrap();

            assert_eq!(user.account.display_name.as_str(), "New member");
            assert_eq!(user.requested_role, None);
        }
        assert!(DisplayName::chosen(NAMELESS.to_owned()).is_ok());
    }

    #[test]
    fn nobody_becomes_an_admin_by_asking() {
        let asked = |role: &'static str| {
            let attribute = move |name: &str| match name {
                "email" => Some("ada@example.org"),
                REQUESTED_ROLE => Some(role),
                _ => None,
            };
            pool_user(AccountId::mint(NOW), attribute, NOW).unwrap().requested_role
        };

        assert_eq!(asked("creator"), Some(Role::Creator));
        assert_eq!(asked("admin"), None);
    }
}
