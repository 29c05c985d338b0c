//! The hash of everything here that is found or drawn by its name. FNV-1a is fixed by its specification, so that artefacts
//! stay readable by later builds.

use std::hash::Hasher as _;

use fnv::FnvHasher;

/// The hash of these bytes, one part after the other.
pub(crate) fn of(parts: &[&[u8]]) -> u64 {
    let mut hasher = FnvHasher::default();
    for part in parts {
        hasher.write(part);
    }
    hasher.finish()
}
