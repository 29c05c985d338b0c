//! Deletes sign-ups whose code was never entered, on a schedule: their addresses may belong to other people.

use std::time::Duration;

use adapters::{aws, cognito::UserPool};
use runtime::{clock, config};
use serde::Deserialize;

/// Longer than a code is valid.
const UNCONFIRMED_FOR: Duration = Duration::from_hours(48);

/// What the function needs.
#[derive(Clone, Debug)]
pub struct Context {
    pool: UserPool,
}

impl Context {
    /// Reads the environment: `USER_POOL_ID`.
    pub async fn from_env() -> Result<Self, runtime::Error> {
        let aws = aws::config().await;

        Ok(Self {
            pool: UserPool::new(&aws, config::text("USER_POOL_ID")?),
        })
    }
}

/// Any event: its content is ignored.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct AnyEvent {}

/// Deletes sign-ups that are two days old and were never confirmed.
pub async fn handle(cx: Context, _event: AnyEvent) -> Result<(), runtime::Error> {
    let deleted = cx.pool.delete_unconfirmed(clock::now() - UNCONFIRMED_FOR).await?;
    if deleted > 0 {
        tracing::info!(deleted, "{deleted} sign-ups expired");
    }

    Ok(())
}

#[cfg(test)]
mod tests {
    use runtime::http::testing::Services;
    use serde_json::{Value, json};

    use super::*;

    #[tokio::test]
    async fn only_sign_ups_that_are_two_days_old_and_unconfirmed_are_deleted() {
        let hours_ago = |hours: u64| (clock::now() - Duration::from_hours(hours)).as_second();
        let user = |name: &str, hours| json!({ "Username": name, "UserStatus": "UNCONFIRMED", "UserCreateDate": hours_ago(hours), "Enabled": true });
        let pages = [
            json!({ "Users": [user("old", 49), user("new", 47)], "PaginationToken": "more" }),
            json!({ "Users": [user("confirmed-meanwhile", 49), user("gone-meanwhile", 49), user("older", 2_000)] }),
        ];
        let services = Services::answering(move |call| match (call.name.as_str(), call.body["Username"].as_str()) {
            ("ListUsers", _) => (
                200,
                pages[usize::from(call.body["PaginationToken"] == "more")].to_string(),
            ),
            ("AdminGetUser", Some("gone-meanwhile")) => (400, json!({ "__type": "UserNotFoundException" }).to_string()),
            ("AdminGetUser", Some("confirmed-meanwhile")) => (200, json!({ "UserStatus": "CONFIRMED" }).to_string()),
            ("AdminGetUser", _) => (200, json!({ "UserStatus": "UNCONFIRMED" }).to_string()),
            _ => (200, "{}".to_owned()),
        })
        .await;
        let pool = UserPool::new(&aws::at(&services.url), "us-east-1_EXAMPLE01");

        handle(Context { pool }, AnyEvent {}).await.unwrap();

        let calls = services.calls().into_iter();
        let deleted: Vec<Value> = calls
            .filter(|call| call.name == "AdminDeleteUser")
            .map(|call| call.body["Username"].clone())
            .collect();
        assert_eq!(deleted, ["old", "older"]);
    }
}
