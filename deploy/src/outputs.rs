//! The outputs of deployed stacks, which operators and tests read, and their exports, which other stacks import.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;

use crate::{Target, aws_cli};

/// Values by output name.
pub(crate) type Outputs = BTreeMap<String, String>;
/// Values by export name.
pub(crate) type Exports = BTreeMap<String, String>;

/// The outputs and exports of a stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Described {
    pub(crate) outputs: Outputs,
    pub(crate) exports: Exports,
}

/// The outputs and exports of every stack whose last operation succeeded, by its name.
pub(crate) async fn describe_all(target: &Target) -> anyhow::Result<BTreeMap<String, Described>> {
    let answer = aws_cli::call(target, ["cloudformation", "describe-stacks"], &json!({})).await?;
    let stacks: Stacks = serde_json::from_value(answer)?;
    Ok(stacks
        .stacks
        .into_iter()
        .filter_map(|stack| Some((stack.name.clone(), stack.into_outputs().ok()?)))
        .collect())
}

/// The outputs and exports of a stack. Fails unless it exists and its last operation succeeded.
pub(crate) async fn describe(target: &Target, stack: &str) -> anyhow::Result<Described> {
    let answer = aws_cli::call(
        target,
        ["cloudformation", "describe-stacks"],
        &json!({ "StackName": stack }),
    )
    .await?;
    let stacks: Stacks = serde_json::from_value(answer)?;
    let described = stacks
        .stacks
        .into_iter()
        .next()
        .with_context(|| format!("there is no stack {stack}"))?;
    described.into_outputs().with_context(|| format!("the stack {stack}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stacks {
    stacks: Vec<Stack>,
}

#[derive(Deserialize)]
struct Stack {
    #[serde(rename = "StackName")]
    name: String,
    #[serde(rename = "StackStatus")]
    status: String,
    #[serde(rename = "Outputs", default)]
    outputs: Vec<Output>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    #[serde(rename = "OutputKey")]
    name: String,
    #[serde(rename = "OutputValue")]
    value: String,
    export_name: Option<String>,
}

impl Stack {
    fn into_outputs(self) -> anyhow::Result<Described> {
        let status = &self.status;
        anyhow::ensure!(
            status.ends_with("_COMPLETE") && !status.contains("ROLLBACK") && !status.starts_with("DELETE"),
            "is {status}"
        );
        let mut described = Described::default();
        for output in self.outputs {
            if let Some(name) = output.export_name {
                described.exports.insert(name, output.value.clone());
            }
            described.outputs.insert(output.name, output.value);
        }
        Ok(described)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(status: &str) -> Stack {
        serde_json::from_value(json!({
            "StackName": "m",
            "StackStatus": status,
            "Outputs": [
                { "OutputKey": "TableName", "OutputValue": "t", "ExportName": "m-TableName" },
                { "OutputKey": "SweepFunctionName", "OutputValue": "s" }
            ]
        }))
        .unwrap()
    }

    #[test]
    fn a_complete_stack_has_outputs_and_exports() {
        let described = stack("UPDATE_COMPLETE").into_outputs().unwrap();
        assert_eq!(described.outputs["SweepFunctionName"], "s");
        assert_eq!(
            described.exports,
            Exports::from([("m-TableName".to_owned(), "t".to_owned())])
        );
    }

    #[test]
    fn a_stack_that_failed_or_was_deleted_is_an_error() {
        for status in ["UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_COMPLETE"] {
            assert!(stack(status).into_outputs().is_err(), "{status}");
        }
    }
}
