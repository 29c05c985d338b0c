//! The secret between the distribution and the functions: who asks the API past the distribution does not know it. Made once
//! for each installation, and kept where only its operators read: locally in the installation's folder, on AWS in a SecureString.
//! A secret is replaced by putting a new one before it, with a comma between them, and taking the old one away a deployment later
//! (`docs/runbooks/deploy.md`).

use std::fs;

use anyhow::Context as _;
use marquee_standin::secret;
use serde_json::json;

use super::{Target, aws_cli};

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
    let name = parameter_name(target);
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

/// Its name in Parameter Store. Locally it is in the installation's folder, until that is wiped.
pub(super) fn parameter_name(target: &Target<'_>) -> String {
    format!("/{}/origin-secret", target.stack())
}

#[cfg(test)]
mod tests {
    use super::*;

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
