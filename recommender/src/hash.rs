//! The hash of names and ids. FNV-1a has a fixed specification, so that later builds can read older artefacts.

use std::hash::Hasher as _;

use fnv::FnvHasher;

/// The hash of the concatenated parts.
pub(crate) fn hash(parts: &[&[u8]]) -> u64 {
    let mut hasher = FnvHasher::default();
    for part in parts {
        hasher.write(part);
    }
    hasher.finish()
}
