//! The secret between the distribution and the functions: who asks the API past the distribution does not know it. Made once
//! for each installation, and kept where only its operators read: locally in the installation's folder, on AWS in a SecureString.
//! A secret is replaced by putting a new one before it, with a comma between them, and taking the old one away a deployment later
//! (`docs/runbooks/deploy.md`).

use std::fs;

use anyhow::Context as _;
use serde_json::json;

use super::{Target, settings::Settings};
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
pub(super) fn into_settings(file: &str, environment: &str, secret: &str) -> anyhow::Result<String> {
    if Settings::of(file, environment)?.parameter(PARAMETER).is_some() {
        return Ok(file.to_owned());
    }
    let mut file: toml::Table = file.parse().context("samconfig.toml is not TOML")?;
    let for_all = file
        .get(environment)
        .and_then(|table| table.get("global")?.get("parameters")?.get("parameter_overrides"));
    let mut overrides = for_all.cloned().unwrap_or_else(|| toml::Value::Array(Vec::new()));
    let parameters = file
        .get_mut(environment)
        .and_then(|table| table.get_mut("deploy")?.get_mut("parameters")?.as_table_mut())
        .with_context(|| format!("samconfig.toml has no [{environment}.deploy.parameters]"))?;
    if let Some(own) = parameters.remove("parameter_overrides") {
        overrides = own;
    }

    // In each of the two forms that `sam` takes.
    match &mut overrides {
        toml::Value::Array(list) => list.push(format!("{PARAMETER}={secret}").into()),
        toml::Value::String(text) => *text = format!("{text} {PARAMETER}=\"{secret}\""),
        _ => anyhow::bail!("parameter_overrides in samconfig.toml must be a list or a text"),
    }
    parameters.insert("parameter_overrides".to_owned(), overrides);
    Ok(toml::to_string(&file)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the template gets, when an environment says this about its parameters.
    fn overrides(said: &str) -> toml::Value {
        let file = format!("[e.deploy.parameters]\nregion = \"eu-west-1\"\nstack_name = \"marquee\"\n{said}");
        let settings = into_settings(&file, "e", "made").unwrap();
        let settings: toml::Table = settings.parse().unwrap();
        settings["e"]["deploy"]["parameters"]["parameter_overrides"].clone()
    }

    fn list(texts: &[&str]) -> toml::Value {
        texts.iter().copied().map(toml::Value::from).collect::<Vec<_>>().into()
    }

    #[test]
    fn an_environment_gets_the_secret_unless_it_has_one() {
        assert_eq!(overrides(""), list(&["OriginSecret=made"]));
        let days = "parameter_overrides = [\"LogRetentionDays=3\"]";
        assert_eq!(overrides(days), list(&["LogRetentionDays=3", "OriginSecret=made"]));
        let own = "parameter_overrides = [\"LogRetentionDays=3\", \"OriginSecret=\\\"mine\\\"\"]";
        assert_eq!(overrides(own), list(&["LogRetentionDays=3", "OriginSecret=\"mine\""]));
        assert!(into_settings("", "staging", "made").is_err());
    }

    #[test]
    fn parameters_in_one_text_and_those_for_all_commands_stay() {
        let text = "parameter_overrides = \"LogRetentionDays=3\"";
        assert_eq!(overrides(text), "LogRetentionDays=3 OriginSecret=\"made\"".into());
        assert_eq!(
            overrides("parameter_overrides = 'OriginSecret=\"mine\"'"),
            "OriginSecret=\"mine\"".into()
        );
        let for_all = "[e.global.parameters]\nparameter_overrides = [\"LogRetentionDays=3\"]";
        assert_eq!(overrides(for_all), list(&["LogRetentionDays=3", "OriginSecret=made"]));
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
