//! The program behind an endpoint: started as SageMaker starts a container, asked for `/ping`, started again when it dies.

use std::{
    collections::BTreeMap,
    fs, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    process::{Child, Command},
    sync::{Semaphore, watch},
    task::JoinHandle,
};
use tracing::{info, warn};

/// How long a container may take until it answers `/ping`.
const STARTUP: Duration = Duration::from_mins(1);
const BETWEEN_PINGS: Duration = Duration::from_millis(50);
/// A program that lived shorter than this waits before it is started again.
const SHORT_LIFE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_secs(2);

/// The folder of what runs, gone with the next start.
pub(super) const RUNS: &str = "run";
/// In the folder of a container.
pub(super) const MODEL: &str = "model";
/// The process of what runs, by which one that was left behind is found.
pub(super) const PID: &str = "pid";

/// What is to be run.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) endpoint: String,
    pub(super) program: PathBuf,
    pub(super) environment: BTreeMap<String, String>,
    /// How many requests it may be asked at once.
    pub(super) max_concurrency: u32,
    /// Its own folder: `model` with the unpacked artefact, and `pid`, by which a process that was left behind is found.
    pub(super) folder: PathBuf,
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Starting,
    /// It answers on this port.
    Ready(u16),
    /// It never answered `/ping`; this is why.
    Failed(String),
}

/// A running program and whoever keeps it running; ended when dropped.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) health: watch::Receiver<Health>,
    /// A request takes one for as long as it lasts.
    pub(super) slots: Arc<Semaphore>,
    keeper: JoinHandle<()>,
}

impl Host {
    pub(super) fn start(container: Container) -> Self {
        let (tell, health) = watch::channel(Health::Starting);
        let slots = usize::try_from(container.max_concurrency).unwrap_or(usize::MAX);
        Self {
            health,
            slots: Arc::new(Semaphore::new(slots)),
            keeper: tokio::spawn(keep(container, tell)),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.keeper.abort(); // its child is killed with it
    }
}

async fn keep(container: Container, tell: watch::Sender<Health>) {
    let mut served = false;
    loop {
        let started = Instant::now();
        match serve_once(&container, &tell).await {
            Ok(how) => {
                served = true;
                warn!(
                    "the program behind {} ended ({how}): it is started again",
                    container.endpoint
                );
            }
            Err(error) if served => warn!("the program behind {} does not start: {error:#}", container.endpoint),
            Err(error) => {
                warn!("the program behind {} does not start: {error:#}", container.endpoint);
                tell.send_replace(Health::Failed(format!("{error:#}")));
                return;
            }
        }
        tell.send_replace(Health::Starting);
        if started.elapsed() < SHORT_LIFE {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Runs the program until it ends; an error means that it never answered.
async fn serve_once(container: &Container, tell: &watch::Sender<Health>) -> anyhow::Result<String> {
    let port = free_port()?;
    let mut child = spawn(container, port)?;
    ping_until_ready(&mut child, port).await?;
    info!(
        "{} is served by {} on port {port}",
        container.endpoint,
        container.program.display()
    );
    tell.send_replace(Health::Ready(port));
    Ok(child.wait().await?.to_string())
}

fn spawn(container: &Container, port: u16) -> anyhow::Result<Child> {
    let child = Command::new(&container.program)
        .arg("serve")
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .envs(&container.environment)
        .env("SAGEMAKER_BIND_TO_PORT", port.to_string())
        .env("SM_MODEL_DIR", container.folder.join(MODEL))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| {
            format!(
                "{} cannot be started: build it, or set MARQUEE_RECOMMENDER",
                container.program.display()
            )
        })?;
    if let Some(pid) = child.id() {
        fs::write(container.folder.join(PID), pid.to_string())?;
    }
    Ok(child)
}

async fn ping_until_ready(child: &mut Child, port: u16) -> anyhow::Result<()> {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let deadline = Instant::now() + STARTUP;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            anyhow::bail!("The primary container ended before it passed the ping health check ({status})");
        }
        let ping = Request::get(format!("http://127.0.0.1:{port}/ping")).body(Full::default())?;
        if client
            .request(ping)
            .await
            .is_ok_and(|response| response.status() == StatusCode::OK)
        {
            return Ok(());
        }
        tokio::time::sleep(BETWEEN_PINGS).await;
    }
    anyhow::bail!(
        "The primary container did not pass the ping health check in {} s",
        STARTUP.as_secs()
    )
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    Ok(listener.local_addr()?.port())
}

/// A stand-in that was killed could not end its programs: those that still run are ended now, and their folders emptied.
pub(super) fn end_left_behind(runs: &Path, program: &Path) -> io::Result<()> {
    if !runs.exists() {
        return Ok(());
    }
    for folder in fs::read_dir(runs)? {
        let pid = fs::read_to_string(folder?.path().join(PID))
            .ok()
            .and_then(|text| text.trim().parse().ok());
        if let Some(pid) = pid.filter(|pid| is_run_by(*pid, program)) {
            info!("ending process {pid}, which an earlier run left behind");
            // It may have ended this very moment.
            let _: Result<(), _> = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
    fs::remove_dir_all(runs)
}

/// Whether a process was started as `<program> serve` or `<program> train`, directly or by an interpreter.
fn is_run_by(pid: i32, program: &Path) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
    words
        .windows(2)
        .any(|pair| pair[0] == program.as_os_str().as_encoded_bytes() && matches!(pair[1], b"serve" | b"train"))
}
