//! The user pool: calls of its confidential client `api`, and calls with the rights of an admin of the pool.

mod client;
mod credentials;
mod directory;
mod error;
mod status;
mod token;

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::{Client, operation::admin_get_user::AdminGetUserOutput, types::AttributeType};
use aws_smithy_types::DateTime;
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

/// The attribute with the role that a user requested when signing up.
pub const REQUESTED_ROLE: &str = "custom:role";
/// The display name of an account without a name. Not from the address: all users see the name, and `admin@example.org` is not an admin.
const NAMELESS: &str = "New member";

/// The user pool, with the rights of its admins. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UserPool {
    client: Client,
    id: String,
}

/// A user of the pool: the values for an account, and the requested role.
#[derive(Clone, Debug)]
pub struct PoolUser {
    /// The account.
    pub account: Account,
    /// The role that the user requested when signing up.
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

    /// The user with this id; `None` if there is none (any more).
    pub async fn find(&self, id: AccountId) -> Result<Option<PoolUser>, CognitoError> {
        let Some(user) = self.user(&id.to_string()).await? else {
            return Ok(None);
        };
        let attribute = |name: &str| attribute(user.user_attributes(), name);

        pool_user(id, attribute, created_at(user.user_create_date())?).map(Some)
    }

    /// Cognito's record of the user with this id or address; `None` if there is none (any more).
    async fn user(&self, name: &str) -> Result<Option<AdminGetUserOutput>, CognitoError> {
        let call = self.client.admin_get_user().user_pool_id(&self.id).username(name);

        match call.send().await.map_err(CognitoError::from) {
            Ok(user) => Ok(Some(user)),
            Err(CognitoError::NoSuchUser) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Adds a user to the group of a role. May be repeated.
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

fn attribute<'a>(attributes: &'a [AttributeType], name: &str) -> Option<&'a str> {
    let attribute = attributes.iter().find(|attribute| attribute.name() == name);

    attribute.and_then(AttributeType::value)
}

fn created_at(date: Option<&DateTime>) -> Result<Timestamp, CognitoError> {
    Timestamp::from_second(date.map_or(0, DateTime::secs)).map_err(CognitoError::unexpected)
}

/// A user, parsed from the attributes that Cognito returns or passes to a trigger.
pub fn pool_user<'a>(
    id: AccountId,
    attribute: impl Fn(&str) -> Option<&'a str>,
    created_at: Timestamp,
) -> Result<PoolUser, CognitoError> {
    let email = Email::try_from(attribute("email").unwrap_or_default().to_owned()).map_err(CognitoError::unexpected)?;
    // The name may be missing: an operator created the user in the console, or the sign-up has set a password only.
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
        // No user becomes an admin by request.
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
    fn no_part_of_the_address_becomes_a_name() {
        for address in ["ada.lovelace@example.org", "admin@example.org"] {
            let attribute = |name: &str| (name == "email").then_some(address);
            let user = pool_user(AccountId::mint(NOW), attribute, NOW).unwrap();

            assert_eq!(user.account.display_name.as_str(), "New member");
            assert_eq!(user.requested_role, None);
        }
        assert!(DisplayName::chosen(NAMELESS.to_owned()).is_ok());
    }

    #[test]
    fn no_user_becomes_an_admin_by_request() {
        let requested = |role: &'static str| {
            let attribute = move |name: &str| match name {
                "email" => Some("ada@example.org"),
                REQUESTED_ROLE => Some(role),
                _ => None,
            };
            pool_user(AccountId::mint(NOW), attribute, NOW).unwrap().requested_role
        };

        assert_eq!(requested("creator"), Some(Role::Creator));
        assert_eq!(requested("admin"), None);
    }
}
