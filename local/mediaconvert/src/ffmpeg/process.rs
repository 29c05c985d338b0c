//! FFmpeg and FFprobe as confined child processes: each has its own folder, a clean environment, limits on time, memory and file
//! size, and ends with the stand-in.
//!
//! `setpriv` (util-linux) makes the kernel kill the child when its parent dies; `prlimit` sets the limits. Memory is measured here
//! instead of limited by `RLIMIT_AS`, under which FFmpeg 9 may loop endlessly.

use std::{collections::VecDeque, path::Path, process::Stdio, time::Duration};

use anyhow::Context as _;
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

/// The number of last lines of the error output that are kept.
const MAX_STDERR_LINES: usize = 200;

/// The limits of a child process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) wall_seconds: u64,
    pub(crate) cpu_seconds: u64,
    /// The time limit without progress.
    pub(crate) stall_seconds: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) file_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_seconds: 600,
            cpu_seconds: 1200,
            stall_seconds: 120,
            memory_bytes: 4 << 30,
            file_bytes: 32 << 30,
        }
    }
}

/// How a child process ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Exited {
        success: bool,
        stdout: Vec<u8>,
        stderr: String,
    },
    /// By the stand-in: a limit, or a cancellation.
    Killed { why: String },
}

/// For a child that is never canceled.
pub(crate) fn never() -> CancellationToken {
    CancellationToken::new()
}

/// Runs a short program and collects its output.
pub(crate) async fn output(
    program: &Path,
    arguments: &[String],
    folder: &Path,
    limits: Limits,
) -> anyhow::Result<Outcome> {
    let mut stdout = Vec::new();
    let keep = |line: &str| {
        stdout.extend_from_slice(line.as_bytes());
        stdout.push(b'\n');
        true
    };
    let outcome = run(program, arguments, folder, limits, &CancellationToken::new(), keep).await?;
    Ok(match outcome {
        Outcome::Exited { success, stderr, .. } => Outcome::Exited {
            success,
            stdout,
            stderr,
        },
        killed @ Outcome::Killed { .. } => killed,
    })
}

/// Runs a program to its end, a limit or a cancellation. The callback gets each line of the output and returns whether it shows
/// progress. Afterwards the whole process group has ended.
pub(crate) async fn run(
    program: &Path,
    arguments: &[String],
    folder: &Path,
    limits: Limits,
    cancel: &CancellationToken,
    mut on_line: impl FnMut(&str) -> bool,
) -> anyhow::Result<Outcome> {
    let mut child = spawn(program, arguments, folder, limits)?;
    let group = Group(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw));
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut stdout = BufReader::new(stdout.context("the child has no output")?).lines();
    let mut stderr = BufReader::new(stderr.context("the child has no error output")?).lines();
    let mut stderr_lines = VecDeque::new();
    let started = Instant::now();
    let mut alive_at = started;
    let mut watch = interval(Duration::from_millis(500));
    watch.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut out_open, mut error_open) = (true, true);

    while out_open || error_open {
        tokio::select! {
            line = stdout.next_line(), if out_open => match line {
                Ok(Some(line)) => if on_line(&line) { alive_at = Instant::now() },
                _ => out_open = false,
            },
            line = stderr.next_line(), if error_open => match line {
                Ok(Some(line)) => {
                    if stderr_lines.len() == MAX_STDERR_LINES { stderr_lines.pop_front(); }
                    stderr_lines.push_back(line);
                }
                _ => error_open = false,
            },
            _ = watch.tick() => {
                if let Some(why) = group.broken_limit(limits, started, alive_at) {
                    return group.end(&mut child, why).await;
                }
            }
            () = cancel.cancelled() => return group.end(&mut child, "canceled".to_owned()).await,
        }
    }
    let status = child.wait().await.context("cannot wait for the child")?;
    group.kill();
    let stderr = stderr_lines.into_iter().collect::<Vec<_>>().join("\n");
    Ok(Outcome::Exited {
        success: status.success(),
        stdout: Vec::new(),
        stderr,
    })
}

