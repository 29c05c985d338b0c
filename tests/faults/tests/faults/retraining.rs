//! A retraining is disturbed: it ends with a serving model or with a reason, and the endpoint answers in both cases.

use std::time::Duration;

use marquee_fault_tests::{DisabledRule, kill_functions, kill_service};
use marquee_scenario_tests::{
    Marquee,
    retraining::{Habits, LONG_TRAINING, Operator},
    wait,
};
use serde_json::Value;

use super::ALONE;

/// Longer than the machine waits before it checks the job itself.
const DEADLINE: Duration = Duration::from_mins(5);

/// Begins a run whose training lasts long enough to be interrupted.
async fn begin(marquee: &Marquee) -> (Operator, String) {
    let operator = Operator::new(marquee).await;
    operator.write_training_data(Habits::Steady).await;
    let run = operator.begin(&LONG_TRAINING).await;
    operator.wait_for_training(&run).await;

    (operator, run)
}

/// The notice of the run's end. Asserts that the promoted model serves.
async fn end_notice(operator: &Operator, run: &str) -> Value {
    let notice = operator.notice_of_run(run, DEADLINE).await;
    operator.delete_training_data().await;
    let model = operator.model_version().await;
    let promoted = notice["kind"] == "retraining.promoted";
    assert_eq!(notice["model_version"] == model.as_str(), promoted, "{model}: {notice}");

    notice
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_after_sagemaker_is_killed_during_the_training() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (operator, run) = begin(&marquee).await;

    kill_service(&marquee, "sagemaker");

    let notice = end_notice(&operator, &run).await;
    let ended = notice["kind"] == "retraining.promoted" || notice["error"].is_string();
    assert!(ended, "{notice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_promoted_after_every_function_is_killed_during_the_training() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (operator, run) = begin(&marquee).await;

    assert!(kill_functions(&marquee) >= 1, "functions are warm");

    let notice = end_notice(&operator, &run).await;
    assert_eq!(notice["kind"], "retraining.promoted", "{notice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_promoted_after_the_trainings_last_event_is_lost() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let jobs = marquee.listen_to("SageMaker Training Job State Change").await;
    // CloudFormation cuts names at 64 characters: the rule's name has only the beginning of `TrainingChanged`.
    let rule = DisabledRule::disable(&marquee, "SageMakerEventsFunctionTraining").await;
    let (operator, run) = begin(&marquee).await;
    wait::until("the event of the completed job arrives", DEADLINE, async || {
        let events = jobs.receive().await;
        let done = |event: &Value| event["detail"]["TrainingJobStatus"] == "Completed";

        events.iter().any(done).then_some(())
    })
    .await;
    jobs.stop().await;
    drop(rule);

    let notice = end_notice(&operator, &run).await;
    assert_eq!(notice["kind"], "retraining.promoted", "{notice}");
}
