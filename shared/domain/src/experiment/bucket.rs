//! The participants and their models, drawn from the ids of experiment and account: the draw is the same on every device and in every
//! function, and independent of other experiments.

use kernel::{Timestamp, id::AccountId};
use sha2::{Digest as _, Sha256};

use super::{Arm, Design, Experiment};

/// The models that a participant gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// One model.
    Arm(Arm),
    /// Both, in turns.
    Interleaved,
}

impl Experiment {
    /// The assignment of this person at `now`; `None` if they do not take part, or if the experiment's days are over.
    #[must_use]
    pub fn assign_at(&self, account: AccountId, now: Timestamp) -> Option<Assignment> {
        self.assign(account).filter(|_| now < self.ends_at())
    }

    /// The assignment of this person while the experiment runs; `None` if they do not take part.
    #[must_use]
    pub fn assign(&self, account: AccountId) -> Option<Assignment> {
        let drawn = Sha256::digest(format!("{} {account}", self.experiment_id));
        let [participation, arm, ..] = drawn.as_chunks().0 else {
            return None;
        };
        if u64::from_be_bytes(*participation) % 100 >= u64::from(self.share_percent) {
            return None;
        }

        Some(match self.design {
            Design::Interleaving => Assignment::Interleaved,
            Design::Split if u64::from_be_bytes(*arm).is_multiple_of(2) => Assignment::Arm(Arm::Current),
            Design::Split => Assignment::Arm(Arm::Challenger),
        })
    }
}
