//! Executions of state machines, and the tokens that they wait for.

use std::time::Duration;

use adapters::sfn::{IngestMachine, TaskTokens};
use aws_sdk_sqs::types::Message;
use domain::{
    ingest::{Run, RunInput},
    machine::Execution,
};
use kernel::error_kind::ErrorKind;
use serde_json::{Value, json};

use crate::{
    emulator::{ACCOUNT, Emulator, unique},
    fixtures::{kind, new_run},
    messages::TestQueue,
};

const TIMEOUT: Duration = Duration::from_secs(15);

/// A machine of one state.
async fn create(emulator: &Emulator, state: Value) -> IngestMachine {
    let root = emulator.root().await;
    let definition = json!({ "StartAt": "Only", "States": { "Only": state } });
    let created = aws_sdk_sfn::Client::new(&root)
        .create_state_machine()
        .name(unique("machine"))
        .definition(definition.to_string())
        .role_arn(emulator.create_role().await)
        .send()
        .await
        .expect("CreateStateMachine");

    IngestMachine::new(&root, created.state_machine_arn)
}

/// A machine whose executions wait for their tokens, which they send to the queue.
async fn create_waiting(emulator: &Emulator, queue: &TestQueue) -> IngestMachine {
    let state = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": { "QueueUrl": queue.url, "MessageBody.$": "$$.Task.Token" },
        "TimeoutSeconds": 60,
        "End": true,
    });

    create(emulator, state).await
}

async fn start(machine: &IngestMachine, run: Run) {
    machine
        .start(&RunInput { run, resume_from: None })
        .await
        .expect("an execution");
}

async fn describe(machine: &IngestMachine, run: &Run) -> Option<Execution> {
    machine.describe(&run.execution_name()).await.expect("an answer")
}

/// Waits until the execution has ended.
async fn end(machine: &IngestMachine, run: &Run) -> Execution {
    let ended = async {
        loop {
            match describe(machine, run).await.expect("an execution") {
                Execution::Running => tokio::time::sleep(Duration::from_millis(20)).await,
                ended => return ended,
            }
        }
    };

    tokio::time::timeout(TIMEOUT, ended).await.expect("an end in time")
}

async fn token(queue: &TestQueue) -> String {
    let Message { body, .. } = queue.receive().await;

    body.expect("a token")
}

#[tokio::test]
async fn an_execution_is_started_once_however_often_it_is_asked_for() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let queue = TestQueue::create(&emulator).await;
    let (machine, run) = (create_waiting(&emulator, &queue).await, new_run());

    assert_eq!(describe(&machine, &run).await, None);
    start(&machine, run).await;
    start(&machine, run).await;
    assert_eq!(describe(&machine, &run).await, Some(Execution::Running));
    let token = token(&queue).await;
    assert!(queue.is_empty().await, "one execution waits");

    TaskTokens::new(&emulator.root().await)
        .succeed(&token)
        .await
        .expect("an answer");
    assert_eq!(end(&machine, &run).await, Execution::Succeeded);
    start(&machine, run).await;
    assert_eq!(describe(&machine, &run).await, Some(Execution::Succeeded));
}

#[tokio::test]
async fn a_run_that_fails_has_the_error_and_the_cause_of_its_token() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let queue = TestQueue::create(&emulator).await;
    let (machine, run) = (create_waiting(&emulator, &queue).await, new_run());
    start(&machine, run).await;

    let tokens = TaskTokens::new(&emulator.root().await);
    let failed = tokens.fail(&token(&queue).await, "NotAVideo", "This is a text.").await;

    failed.expect("an answer");
    let expected = Execution::Failed {
        error: "NotAVideo".to_owned(),
        cause: "This is a text.".to_owned(),
    };
    assert_eq!(end(&machine, &run).await, expected);
}

#[tokio::test]
async fn a_token_that_no_execution_waits_for_is_no_error() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let queue = TestQueue::create(&emulator).await;
    let (machine, run) = (create_waiting(&emulator, &queue).await, new_run());
    start(&machine, run).await;
    let (tokens, used) = (TaskTokens::new(&emulator.root().await), token(&queue).await);
    tokens.succeed(&used).await.expect("an answer");

    for token in [used.as_str(), "unknown"] {
        tokens.succeed(token).await.expect("an answer");
        tokens.fail(token, "NotAVideo", "late").await.expect("an answer");
    }

    assert_eq!(end(&machine, &run).await, Execution::Succeeded);
}

#[tokio::test]
async fn a_stopped_execution_is_aborted_and_one_that_has_ended_counts_as_stopped() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let machine = create(&emulator, json!({ "Type": "Wait", "Seconds": 60, "End": true })).await;
    let (run, never_started) = (new_run(), new_run());
    start(&machine, run).await;
    let stop = async |run: &Run| machine.stop(&run.execution_name(), "Canceled", "by its owner").await;

    stop(&run).await.expect("an answer");
    assert_eq!(describe(&machine, &run).await, Some(Execution::Aborted));
    stop(&run).await.expect("it has ended");
    stop(&never_started).await.expect("there is nothing to stop");
    assert_eq!(describe(&machine, &never_started).await, None);
}

#[tokio::test]
async fn an_execution_that_has_succeeded_stays_so_when_it_is_stopped() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let machine = create(&emulator, json!({ "Type": "Succeed" })).await;
    let run = new_run();
    start(&machine, run).await;
    assert_eq!(end(&machine, &run).await, Execution::Succeeded);

    machine
        .stop(&run.execution_name(), "Canceled", "late")
        .await
        .expect("it has ended");

    assert_eq!(describe(&machine, &run).await, Some(Execution::Succeeded));
}

#[tokio::test]
async fn a_machine_that_does_not_exist_is_a_defect() {
    let Some(emulator) = Emulator::running().await else {
        return;
    };
    let arn = format!("arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:missing");
    let machine = IngestMachine::new(&emulator.root().await, arn);

    let started = machine
        .start(&RunInput {
            run: new_run(),
            resume_from: None,
        })
        .await;

    assert_eq!(kind(started), ErrorKind::Internal);
}
