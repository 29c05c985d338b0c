//! The supervisor with real services: killed ones are restarted, and none outlives it.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::{
    collections::BTreeSet,
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use serde_json::Value;

const TIMEOUT: Duration = Duration::from_mins(1);

/// An installation with its own folder and ports.
struct Installation {
    home: tempfile::TempDir,
    ports: [(&'static str, u16); 4],
}

impl Installation {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            ports: ["EDGE", "EMULATOR", "MEDIACONVERT", "SAGEMAKER"].map(|variable| (variable, free_port())),
        }
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_marquee-local"));
        command
            .arg(subcommand)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
            .env("MARQUEE_HOME", self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for (variable, port) in self.ports {
            command.env(format!("MARQUEE_{variable}_PORT"), port.to_string());
        }
        command
    }

    fn supervise(&self) -> Child {
        self.command("supervise").spawn().unwrap()
    }

    /// The current process of a role.
    fn pid(&self, role: &str) -> Option<u64> {
        let file: PathBuf = self.home.path().join(format!("run/{role}.json"));
        let saved: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        saved["pid"].as_u64()
    }

    /// The emulator's process, once it answers.
    fn answering_emulator(&self) -> u64 {
        eventually("the emulator answers", || {
            let answers = TcpStream::connect(("127.0.0.1", self.ports[1].1)).is_ok();

            self.pid("emulator").filter(|_| answers)
        })
    }
}

/// A free port. Tests run at the same time, and a port is used only once its service listens: so no port is returned twice.
fn free_port() -> u16 {
    static RETURNED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut returned = RETURNED.lock().unwrap();
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if returned.insert(port) {
            return port;
        }
    }
}

fn eventually<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Some(value) = check() {
            return value;
        }
        assert!(Instant::now() < deadline, "timed out: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn kill(signal: &str, pid: u64) {
    assert!(
        Command::new("kill")
            .args([signal, &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
}

fn is_alive(pid: u64) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(')').is_some_and(|(_, rest)| rest.starts_with(" Z")))
}

#[test]
fn a_killed_service_is_restarted_and_a_stop_ends_all() {
    let installation = Installation::new();
    let mut supervisor = installation.supervise();
    let first = installation.answering_emulator();

    kill("-KILL", first);
    eventually("another emulator is started", || {
        installation.pid("emulator").filter(|pid| *pid != first)
    });
    let second = installation.answering_emulator();

    kill("-TERM", supervisor.id().into());
    assert!(supervisor.wait().unwrap().success());
    assert!(!is_alive(second));
    assert_eq!(installation.pid("emulator"), None);
}

#[test]
fn no_service_outlives_a_killed_supervisor() {
    let installation = Installation::new();
    let mut supervisor = installation.supervise();
    let emulator = installation.answering_emulator();

    supervisor.kill().unwrap();
    supervisor.wait().unwrap();

    eventually("the emulator ends", || (!is_alive(emulator)).then_some(()));
}

#[test]
fn the_logs_of_a_stopped_marquee_say_how_to_start_it() {
    let installation = Installation::new();

    let logs = installation.command("logs").stderr(Stdio::piped()).output().unwrap();

    assert!(!logs.status.success());
    let error = String::from_utf8(logs.stderr).unwrap();
    assert!(error.contains("run `make up` first"), "{error}");
}

#[test]
fn there_is_one_supervisor() {
    let installation = Installation::new();
    let mut supervisor = installation.supervise();
    eventually("the supervisor runs", || installation.pid("supervisor"));

    let second = installation.command("supervise").status().unwrap();

    assert!(!second.success());
    kill("-TERM", supervisor.id().into());
    supervisor.wait().unwrap();
}

#[test]
fn down_and_reset_before_up_are_harmless() {
    let installation = Installation::new();
    assert!(installation.command("down").status().unwrap().success());

    let other = installation.home.path().join("precious");
    fs::write(&other, "").unwrap();
    assert!(!installation.command("reset").status().unwrap().success());
    assert!(other.is_file(), "another folder is not deleted");
}
