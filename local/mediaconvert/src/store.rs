//! The state of the stand-in: jobs, queues, templates, presets and tags, each in a JSON file that is replaced whole.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use marquee_standin::{
    files,
    outbox::{Event, Outbox},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    job::{Job, Status},
    names,
    queue::Queue,
};

/// The time in which a repeated `clientRequestToken` returns the first job, as on AWS.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_secs(60);

/// Named resources: templates, presets, and tags by ARN.
pub(super) type Named = BTreeMap<String, Value>;

/// The kinds of named resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    JobTemplates,
    Presets,
    Tags,
}

impl Kind {
    fn folder(self) -> &'static str {
        match self {
            Self::JobTemplates => "job-templates",
            Self::Presets => "presets",
            Self::Tags => "tags",
        }
    }
}

/// The state in memory, and on disk below `folder`.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    jobs: BTreeMap<String, Job>,
    queues: BTreeMap<String, Queue>,
    job_templates: Named,
    presets: Named,
    tags: Named,
}

impl State {
    fn named(&mut self, kind: Kind) -> &mut Named {
        match kind {
            Kind::JobTemplates => &mut self.job_templates,
            Kind::Presets => &mut self.presets,
            Kind::Tags => &mut self.tags,
        }
    }
}

impl Store {
    /// Reads the saved state. A job that was running is submitted again and starts over.
    pub(super) fn open(folder: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let mut state = State::default();
        for job in read_all::<Job>(&folder.join("jobs"))? {
            state.jobs.insert(job.id.clone(), job);
        }
        for queue in read_all::<Queue>(&folder.join("queues"))? {
            state.queues.insert(queue.name.clone(), queue);
        }
        state
            .queues
            .entry(Queue::DEFAULT.to_owned())
            .or_insert_with(|| Queue::default_queue(now));
        for kind in [Kind::JobTemplates, Kind::Presets, Kind::Tags] {
            for (name, value) in read_all::<(String, Value)>(&folder.join(kind.folder()))? {
                state.named(kind).insert(name, value);
            }
        }
        let store = Self {
            folder: folder.to_owned(),
            state: Mutex::new(state),
        };
        store.resubmit_interrupted()?;
        Ok(store)
    }

    fn resubmit_interrupted(&self) -> anyhow::Result<()> {
        let interrupted: Vec<String> = self
            .jobs(|job| job.status == Status::Progressing)
            .into_iter()
            .map(|job| job.id)
            .collect();
        for id in interrupted {
            self.update_job(&id, |job| {
                job.status = Status::Submitted;
                job.started_at = None;
                job.phase = None;
                job.percent = None;
                job.output_group_details.clear();
            })?;
        }
        Ok(())
    }

    /// Saves a new job. If its token was used within the last minute, returns the earlier job instead.
    pub(super) fn create_job(&self, job: Job) -> anyhow::Result<Job> {
        let mut state = self.lock();
        let earlier = job.client_request_token.as_ref().and_then(|token| {
            let is_repeat = |other: &&Job| {
                other.client_request_token.as_ref() == Some(token)
                    && job.submitted_at.duration_since(other.submitted_at) < TOKEN_LIFETIME
            };
            state.jobs.values().find(is_repeat).cloned()
        });
        if let Some(earlier) = earlier {
            return Ok(earlier);
        }
        self.write("jobs", &job.id, &job)?;
        state.jobs.insert(job.id.clone(), job.clone());
        Ok(job)
    }

    /// A job.
    pub(super) fn job(&self, id: &str) -> Option<Job> {
        self.lock().jobs.get(id).cloned()
    }

    /// The matching jobs, oldest first.
    pub(super) fn jobs(&self, matches: impl Fn(&Job) -> bool) -> Vec<Job> {
        self.lock().jobs.values().filter(|job| matches(job)).cloned().collect()
    }

    /// Changes and saves a job; `None` if there is no such job.
    pub(super) fn update_job<T>(&self, id: &str, change: impl FnOnce(&mut Job) -> T) -> anyhow::Result<Option<T>> {
        let mut state = self.lock();
        let Some(job) = state.jobs.get_mut(id) else {
            return Ok(None);
        };
        let mut changed = job.clone();
        let result = change(&mut changed);
        self.write("jobs", id, &changed)?;
        *job = changed;
        Ok(Some(result))
    }

    /// Changes a job in memory only, for progress, which does not survive a restart.
    pub(super) fn note_progress(&self, id: &str, change: impl FnOnce(&mut Job)) {
        if let Some(job) = self.lock().jobs.get_mut(id) {
            change(job);
        }
    }

    /// All queues by name.
    pub(super) fn queues(&self) -> BTreeMap<String, Queue> {
        self.lock().queues.clone()
    }

