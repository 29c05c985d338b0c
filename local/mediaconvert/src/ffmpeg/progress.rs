//! FFmpeg's `-progress` output: `key=value` lines, a block twice a second.

/// The progress of a transcoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) frames: u64,
    pub(crate) microseconds: u64,
}

impl Progress {
    /// Reads one line; true if it shows progress.
    pub(crate) fn read(&mut self, line: &str) -> bool {
        let before = *self;
        match line.split_once('=') {
            Some(("frame", value)) => self.frames = value.trim().parse().unwrap_or(self.frames),
            Some(("out_time_us", value)) => {
                // `N/A` until the first frame is written.
                self.microseconds = value.trim().parse().unwrap_or(self.microseconds).max(self.microseconds);
            }
            _ => {}
        }
        *self != before
    }

    /// In percent of a film of this length; at most 99 until it ends.
    pub(crate) fn percent(&self, seconds: f64) -> u8 {
        #[expect(clippy::cast_precision_loss, reason = "a film is shorter than 2^52 microseconds")]
        let share = self.microseconds as f64 / 1e4 / seconds.max(0.001);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=99"
        )]
        let percent = share.clamp(0.0, 99.0) as u8;
        percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_grows_and_ignores_other_lines() {
        let mut progress = Progress::default();
        assert!(!progress.read("out_time_us=N/A"));
        assert!(progress.read("frame=48"));
        assert!(progress.read("out_time_us=2000000"));
        assert!(!progress.read("speed=3x"));
        assert!(!progress.read("out_time_us=1000000"));
        assert_eq!(progress.percent(4.0), 50);
        assert_eq!(progress.percent(1.0), 99);
        assert_eq!(progress.percent(0.0), 99);
    }
}
