//! What can be wrong with an output.

use std::fmt;

/// What is wrong with an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A playlist is not one.
    PlaylistUnreadable {
        /// Which.
        key: String,
    },
    /// A playlist that another one names is not there.
    PlaylistMissing {
        /// Which.
        key: String,
    },
    /// A playlist points out of the title's own files.
    ForeignUri {
        /// To where.
        uri: String,
    },
    /// A planned rendition is not offered.
    RungMissing {
        /// `1280x720`
        rung: String,
    },
    /// A rendition is offered that was not planned.
    Unplanned {
        /// Which.
        uri: String,
    },
    /// The sound that was planned is not offered as planned.
    AudioWrong {
        /// In words.
        what: String,
    },
    /// An attribute says something that is not so.
    AttributeFalse {
        /// Of which rendition.
        uri: String,
        /// `CODECS`
        attribute: &'static str,
        /// What it says.
        says: String,
        /// What is so.
        is: String,
    },
    /// A segment is named and not there.
    SegmentMissing {
        /// Which.
        key: String,
    },
    /// A segment has no bytes, or fewer than the playlist says.
    SegmentEmpty {
        /// Which.
        key: String,
    },
    /// An initialization segment is not there or announces neither AVC nor AAC.
    InitUnreadable {
        /// Which.
        key: String,
    },
    /// A playlist is not finished, or not of the kind that was planned.
    PlaylistWrong {
        /// Which.
        key: String,
        /// In words.
        what: String,
    },
    /// Renditions do not begin their segments together.
    Misaligned {
        /// Which.
        key: String,
    },
    /// Renditions are not equally long.
    DurationsDiffer {
        /// Which.
        key: String,
        /// How long it is.
        duration_ms: u64,
        /// How long the picture is.
        picture_ms: u64,
    },
    /// Neither the source nor the transcoder says how long the title should be.
    DurationUnknown,
    /// The title ends where its job had to end: the source is longer than it seemed.
    CutShort {
        /// How long an output could be.
        fence_ms: u64,
    },
    /// The title is not as long as its source.
    DurationWrong {
        /// How long it plays.
        plays_ms: u64,
        /// How long it should, at least.
        least_ms: u64,
        /// How long it should, at most.
        most_ms: u64,
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
            Self::CutShort { fence_ms } => write!(
                f,
                "the film is longer than the {fence_ms} ms that were planned, for its file does not state its length: \
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
                least_ms,
                most_ms,
            } if least_ms == most_ms => {
                write!(f, "it plays for {plays_ms} ms, and should for {least_ms} ms")
            }
            Self::DurationWrong {
                plays_ms,
                least_ms,
                most_ms,
            } => {
                write!(
                    f,
                    "it plays for {plays_ms} ms, and should for {least_ms} to {most_ms} ms"
                )
            }
        }
    }
}

impl Fault {
    /// The sentence for the uploader: the first faults, and how many there are.
    #[must_use]
    pub fn sentence(faults: &[Self]) -> String {
        let shown: Vec<String> = faults.iter().take(3).map(ToString::to_string).collect();
        let more = match faults.len().saturating_sub(shown.len()) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        format!(
            "The converted film does not play as it should: {}{more}. Ask an administrator to run it again.",
            shown.join("; ")
        )
    }
}