    /// Saves a new or changed queue.
    pub(super) fn put_queue(&self, queue: &Queue) -> anyhow::Result<()> {
        let mut state = self.lock();
        self.write("queues", &queue.name, queue)?;
        state.queues.insert(queue.name.clone(), queue.clone());
        Ok(())
    }

    /// Deletes a queue.
    pub(super) fn delete_queue(&self, name: &str) -> anyhow::Result<()> {
        let mut state = self.lock();
        self.remove("queues", name)?;
        state.queues.remove(name);
        Ok(())
    }

    /// All resources of a kind, by name.
    pub(super) fn named(&self, kind: Kind) -> Named {
        self.lock().named(kind).clone()
    }

    /// Saves a named resource.
    pub(super) fn put_named(&self, kind: Kind, name: &str, value: Value) -> anyhow::Result<()> {
        let mut state = self.lock();
        self.write(kind.folder(), name, &(name, &value))?;
        state.named(kind).insert(name.to_owned(), value);
        Ok(())
    }

    /// Deletes a named resource.
    pub(super) fn delete_named(&self, kind: Kind, name: &str) -> anyhow::Result<()> {
        let mut state = self.lock();
        self.remove(kind.folder(), name)?;
        state.named(kind).remove(name);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic cannot leave a partial change: maps change by whole entries.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, folder: &str, name: &str) -> PathBuf {
        // An encoded name cannot leave the folder.
        let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        self.folder
            .join(folder)
            .join(format!("{}.json", encoded.replace('.', "%2E")))
    }

    fn write(&self, folder: &str, name: &str, value: &impl Serialize) -> anyhow::Result<()> {
        let path = self.path(folder, name);
        fs::create_dir_all(self.folder.join(folder)).with_context(|| format!("cannot make {folder}"))?;
        files::replace(&path, &serde_json::to_vec_pretty(value)?)
    }

    fn remove(&self, folder: &str, name: &str) -> anyhow::Result<()> {
        let path = self.path(folder, name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", path.display()))
            }
            _ => Ok(()),
        }
    }
}

impl Outbox for Store {
    fn oldest(&self) -> Vec<Event> {
        let state = self.lock();
        let oldest = state.jobs.values().filter_map(|job| job.outbox.first());
        oldest.cloned().collect()
    }

    fn remove_oldest(&self, resource: &str) -> anyhow::Result<()> {
        self.update_job(names::name_of("jobs", resource), |job| {
            if !job.outbox.is_empty() {
                job.outbox.remove(0);
            }
        })?;
        Ok(())
    }
}

fn read_all<T: DeserializeOwned>(folder: &Path) -> anyhow::Result<Vec<T>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("cannot read {}", folder.display()))?,
    };
    let mut values = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            values.push(serde_json::from_slice(&bytes).with_context(|| format!("cannot read {}", path.display()))?);
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn job(id: &str, token: Option<&str>, submitted_at: Timestamp) -> Job {
        Job {
            id: id.to_owned(),
            arn: String::new(),
            status: Status::Submitted,
            role: String::new(),
            queue: String::new(),
            priority: 0,
            settings: json!({}),
            echoed: Map::new(),
            user_metadata: BTreeMap::new(),
            client_request_token: token.map(str::to_owned),
            status_update_seconds: 60,
            submitted_at,
            started_at: None,
            finished_at: None,
            phase: None,
            percent: None,
            error: None,
            warnings: Vec::new(),
            output_group_details: Vec::new(),
            outbox: Vec::new(),
        }
    }

    #[test]
    fn a_token_is_valid_for_one_minute() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), at(0)).unwrap();
        assert_eq!(store.create_job(job("a", Some("t"), at(0))).unwrap().id, "a");
        assert_eq!(store.create_job(job("b", Some("t"), at(59))).unwrap().id, "a");
        assert_eq!(store.create_job(job("c", Some("t"), at(60))).unwrap().id, "c");
        assert_eq!(store.create_job(job("d", None, at(60))).unwrap().id, "d");
    }

    #[test]
    fn a_running_job_is_submitted_again_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), at(0)).unwrap();
        store.create_job(job("a", None, at(0))).unwrap();
        store.create_job(job("b", None, at(0))).unwrap();
        store.update_job("a", |job| job.status = Status::Progressing).unwrap();
        store.update_job("b", |job| job.status = Status::Complete).unwrap();

        let again = Store::open(folder.path(), at(9)).unwrap();
        assert_eq!(again.job("a").unwrap().status, Status::Submitted);
        assert_eq!(again.job("b").unwrap().status, Status::Complete);
    }

    #[test]
    fn a_name_cannot_leave_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state"), at(0)).unwrap();
        store
            .put_named(Kind::Presets, "../../x", json!({ "name": "../../x" }))
            .unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let again = Store::open(&folder.path().join("state"), at(0)).unwrap();
        assert!(again.named(Kind::Presets).contains_key("../../x"));
    }
}
