//! Cuts a file into parts. The service decides their size; the last part has the rest.

/// A part; numbers begin at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PartRange {
    pub(super) number: u32,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// Every part of a file, in order.
pub(super) fn cut(size_bytes: u64, part_size: u64) -> impl Iterator<Item = PartRange> {
    let part_size = part_size.max(1);
    (1..)
        .zip((0..size_bytes).step_by(usize::try_from(part_size).unwrap_or(usize::MAX)))
        .map(move |(number, offset)| PartRange {
            number,
            offset,
            length: part_size.min(size_bytes - offset),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_last_part_has_the_rest() {
        let parts: Vec<_> = cut(20, 8).collect();
        assert_eq!(
            parts[2],
            PartRange {
                number: 3,
                offset: 16,
                length: 4
            }
        );
        assert_eq!(parts.len(), 3);
        assert_eq!(cut(16, 8).count(), 2);
        assert_eq!(cut(0, 8).count(), 0);
    }

    proptest! {
        #[test]
        fn parts_cover_the_file_without_gap_or_overlap(size in 0u64..1_000_000_000, part_size in 1_000u64..100_000_000) {
            let mut next = 0;
            for (number, part) in (1..).zip(cut(size, part_size).take(10_000)) {
                prop_assert_eq!((part.number, part.offset), (number, next));
                prop_assert!(part.length > 0 && part.length <= part_size);
                next += part.length;
            }
            prop_assert!(next == size || part_size * 10_000 < size);
        }
    }
}
