//! Countries, by ISO 3166-1 alpha-2 code.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A country's code, such as `DE`. Only the form is checked, because the list of countries changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Territory([u8; 2]);

impl Territory {
    /// As the recommender's artefacts store it.
    #[must_use]
    pub const fn to_number(self) -> u16 {
        u16::from_be_bytes(self.0)
    }
}

/// The text is not a country's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a territory must be two capital letters, as ISO 3166-1 alpha-2 has them")]
pub struct InvalidTerritory;

impl FromStr for Territory {
    type Err = InvalidTerritory;

    fn from_str(text: &str) -> Result<Self, InvalidTerritory> {
        match *text.as_bytes() {
            [first @ b'A'..=b'Z', second @ b'A'..=b'Z'] => Ok(Self([first, second])),
            _ => Err(InvalidTerritory),
        }
    }
}

impl TryFrom<String> for Territory {
    type Error = InvalidTerritory;

    fn try_from(text: String) -> Result<Self, InvalidTerritory> {
        text.parse()
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.0.map(char::from);
        write!(f, "{first}{second}")
    }
}

impl From<Territory> for String {
    fn from(territory: Territory) -> Self {
        territory.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_two_capital_letters() {
        let german: Territory = "DE".parse().unwrap();
        assert_eq!(german.to_string(), "DE");
        for wrong in ["de", "DEU", "", "D1", "É"] {
            assert_eq!(wrong.parse::<Territory>(), Err(InvalidTerritory), "{wrong}");
        }
        assert_eq!(german.to_number().to_be_bytes(), *b"DE");
        assert_eq!(serde_json::to_string(&german).unwrap(), "\"DE\"");
        let refused = serde_json::from_str::<Territory>("\"de\"").unwrap_err().to_string();
        assert!(refused.contains("two capital letters"), "{refused}");
    }
}
