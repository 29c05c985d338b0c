//! The state of the stand-in, in one file that is replaced whole.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use marquee_standin::{clock, files, outbox::Event};
use serde::{Deserialize, Serialize};

use super::{
    DEFAULT_ENDPOINT, KNOWN_IMAGE,
    api::{CreateEndpointConfig, CreateModel, Endpoint, EndpointConfig, Epoch, Model, Status},
    arn,
    training::TrainingJob,
};

/// All models, configurations, endpoints and jobs, by name, and the undelivered events.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct State {
    pub(super) models: BTreeMap<String, Model>,
    pub(super) configs: BTreeMap<String, EndpointConfig>,
    pub(super) endpoints: BTreeMap<String, Endpoint>,
    #[serde(default)]
    pub(super) jobs: BTreeMap<String, TrainingJob>,
    #[serde(default)]
    pub(super) events: Vec<Event>,
}

impl State {
    /// The first state: the endpoint that the application calls, without an artefact, which the recommender serves untrained.
    pub(super) fn initial() -> Self {
        let time = Epoch::from(clock::now());
        // The names of infra/recommendations.yaml.
        let name = format!("{DEFAULT_ENDPOINT}-first");
        let model = Model {
            created: CreateModel::for_image(&name, &format!("{KNOWN_IMAGE}:latest")),
            arn: arn("model", &name),
            creation_time: time,
        };
        let config = EndpointConfig {
            created: CreateEndpointConfig::for_model(&name, &name),
            arn: arn("endpoint-config", &name),
            creation_time: time,
        };
        let endpoint = Endpoint {
            endpoint_name: DEFAULT_ENDPOINT.to_owned(),
            endpoint_arn: arn("endpoint", DEFAULT_ENDPOINT),
            endpoint_config_name: name.clone(),
            pending_deployment_summary: None,
            endpoint_status: Status::Creating,
            failure_reason: None,
            creation_time: time,
            last_modified_time: time,
            tags: Vec::new(),
        };
        Self {
            models: [(name.clone(), model)].into(),
            configs: [(name, config)].into(),
            endpoints: [(DEFAULT_ENDPOINT.to_owned(), endpoint)].into(),
            ..Self::default()
        }
    }
}

/// The file that holds the state.
#[derive(Clone, Debug)]
pub(super) struct StateFile(PathBuf);

impl StateFile {
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self(folder.join("state.json"))
    }

    /// The saved state, if there is one.
    pub(super) fn read(&self) -> anyhow::Result<Option<State>> {
        match fs::read(&self.0) {
            Ok(bytes) => {
                let state = serde_json::from_slice(&bytes);
                state
                    .map(Some)
                    .with_context(|| format!("{} cannot be parsed: remove it to start afresh", self.0.display()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", self.0.display())),
        }
    }

    pub(super) fn write(&self, state: &State) -> anyhow::Result<()> {
        files::replace(&self.0, &serde_json::to_vec_pretty(state)?)
    }
}
