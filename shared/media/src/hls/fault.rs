//! The faults that an output can have.

use std::fmt;

use domain::ingest::ADVICE_TO_RUN_AGAIN;

/// A fault of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A playlist cannot be parsed.
    PlaylistUnreadable {
        /// The playlist's key.
        key: String,
    },
    /// A playlist that another one names does not exist.
    PlaylistMissing {
        /// The playlist's key.
        key: String,
    },
    /// A playlist names a file that does not belong to the title.
    ForeignUri {
        /// The URI.
        uri: String,
    },
    /// A planned rendition is missing in the master playlist.
    RungMissing {
        /// The rung's name, `1280x720`.
        rung: String,
    },
    /// The master playlist has a rendition that was not planned.
    Unplanned {
        /// The rendition's URI.
        uri: String,
    },
    /// The audio renditions are not as planned.
    AudioWrong {
        /// What is wrong.
        what: String,
    },
    /// An attribute is wrong.
    AttributeFalse {
        /// The rendition's URI.
        uri: String,
        /// The attribute's name, such as `CODECS`.
        attribute: &'static str,
        /// The declared value.
        says: String,
        /// The actual value.
        is: String,
    },
    /// A segment does not exist.
    SegmentMissing {
        /// The segment's key.
        key: String,
    },
    /// A segment is empty, or smaller than its byte range.
    SegmentEmpty {
        /// The segment's key.
        key: String,
    },
    /// An initialization segment is missing or declares neither AVC nor AAC.
    InitUnreadable {
        /// The initialization segment's key.
        key: String,
    },
    /// A playlist is incomplete, or not as planned.
    PlaylistWrong {
        /// The playlist's key.
        key: String,
        /// What is wrong.
        what: String,
    },
    /// The segments of the renditions do not start at the same times.
    Misaligned {
        /// The playlist's key.
        key: String,
    },
    /// The renditions differ in length.
    DurationsDiffer {
        /// The playlist's key.
        key: String,
        /// Its length.
        duration_ms: u64,
        /// The length of the picture.
        picture_ms: u64,
    },
    /// Neither the source nor the transcoder states the title's length.
    DurationUnknown,
    /// The title ends at its job's input clipping: the source is longer than planned.
    CutShort {
        /// The maximum length of an output of the job.
        max_output_ms: u64,
    },
    /// The title's length differs from its source's.
    DurationWrong {
        /// The title's length.
        plays_ms: u64,
        /// The minimum expected length.
        min_ms: u64,
        /// The maximum expected length.
        max_ms: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PlaylistUnreadable { key } => write!(f, "the playlist {key} cannot be read"),
            Self::PlaylistMissing { key } => write!(f, "the playlist {key} is missing"),
            Self::ForeignUri { uri } => write!(f, "a playlist points outside the title: {uri}"),
            Self::RungMissing { rung } => write!(f, "the rendition {rung} is missing"),
            Self::Unplanned { uri } => write!(f, "the rendition {uri} was not planned"),
            Self::AudioWrong { what } => write!(f, "the sound is not as planned: {what}"),
            Self::AttributeFalse {
                uri,
                attribute,
                says,
                is,
            } => {
                write!(f, "{attribute} of {uri} says {says}, and it is {is}")
            }
            Self::SegmentMissing { key } => write!(f, "the segment {key} is missing"),
            Self::SegmentEmpty { key } => write!(f, "the segment {key} is empty or cut off"),
            Self::InitUnreadable { key } => write!(f, "the initialization segment {key} cannot be read"),
            Self::PlaylistWrong { key, what } => write!(f, "the playlist {key} {what}"),
            Self::Misaligned { key } => write!(f, "the segments of {key} do not begin with those of the others"),
            Self::CutShort { max_output_ms } => write!(
                f,
                "the film is longer than the {max_output_ms} ms that were planned, for its file does not state its length: \
                 export it as MP4 and upload that"
            ),
            Self::DurationsDiffer {
                key,
                duration_ms,
                picture_ms,
            } => {
                write!(f, "{key} lasts {duration_ms} ms, and the picture {picture_ms} ms")
            }
            Self::DurationUnknown => f.write_str("nothing says how long it should be"),
            Self::DurationWrong {
                plays_ms,
                min_ms,
                max_ms,
            } if min_ms == max_ms => {
                write!(f, "it plays for {plays_ms} ms, and should for {min_ms} ms")
            }
            Self::DurationWrong {
                plays_ms,
                min_ms,
                max_ms,
            } => {
                write!(f, "it plays for {plays_ms} ms, and should for {min_ms} to {max_ms} ms")
            }
        }
    }
}

impl Fault {
    /// The sentence for the uploader: the first faults, without names of files.
    #[must_use]
    pub fn sentence(faults: &[Self]) -> String {
        if let Some(fault) = faults.iter().find(|fault| fault.is_permanent()) {
            return fault.description();
        }
        let mut shown: Vec<String> = Vec::new();
        for fault in faults {
            let description = fault.description();
            if !shown.contains(&description) {
                shown.push(description);
            }
        }
        shown.truncate(MAX_SHOWN_FAULTS);
        format!(
            "The transcoded film does not play as it should: {}. {ADVICE_TO_RUN_AGAIN}",
            shown.join("; ")
        )
    }

    /// Whether every run over the same source has this fault: a source that does not state its length is clipped at the same place again.
    #[must_use]
    pub const fn is_permanent(&self) -> bool {
        matches!(self, Self::CutShort { .. })
    }

    /// A description for the uploader, who knows the film and not its files.
    fn description(&self) -> String {
        match self {
            Self::PlaylistUnreadable { .. } | Self::PlaylistMissing { .. } | Self::PlaylistWrong { .. } => {
                "a list of its parts is missing or wrong".to_owned()
            }
            Self::ForeignUri { .. } => "one of its lists points to another place".to_owned(),
            Self::RungMissing { rung } => format!("its version in {rung} is missing"),
            Self::Unplanned { .. } => "it has a version that was not planned".to_owned(),
            Self::AudioWrong { .. } => "its sound tracks are not as planned".to_owned(),
            Self::AttributeFalse {
                attribute, says, is, ..
            } => {
                format!("one of its versions says {says} for {attribute}, and it is {is}")
            }
            Self::SegmentMissing { .. } | Self::SegmentEmpty { .. } | Self::InitUnreadable { .. } => {
                "a part of it is missing or cut off".to_owned()
            }
            Self::Misaligned { .. } => "its versions are not cut at the same places".to_owned(),
            Self::DurationsDiffer {
                duration_ms,
                picture_ms,
                ..
            } => format!(
                "one of its tracks lasts {}, and its picture {}",
                seconds(*duration_ms),
                seconds(*picture_ms)
            ),
            Self::DurationUnknown => "nothing says how long it should be".to_owned(),
            Self::CutShort { .. } => CUT_SHORT.to_owned(),
            Self::DurationWrong {
                plays_ms,
                min_ms,
                max_ms,
            } => {
                let min = seconds(*min_ms);
                let should = if min_ms == max_ms {
                    min
                } else {
                    format!("between {min} and {}", seconds(*max_ms))
                };
                format!("it lasts {}, and should last {should}", seconds(*plays_ms))
            }
        }
    }
}

/// The sentence for a film whose file does not state its length.
const CUT_SHORT: &str =
    "The film is longer than its file says, so that its end would be missing. Export it as MP4 and upload that.";

/// Maximum number of faults in a sentence.
const MAX_SHOWN_FAULTS: usize = 3;

fn seconds(millis: u64) -> String {
    format!("{}.{:02} s", millis / 1000, millis % 1000 / 10)
}
