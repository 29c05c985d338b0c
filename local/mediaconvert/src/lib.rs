//! The MediaConvert stand-in: AWS Elemental MediaConvert's REST API on FFmpeg. SDKs and the AWS CLI work unmodified.
//!
//! A request is validated (`model`), becomes a job (`job`, `store`), waits in a queue (`queue`) and is run (`runner`): its input is
//! fetched from S3 with the job's role (`role`, `input`), probed (`probe`), and transcoded by one FFmpeg process (`ffmpeg`) to
//! segments and playlists (`package`), which are uploaded while it encodes. Each change is an event on EventBridge (`events`).

mod api;
mod events;
mod ffmpeg;
mod input;
mod job;
mod model;
mod names;
mod package;
mod probe;
mod queue;
mod role;
mod runner;
mod service;
mod settings;
mod store;

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use marquee_standin::{emulator::Emulator, outbox};
use tokio::net::TcpListener;
use tracing::info;

use self::service::Service;

/// The settings of the stand-in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port on which it listens, on this machine only.
    pub port: u16,
    /// The folder of its jobs, queues and inputs.
    pub folder: PathBuf,
    /// The emulator of its installation.
    pub emulator: Emulator,
    /// The folder with a folder for each of the emulator's buckets.
    pub objects: PathBuf,
    /// How it transcodes.
    pub transcoding: Transcoding,
}

/// The programs that transcode, and how many jobs run at once.
#[derive(Clone, Debug)]
pub struct Transcoding {
    /// FFmpeg, as an absolute path.
    pub ffmpeg: PathBuf,
    /// FFprobe, as an absolute path.
    pub ffprobe: PathBuf,
    /// The `source` of the events; `aws.*` is AWS's own and PutEvents refuses it.
    pub event_source: String,
    /// The limit on running jobs, over all queues.
    pub concurrent_jobs: u16,
}

/// Runs the stand-in until the process ends.
pub async fn serve(settings: Settings) -> anyhow::Result<()> {
    for program in [&settings.transcoding.ffmpeg, &settings.transcoding.ffprobe] {
        anyhow::ensure!(
            program.exists(),
            "{} is missing, `make up` installs it",
            program.display()
        );
    }
    let port = settings.port;
    let service = Arc::new(Service::open(settings)?);
    let address = ("127.0.0.1", port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("MediaConvert cannot listen on port {port}"))?;
    info!("the MediaConvert stand-in listens on port {port}");
    tokio::spawn(runner::schedule(service.clone()));
    let sender = service.clone();
    tokio::spawn(async move { outbox::deliver(&sender.store, &sender.bus, &sender.event_added).await });
    axum::serve(listener, api::router(service)).await?;
    Ok(())
}
