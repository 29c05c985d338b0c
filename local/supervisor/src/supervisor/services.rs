//! The services of the local cloud: their commands, ports and health checks.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::Context as _;
use marquee_standin::REGION;
use tokio::process::{Child, Command};

use crate::config::Config;

/// A larger log is rotated (to `.1`) when its service starts.
const MAX_LOG_BYTES: u64 = 20 * 1024 * 1024;

/// The variables that services inherit. All others are set below, because the emulator passes its environment to every function.
const INHERITED: [&str; 4] = ["HOME", "LANG", "TZ", "RUST_LOG"];

/// The services, in the order of their start; they are stopped in reverse order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Service {
    /// MiniStack with our patches.
    Emulator,
    /// The MediaConvert stand-in.
    MediaConvert,
    /// The SageMaker stand-in.
    SageMaker,
    /// The edge, which serves the site.
    Edge,
}

impl Service {
    /// All services, in the order of their start.
    pub(crate) const ALL: [Self; 4] = [Self::Emulator, Self::MediaConvert, Self::SageMaker, Self::Edge];

    /// The name of its subcommand, log and pid file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Emulator => "emulator",
            Self::MediaConvert => "mediaconvert",
            Self::SageMaker => "sagemaker",
            Self::Edge => "edge",
        }
    }

    /// Its port.
    pub(crate) fn port(self, config: &Config) -> u16 {
        match self {
            Self::Emulator => config.emulator_port,
            Self::MediaConvert => config.mediaconvert_port,
            Self::SageMaker => config.sagemaker_port,
            Self::Edge => config.edge_port,
        }
    }

    /// The variable for another port.
    pub(crate) fn port_variable(self) -> &'static str {
        match self {
            Self::Emulator => "MARQUEE_EMULATOR_PORT",
            Self::MediaConvert => "MARQUEE_MEDIACONVERT_PORT",
            Self::SageMaker => "MARQUEE_SAGEMAKER_PORT",
            Self::Edge => "MARQUEE_EDGE_PORT",
        }
    }

    /// The URL of its health check.
    pub(crate) fn health_url(self, config: &Config) -> String {
        let path = match self {
            Self::Emulator => "/_ministack/ready",
            Self::MediaConvert | Self::SageMaker => "/health",
            // Every other path of the edge is the distribution's.
            Self::Edge => "/_edge/health",
        };
        format!("http://127.0.0.1:{}{path}", self.port(config))
    }

    /// Its log.
    pub(crate) fn log(self, config: &Config) -> anyhow::Result<PathBuf> {
        Ok(config.folder("logs")?.join(format!("{}.log", self.name())))
    }

    /// Starts it. It ends with this process, even if that is killed.
    pub(crate) fn start(self, config: &Config) -> anyhow::Result<Child> {
        let log = open_log(&self.log(config)?)?;
        let mut command = match self {
            Self::Emulator => emulator(config)?,
            _ => own_service(config, self.name()),
        };
        command
            .current_dir(config.project.folder())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} cannot be started", self.name()))
    }
}

/// The command of one of our services: a subcommand of this running program, even if a newer build has replaced its file.
fn own_service(config: &Config, name: &str) -> Command {
    let mut command = clean_command(Path::new("/proc/self/exe"), config);
    command.arg0("marquee-local");
    for (name, value) in env::vars_os() {
        let own = name.to_string_lossy().starts_with("MARQUEE_");
        if own && name != "MARQUEE_ADMIN_PASSWORD" {
            command.env(name, value);
        }
    }
    command
        .arg(name)
        .arg("--parent")
        .arg(std::process::id().to_string())
        .env("MARQUEE_HOME", &config.home)
        .env("MARQUEE_EDGE_PORT", config.edge_port.to_string())
        .env("MARQUEE_EMULATOR_PORT", config.emulator_port.to_string())
        .env("MARQUEE_MEDIACONVERT_PORT", config.mediaconvert_port.to_string())
        .env("MARQUEE_SAGEMAKER_PORT", config.sagemaker_port.to_string());
    command
}

/// The command of the emulator. MiniStack's documentation describes its settings.
fn emulator(config: &Config) -> anyhow::Result<Command> {
    // The emulator unpacks every version of every function there, and never cleans up.
    match fs::remove_dir_all(config.home.join("tmp")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut command = clean_command(&config.project.tool("python"), config);
    command
        .arg("local/emulator")
        .arg("--parent")
        .arg(std::process::id().to_string())
        .env("AUTH", "true")
        .env("AWS_ACCESS_KEY_ID", config.root_key())
        .env("AWS_SECRET_ACCESS_KEY", config.root_key())
        .env("GATEWAY_PORT", config.emulator_port.to_string())
        .env("BIND_HOST", "127.0.0.1")
        .env("PERSIST_STATE", "1")
        .env("STATE_DIR", config.folder("state")?)
        .env("S3_PERSIST", "1")
        .env("S3_DATA_DIR", config.folder("s3")?)
        .env("TMPDIR", config.folder("tmp")?)
        // Without services that open further ports, and without a container daemon.
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0")
        .env("DOCKER_HOST", "unix:///nonexistent")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    for (name, value) in function_environment(config) {
        command.env(name, value);
    }
    Ok(command)
}

/// The variables for the AWS SDKs in functions: the addresses of the local services.
fn function_environment(config: &Config) -> [(&'static str, String); 5] {
    let mediaconvert = format!("http://127.0.0.1:{}", config.mediaconvert_port);
    let sagemaker = format!("http://127.0.0.1:{}", config.sagemaker_port);
    [
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_ENDPOINT_URL", config.emulator().url()),
        ("AWS_ENDPOINT_URL_MEDIACONVERT", mediaconvert),
        ("AWS_ENDPOINT_URL_SAGEMAKER", sagemaker.clone()),
        ("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", sagemaker),
    ]
}

fn clean_command(program: &Path, config: &Config) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", config.project.path_variable());
    for name in INHERITED {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Opens a log for appending; a large one is rotated first.
pub(super) fn open_log(path: &Path) -> anyhow::Result<File> {
    if fs::metadata(path).is_ok_and(|log| log.len() > MAX_LOG_BYTES) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let log = OpenOptions::new().create(true).append(true).open(path);
    log.with_context(|| format!("{} cannot be written", path.display()))
}
