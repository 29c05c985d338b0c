//! How sure a mean is, however often one looks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A mean, and between what the true one is. It holds at all times together, so that one may look every hour and stop when
/// one likes, where a usual confidence interval is right only for who looks once.
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
    /// Of these observations; nothing of fewer than two.
    #[must_use]
    pub fn of(observations: &[f64], planned: u32, error: f64) -> Option<Self> {
        let count = observations.len();
        if count < 2 {
            return None;
        }
        let t = size(count);
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

/// Of observations whose deviation is 1.
fn margin(t: f64, planned: f64, error: f64) -> f64 {
    let surprise = -2.0 * error.ln();
    let rho2 = (surprise + (surprise + 1.0).ln()) / planned;
    let grown = t * rho2 + 1.0;

    (2.0 * grown * (grown.sqrt() / error).ln() / (t * t * rho2)).sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 people")]
pub(super) const fn size(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: ρ² = (5.9915 + ln 6.9915) / 1000 = 0.0079362, grown = 8.9362,
    /// √(2 · 8.9362 · ln(2.98935 / 0.05) / (10⁶ · 0.0079362)) = 0.095987.
    #[test]
    fn a_margin_is_what_the_paper_says() {
        assert!(
            (margin(1_000.0, 1_000.0, 0.05) - 0.095_987).abs() < 1e-5,
            "{}",
            margin(1_000.0, 1_000.0, 0.05)
        );
    }

    #[test]
    fn it_is_wider_than_for_who_looks_once_and_gets_narrower() {
        for t in [100.0, 1_000.0, 100_000.0] {
            let once = 1.96 / f64::sqrt(t);
            assert!(margin(t, 1_000.0, 0.05) > once && margin(t, 1_000.0, 0.05) < 3.0 * once);
        }
        assert!(margin(2_000.0, 1_000.0, 0.05) < margin(1_000.0, 1_000.0, 0.05));
    }

    #[test]
    fn of_too_little_nothing_is_said() {
        assert_eq!(Interval::of(&[1.0], 100, 0.05), None);
        let same = Interval::of(&[2.0, 2.0], 100, 0.05).unwrap();
        assert!(same.low > 0.0 && same.low >= same.mean);
    }

    /// Everybody looks after each person from the hundredth on and stops at the first surprise. Without a difference that may
    /// happen to one in twenty.
    #[test]
    fn who_looks_all_the_time_is_seldom_deceived() {
        let mut state = 1u64;
        let mut toss = || {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            if (mixed ^ (mixed >> 31)) & 1 == 0 { -1.0 } else { 1.0 }
        };
        let mut deceived = [0, 0];
        for _ in 0..400 {
            let (mut sum, mut surprised) = (0.0, [false, false]);
            for t in 1..=1_000 {
                sum += toss();
                let (t, mean) = (f64::from(t), f64::abs(sum) / f64::from(t));
                if t >= 100.0 {
                    surprised[0] |= mean > margin(t, 1_000.0, 0.05);
                    surprised[1] |= mean > 1.96 / t.sqrt();
                }
            }
            deceived[0] += u32::from(surprised[0]);
            deceived[1] += u32::from(surprised[1]);
        }

        assert!(deceived[0] <= 20, "{deceived:?} of 400");
        assert!(
            deceived[1] > 60,
            "a usual interval deceives who keeps looking: {deceived:?}"
        );
    }
}
