//! Queues, and the choice of the next job.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    job::{Job, Status},
    names,
};

/// An on-demand queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Queue {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) paused: bool,
    pub(super) system: bool,
    /// The queue's limit, in addition to the stand-in's.
    pub(super) concurrent_jobs: Option<u64>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

impl Queue {
    /// The name of the queue that always exists.
    pub(super) const DEFAULT: &str = "Default";

    pub(super) fn default_queue(now: Timestamp) -> Self {
        Self {
            name: Self::DEFAULT.to_owned(),
            description: None,
            paused: false,
            system: true,
            concurrent_jobs: None,
            created_at: now,
            updated_at: now,
        }
    }

    pub(super) fn arn(&self) -> String {
        names::arn("queues", &self.name)
    }

    /// The queue as the API returns it, with counts of these jobs.
    pub(super) fn view(&self, jobs: &[Job]) -> Value {
        let arn = self.arn();
        let count = |status| {
            jobs.iter()
                .filter(|job| job.queue == arn && job.status == status)
                .count()
        };
        let mut view = json!({
            "arn": arn,
            "name": self.name,
            "status": if self.paused { "PAUSED" } else { "ACTIVE" },
            "type": if self.system { "SYSTEM" } else { "CUSTOM" },
            "pricingPlan": "ON_DEMAND",
            "createdAt": self.created_at.as_second(),
            "lastUpdated": self.updated_at.as_second(),
            "submittedJobsCount": count(Status::Submitted),
            "progressingJobsCount": count(Status::Progressing),
        });
        if let Some(description) = &self.description {
            view["description"] = json!(description);
        }
        if let Some(concurrent_jobs) = self.concurrent_jobs {
            view["concurrentJobs"] = json!(concurrent_jobs);
        }
        view
    }
}

/// The job to start next: of the submitted jobs in active queues below their limit, the oldest one of the highest priority. Job ids
/// begin with the time of submission.
pub(super) fn next<'a>(jobs: &'a [Job], queues: &BTreeMap<String, Queue>, limit: usize) -> Option<&'a Job> {
    let running = |queue: Option<&str>| {
        let in_queue = |job: &&Job| job.status == Status::Progressing && queue.is_none_or(|queue| job.queue == queue);
        jobs.iter().filter(in_queue).count()
    };
    if running(None) >= limit {
        return None;
    }
    let is_ready = |job: &&Job| {
        queues.get(names::name_of("queues", &job.queue)).is_some_and(|queue| {
            let limit = queue
                .concurrent_jobs
                .map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
            !queue.paused && running(Some(&job.queue)) < limit
        })
    };
    jobs.iter()
        .filter(|job| job.status == Status::Submitted)
        .filter(is_ready)
        .min_by_key(|job| (std::cmp::Reverse(job.priority), job.submitted_at, job.id.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    fn job(id: &str, queue: &str, priority: i64, status: Status) -> Job {
        let submitted_at = Timestamp::from_second(1_700_000_000).unwrap();
        Job {
            id: id.to_owned(),
            arn: names::arn("jobs", id),
            status,
            role: String::new(),
            queue: names::arn("queues", queue),
            priority,
            settings: json!({}),
            echoed: Map::new(),
            user_metadata: BTreeMap::new(),
            client_request_token: None,
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

    fn queues() -> BTreeMap<String, Queue> {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let mut slow = Queue {
            name: "slow".to_owned(),
            system: false,
            ..Queue::default_queue(now)
        };
        slow.concurrent_jobs = Some(1);
        let mut paused = Queue {
            name: "paused".to_owned(),
            system: false,
            ..Queue::default_queue(now)
        };
        paused.paused = true;
        [Queue::default_queue(now), slow, paused]
            .into_iter()
            .map(|queue| (queue.name.clone(), queue))
            .collect()
    }

    #[test]
    fn the_highest_priority_is_first_then_the_oldest() {
        let jobs = [
            job("1", "Default", 0, Status::Submitted),
            job("2", "Default", 5, Status::Submitted),
            job("3", "Default", 5, Status::Submitted),
        ];
        assert_eq!(next(&jobs, &queues(), 1).unwrap().id, "2");
    }

    #[test]
    fn a_full_stand_in_starts_nothing() {
        let jobs = [
            job("1", "Default", 0, Status::Progressing),
            job("2", "Default", 0, Status::Submitted),
        ];
        assert!(next(&jobs, &queues(), 1).is_none());
        assert_eq!(next(&jobs, &queues(), 2).unwrap().id, "2");
    }

    #[test]
    fn paused_and_full_queues_are_skipped() {
        let jobs = [
            job("1", "slow", 0, Status::Progressing),
            job("2", "slow", 50, Status::Submitted),
            job("3", "paused", 50, Status::Submitted),
            job("4", "Default", -50, Status::Submitted),
        ];
        assert_eq!(next(&jobs, &queues(), 9).unwrap().id, "4");
    }
}
