//! The user pool: who exists, what they may do, and what a code or a password proves.

use std::time::Duration;

use adapters::cognito::{ApiClient, CognitoError, ListAccounts, UserPool};
use domain::account::{AccountStatus, Email, Role};
use kernel::{Timestamp, id::AccountId};
use serde_json::{Value, json};

use crate::{
    emulator::{Emulator, unique},
    fixtures::new_account,
    template,
};

const TIMEOUT: Duration = Duration::from_secs(10);
const PASSWORD: &str = "correct horse battery staple";
/// What the API takes of the template's properties.
const POOL: [&str; 5] = [
    "AutoVerifiedAttributes",
    "Policies",
    "Schema",
    "UsernameAttributes",
    "UsernameConfiguration",
];
const CLIENT: [&str; 11] = [
    "AccessTokenValidity",
    "EnableTokenRevocation",
    "ExplicitAuthFlows",
    "GenerateSecret",
    "IdTokenValidity",
    "PreventUserExistenceErrors",
    "ReadAttributes",
    "RefreshTokenRotation",
    "RefreshTokenValidity",
    "TokenValidityUnits",
    "WriteAttributes",
];

/// A pool with its client `api`, as the template declares them.
struct TestPool {
    emulator: Emulator,
    pool: UserPool,
    client: ApiClient,
}

impl TestPool {
    async fn create() -> Option<Self> {
        let emulator = Emulator::running().await?;
        let call = async |action: &str, input: &Value| {
            let target = format!("AWSCognitoIdentityProviderService.{action}");
            emulator.call("cognito-idp", &target, input).await
        };
        let mut input = template::properties("UserPool", &POOL);
        input["PoolName"] = unique("pool").into();
        let created = call("CreateUserPool", &input).await;
        let id = created["UserPool"]["Id"].as_str().expect("an id");
        for group in ["creator", "admin"] {
            call("CreateGroup", &json!({ "UserPoolId": id, "GroupName": group })).await;
        }
        let mut input = template::properties("ApiClient", &CLIENT);
        input["UserPoolId"] = id.into();
        input["ClientName"] = "api".into();
        let created = call("CreateUserPoolClient", &input).await;
        let text = |name: &str| created["UserPoolClient"][name].as_str().expect("a text");

        let pool = UserPool::new(&emulator.root().await, id);
        Some(Self {
            client: ApiClient::new(pool.clone(), text("ClientId"), text("ClientSecret")),
            pool,
            emulator,
        })
    }

