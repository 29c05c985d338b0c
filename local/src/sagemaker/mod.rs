//! The SageMaker stand-in: hosts model containers the way SageMaker's serverless endpoints do. The only container that it
//! has is our recommender, run as a process.

mod api;
mod artifact;
mod clock;
mod control;
mod fault;
mod host;
mod runtime;
mod state;
mod validate;

use std::{
    collections::HashMap,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::Context as _;
use axum::{
    Json, Router,
    routing::{get, post},
};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tracing::{error, info};

use self::{
    api::{CreateEndpointConfig, CreateModel, Endpoint, EndpointConfig, Epoch, Model, Status},
    fault::Fault,
    host::{Container, Health, Host},
    state::{State, StateFile},
};
use crate::{authorize::Authorizer, aws_cli::REGION, config::Config};

/// The account that the local cloud plays.
const ACCOUNT: &str = "000000000000";
/// The endpoint that the application calls unless it is told otherwise; there from the first start on.
const DEFAULT_ENDPOINT: &str = "marquee-recommendations";
/// The repository of the only image that can be run here.
const KNOWN_IMAGE: &str = "marquee-recommender";
/// The folder of what runs, gone with the next start.
const RUNS: &str = "run";

/// The stand-in.
struct SageMaker {
    config: Config,
    folder: PathBuf,
    authorizer: Authorizer,
    client: Client<HttpConnector, Full<Bytes>>,
    file: StateFile,
    state: Mutex<State>,
    hosts: Mutex<HashMap<String, Host>>,
    runs: AtomicU32,
}

/// Serves the control plane and the runtime until SIGTERM.
pub(crate) async fn serve(config: &Config) -> anyhow::Result<()> {
    let sagemaker = Arc::new(SageMaker::open(config)?);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, config.sagemaker_port));
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("SageMaker cannot listen on {address}"))?;
    let endpoints: Vec<String> = sagemaker.state().endpoints.keys().cloned().collect();
    for endpoint in endpoints {
        sagemaker.clone().host(&endpoint);
    }

    info!("the SageMaker stand-in listens on {address}");
    let router = Router::new()
        .route("/", post(control::call))
        .route("/endpoints/{name}/invocations", post(runtime::invoke))
        .route("/health", get(async || Json(json!({ "status": "ok" }))))
        .with_state(sagemaker.clone());
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        _ = terminate.recv() => {}
    }
    sagemaker.hosts().clear(); // ends their programs
    Ok(())
}

