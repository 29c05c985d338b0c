//! What can be wrong with an output.

use std::fmt;

use domain::ingest::ADVICE_TO_RUN_AGAIN;

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
        max_output_ms: u64,
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
    /// The sentence for the uploader: what is wrong with the first faults' parts of the film, without names of files.
    #[must_use]
    pub fn sentence(faults: &[Self]) -> String {
        if let Some(fault) = faults.iter().find(|fault| fault.is_permanent()) {
            return fault.words();
        }
        let mut shown: Vec<String> = Vec::new();
        for fault in faults {
            let words = fault.words();
            if !shown.contains(&words) {
                shown.push(words);
            }
        }
        shown.truncate(SHOWN_FAULTS);
        format!(
            "The transcoded film does not play as it should: {}. {ADVICE_TO_RUN_AGAIN}",
            shown.join("; ")
        )
    }

    /// Whether every run over the same file ends with it: one that does not state its length is cut at the same place again.
    #[must_use]
    pub const fn is_permanent(&self) -> bool {
        matches!(self, Self::CutShort { .. })
    }

    /// What is wrong, as somebody reads it who knows the film and not the files that it was cut into.
    fn words(&self) -> String {
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
                least_ms,
                most_ms,
            } => {
                let least = seconds(*least_ms);
                let should = if least_ms == most_ms {
                    least
                } else {
                    format!("between {least} and {}", seconds(*most_ms))
                };
                format!("it lasts {}, and should last {should}", seconds(*plays_ms))
            }
        }
    }
}

/// What happens to a film whose file does not state its length.
const CUT_SHORT: &str =
    "The film is longer than its file says, so that its end would be missing. Export it as MP4 and upload that.";

/// More than this many faults make nobody wiser.
const SHOWN_FAULTS: usize = 3;

fn seconds(millis: u64) -> String {
    format!("{}.{:02} s", millis / 1000, millis % 1000 / 10)
}
