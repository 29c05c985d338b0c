//! An object of S3 as a file that can be read and sought in: only the ranges that a parser looks at are fetched.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::{Arc, Mutex, PoisonError},
};

use adapters::s3::Bucket;
use domain::ingest::IngestError;
use tokio::runtime::Handle;

use crate::step::StepFailure;

/// Tags lie close together.
const WINDOW: u64 = 256 * 1024;
/// A parser that looks at more than this (64 MiB in all) has been led astray.
const MAX_READS: usize = 256;

/// The object. Reading blocks, so it belongs on a thread for that.
pub(super) struct Ranges {
    bucket: Bucket,
    key: String,
    size: u64,
    runtime: Handle,
    at: u64,
    start: u64,
    window: Vec<u8>,
    reads: usize,
    failure: Arc<Failure>,
}

/// Why a range could not be fetched, for whoever gave the object to a parser.
#[derive(Default)]
pub(super) struct Failure(Mutex<Option<StepFailure>>);

impl Failure {
    pub(super) fn take(&self) -> Option<StepFailure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Ranges {
    /// An object of `size` bytes, to be read by another thread of the runtime that this is called in.
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

    pub(super) fn failure(&self) -> Arc<Failure> {
        Arc::clone(&self.failure)
    }

    /// Sees to it that the next byte is in the window.
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

impl Read for Ranges {
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

impl Seek for Ranges {
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
