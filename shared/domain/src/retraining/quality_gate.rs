//! The quality gate: a new model passes only if it is not worse than popularity and than the current model.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Reason, RetrainError};

/// With fewer held-out people, metrics are not reliable.
pub const MIN_HELD_OUT_PEOPLE: u32 = 20;

/// The metrics of a model, measured by its training on held-out people (strong generalisation).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Metrics {
    /// NDCG over the first 100 titles.
    pub ndcg_at_100: f64,
    /// Recall over the first 50 titles.
    pub recall_at_50: f64,
    /// Recall over the first 20 titles.
    pub recall_at_20: f64,
    /// The NDCG of popular titles alone, on the same people.
    pub popularity_ndcg_at_100: f64,
    /// The share of titles that are recommended to at least one person.
    pub coverage: f64,
    /// How many people were held out.
    pub held_out_people: u32,
}

/// Why the metrics of a training cannot be read.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadMetrics {
    /// This metric is missing.
    #[error("the metric {0} is missing")]
    Missing(&'static str),
    /// This metric has an impossible value.
    #[error("the metric {0} has an impossible value")]
    Impossible(&'static str),
}

impl Metrics {
    /// The names of the metrics that a training prints.
    pub const NAMES: [&'static str; 6] = [
        "ndcg_at_100",
        "recall_at_50",
        "recall_at_20",
        "popularity_ndcg_at_100",
        "coverage",
        "held_out_people",
    ];

    /// Reads the metrics by their names. Without held-out people the other metrics may be missing.
    pub fn read(metric: impl Fn(&str) -> Option<f64>) -> Result<Self, BadMetrics> {
        let people = metric("held_out_people").ok_or(BadMetrics::Missing("held_out_people"))?;
        if !(0.0..=f64::from(u32::MAX)).contains(&people) {
            return Err(BadMetrics::Impossible("held_out_people"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was just checked"
        )]
        let held_out_people = people.round() as u32;
        let share = |name: &'static str| match metric(name) {
            // A single-precision number may be a little above 1.
            Some(value) if (0.0..=1.000_01).contains(&value) => Ok(value),
            Some(_) => Err(BadMetrics::Impossible(name)),
            None if held_out_people == 0 => Ok(0.0),
            None => Err(BadMetrics::Missing(name)),
        };

        Ok(Self {
            ndcg_at_100: share("ndcg_at_100")?,
            recall_at_50: share("recall_at_50")?,
            recall_at_20: share("recall_at_20")?,
            popularity_ndcg_at_100: share("popularity_ndcg_at_100")?,
            coverage: share("coverage")?,
            held_out_people,
        })
    }

    /// Whether there are enough held-out people.
    #[must_use]
    pub const fn are_reliable(&self) -> bool {
        self.held_out_people >= MIN_HELD_OUT_PEOPLE
    }
}

/// The rule that a new model must pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QualityGate {
    /// The share by which a model may be worse, because chance alone changes a metric that much.
    margin: f64,
}

/// Why a model passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Passed {
    /// It is good enough.
    GoodEnough,
    /// There are too few people to judge the model, and the current model was not judged either. A model that knows the newest titles
    /// is better than one that does not, and the smoke test still follows.
    TooFewToJudge,
}

impl QualityGate {
    /// A gate with this margin, from 0 to below 1.
    #[must_use]
    pub fn with_margin(margin: f64) -> Option<Self> {
        (0.0..1.0).contains(&margin).then_some(Self { margin })
    }

    /// Compares a new model with popularity, and with the current model if there is one.
    pub fn decide(self, new: &Metrics, current: Option<&Metrics>) -> Result<Passed, Reason> {
        let judged = current.filter(|current| current.are_reliable());
        if !new.are_reliable() {
            return match judged {
                None => Ok(Passed::TooFewToJudge),
                Some(judged) => Err(Reason::new(
                    RetrainError::TooFewPeople,
                    format!(
                        "The new model was measured on {} people, which is too few to judge it; the current model was \
                         measured on {}. Check whether training data have been lost, and retrain.",
                        new.held_out_people, judged.held_out_people
                    ),
                )),
            };
        }

        let (reached, popularity) = (new.ndcg_at_100, new.popularity_ndcg_at_100);
        if reached < self.threshold(popularity) {
            let sentence = format!(
                "The new model reaches NDCG@100 {reached:.3}; popular titles alone reach {popularity:.3}. Check the newest \
                 training data: they may be damaged. The current model continues to serve."
            );
            return Err(Reason::new(RetrainError::WorseThanPopular, sentence));
        }
        if let Some(before) = judged.map(|judged| judged.ndcg_at_100)
            && reached < self.threshold(before)
        {
            let sentence = format!(
                "The new model reaches NDCG@100 {reached:.3}; the current model reached {before:.3}. Check the newest \
                 training data. The current model continues to serve."
            );
            return Err(Reason::new(RetrainError::WorseThanCurrent, sentence));
        }

        Ok(Passed::GoodEnough)
    }

