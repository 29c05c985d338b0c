//! Path and query parameters, and the time of a request.

use std::fmt;

use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, path::ErrorKind, rejection::PathRejection},
};
use kernel::Timestamp;
use lambda_http::http::request::Parts;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Problem, serde_message};
use crate::clock;

/// The path parameters.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Sync, T: DeserializeOwned + Send + 'static> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _context: &S) -> Result<Self, Problem> {
        let axum::extract::Path(value) = parts.extract().await.map_err(|rejection| match rejection {
            PathRejection::FailedToDeserializePathParams(rejection) => problem_of(rejection.into_kind()),
            rejection => Problem::internal(rejection),
        })?;

        Ok(Self(value))
    }
}

fn problem_of(kind: ErrorKind) -> Problem {
    match kind {
        ErrorKind::UnsupportedType { .. } | ErrorKind::WrongNumberOfParameters { .. } => {
            Problem::internal(kind.to_string())
        }
        // No resource has an address with an invalid id. The log gets the parameter's name only: the value may be an address or a token.
        ErrorKind::ParseErrorAtKey { key, .. }
        | ErrorKind::InvalidUtf8InPathParam { key }
        | ErrorKind::DeserializeError { key, .. } => no_such_address().because(format!("{{{key}}} is not valid")),
        _ => no_such_address(),
    }
}

fn no_such_address() -> Problem {
    Problem::not_found("there is nothing at this address: an id in it is not one")
}

/// The query parameters. Types that are parsed from them refuse unknown ones, so that a misspelt filter is an error.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _context: &S) -> Result<Self, Problem> {
        let axum::extract::Query(value) = axum::extract::Query::try_from_uri(&parts.uri).map_err(|rejection| {
            let sentence = rejection.body_text();
            let reason = sentence
                .strip_prefix("Failed to deserialize query string: ")
                .unwrap_or(&sentence);
            Problem::invalid_request(format!(
                "the query is not valid: {}",
                serde_message::translate_query(reason)
            ))
        })?;

        Ok(Self(value))
    }
}

/// The number of items on a page of a list: `limit`, from 1 to 100, or 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u16")]
pub struct Limit(u8);

impl Limit {
    /// The largest limit.
    pub const MAX: u8 = 100;

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

impl TryFrom<u16> for Limit {
    type Error = String;

    fn try_from(limit: u16) -> Result<Self, String> {
        u8::try_from(limit)
            .ok()
            .filter(|limit| (1..=Self::MAX).contains(limit))
            .map(Self)
            .ok_or_else(|| format!("must be a whole number from 1 to {}", Self::MAX))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The time of the request, which rules get as an argument. A test sets its own in the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Now(pub Timestamp);

impl<S: Sync> FromRequestParts<S> for Now {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _context: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get().copied().unwrap_or_else(|| Self(clock::now())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_no_id_is_not_logged() {
        let value = || "ada@example.org".to_owned();
        for kind in [
            ErrorKind::DeserializeError {
                key: "title_id".to_owned(),
                value: value(),
                message: value(),
            },
            ErrorKind::ParseErrorAtKey {
                key: "title_id".to_owned(),
                value: value(),
                expected_type: "u8",
            },
            ErrorKind::ParseError {
                value: value(),
                expected_type: "u8",
            },
            ErrorKind::Message(value()),
        ] {
            let problem = format!("{:?}", problem_of(kind));

            assert!(!problem.contains("ada"), "{problem}");
        }
    }
}
