//! How an update of the endpoint ends. The endpoint itself is looked at: an event says only that it is worth looking, and an
//! endpoint that went back by itself is `InService` like one that was updated.

use adapters::{
    ServiceError,
    dynamodb::Update,
    sagemaker::{EndpointState, EndpointStatus, Hosting},
    sfn::TaskTokens,
};
use domain::retraining::{Reason, RetrainError};

/// What is left to do about an update.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The endpoint serves what it should.
    Done,
    /// It is on its way.
    Wait,
    /// Nobody has asked it to yet.
    Request,
    /// It is busy with something else.
    Busy,
    /// It did not take it, or never will.
    Fail(Reason),
}

impl Next {
    pub(crate) fn of(endpoint: Option<&EndpointState>, update: &Update) -> Self {
        let Some(endpoint) = endpoint else {
            return Self::Fail(RetrainError::NoEndpoint.into());
        };
        let told = |error| Self::Fail(Reason::told_by(error, endpoint.failure.as_deref().unwrap_or_default()));

        match endpoint.status {
            EndpointStatus::Failed => told(RetrainError::NoEndpoint),
            EndpointStatus::Changing if endpoint.pending.as_ref() == Some(&update.config) => Self::Wait,
            // Not every state tells what it changes to.
            EndpointStatus::Changing if endpoint.pending.is_none() && update.requested_at.is_some() => Self::Wait,
            EndpointStatus::Changing => Self::Busy,
            EndpointStatus::InService if endpoint.config == update.config => Self::Done,
            EndpointStatus::InService if update.requested_at.is_some() => told(RetrainError::EndpointUpdateFailed),
            EndpointStatus::InService => Self::Request,
        }
    }
}

/// Tells the step that waits for `update`, if the endpoint is at its end.
pub(crate) async fn tell(hosting: &Hosting, tokens: &TaskTokens, update: &Update) -> Result<(), ServiceError> {
    match Next::of(hosting.find().await?.as_ref(), update) {
        Next::Done => tokens.succeed(&update.task_token).await?,
        Next::Fail(reason) => {
            let (error, sentence) = (reason.error.name(), &reason.sentence);
            tokens.fail(&update.task_token, error, sentence).await?;
        }
        Next::Wait | Next::Request | Next::Busy => {}
    }

    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;

    use super::*;

    fn endpoint(status: EndpointStatus, config: &str, pending: Option<&str>) -> EndpointState {
        EndpointState {
            status,
            config: config.to_owned(),
            pending: pending.map(ToOwned::to_owned),
            failure: None,
        }
    }

    fn update(requested: bool) -> Update {
        Update {
            task_token: "token".to_owned(),
            config: "new".to_owned(),
            before: "old".to_owned(),
            requested_at: requested.then_some(Timestamp::UNIX_EPOCH),
        }
    }

    fn next(endpoint: &EndpointState, requested: bool) -> Next {
        Next::of(Some(endpoint), &update(requested))
    }

    #[test]
    fn an_update_is_requested_once_and_waited_for() {
        use EndpointStatus::{Changing, InService};

        assert_eq!(next(&endpoint(InService, "old", None), false), Next::Request);
        assert_eq!(next(&endpoint(Changing, "old", Some("new")), false), Next::Wait);
        assert_eq!(next(&endpoint(Changing, "old", None), true), Next::Wait);
        assert_eq!(next(&endpoint(Changing, "old", Some("other")), true), Next::Busy);
        assert_eq!(next(&endpoint(Changing, "old", None), false), Next::Busy);
        assert_eq!(next(&endpoint(InService, "new", None), false), Next::Done);
    }

    #[test]
    fn an_endpoint_that_went_back_by_itself_has_failed() {
        let mut back = endpoint(EndpointStatus::InService, "old", None);
        back.failure = Some("the container did not pass the ping health check".to_owned());

        let Next::Fail(reason) = next(&back, true) else {
            panic!("it failed");
        };
        assert_eq!(reason.error, RetrainError::EndpointUpdateFailed);
        assert!(reason.sentence.contains("ping health check"), "{reason}");
        assert!(
            matches!(Next::of(None, &update(true)), Next::Fail(reason) if reason.error == RetrainError::NoEndpoint)
        );
    }
}
