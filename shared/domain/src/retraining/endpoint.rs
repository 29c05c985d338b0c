//! The next step of an update of the endpoint. It follows from the endpoint's state: an event says only that the endpoint changed, and
//! an endpoint that SageMaker rolled back is `InService`, like one that was updated.

use super::{EndpointUpdate, Reason, RetrainError};

/// An endpoint, as SageMaker describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointState {
    /// Whether it serves.
    pub status: EndpointStatus,
    /// The configuration that serves.
    pub config: String,
    /// The configuration that it is being updated to.
    pub pending: Option<String>,
    /// Why the last change failed.
    pub failure: Option<String>,
}

/// Whether an endpoint serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointStatus {
    /// It serves.
    InService,
    /// It is changing.
    Changing,
    /// It does not serve, and can only be deleted.
    Failed,
}

/// The next step of an update.
#[derive(Debug, PartialEq, Eq)]
pub enum NextStep {
    /// The endpoint serves the configuration.
    Done,
    /// The update is in progress.
    Wait,
    /// The update was not requested yet.
    Request,
    /// Another update is in progress.
    Busy,
    /// The update failed, or cannot succeed.
    Fail(Reason),
}

impl EndpointUpdate {
    /// The next step, with the endpoint in its current state.
    #[must_use]
    pub fn next(&self, endpoint: Option<&EndpointState>) -> NextStep {
        let Some(endpoint) = endpoint else {
            return NextStep::Fail(RetrainError::NoEndpoint.into());
        };
        let failed = |error| {
            let cause = endpoint.failure.as_deref().unwrap_or_default();
            NextStep::Fail(Reason::with_cause(error, cause))
        };

        match endpoint.status {
            EndpointStatus::Failed => failed(RetrainError::NoEndpoint),
            EndpointStatus::Changing if endpoint.pending.as_ref() == Some(&self.config) => NextStep::Wait,
            // Not every state names the pending configuration.
            EndpointStatus::Changing if endpoint.pending.is_none() && self.requested_at.is_some() => NextStep::Wait,
            EndpointStatus::Changing => NextStep::Busy,
            EndpointStatus::InService if endpoint.config == self.config => NextStep::Done,
            EndpointStatus::InService if self.requested_at.is_some() => failed(RetrainError::EndpointUpdateFailed),
            EndpointStatus::InService => NextStep::Request,
        }
    }
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

    fn update(requested: bool) -> EndpointUpdate {
        EndpointUpdate {
            task_token: "token".to_owned(),
            config: "new".to_owned(),
            before: "old".to_owned(),
            requested_at: requested.then_some(Timestamp::UNIX_EPOCH),
        }
    }

    fn next(endpoint: &EndpointState, requested: bool) -> NextStep {
        update(requested).next(Some(endpoint))
    }

    #[test]
    fn an_update_is_requested_once_and_then_awaited() {
        use EndpointStatus::{Changing, InService};

        assert_eq!(next(&endpoint(InService, "old", None), false), NextStep::Request);
        assert_eq!(next(&endpoint(Changing, "old", Some("new")), false), NextStep::Wait);
        assert_eq!(next(&endpoint(Changing, "old", None), true), NextStep::Wait);
        assert_eq!(next(&endpoint(Changing, "old", Some("other")), true), NextStep::Busy);
        assert_eq!(next(&endpoint(Changing, "old", None), false), NextStep::Busy);
        assert_eq!(next(&endpoint(InService, "new", None), false), NextStep::Done);
    }

    #[test]
    fn an_update_that_sagemaker_rolled_back_has_failed() {
        let mut back = endpoint(EndpointStatus::InService, "old", None);
        back.failure = Some("the container did not pass the ping health check".to_owned());

        let NextStep::Fail(reason) = next(&back, true) else {
            panic!("it failed");
        };
        assert_eq!(reason.error, RetrainError::EndpointUpdateFailed);
        assert!(reason.sentence.contains("ping health check"), "{reason}");
        assert!(matches!(update(true).next(None), NextStep::Fail(reason) if reason.error == RetrainError::NoEndpoint));
    }
}
