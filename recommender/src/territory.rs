//! Countries by ISO 3166-1 alpha-2 code: where a person is, and where a title may be shown.

use serde::{Deserialize, Serialize};

/// A country's code, such as `DE`. Only the form is checked, because the list of countries changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Territory([u8; 2]);

impl Territory {
    /// As artefacts store it.
    pub(crate) fn to_number(self) -> u16 {
        u16::from_be_bytes(self.0)
    }
}

impl TryFrom<String> for Territory {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match *text.as_bytes() {
            [first @ b'A'..=b'Z', second @ b'A'..=b'Z'] => Ok(Self([first, second])),
            _ => Err("a territory must be two capital letters, as ISO 3166-1 alpha-2 has them"),
        }
    }
}

impl From<Territory> for String {
    fn from(territory: Territory) -> Self {
        territory.0.map(char::from).iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_two_capital_letters() {
        let german: Territory = serde_json::from_str("\"DE\"").unwrap();
        assert_eq!(serde_json::to_string(&german).unwrap(), "\"DE\"");
        assert_eq!(german.to_number().to_be_bytes(), *b"DE");
        for wrong in ["\"de\"", "\"DEU\"", "\"\"", "\"D1\"", "\"É\""] {
            let refused = serde_json::from_str::<Territory>(wrong).unwrap_err().to_string();
            assert!(refused.contains("two capital letters"), "{wrong}: {refused}");
        }
    }
}
