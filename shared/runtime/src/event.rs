//! Functions that are called with an event of EventBridge, a schedule, Cognito or another function.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tracing::Instrument as _;

use crate::{
    Error, clock,
    telemetry::{self, Invocation, Subject},
};

/// Handles events for as long as Lambda keeps this process.
///
/// The handler gets a copy of the context and the typed event. After an error Lambda delivers an asynchronous event again: the
/// handler returns one only where a retry can help.
pub async fn serve<C, E, T, R, F>(
    context: impl Future<Output = Result<C, E>>,
    handler: impl Fn(C, T) -> F,
) -> Result<(), Error>
where
    C: Clone,
    E: Into<Error>,
    T: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, Error>>,
{
    telemetry::init();
    let context = context.await.map_err(Into::into)?;
    let respond = async |event: lambda_runtime::LambdaEvent<Value>| {
        let subject = Subject::from_payload(&event.payload, clock::now());
        let invocation = Invocation::from_payload(&event.context, &subject);
        let result = match parse(event.payload) {
            // Boxed: the futures of AWS's clients are deep, and this one holds them all.
            Ok(event) => {
                Box::pin(handler(context.clone(), event))
                    .instrument(invocation.span())
                    .await
            }
            Err(error) => Err(error.into()),
        };
        log_ended(&invocation, &subject, result.as_ref().err());
        result
    };

    lambda_runtime::run(lambda_runtime::service_fn(respond)).await
}

/// Logs the end of an invocation.
fn log_ended(invocation: &Invocation, subject: &Subject, error: Option<&Error>) {
    let (milliseconds, calls) = (invocation.milliseconds(), invocation.calls());
    let Subject {
        source,
        records,
        waited,
        ..
    } = subject;
    let name = source.as_deref().unwrap_or("an invocation");
    let what = records.map_or_else(
        || name.to_owned(),
        |records| format!("a batch of {records} from {name}"),
    );

    invocation.span().in_scope(|| match error {
        None => tracing::info!(milliseconds, waited, calls, "handled {what}"),
        Some(error) => tracing::error!(milliseconds, waited, calls, "failed to handle {what}: {error}"),
    });
}

/// The payload is not of the type that this function expects.
#[derive(Debug, thiserror::Error)]
#[error("the event does not fit this function: {0}")]
pub struct UnexpectedEvent(#[from] serde_path_to_error::Error<serde_json::Error>);

/// Parses a payload; the error names the field that does not fit.
pub fn parse<T: DeserializeOwned>(payload: Value) -> Result<T, UnexpectedEvent> {
    Ok(serde_path_to_error::deserialize(payload)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Event {
        #[serde(rename = "detail")]
        _detail: Detail,
    }

    #[derive(Debug, serde::Deserialize)]
    struct Detail {
        #[serde(rename = "size")]
        _size: u64,
    }

    #[test]
    fn the_error_of_an_unexpected_event_names_the_field() {
        let error = parse::<Event>(serde_json::json!({ "detail": { "size": "large" } })).unwrap_err();

        assert!(error.to_string().contains("detail.size: invalid type"), "{error}");
    }
}