    /// The lowest metric that is not worse than `other`.
    fn threshold(self, other: f64) -> f64 {
        other * (1.0 - self.margin)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn metrics(ndcg: f64, popular: f64, people: u32) -> Metrics {
        Metrics {
            ndcg_at_100: ndcg,
            recall_at_50: 0.4,
            recall_at_20: 0.3,
            popularity_ndcg_at_100: popular,
            coverage: 0.5,
            held_out_people: people,
        }
    }

    fn gate() -> QualityGate {
        QualityGate::with_margin(0.05).unwrap()
    }

    fn refusal(new: &Metrics, current: Option<&Metrics>) -> Option<RetrainError> {
        gate().decide(new, current).err().map(|reason| reason.error)
    }

    #[test]
    fn a_model_must_be_about_as_good_as_popularity() {
        assert_eq!(refusal(&metrics(0.20, 0.20, 59), None), None);
        assert_eq!(refusal(&metrics(0.191, 0.20, 59), None), None);
        assert_eq!(
            refusal(&metrics(0.189, 0.20, 59), None),
            Some(RetrainError::WorseThanPopular)
        );
    }

    #[test]
    fn a_model_must_be_about_as_good_as_the_current_one() {
        let current = metrics(0.326, 0.164, 59);

        assert_eq!(refusal(&metrics(0.31, 0.164, 59), Some(&current)), None);
        let reason = gate().decide(&metrics(0.30, 0.164, 59), Some(&current)).unwrap_err();
        assert_eq!(reason.error, RetrainError::WorseThanCurrent);
        assert!(
            reason.sentence.contains("0.300") && reason.sentence.contains("0.326"),
            "{reason}"
        );
        // The metrics of a current model with too few people are not compared.
        assert_eq!(refusal(&metrics(0.30, 0.164, 59), Some(&metrics(0.9, 0.1, 19))), None);
    }

    #[test]
    fn too_few_people_pass_before_the_first_judged_model_and_fail_after_it() {
        let few = metrics(0.0, 0.5, MIN_HELD_OUT_PEOPLE - 1);

        assert_eq!(gate().decide(&few, None), Ok(Passed::TooFewToJudge));
        assert_eq!(
            gate().decide(&few, Some(&metrics(0.0, 0.5, 3))),
            Ok(Passed::TooFewToJudge)
        );
        assert_eq!(
            refusal(&few, Some(&metrics(0.3, 0.2, MIN_HELD_OUT_PEOPLE))),
            Some(RetrainError::TooFewPeople)
        );
    }

    #[test]
    fn metrics_are_read_by_name_and_must_be_possible() {
        let all = |people: f64, ndcg: Option<f64>| {
            Metrics::read(|name| match name {
                "held_out_people" => Some(people),
                "ndcg_at_100" => ndcg,
                _ => Some(0.5),
            })
        };
        assert_eq!(all(59.0, Some(0.3)).unwrap().held_out_people, 59);
        assert_eq!(all(59.0, None), Err(BadMetrics::Missing("ndcg_at_100")));
        assert_eq!(all(59.0, Some(f64::NAN)), Err(BadMetrics::Impossible("ndcg_at_100")));
        assert_eq!(all(-1.0, Some(0.3)), Err(BadMetrics::Impossible("held_out_people")));
        let no_people = Metrics::read(|name| (name == "held_out_people").then_some(0.0)).unwrap();
        assert!(!no_people.are_reliable());
        assert!(Metrics::read(|_| None).is_err());
    }

    #[test]
    fn a_margin_is_a_share() {
        assert!(QualityGate::with_margin(1.0).is_none());
        assert!(QualityGate::with_margin(-0.1).is_none());
        assert!(QualityGate::with_margin(f64::NAN).is_none());
    }

    proptest! {
        #[test]
        fn a_better_model_is_never_refused_where_a_worse_one_passes(
            low in 0.0..1.0f64, more in 0.0..0.5f64, popular in 0.0..1.0f64, before in 0.0..1.0f64, people in 20..1000u32,
        ) {
            let current = metrics(before, 0.1, 100);
            let passes = |ndcg| gate().decide(&metrics(ndcg, popular, people), Some(&current)).is_ok();
            prop_assert!(!passes(low) || passes(low + more));
        }
    }
}
