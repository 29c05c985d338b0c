//! Start and end of tracks, from the times of their packets.

use std::collections::BTreeMap;

/// The number of a track's latest packets that are kept: enough to sort them by presentation time.
const MAX_LATEST: usize = 64;

/// A packet of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Packet {
    pub(super) stream: u32,
    pub(super) time: f64,
    pub(super) length: f64,
}

/// Start and end of a track.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ends {
    /// The earliest presentation time.
    pub(super) first: f64,
    count: u64,
    /// The latest packets, by time.
    latest: Vec<Packet>,
}

/// Start and end of all tracks, by index.
#[derive(Debug, Default)]
pub(super) struct AllEnds(BTreeMap<u32, Ends>);

impl AllEnds {
    /// Adds a packet.
    pub(super) fn add(&mut self, packet: Packet) {
        let ends = self.0.entry(packet.stream).or_insert_with(|| Ends {
            first: packet.time,
            count: 0,
            latest: Vec::new(),
        });
        ends.first = ends.first.min(packet.time);
        ends.count += 1;
        let place = ends.latest.partition_point(|other| other.time <= packet.time);
        ends.latest.insert(place, packet);
        if ends.latest.len() > MAX_LATEST {
            ends.latest.remove(0);
        }
    }

    pub(super) fn get(&self, stream: u32) -> Option<&Ends> {
        self.0.get(&stream)
    }

    /// The earliest start and the latest end.
    pub(super) fn whole(&self) -> Option<(f64, f64)> {
        let first = self.0.values().map(|ends| ends.first).min_by(f64::total_cmp)?;
        let end = self.0.values().map(Ends::stated_end).max_by(f64::total_cmp)?;
        Some((first, end))
    }
}

impl Ends {
    /// The mean distance between packets, if there are enough.
    pub(super) fn mean_gap(&self) -> Option<f64> {
        let last = self.latest.last()?;
        #[expect(clippy::cast_precision_loss, reason = "a film has fewer than 2^52 packets")]
        let gaps = (self.count - 1) as f64;
        Some((last.time - self.first) / gaps).filter(|gap| self.count > 2 && *gap > 0.0)
    }

    /// The latest presentation time.
    pub(super) fn last(&self) -> f64 {
        self.latest.last().map_or(self.first, |packet| packet.time)
    }

    /// The latest end of a packet, by its stated length.
    pub(super) fn stated_end(&self) -> f64 {
        self.latest
            .iter()
            .map(|packet| packet.time + packet.length)
            .fold(self.first, f64::max)
    }

    /// The end of the last picture. Containers with times in milliseconds state no length for it, and at a variable rate the mean
    /// is useless: so it lasts as long as the previous one, but no longer than a picture at the track's rate.
    pub(super) fn picture_end(&self, rate: Option<f64>) -> f64 {
        let Some(last) = self.latest.last() else {
            return self.first;
        };
        let before = self.latest.iter().rev().find(|packet| packet.time < last.time);
        let usual = rate.filter(|rate| *rate > 0.0).map_or(f64::MAX, |rate| 1.0 / rate);
        last.time + before.map_or(last.length, |before| last.time - before.time).min(usual)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ends(times: &[f64]) -> Ends {
        let mut all = AllEnds::default();
        for time in times {
            all.add(Packet {
                stream: 0,
                time: *time,
                length: 0.001,
            });
        }
        all.get(0).unwrap().clone()
    }

    #[test]
    fn a_pause_before_the_end_does_not_lengthen_the_last_picture() {
        let screen = ends(&[0.0, 0.033, 2.0, 5.0, 7.9, 7.933]);
        assert!((screen.picture_end(Some(30.0)) - 7.966).abs() < 1e-9);
        let held = ends(&[0.0, 0.033, 2.0, 5.0]);
        assert!((held.picture_end(Some(30.0)) - (5.0 + 1.0 / 30.0)).abs() < 1e-9);
    }

    #[test]
    fn the_whole_is_from_the_earliest_start_to_the_latest_end() {
        let mut all = AllEnds::default();
        for (stream, time, length) in [(0, 0.1, 0.04), (1, -0.02, 0.02), (1, 3.0, 0.02), (0, 2.0, 0.04)] {
            all.add(Packet { stream, time, length });
        }
        assert_eq!(all.whole(), Some((-0.02, 3.02)));
    }

    proptest! {
        #[test]
        fn the_end_is_within_one_usual_picture_of_the_last_one(
            gaps in prop::collection::vec(0.001f64..3.0, 1..200), rate in 1.0f64..60.0,
        ) {
            let mut times = vec![0.0];
            for gap in gaps {
                // Decoding order: every other pair is swapped.
                times.push(times.iter().copied().fold(0.0, f64::max) + gap);
            }
            let last = times.iter().copied().fold(0.0, f64::max);
            for pair in times.chunks_exact_mut(2) {
                pair.swap(0, 1);
            }
            let end = ends(&times).picture_end(Some(rate));
            prop_assert!(end >= last && end - last <= 1.0 / rate + 1e-9, "{end} {last}");
        }
    }
}
