//! The account on AWS that a deployment goes to: whether it is the right one, and whether it can run Marquee.

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;

use super::{Target, aws_cli};

/// One page of the site makes up to six requests at once, and a film in the pipeline some more. Below this, a few dozen people at
/// once are answered with 503.
const ENOUGH: u32 = 200;
/// Below this, a single person's page and the pipeline get in each other's way.
const TOO_FEW: u32 = 50;

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

/// Fails if the credentials are another account's. Says which stacks of which account are meant.
pub(super) async fn require_right(target: &Target<'_>) -> anyhow::Result<()> {
    let Some(settings) = target.settings() else {
        return Ok(());
    };
    let caller = aws_cli::call(target, ["sts", "get-caller-identity"], &json!({}))
        .await
        .context("the credentials of AWS do not work")?;
    let Caller { account } = serde_json::from_value(caller)?;
    require_account(&account, settings.account.as_deref())?;
    eprintln!(
        "the stacks {} in {} of the account {account}",
        settings.stack_name, settings.region
    );
    Ok(())
}

/// Fails before anything is built if the credentials are another account's, or if the account is too small.
pub(super) async fn require_fit(target: &Target<'_>) -> anyhow::Result<()> {
    let Some(settings) = target.settings() else {
        return Ok(());
    };
    require_right(target).await?;

    match aws_cli::call(target, ["lambda", "get-account-settings"], &json!({})).await {
        Ok(answer) => {
            let limit = serde_json::from_value::<AccountSettings>(answer)?.account_limit;
            if let Some(warning) = judge(limit.concurrent_executions, settings.accept_concurrency)? {
                eprintln!("warning: {warning}");
            }
        }
        // Who may deploy may perhaps not look at this.
        Err(error) => eprintln!("warning: how many functions may run at once is not known: {error:#}"),
    }
    Ok(())
}

fn require_account(account: &str, wanted: Option<&str>) -> anyhow::Result<()> {
    anyhow::ensure!(
        wanted.is_none_or(|wanted| wanted == account),
        "the credentials are those of the account {account}, but samconfig.toml says account = \"{}\": choose another \
         profile, or correct samconfig.toml",
        wanted.unwrap_or_default()
    );
    Ok(())
}

/// What is to be said about an account in which `limit` functions may run at once, of which the operator accepts `accepted`.
fn judge(limit: u32, accepted: u32) -> anyhow::Result<Option<String>> {
    let remedy = "ask for more: Service Quotas, AWS Lambda, \"Concurrent executions\" (L-B99A9384)";
    if limit >= ENOUGH || limit == accepted {
        return Ok(None);
    }
    anyhow::ensure!(
        limit >= TOO_FEW,
        "in this account only {limit} functions may run at once, and a single person's page would be refused with 503: {remedy}. \
         To deploy all the same, set accept_concurrency = {limit} for this environment in samconfig.toml"
    );
    Ok(Some(format!(
        "in this account only {limit} functions may run at once, {ENOUGH} are advised: {remedy}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_account_is_refused_until_its_limit_is_raised_or_accepted() {
        let refusal = judge(10, 0).unwrap_err().to_string();
        assert!(refusal.contains("only 10 functions"), "{refusal}");
        assert!(refusal.contains("L-B99A9384"), "{refusal}");
        assert!(refusal.contains("accept_concurrency = 10"), "{refusal}");
        assert_eq!(judge(10, 10).unwrap(), None);
        assert!(judge(10, 20).is_err(), "what was accepted was another limit");
    }

    #[test]
    fn a_small_account_is_warned_about_and_a_usual_one_is_not() {
        assert!(judge(50, 0).unwrap().unwrap().contains("only 50"));
        assert!(judge(199, 0).unwrap().is_some());
        assert_eq!(judge(200, 0).unwrap(), None);
        assert_eq!(judge(1_000, 0).unwrap(), None);
    }

    #[test]
    fn another_account_than_the_named_one_is_refused() {
        assert!(require_account("123456789012", None).is_ok());
        assert!(require_account("123456789012", Some("123456789012")).is_ok());
        let refusal = require_account("123456789012", Some("210987654321"))
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("account 123456789012"), "{refusal}");
        assert!(refusal.contains("account = \"210987654321\""), "{refusal}");
    }
}
