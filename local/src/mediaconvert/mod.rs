//! MediaConvert on FFmpeg: AWS Elemental MediaConvert's REST API, so that SDKs and the AWS CLI work unmodified.
//!
//! A request is checked (`model`), becomes a job (`job`, `store`), waits for its turn (`queue`) and is run (`runner`):
//! its input is fetched from S3 as the job's role (`role`, `input`), probed (`probe`), and turned by one FFmpeg
//! process (`ffmpeg`) into segments and playlists (`package`) that go to S3 while it still encodes. EventBridge learns
//! of every step (`events`).

mod api;
mod clock;
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

use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tracing::info;

use self::service::Service;
use crate::config::Config;

/// Runs the stand-in until it is ended.
pub(crate) async fn serve(config: &Config) -> anyhow::Result<()> {
    for program in [&config.transcoding.ffmpeg, &config.transcoding.ffprobe] {
        anyhow::ensure!(
            program.exists(),
            "{} is missing, `make up` installs it",
            program.display()
        );
    }
    let service = Arc::new(Service::open(config)?);
    let address = ("127.0.0.1", config.mediaconvert_port);
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on port {}", config.mediaconvert_port))?;
    info!("MediaConvert stands in on port {}", config.mediaconvert_port);
    tokio::spawn(runner::schedule(service.clone()));
    tokio::spawn(events::deliver(service.clone()));
    axum::serve(listener, api::router(service)).await?;
    Ok(())
}
