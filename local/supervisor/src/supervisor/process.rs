//! Processes, distinguished from later ones with the same id.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use marquee_standin::files;
use nix::{sys::signal, unistd::Pid};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

/// A process id with the start time of the process, in the kernel's clock ticks.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Process {
    pid: i32,
    started: u64,
}

impl Process {
    /// The running process with this id, if there is one.
    pub(crate) fn find(pid: u32) -> Option<Self> {
        let pid = i32::try_from(pid).ok()?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some(Self {
            pid,
            started: started_at(&stat)?,
        })
    }

    /// The process id.
    pub(crate) fn pid(self) -> i32 {
        self.pid
    }

    /// Whether this process still runs.
    pub(crate) fn is_alive(self) -> bool {
        u32::try_from(self.pid).ok().and_then(Self::find) == Some(self)
    }

    /// Sends SIGTERM, unless the process has ended.
    pub(crate) fn terminate(self) {
        self.send(signal::Signal::SIGTERM);
    }

    /// Sends SIGKILL, unless the process has ended.
    pub(crate) fn kill(self) {
        self.send(signal::Signal::SIGKILL);
    }

    fn send(self, signal: signal::Signal) {
        if self.is_alive()
            && let Err(error) = signal::kill(Pid::from_raw(self.pid), signal)
        {
            tracing::debug!(pid = self.pid, %error, "could not send {signal}");
        }
    }

    /// Waits until it has ended; false if it still runs after the timeout.
    pub(crate) async fn wait_ended(self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        while self.is_alive() {
            if Instant::now() >= deadline {
                return false;
            }
            sleep(Duration::from_millis(50)).await;
        }
        true
    }
}

/// The 22nd field of `/proc/<pid>/stat`. The second one is the program's name in parentheses, with any characters in it. A zombie
/// (state Z) counts as ended.
fn started_at(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace();
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// A file with the process of a role.
#[derive(Clone, Debug)]
pub(crate) struct PidFile(PathBuf);

impl PidFile {
    /// The file of a role in a folder.
    pub(crate) fn new(folder: &Path, role: &str) -> Self {
        Self(folder.join(format!("{role}.json")))
    }

    /// Saves the process. A supervisor and the process that started it may do so at the same time.
    pub(crate) fn write(&self, process: Process) -> anyhow::Result<()> {
        files::replace(&self.0, &serde_json::to_vec(&process)?)
    }

    /// The saved process, if it still runs.
    pub(crate) fn running(&self) -> Option<Process> {
        let saved: Process = serde_json::from_slice(&fs::read(&self.0).ok()?).ok()?;
        saved.is_alive().then_some(saved)
    }

    /// Removes the file.
    pub(crate) fn clear(&self) {
        if let Err(error) = fs::remove_file(&self.0)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "could not remove {}", self.0.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_confuse_the_start_time() {
        let stat = "77 (a) b (c)) S 1 77 77 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 4711 1000 200";
        assert_eq!(started_at(stat), Some(4711));
    }

    #[test]
    fn a_zombie_has_ended() {
        let stat = "77 (a) Z 1 77 77 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 4711 1000 200";
        assert_eq!(started_at(stat), None);
    }

    #[test]
    fn this_process_is_alive() {
        assert!(Process::find(std::process::id()).unwrap().is_alive());
    }

    #[test]
    fn a_recycled_id_is_another_process() {
        let me = Process::find(std::process::id()).unwrap();
        let earlier = Process {
            started: me.started - 1,
            ..me
        };
        let folder = tempfile::tempdir().unwrap();
        let file = PidFile::new(folder.path(), "emulator");

        file.write(earlier).unwrap();
        assert_eq!(file.running(), None);
        earlier.kill(); // does not kill this test

        file.write(me).unwrap();
        assert_eq!(file.running(), Some(me));
    }

    #[tokio::test]
    async fn terminating_ends_a_process() {
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let process = Process::find(child.id()).unwrap();

        process.terminate();

        assert!(process.wait_ended(Duration::from_secs(10)).await);
        child.wait().unwrap();
    }
}
