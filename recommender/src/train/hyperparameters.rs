//! `hyperparameters.json`, in which SageMaker gives every value as a string.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::Value;

use crate::als;

/// The hyperparameters: name, default, minimum and maximum.
const KNOWN: [(&str, f64, f64, f64); 9] = [
    ("half_life_days", 30.0, 0.01, 36_500.0),
    ("taste_half_life_days", 365.0, 0.01, 36_500.0),
    ("dimensions", 64.0, 1.0, 512.0),
    ("iterations", 16.0, 1.0, 200.0),
    ("unobserved_weight", 0.1, 1e-6, 10.0),
    ("regularization", 0.01, 1e-6, 100.0),
    ("frequency_exponent", 1.0, 0.0, 1.0),
    ("initial_spread", 0.1, 1e-6, 10.0),
    ("seed", 1.0, 0.0, 4_294_967_295.0),
];
/// Hyperparameters that must be whole numbers.
const WHOLE: [&str; 3] = ["dimensions", "iterations", "seed"];

/// The values of this training.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hyperparameters(BTreeMap<String, f64>);

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

    pub(super) fn parse(text: &[u8]) -> Result<Self, HyperparameterError> {
        let given: BTreeMap<String, Value> =
            serde_json::from_slice(text).map_err(|error| HyperparameterError(error.to_string()))?;
        let mut parsed: BTreeMap<String, f64> = KNOWN
            .iter()
            .map(|&(name, default, ..)| (name.to_owned(), default))
            .collect();
        for (name, value) in given {
            // The SageMaker SDK adds its own.
            if name.starts_with("sagemaker_") {
                continue;
            }
            let Some((_, _, low, high)) = KNOWN.iter().find(|known| known.0 == name) else {
                let names: Vec<_> = KNOWN.iter().map(|known| format!("`{}`", known.0)).collect();
                return Err(HyperparameterError(format!(
                    "`{name}` is unknown; known are {}",
                    names.join(", ")
                )));
            };
            let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
            let whole = WHOLE.contains(&name.as_str());
            let number = number.filter(|number| (*low..=*high).contains(number) && !(whole && number.fract() != 0.0));
            let kind = if whole { "whole number" } else { "number" };
            let number =
                number.ok_or_else(|| HyperparameterError(format!("`{name}` must be a {kind} from {low} to {high}")))?;
            parsed.insert(name, number);
        }
        Ok(Self(parsed))
    }

    pub(super) fn by_name(&self) -> BTreeMap<String, f64> {
        self.0.clone()
    }

    pub(super) fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// The hyperparameters of the factorisation.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the limits above keep them whole, positive and small"
    )]
    pub(super) fn als(&self) -> als::Hyperparameters {
        als::Hyperparameters {
            dimensions: self.get("dimensions") as usize,
            iterations: self.get("iterations") as usize,
            unobserved_weight: self.get("unobserved_weight"),
            regularization: self.get("regularization"),
            frequency_exponent: self.get("frequency_exponent"),
            initial_spread: self.get("initial_spread"),
            seed: self.get("seed") as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_numbers_are_understood() {
        let parsed =
            Hyperparameters::parse(br#"{"half_life_days":"7","dimensions":32,"sagemaker_program":"x"}"#).unwrap();
        assert!((parsed.get("half_life_days") - 7.0).abs() < 1e-9);
        assert_eq!((parsed.als().dimensions, parsed.als().iterations), (32, 16));
    }

    #[test]
    fn impossible_values_are_refused_by_name() {
        for (text, says) in [
            (
                r#"{"half_life_days":"0"}"#,
                "`half_life_days` must be a number from 0.01 to 36500",
            ),
            (
                r#"{"dimensions":"1.5"}"#,
                "`dimensions` must be a whole number from 1 to 512",
            ),
            (r#"{"depth":"1"}"#, "`depth` is unknown"),
            ("[]", "hyperparameters.json"),
        ] {
            let message = Hyperparameters::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(message.contains(says), "{message}");
        }
    }
}
