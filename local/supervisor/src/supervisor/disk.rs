//! Free space on the disk of the installation.
//!
//! A full disk looks like many failures at once: refused uploads, failed jobs, unsaved tables.

use std::path::Path;

use anyhow::Context as _;
use nix::sys::statvfs::statvfs;

use crate::config::Config;

/// Below this nothing is started: an hour's film with its renditions and the saved state may need it.
const MIN_FREE_BYTES: u64 = 2_000_000_000;
/// Below this `up` and `status` warn.
const LOW_FREE_BYTES: u64 = 5_000_000_000;

/// The free bytes on the disk of the installation's home.
pub(super) fn free_bytes(config: &Config) -> anyhow::Result<u64> {
    free_at(&config.home)
}

fn free_at(folder: &Path) -> anyhow::Result<u64> {
    let disk = statvfs(folder).with_context(|| format!("the free space of {} cannot be read", folder.display()))?;

    Ok(disk.blocks_available() * disk.fragment_size())
}

/// Fails if there is too little space to start.
pub(super) fn require_space(free: u64, config: &Config) -> anyhow::Result<()> {
    anyhow::ensure!(
        free >= MIN_FREE_BYTES,
        "only {} are free on the disk of {}, and at least {} are needed: free some space, or set MARQUEE_HOME to a folder on another disk",
        gigabytes(free),
        config.home.display(),
        gigabytes(MIN_FREE_BYTES),
    );

    Ok(())
}

/// A warning about little free space.
pub(super) fn warning(free: u64) -> Option<&'static str> {
    match free {
        0..MIN_FREE_BYTES => Some("uploads and transcoding will fail"),
        MIN_FREE_BYTES..LOW_FREE_BYTES => Some("large films will not fit"),
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
    fn a_full_disk_prevents_the_start() {
        let config = Config::from_env().unwrap();

        let message = require_space(340_000_000, &config).unwrap_err().to_string();

        assert!(message.contains("only 0.3 GB"), "{message}");
        assert!(message.contains("MARQUEE_HOME"), "{message}");
        require_space(MIN_FREE_BYTES, &config).unwrap();
    }

    #[test]
    fn little_space_is_warned_about() {
        assert_eq!(warning(LOW_FREE_BYTES), None);
        assert!(warning(LOW_FREE_BYTES - 1).unwrap().contains("large films"));
        assert!(warning(MIN_FREE_BYTES - 1).unwrap().contains("will fail"));
    }

    #[test]
    fn the_free_space_of_a_folder_is_read() {
        assert!(free_at(Path::new("/")).unwrap() > 0);
        assert!(free_at(Path::new("/no/such/folder")).is_err());
    }
}
