use adapters::aws;
use runtime::http::testing::Services;

use super::*;
use crate::testing;

fn error(name: &str, cause: &str) -> CaughtError {
    CaughtError {
        error: name.to_owned(),
        cause: cause.to_owned(),
    }
}

#[test]
fn the_samples_are_read() {
    let samples = [
        include_str!("../../../events/states/mark-failed.json"),
        include_str!("../../../events/states/mark-skipped.json"),
    ];

    for sample in samples {
        runtime::event::parse::<FailedRun>(serde_json::from_str(sample).unwrap()).unwrap();
    }
}

#[test]
fn the_sentence_of_a_step_is_kept() {
    let cause = r#"{"errorType":"NoVideoStream","errorMessage":"This file has sound but no video."}"#;
    let reason = reason(&error("NoVideoStream", cause), Step::Validate);

    assert_eq!(
        reason,
        Reason::new(IngestError::NoVideoStream, "This file has sound but no video.")
    );
}

#[test]
fn the_cause_of_a_task_token_is_the_sentence() {
    let reason = reason(&error("TranscodeFailed", "Transcoding failed."), Step::Transcode);

    assert_eq!(reason, Reason::new(IngestError::TranscodeFailed, "Transcoding failed."));
}

#[test]
fn an_error_without_a_cause_gets_its_own_sentence() {
    let reason = reason(&error("Throttled", ""), Step::Validate);

    assert_eq!(reason, IngestError::Throttled.into());
}

#[test]
fn errors_of_other_services_become_ours_and_reveal_no_cause() {
    let table = [
        ("States.Timeout", Step::Transcode, IngestError::TranscodeTimedOut),
        ("States.Timeout", Step::Verify, IngestError::Interrupted),
        ("Sandbox.Timedout", Step::Verify, IngestError::Interrupted),
        ("Lambda.Unknown", Step::Plan, IngestError::Interrupted),
        ("Lambda.TooManyRequestsException", Step::Plan, IngestError::Interrupted),
        ("Runtime.ExitError", Step::Plan, IngestError::Interrupted),
        ("States.TaskFailed", Step::Plan, IngestError::Interrupted),
        ("Runtime.UnmarshalError", Step::Plan, IngestError::Internal),
        ("States.Runtime", Step::Plan, IngestError::Internal),
    ];

    for (name, step, expected) in table {
        let reason = reason(&error(name, "panicked at src/secret.rs"), step);

        assert_eq!(reason.error, expected, "{name}");
        assert!(!reason.sentence.contains("secret"), "{name}");
    }
}

#[tokio::test]
async fn only_the_newest_run_fails_its_title() {
    for (newest, writes) in [(1, 1), (2, 0)] {
        let items = [testing::asset(newest), testing::title("processing")];
        let services = Services::answering(move |call| call.answer_from(&items)).await;
        let failures = FailureRecorder::new(&Table::new(&aws::at(&services.url), "marquee"));

        let failed = failures
            .fail(&testing::run(), |_| IngestError::Internal.into(), Timestamp::UNIX_EPOCH)
            .await;

        assert!(failed.is_ok(), "{:?}", failed.err());
        let calls = services.calls();
        let puts = calls.iter().filter(|call| call.name == "PutItem").count();
        assert_eq!(puts, writes, "the newest run is {newest}");
    }
}
