//! A memory-mapped file: `serve` starts without copying it.

use std::{fs::File, io, ops::Deref, path::Path};

use memmap2::Mmap;

/// A file in memory.
#[derive(Debug)]
pub(crate) struct Mapped(Mmap);

impl Mapped {
    #[expect(
        unsafe_code,
        reason = "safe Rust cannot map a file. It is sound as long as no process changes the file: SageMaker writes an artefact \
                  once and never again, and the stand-in unpacks each into a folder of its own"
    )]
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: see above.
        Ok(Self(unsafe { Mmap::map(&file)? }))
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
