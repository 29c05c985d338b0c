//! Lists in pages.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::model::{self, Issue},
    error::ApiError,
};

/// The parameters of all lists.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Listing {
    max_results: Option<String>,
    next_token: Option<String>,
    pub(super) order: Option<String>,
    pub(super) queue: Option<String>,
    pub(super) status: Option<String>,
    pub(super) input_file: Option<String>,
    pub(super) category: Option<String>,
    pub(super) list_by: Option<String>,
}

/// A page, and the token of the next one.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next_token: Option<String>,
}

const PAGE_SIZE: usize = 20;

impl Listing {
    /// Validates the parameters against the operation's model.
    pub(super) fn check(&self, operation: &str) -> Result<(), ApiError> {
        let mut request = json!({});
        let max_results = match &self.max_results {
            Some(text) => json!(
                text.parse::<i64>()
                    .map_err(|_| { ApiError::invalid(&[Issue::new("/maxResults", "Should be of type integer")]) })?
            ),
            None => Value::Null,
        };
        request["maxResults"] = max_results;
        for (name, value) in [
            ("order", &self.order),
            ("status", &self.status),
            ("listBy", &self.list_by),
        ] {
            if let Some(value) = value {
                request[name] = json!(value);
            }
        }
        let issues = model::check(operation, &request);
        if issues.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid(&issues))
        }
    }

    pub(super) fn is_descending(&self, by_default: &str) -> bool {
        self.order.as_deref().unwrap_or(by_default) == "DESCENDING"
    }

    /// The requested page. The token is the number of items before it.
    pub(super) fn page<T>(&self, items: Vec<T>) -> Result<Page<T>, ApiError> {
        let skipped = match &self.next_token {
            Some(token) => decode(token).ok_or_else(|| ApiError::BadRequest("/nextToken: Is not valid".to_owned()))?,
            None => 0,
        };
        let size = self
            .max_results
            .as_ref()
            .and_then(|size| size.parse().ok())
            .unwrap_or(PAGE_SIZE)
            .clamp(1, PAGE_SIZE);
        let more = items.len() > skipped + size;
        Ok(Page {
            items: items.into_iter().skip(skipped).take(size).collect(),
            next_token: more.then(|| URL_SAFE_NO_PAD.encode((skipped + size).to_string())),
        })
    }
}

fn decode(token: &str) -> Option<usize> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?)
        .ok()?
        .parse()
        .ok()
}

impl Page<Value> {
    /// The page as a response, with its items under this name.
    pub(super) fn response(self, name: &str) -> Value {
        let mut response = json!({ name: self.items });
        if let Some(token) = self.next_token {
            response["nextToken"] = json!(token);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another() {
        let mut listing = Listing {
            max_results: Some("2".to_owned()),
            ..Listing::default()
        };
        let first = listing.page(vec![1, 2, 3]).unwrap();
        assert_eq!(first.items, [1, 2]);
        listing.next_token = first.next_token;
        let second = listing.page(vec![1, 2, 3]).unwrap();
        assert_eq!((second.items.as_slice(), second.next_token), ([3].as_slice(), None));
        listing.next_token = Some("?".to_owned());
        assert!(listing.page(vec![1]).is_err());
    }
}
