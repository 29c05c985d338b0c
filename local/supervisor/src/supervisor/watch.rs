//! The supervisor's own process: keeps every service running until it is asked to stop.

use std::{fs::File, time::Duration};

use anyhow::Context as _;
use tokio::{
    process::Child,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    process::{PidFile, Process},
    services::Service,
};
use crate::config::Config;

/// How long a service that dies at once is left alone before the next try: doubled each time, from here ...
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// ... to here.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A service that ran this long was well: its next death starts from the first pause again.
const WELL_AFTER: Duration = Duration::from_secs(20);
/// How long a service may take to end when asked; the emulator writes its whole state then.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs until SIGTERM or SIGINT, then stops the services in the opposite order, the emulator last.
pub(crate) async fn supervise(config: &Config) -> anyhow::Result<()> {
    let _only_one = lock(config)?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let own_file = PidFile::new(&config.folder("run")?, super::SUPERVISOR);
    own_file.write(Process::of(std::process::id()).context("this process is not in /proc")?)?;

    let mut watched = Vec::new();
    for service in Service::ALL {
        watched.push(Watch::start(service, config)?);
    }
    tracing::info!("supervising {} services in {}", watched.len(), config.home.display());

    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    for watch in watched.into_iter().rev() {
        watch.stop().await;
    }
    own_file.clear();
    tracing::info!("everything is stopped");
    Ok(())
}

/// Held for as long as a supervisor runs, and released by the kernel however it ends.
fn lock(config: &Config) -> anyhow::Result<File> {
    let path = config.folder("run")?.join("supervisor.lock");
    let file = File::create(&path)?;
    file.try_lock()
        .with_context(|| format!("another supervisor runs for {}", config.home.display()))?;
    Ok(file)
}

/// The care for one service.
struct Watch {
    service: Service,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Watch {
    fn start(service: Service, config: &Config) -> anyhow::Result<Self> {
        let file = PidFile::new(&config.folder("run")?, service.name());
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(keep_running(service, config.clone(), file, stopped));
        Ok(Self { service, stop, ended })
    }

    async fn stop(self) {
        tracing::info!("stopping {}", self.service.name());
        if self.stop.send(()).is_err() {
            tracing::debug!("{} had stopped", self.service.name());
        }
        if let Err(error) = self.ended.await {
            tracing::error!(%error, "the watch over {} failed", self.service.name());
        }
    }
}

async fn keep_running(service: Service, config: Config, file: PidFile, mut stopped: oneshot::Receiver<()>) {
    let name = service.name();
    let mut pause = FIRST_PAUSE;
    loop {
        let started = Instant::now();
        match service.start(&config) {
            Ok(mut child) => {
                note(&file, &child);
                tokio::select! {
                    _ = &mut stopped => {
                        end(service, &mut child).await;
                        file.clear();
                        return;
                    }
                    status = child.wait() => match status {
                        Ok(status) => tracing::warn!("{name} ended ({status}); starting it again"),
                        Err(error) => tracing::error!(%error, "{name} cannot be watched"),
                    },
                }
                file.clear();
            }
            Err(error) => tracing::error!("{error:#}"),
        }
        if started.elapsed() > WELL_AFTER {
            pause = FIRST_PAUSE;
        }
        tokio::select! {
            _ = &mut stopped => return,
            () = sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn note(file: &PidFile, child: &Child) {
    let Some(process) = child.id().and_then(Process::of) else {
        return;
    };
    if let Err(error) = file.write(process) {
        tracing::error!(%error, "the pid file cannot be written");
    }
}

async fn end(service: Service, child: &mut Child) {
    if let Some(process) = child.id().and_then(Process::of) {
        process.terminate();
    }
    match timeout(PATIENCE, child.wait()).await {
        Ok(Ok(status)) => tracing::info!("{} ended ({status})", service.name()),
        Ok(Err(error)) => tracing::error!(%error, "{} cannot be watched", service.name()),
        Err(_) => {
            tracing::error!("{} does not end; killing it", service.name());
            if let Err(error) = child.kill().await {
                tracing::error!(%error, "{} cannot be killed", service.name());
            }
        }
    }
}
