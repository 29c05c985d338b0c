//! Training jobs.

use serde_json::{Value, json};

use super::{
    super::{
        access::cannot_assume,
        api::{
            Named,
            training::{CreateTrainingJob, ListTrainingJobs, SecondaryStatus, SortBy, SortOrder, TrainingJobStatus},
        },
        arn,
        fault::Fault,
        model::rules::{self, parse_s3},
        training::{TrainingJob, inputs},
    },
    Caller, check, now, to_json,
};
use marquee_standin::{REGION, role::RoleError};

impl Caller<'_> {
    pub(super) async fn create_training_job(&self, request: CreateTrainingJob) -> Result<Value, Fault> {
        check(rules::training_job(&request))?;
        let name = request.training_job_name.clone();
        let arn = self.authorize(&arn("training-job", &name)).await?;
        self.authorize_passing(&request.role_arn).await?;
        self.require_inputs(&request).await?;
        let answer = self.change(|state| {
            if state.jobs.contains_key(&name) {
                return Err(Fault::in_use(format!(
                    "Training job names must be unique within an AWS account and region, and a training job with this name \
                     already exists ({arn})"
                )));
            }
            let job = TrainingJob::new(request.clone(), arn.clone(), now());
            state.jobs.insert(name.clone(), job);
            state.notify_job(&name);
            Ok(json!({ "TrainingJobArn": arn }))
        })?;
        self.sagemaker.train(&name);
        Ok(answer)
    }

    /// As SageMaker does: each channel must have objects that the role can list before a job is accepted.
    async fn require_inputs(&self, request: &CreateTrainingJob) -> Result<(), Fault> {
        let role = &request.role_arn;
        let s3 = match self.sagemaker.as_role(role).await {
            Ok(s3) => s3,
            Err(RoleError::Unavailable) => return Err(Fault::internal(&anyhow::anyhow!("IAM does not answer"))),
            Err(RoleError::NoSuchRole | RoleError::Refused) => return Err(Fault::invalid(cannot_assume(role))),
        };
        for channel in &request.input_data_config {
            let source = &channel.data_source.s3_data_source;
            if !inputs::exists(&s3, source).await {
                let bucket = parse_s3(&source.s3_uri).map_or("", |(bucket, _)| bucket);
                return Err(Fault::invalid(format!(
                    "No S3 objects found under S3 URL \"{}\" given in input data source. Please ensure that the bucket exists \
                     in the selected region ({REGION}), that objects exist under that S3 prefix, and that the role \
                     \"{role}\" has \"s3:ListBucket\" permissions on bucket \"{bucket}\".",
                    source.s3_uri
                )));
            }
        }
        Ok(())
    }

    pub(super) async fn describe_training_job(&self, request: Named) -> Result<Value, Fault> {
        self.authorize(&arn("training-job", &request.name)).await?;
        let state = self.sagemaker.state();
        let job = state.jobs.get(&request.name).ok_or_else(unknown)?;
        let mut description = to_json(job);
        // SageMaker states the address of the model before it exists.
        if description.get("ModelArtifacts").is_none() {
            description["ModelArtifacts"] = json!({ "S3ModelArtifacts": job.artifact_url() });
        }
        if let Some(description) = description.as_object_mut() {
            description.remove("Tags");
        }
        Ok(description)
    }

    pub(super) async fn stop_training_job(&self, request: Named) -> Result<Value, Fault> {
        self.authorize(&arn("training-job", &request.name)).await?;
        let answer = self.change(|state| {
            let job = state.jobs.get_mut(&request.name).ok_or_else(unknown)?;
            match job.training_job_status {
                TrainingJobStatus::InProgress => {
                    job.enter(SecondaryStatus::Stopping, now());
                    state.notify_job(&request.name);
                }
                TrainingJobStatus::Stopping => {}
                status => {
                    return Err(Fault::invalid(format!(
                        "The request was rejected because the training job is in status {status:?}."
                    )));
                }
            }
            Ok(Value::Null)
        })?;
        if let Some(stop) = self.sagemaker.trainings().get(&request.name) {
            stop.cancel();
        }
        Ok(answer)
    }

    pub(super) async fn list_training_jobs(&self, request: &ListTrainingJobs) -> Result<Value, Fault> {
        self.authorize("*").await?;
        let state = self.sagemaker.state();
        let mut jobs: Vec<&TrainingJob> = state.jobs.values().filter(|job| wanted(job, request)).collect();
        jobs.sort_by(|one, other| {
            let by_time = one.creation_time.partial_cmp(&other.creation_time);
            match request.sort_by {
                SortBy::Name => std::cmp::Ordering::Equal,
                SortBy::CreationTime => by_time.unwrap_or(std::cmp::Ordering::Equal),
                SortBy::Status => one.training_job_status.cmp(&other.training_job_status),
            }
            .then_with(|| one.created.training_job_name.cmp(&other.created.training_job_name))
        });
        if request.sort_order == SortOrder::Descending {
            jobs.reverse();
        }
        let after = match &request.next_token {
            None => 0,
            Some(token) => jobs
                .iter()
                .position(|job| job.created.training_job_name == *token)
                .map(|last| last + 1)
                .ok_or_else(|| Fault::invalid("Invalid pagination token"))?,
        };
        let max_results = request.max_results.unwrap_or(10);
        let page: Vec<Value> = jobs
            .iter()
            .skip(after)
            .take(max_results)
            .map(|job| summary(job))
            .collect();
        let mut answer = json!({ "TrainingJobSummaries": page });
        if let Some(last) = jobs
            .get((after + max_results).saturating_sub(1))
            .filter(|_| jobs.len() > after + max_results)
        {
            answer["NextToken"] = json!(last.created.training_job_name);
        }
        Ok(answer)
    }
}

fn wanted(job: &TrainingJob, request: &ListTrainingJobs) -> bool {
    let name = request.name_contains.as_deref().unwrap_or_default();
    let (created, modified) = (job.creation_time, job.last_modified_time);
    job.created.training_job_name.contains(name)
        && request
            .status_equals
            .is_none_or(|status| job.training_job_status == status)
        && request.creation_time_after.is_none_or(|after| created > after)
        && request.creation_time_before.is_none_or(|before| created < before)
        && request.last_modified_time_after.is_none_or(|after| modified > after)
        && request.last_modified_time_before.is_none_or(|before| modified < before)
}

fn summary(job: &TrainingJob) -> Value {
    let mut summary = json!({
        "TrainingJobName": job.created.training_job_name,
        "TrainingJobArn": job.arn,
        "CreationTime": job.creation_time,
        "LastModifiedTime": job.last_modified_time,
        "TrainingJobStatus": job.training_job_status,
        "SecondaryStatus": job.secondary_status,
    });
    if let Some(end) = job.training_end_time {
        summary["TrainingEndTime"] = json!(end);
    }
    summary
}

/// SageMaker's error for a job that does not exist; its documentation names another one.
fn unknown() -> Fault {
    Fault::invalid("Requested resource not found.")
}
