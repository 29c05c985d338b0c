//! Cursors: where the next page of a list begins, opaque to the client. A cursor names its list, so that it is refused for another one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

/// Maximum length of a cursor. A key of the table has at most 1,024 bytes; ours are far shorter.
const MAX_LENGTH: usize = 1_024;

/// The text is not a cursor of this list.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("this cursor is not one of this list: leave it out to start from the beginning")]
pub struct InvalidCursor;

/// Encodes a place in `list` as a cursor. Its content may change with any release.
#[must_use]
pub fn encode<T: Serialize>(list: &str, place: &T) -> String {
    // A place is plain data, which always serializes. An empty cursor would be refused.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(list, place)).unwrap_or_default())
}

/// Decodes a cursor of [`encode`] into the name of its list and the place in it.
pub fn decode<T: DeserializeOwned>(cursor: &str) -> Result<(String, T), InvalidCursor> {
    if cursor.len() > MAX_LENGTH {
        return Err(InvalidCursor);
    }

    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| InvalidCursor)?;

    serde_json::from_slice(&bytes).map_err(|_| InvalidCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_round_trips() {
        let cursor = encode("titles", &("2026-11-20", 7));

        assert_eq!(decode(&cursor), Ok(("titles".to_owned(), ("2026-11-20".to_owned(), 7))));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "!", "IiI", "bm90IGpzb24", &"A".repeat(1_025)] {
            assert_eq!(decode::<String>(text), Err(InvalidCursor), "{text}");
        }
    }
}