    /// The codes that were mailed to an address, once there are `count` of them; the newest one.
    async fn code(&self, email: &Email, count: usize) -> String {
        let mailed = async {
            loop {
                let codes = self.codes(email).await;
                if codes.len() >= count {
                    return codes[count - 1].clone();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };

        tokio::time::timeout(TIMEOUT, mailed).await.expect("a mail in time")
    }

    async fn codes(&self, email: &Email) -> Vec<String> {
        let messages = self
            .emulator
            .http
            .get(format!("{}/_ministack/ses/messages", self.emulator.url));
        let messages = messages.send().await.expect("an answer").text().await.expect("a text");
        let messages: Value = serde_json::from_str(&messages).expect("JSON");
        let accounts = messages["messages"].as_object().expect("mails by account").values();
        let mails = accounts.flat_map(|mails| mails.as_array().expect("mails"));
        let to_email = mails.filter(|mail| mail["To"].to_string().contains(email.as_str()));

        to_email
            .map(|mail| {
                mail["BodyText"]
                    .as_str()
                    .expect("a text")
                    .chars()
                    .filter(char::is_ascii_digit)
                    .collect()
            })
            .collect()
    }

    /// Signs an address up and confirms it.
    async fn confirmed(&self, email: &Email) -> AccountId {
        self.client.sign_up(email, PASSWORD).await.expect("a new address");
        let code = self.code(email, 1).await;
        self.client.confirm(email, &code).await.expect("the mailed code");

        self.registered(email).await.expect("an account")
    }

    async fn registered(&self, email: &Email) -> Option<AccountId> {
        let found = self.pool.find_by_email(email).await.expect("an answer");

        found.map(|found| found.id)
    }

    async fn status(&self, id: AccountId) -> AccountStatus {
        self.pool.status(id).await.expect("an answer")
    }

    async fn listed(&self, which: ListAccounts) -> Vec<AccountId> {
        let (mut ids, mut cursor) = (Vec::new(), None);
        loop {
            let (accounts, next) = self.pool.list(&which, 1, cursor).await.expect("a list");
            ids.extend(accounts.into_iter().map(|account| account.account.id));
            assert!(ids.len() < 100, "the list goes round");
            if next.is_none() {
                return ids;
            }
            cursor = next;
        }
    }
}

fn new_email() -> Email {
    format!("{}@example.org", unique("ada")).try_into().expect("an address")
}

fn another(code: &str) -> &str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn an_address_is_confirmed_by_its_code_and_by_no_other() {
    let Some(pool) = TestPool::create().await else { return };
    let email = new_email();
    assert_eq!(pool.registered(&email).await, None);
    pool.client.sign_up(&email, PASSWORD).await.expect("a new address");
    let code = pool.code(&email, 1).await;

    let early = pool.client.sign_in(&email, PASSWORD).await.map(drop);
    assert!(matches!(early, Err(CognitoError::NotConfirmed)), "{early:?}");
    let wrong = pool.client.confirm(&email, another(&code)).await;
    assert!(matches!(wrong, Err(CognitoError::WrongCode)), "{wrong:?}");
    pool.client.confirm(&email, &code).await.expect("the mailed code");

    pool.client
        .sign_in(&email, PASSWORD)
        .await
        .map(drop)
        .expect("the password");
    let taken = pool.client.sign_up(&email, PASSWORD).await;
    assert!(matches!(taken, Err(CognitoError::AddressTaken)), "{taken:?}");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_refused_alike() {
    let Some(pool) = TestPool::create().await else { return };
    let email = new_email();
    pool.confirmed(&email).await;

    let wrong = pool
        .client
        .sign_in(&email, "another horse, another battery")
        .await
        .map(drop);
    let unknown = pool.client.sign_in(&new_email(), PASSWORD).await.map(drop);

    let (Err(CognitoError::Refused(wrong)), Err(CognitoError::Refused(unknown))) = (&wrong, &unknown) else {
        panic!("{wrong:?}, {unknown:?}")
    };
    assert_eq!(wrong, unknown);
}

#[tokio::test]
async fn a_refresh_token_of_another_client_is_refused_and_its_own_gives_new_tokens() {
    let Some(pool) = TestPool::create().await else { return };
    let email = new_email();
    pool.confirmed(&email).await;
    let session = pool.client.sign_in(&email, PASSWORD).await.expect("the password");
    let token = session.refresh_token.expect("a refresh token");

    let other = ApiClient::new(pool.pool.clone(), "another", "another secret");
    let refused = other.refresh(&token).await.map(drop);
    assert!(matches!(refused, Err(CognitoError::Refused(_))), "{refused:?}");
    let refreshed = pool.client.refresh(&token).await.expect("new tokens");

    assert_ne!(refreshed.access_token, session.access_token);
    assert_eq!(refreshed.expires_in_seconds, 15 * 60);
    let next = refreshed.refresh_token.expect("the next refresh token");
    pool.client.revoke(&next).await.expect("a revoked session");
    let ended = pool.client.refresh(&next).await.map(drop);
    assert!(matches!(ended, Err(CognitoError::Refused(_))), "{ended:?}");
}

#[tokio::test]
async fn an_account_may_do_what_its_groups_say_until_it_is_disabled() {
    let Some(pool) = TestPool::create().await else { return };
    let id = pool.confirmed(&new_email()).await;
    assert_eq!(pool.status(id).await, AccountStatus::Active(vec![]));

    for _ in 0..2 {
        pool.pool.grant_role(id, Role::Creator).await.expect("an answer");
    }
    pool.pool.grant_role(id, Role::Admin).await.expect("an answer");
    assert_eq!(
        pool.status(id).await,
        AccountStatus::Active(vec![Role::Creator, Role::Admin])
    );
    assert_eq!(pool.pool.active_admins().await.expect("a list"), [id]);
    for _ in 0..2 {
        pool.pool.take_role(id, Role::Creator).await.expect("an answer");
    }
    assert_eq!(pool.status(id).await, AccountStatus::Active(vec![Role::Admin]));

    pool.pool.disable(id).await.expect("an answer");
    assert_eq!(pool.status(id).await, AccountStatus::Disabled);
    assert_eq!(pool.pool.active_admins().await.expect("a list"), []);
    pool.pool.enable(id).await.expect("an answer");
    assert_eq!(pool.status(id).await, AccountStatus::Active(vec![Role::Admin]));
}

#[tokio::test]
async fn a_user_who_does_not_exist_is_none_and_deleted() {
    let Some(pool) = TestPool::create().await else { return };
    let id = new_account();

    assert!(pool.pool.find(id).await.expect("an answer").is_none());
    assert!(pool.pool.details(id).await.expect("an answer").is_none());
    assert_eq!(pool.status(id).await, AccountStatus::Deleted);
}

#[tokio::test]
async fn accounts_are_listed_page_by_page_by_role_and_by_the_beginning_of_their_address() {
    let Some(pool) = TestPool::create().await else { return };
    let emails = [(); 3].map(|()| new_email());
    let mut ids = Vec::new();
    for email in &emails {
        ids.push(pool.confirmed(email).await);
    }
    pool.pool.grant_role(ids[1], Role::Creator).await.expect("an answer");
    pool.pool.disable(ids[2]).await.expect("an answer");

    let mut all = pool.listed(ListAccounts::All).await;
    all.sort_unstable();
    let mut expected = ids.clone();
    expected.sort_unstable();
    assert_eq!(all, expected);
    assert_eq!(pool.listed(ListAccounts::InRole(Role::Creator)).await, [ids[1]]);
    assert_eq!(pool.listed(ListAccounts::Disabled).await, [ids[2]]);
    let beginning = emails[0].as_str().split('@').next().expect("a name");
    assert_eq!(
        pool.listed(ListAccounts::WithEmail(format!("{beginning}@"))).await,
        [ids[0]]
    );
}

#[tokio::test]
async fn a_sign_up_that_was_never_confirmed_is_deleted_after_its_deadline() {
    let Some(pool) = TestPool::create().await else { return };
    let (forgotten, confirmed) = (new_email(), new_email());
    pool.client.sign_up(&forgotten, PASSWORD).await.expect("a new address");
    let id = pool.confirmed(&confirmed).await;
    let delete = async |deadline| pool.pool.delete_unconfirmed(deadline).await.expect("an answer");

    assert_eq!(delete(Timestamp::UNIX_EPOCH).await, 0);
    assert!(pool.registered(&forgotten).await.is_some());
    assert_eq!(delete(Timestamp::MAX).await, 1);

    assert_eq!(pool.registered(&forgotten).await, None);
    assert_eq!(pool.registered(&confirmed).await, Some(id));
}
