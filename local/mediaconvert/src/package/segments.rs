//! Cuts a track's samples into segments of the asked length, each in fragments of the asked length.

use super::fmp4::{self, Fragment, Header, Sample};

/// How segments are cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cutting {
    pub(crate) segment_seconds: f64,
    pub(crate) fragment_seconds: f64,
    /// Segment n starts at n times the length, else as soon as one is long enough.
    pub(crate) exact: bool,
    /// Only at key frames; sound can be cut anywhere.
    pub(crate) at_keys: bool,
    /// A last segment shorter than this becomes part of the one before it.
    pub(crate) least_final_seconds: f64,
}

/// One segment's bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment {
    pub(crate) bytes: Vec<u8>,
    pub(crate) seconds: f64,
    /// Where its key frames are, for playlists of key frames.
    pub(crate) keys: Vec<KeyFrame>,
}

/// A key frame within a segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct KeyFrame {
    pub(crate) offset: usize,
    pub(crate) length: usize,
    /// From the start of the segment.
    pub(crate) seconds: f64,
}

/// A track on its way into segments.
#[derive(Debug)]
pub(crate) struct Segmenter {
    cutting: Cutting,
    track: u32,
    timescale: f64,
    hidden: i64,
    sequence: u32,
    /// Segments begun so far.
    begun: u32,
    segment_start: f64,
    fragment: Option<Fragment>,
    segment: Option<Segment>,
    /// A complete segment that a short last one may still join.
    held: Option<Segment>,
}

/// Clocks of picture and sound do not meet exactly: a millisecond early is in time.
const TOLERANCE: f64 = 0.001;

impl Segmenter {
    pub(crate) fn new(cutting: Cutting, header: &Header) -> Self {
        Self {
            cutting,
            track: header.track,
            timescale: f64::from(header.timescale),
            hidden: header.hidden,
            sequence: 0,
            begun: 0,
            segment_start: 0.0,
            fragment: None,
            segment: None,
            held: None,
        }
    }

    /// Takes in samples; returns the segments that they complete.
    pub(crate) fn push(&mut self, fragment: &Fragment) -> Vec<Segment> {
        let mut complete = Vec::new();
        let mut time = fragment.start;
        let mut at = 0;
        for sample in &fragment.samples {
            let next = at + sample.size as usize;
            complete.extend(self.push_sample(*sample, time, fragment.data.get(at..next).unwrap_or_default()));
            at = next;
            time += u64::from(sample.duration);
        }
        complete
    }

    /// The end: what is left, complete or not.
    pub(crate) fn finish(&mut self) -> Vec<Segment> {
        self.close_fragment();
        let last = self.segment.take();
        match (self.held.take(), last) {
            (Some(mut held), Some(last)) if last.seconds < self.cutting.least_final_seconds => {
                let shift = held.bytes.len();
                held.keys.extend(last.keys.iter().map(|key| KeyFrame {
                    offset: key.offset + shift,
                    seconds: key.seconds + held.seconds,
                    ..*key
                }));
                held.bytes.extend(last.bytes);
                held.seconds += last.seconds;
                vec![held]
            }
            (held, last) => held.into_iter().chain(last).collect(),
        }
    }

    fn push_sample(&mut self, sample: Sample, time: u64, data: &[u8]) -> Option<Segment> {
        #[expect(clippy::cast_precision_loss, reason = "ticks of a film are far below 2^52")]
        let shown = (time.cast_signed() + i64::from(sample.offset) - self.hidden) as f64 / self.timescale;
        let mut complete = None;
        let may_cut = !self.cutting.at_keys || sample.is_key();
        if may_cut && self.starts_segment(shown) {
            self.close_fragment();
            complete = self.begin_segment(shown);
        } else if may_cut && self.starts_fragment(shown) {
            self.close_fragment();
        }
        let fragment = self.fragment.get_or_insert_with(|| Fragment {
            start: time,
            samples: Vec::new(),
            data: Vec::new(),
        });
        fragment.samples.push(sample);
        fragment.data.extend_from_slice(data);
        complete
    }

    fn starts_segment(&self, shown: f64) -> bool {
        let boundary = if self.cutting.exact {
            f64::from(self.begun) * self.cutting.segment_seconds
        } else {
            self.segment_start + self.cutting.segment_seconds
        };
        self.begun == 0 || shown + TOLERANCE >= boundary
    }

    fn starts_fragment(&self, shown: f64) -> bool {
        self.fragment.as_ref().is_some_and(|fragment| {
            let ticks: u64 = fragment.samples.iter().map(|sample| u64::from(sample.duration)).sum();
            #[expect(clippy::cast_precision_loss, reason = "ticks of a fragment are far below 2^52")]
            let seconds = ticks as f64 / self.timescale;
            shown >= 0.0 && seconds + TOLERANCE >= self.cutting.fragment_seconds
        })
    }

