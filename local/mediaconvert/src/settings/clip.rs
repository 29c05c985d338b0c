//! Input clipping: the part of the source that is transcoded.

use serde::Deserialize;

/// A part of the source, up to and including a frame.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InputClipping {
    pub(crate) end_timecode: Option<Timecode>,
}

/// `HH:MM:SS:FF`, counted from the source's first frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Timecode {
    seconds: u32,
    frame: u32,
}

impl Timecode {
    /// The end of this timecode's frame in seconds, at `rate` frames per second. A timecode counts frames: each of its seconds has
    /// the nearest whole number of them.
    pub(crate) fn end(self, rate: f64) -> f64 {
        let frames_per_second = rate.round().max(1.0);
        (f64::from(self.seconds) * frames_per_second + f64::from(self.frame) + 1.0) / rate.max(0.001)
    }
}

impl TryFrom<String> for Timecode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts: Vec<u32> = text.split([':', ';']).filter_map(|part| part.parse().ok()).collect();
        match parts.as_slice() {
            [hours, minutes, seconds, frame] => Ok(Self {
                seconds: (hours * 60 + minutes) * 60 + seconds,
                frame: *frame,
            }),
            _ => Err(format!("{text} is not a timecode (HH:MM:SS:FF)")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str, rate: f64) -> f64 {
        Timecode::try_from(text.to_owned()).unwrap().end(rate)
    }

    #[test]
    fn a_timecode_counts_frames_and_includes_its_own() {
        assert!((end("00:00:02:00", 25.0) - 2.04).abs() < 1e-9);
        assert!((end("01:00:00:24", 25.0) - 3601.0).abs() < 1e-9);
        // At 29.97 frames a second a timecode second has 30 frames.
        assert!((end("00:01:00:00", 30_000.0 / 1001.0) - 1801.0 * 1001.0 / 30_000.0).abs() < 1e-9);
        assert!(Timecode::try_from("00:00:02".to_owned()).is_err());
    }
}
