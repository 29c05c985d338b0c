//! Cognito's trigger after the confirmation of an address: creates the account item, and the request for the role. It is for users
//! whom an operator confirmed in the console instead of our routes.
//!
//! A failure is only logged: an error here would reach the person although the address is confirmed, and the first call of
//! `GET /me` creates the item as well.

use std::collections::HashMap;

use adapters::{
    aws,
    cognito::{self, CONFIRMED_BY_CODE, UserPool},
    dynamodb::Table,
};
use aws_config::SdkConfig;
use domain::creators::CreatorPolicy;
use kernel::id::AccountId;
use runtime::{clock, config, event};
use serde::Deserialize;
use serde_json::Value;
use services::AccountRegistry;

/// What the trigger needs. The event names the pool: the pool refers to this function, so the function's settings cannot refer
/// to the pool.
#[derive(Clone, Debug)]
pub struct Context {
    table: Table,
    policy: CreatorPolicy,
    aws: SdkConfig,
}

impl Context {
    /// Reads the environment: `TABLE_NAME`, `CREATOR_POLICY`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;

        Ok(Self {
            table: Table::new(&aws, config::text("TABLE_NAME")?),
            policy: config::value("CREATOR_POLICY")?,
            aws,
        })
    }
}

/// The part of Cognito's event that the trigger reads.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Confirmed {
    user_pool_id: String,
    trigger_source: String,
    request: Request,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    user_attributes: HashMap<String, String>,
    #[serde(default)]
    client_metadata: HashMap<String, String>,
}

/// Handles the trigger and returns the event, as Cognito expects.
pub async fn handle(cx: Context, cognito_event: Value) -> Result<Value, runtime::Error> {
    let confirmed: Confirmed = event::parse(cognito_event.clone())?;

    // A password reset calls the same trigger. `confirm-sign-up` and `reset-password` create accounts themselves.
    let by_code = confirmed.request.client_metadata.contains_key(CONFIRMED_BY_CODE);
    if confirmed.trigger_source == "PostConfirmation_ConfirmSignUp" && !by_code {
        match admit(&cx, &confirmed).await {
            Ok(id) => tracing::info!(account.id = %id, "{id} confirmed the address"),
            Err(error) => {
                tracing::error!(cause = %error, "the account item is not created until the first call of GET /me: {error}");
            }
        }
    }

    Ok(cognito_event)
}

async fn admit(cx: &Context, confirmed: &Confirmed) -> Result<AccountId, runtime::Error> {
    let now = clock::now();
    let attributes = &confirmed.request.user_attributes;
    let attribute = |name: &str| attributes.get(name).map(String::as_str);
    let id: AccountId = attribute("sub").unwrap_or_default().parse()?;
    let person = cognito::pool_user(id, attribute, now)?;

    let pool = UserPool::new(&cx.aws, &confirmed.user_pool_id);
    AccountRegistry::new(&cx.table, pool, cx.policy)
        .register(&person, now)
        .await?;

    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_an_event_of_this_trigger() {
        let sample = include_str!("../../../events/cognito/post-confirmation.json");
        let confirmed: Confirmed = event::parse(serde_json::from_str(sample).unwrap()).unwrap();

        assert_eq!(confirmed.trigger_source, "PostConfirmation_ConfirmSignUp");
        assert_eq!(confirmed.request.user_attributes[cognito::REQUESTED_ROLE], "creator");
    }
}
