//! Who takes part, and with which model: drawn from the ids of experiment and account, so that it is the same on every device
//! and in every function, and in another experiment another.

use kernel::{Timestamp, id::AccountId};
use sha2::{Digest as _, Sha256};

use super::{Arm, Design, Experiment};

/// What somebody who takes part gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// One model.
    Arm(Arm),
    /// Both, taking turns.
    Interleaved,
}

impl Experiment {
    /// What this person gets now; nothing if they do not take part, or if its days are over.
    #[must_use]
    pub fn assign_at(&self, account: AccountId, now: Timestamp) -> Option<Assignment> {
        self.assign(account).filter(|_| now < self.ends_at())
    }

    /// What this person gets as long as it goes on; nothing if they do not take part.
    #[must_use]
    pub fn assign(&self, account: AccountId) -> Option<Assignment> {
        let drawn = Sha256::digest(format!("{} {account}", self.experiment_id));
        let [taking_part, arm, ..] = drawn.as_chunks().0 else {
            return None;
        };
        if u64::from_be_bytes(*taking_part) % 100 >= u64::from(self.share_percent) {
            return None;
        }

        Some(match self.design {
            Design::Interleaving => Assignment::Interleaved,
            Design::Split if u64::from_be_bytes(*arm).is_multiple_of(2) => Assignment::Arm(Arm::Current),
            Design::Split => Assignment::Arm(Arm::Challenger),
        })
    }
}
