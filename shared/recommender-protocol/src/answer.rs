//! The answers to requests. Fields that earlier recommenders do not have are optional.

use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

use crate::Variant;

/// The answer to a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The protocol's version.
    pub version: u32,
    /// The kind of the request.
    pub kind: String,
    /// Which model answered: not always the requested one.
    #[serde(default)]
    pub variant: Variant,
    /// The model that answered.
    pub model: ModelFacts,
    /// The other model of an interleaved answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenger: Option<ModelFacts>,
    /// The ranked titles.
    #[serde(flatten)]
    pub content: Content,
}

/// The ranked titles of an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Of a request for similar or popular titles.
    Items(Vec<Item>),
    /// Of a request for rows, in the order of the request.
    Rows(Vec<RankedRow>),
}

/// A model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModelFacts {
    /// Its version.
    pub version: String,
    /// How many titles it was trained on.
    #[serde(default)]
    pub titles: Option<u64>,
}

/// A row of ranked titles.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RankedRow {
    /// Its kind, as in the request.
    pub kind: String,
    /// Its titles, the best first.
    pub items: Vec<Item>,
}

/// A ranked title.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub title_id: String,
    /// What it is ranked by.
    #[serde(default)]
    pub score: f64,
    /// For viewers, in English.
    #[serde(default)]
    pub reason: String,
    /// The evidence for the reason, for programs; the strongest first. A kind that the reader does not know yet is no error.
    #[serde(default, deserialize_with = "known")]
    pub because: Vec<Because>,
    /// Which model picked it, in an interleaved row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<Variant>,
}

/// The evidence of kinds that this release knows.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Because>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Evidence {
        Known(Because),
        Unknown(IgnoredAny),
    }

    let all = Vec::<Evidence>::deserialize(deserializer)?;

    Ok(all
        .into_iter()
        .filter_map(|evidence| match evidence {
            Evidence::Known(because) => Some(because),
            Evidence::Unknown(IgnoredAny) => None,
        })
        .collect())
}

/// What two titles share, the rarest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "values", rename_all = "snake_case")]
pub enum Because {
    /// Ids of titles.
    Titles(Vec<String>),
    /// Genres.
    Genres(Vec<String>),
    /// Names of people.
    People(Vec<String>),
    /// Words of names and descriptions.
    Words(Vec<String>),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_read_as_it_is_written() {
        let rows = json!({
            "version": 1, "kind": "rows", "variant": "interleaved",
            "model": { "version": "1f0c", "titles": 812 }, "challenger": { "version": "2a", "titles": 813 },
            "rows": [{ "kind": "personal", "items": [{
                "title_id": "a", "score": 0.5, "reason": "Also drama",
                "because": [{ "kind": "genres", "values": ["drama"] }], "variant": "challenger",
            }] }],
        });
        let similar = json!({
            "version": 1, "kind": "similar", "variant": "current", "model": { "version": "1f0c", "titles": 812 },
            "items": [{ "title_id": "a", "score": 0.5, "reason": "Also drama", "because": [] }],
        });

        for answer in [rows, similar] {
            let read: Answer = serde_json::from_value(answer.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), answer);
        }
    }

    #[test]
    fn evidence_of_an_unknown_kind_is_no_error() {
        let because = json!([{ "kind": "directors", "values": 7 }, { "kind": "titles", "values": ["b"] }]);

        let read: Item = serde_json::from_value(json!({ "title_id": "a", "because": because })).unwrap();

        assert_eq!(read.because, [Because::Titles(vec!["b".to_owned()])]);
    }
}
