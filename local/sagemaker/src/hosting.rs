//! Deployments of endpoints: the program of a configuration is started, and serves once it is healthy.

use std::sync::{Arc, atomic::Ordering};

use anyhow::Context as _;
use marquee_standin::clock;
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tracing::{error, info, warn};

use super::{
    KNOWN_IMAGE, SageMaker,
    api::{Epoch, Status, repository},
    artifact,
    host::{self, Container, Health, Host, RUNS},
};

impl SageMaker {
    /// The variant of an endpoint.
    pub(super) fn variant(&self, endpoint: &str) -> Option<String> {
        let state = self.state();
        let config = state
            .configs
            .get(&state.endpoints.get(endpoint)?.endpoint_config_name)?;
        config
            .created
            .production_variants
            .first()
            .map(|variant| variant.variant_name.clone())
    }

    /// The health of an endpoint's program, and the permits for its requests.
    pub(super) fn host_of(&self, endpoint: &str) -> Option<(watch::Receiver<Health>, Arc<Semaphore>)> {
        let hosts = self.hosts();
        let host = hosts.get(endpoint)?;
        Some((host.health.clone(), host.slots.clone()))
    }

    pub(super) fn release(&self, endpoint: &str) {
        self.hosts().remove(endpoint);
    }

    /// Starts all endpoints again after a restart of the stand-in.
    pub(super) fn resume_endpoints(self: &Arc<Self>) {
        let endpoints: Vec<(String, String, Option<String>)> = self
            .state()
            .endpoints
            .values()
            .map(|endpoint| {
                let pending = endpoint.pending_deployment_summary.as_ref();
                (
                    endpoint.endpoint_name.clone(),
                    endpoint.endpoint_config_name.clone(),
                    pending.map(|pending| pending.endpoint_config_name.clone()),
                )
            })
            .collect();
        for (endpoint, config, pending) in endpoints {
            let sagemaker = self.clone();
            tokio::spawn(async move {
                let pending = pending.filter(|pending| *pending != config);
                sagemaker.create(&endpoint, &config, pending.is_some()).await;
                if let Some(pending) = pending {
                    sagemaker.update(&endpoint, &pending).await;
                }
            });
        }
    }

    /// Deploys a new endpoint in the background; its status follows.
    pub(super) fn begin_creation(self: &Arc<Self>, endpoint: &str, config: &str) {
        let (sagemaker, endpoint, config) = (self.clone(), endpoint.to_owned(), config.to_owned());
        tokio::spawn(async move { sagemaker.create(&endpoint, &config, false).await });
    }

    /// Deploys an endpoint's next configuration in the background, while the current one serves.
    pub(super) fn begin_update(self: &Arc<Self>, endpoint: &str, config: &str) {
        let (sagemaker, endpoint, config) = (self.clone(), endpoint.to_owned(), config.to_owned());
        tokio::spawn(async move { sagemaker.update(&endpoint, &config).await });
    }

    async fn create(&self, endpoint: &str, config: &str, update_follows: bool) {
        let outcome = match self.container(endpoint, config).await {
            Ok(container) => {
                let host = Host::start(container);
                let mut health = host.health.clone();
                // Before it is healthy, so that requests wait for it.
                self.hosts().insert(endpoint.to_owned(), host);
                deployed(&mut health).await
            }
            Err(error) => Err(format!("{error:#}")),
        };
        if !update_follows {
            self.record_outcome(endpoint, config, outcome);
        }
    }

    async fn update(&self, endpoint: &str, config: &str) {
        let outcome = match self.container(endpoint, config).await {
            Ok(container) => {
                let host = Host::start(container);
                let mut health = host.health.clone();
                let outcome = deployed(&mut health).await;
                if outcome.is_ok() && self.is_updated_to(endpoint, config) {
                    self.hosts().insert(endpoint.to_owned(), host);
                }
                outcome
            }
            Err(error) => Err(format!("{error:#}")),
        };
        self.record_outcome(endpoint, config, outcome);
    }

    fn is_updated_to(&self, endpoint: &str, config: &str) -> bool {
        let state = self.state();
        let pending = state
            .endpoints
            .get(endpoint)
            .and_then(|endpoint| endpoint.pending_deployment_summary.as_ref());
        pending.is_some_and(|pending| pending.endpoint_config_name == config)
    }

    async fn container(&self, endpoint: &str, config: &str) -> anyhow::Result<Container> {
        let (model, max_concurrency) = {
            let state = self.state();
            let config = state.configs.get(config).context("its configuration was deleted")?;
            let variant = config
                .created
                .production_variants
                .first()
                .context("it has no variant")?;
            let model = state.models.get(&variant.model_name).context("its model was deleted")?;
            (model.created.clone(), variant.serverless_config.max_concurrency)
        };
        let image = &model.primary_container.image;
        anyhow::ensure!(
            repository(image) == Some(KNOWN_IMAGE),
            "the image {image} is unknown here: the local SageMaker runs {KNOWN_IMAGE} only"
        );
        let folder = self
            .settings
            .folder
            .join(RUNS)
            .join(format!("{endpoint}-{}", self.next_run()));
        artifact::unpack(self, &model, &folder.join(host::MODEL)).await?;
        Ok(Container {
            endpoint: endpoint.to_owned(),
            program: self.settings.recommender.clone(),
            environment: model.primary_container.environment,
            max_concurrency,
            folder,
        })
    }

    /// A number that is unique in this process.
    pub(super) fn next_run(&self) -> u32 {
        self.runs.fetch_add(1, Ordering::Relaxed)
    }

    /// Saves the outcome of a creation or an update. A failed update leaves the endpoint as it was.
    fn record_outcome(&self, endpoint: &str, config: &str, outcome: Result<(), String>) {
        let recorded = self.change(|state| {
            let known = state.endpoints.get_mut(endpoint);
            let Some(known) = known.filter(|known| {
                let pending = known.pending_deployment_summary.as_ref();
                pending.map_or(&known.endpoint_config_name, |pending| &pending.endpoint_config_name) == config
            }) else {
                return Ok(Value::Bool(state.endpoints.contains_key(endpoint)));
            };
            let before = known.endpoint_status;
            match outcome {
                Ok(()) => {
                    info!("{endpoint} serves {config}");
                    config.clone_into(&mut known.endpoint_config_name);
                    known.endpoint_status = Status::InService;
                    known.failure_reason = None;
                }
                Err(reason) if before == Status::Updating => {
                    warn!("{endpoint} keeps its configuration, because {config} failed: {reason}");
                    known.endpoint_status = Status::InService;
                    known.failure_reason = Some(reason);
                }
                Err(reason) => {
                    known.endpoint_status = Status::Failed;
                    known.failure_reason = Some(reason);
                }
            }
            known.pending_deployment_summary = None;
            // A restart of the stand-in is not a change.
            if known.endpoint_status != before {
                known.last_modified_time = Epoch::from(clock::now());
                state.notify_endpoint(endpoint);
            }
            Ok(Value::Bool(true))
        });
        match recorded {
            Ok(Value::Bool(false)) => self.release(endpoint),
            Ok(_) => {}
            Err(_) => error!("the status of {endpoint} cannot be saved"),
        }
    }
}

async fn deployed(health: &mut watch::Receiver<Health>) -> Result<(), String> {
    match health
        .wait_for(|health| *health != Health::Starting)
        .await
        .map(|health| health.clone())
    {
        Ok(Health::Failed(reason)) => Err(reason),
        Ok(_) => Ok(()),
        Err(_) => Err("it was deleted".into()),
    }
}
