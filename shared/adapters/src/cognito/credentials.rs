//! Sign-ups, passwords and sessions, with the rights of an admin of the user pool.

use aws_sdk_cognitoidentityprovider::types::{AttributeType, UserStatusType, UserType};
use domain::{
    account::{DisplayName, Email},
    password::Password,
};
use kernel::{Timestamp, id::AccountId};

use super::{CognitoError, UserPool, attribute};

/// The state of a sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUpState {
    /// The code that was mailed has not been entered yet.
    Unconfirmed,
    /// The code was entered: the address belongs to the user.
    Confirmed,
}

/// The sign-up of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignUp {
    /// The account.
    pub id: AccountId,
    /// Its state.
    pub state: SignUpState,
}

impl UserPool {
    /// The sign-up of an address; `None` if no account has this address, or can have it.
    pub async fn find_by_email(&self, email: &Email) -> Result<Option<SignUp>, CognitoError> {
        let user = match self.user(email.as_str()).await {
            Ok(Some(user)) => user,
            // An address that Cognito does not accept belongs to no account.
            Ok(None) | Err(CognitoError::InvalidValue(_)) => return Ok(None),
            Err(error) => return Err(error),
        };

        Ok(Some(SignUp {
            id: sub(user.user_attributes())?,
            state: match user.user_status() {
                Some(UserStatusType::Unconfirmed) => SignUpState::Unconfirmed,
                _ => SignUpState::Confirmed,
            },
        }))
    }

    /// Sets a password without checking the old one.
    pub async fn set_password(&self, id: AccountId, password: &Password) -> Result<(), CognitoError> {
        self.client
            .admin_set_user_password()
            .user_pool_id(&self.id)
            .username(id.to_string())
            .password(password.expose())
            .permanent(true)
            .send()
            .await?;

        Ok(())
    }

    /// Sets the display name.
    pub async fn set_name(&self, id: AccountId, name: &DisplayName) -> Result<(), CognitoError> {
        let name = AttributeType::builder().name("name").value(name.as_str()).build();

        self.client
            .admin_update_user_attributes()
            .user_pool_id(&self.id)
            .username(id.to_string())
            .user_attributes(name.map_err(CognitoError::unexpected)?)
            .send()
            .await?;

        Ok(())
    }

    /// Ends all sessions of an account. Its access tokens stay valid for at most 15 minutes.
    pub async fn end_sessions(&self, id: AccountId) -> Result<(), CognitoError> {
        self.client
            .admin_user_global_sign_out()
            .user_pool_id(&self.id)
            .username(id.to_string())
            .send()
            .await?;

        Ok(())
    }

    /// Deletes sign-ups that began before `deadline` and were not confirmed; returns their number.
    pub async fn delete_unconfirmed(&self, deadline: Timestamp) -> Result<usize, CognitoError> {
        let mut deleted = 0;
        let mut next = None;
        loop {
            let page = self
                .client
                .list_users()
                .user_pool_id(&self.id)
                .filter(r#"cognito:user_status = "UNCONFIRMED""#)
                .set_pagination_token(next)
                .send()
                .await?;
            for user in page.users() {
                if is_abandoned(user, deadline) && self.delete_if_unconfirmed(user).await? {
                    deleted += 1;
                }
            }

            next = page.pagination_token;
            if next.is_none() {
                return Ok(deleted);
            }
        }
    }

    /// The list may be out of date: a user who has confirmed since then is not deleted.
    async fn delete_if_unconfirmed(&self, user: &UserType) -> Result<bool, CognitoError> {
        let name = user.username().unwrap_or_default();
        let current = self.user(name).await?;
        if current.is_none_or(|user| user.user_status() != Some(&UserStatusType::Unconfirmed)) {
            return Ok(false);
        }

        let deleted = self
            .client
            .admin_delete_user()
            .user_pool_id(&self.id)
            .username(name)
            .send()
            .await;
        match deleted.map_err(CognitoError::from) {
            Ok(_) => Ok(true),
            Err(CognitoError::NoSuchUser) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Whether a sign-up began before `deadline` and is not confirmed. The status is checked again, although the list is filtered by it,
/// because it decides which users are deleted.
fn is_abandoned(user: &UserType, deadline: Timestamp) -> bool {
    let began = user.user_create_date().map(aws_smithy_types::DateTime::secs);

    user.user_status() == Some(&UserStatusType::Unconfirmed) && began.is_some_and(|began| began < deadline.as_second())
}

fn sub(attributes: &[AttributeType]) -> Result<AccountId, CognitoError> {
    attribute(attributes, "sub")
        .unwrap_or_default()
        .parse()
        .map_err(CognitoError::unexpected)
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn only_old_unconfirmed_sign_ups_are_abandoned() {
        let deadline = Timestamp::from_second(1_000).unwrap();
        let user = |status: UserStatusType, began: i64| {
            let user = UserType::builder().user_status(status);
            user.user_create_date(DateTime::from_secs(began)).build()
        };

        assert!(is_abandoned(&user(UserStatusType::Unconfirmed, 999), deadline));
        assert!(!is_abandoned(&user(UserStatusType::Unconfirmed, 1_000), deadline));
        assert!(!is_abandoned(&user(UserStatusType::Confirmed, 1), deadline));
        assert!(!is_abandoned(&user(UserStatusType::ForceChangePassword, 1), deadline));
        assert!(!is_abandoned(&UserType::builder().build(), deadline));
    }
}
