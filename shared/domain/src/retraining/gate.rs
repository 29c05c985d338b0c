//! The gate: a new model is let through only if it is not worse than what is there.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Reason, RetrainError};

/// With fewer held-out people a difference between two models says nothing.
pub const LEAST_PEOPLE: u32 = 20;

/// How good a model is, measured by its training on people whom it did not see (strong generalisation).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Metrics {
    /// NDCG over the first 100 places.
    pub ndcg_at_100: f64,
    /// Recall over the first 50 places.
    pub recall_at_50: f64,
    /// Recall over the first 20 places.
    pub recall_at_20: f64,
    /// What always showing the popular would reach on the same people.
    pub popularity_ndcg_at_100: f64,
    /// The share of titles that anybody is shown.
    pub coverage: f64,
    /// How many people were held out.
    pub held_out_people: u32,
}

/// The training did not tell what it has to.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadMetrics {
    /// It said nothing of this one.
    #[error("it did not say {0}")]
    Missing(&'static str),
    /// It said something of it that cannot be.
    #[error("its {0} cannot be")]
    Impossible(&'static str),
}

impl Metrics {
    /// What a training has to tell, by these names.
    pub const NAMES: [&'static str; 6] = [
        "ndcg_at_100",
        "recall_at_50",
        "recall_at_20",
        "popularity_ndcg_at_100",
        "coverage",
        "held_out_people",
    ];

    /// Reads the metrics by their names. None has to be told but the number of people when that is 0: then there was nobody
    /// to measure on.
    pub fn read(told: impl Fn(&str) -> Option<f64>) -> Result<Self, BadMetrics> {
        let people = told("held_out_people").ok_or(BadMetrics::Missing("held_out_people"))?;
        if !(0.0..=f64::from(u32::MAX)).contains(&people) {
            return Err(BadMetrics::Impossible("held_out_people"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was just looked at"
        )]
        let held_out_people = people.round() as u32;
        let share = |name: &'static str| match told(name) {
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

    /// Whether they say anything.
    #[must_use]
    pub const fn are_judgeable(&self) -> bool {
        self.held_out_people >= LEAST_PEOPLE
    }
}

/// What a new model is held to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gate {
    /// By which share a model may be worse: chance alone moves a metric that much.
    margin: f64,
}

/// Why a model was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Passed {
    /// It is good enough.
    GoodEnough,
    /// Nobody can tell: too few people to judge, and the model before was not judged either. A model that knows the titles
    /// of today is better than one that does not, and the smoke test still stands behind this.
    TooFewToJudge,
}

impl Gate {
    /// A gate with this margin, from 0 to below 1.
    #[must_use]
    pub fn with_margin(margin: f64) -> Option<Self> {
        (0.0..1.0).contains(&margin).then_some(Self { margin })
    }

    /// Judges a new model beside the one that serves, if one was trained before.
    pub fn judge(self, new: &Metrics, current: Option<&Metrics>) -> Result<Passed, Reason> {
        let judged = current.filter(|current| current.are_judgeable());
        if !new.are_judgeable() {
            return match judged {
                None => Ok(Passed::TooFewToJudge),
                Some(judged) => Err(Reason::new(
                    RetrainError::TooFewPeople,
                    format!(
                        "The new model was measured on {} people, which is too few to judge it; the one that serves was \
                         measured on {}. Look whether training data have been lost, and retrain.",
                        new.held_out_people, judged.held_out_people
                    ),
                )),
            };
        }

        let (reached, popular) = (new.ndcg_at_100, new.popularity_ndcg_at_100);
        if reached < self.least(popular) {
            let sentence = format!(
                "The new model reaches NDCG@100 {reached:.3}; always showing what is popular reaches {popular:.3}. Look at \
                 the newest training data: they may be damaged. The model before goes on serving."
            );
            return Err(Reason::new(RetrainError::WorseThanPopular, sentence));
        }
        if let Some(before) = judged.map(|judged| judged.ndcg_at_100)
            && reached < self.least(before)
        {
            let sentence = format!(
                "The new model reaches NDCG@100 {reached:.3}; the one that serves reached {before:.3}. Look at the newest \
                 training data. The model before goes on serving."
            );
            return Err(Reason::new(RetrainError::WorseThanCurrent, sentence));
        }

        Ok(Passed::GoodEnough)
    }

    fn least(self, other: f64) -> f64 {
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

    fn gate() -> Gate {
        Gate::with_margin(0.05).unwrap()
    }

    fn refusal(new: &Metrics, current: Option<&Metrics>) -> Option<RetrainError> {
        gate().judge(new, current).err().map(|reason| reason.error)
    }

    #[test]
    fn a_model_has_to_be_about_as_good_as_what_is_popular() {
        assert_eq!(refusal(&metrics(0.20, 0.20, 59), None), None);
        assert_eq!(refusal(&metrics(0.191, 0.20, 59), None), None);
        assert_eq!(
            refusal(&metrics(0.189, 0.20, 59), None),
            Some(RetrainError::WorseThanPopular)
        );
    }

    #[test]
    fn a_model_has_to_be_about_as_good_as_the_one_that_serves() {
        let current = metrics(0.326, 0.164, 59);

        assert_eq!(refusal(&metrics(0.31, 0.164, 59), Some(&current)), None);
        let told = gate().judge(&metrics(0.30, 0.164, 59), Some(&current)).unwrap_err();
        assert_eq!(told.error, RetrainError::WorseThanCurrent);
        assert!(
            told.sentence.contains("0.300") && told.sentence.contains("0.326"),
            "{told}"
        );
        // A model that was itself measured on a handful of people says nothing.
        assert_eq!(refusal(&metrics(0.30, 0.164, 59), Some(&metrics(0.9, 0.1, 19))), None);
    }

    #[test]
    fn too_few_people_are_no_reason_before_the_first_judged_model_and_one_after_it() {
        let few = metrics(0.0, 0.5, LEAST_PEOPLE - 1);

        assert_eq!(gate().judge(&few, None), Ok(Passed::TooFewToJudge));
        assert_eq!(
            gate().judge(&few, Some(&metrics(0.0, 0.5, 3))),
            Ok(Passed::TooFewToJudge)
        );
        assert_eq!(
            refusal(&few, Some(&metrics(0.3, 0.2, LEAST_PEOPLE))),
            Some(RetrainError::TooFewPeople)
        );
    }

    #[test]
    fn metrics_are_read_by_name_and_have_to_be_possible() {
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
        let nobody = Metrics::read(|name| (name == "held_out_people").then_some(0.0)).unwrap();
        assert!(!nobody.are_judgeable());
        assert!(Metrics::read(|_| None).is_err());
    }

    #[test]
    fn a_margin_is_a_share() {
        assert!(Gate::with_margin(1.0).is_none());
        assert!(Gate::with_margin(-0.1).is_none());
        assert!(Gate::with_margin(f64::NAN).is_none());
    }

    proptest! {
        #[test]
        fn a_better_model_is_never_refused_where_a_worse_one_passes(
            low in 0.0..1.0f64, more in 0.0..0.5f64, popular in 0.0..1.0f64, before in 0.0..1.0f64, people in 20..1000u32,
        ) {
            let current = metrics(before, 0.1, 100);
            let passes = |ndcg| gate().judge(&metrics(ndcg, popular, people), Some(&current)).is_ok();
            prop_assert!(!passes(low) || passes(low + more));
        }
    }
}
