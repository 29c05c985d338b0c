//! Cuts the samples of a track into segments, and segments into fragments.

use super::fmp4::{self, Fragment, Header, Sample};

/// The lengths of segments and fragments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cutting {
    pub(crate) segment_seconds: f64,
    pub(crate) fragment_seconds: f64,
    /// Segments begin at multiples of the length; otherwise each is at least that long.
    pub(crate) exact: bool,
    /// Cuts are at key frames only; audio can be cut anywhere.
    pub(crate) at_keys: bool,
    /// A last segment shorter than this is appended to the previous one.
    pub(crate) min_final_seconds: f64,
}

/// A segment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment {
    pub(crate) bytes: Vec<u8>,
    pub(crate) seconds: f64,
    /// Its key frames, for playlists of key frames.
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

/// Cuts one track.
#[derive(Debug)]
pub(crate) struct Segmenter {
    cutting: Cutting,
    track: u32,
    timescale: f64,
    hidden: i64,
    sequence: u32,
    /// The number of segments so far.
    started: u32,
    segment_start: f64,
    fragment: Option<Fragment>,
    segment: Option<Segment>,
    /// A complete segment that a short last one may be appended to.
    pending: Option<Segment>,
}

/// Times of picture and audio differ by rounding: a millisecond early is in time.
const TOLERANCE: f64 = 0.001;

impl Segmenter {
    pub(crate) fn new(cutting: Cutting, header: &Header) -> Self {
        Self {
            cutting,
            track: header.track,
            timescale: f64::from(header.timescale),
            hidden: header.hidden,
            sequence: 0,
            started: 0,
            segment_start: 0.0,
            fragment: None,
            segment: None,
            pending: None,
        }
    }

    /// Adds samples; returns the segments that they complete.
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

    /// Returns the remaining segments.
    pub(crate) fn finish(&mut self) -> Vec<Segment> {
        self.close_fragment();
        let last = self.segment.take();
        match (self.pending.take(), last) {
            (Some(mut held), Some(last)) if last.seconds < self.cutting.min_final_seconds => {
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
            f64::from(self.started) * self.cutting.segment_seconds
        } else {
            self.segment_start + self.cutting.segment_seconds
        };
        self.started == 0 || shown + TOLERANCE >= boundary
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
        // A source may have a gap of a segment's length; segment numbers have none.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        let passed = ((shown + TOLERANCE).max(0.0) / self.cutting.segment_seconds).floor() as u32 + 1;
        self.started = if self.cutting.exact {
            passed.max(self.started + 1)
        } else {
            self.started + 1
        };
        self.segment_start = shown;
        let complete = self.segment.replace(Segment {
            bytes: Vec::new(),
            seconds: 0.0,
            keys: Vec::new(),
        });
        if self.cutting.min_final_seconds > 0.0 {
            let held = self.pending.take();
            self.pending = complete;
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
        min_final_seconds: 0.0,
    };

    /// The segments of a film of 24 frames per second, with a key frame every `gop` frames.
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
    fn a_short_last_segment_is_appended_to_the_previous_one() {
        assert_eq!(
            lengths(
                Cutting {
                    min_final_seconds: 3.0,
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
                    min_final_seconds: 1.0,
                    ..CUTTING
                },
                480,
                48
            ),
            [6.0, 6.0, 6.0, 2.0]
        );
    }

    #[test]
    fn audio_is_cut_at_any_frame() {
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
    fn key_frames_are_located() {
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
