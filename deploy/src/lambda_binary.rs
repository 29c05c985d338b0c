//! Checks of release binaries: Lambda can start them, and they are small enough to start fast.

use std::{collections::BTreeSet, fs};

use anyhow::Context as _;

use crate::{Target, target::Architecture};

/// The C library of `provided.al2023`: glibc 2.34.
const GLIBC: Version = (2, 34);
/// Larger binaries take noticeably longer to load in a cold start.
const MAX_BYTES: usize = 15_000_000;
/// The pipeline uses every service and decodes pictures, and no viewer waits for its steps to start.
const MAX_INGEST_BYTES: usize = 20_000_000;

type Version = (u32, u32);

/// Fails if a binary is for another architecture, needs a newer C library than Lambda's, or is too large.
pub(crate) fn require_valid(
    target: &Target,
    architecture: Architecture,
    names: &BTreeSet<String>,
) -> anyhow::Result<()> {
    let (mut largest, mut newest) = (0, (0, 0));
    for name in names {
        let file = target.binary(name);
        let binary = fs::read(&file).with_context(|| format!("{} was not built", file.display()))?;
        let max_bytes = if name == "ingest" { MAX_INGEST_BYTES } else { MAX_BYTES };
        let (bytes, glibc) =
            check(&binary, architecture, max_bytes).with_context(|| format!("{name} cannot run on Lambda"))?;
        largest = largest.max(bytes);
        newest = newest.max(glibc);
    }
    eprintln!(
        "release binaries for {architecture}: at most {:.1} MB, glibc {}.{} or newer",
        f64::from(u32::try_from(largest)?) / 1e6,
        newest.0,
        newest.1
    );
    Ok(())
}

/// The size, and the oldest glibc that the binary runs with.
fn check(binary: &[u8], architecture: Architecture, max_bytes: usize) -> anyhow::Result<(usize, Version)> {
    anyhow::ensure!(binary.starts_with(b"\x7fELF"), "it is not an ELF binary");
    let machine = binary.get(18..20).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
    let expected = match architecture {
        Architecture::Arm64 => 183,
        Architecture::X86 => 62,
    };
    anyhow::ensure!(machine == Some(expected), "it is not built for {architecture}");
    anyhow::ensure!(
        binary.len() <= max_bytes,
        "it has {} bytes, {max_bytes} are allowed",
        binary.len()
    );
    let glibc = newest_glibc(binary);
    anyhow::ensure!(
        glibc <= GLIBC,
        "it needs glibc {}.{}, provided.al2023 has {}.{}",
        glibc.0,
        glibc.1,
        GLIBC.0,
        GLIBC.1
    );
    Ok((binary.len(), glibc))
}

/// The newest version that the symbols for the dynamic linker name, as `GLIBC_<major>.<minor>`.
fn newest_glibc(binary: &[u8]) -> Version {
    const PREFIX: &[u8] = b"GLIBC_";
    binary
        .windows(PREFIX.len())
        .enumerate()
        .filter(|(_, window)| *window == PREFIX)
        .filter_map(|(at, _)| version(&binary[at + PREFIX.len()..]))
        .max()
        .unwrap_or((0, 0))
}

fn version(text: &[u8]) -> Option<Version> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.')?;
    let mut parts = std::str::from_utf8(&text[..end]).ok()?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a binary, and the symbols for the dynamic linker.
    fn binary(machine: u16, names: &str) -> Vec<u8> {
        let mut bytes = b"\x7fELF".to_vec();
        bytes.resize(18, 0);
        bytes.extend(machine.to_le_bytes());
        bytes.extend(names.replace(' ', "\0").bytes());
        bytes.push(0);
        bytes
    }

    fn refusal(binary: &[u8]) -> String {
        check(binary, Architecture::X86, MAX_BYTES).unwrap_err().to_string()
    }

    #[test]
    fn the_newest_version_counts() {
        let names = "libc.so.6 GLIBC_2.2.5 GLIBC_2.34 GLIBC_2.9 GLIBC_PRIVATE";
        assert_eq!(
            check(&binary(62, names), Architecture::X86, MAX_BYTES).unwrap().1,
            (2, 34)
        );
        assert_eq!(
            check(&binary(62, "libc.so.6"), Architecture::X86, MAX_BYTES).unwrap().1,
            (0, 0)
        );
    }

    #[test]
    fn a_binary_that_lambda_cannot_start_is_refused() {
        assert!(refusal(&binary(62, "GLIBC_2.2.5 GLIBC_2.35")).contains("needs glibc 2.35"));
        assert!(refusal(&binary(183, "GLIBC_2.17")).contains("not built for x86_64"));
        assert!(refusal(b"#!/bin/sh\n").contains("not an ELF"));
        let mut large = binary(62, "GLIBC_2.17");
        large.resize(MAX_BYTES + 1, 0);
        assert!(refusal(&large).contains("15000000 are allowed"));
    }

    #[test]
    fn this_program_is_an_elf_binary_for_this_machine() {
        let this = fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(
            newest_glibc(&this) > (2, 0),
            "a program of this machine needs its C library"
        );
    }
}
