//! A confidence interval that is valid however often it is checked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A mean, and the interval of the true mean. It is valid at all times together: one may check it every hour and stop at any time.
/// A usual confidence interval is valid for one check only.
///
/// An asymptotic confidence sequence: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, *Time-uniform central limit theory and
/// asymptotic confidence sequences* (Annals of Statistics 52, 2024), theorem 2.2, tightest at `planned` observations (its
/// appendix on the choice of ρ).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// At least this.
    pub low: f64,
    /// At most this.
    pub high: f64,
}

impl Interval {
    /// The interval of these observations; `None` for fewer than two.
    #[must_use]
    pub fn from_observations(observations: &[f64], planned: u32, error: f64) -> Option<Self> {
        let count = observations.len();
        if count < 2 {
            return None;
        }
        let t = to_f64(count);
        let mean = observations.iter().sum::<f64>() / t;
        let squares: f64 = observations.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (squares / (t - 1.0)).sqrt();
        let half = deviation * margin(t, f64::from(planned.max(2)), error);

        Some(Self {
            mean,
            low: mean - half,
            high: mean + half,
        })
    }
}

/// Half the width of the interval, for observations whose deviation is 1.
fn margin(t: f64, planned: f64, error: f64) -> f64 {
    let surprise = -2.0 * error.ln();
    let rho2 = (surprise + (surprise + 1.0).ln()) / planned;
    let grown = t * rho2 + 1.0;

    (2.0 * grown * (grown.sqrt() / error).ln() / (t * t * rho2)).sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 people")]
pub(super) const fn to_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by hand: ρ² = (5.9915 + ln 6.9915) / 1000 = 0.0079362, grown = 8.9362,
    /// √(2 · 8.9362 · ln(2.98935 / 0.05) / (10⁶ · 0.0079362)) = 0.095987.
    #[test]
    fn the_margin_is_that_of_the_paper() {
        assert!(
            (margin(1_000.0, 1_000.0, 0.05) - 0.095_987).abs() < 1e-5,
            "{}",
            margin(1_000.0, 1_000.0, 0.05)
        );
    }

    #[test]
    fn the_margin_is_wider_than_for_one_check_and_gets_narrower() {
        for t in [100.0, 1_000.0, 100_000.0] {
            let one_check = 1.96 / f64::sqrt(t);
            assert!(margin(t, 1_000.0, 0.05) > one_check && margin(t, 1_000.0, 0.05) < 3.0 * one_check);
        }
        assert!(margin(2_000.0, 1_000.0, 0.05) < margin(1_000.0, 1_000.0, 0.05));
    }

    #[test]
    fn fewer_than_two_observations_have_no_interval() {
        assert_eq!(Interval::from_observations(&[1.0], 100, 0.05), None);
        let same = Interval::from_observations(&[2.0, 2.0], 100, 0.05).unwrap();
        assert!(same.low > 0.0 && same.low >= same.mean);
    }

    /// Each of 400 experiments is checked after each person from the hundredth on, and stops at the first significant difference. There
    /// is none in truth, so that one in twenty may find one.
    #[test]
    fn constant_checking_seldom_finds_a_difference_that_is_none() {
        let mut state = 1u64;
        let mut toss = || {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            if (mixed ^ (mixed >> 31)) & 1 == 0 { -1.0 } else { 1.0 }
        };
        let mut wrong = [0, 0];
        for _ in 0..400 {
            let (mut sum, mut significant) = (0.0, [false, false]);
            for t in 1..=1_000 {
                sum += toss();
                let (t, mean) = (f64::from(t), f64::abs(sum) / f64::from(t));
                if t >= 100.0 {
                    significant[0] |= mean > margin(t, 1_000.0, 0.05);
                    significant[1] |= mean > 1.96 / t.sqrt();
                }
            }
            wrong[0] += u32::from(significant[0]);
            wrong[1] += u32::from(significant[1]);
        }

        assert!(wrong[0] <= 20, "{wrong:?} of 400");
        assert!(
            wrong[1] > 60,
            "a usual interval is wrong under constant checking: {wrong:?}"
        );
    }
}
