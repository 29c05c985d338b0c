//! Experiments for tests.

use kernel::{Timestamp, id::ExperimentId};

use super::{Design, Experiment, Metric, StopRule};

/// A split of half of the people between the models `current` and `challenger`, for two weeks or until 1,000 people took part.
#[must_use]
pub fn experiment(started_at: Timestamp) -> Experiment {
    Experiment {
        experiment_id: ExperimentId::mint(started_at),
        name: "More dimensions".to_owned(),
        design: Design::Split,
        metric: Metric::Watched,
        share_percent: 50,
        stop: StopRule {
            people: 1_000,
            days: 14,
            window_days: 7,
        },
        current: "current".to_owned(),
        challenger: "challenger".to_owned(),
        started_at,
    }
}
