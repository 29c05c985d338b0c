//! The parts of a file that have been read.

/// Why parsing stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// These bytes have not been read yet.
    Need {
        /// The first.
        offset: u64,
        /// How many.
        len: u64,
    },
    /// The file ends before them, or a limit was reached.
    End,
}

/// The parts of a file that have been read; any other part can only be asked for.
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

    /// How many bytes have been read.
    pub(super) const fn held(&self) -> u64 {
        self.held
    }

    pub(super) fn add(&mut self, offset: u64, bytes: Vec<u8>) {
        self.held += bytes.len() as u64;
        self.parts.push((offset, bytes));
    }

    /// The file's first bytes: as many as a kind is recognised by, or the whole of a smaller file.
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
        let mut asked = false;
        for (start, bytes) in &self.parts {
            if *start <= offset && end <= start + bytes.len() as u64 {
                let from = usize::try_from(offset - start).map_err(|_| Stop::End)?;
                let len = usize::try_from(len).map_err(|_| Stop::End)?;
                return bytes.get(from..from + len).ok_or(Stop::End);
            }
            asked |= *start == offset && (bytes.len() as u64) < super::WINDOW.min(self.size - offset);
        }
        // What was read from here and came back shorter than any range that is read will not grow by asking again.
        if asked {
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
