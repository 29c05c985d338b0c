//! Memory and CPU time of processes.

use std::{fs, ops::Range};

use anyhow::Context as _;

/// The resident memory of a process, in MiB.
pub(crate) fn resident_mib(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;

    Some(kib / 1024.0)
}

/// The CPU seconds of a process and of its children that have ended.
pub(crate) fn cpu_seconds(pid: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;

    ticks(&stat, 11..15)
}

/// The CPU seconds of this process's children that have ended.
pub(crate) fn own_children_cpu_seconds() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;

    ticks(&stat, 13..15).context("/proc/self/stat has another form")
}

/// The sum of some fields of a `stat` file, counted from the field after the program's name, in seconds. Linux counts 100 ticks a second.
fn ticks(stat: &str, fields: Range<usize>) -> Option<f64> {
    let numbers: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let sum: Option<f64> = numbers
        .get(fields)?
        .iter()
        .map(|number| number.parse::<f64>().ok())
        .sum();

    Some(sum? / 100.0)
}
