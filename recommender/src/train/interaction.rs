//! A line of the channel `interactions`: what a person did with a title.

use jiff::Timestamp;
use recommender_protocol::Territory;
use serde::Deserialize;

use crate::watched;

/// The weight of a like; a title watched to its end has the weight 1.
const LIKE: f64 = 1.0;
/// Ratings go from 0.5 to 5: this one has no weight.
const NEUTRAL_RATING: f64 = 2.5;
/// The largest weight that a line without details may have.
const MAX_WEIGHT: f64 = 100.0;

/// A line. Of several lines about a person and title, the one with the highest version counts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Interaction {
    pub(super) account_id: String,
    pub(super) title_id: String,
    pub(super) at: Timestamp,
    #[serde(default)]
    pub(super) version: u64,
    /// The territory of the person.
    #[serde(default)]
    pub(super) territory: Option<Territory>,
    #[serde(default)]
    watched_share: f64,
    #[serde(default)]
    liked: bool,
    #[serde(default)]
    rating: Option<f64>,
    #[serde(default)]
    not_interested: bool,
    /// The weight itself, for data without details.
    #[serde(default)]
    weight: Option<f64>,
}

impl Interaction {
    /// Refuses impossible numbers.
    pub(super) fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.watched_share) {
            return Err("`watched_share` must be a number from 0 to 1".into());
        }
        if self.rating.is_some_and(|rating| !(0.5..=5.0).contains(&rating)) {
            return Err("`rating` must be a number from 0.5 to 5".into());
        }
        if self
            .weight
            .is_some_and(|weight| !(weight > 0.0 && weight <= MAX_WEIGHT))
        {
            return Err(format!("`weight` must be a number above 0 and at most {MAX_WEIGHT}"));
        }
        Ok(())
    }

    /// How much the line says that the person likes the title: 1 for a title watched to its end, 2 with a like as well; 0 for a
    /// short look, a bad rating or a dismissal.
    pub(super) fn weight(&self) -> f64 {
        if self.not_interested {
            return 0.0;
        }
        if let Some(weight) = self.weight {
            return weight;
        }
        let watched = watched::weight(self.watched_share);
        let liked = if self.liked { LIKE } else { 0.0 };
        let rated = self
            .rating
            .map_or(0.0, |rating| (rating - NEUTRAL_RATING) / NEUTRAL_RATING);
        (watched + liked + rated).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn interaction(details: &Value) -> Interaction {
        let mut line = json!({ "account_id": "a", "title_id": "t", "at": "2026-01-01T00:00:00Z" });
        line.as_object_mut()
            .unwrap()
            .extend(details.as_object().unwrap().clone());
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn actions_have_weights() {
        let weights = [
            (json!({ "watched_share": 1.0 }), 1.0),
            (json!({ "watched_share": 1.0, "liked": true }), 2.0),
            (json!({ "watched_share": 0.04 }), 0.0),
            (json!({ "liked": true }), 1.0),
            (json!({ "rating": 5 }), 1.0),
            (json!({ "watched_share": 1.0, "rating": 0.5 }), 0.2),
            (json!({ "rating": 1 }), 0.0),
            (json!({ "watched_share": 1.0, "not_interested": true }), 0.0),
            (json!({ "weight": 3 }), 3.0),
        ];
        for (details, weight) in weights {
            assert!((interaction(&details).weight() - weight).abs() < 1e-12, "{details}");
        }
    }

    #[test]
    fn impossible_numbers_are_named() {
        for (details, field) in [
            (json!({ "watched_share": 1.5 }), "watched_share"),
            (json!({ "rating": 9 }), "rating"),
            (json!({ "weight": -1 }), "weight"),
        ] {
            assert!(interaction(&details).check().unwrap_err().contains(field));
        }
    }
}
