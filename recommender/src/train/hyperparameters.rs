//! `hyperparameters.json`: SageMaker hands every value over as a string.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::Value;

/// What a training may be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hyperparameters {
    /// After so many days an interaction counts half.
    pub(super) half_life_days: f64,
}

/// Why the hyperparameters cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("hyperparameters.json: {0}")]
pub struct HyperparameterError(String);

impl Hyperparameters {
    pub(super) fn read(folder: &Path) -> Result<Self, HyperparameterError> {
        match fs::read(folder.join("hyperparameters.json")) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::parse(b"{}"),
            Err(error) => Err(HyperparameterError(error.to_string())),
        }
    }

    fn parse(text: &[u8]) -> Result<Self, HyperparameterError> {
        let given: BTreeMap<String, Value> =
            serde_json::from_slice(text).map_err(|error| HyperparameterError(error.to_string()))?;
        let mut parsed = Self { half_life_days: 30.0 };
        for (name, value) in given {
            match name.as_str() {
                "half_life_days" => parsed.half_life_days = days(&name, &value)?,
                // The SDK adds some of its own.
                _ if name.starts_with("sagemaker_") => {}
                _ => {
                    return Err(HyperparameterError(format!(
                        "`{name}` is unknown; there is `half_life_days`"
                    )));
                }
            }
        }
        Ok(parsed)
    }

    pub(super) fn by_name(self) -> BTreeMap<String, f64> {
        BTreeMap::from([("half_life_days".into(), self.half_life_days)])
    }
}

fn days(name: &str, value: &Value) -> Result<f64, HyperparameterError> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number
        .filter(|days| (0.01..=36_500.0).contains(days))
        .ok_or_else(|| HyperparameterError(format!("`{name}` must be a number of days from 0.01 to 36500")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_as_strings_or_numbers() {
        let of = |text: &str| Hyperparameters::parse(text.as_bytes()).map(|parsed| parsed.half_life_days);
        assert!((of(r#"{"half_life_days":"7","sagemaker_program":"x"}"#).unwrap() - 7.0).abs() < 1e-9);
        assert!((of(r#"{"half_life_days":0.5}"#).unwrap() - 0.5).abs() < 1e-9);
        assert!((of("{}").unwrap() - 30.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for text in [
            r#"{"half_life_days":"soon"}"#,
            r#"{"half_life_days":0}"#,
            r#"{"half_live":"7"}"#,
            "[]",
        ] {
            assert!(Hyperparameters::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_folder_without_the_file_means_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Hyperparameters::read(folder.path()).is_ok());
    }
}
