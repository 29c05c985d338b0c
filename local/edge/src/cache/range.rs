//! The `Range` header.

/// The bytes of an object that a header requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    /// No range, or one that CloudFront does not honour: the whole object, 200.
    Whole,
    /// These bytes, inclusive: 206.
    Part {
        /// The first byte.
        first: u64,
        /// The last byte.
        last: u64,
    },
    /// No byte of the object: 416.
    Unsatisfiable,
}

/// Parses `bytes=0-99`, `bytes=100-` and `bytes=-100`. Several or malformed ranges mean the whole object.
pub(crate) fn parse(header: Option<&str>, length: u64) -> Range {
    let Some(set) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else {
        return Range::Whole;
    };
    let Some((first, last)) = set.split_once('-').filter(|_| !set.contains(',')) else {
        return Range::Whole;
    };
    match (number(first), number(last)) {
        (Bound::Is(first), Bound::Is(last)) if first > last => Range::Whole,
        (Bound::Is(first), _) if first >= length => Range::Unsatisfiable,
        (Bound::Is(first), Bound::Is(last)) => Range::Part {
            first,
            last: last.min(length - 1),
        },
        (Bound::Is(first), Bound::Open) => Range::Part {
            first,
            last: length - 1,
        },
        (Bound::Open, Bound::Is(0)) => Range::Unsatisfiable,
        (Bound::Open, Bound::Is(_)) if length == 0 => Range::Unsatisfiable,
        (Bound::Open, Bound::Is(suffix)) => Range::Part {
            first: length.saturating_sub(suffix),
            last: length - 1,
        },
        _ => Range::Whole,
    }
}

enum Bound {
    Open,
    Is(u64),
    Malformed,
}

fn number(text: &str) -> Bound {
    match text.trim() {
        "" => Bound::Open,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Bound::Is(digits.parse().unwrap_or(u64::MAX)),
        _ => Bound::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_parsed_as_in_the_standard() {
        for (header, length, expected) in [
            (None, 10, Range::Whole),
            (Some("bytes=0-4"), 10, Range::Part { first: 0, last: 4 }),
            (Some("bytes=5-"), 10, Range::Part { first: 5, last: 9 }),
            (Some("bytes=-3"), 10, Range::Part { first: 7, last: 9 }),
            (Some("bytes=-30"), 10, Range::Part { first: 0, last: 9 }),
            (Some("bytes=8-99"), 10, Range::Part { first: 8, last: 9 }),
            (Some("bytes=9-9"), 10, Range::Part { first: 9, last: 9 }),
            (Some("bytes=10-"), 10, Range::Unsatisfiable),
            (Some("bytes=99999999999999999999999-"), 10, Range::Unsatisfiable),
            (Some("bytes=-0"), 10, Range::Unsatisfiable),
            (Some("bytes=0-"), 0, Range::Unsatisfiable),
            (Some("bytes=-1"), 0, Range::Unsatisfiable),
            (Some("bytes=4-2"), 10, Range::Whole),
            (Some("bytes=0-1,4-5"), 10, Range::Whole),
            (Some("bytes=a-b"), 10, Range::Whole),
            (Some("bytes=--1"), 10, Range::Whole),
            (Some("bytes=-"), 10, Range::Whole),
            (Some("items=0-1"), 10, Range::Whole),
        ] {
            assert_eq!(parse(header, length), expected, "{header:?} of {length}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_never_outside_the_object(header in "bytes=[0-9]{0,6}-[0-9]{0,6}", length in 0_u64..2_000_000) {
            if let Range::Part { first, last } = parse(Some(&header), length) {
                prop_assert!(first <= last && last < length, "{} {} of {}", first, last, length);
            }
        }

        #[test]
        fn every_byte_can_be_asked_for(length in 1_u64..100_000, at in 0_u64..100_000) {
            prop_assume!(at < length);
            prop_assert_eq!(parse(Some(&format!("bytes={at}-{at}")), length), Range::Part { first: at, last: at });
        }

        #[test]
        fn the_pieces_of_a_download_tile_the_object(length in 1_u64..100_000, step in 1_u64..5_000) {
            let mut next = 0;
            while next < length {
                let header = format!("bytes={next}-{}", next + step - 1);
                let Range::Part { first, last } = parse(Some(&header), length) else {
                    return Err(TestCaseError::fail("a piece is missing"));
                };
                prop_assert_eq!(first, next);
                next = last + 1;
            }
            prop_assert_eq!(next, length);
        }
    }
}
