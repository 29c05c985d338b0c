//! Step Functions: executions of the ingest and the retrain machine, and the tokens that they wait on.

use std::marker::PhantomData;

use aws_config::SdkConfig;
use aws_sdk_sfn::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        describe_execution::{DescribeExecutionError, DescribeExecutionOutput},
        start_execution::StartExecutionError,
        stop_execution::StopExecutionError,
    },
    types::ExecutionStatus,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use domain::{
    ingest::RunInput,
    machine::{Execution, ExecutionInput},
    retraining,
};

use crate::aws::{CallError, code_of};

const SERVICE: &str = "Step Functions";
/// Codes of the errors for a token that no step waits on any more.
const ABANDONED: [&str; 3] = ["InvalidToken", "TaskDoesNotExist", "TaskTimedOut"];

/// The ingest machine.
pub type IngestMachine = Machine<RunInput>;

/// The retrain machine.
pub type RetrainMachine = Machine<retraining::Run>;

/// A state machine whose executions have such an input. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Machine<I> {
    client: Client,
    arn: String,
    input: PhantomData<fn(I)>,
}

fn has_ended(error: &StopExecutionError) -> bool {
    let is_not_running = error.message().is_some_and(|message| message.contains("not running"));

    error.is_execution_does_not_exist() || (error.is_validation_exception() && is_not_running)
}

impl<I: ExecutionInput> Machine<I> {
    /// The machine with this ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            arn: arn.into(),
            input: PhantomData,
        }
    }

    /// The tokens that executions wait on, by the same client, because each client makes a cold start longer.
    #[must_use]
    pub fn task_tokens(&self) -> TaskTokens {
        TaskTokens(self.client.clone())
    }

    /// Starts the execution with this input, once: if it has started before, nothing happens.
    pub async fn start(&self, input: &I) -> Result<(), CallError> {
        let document = serde_json::to_string(input).map_err(|error| CallError::internal(SERVICE, error))?;
        let started = self
            .client
            .start_execution()
            .state_machine_arn(&self.arn)
            .name(input.execution_name())
            .input(document)
            .send()
            .await;

        match started {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(StartExecutionError::is_execution_already_exists) =>
            {
                Ok(())
            }
            Err(error) => Err(CallError::from_sdk(SERVICE)(error)),
        }
    }

    /// The state of the execution with this name; `None` if there is none.
    pub async fn describe(&self, name: &str) -> Result<Option<Execution>, CallError> {
        let described = self
            .client
            .describe_execution()
            .execution_arn(self.execution_arn(name))
            .send()
            .await;

        match described {
            Ok(execution) => Ok(Some(to_execution(&execution))),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DescribeExecutionError::is_execution_does_not_exist) =>
            {
                Ok(None)
            }
            Err(error) => Err(CallError::from_sdk(SERVICE)(error)),
        }
    }

    /// Stops the execution with this name. It is no error if it has ended, or never began.
    pub async fn stop(&self, name: &str, error: &str, cause: &str) -> Result<(), CallError> {
        let stopped = self
            .client
            .stop_execution()
            .execution_arn(self.execution_arn(name))
            .error(error)
            .cause(cause)
            .send()
            .await;

        match stopped {
            // It has ended meanwhile, or an earlier call has stopped it.
            Err(error) if error.as_service_error().is_some_and(has_ended) => Ok(()),
            stopped => stopped.map(drop).map_err(CallError::from_sdk(SERVICE)),
        }
    }

    /// The machine `…:stateMachine:<machine>` has executions `…:execution:<machine>:<name>`.
    fn execution_arn(&self, name: &str) -> String {
        format!("{}:{name}", self.arn.replacen(":stateMachine:", ":execution:", 1))
    }
}

fn to_execution(execution: &DescribeExecutionOutput) -> Execution {
    let failed = |error: &str| Execution::Failed {
        error: execution.error().unwrap_or(error).to_owned(),
        cause: execution.cause().unwrap_or_default().to_owned(),
    };

    match execution.status() {
        ExecutionStatus::Succeeded => Execution::Succeeded,
        ExecutionStatus::Aborted => Execution::Aborted,
        ExecutionStatus::TimedOut => failed("States.Timeout"),
        ExecutionStatus::Failed => failed("States.TaskFailed"),
        _ => Execution::Running,
    }
}

/// The tokens that executions wait on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TaskTokens(Client);

impl TaskTokens {
    /// A client.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self(Client::new(config))
    }

    /// Ends the step that waits on `token`. It is no error if no step waits on it any more.
    pub async fn succeed(&self, token: &str) -> Result<(), CallError> {
        unless_abandoned(self.0.send_task_success().task_token(token).output("{}").send().await)
    }

    /// Fails the step that waits on `token`, with this name of an error and this sentence. It is no error if no step waits on it any more.
    pub async fn fail(&self, token: &str, error: &str, sentence: &str) -> Result<(), CallError> {
        let failure = self
            .0
            .send_task_failure()
            .task_token(token)
            .error(error)
            .cause(sentence);

        unless_abandoned(failure.send().await)
    }
}

/// The result of sending a token. It is no error if no step waits on it any more.
fn unless_abandoned<T, E>(answer: Result<T, SdkError<E, HttpResponse>>) -> Result<(), CallError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match answer {
        Err(error) if ABANDONED.contains(&code_of(&error).unwrap_or_default()) => Ok(()),
        answer => answer.map(drop).map_err(CallError::from_sdk(SERVICE)),
    }
}
