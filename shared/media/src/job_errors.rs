//! MediaConvert's error codes: whether the file is at fault, Marquee, or something that may pass.
//!
//! Source: AWS Elemental MediaConvert User Guide, "Error codes" (the list and the meaning of each code). Whether another run may help is our
//! reading of that text. Other codes, listed or new, count as retriable: no job is retried automatically, so a wrong guess costs one
//! manual run.

use domain::ingest::IngestError;

/// What the error code of a failed job means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobFailure {
    /// The pipeline's error, which decides whether another run may help ([`IngestError::rerun`]).
    pub error: IngestError,
    /// The sentence for the uploader: what happened and what to do.
    pub sentence: &'static str,
}

const DAMAGED: &str =
    "The file cannot be read to its end: it is damaged or incomplete. Export it again and upload that.";
/// The guide's text is "cannot decode or encode": it blames neither the file nor the settings.
const CODING: &str = "The film could not be transcoded: some of its picture or sound could not be decoded or encoded. Export it \
                       again as MP4 with H.264 and AAC, and upload that.";
const UNREADABLE: &str =
    "The transcoder cannot open the file. Export it again in a usual format, such as MP4 with H.264.";
const NO_VIDEO: &str = "The transcoder found no video in the file. Upload a file with a video track.";
const NO_AUDIO: &str = "The transcoder cannot decode the file's sound. Export it again with AAC sound and upload that.";
const CODEC: &str =
    "The file is coded in a way that cannot be transcoded. Export it as H.264 or H.265 and upload that.";
const SETTINGS: &str = "Marquee asked the transcoder for something that it cannot do with this file: that is a defect of \
                        Marquee. Export the film again as MP4 with H.264 and AAC, and upload that.";
const PERMISSION: &str = "Marquee's transcoder is not set up right. That is not the file's fault. Admins see failed titles \
                          and can run this one again once that is corrected.";
const NOT_FOUND: &str =
    "The transcoder did not find the uploaded file, or the place for the result. Upload the file again.";
const DISK: &str = "The transcoder ran out of space. Admins see failed titles and can run this one again. If that does \
     not help, the film is too long for its size: export it with a lower bitrate.";

/// What a job's error code means.
#[must_use]
pub const fn classify(code: i32) -> JobFailure {
    let (error, sentence) = match code {
        1010 | 1056 => (IngestError::UnsupportedFormat, UNREADABLE),
        1020 => (IngestError::NoVideoStream, NO_VIDEO),
        1021 | 1092 => (IngestError::UnsupportedFormat, NO_AUDIO),
        1030 => (IngestError::UnsupportedFormat, CODEC),
        1076 => (IngestError::UnsupportedFormat, DAMAGED),
        1075 => (IngestError::TranscodeFailed, CODING),
        1040 | 1041 | 1042 | 1060 | 1080 => (IngestError::TranscodeFailed, SETTINGS),
        1091 | 1401 | 1432 | 1433 | 1434 | 1515 => (IngestError::TranscodeRejected, PERMISSION),
        1404 => (IngestError::TranscodeFailed, NOT_FOUND),
        1050 | 1507 => (IngestError::TranscodeInterrupted, DISK),
        _ => (
            IngestError::TranscodeInterrupted,
            IngestError::TranscodeInterrupted.sentence(),
        ),
    };
    JobFailure { error, sentence }
}

#[cfg(test)]
mod tests {
    use domain::ingest::Rerun;

    use super::*;

    #[test]
    fn an_error_of_the_file_is_final_and_an_error_of_a_service_is_not() {
        for code in [1010, 1020, 1021, 1030, 1056, 1076, 1092] {
            assert_eq!(classify(code).error.rerun(), Rerun::Never, "{code}");
        }
        for code in [1040, 1075, 1404, 1050, 1507, 1550, 1999, 0, -1, 9999] {
            assert_eq!(classify(code).error.rerun(), Rerun::Once, "{code}");
        }
        for code in [1091, 1401, 1432, 1433, 1434, 1515] {
            assert_eq!(classify(code).error.rerun(), Rerun::Always, "{code}");
        }
    }

    #[test]
    fn a_coding_error_does_not_call_the_file_damaged() {
        assert!(!classify(1075).sentence.contains("damaged"));
        assert!(classify(1076).sentence.contains("damaged or incomplete"));
    }

    #[test]
    fn every_sentence_says_what_to_do() {
        for code in 1000..4000 {
            let sentence = classify(code).sentence;
            let advises = ["pload", "xport", "run this one again"]
                .iter()
                .any(|advice| sentence.contains(advice));
            assert!(advises && sentence.ends_with('.'), "{sentence}");
        }
    }
}
