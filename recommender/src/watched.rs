//! How much a watched part of a title says about a person's taste. Training and serving share it, so that they cannot differ.

/// The share of a title from which on a person counts as having watched it: less is a look.
pub(crate) const MIN_WATCHED_FRACTION: f64 = 0.05;

/// The weight of a watched share.
pub(crate) fn weight(share: f64) -> f64 {
    if share < MIN_WATCHED_FRACTION { 0.0 } else { share }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_has_no_weight() {
        for (fraction, expected) in [(0.0_f64, 0.0_f64), (0.049, 0.0), (0.05, 0.05), (1.0, 1.0)] {
            assert!((weight(fraction) - expected).abs() < f64::EPSILON, "{fraction}");
        }
    }
}
