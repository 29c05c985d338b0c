//! What a person did with a title, as a line of the channel `interactions` says it.

use jiff::Timestamp;
use serde::Deserialize;

use crate::territory::Territory;

/// Below this share of a film somebody has looked in, and nothing more.
const LOOKED_IN: f64 = 0.05;
/// What a like counts beside a film watched to its end.
const LIKE: f64 = 1.0;
/// Ratings go from 1 to 5: this one says nothing.
const NEUTRAL_RATING: f64 = 2.5;
/// The largest weight that a line without details may have.
const MOST: f64 = 100.0;

/// A line: how somebody's dealings with a title stand. Of several lines the one with the highest version counts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Interaction {
    pub(super) account_id: String,
    pub(super) title_id: String,
    pub(super) at: Timestamp,
    #[serde(default)]
    pub(super) version: u64,
    /// Where it was done.
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
    /// Said outright, for data that has no details.
    #[serde(default)]
    weight: Option<f64>,
}

impl Interaction {
    /// Refuses numbers that cannot be.
    pub(super) fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.watched_share) {
            return Err("`watched_share` must be a number from 0 to 1".into());
        }
        if self.rating.is_some_and(|rating| !(0.5..=5.0).contains(&rating)) {
            return Err("`rating` must be a number from 0.5 to 5".into());
        }
        if self.weight.is_some_and(|weight| !(weight > 0.0 && weight <= MOST)) {
            return Err(format!("`weight` must be a number above 0 and at most {MOST}"));
        }
        Ok(())
    }

    /// How much it says that the person likes the title: 1 for a film watched to its end, twice as much with a like; 0 for
    /// what was only looked into, rated badly or sent away.
    pub(super) fn weight(&self) -> f64 {
        if self.not_interested {
            return 0.0;
        }
        if let Some(weight) = self.weight {
            return weight;
        }
        let watched = if self.watched_share < LOOKED_IN {
            0.0
        } else {
            self.watched_share
        };
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

    fn of(details: &Value) -> Interaction {
        let mut line = json!({ "account_id": "a", "title_id": "t", "at": "2026-01-01T00:00:00Z" });
        line.as_object_mut()
            .unwrap()
            .extend(details.as_object().unwrap().clone());
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn what_somebody_did_has_a_weight() {
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
            assert!((of(&details).weight() - weight).abs() < 1e-12, "{details}");
        }
    }

    #[test]
    fn impossible_numbers_are_named() {
        for (details, field) in [
            (json!({ "watched_share": 1.5 }), "watched_share"),
            (json!({ "rating": 9 }), "rating"),
            (json!({ "weight": -1 }), "weight"),
        ] {
            assert!(of(&details).check().unwrap_err().contains(field));
        }
    }
}
