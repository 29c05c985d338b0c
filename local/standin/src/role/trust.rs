//! Trust policies of roles. On AWS a service can assume only the roles that trust it. The emulator lets its root, whose key the
//! stand-ins use, assume any role: so the stand-ins check the trust policy themselves.
//!
//! One request to IAM is too little for an SDK crate.

use http::{Request, header};
use http_body_util::Full;
use serde_json::Value;
use url::form_urlencoded;

use crate::emulator::Emulator;

/// The trust that roles give to a service.
#[derive(Clone, Debug)]
pub(super) struct Trust {
    /// Its name in trust policies, such as `mediaconvert.amazonaws.com`.
    service: &'static str,
    emulator: Emulator,
}

impl Trust {
    pub(super) fn new(emulator: &Emulator, service: &'static str) -> Self {
        Self {
            service,
            emulator: emulator.clone(),
        }
    }

    /// Whether this role trusts the service; `None` if there is no such role.
    pub(super) async fn is_trusted_by(&self, role: &str) -> anyhow::Result<Option<bool>> {
        let name = role.rsplit('/').next().unwrap_or(role);
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("Action", "GetRole"), ("Version", "2010-05-08"), ("RoleName", name)])
            .finish();
        let request = Request::post(self.emulator.url())
            .header(header::AUTHORIZATION, self.emulator.root_authorization("iam"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(form))?;
        let (status, body) = self.emulator.send(request).await?;
        if !status.is_success() {
            return Ok(None);
        }
        let policy = trust_policy(&String::from_utf8_lossy(&body));
        Ok(Some(policy.is_some_and(|policy| trusts(&policy, self.service))))
    }
}

/// The trust policy in IAM's response, where it is percent-encoded JSON.
fn trust_policy(response: &str) -> Option<Value> {
    let (_, rest) = response.split_once("<AssumeRolePolicyDocument>")?;
    let (encoded, _) = rest.split_once("</AssumeRolePolicyDocument>")?;
    let (decoded, _) = form_urlencoded::parse(encoded.as_bytes()).next()?;
    serde_json::from_str(&decoded).ok()
}

/// Whether a statement lets the service assume the role. Conditions count as met.
fn trusts(policy: &Value, service: &str) -> bool {
    let is_one_of = |given: &Value, wanted: &[&str]| match given {
        Value::String(given) => wanted.contains(&given.as_str()),
        Value::Array(given) => given
            .iter()
            .any(|given| given.as_str().is_some_and(|given| wanted.contains(&given))),
        _ => false,
    };
    let lets = |statement: &Value| {
        statement["Effect"] == "Allow"
            && is_one_of(&statement["Action"], &["sts:AssumeRole", "sts:*", "*"])
            && is_one_of(&statement["Principal"]["Service"], &[service])
    };
    match &policy["Statement"] {
        Value::Array(statements) => statements.iter().any(lets),
        statement => lets(statement),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SERVICE: &str = "mediaconvert.amazonaws.com";

    #[test]
    fn a_role_trusts_the_services_that_it_names() {
        let policy = |principal: Value| {
            json!({ "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal }] })
        };
        assert!(trusts(&policy(json!({ "Service": SERVICE })), SERVICE));
        assert!(trusts(
            &policy(json!({ "Service": ["lambda.amazonaws.com", SERVICE] })),
            SERVICE
        ));
        assert!(!trusts(&policy(json!({ "Service": "lambda.amazonaws.com" })), SERVICE));
        assert!(!trusts(&policy(json!({ "AWS": "*" })), SERVICE));
        assert!(!trusts(
            &json!({ "Statement": { "Effect": "Deny", "Action": "*", "Principal": { "Service": SERVICE } } }),
            SERVICE
        ));
    }

    #[test]
    fn the_policy_is_read_from_the_response() {
        let response =
            "<Role><AssumeRolePolicyDocument>%7B%22Statement%22%3A%20%5B%5D%7D</AssumeRolePolicyDocument></Role>";
        assert_eq!(trust_policy(response), Some(json!({ "Statement": [] })));
        assert_eq!(trust_policy("<ErrorResponse/>"), None);
    }
}
