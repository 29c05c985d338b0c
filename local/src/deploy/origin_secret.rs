//! The secret between the distribution and the functions: who asks the API past the distribution does not know it. Made once
//! for each installation, and kept where only its operators read: locally in the installation's folder, on AWS in a SecureString.
//! A secret is replaced by putting a new one before it, with a comma between them, and taking the old one away a deployment later
//! (`docs/runbooks/deploy.md`).

use std::fs;

use anyhow::Context as _;
use serde_json::json;

use super::Target;
use crate::{aws_cli, secret};

/// The template's parameter.
pub(super) const PARAMETER: &str = "OriginSecret";

/// What functions accept, newest first, with commas between them.
pub(super) async fn ensure(target: &Target<'_>) -> anyhow::Result<String> {
    if target.environment().is_some() {
        in_parameter_store(target).await
    } else {
        in_folder(target)
    }
}

fn in_folder(target: &Target<'_>) -> anyhow::Result<String> {
    let path = target.home().join("origin-secret");
    if let Ok(known) = fs::read_to_string(&path) {
        return Ok(known.trim().to_owned());
    }
    let new = secret::random()?;
    secret::save(&path, new.as_bytes())?;
    Ok(new)
}

async fn in_parameter_store(target: &Target<'_>) -> anyhow::Result<String> {
    let name = format!("/{}/origin-secret", target.stack());
    let wanted = json!({ "Name": name, "WithDecryption": true });
    match aws_cli::call(target, ["ssm", "get-parameter"], &wanted).await {
        Ok(answer) => {
            let value = answer["Parameter"]["Value"].as_str();
            return Ok(value.context("Parameter Store answered without a value")?.to_owned());
        }
        Err(error) if format!("{error:#}").contains("ParameterNotFound") => {}
        Err(error) => return Err(error.context("the origin secret cannot be read")),
    }
    let new = secret::random()?;
    let parameter = json!({ "Name": name, "Type": "SecureString", "Value": new, "Overwrite": false });
    aws_cli::call(target, ["ssm", "put-parameter"], &parameter).await?;
    Ok(new)
}

/// `samconfig.toml` with the secret among an environment's parameters, unless it gives one itself. So the secret is in no list of
/// processes.
pub(super) fn into_settings(settings: &str, environment: &str, secret: &str) -> anyhow::Result<String> {
    let mut settings: toml::Table = settings.parse().context("samconfig.toml is not TOML")?;
    let parameters = settings
        .get_mut(environment)
        .and_then(|table| table.get_mut("deploy")?.get_mut("parameters")?.as_table_mut())
        .with_context(|| format!("samconfig.toml has no [{environment}.deploy.parameters]"))?;
    let overrides = parameters
        .entry("parameter_overrides")
        .or_insert_with(|| toml::Value::Array(Vec::new()))
        .as_array_mut()
        .context("parameter_overrides in samconfig.toml must be a list")?;
    let given = |value: &toml::Value| value.as_str().is_some_and(|text| text.starts_with("OriginSecret="));
    if !overrides.iter().any(given) {
        overrides.push(format!("{PARAMETER}={secret}").into());
    }
    Ok(toml::to_string(&settings)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: &str = r#"
        [production.deploy.parameters]
        region = "eu-west-1"
        [own.deploy.parameters]
        parameter_overrides = ["LogRetentionDays=3", "OriginSecret=mine"]
    "#;

    fn overrides(environment: &str) -> Vec<String> {
        let settings = into_settings(SETTINGS, environment, "made").unwrap();
        let settings: toml::Table = settings.parse().unwrap();
        let list = settings[environment]["deploy"]["parameters"]["parameter_overrides"].clone();
        list.try_into().unwrap()
    }

    #[test]
    fn an_environment_gets_the_secret_unless_it_has_one() {
        assert_eq!(overrides("production"), ["OriginSecret=made"]);
        assert_eq!(overrides("own"), ["LogRetentionDays=3", "OriginSecret=mine"]);
        assert!(into_settings(SETTINGS, "staging", "made").is_err());
    }

    #[tokio::test]
    async fn an_installation_keeps_its_secret() {
        let home = tempfile::tempdir().unwrap();
        let config = crate::config::Config {
            home: home.path().to_owned(),
            ..crate::config::Config::from_env().unwrap()
        };
        let target = Target::local(&config);

        let first = ensure(&target).await.unwrap();

        assert_eq!(first.len(), 27);
        assert_eq!(ensure(&target).await.unwrap(), first);
    }
}
