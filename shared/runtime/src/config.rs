//! The environment of a function, read once per cold start by its area's context.

use std::{fmt, str::FromStr};

/// An environment variable that is missing or invalid. It ends the cold start: the function's settings in `template.yaml` are wrong.
#[derive(thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// Not set, or empty.
    #[error("the environment variable {0} is not set: see the function's Environment in template.yaml")]
    Missing(&'static str),
    /// The value cannot be parsed.
    #[error("the environment variable {name} is invalid: {reason}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What is wrong with its value.
        reason: String,
    },
}

/// Rust prints the error of `main` in its `Debug` form, which is therefore the sentence.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The variable's text. It is required.
pub fn text(name: &'static str) -> Result<String, ConfigError> {
    optional(name).ok_or(ConfigError::Missing(name))
}

/// The variable's text, if it is set and not empty.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place where functions read their environment"
)]
pub fn optional(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The variable's value, parsed from its text: a number, an id. It is required.
pub fn value<T>(name: &'static str) -> Result<T, ConfigError>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    parse(name, &text(name)?)
}

fn parse<T>(name: &'static str, text: &str) -> Result<T, ConfigError>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    text.parse().map_err(|error: T::Err| ConfigError::Invalid {
        name,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named() {
        let error = text("MARQUEE_NO_SUCH_VARIABLE").unwrap_err();

        assert_eq!(error, ConfigError::Missing("MARQUEE_NO_SUCH_VARIABLE"));
        assert!(error.to_string().contains("MARQUEE_NO_SUCH_VARIABLE is not set"));
    }

    #[test]
    fn main_prints_the_sentence() {
        let error = ConfigError::Missing("_HANDLER");
        let sentence = error.to_string();

        assert_eq!(format!("{:?}", crate::Error::from(error)), sentence);
    }

    #[test]
    fn the_error_of_an_invalid_value_says_why() {
        let error = parse::<u64>("MAX_SIZE_BYTES", "much").unwrap_err();

        assert!(
            error.to_string().contains("MAX_SIZE_BYTES is invalid: invalid digit"),
            "{error}"
        );
    }
}
