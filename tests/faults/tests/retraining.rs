//! A retraining is disturbed: it ends in a model that serves or in a sentence, and the endpoint answers either way.

use std::time::Duration;

use marquee_fault_tests::{DisabledRule, kill_functions, kill_service};
use marquee_scenario_tests::{
    Marquee,
    retraining::{Habits, LONG_TRAINING, Operator},
    wait,
};
use serde_json::Value;
use tokio::sync::Mutex;

/// One at a time: what these tests break is shared.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Longer than the machine waits until it looks by itself.
const DEADLINE: Duration = Duration::from_mins(5);

/// A run whose job trains long enough to be interrupted.
async fn begin(marquee: &Marquee) -> (Operator, String) {
    let operator = Operator::new(marquee).await;
    operator.write_training_data(Habits::Steady).await;
    let run = operator.begin(&LONG_TRAINING).await;
    operator.wait_for_training(&run).await;

    (operator, run)
}

/// The run is told of, and the model that is said to serve does.
async fn ends(operator: &Operator, run: &str) -> Value {
    let notice = operator.notice_of_run(run, DEADLINE).await;
    operator.delete_training_data().await;
    let model = operator.model_version().await;
    let promoted = notice["kind"] == "retraining.promoted";
    assert_eq!(notice["model_version"] == model.as_str(), promoted, "{model}: {notice}");

    notice
}

#[tokio::test(flavor = "multi_thread")]
async fn sagemaker_is_killed_in_mid_training() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (operator, run) = begin(&marquee).await;

    kill_service(&marquee, "sagemaker");

    let notice = ends(&operator, &run).await;
    let ended = notice["kind"] == "retraining.promoted" || notice["error"].is_string();
    assert!(ended, "{notice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_is_killed_in_mid_training() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let (operator, run) = begin(&marquee).await;

    assert!(kill_functions(&marquee) >= 1, "functions are warm");

    let notice = ends(&operator, &run).await;
    assert_eq!(notice["kind"], "retraining.promoted", "{notice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trainings_last_event_is_lost() {
    let _alone = ALONE.lock().await;
    let marquee = Marquee::running();
    let jobs = marquee.listen_to("SageMaker Training Job State Change").await;
    // CloudFormation cuts names at 64 characters: of `TrainingChanged` only the beginning is there.
    let rule = DisabledRule::named(&marquee, "SageMakerEventsFunctionTraining").await;
    let (operator, run) = begin(&marquee).await;
    wait::until("the job is said to be done", DEADLINE, async || {
        let events = jobs.receive().await;
        let done = |event: &Value| event["detail"]["TrainingJobStatus"] == "Completed";

        events.iter().any(done).then_some(())
    })
    .await;
    jobs.stop().await;
    rule.enable().await;

    let notice = ends(&operator, &run).await;
    assert_eq!(notice["kind"], "retraining.promoted", "{notice}");
}
