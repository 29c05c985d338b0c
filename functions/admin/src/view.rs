//! The API's views of accounts and requests.

use adapters::cognito::{AccountDetails, UserState};
use domain::{
    account::{Role, creator_id},
    creators::{CreatorRequest, RequestState},
};
use kernel::{
    Timestamp,
    id::{AccountId, CreatorId},
};
use runtime::http::{Sample, sample};
use serde::Serialize;
use utoipa::ToSchema;

/// An account as admins see it.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    account_id: AccountId,
    /// The id that others see on the account's titles.
    creator_id: CreatorId,
    #[schema(format = Email)]
    email: String,
    display_name: String,
    /// What the account may do beyond watching.
    roles: Vec<Role>,
    state: AccountState,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// Whether an account can sign in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AccountState {
    Unconfirmed,
    Active,
    Disabled,
}

impl From<AccountDetails> for AccountView {
    fn from(profile: AccountDetails) -> Self {
        Self {
            account_id: profile.account.id,
            creator_id: creator_id(profile.account.id),
            email: profile.account.email.into(),
            display_name: profile.account.display_name.into(),
            roles: profile.roles,
            state: match profile.state {
                UserState::Unconfirmed => AccountState::Unconfirmed,
                UserState::Active => AccountState::Active,
                UserState::Disabled => AccountState::Disabled,
            },
            created_at: profile.account.created_at,
        }
    }
}

impl Sample for AccountView {
    fn samples() -> Vec<Self> {
        vec![Self {
            account_id: AccountId::from_uuid(sample::uuid()),
            creator_id: CreatorId::from_uuid(sample::uuid()),
            email: "ada@example.org".to_owned(),
            display_name: "Ada Lovelace".to_owned(),
            roles: vec![Role::Creator],
            state: AccountState::Active,
            created_at: sample::time(),
        }]
    }
}

/// A request to become a creator, as admins see it.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatorRequestOfAccount)]
pub(crate) struct RequestView {
    account_id: AccountId,
    state: RequestState,
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// The account that asks; absent if it was deleted since.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountView>,
}

impl RequestView {
    /// Shows a request of `profile`.
    pub(crate) fn new(request: &CreatorRequest, profile: Option<AccountDetails>) -> Self {
        Self {
            account_id: request.account_id,
            state: request.state,
            asked_at: request.asked_at,
            decided_at: request.decided_at,
            account: profile.map(AccountView::from),
        }
    }
}

impl Sample for RequestView {
    fn samples() -> Vec<Self> {
        vec![Self {
            account_id: AccountId::from_uuid(sample::uuid()),
            state: RequestState::Pending,
            asked_at: sample::time(),
            decided_at: None,
            account: AccountView::samples().pop(),
        }]
    }
}