    fn begin_segment(&mut self, shown: f64) -> Option<Segment> {
        // A source may skip over a whole segment's time; numbers go on without a gap all the same.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        let passed = ((shown + TOLERANCE).max(0.0) / self.cutting.segment_seconds).floor() as u32 + 1;
        self.begun = if self.cutting.exact {
            passed.max(self.begun + 1)
        } else {
            self.begun + 1
        };
        self.segment_start = shown;
        let complete = self.segment.replace(Segment {
            bytes: Vec::new(),
            seconds: 0.0,
            keys: Vec::new(),
        });
        if self.cutting.least_final_seconds > 0.0 {
            let held = self.held.take();
            self.held = complete;
            held
        } else {
            complete
        }
    }

    fn close_fragment(&mut self) {
        let (Some(fragment), Some(segment)) = (self.fragment.take(), self.segment.as_mut()) else {
            return;
        };
        self.sequence += 1;
        if fragment.samples.first().is_some_and(|sample| sample.is_key()) {
            let offset = segment.bytes.len();
            segment.keys.push(KeyFrame {
                offset,
                length: fmp4::key_frame_length(&fragment),
                seconds: segment.seconds,
            });
        }
        let ticks: u64 = fragment.samples.iter().map(|sample| u64::from(sample.duration)).sum();
        #[expect(clippy::cast_precision_loss, reason = "ticks of a fragment are far below 2^52")]
        let seconds = ticks as f64 / self.timescale;
        segment.seconds += seconds;
        segment
            .bytes
            .extend(fmp4::write_fragment(self.sequence, self.track, &fragment));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUTTING: Cutting = Cutting {
        segment_seconds: 6.0,
        fragment_seconds: 2.0,
        exact: true,
        at_keys: true,
        least_final_seconds: 0.0,
    };

    /// A film of 24 frames a second with a key frame every so many.
    fn lengths(cutting: Cutting, frames: u32, gop: u32) -> Vec<f64> {
        let header = Header {
            track: 1,
            timescale: 24,
            ..Header::default()
        };
        let mut segmenter = Segmenter::new(cutting, &header);
        let mut segments = Vec::new();
        for frame in 0..frames {
            let flags = if frame % gop == 0 { 0 } else { 0x0001_0000 };
            let sample = Sample {
                duration: 1,
                size: 1,
                flags,
                offset: 0,
            };
            let fragment = Fragment {
                start: u64::from(frame),
                samples: vec![sample],
                data: vec![1],
            };
            segments.extend(segmenter.push(&fragment));
        }
        segments.extend(segmenter.finish());
        segments.iter().map(|segment| segment.seconds).collect()
    }

    #[test]
    fn exact_segments_start_at_multiples() {
        assert_eq!(lengths(CUTTING, 480, 48), [6.0, 6.0, 6.0, 2.0]);
    }

    #[test]
    fn multiples_of_the_gop_are_rounded_up() {
        assert_eq!(
            lengths(
                Cutting {
                    exact: false,
                    ..CUTTING
                },
                480,
                96
            ),
            [8.0, 8.0, 4.0]
        );
    }

    #[test]
    fn a_short_end_joins_the_segment_before() {
        assert_eq!(
            lengths(
                Cutting {
                    least_final_seconds: 3.0,
                    ..CUTTING
                },
                480,
                48
            ),
            [6.0, 6.0, 8.0]
        );
        assert_eq!(
            lengths(
                Cutting {
                    least_final_seconds: 1.0,
                    ..CUTTING
                },
                480,
                48
            ),
            [6.0, 6.0, 6.0, 2.0]
        );
    }

    #[test]
    fn sound_is_cut_at_any_frame() {
        assert_eq!(
            lengths(
                Cutting {
                    at_keys: false,
                    ..CUTTING
                },
                300,
                7
            ),
            [6.0, 6.0, 0.5]
        );
    }

    #[test]
    fn key_frames_are_known_by_their_place() {
        let header = Header {
            track: 1,
            timescale: 24,
            ..Header::default()
        };
        let mut segmenter = Segmenter::new(CUTTING, &header);
        let samples: Vec<Sample> = (0..144)
            .map(|frame| Sample {
                duration: 1,
                size: 2,
                flags: if frame % 48 == 0 { 0 } else { 0x0001_0000 },
                offset: 0,
            })
            .collect();
        segmenter.push(&Fragment {
            start: 0,
            samples,
            data: vec![0; 288],
        });
        let segment = segmenter.finish().pop().unwrap();
        assert_eq!(
            segment.keys.iter().map(|key| key.seconds).collect::<Vec<_>>(),
            [0.0, 2.0, 4.0]
        );
        for key in &segment.keys {
            assert_eq!(&segment.bytes[key.offset + 4..key.offset + 8], b"moof");
        }
    }
}