impl SageMaker {
    fn open(config: &Config) -> anyhow::Result<Self> {
        let folder = config.home.join("sagemaker");
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        host::end_left_behind(&folder.join(RUNS), &config.recommender)?;
        let file = StateFile::in_folder(&folder);
        let state = match file.read()? {
            Some(state) => state,
            None => first_state(),
        };
        file.write(&state)?;
        Ok(Self {
            config: config.clone(),
            folder,
            authorizer: Authorizer::new(config),
            client: Client::builder(TokioExecutor::new()).build_http(),
            file,
            state: Mutex::new(state),
            hosts: Mutex::default(),
            runs: AtomicU32::new(0),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and keeps it; what cannot be kept has not happened.
    fn change(&self, change: impl FnOnce(&mut State) -> Result<Value, Fault>) -> Result<Value, Fault> {
        let mut state = self.state();
        let mut changed = state.clone();
        let answer = change(&mut changed)?;
        self.file.write(&changed).map_err(|error| Fault::internal(&error))?;
        *state = changed;
        Ok(answer)
    }

    /// The variant of an endpoint.
    fn variant(&self, endpoint: &str) -> Option<String> {
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

    fn health(&self, endpoint: &str) -> Option<watch::Receiver<Health>> {
        self.hosts().get(endpoint).map(|host| host.health.clone())
    }

    fn release(&self, endpoint: &str) {
        self.hosts().remove(endpoint);
    }

    /// Starts the program behind an endpoint, in the background; its status follows. A running one is replaced when the
    /// new one answers.
    fn host(self: Arc<Self>, endpoint: &str) {
        let endpoint = endpoint.to_owned();
        tokio::spawn(async move {
            let outcome = match self.container(&endpoint).await {
                Ok(container) => {
                    let host = Host::start(container);
                    let mut health = host.health.clone();
                    if self.hosts().contains_key(&endpoint) {
                        let outcome = settled(&mut health).await;
                        if outcome.is_ok() {
                            self.hosts().insert(endpoint.clone(), host);
                        }
                        outcome
                    } else {
                        self.hosts().insert(endpoint.clone(), host);
                        settled(&mut health).await
                    }
                }
                Err(error) => Err(format!("{error:#}")),
            };
            self.settle(&endpoint, outcome.err());
        });
    }

    async fn container(&self, endpoint: &str) -> anyhow::Result<Container> {
        let model = {
            let state = self.state();
            let config = state
                .endpoints
                .get(endpoint)
                .map(|endpoint| endpoint.endpoint_config_name.clone());
            let config = config
                .and_then(|name| state.configs.get(&name))
                .context("its configuration is gone")?;
            let variant = config
                .created
                .production_variants
                .first()
                .context("it has no variant")?;
            state
                .models
                .get(&variant.model_name)
                .context("its model is gone")?
                .created
                .clone()
        };
        let image = &model.primary_container.image;
        let repository = image.rsplit('/').next().and_then(|name| name.split([':', '@']).next());
        anyhow::ensure!(
            repository == Some(KNOWN_IMAGE),
            "the image {image} is unknown here: the local SageMaker runs {KNOWN_IMAGE} only"
        );
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.join(RUNS).join(format!("{endpoint}-{run}"));
        artifact::unpack(&self.config, &model, &folder.join(host::MODEL)).await?;
        Ok(Container {
            endpoint: endpoint.to_owned(),
            program: self.config.recommender.clone(),
            environment: model.primary_container.environment,
            folder,
        })
    }

    fn settle(&self, endpoint: &str, failure: Option<String>) {
        let settled = self.change(|state| {
            let Some(known) = state.endpoints.get_mut(endpoint) else {
                return Ok(json!("deleted"));
            };
            known.endpoint_status = if failure.is_some() {
                Status::Failed
            } else {
                Status::InService
            };
            known.failure_reason = failure;
            known.last_modified_time = Epoch::of(clock::now());
            Ok(Value::Null)
        });
        match settled {
            Ok(Value::Null) => {}
            Ok(_) => self.release(endpoint),
            Err(_) => error!("the status of {endpoint} could not be kept"),
        }
    }
}

async fn settled(health: &mut watch::Receiver<Health>) -> Result<(), String> {
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

/// The endpoint that the application calls, without an artefact: the recommender knows what to do before it is trained.
fn first_state() -> State {
    let (name, time) = (DEFAULT_ENDPOINT.to_owned(), Epoch::of(clock::now()));
    let created: CreateModel = CreateModel::of_image(&name, &format!("{KNOWN_IMAGE}:latest"));
    let model = Model {
        created,
        arn: arn("model", &name),
        creation_time: time,
    };
    let created = CreateEndpointConfig::of_model(&name, &name);
    let config = EndpointConfig {
        created,
        arn: arn("endpoint-config", &name),
        creation_time: time,
    };
    let endpoint = Endpoint {
        endpoint_name: name.clone(),
        endpoint_arn: arn("endpoint", &name),
        endpoint_config_name: name.clone(),
        endpoint_status: Status::Creating,
        failure_reason: None,
        creation_time: time,
        last_modified_time: time,
    };
    State {
        models: [(name.clone(), model)].into(),
        configs: [(name.clone(), config)].into(),
        endpoints: [(name, endpoint)].into(),
    }
}

/// SageMaker's ARNs are in lower case.
fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{}", name.to_lowercase())
}
