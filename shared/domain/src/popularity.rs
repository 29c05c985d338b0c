//! How popular a title is: each person who watched or liked it counts once, and half as much a week later.
//!
//! Scores that decay would have to be written again and again. Instead, later people count more (*forward decay*: Cormode,
//! Shkapenyuk, Srivastava, Xu, 2009), which gives the same order of titles. These weights double every week, so that the logarithm
//! of their sum is stored.

use kernel::Timestamp;

/// How popular a title is: the logarithm, to the base of 2, of the sum of its people's weights.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct PopularityScore(f64);

/// A week.
const HALF_LIFE_SECONDS: f64 = 7.0 * 24.0 * 3_600.0;

impl PopularityScore {
    /// The score of a title that one person watched or liked.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of some thousand years")]
    pub fn from_one_person(at: Timestamp) -> Self {
        Self(at.as_millisecond() as f64 / 1_000.0 / HALF_LIFE_SECONDS)
    }

    /// A stored score.
    #[must_use]
    pub const fn from_log2(log2: f64) -> Self {
        Self(log2)
    }

    /// The score as it is stored.
    #[must_use]
    pub const fn log2(self) -> f64 {
        self.0
    }

    /// The score of the people of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let (more, less) = (self.0.max(other.0), self.0.min(other.0));

        Self(more + (less - more).exp2().ln_1p() / std::f64::consts::LN_2)
    }

    /// A text of fixed width that sorts like the score.
    #[must_use]
    pub fn sort_key(self) -> String {
        format!("{:016.9}", self.0.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(day: i64) -> PopularityScore {
        PopularityScore::from_one_person(Timestamp::from_second(1_795_000_000 + day * 86_400).unwrap())
    }

    fn people(days: &[i64]) -> PopularityScore {
        days.iter()
            .map(|each| day(*each))
            .reduce(PopularityScore::plus)
            .unwrap()
    }

    #[test]
    fn two_people_of_last_week_are_as_many_as_one_of_this_week() {
        assert!((people(&[0, 0]).log2() - people(&[7]).log2()).abs() < 1e-9);
        assert!(people(&[0, 0]) > people(&[6]) && people(&[0, 0]) < people(&[8]));
        assert!(people(&[0; 100]) > people(&[40]));
    }

    proptest! {
        #[test]
        fn sort_keys_have_the_order_of_scores(a in 0_i64..9_000, b in 0_i64..9_000) {
            prop_assert_eq!(day(a).sort_key().cmp(&day(b).sort_key()), a.cmp(&b));
        }

        #[test]
        fn the_order_of_people_does_not_matter(days in proptest::collection::vec(0_i64..400, 1..40)) {
            let (mut sorted, score) = (days.clone(), people(&days));
            sorted.sort_unstable();

            prop_assert!((people(&sorted).log2() - score.log2()).abs() < 1e-9);
        }
    }
}
