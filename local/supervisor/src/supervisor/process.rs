//! A process, told apart from a later one that happens to get its number.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use marquee_standin::files;
use nix::{sys::signal, unistd::Pid};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

/// A process id with the moment the process started, in the kernel's clock ticks.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Process {
    pid: i32,
    started: u64,
}

impl Process {
    /// The running process with this id; nothing if there is none.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        let pid = i32::try_from(pid).ok()?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some(Self {
            pid,
            started: started_at(&stat)?,
        })
    }

    /// Its id.
    pub(crate) fn pid(self) -> i32 {
        self.pid
    }

    /// Whether this very process still runs.
    pub(crate) fn is_alive(self) -> bool {
        u32::try_from(self.pid).ok().and_then(Self::of) == Some(self)
    }

    /// Asks it to end. A process that is gone already has done so.
    pub(crate) fn terminate(self) {
        self.send(signal::Signal::SIGTERM);
    }

    /// Ends it at once.
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

    /// Waits until it has ended; false when it still runs at the deadline.
    pub(crate) async fn ended_within(self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.is_alive() {
            if Instant::now() >= deadline {
                return false;
            }
            sleep(Duration::from_millis(50)).await;
        }
        true
    }
}

/// The 22nd field of `/proc/<pid>/stat`. The second one is the program's name in parentheses, which may hold anything.
/// A process that has ended but was not collected by its parent (state Z) counts as gone.
fn started_at(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace();
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// A file that names the process which currently plays a role.
#[derive(Clone, Debug)]
pub(crate) struct PidFile(PathBuf);

impl PidFile {
    /// The file of a role in a folder.
    pub(crate) fn new(folder: &Path, role: &str) -> Self {
        Self(folder.join(format!("{role}.json")))
    }

    /// Notes the process that plays the role. A supervisor and the process that started it may do so at the same time.
    pub(crate) fn write(&self, process: Process) -> anyhow::Result<()> {
        files::replace(&self.0, &serde_json::to_vec(&process)?)
    }

    /// Who plays the role, if that process still runs.
    pub(crate) fn running(&self) -> Option<Process> {
        let noted: Process = serde_json::from_slice(&fs::read(&self.0).ok()?).ok()?;
        noted.is_alive().then_some(noted)
    }

    /// Forgets who played the role.
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
    fn a_process_that_ended_but_was_not_collected_is_gone() {
        let stat = "77 (a) Z 1 77 77 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 4711 1000 200";
        assert_eq!(started_at(stat), None);
    }

    #[test]
    fn this_process_is_alive() {
        assert!(Process::of(std::process::id()).unwrap().is_alive());
    }

    #[test]
    fn a_recycled_id_is_another_process() {
        let me = Process::of(std::process::id()).unwrap();
        let earlier = Process {
            started: me.started - 1,
            ..me
        };
        let folder = tempfile::tempdir().unwrap();
        let file = PidFile::new(folder.path(), "emulator");

        file.write(earlier).unwrap();
        assert_eq!(file.running(), None);
        earlier.kill(); // this test goes on

        file.write(me).unwrap();
        assert_eq!(file.running(), Some(me));
    }

    #[tokio::test]
    async fn terminating_ends_a_process() {
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let process = Process::of(child.id()).unwrap();

        process.terminate();

        assert!(process.ended_within(Duration::from_secs(10)).await);
        child.wait().unwrap();
    }
}
