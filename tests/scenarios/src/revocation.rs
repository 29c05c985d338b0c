//! Granting and revoking the power of an admin, as an operator does it in the AWS console.

use aws_sdk_cognitoidentityprovider::Client;

use crate::{Marquee, people::Actor, people::PASSWORD, tokens};

/// How an admin's power is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The user is removed from the group.
    Removed,
    /// The user is disabled.
    Disabled,
    /// The user is deleted.
    Deleted,
}

impl Revocation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Removed, Self::Disabled, Self::Deleted];
}

impl Marquee {
    /// The id of the user pool.
    #[must_use]
    pub fn user_pool(&self) -> String {
        self.outputs()["UserPoolId"].as_str().expect("an output").to_owned()
    }

    /// A new person whom an operator has put into a group.
    pub async fn newcomer_in_group(&self, group: &str) -> Actor {
        let viewer = self.viewer().await;
        self.cognito()
            .await
            .admin_add_user_to_group()
            .user_pool_id(self.user_pool())
            .username(viewer.account_id())
            .group_name(group)
            .send()
            .await
            .expect("AdminAddUserToGroup");

        self.sign_in(&viewer.email, PASSWORD).await
    }

    /// Revokes an admin's power.
    pub async fn revoke(&self, admin: &Actor, revocation: Revocation) {
        let (cognito, pool, id) = (self.cognito().await, self.user_pool(), admin.account_id());

        match revocation {
            Revocation::Removed => {
                let call = cognito.admin_remove_user_from_group().group_name("admin");
                call.user_pool_id(pool)
                    .username(id)
                    .send()
                    .await
                    .map(drop)
                    .expect("removed");
            }
            Revocation::Disabled => {
                let call = cognito.admin_disable_user().user_pool_id(pool).username(id);
                call.send().await.map(drop).expect("disabled");
            }
            Revocation::Deleted => {
                let call = cognito.admin_delete_user().user_pool_id(pool).username(id);
                call.send().await.map(drop).expect("deleted");
            }
        }
    }

    /// A client of the user pool, as an operator.
    pub async fn cognito(&self) -> Client {
        Client::new(&self.operator().await)
    }
}

impl Actor {
    /// The account of a person who is signed in.
    #[must_use]
    pub fn account_id(&self) -> String {
        let claims = tokens::claims(self.token().expect("a person who is signed in"));

        claims["sub"].as_str().expect("an account").to_owned()
    }
}
