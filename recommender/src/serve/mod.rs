//! `serve`: answers `GET /ping` and `POST /invocations`, as SageMaker requires of an inference container.

mod answer;
mod candidates;
mod diversity;
mod explore;
mod interleave;
mod invocation;
mod person;
mod rank;
mod rows;
mod similar;
mod similarity;
mod top_k;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State, rejection::BytesRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use clap::Args;
use recommender_protocol::{MAX_BODY_BYTES, Refusal, Variant};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};

use crate::artefact::{ArtefactError, CHALLENGER};
use crate::model::Model;
use invocation::Invocation;
use rank::ModelChoice;

/// How `serve` is configured; the names of the variables are SageMaker's.
#[derive(Debug, Args)]
pub struct Options {
    /// Folder with the artefact; without an artefact the empty model is served.
    #[arg(long, env = "SM_MODEL_DIR", default_value = "/opt/ml/model")]
    model: PathBuf,
    /// Port to listen on.
    #[arg(long, env = "SAGEMAKER_BIND_TO_PORT", default_value_t = 8080)]
    port: u16,
}

/// Why `serve` ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The model cannot be loaded.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    /// The port cannot be listened on.
    #[error("port {port}: {source}")]
    Listen {
        /// Which port.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
}

/// Loads the model and answers requests until SIGTERM or SIGINT.
pub fn run(options: &Options) -> Result<(), ServeError> {
    let models = Models::load(&options.model)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(listen(models, options.port)))
        .map_err(|source| ServeError::Listen {
            port: options.port,
            source,
        })
}

/// The current model, and the challenger of an experiment.
struct Models {
    current: Model,
    challenger: Option<Model>,
}

impl Models {
    fn load(folder: &Path) -> Result<Self, ArtefactError> {
        let challenger = load_or_empty(&folder.join(CHALLENGER))?;
        Ok(Self {
            current: load_or_empty(folder)?,
            challenger: (challenger.titles() > 0).then_some(challenger),
        })
    }

    /// The model that answers: the current one if there is no challenger.
    fn choose(&self, invocation: &Invocation) -> ModelChoice<'_> {
        match (invocation.variant(), &self.challenger) {
            (Variant::Challenger, Some(challenger)) => ModelChoice::Challenger(challenger),
            (Variant::Interleaved, Some(challenger)) => ModelChoice::Both(&self.current, challenger),
            _ => ModelChoice::Current(&self.current),
        }
    }
}

/// The model in a folder, or the empty one if another version wrote it: after an update of the container, requests must be
/// answered until the next training.
fn load_or_empty(folder: &Path) -> Result<Model, ArtefactError> {
    match Model::load(folder) {
        Err(error @ ArtefactError::OtherFormat { .. }) => {
            warn!(%error, "{error}; serving the empty model until then");
            Ok(Model::empty())
        }
        loaded => loaded,
    }
}

async fn listen(models: Models, port: u16) -> io::Result<()> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))).await?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let titles = models.current.titles();
    info!(
        port,
        model = models.current.version(),
        titles,
        "serving {titles} titles"
    );
    axum::serve(listener, router(models))
        .with_graceful_shutdown(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await
}

fn router(models: Models) -> Router {
    Router::new()
        .route("/ping", get(async || StatusCode::OK))
        .route("/invocations", post(invoke))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::new(models))
}

async fn invoke(State(models): State<Arc<Models>>, body: Result<Bytes, BytesRejection>) -> Result<Response, Refused> {
    let body = body.map_err(|rejection| Refused {
        status: rejection.status(),
        refusal: Refusal::new("", format!("the body must have at most {MAX_BODY_BYTES} bytes")),
    })?;
    let started = Instant::now();
    let invocation = Invocation::parse(&body)?;
    let answer = rank::answer(models.choose(&invocation), &invocation);
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;

    Ok(([("server-timing", format!("rank;dur={milliseconds:.3}"))], Json(answer)).into_response())
}

/// A refused request, with the field at fault.
struct Refused {
    status: StatusCode,
    refusal: Refusal,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            refusal,
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let message = self.refusal.to_string();
        (
            self.status,
            Json(json!({ "message": message, "pointer": self.refusal.pointer })),
        )
            .into_response()
    }
}