fn spawn(program: &Path, arguments: &[String], folder: &Path, limits: Limits) -> anyhow::Result<Child> {
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "prlimit"])
        .arg(format!("--cpu={}", limits.cpu_seconds))
        .arg(format!("--fsize={}", limits.file_bytes))
        .args(["--core=0", "--nofile=1024"])
        .arg(program)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        // The static FFprobe crashes when it loads the system's character sets, which MPEG-TS makes it do.
        .env("GCONV_PATH", "/nonexistent")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))
}

/// The child's process group, which is killed on drop.
struct Group(Option<Pid>);

impl Group {
    fn kill(&self) {
        if let Some(group) = self.0 {
            // It fails when the group has already ended.
            let _ended = killpg(group, Signal::SIGKILL);
        }
    }

    async fn end(&self, child: &mut Child, why: String) -> anyhow::Result<Outcome> {
        self.kill();
        child.wait().await.context("cannot wait for the child")?;
        Ok(Outcome::Killed { why })
    }

    fn broken_limit(&self, limits: Limits, started: Instant, alive_at: Instant) -> Option<String> {
        if started.elapsed() > Duration::from_secs(limits.wall_seconds) {
            return Some(format!("it took more than {} s", limits.wall_seconds));
        }
        if alive_at.elapsed() > Duration::from_secs(limits.stall_seconds) {
            return Some(format!("it made no progress for {} s", limits.stall_seconds));
        }
        let used = self.0.and_then(resident_bytes)?;
        (used > limits.memory_bytes).then(|| format!("it used more than {} MB of memory", limits.memory_bytes >> 20))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The resident memory of a process.
fn resident_bytes(process: Pid) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn shell(script: &str, limits: Limits) -> Outcome {
        let arguments = ["-c".to_owned(), script.to_owned()];
        output(Path::new("/bin/sh"), &arguments, Path::new("/"), limits)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn output_and_errors_are_collected() {
        let outcome = shell("echo out; echo error >&2; exit 3", Limits::default()).await;
        let Outcome::Exited {
            success: false,
            stdout,
            stderr,
        } = outcome
        else {
            panic!("{outcome:?}")
        };
        assert_eq!((stdout.as_slice(), stderr.as_str()), (b"out\n".as_slice(), "error"));
    }

    #[tokio::test]
    async fn the_environment_is_clean() {
        let Outcome::Exited { stdout, .. } = shell("env", Limits::default()).await else {
            panic!()
        };
        let names: Vec<String> = String::from_utf8(stdout)
            .unwrap()
            .lines()
            .filter_map(|line| line.split_once('=').map(|(name, _)| name.to_owned()))
            .filter(|name| !matches!(name.as_str(), "PATH" | "GCONV_PATH" | "PWD" | "SHLVL" | "_" | "OLDPWD"))
            .collect();
        assert!(names.is_empty(), "{names:?}");
    }

    #[tokio::test]
    async fn a_child_that_takes_too_long_is_killed_with_its_children() {
        let outcome = shell(
            "sleep 600 & sleep 600",
            Limits {
                wall_seconds: 1,
                ..Limits::default()
            },
        )
        .await;
        assert!(
            matches!(&outcome, Outcome::Killed { why } if why.contains("more than 1 s")),
            "{outcome:?}"
        );
    }

    #[tokio::test]
    async fn a_child_that_uses_too_much_cpu_is_killed() {
        let outcome = shell(
            "while :; do :; done",
            Limits {
                cpu_seconds: 1,
                ..Limits::default()
            },
        )
        .await;
        assert!(matches!(outcome, Outcome::Exited { success: false, .. }), "{outcome:?}");
    }

    #[tokio::test]
    async fn a_child_without_progress_is_killed() {
        let outcome = shell(
            "sleep 600",
            Limits {
                stall_seconds: 1,
                ..Limits::default()
            },
        )
        .await;
        assert!(
            matches!(&outcome, Outcome::Killed { why } if why.contains("no progress")),
            "{outcome:?}"
        );
    }
}
