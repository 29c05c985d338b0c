//! Decides whether the outcome of a file is the expected one. README.md describes the rules.

use super::claims::claim;
use super::manifest::{Kind, Published, Row};

/// A hostile file reaches a final state within this time after its upload.
pub(super) const HOSTILE_SECONDS: u64 = 60;

/// The outcome of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Published, and its whole presentation was downloaded.
    Plays,
    /// Published, but incomplete.
    DoesNotPlay(String),
    /// Published, but not what the file contains.
    Differs(String),
    /// Refused with a name of the closed list.
    Failed(String),
    /// The API refused the upload.
    RefusedByApi(String),
    /// No final state in time.
    Stuck(String),
    /// Not tried: the file is missing or the service was unavailable.
    NotTried(String),
}

/// Errors that are found late, but are caused by the file.
const FOUND_LATE: [&str; 3] = ["TranscodeRejected", "TranscodeFailed", "VerificationFailed"];

/// `Ok` for the expected outcome, otherwise the reason.
pub(super) fn verdict(row: &Row, outcome: &Outcome) -> Result<(), String> {
    match outcome {
        Outcome::Plays | Outcome::Differs(_) if row.expect == "refuse" => {
            Err("published, although it cannot be shown".into())
        }
        Outcome::Plays => Ok(()),
        // Any output of a hostile file is accepted, unless its row says otherwise.
        Outcome::Differs(_) if row.kind == Kind::Hostile && row.published == Published::default() => Ok(()),
        Outcome::DoesNotPlay(why) | Outcome::Differs(why) => Err(format!("published, but {why}")),
        Outcome::Stuck(state) => Err(format!("stuck in state {state}")),
        Outcome::NotTried(why) => Err(why.clone()),
        Outcome::RefusedByApi(_) if row.kind == Kind::Hostile || is_refusable(row) => Ok(()),
        Outcome::RefusedByApi(_) if row.facts.size_bytes == Some(0) => Ok(()),
        Outcome::RefusedByApi(_) => Err("refused by the API without an inspection".into()),
        Outcome::Failed(error) => refused(row, error),
    }
}

/// Whether the manifest allows or demands a refusal.
fn is_refusable(row: &Row) -> bool {
    matches!(row.expect.as_str(), "reject" | "refuse")
}

fn refused(row: &Row, error: &str) -> Result<(), String> {
    let claim = claim(&row.facts, error);
    let about_the_file = claim.is_some() || FOUND_LATE.contains(&error);
    if !about_the_file {
        return Err(format!("{error} is not caused by the file"));
    }
    if row.kind == Kind::Hostile || is_refusable(row) {
        return Ok(());
    }
    match claim {
        Some(true) => Ok(()),
        Some(false) => Err(format!("{error} is not true of it")),
        None => Err(format!("{error}, although the file is valid")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::row_of;
    use super::*;

    fn film() -> Row {
        row_of(&[
            "a.mp4",
            "ok",
            "9",
            "mov,mp4,m4a",
            "7.8",
            "h264 320x240 yuv420p | aac",
            "",
            "accept",
            "rc=0 v=90 a=130",
        ])
    }

    fn song() -> Row {
        row_of(&[
            "a.mp3",
            "ok",
            "9",
            "mp3",
            "2.6",
            "| mp3 2ch",
            "audio-only",
            "audio-only",
            "rc=0 v=0 a=118",
        ])
    }

    fn bomb() -> Row {
        row_of(&[
            "a.mp4",
            "hostile",
            "9",
            "-",
            "-",
            "(ffprobe: Invalid data)",
            "",
            "reject",
            "rc=1 v=0 a=0",
        ])
    }

    fn failed(row: &Row, error: &str) -> bool {
        verdict(row, &Outcome::Failed(error.into())).is_ok()
    }

    #[test]
    fn a_good_film_plays() {
        assert!(verdict(&film(), &Outcome::Plays).is_ok());
        assert!(verdict(&film(), &Outcome::DoesNotPlay("a segment is missing".into())).is_err());
        let differs = Outcome::Differs("it plays 3.24 s instead of 7.80 s".into());
        assert!(verdict(&film(), &differs).is_err());
        assert!(
            verdict(&bomb(), &differs).is_ok(),
            "any output of a hostile file is accepted"
        );
        for error in [
            "NoVideoStream",
            "NotAVideo",
            "Encrypted",
            "UnsupportedFormat",
            "TooShort",
            "TooLong",
            "TranscodeFailed",
        ] {
            assert!(!failed(&film(), error), "{error}");
        }
    }

    #[test]
    fn a_refusal_must_be_true() {
        assert!(failed(&song(), "NoVideoStream"));
        assert!(failed(&song(), "NotAVideo"));
        assert!(!failed(&song(), "Encrypted"));
        assert!(!failed(&song(), "TranscodeFailed"));
    }

    #[test]
    fn a_hostile_file_may_end_with_any_error_of_the_file() {
        assert!(verdict(&bomb(), &Outcome::Plays).is_ok());
        assert!(verdict(&bomb(), &Outcome::RefusedByApi("422".into())).is_ok());
        for error in ["NotAVideo", "TranscodeFailed", "TooShort", "VerificationFailed"] {
            assert!(failed(&bomb(), error), "{error}");
        }
    }

    #[test]
    fn an_unshowable_film_must_be_refused() {
        let unshowable = Row {
            expect: "refuse".into(),
            ..film()
        };
        assert!(verdict(&unshowable, &Outcome::Plays).is_err());
        assert!(failed(&unshowable, "UnsupportedFormat"));
    }

    #[test]
    fn internal_errors_are_never_expected() {
        for error in [
            "Internal",
            "Unavailable",
            "TranscodeTimedOut",
            "Interrupted",
            "SourceMissing",
            "NewName",
        ] {
            assert!(!failed(&bomb(), error), "{error}");
            assert!(!failed(&film(), error), "{error}");
        }
        assert!(verdict(&bomb(), &Outcome::Stuck("processing".into())).is_err());
        assert!(verdict(&bomb(), &Outcome::NotTried("the service was unavailable".into())).is_err());
    }
}
