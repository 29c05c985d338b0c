//! MediaConvert's error codes: which are the file's fault, which ours to mend, which may pass by themselves.
//!
//! Source: AWS Elemental MediaConvert User Guide, "Error codes" (the list and the meaning of each code). Whether a code is
//! worth another run is our reading of that text; codes that the guide lists and whose text we have not read, and codes
//! that are new, count as retriable: nothing is retried by itself once a job exists, so the cost of a wrong guess is a person's
//! second attempt.

/// What a failed job means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// The same file and settings will fail again.
    Fatal {
        /// What happened and what to do, for people.
        sentence: &'static str,
    },
    /// Another run may succeed.
    Retriable {
        /// What happened and what to do, for people.
        sentence: &'static str,
    },
}

impl Class {
    /// What happened and what to do, for people.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::Fatal { sentence } | Self::Retriable { sentence } => sentence,
        }
    }
}

const DAMAGED: &str =
    "The file cannot be read to its end: it is damaged or incomplete. Export it again and upload that.";
/// The guide's text is "cannot decode or encode": it accuses neither the file nor the settings.
const UNCODED: &str = "The transcoder could not convert the film: some of its picture or sound could not be decoded or encoded. Export it again \
     as MP4 with H.264 and AAC, and upload that.";
const UNREADABLE: &str =
    "The transcoder cannot open the file. Export it again in a usual format, such as MP4 with H.264.";
const NO_VIDEO: &str = "The transcoder found no video in the file. Upload a file with a video track.";
const NO_AUDIO: &str = "The transcoder cannot decode the file's sound. Export it again with AAC sound and upload that.";
const CODEC: &str = "The file is coded in a way that cannot be converted. Export it as H.264 or H.265 and upload that.";
const SETTINGS: &str = "The transcoder refused the job's settings for this file. An administrator has to look into it: it is a defect of Marquee.";
const PERMISSION: &str =
    "The transcoder may not read the upload or write the result. An administrator has to check the transcoder's role.";
const NOT_FOUND: &str = "The uploaded file or the media bucket is gone. Upload the file again.";
const ROLE: &str = "The transcoder's role is missing or not allowed to be used. An administrator has to check it.";
const ENCRYPTION: &str = "The result could not be encrypted. An administrator has to check the transcoder's role.";
const DISK: &str =
    "The transcoder ran out of space. Run it again; if it happens again, the film is too long for its size.";
const PASSING: &str = "The transcoder failed for a reason of its own. Run it again.";

const fn fatal(sentence: &'static str) -> Class {
    Class::Fatal { sentence }
}

/// What a job's error code means.
#[must_use]
pub const fn classify(code: i32) -> Class {
    match code {
        1010 | 1056 => fatal(UNREADABLE),
        1020 => fatal(NO_VIDEO),
        1021 | 1092 => fatal(NO_AUDIO),
        1030 => fatal(CODEC),
        1075 => fatal(UNCODED),
        1076 => fatal(DAMAGED),
        1040 | 1041 | 1042 | 1060 | 1080 => fatal(SETTINGS),
        1091 => fatal(ENCRYPTION),
        1401 => fatal(PERMISSION),
        1404 => fatal(NOT_FOUND),
        1432 | 1433 | 1434 | 1515 => fatal(ROLE),
        1050 | 1507 => Class::Retriable { sentence: DISK },
        _ => Class::Retriable { sentence: PASSING },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_faults_are_fatal_and_the_services_are_not() {
        for code in [
            1010, 1020, 1021, 1030, 1040, 1056, 1075, 1076, 1092, 1401, 1404, 1432, 1433, 1434, 1515,
        ] {
            assert!(matches!(classify(code), Class::Fatal { .. }), "{code}");
        }
        for code in [1050, 1507, 1550, 1999, 0, -1, 9999] {
            assert!(matches!(classify(code), Class::Retriable { .. }), "{code}");
        }
    }

    #[test]
    fn what_cannot_be_coded_is_not_called_damaged() {
        assert!(!classify(1075).sentence().contains("damaged"));
        assert!(classify(1076).sentence().contains("damaged or incomplete"));
    }

    #[test]
    fn every_sentence_says_what_to_do() {
        for code in 1000..4000 {
            let class = classify(code);
            assert!(
                class.sentence().ends_with('.') && class.sentence().contains(". ") || class.sentence().contains(": ")
            );
        }
    }
}
