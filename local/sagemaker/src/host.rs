//! The program of an endpoint: started as SageMaker starts a container, health-checked by `/ping`, restarted when it exits.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{self, Stdio},
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
use nix::unistd::{self, AccessFlags};
use tokio::{
    process::{Child, Command},
    sync::{Semaphore, watch},
    task::JoinHandle,
};
use tracing::{info, warn};

/// The time limit until a container answers `/ping`.
const STARTUP_TIMEOUT: Duration = Duration::from_mins(1);
const PING_INTERVAL: Duration = Duration::from_millis(50);
/// A program that exits before this is restarted after a delay.
const MIN_UPTIME: Duration = Duration::from_secs(10);
const RESTART_DELAY: Duration = Duration::from_secs(2);

/// The folder of running programs; it is emptied at start.
pub(super) const RUNS: &str = "run";
/// The folder of the model, in the folder of a container.
pub(super) const MODEL: &str = "model";

/// A program to run.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) endpoint: String,
    pub(super) program: PathBuf,
    pub(super) environment: BTreeMap<String, String>,
    /// The limit on requests at the same time.
    pub(super) max_concurrency: u32,
    /// Its folder, with the unpacked artefact in `model`.
    pub(super) folder: PathBuf,
}

/// The health of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Starting,
    /// It serves on this port.
    Ready(u16),
    /// It never answered `/ping`, for this reason.
    Failed(String),
}

/// A running program and the task that restarts it; both end when it is dropped.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) health: watch::Receiver<Health>,
    /// A request holds one permit.
    pub(super) slots: Arc<Semaphore>,
    task: JoinHandle<()>,
}

impl Host {
    pub(super) fn start(container: Container) -> Self {
        let (sender, health) = watch::channel(Health::Starting);
        let slots = usize::try_from(container.max_concurrency).unwrap_or(usize::MAX);
        Self {
            health,
            slots: Arc::new(Semaphore::new(slots)),
            task: tokio::spawn(keep_running(container, sender)),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.task.abort(); // which kills its child
    }
}

async fn keep_running(container: Container, sender: watch::Sender<Health>) {
    let mut served = false;
    loop {
        let started = Instant::now();
        match serve_once(&container, &sender).await {
            Ok(status) => {
                served = true;
                warn!("the program of {} ended ({status}); restarting", container.endpoint);
            }
            Err(error) if served => warn!("the program of {} does not start: {error:#}", container.endpoint),
            Err(error) => {
                warn!("the program of {} does not start: {error:#}", container.endpoint);
                sender.send_replace(Health::Failed(format!("{error:#}")));
                return;
            }
        }
        sender.send_replace(Health::Starting);
        if started.elapsed() < MIN_UPTIME {
            tokio::time::sleep(RESTART_DELAY).await;
        }
    }
}

/// Runs the program until it exits. An error means that it never answered.
async fn serve_once(container: &Container, sender: &watch::Sender<Health>) -> anyhow::Result<String> {
    let port = free_port()?;
    let mut child = spawn(container, port)?;
    ping_until_ready(&mut child, port).await?;
    info!(
        "{} is served by {} on port {port}",
        container.endpoint,
        container.program.display()
    );
    sender.send_replace(Health::Ready(port));
    Ok(child.wait().await?.to_string())
}

fn spawn(container: &Container, port: u16) -> anyhow::Result<Child> {
    command(&container.program)?
        .arg("serve")
        .envs(&container.environment)
        .env("SAGEMAKER_BIND_TO_PORT", port.to_string())
        .env("SM_MODEL_DIR", container.folder.join(MODEL))
        .spawn()
        .context("setpriv cannot be started")
}

/// A program with a clean environment. `setpriv` (util-linux) makes the kernel kill it when the stand-in dies. The shell does not start it
/// when the stand-in has died before `setpriv` could ask for that: its parent is another process then. `env` drops what the shell adds.
pub(super) fn command(program: &Path) -> anyhow::Result<Command> {
    anyhow::ensure!(
        program.is_file() && unistd::access(program, AccessFlags::X_OK).is_ok(),
        "{} cannot be started: build it, or set MARQUEE_RECOMMENDER",
        program.display()
    );
    let mut command = Command::new("setpriv");
    command
        .args([
            "--pdeathsig",
            "KILL",
            "sh",
            "-c",
            r#"[ "$PPID" = "$0" ] && exec env --unset=PWD "$@""#,
        ])
        .arg(process::id().to_string())
        .arg(program)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    Ok(command)
}

async fn ping_until_ready(child: &mut Child, port: u16) -> anyhow::Result<()> {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let deadline = Instant::now() + STARTUP_TIMEOUT;
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
        tokio::time::sleep(PING_INTERVAL).await;
    }
    anyhow::bail!(
        "The primary container did not pass the ping health check in {} s",
        STARTUP_TIMEOUT.as_secs()
    )
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    Ok(listener.local_addr()?.port())
}
