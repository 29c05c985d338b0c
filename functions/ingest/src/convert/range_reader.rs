//! Reads an object of S3 like a file with `Read` and `Seek`: only the ranges that a parser reads are fetched.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::{Arc, Mutex, PoisonError},
};

use adapters::s3::Bucket;
use domain::ingest::IngestError;
use tokio::runtime::Handle;

use crate::step::StepFailure;

/// Large enough for several tags, which are close together.
const WINDOW: u64 = 256 * 1024;
/// A parser that reads more than this (64 MiB in all) was misled by the file.
const MAX_READS: usize = 256;

/// A reader of an object. It blocks, so it belongs on a thread for blocking calls.
pub(super) struct RangeReader {
    bucket: Bucket,
    key: String,
    size: u64,
    runtime: Handle,
    at: u64,
    start: u64,
    window: Vec<u8>,
    reads: usize,
    failure: Arc<ReadFailure>,
}

/// Why a range could not be fetched, for the caller of the parser.
#[derive(Default)]
pub(super) struct ReadFailure(Mutex<Option<StepFailure>>);

impl ReadFailure {
    pub(super) fn take(&self) -> Option<StepFailure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl RangeReader {
    /// Reads an object of `size` bytes, on another thread of the current runtime.
    pub(super) fn new(bucket: Bucket, key: String, size: u64) -> Self {
        Self {
            bucket,
            key,
            size,
            runtime: Handle::current(),
            at: 0,
            start: 0,
            window: Vec::new(),
            reads: 0,
            failure: Arc::default(),
        }
    }

    pub(super) fn failure(&self) -> Arc<ReadFailure> {
        Arc::clone(&self.failure)
    }

    /// Fetches a window that has the next byte, unless the current one has it.
    fn fetch(&mut self) -> io::Result<()> {
        let held = self.start..self.start + self.window.len() as u64;
        if held.contains(&self.at) {
            return Ok(());
        }
        if self.reads == MAX_READS {
            return Err(io::Error::other("too much of the file was read"));
        }
        self.reads += 1;
        let len = WINDOW.min(self.size - self.at);
        let read = self.runtime.block_on(self.bucket.read(&self.key, self.at, len));
        let failed = |failure: StepFailure| {
            *self.failure.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            io::Error::other("the file could not be read")
        };
        self.window = read
            .map_err(|error| failed(error.into()))?
            .ok_or_else(|| failed(IngestError::SourceMissing.into()))?;
        self.start = self.at;

        Ok(())
    }
}

impl Read for RangeReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        self.fetch()?;
        let from = usize::try_from(self.at - self.start).map_err(io::Error::other)?;
        let held = self.window.get(from..).unwrap_or_default();
        let len = held.len().min(buffer.len());
        buffer[..len].copy_from_slice(&held[..len]);
        self.at += len as u64;

        Ok(len)
    }
}

impl Seek for RangeReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;

        Ok(self.at)
    }
}
