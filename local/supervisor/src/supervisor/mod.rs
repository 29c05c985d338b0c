//! `up`, `down`, `reset`, `status`: a supervisor in the background keeps the services of the local cloud running.

mod disk;
mod health;
mod process;
mod services;
mod watch;

use std::{
    env,
    fmt::Write as _,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use marquee_deploy::{Admin, Target};

use self::{
    process::{PidFile, Process},
    services::Service,
};
use crate::config::Config;

pub(crate) use self::watch::supervise;

/// The supervisor's name in pid files.
const SUPERVISOR: &str = "supervisor";
/// The file that marks a home, so that `reset` never deletes another folder.
const HOME_MARKER: &str = "this-is-a-marquee-home";
/// The time limit for a service to start; the emulator reads its whole state first.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// The time limit for the supervisor to stop everything.
const STOP_TIMEOUT: Duration = Duration::from_mins(3);

/// Starts what does not run, deploys what has changed, and returns when Marquee is healthy. It can be repeated.
pub(crate) async fn up(config: &Config) -> anyhow::Result<()> {
    config.project.require_installed()?;
    fs::create_dir_all(&config.home).with_context(|| format!("{} cannot be made", config.home.display()))?;
    let free = disk::free_bytes(config)?;
    disk::require_space(free, config)?;
    if let Some(warning) = disk::warning(free) {
        eprintln!(
            "warning: only {} are free on the disk: {warning}",
            disk::gigabytes(free)
        );
    }
    mark_home(config)?;
    if running(config)?.is_some() && started_build(config)? != Some(this_build(config)?) {
        eprintln!("marquee-local has changed: restarting it");
        stop(config).await?;
    }
    if running(config)?.is_none() {
        stop_orphans(config).await?;
        health::require_free_ports(config)?;
        start_supervisor(config)?;
    }
    require_healthy(Service::Emulator, config).await?;
    marquee_deploy::deploy(&Target::local(config.installation())).await?;
    for service in [Service::MediaConvert, Service::SageMaker, Service::Edge] {
        require_healthy(service, config).await?;
    }
    eprintln!("Marquee is up: {}", config.edge_url());
    Ok(())
}

/// Stops everything; the state stays.
pub(crate) async fn down(config: &Config) -> anyhow::Result<()> {
    stop(config).await?;
    eprintln!("Marquee is down; its state is kept in {}", config.home.display());
    Ok(())
}

/// Stops everything and deletes the state.
pub(crate) async fn reset(config: &Config) -> anyhow::Result<()> {
    stop(config).await?;
    if !config.home.exists() {
        return Ok(());
    }
    anyhow::ensure!(
        config.home.join(HOME_MARKER).is_file(),
        "{} does not look like a home of Marquee: delete it yourself",
        config.home.display()
    );
    fs::remove_dir_all(&config.home).with_context(|| format!("{} cannot be deleted", config.home.display()))?;
    eprintln!("Marquee's state is deleted");
    Ok(())
}

/// Prints every service with its process, port and health; fails unless all are healthy.
pub(crate) async fn status(config: &Config) -> anyhow::Result<()> {
    let mut text = String::new();
    let run = config.home.join("run");
    let supervisor = PidFile::new(&run, SUPERVISOR).running();
    writeln!(text, "{:<14} {:>8} {:>6}  health", "service", "pid", "port")?;
    writeln!(
        text,
        "{SUPERVISOR:<14} {:>8} {:>6}  {}",
        shown(supervisor),
        "-",
        if supervisor.is_some() { "ok" } else { "-" }
    )?;
    let mut all_healthy = supervisor.is_some();
    for service in Service::ALL {
        let process = PidFile::new(&run, service.name()).running();
        let healthy = health::is_healthy(service, config).await;
        all_healthy &= healthy && process.is_some();
        let health = match (healthy, process) {
            (true, Some(_)) => "ok",
            (true, None) => "another program answers",
            (false, Some(_)) => "no answer",
            (false, None) => "down",
        };
        writeln!(
            text,
            "{:<14} {:>8} {:>6}  {health}",
            service.name(),
            shown(process),
            service.port(config)
        )?;
    }
    writeln!(
        text,
        "\naddress {}\nmail    {}/_edge/mail (no mail leaves this machine: sign-up codes are here)\nlogs    {}",
        config.edge_url(),
        config.edge_url(),
        config.home.join("logs").display()
    )?;
    // Before the first `up` there is no home yet.
    if let Ok(free) = disk::free_bytes(config) {
        let warning = disk::warning(free)
            .map(|warning| format!(" ({warning})"))
            .unwrap_or_default();
        writeln!(text, "disk    {} free{warning}", disk::gigabytes(free))?;
    }
    if let Some(admin) = Admin::read(&config.home) {
        match admin.password {
            Some(password) => writeln!(text, "admin   {} with password {password}", admin.email)?,
            None => writeln!(text, "admin   {}, whose password is not known here", admin.email)?,
        }
    }
    // The reader may have closed the pipe.
    let _closed = io::stdout().write_all(text.as_bytes());
    anyhow::ensure!(all_healthy, "not all services are up");
    Ok(())
}

fn shown(process: Option<Process>) -> String {
    process.map_or_else(|| "-".to_owned(), |process| process.pid().to_string())
}

fn running(config: &Config) -> anyhow::Result<Option<Process>> {
    Ok(PidFile::new(&config.folder("run")?, SUPERVISOR).running())
}

fn mark_home(config: &Config) -> anyhow::Result<()> {
    // It holds keys, passwords and tokens.
    fs::set_permissions(&config.home, fs::Permissions::from_mode(0o700))?;
    let marker = config.home.join(HOME_MARKER);
    anyhow::ensure!(
        marker.is_file() || fs::read_dir(&config.home)?.next().is_none(),
        "{} is not empty: choose an empty folder for MARQUEE_HOME",
        config.home.display()
    );
    fs::write(&marker, "").with_context(|| format!("{} cannot be written", marker.display()))?;
    config.ensure_root_key()
}

async fn require_healthy(service: Service, config: &Config) -> anyhow::Result<()> {
    anyhow::ensure!(
        health::wait_healthy(START_TIMEOUT, service, config).await,
        "{} does not answer on port {}; see {}",
        service.name(),
        service.port(config),
        service.log(config)?.display()
    );
    Ok(())
}

/// Starts this program again as the supervisor, in its own session, so that it outlives the terminal.
fn start_supervisor(config: &Config) -> anyhow::Result<()> {
    let log = services::open_log(&config.folder("logs")?.join("supervisor.log"))?;
    let child = Command::new(env::current_exe()?)
        .arg("supervise")
        .current_dir(config.project.folder())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("the supervisor cannot be started")?;
    let process = Process::find(child.id()).context("the supervisor exited at once; see logs/supervisor.log")?;
    PidFile::new(&config.folder("run")?, SUPERVISOR).write(process)?;
    fs::write(config.folder("run")?.join("build"), this_build(config)?.to_string())?;
    Ok(())
}

async fn stop(config: &Config) -> anyhow::Result<()> {
    if !config.home.exists() {
        return Ok(());
    }
    if let Some(supervisor) = running(config)? {
        supervisor.terminate();
        anyhow::ensure!(
            supervisor.wait_ended(STOP_TIMEOUT).await,
            "the supervisor (process {}) does not stop; see {}",
            supervisor.pid(),
            config.home.join("logs/supervisor.log").display()
        );
    }
    stop_orphans(config).await
}

/// Stops services whose supervisor was killed.
async fn stop_orphans(config: &Config) -> anyhow::Result<()> {
    let run = config.folder("run")?;
    for service in Service::ALL.into_iter().rev() {
        let file = PidFile::new(&run, service.name());
        if let Some(process) = file.running() {
            process.terminate();
            if !process.wait_ended(STOP_TIMEOUT).await {
                process.kill();
            }
        }
        file.clear();
    }
    Ok(())
}

/// A hash of the programs: this one, the recommender, the emulator and its patches.
fn this_build(config: &Config) -> anyhow::Result<u64> {
    let emulator = config.project.join("local/emulator");
    let mut files = vec![
        env::current_exe()?,
        config.recommender.clone(),
        config.project.join(".venv/.installed"),
    ];
    for folder in [emulator.join("patches"), emulator] {
        let folder = fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
        files.extend(folder.flatten().map(|entry| entry.path()));
    }
    files.retain(|file| file.is_file());
    files.sort();

    let mut hasher = DefaultHasher::new();
    for file in files {
        let metadata = fs::metadata(&file)?;
        (
            file,
            metadata.ino(),
            metadata.size(),
            metadata.mtime(),
            metadata.mtime_nsec(),
        )
            .hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn started_build(config: &Config) -> anyhow::Result<Option<u64>> {
    match fs::read_to_string(config.folder("run")?.join("build")) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
