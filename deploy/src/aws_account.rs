//! The AWS account of a deployment: whether it is the intended one, and whether its limits are high enough for Marquee.

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;

use crate::{Target, aws_cli};

/// Concurrent executions below which a warning is shown. One page of the site sends up to six requests at once, and a film in the
/// pipeline some more: with fewer, a few dozen viewers at once get 503.
const RECOMMENDED_CONCURRENCY: u32 = 200;
/// Concurrent executions below which a deployment is refused: one viewer's page and the pipeline would compete for them.
const MIN_CONCURRENCY: u32 = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Caller {
    account: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountSettings {
    account_limit: AccountLimit,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountLimit {
    concurrent_executions: u32,
}

/// Fails if the credentials belong to another account than `samconfig.toml` names. Prints the stacks and the account.
pub(crate) async fn require_account(target: &Target) -> anyhow::Result<()> {
    let Some(environment) = target.environment() else {
        return Ok(());
    };
    let caller = aws_cli::call(target, ["sts", "get-caller-identity"], &json!({}))
        .await
        .context("AWS refuses the credentials")?;
    let Caller { account } = serde_json::from_value(caller)?;
    require_same(&account, environment.account.as_deref())?;
    eprintln!(
        "the stacks {} in {} of the account {account}",
        environment.stack_name, environment.region
    );
    Ok(())
}

/// Fails if the credentials belong to another account, or if too few functions may run at once in it.
pub(crate) async fn require_capacity(target: &Target) -> anyhow::Result<()> {
    let Some(environment) = target.environment() else {
        return Ok(());
    };
    require_account(target).await?;

    match aws_cli::call(target, ["lambda", "get-account-settings"], &json!({})).await {
        Ok(answer) => {
            let limit = serde_json::from_value::<AccountSettings>(answer)?.account_limit;
            if let Some(warning) = check_concurrency(limit.concurrent_executions, environment.accept_concurrency)? {
                eprintln!("warning: {warning}");
            }
        }
        // An operator who may deploy may lack the permission to read this.
        Err(error) => eprintln!("warning: the limit of concurrent executions cannot be read: {error:#}"),
    }
    Ok(())
}

fn require_same(account: &str, wanted: Option<&str>) -> anyhow::Result<()> {
    anyhow::ensure!(
        wanted.is_none_or(|wanted| wanted == account),
        "the credentials are those of the account {account}, but samconfig.toml says account = \"{}\": choose another \
         profile, or correct samconfig.toml",
        wanted.unwrap_or_default()
    );
    Ok(())
}

/// The warning, if any, about an account in which `limit` functions may run at once. The operator may accept a low limit.
fn check_concurrency(limit: u32, accepted: u32) -> anyhow::Result<Option<String>> {
    let remedy = "ask for more: Service Quotas, AWS Lambda, \"Concurrent executions\" (L-B99A9384)";
    if limit >= RECOMMENDED_CONCURRENCY || limit == accepted {
        return Ok(None);
    }
    anyhow::ensure!(
        limit >= MIN_CONCURRENCY,
        "in this account only {limit} functions may run at once, and a single person's page would be refused with 503: {remedy}. \
         To deploy all the same, set accept_concurrency = {limit} for this environment in samconfig.toml"
    );
    Ok(Some(format!(
        "in this account only {limit} functions may run at once, {RECOMMENDED_CONCURRENCY} are recommended: {remedy}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_account_is_refused_until_its_limit_is_raised_or_accepted() {
        let refusal = check_concurrency(10, 0).unwrap_err().to_string();
        assert!(refusal.contains("only 10 functions"), "{refusal}");
        assert!(refusal.contains("L-B99A9384"), "{refusal}");
        assert!(refusal.contains("accept_concurrency = 10"), "{refusal}");
        assert_eq!(check_concurrency(10, 10).unwrap(), None);
        assert!(
            check_concurrency(10, 20).is_err(),
            "the operator accepted another limit"
        );
    }

    #[test]
    fn a_small_account_gets_a_warning_and_a_usual_one_does_not() {
        assert!(check_concurrency(50, 0).unwrap().unwrap().contains("only 50"));
        assert!(check_concurrency(199, 0).unwrap().is_some());
        assert_eq!(check_concurrency(200, 0).unwrap(), None);
        assert_eq!(check_concurrency(1_000, 0).unwrap(), None);
    }

    #[test]
    fn another_account_than_the_named_one_is_refused() {
        assert!(require_same("123456789012", None).is_ok());
        assert!(require_same("123456789012", Some("123456789012")).is_ok());
        let refusal = require_same("123456789012", Some("210987654321"))
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("account 123456789012"), "{refusal}");
        assert!(refusal.contains("account = \"210987654321\""), "{refusal}");
    }
}
