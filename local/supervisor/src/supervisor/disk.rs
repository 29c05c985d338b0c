//! How much room is left where the installation keeps its state.
//!
//! A full disk looks like a failure of everything at once: uploads that are not taken, jobs that end, tables that are not saved.

use std::path::Path;

use anyhow::Context as _;
use nix::sys::statvfs::statvfs;

use crate::config::Config;

/// Below this nothing is started: a film of an hour, its renditions and the saved state may be as large.
const LEAST_BYTES: u64 = 2_000_000_000;
/// Below this `up` and `status` warn.
const SCARCE_BYTES: u64 = 5_000_000_000;

/// What is left on the disk of the installation's home, in bytes.
pub(super) fn free_bytes(config: &Config) -> anyhow::Result<u64> {
    free_at(&config.home)
}

fn free_at(folder: &Path) -> anyhow::Result<u64> {
    let disk = statvfs(folder).with_context(|| format!("the disk of {} cannot be asked", folder.display()))?;

    Ok(disk.blocks_available() * disk.fragment_size())
}

/// Fails when so little is left that nothing would work.
pub(super) fn require_room(free: u64, config: &Config) -> anyhow::Result<()> {
    anyhow::ensure!(
        free >= LEAST_BYTES,
        "only {} are free where {} is, and {} are needed at least: make room, or set MARQUEE_HOME to a folder on another disk",
        gigabytes(free),
        config.home.display(),
        gigabytes(LEAST_BYTES),
    );

    Ok(())
}

/// What people have to know about the room that is left; nothing when there is enough.
pub(super) fn warning(free: u64) -> Option<&'static str> {
    match free {
        0..LEAST_BYTES => Some("uploads and transcoding will fail"),
        LEAST_BYTES..SCARCE_BYTES => Some("large films will not fit"),
        _ => None,
    }
}

/// `12.3 GB`.
pub(super) fn gigabytes(bytes: u64) -> String {
    format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_before_anything_starts() {
        let config = Config::from_env().unwrap();

        let message = require_room(340_000_000, &config).unwrap_err().to_string();

        assert!(message.contains("only 0.3 GB"), "{message}");
        assert!(message.contains("MARQUEE_HOME"), "{message}");
        require_room(LEAST_BYTES, &config).unwrap();
    }

    #[test]
    fn what_is_scarce_is_said() {
        assert_eq!(warning(SCARCE_BYTES), None);
        assert!(warning(SCARCE_BYTES - 1).unwrap().contains("large films"));
        assert!(warning(LEAST_BYTES - 1).unwrap().contains("will fail"));
    }

    #[test]
    fn the_disk_of_a_folder_is_asked() {
        assert!(free_at(Path::new("/")).unwrap() > 0);
        assert!(free_at(Path::new("/no/such/folder")).is_err());
    }
}
