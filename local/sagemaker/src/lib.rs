//! The SageMaker stand-in: runs training jobs, and hosts models as SageMaker's serverless endpoints do. It has one container
//! image, our recommender, which it runs as a process.

mod access;
mod api;
mod artifact;
mod control;
mod events;
mod fault;
mod host;
mod hosting;
mod model;
mod runtime;
mod state;
mod training;

use std::{
    collections::HashMap,
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU32},
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
use marquee_standin::{
    ACCOUNT, REGION, authorize::Authorizer, emulator::Emulator, event_bus::EventBus, outbox, role::Roles,
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::{Notify, Semaphore},
};
use tokio_util::sync::CancellationToken;
use tracing::info;

use self::{
    fault::Fault,
    host::{Host, RUNS},
    state::{State, StateFile},
};

/// The endpoint that the application calls by default; it exists from the first start.
const DEFAULT_ENDPOINT: &str = "marquee-recommendations";
/// The repository of the only image that runs here.
const KNOWN_IMAGE: &str = "marquee-recommender";
/// The service's name in trust policies and in `iam:PassedToService`.
const PRINCIPAL: &str = "sagemaker.amazonaws.com";

/// The settings of the stand-in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port on which it listens, on this machine only.
    pub port: u16,
    /// The folder of its models, endpoints and jobs.
    pub folder: PathBuf,
    /// The emulator of its installation.
    pub emulator: Emulator,
    /// The program behind endpoints and training jobs.
    pub recommender: PathBuf,
    /// The `source` of the events; `aws.*` is AWS's own and PutEvents refuses it.
    pub event_source: String,
}

/// The stand-in.
struct SageMaker {
    settings: Settings,
    authorizer: Authorizer,
    roles: Roles,
    bus: EventBus,
    client: Client<HttpConnector, Full<Bytes>>,
    file: StateFile,
    state: Mutex<State>,
    hosts: Mutex<HashMap<String, Host>>,
    /// The tokens that stop running training jobs.
    trainings: Mutex<HashMap<String, CancellationToken>>,
    training_slot: Semaphore,
    /// Announces new events.
    event_added: Notify,
    runs: AtomicU32,
}

/// Serves the control plane and the runtime until SIGTERM.
pub async fn serve(settings: Settings) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, settings.port));
    let sagemaker = Arc::new(SageMaker::open(settings)?);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("SageMaker cannot listen on {address}"))?;
    sagemaker.resume_endpoints();
    sagemaker.resume_trainings();
    let sender = sagemaker.clone();
    tokio::spawn(async move { outbox::deliver(&*sender, &sender.bus, &sender.event_added).await });

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
    fn open(settings: Settings) -> anyhow::Result<Self> {
        let folder = &settings.folder;
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        // The kernel killed the programs of an earlier stand-in with it.
        match fs::remove_dir_all(folder.join(RUNS)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let file = StateFile::in_folder(folder);
        let state = match file.read()? {
            Some(state) => state,
            None => State::initial(),
        };
        file.write(&state)?;
        Ok(Self {
            authorizer: Authorizer::new(&settings.emulator),
            roles: Roles::new(&settings.emulator, PRINCIPAL),
            bus: EventBus::new(&settings.emulator, &settings.event_source),
            client: Client::builder(TokioExecutor::new()).build_http(),
            file,
            state: Mutex::new(state),
            hosts: Mutex::default(),
            trainings: Mutex::default(),
            training_slot: Semaphore::new(1),
            event_added: Notify::new(),
            runs: AtomicU32::new(0),
            settings,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hosts(&self) -> MutexGuard<'_, HashMap<String, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trainings(&self) -> MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.trainings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and saves it. A change that cannot be saved is undone.
    fn change(&self, change: impl FnOnce(&mut State) -> Result<Value, Fault>) -> Result<Value, Fault> {
        let mut state = self.state();
        let mut changed = state.clone();
        let answer = change(&mut changed)?;
        self.file.write(&changed).map_err(|error| Fault::internal(&error))?;
        *state = changed;
        self.event_added.notify_one();
        Ok(answer)
    }
}

/// SageMaker's ARNs are in lower case.
fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{}", name.to_lowercase())
}
