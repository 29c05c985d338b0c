//! The supervisor's process: keeps every service running until SIGTERM.

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

/// The delay before a service is restarted, which doubles each time: from here ...
const MIN_RESTART_DELAY: Duration = Duration::from_millis(200);
/// ... to here.
const MAX_RESTART_DELAY: Duration = Duration::from_secs(5);
/// The uptime after which the delay is reset.
const STABLE_AFTER: Duration = Duration::from_secs(20);
/// The time limit for a service to stop; the emulator writes its whole state then.
const STOP_TIMEOUT: Duration = Duration::from_mins(1);

/// Runs until SIGTERM or SIGINT, then stops the services in reverse order, the emulator last.
pub(crate) async fn supervise(config: &Config) -> anyhow::Result<()> {
    let _only_one = lock(config)?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let own_file = PidFile::new(&config.folder("run")?, super::SUPERVISOR);
    own_file.write(Process::find(std::process::id()).context("this process is not in /proc")?)?;

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

/// A lock that the kernel releases when the supervisor ends.
fn lock(config: &Config) -> anyhow::Result<File> {
    let path = config.folder("run")?.join("supervisor.lock");
    let file = File::create(&path)?;
    file.try_lock()
        .with_context(|| format!("another supervisor runs for {}", config.home.display()))?;
    Ok(file)
}

/// The task that keeps a service running.
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
            tracing::error!(%error, "the task of {} failed", self.service.name());
        }
    }
}

async fn keep_running(service: Service, config: Config, file: PidFile, mut stopped: oneshot::Receiver<()>) {
    let name = service.name();
    let mut delay = MIN_RESTART_DELAY;
    loop {
        let started = Instant::now();
        match service.start(&config) {
            Ok(mut child) => {
                save_pid(&file, &child);
                tokio::select! {
                    _ = &mut stopped => {
                        end(service, &mut child).await;
                        file.clear();
                        return;
                    }
                    status = child.wait() => match status {
                        Ok(status) => tracing::warn!("{name} exited ({status}); restarting"),
                        Err(error) => tracing::error!(%error, "{name} cannot be watched"),
                    },
                }
                file.clear();
            }
            Err(error) => tracing::error!("{error:#}"),
        }
        if started.elapsed() > STABLE_AFTER {
            delay = MIN_RESTART_DELAY;
        }
        tokio::select! {
            _ = &mut stopped => return,
            () = sleep(delay) => {}
        }
        delay = (delay * 2).min(MAX_RESTART_DELAY);
    }
}

fn save_pid(file: &PidFile, child: &Child) {
    let Some(process) = child.id().and_then(Process::find) else {
        return;
    };
    if let Err(error) = file.write(process) {
        tracing::error!(%error, "the pid file cannot be written");
    }
}

async fn end(service: Service, child: &mut Child) {
    if let Some(process) = child.id().and_then(Process::find) {
        process.terminate();
    }
    match timeout(STOP_TIMEOUT, child.wait()).await {
        Ok(Ok(status)) => tracing::info!("{} stopped ({status})", service.name()),
        Ok(Err(error)) => tracing::error!(%error, "{} cannot be watched", service.name()),
        Err(_) => {
            tracing::error!("{} does not stop; killing it", service.name());
            if let Err(error) = child.kill().await {
                tracing::error!(%error, "{} cannot be killed", service.name());
            }
        }
    }
}
