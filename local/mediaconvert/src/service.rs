//! The shared parts of the running stand-in.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Context as _;
use marquee_standin::{
    authorize::Authorizer,
    aws::{self, root},
    clock::Clock,
    event_bus::EventBus,
    role::Roles,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Settings, input::InputCache, store::Store};

/// The service's name in trust policies and in `iam:PassedToService`.
pub(super) const PRINCIPAL: &str = "mediaconvert.amazonaws.com";

/// The parts that routes and runners need.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) settings: Settings,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) authorizer: Authorizer,
    pub(super) roles: Roles,
    pub(super) inputs: InputCache,
    /// The emulator's S3, with the stand-in's own rights.
    pub(super) s3: aws_sdk_s3::Client,
    pub(super) bus: EventBus,
    /// Announces that a job may start.
    pub(super) job_added: Notify,
    /// Announces new events.
    pub(super) event_added: Notify,
    folder: PathBuf,
    running: Mutex<HashMap<String, CancellationToken>>,
    ids: AtomicU64,
}

impl Service {
    /// Opens the saved state.
    pub(super) fn open(settings: Settings) -> anyhow::Result<Self> {
        let folder = std::path::absolute(&settings.folder).context("MARQUEE_HOME is not a path")?;
        let clock = Clock::default();
        let store = Store::open(&folder, clock.now())?;
        let inputs = InputCache::open(&folder.join("inputs"), &settings.objects)?;
        let work = folder.join("work");
        // Interrupted jobs start over.
        if work.exists() {
            std::fs::remove_dir_all(&work).with_context(|| format!("cannot clear {}", work.display()))?;
        }
        Ok(Self {
            store,
            clock,
            authorizer: Authorizer::new(&settings.emulator),
            roles: Roles::new(&settings.emulator, PRINCIPAL),
            inputs,
            s3: aws::s3(&root(&settings.emulator)),
            bus: EventBus::new(&settings.emulator, &settings.transcoding.event_source),
            job_added: Notify::new(),
            event_added: Notify::new(),
            folder,
            running: Mutex::default(),
            ids: AtomicU64::default(),
            settings,
        })
    }

    /// The folder of a job or a probe.
    pub(super) fn work_folder(&self, name: &str) -> PathBuf {
        self.folder.join("work").join(name)
    }

    /// A number that is unique in this process.
    pub(super) fn next_salt(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// Registers a running job; the token cancels it.
    pub(super) fn begin(&self, id: &str) -> CancellationToken {
        let token = CancellationToken::new();
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.to_owned(), token.clone());
        token
    }

    /// Removes a job that has ended.
    pub(super) fn end(&self, id: &str) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    /// Cancels a running job.
    pub(super) fn cancel(&self, id: &str) {
        if let Some(token) = self.running.lock().unwrap_or_else(PoisonError::into_inner).get(id) {
            token.cancel();
        }
    }
}
