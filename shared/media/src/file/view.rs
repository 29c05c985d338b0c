//! The parts of a file that have been read.

/// Why parsing stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// These bytes have not been read yet.
    Need {
        /// Offset of the first byte.
        offset: u64,
        /// Number of bytes.
        len: u64,
    },
    /// The file ends before these bytes, or a limit was reached.
    End,
}

/// The parts of a file that have been read. Other parts return [`Stop::Need`].
#[derive(Clone, Debug)]
pub(super) struct View {
    size: u64,
    parts: Vec<(u64, Vec<u8>)>,
    held: u64,
}

impl View {
    pub(super) const fn new(size: u64) -> Self {
        Self {
            size,
            parts: Vec::new(),
            held: 0,
        }
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The number of bytes that have been read.
    pub(super) const fn held(&self) -> u64 {
        self.held
    }

    pub(super) fn add(&mut self, offset: u64, bytes: Vec<u8>) {
        self.held += bytes.len() as u64;
        self.parts.push((offset, bytes));
    }

    /// The file's first bytes, from which its kind is detected; all bytes of a smaller file.
    pub(super) fn head(&self) -> Result<&[u8], Stop> {
        self.get(0, self.size.min(super::WINDOW))
    }

    /// `len` bytes at `offset`.
    pub(super) fn get(&self, offset: u64, len: u64) -> Result<&[u8], Stop> {
        let end = offset
            .checked_add(len)
            .filter(|end| *end <= self.size)
            .ok_or(Stop::End)?;
        if len == 0 {
            return Ok(&[]);
        }
        let mut was_read = false;
        for (start, bytes) in &self.parts {
            if *start <= offset && end <= start + bytes.len() as u64 {
                let from = usize::try_from(offset - start).map_err(|_| Stop::End)?;
                let len = usize::try_from(len).map_err(|_| Stop::End)?;
                return bytes.get(from..from + len).ok_or(Stop::End);
            }
            was_read |= *start == offset && (bytes.len() as u64) < super::WINDOW.min(self.size - offset);
        }
        // A read at this offset returned fewer bytes than requested, so the file ends here.
        if was_read {
            Err(Stop::End)
        } else {
            Err(Stop::Need { offset, len })
        }
    }

    pub(super) fn u32(&self, offset: u64) -> Result<u32, Stop> {
        self.array(offset).map(u32::from_be_bytes)
    }

    pub(super) fn u64(&self, offset: u64) -> Result<u64, Stop> {
        self.array(offset).map(u64::from_be_bytes)
    }

    pub(super) fn array<const N: usize>(&self, offset: u64) -> Result<[u8; N], Stop> {
        self.get(offset, N as u64)?.try_into().map_err(|_| Stop::End)
    }
}
