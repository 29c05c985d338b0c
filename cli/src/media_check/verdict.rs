//! Whether what happened to a file is what should. The rules, in words, stand in README.md.

use super::manifest::{Kind, Row, Shown};
use super::truth::claim;

/// A hostile file reaches a final state within this time after its upload.
pub(super) const HOSTILE_SECONDS: u64 = 60;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Published, and its whole presentation was downloaded.
    Plays,
    /// Published, but not all of it is there.
    DoesNotPlay(String),
    /// Published, and something else than the file holds.
    Differs(String),
    /// Refused with a name of the closed list.
    Failed(String),
    /// The API took the file not at all.
    TurnedAway(String),
    /// No final state in time.
    Stuck(String),
    /// It could not be tried: the file is missing or the service went away.
    NotTried(String),
}

/// Names that end a run for a reason in the file, found late.
const FOUND_LATE: [&str; 3] = ["TranscodeRejected", "TranscodeFailed", "VerificationFailed"];

/// `Ok` when it is as expected; otherwise why not.
pub(super) fn judge(row: &Row, outcome: &Outcome) -> Result<(), String> {
    match outcome {
        Outcome::Plays | Outcome::Differs(_) if row.expect == "refuse" => {
            Err("published, and nobody can watch it".into())
        }
        Outcome::Plays => Ok(()),
        // What becomes of a broken file is nobody's promise, unless its row says what should.
        Outcome::Differs(_) if row.kind == Kind::Hostile && row.shown == Shown::default() => Ok(()),
        Outcome::DoesNotPlay(why) | Outcome::Differs(why) => Err(format!("published, but {why}")),
        Outcome::Stuck(state) => Err(format!("stuck in state {state}")),
        Outcome::NotTried(why) => Err(why.clone()),
        Outcome::TurnedAway(_) if row.kind == Kind::Hostile || is_refusable(row) => Ok(()),
        Outcome::TurnedAway(_) if row.facts.size_bytes == Some(0) => Ok(()),
        Outcome::TurnedAway(_) => Err("turned away before anybody looked into it".into()),
        Outcome::Failed(error) => refused(row, error),
    }
}

/// The folder's maker thinks that it may be refused, or that it must be.
fn is_refusable(row: &Row) -> bool {
    matches!(row.expect.as_str(), "reject" | "refuse")
}

fn refused(row: &Row, error: &str) -> Result<(), String> {
    let claim = claim(&row.facts, error);
    let about_the_file = claim.is_some() || FOUND_LATE.contains(&error);
    if !about_the_file {
        return Err(format!("{error} is no reason in the file"));
    }
    if row.kind == Kind::Hostile || is_refusable(row) {
        return Ok(());
    }
    match claim {
        Some(true) => Ok(()),
        Some(false) => Err(format!("{error} is not true of it")),
        None => Err(format!("{error}, though nothing is wrong with it")),
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
        judge(row, &Outcome::Failed(error.into())).is_ok()
    }

    #[test]
    fn a_good_film_plays() {
        assert!(judge(&film(), &Outcome::Plays).is_ok());
        assert!(judge(&film(), &Outcome::DoesNotPlay("a segment is missing".into())).is_err());
        let differs = Outcome::Differs("it plays 3.24 s instead of 7.80 s".into());
        assert!(judge(&film(), &differs).is_err());
        assert!(judge(&bomb(), &differs).is_ok(), "a broken file promises nothing");
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
    fn a_hostile_file_may_end_in_any_way_that_is_about_the_file() {
        assert!(judge(&bomb(), &Outcome::Plays).is_ok());
        assert!(judge(&bomb(), &Outcome::TurnedAway("422".into())).is_ok());
        for error in ["NotAVideo", "TranscodeFailed", "TooShort", "VerificationFailed"] {
            assert!(failed(&bomb(), error), "{error}");
        }
    }

    #[test]
    fn what_no_screen_can_show_is_refused() {
        let unshowable = Row {
            expect: "refuse".into(),
            ..film()
        };
        assert!(judge(&unshowable, &Outcome::Plays).is_err());
        assert!(failed(&unshowable, "UnsupportedFormat"));
    }

    #[test]
    fn our_own_defects_are_never_expected() {
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
        assert!(judge(&bomb(), &Outcome::Stuck("processing".into())).is_err());
        assert!(judge(&bomb(), &Outcome::NotTried("the service went away".into())).is_err());
    }
}
