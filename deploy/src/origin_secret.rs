//! The secret that the distribution sends to the functions, which refuse requests that bypass the distribution. Created once per
//! installation, and stored where only operators read it: locally in the installation's folder, on AWS in a SecureString.
//! To replace it, put the new secret and a comma before the old one, and remove the old one with the next deployment
//! (`docs/runbooks/deploy.md`).

use anyhow::Context as _;
use marquee_standin::secret;
use serde_json::json;

use crate::{Target, aws_cli};

/// The parameter of the templates.
pub(crate) const PARAMETER: &str = "OriginSecret";

/// The error of Parameter Store when a parameter does not exist.
pub(crate) const PARAMETER_NOT_FOUND: &str = "ParameterNotFound";

/// The secrets that functions accept: newest first, separated by commas.
pub(crate) async fn ensure(target: &Target) -> anyhow::Result<String> {
    if target.is_local() {
        in_folder(target)
    } else {
        in_parameter_store(target).await
    }
}

fn in_folder(target: &Target) -> anyhow::Result<String> {
    secret::read_or_create(&target.home().join("origin-secret"), secret::random)
}

async fn in_parameter_store(target: &Target) -> anyhow::Result<String> {
    let name = parameter_name(target);
    let request = json!({ "Name": name, "WithDecryption": true });
    let saved = aws_cli::find(target, ["ssm", "get-parameter"], &request, PARAMETER_NOT_FOUND)
        .await
        .context("the origin secret cannot be read")?;
    if let Some(answer) = saved {
        let value = answer["Parameter"]["Value"].as_str();
        return Ok(value.context("Parameter Store returned no value")?.to_owned());
    }
    let new = secret::random()?;
    let parameter = json!({ "Name": name, "Type": "SecureString", "Value": new, "Overwrite": false });
    aws_cli::call(target, ["ssm", "put-parameter"], &parameter).await?;
    Ok(new)
}

/// Its name in Parameter Store.
pub(crate) fn parameter_name(target: &Target) -> String {
    format!("/{}/origin-secret", target.stack())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Installation;

    #[tokio::test]
    async fn an_installation_keeps_its_secret() {
        let home = tempfile::tempdir().unwrap();
        let target = Target::local(Installation::in_folder(home.path()));

        let first = ensure(&target).await.unwrap();

        assert_eq!(first.len(), 27);
        assert_eq!(ensure(&target).await.unwrap(), first);
    }
}
