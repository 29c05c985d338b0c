//! The training process: the program, started as SageMaker starts a container with `train`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader},
    process::Child,
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use super::{
    super::{api::training::CreateTrainingJob, host},
    metrics::Metrics,
};

/// The time limit for a program to save its model after SIGTERM, as on AWS.
const STOP_TIMEOUT: Duration = Duration::from_mins(2);

/// The folders of a job, laid out as `/opt/ml`.
#[derive(Debug)]
pub(crate) struct Folders(PathBuf);

impl Folders {
    /// Creates them, with the configuration files of SageMaker.
    pub(crate) fn create(root: PathBuf, job: &CreateTrainingJob) -> anyhow::Result<Self> {
        let folders = Self(root);
        for folder in [
            folders.model(),
            folders.output().join("data"),
            folders.config(),
            folders.inputs(),
        ] {
            fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        let channels: serde_json::Map<String, serde_json::Value> = job
            .input_data_config
            .iter()
            .map(|channel| {
                let configuration = json!({ "TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None" });
                (channel.channel_name.clone(), configuration)
            })
            .collect();
        for (name, value) in [
            ("hyperparameters.json", json!(job.hyper_parameters)),
            ("inputdataconfig.json", json!(channels)),
            (
                "resourceconfig.json",
                json!({ "current_host": "algo-1", "hosts": ["algo-1"] }),
            ),
        ] {
            fs::write(folders.config().join(name), value.to_string())?;
        }
        Ok(folders)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    pub(crate) fn model(&self) -> PathBuf {
        self.0.join("model")
    }

    pub(crate) fn channel(&self, name: &str) -> PathBuf {
        self.inputs().join(name)
    }

    /// The failure reason that the training wrote.
    pub(crate) fn failure(&self) -> String {
        let reason = fs::read(self.output().join("failure")).unwrap_or_default();
        String::from_utf8_lossy(&reason).trim().to_owned()
    }

    fn inputs(&self) -> PathBuf {
        self.0.join("input/data")
    }

    fn config(&self) -> PathBuf {
        self.0.join("input/config")
    }

    fn output(&self) -> PathBuf {
        self.0.join("output")
    }
}

/// How the program ended.
#[derive(Debug)]
pub(crate) enum Exit {
    /// It exited.
    Ended(ExitStatus),
    /// The job was stopped.
    Stopped,
    /// The job exceeded its maximum runtime.
    OutOfTime,
}

/// Runs the program; its log goes to a file and to the metrics.
pub(crate) async fn run(
    program: &Path,
    job: &CreateTrainingJob,
    arn: &str,
    folders: &Folders,
    log: &Path,
    stop: &CancellationToken,
    metrics: &mut Metrics,
) -> anyhow::Result<Exit> {
    let mut child = spawn(program, job, arn, folders)?;
    let (sender, mut lines) = mpsc::channel(256);
    if let Some(output) = child.stdout.take() {
        tokio::spawn(read(output, sender.clone()));
    }
    if let Some(output) = child.stderr.take() {
        tokio::spawn(read(output, sender.clone()));
    }
    drop(sender);

    let mut file = tokio::fs::File::create(log)
        .await
        .with_context(|| format!("{} cannot be written", log.display()))?;
    let logging = async {
        while let Some(line) = lines.recv().await {
            metrics.read(&line);
            file.write_all(line.as_bytes()).await?;
            file.write_all(b"\n").await?;
        }
        file.flush().await
    };
    let max_runtime = Duration::from_secs(job.stopping_condition.max_runtime_in_seconds);
    let (exit, logged) = tokio::join!(watch(&mut child, stop, max_runtime), logging);
    logged.with_context(|| format!("{} cannot be written", log.display()))?;
    exit
}

fn spawn(program: &Path, job: &CreateTrainingJob, arn: &str, folders: &Folders) -> anyhow::Result<Child> {
    let mut command = host::command(program)?;
    command
        .arg("train")
        .envs(&job.environment)
        .env("TRAINING_JOB_NAME", &job.training_job_name)
        .env("TRAINING_JOB_ARN", arn)
        .env("SM_MODEL_DIR", folders.model())
        .env("SM_INPUT_DIR", folders.root().join("input"))
        .env("SM_INPUT_CONFIG_DIR", folders.config())
        .env("SM_OUTPUT_DIR", folders.output())
        .env("SM_OUTPUT_DATA_DIR", folders.output().join("data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for channel in &job.input_data_config {
        let name = format!(
            "SM_CHANNEL_{}",
            channel.channel_name.to_uppercase().replace(['-', '.'], "_")
        );
        command.env(name, folders.channel(&channel.channel_name));
    }
    command.spawn().context("setpriv cannot be started")
}

async fn read(output: impl AsyncRead + Unpin, sender: mpsc::Sender<String>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if sender.send(line).await.is_err() {
            return;
        }
    }
}

async fn watch(child: &mut Child, stop: &CancellationToken, max_runtime: Duration) -> anyhow::Result<Exit> {
    let exit = tokio::select! {
        status = child.wait() => return Ok(Exit::Ended(status?)),
        () = stop.cancelled() => Exit::Stopped,
        () = tokio::time::sleep(max_runtime) => Exit::OutOfTime,
    };
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
        // It may have exited in the meantime.
        let _: Result<(), _> = kill(Pid::from_raw(pid), Signal::SIGTERM);
    }
    if tokio::time::timeout(STOP_TIMEOUT, child.wait()).await.is_err() {
        child.kill().await?;
    }
    Ok(exit)
}
