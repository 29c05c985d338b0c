//! Retraining as an operator sees it: training data, runs, their notices, and the serving model.

use std::time::Duration;

use aws_sdk_dynamodb::{error::SdkError, types::AttributeValue};
use aws_sdk_sagemakerruntime::primitives::Blob;
use aws_sdk_sfn::types::ExecutionStatus;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Marquee, answer::Answer, listener::Listener, log::Log, people::Actor, wait};

/// A run on a busy machine.
const RUN_TIMEOUT: Duration = Duration::from_mins(2);
/// The name of the stack, with which the names of its training jobs begin.
const STACK: &str = "marquee";
const ENDPOINT: &str = "marquee-recommendations";
/// The object with the training data of these tests.
const OBJECT: &str = "dt=2026-01-01/retraining-tests.jsonl";

const PEOPLE: u32 = 300;
const TITLES: u32 = 40;
const GENRES: [&str; 4] = ["drama", "comedy", "horror", "western"];
/// The number of days on which each person watches one title.
const DAYS: i32 = 6;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Hyperparameters of a training that lasts long enough to be interrupted.
pub const LONG_TRAINING: [(&str, &str); 2] = [("dimensions", "256"), ("iterations", "200")];

/// What the people of the training data watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habits {
    /// Each person watches one genre: a model can predict that, but popularity cannot.
    Steady,
    /// Half of the people watch one half of the titles, the others the other half. Every fifth interaction, by which a model is
    /// evaluated, is of the other taste: a model that has learnt the tastes predicts wrongly.
    Contrary,
}

impl Habits {
    /// The number of tastes. Each has the same number of people and titles.
    fn tastes(self) -> usize {
        match self {
            Self::Steady => GENRES.len(),
            Self::Contrary => 2,
        }
    }
}

/// An operator of the recommender.
#[derive(Debug)]
pub struct Operator {
    marquee: Marquee,
    /// The operator as an admin of Marquee.
    pub admin: Actor,
    notices: Listener,
    log: Log,
    sfn: aws_sdk_sfn::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    endpoint: aws_sdk_sagemakerruntime::Client,
    outputs: Value,
}

impl Operator {
    /// An operator who receives all notices from now on. Earlier models are deleted, so that a test's model is not compared with
    /// another test's.
    pub async fn new(marquee: &Marquee) -> Self {
        let config = marquee.operator().await;
        let sagemaker = config.clone().into_builder().endpoint_url(&marquee.sagemaker).build();
        delete_models(marquee, &config).await;

        Self {
            marquee: marquee.clone(),
            admin: marquee.admin().await,
            notices: marquee.subscribe("OperatorsTopicArn").await,
            log: Log::new(marquee).await,
            sfn: aws_sdk_sfn::Client::new(&config),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            endpoint: aws_sdk_sagemakerruntime::Client::new(&sagemaker),
            outputs: marquee.outputs(),
        }
    }

    /// Writes training data of people with these habits, for the next run.
    pub async fn write_training_data(&self, habits: Habits) {
        self.log
            .put_lines(&format!("interactions/{OBJECT}"), interactions(habits))
            .await;
        self.log.put_lines(&format!("titles/{OBJECT}"), titles()).await;
    }

    /// Deletes the training data of these tests.
    pub async fn delete_training_data(&self) {
        for channel in ["interactions", "titles"] {
            self.log.delete(&format!("{channel}/{OBJECT}")).await;
        }
    }

    /// Requests a run.
    pub async fn request(&self, hyperparameters: &[(&str, &str)]) -> Answer {
        self.request_for("current", hyperparameters).await
    }

    /// Requests a run whose model takes a place: `current` or `challenger`.
    pub async fn request_for(&self, place: &str, hyperparameters: &[(&str, &str)]) -> Answer {
        let hyperparameters: serde_json::Map<String, Value> = hyperparameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let body = json!({ "hyperparameters": hyperparameters, "place": place });

        self.admin.post("/api/admin/recommender/retrainings", &body).await
    }

    /// Begins a run, after an active one has ended, and returns its id.
    pub async fn begin(&self, hyperparameters: &[(&str, &str)]) -> String {
        self.begin_for("current", hyperparameters).await
    }

    /// Begins a run whose model takes a place, and returns its id.
    pub async fn begin_for(&self, place: &str, hyperparameters: &[(&str, &str)]) -> String {
        let begun = wait::until("a run begins", RUN_TIMEOUT, async || {
            let answer = self.request_for(place, hyperparameters).await;

            (answer.status.as_u16() != 409).then_some(answer)
        })
        .await;
        begun.done(202);

        begun.json()["run_id"].as_str().expect("an id").to_owned()
    }

    /// Waits for the notice of a run's end, and returns it.
    pub async fn notice_of_run(&self, run_id: &str, deadline: Duration) -> Value {
        self.notice_with("run_id", run_id, deadline).await
    }

    /// Waits for a notice with an id in a field, and returns it.
    pub async fn notice_with(&self, name: &str, id: &str, deadline: Duration) -> Value {
        let notice = wait::until(&format!("there is a notice of the {name} {id}"), deadline, async || {
            let notices = self.notices.receive().await;

            notices.into_iter().find(|notice| notice[name] == id)
        })
        .await;
        let sentence = notice["sentence"].as_str().unwrap_or_default();
        assert!(!sentence.is_empty(), "{notice}");

        notice
    }

    /// Begins a run and waits for the notice of its end.
    pub async fn retrain(&self, hyperparameters: &[(&str, &str)]) -> Value {
        let run = self.begin(hyperparameters).await;

        self.notice_of_run(&run, RUN_TIMEOUT).await
    }

    /// Begins a run and waits until its model is the challenger.
    pub async fn challenge(&self, hyperparameters: &[(&str, &str)]) -> Value {
        let run = self.begin_for("challenger", hyperparameters).await;
        let notice = self.notice_of_run(&run, RUN_TIMEOUT).await;
        assert_eq!(notice["kind"], "retraining.challenging", "{notice}");

        notice
    }

    /// Begins a run and waits until its model serves.
    pub async fn promote(&self) -> Value {
        self.write_training_data(Habits::Steady).await;
        let notice = self.retrain(&[]).await;
        assert_eq!(notice["kind"], "retraining.promoted", "{notice}");

        notice
    }

    /// The version of the model that answers.
    pub async fn model_version(&self) -> String {
        self.invoke_endpoint(&json!({"version": 1, "kind": "popular", "limit": 3}))
            .await["model"]["version"]
            .as_str()
            .expect("a version")
            .to_owned()
    }

    /// The endpoint's answer to a request.
    pub async fn invoke_endpoint(&self, request: &Value) -> Value {
        let invocation = self.endpoint.invoke_endpoint().endpoint_name(ENDPOINT);
        let answer = invocation
            .content_type("application/json")
            .body(Blob::new(request.to_string()))
            .send()
            .await
            .expect("InvokeEndpoint");
        let body = answer.body().map(Blob::as_ref).unwrap_or_default();

        serde_json::from_slice(body).expect("JSON")
    }

    /// When the similar titles of a title were last computed.
    pub async fn similar_computed_at(&self, title_id: &str) -> Option<String> {
        let table = self.outputs["TableName"].as_str().expect("a name");
        let got = self
            .dynamodb
            .get_item()
            .table_name(table)
            .key("pk", AttributeValue::S(format!("TITLE#{title_id}")))
            .key("sk", AttributeValue::S("SIMILAR".to_owned()));
        let item = got.send().await.expect("GetItem").item?;

        item["computed_at"].as_s().ok().cloned()
    }

    /// The final status of an execution of the machine, and its error if it has one.
    pub async fn execution(&self, name: &str) -> (ExecutionStatus, Option<String>) {
        let arn = format!("{}:{name}", self.machine().replace(":stateMachine:", ":execution:"));

        wait::until("the execution ends", RUN_TIMEOUT, async || {
            let execution = self.sfn.describe_execution().execution_arn(&arn).send().await;
            let execution = execution.expect("DescribeExecution");

            (*execution.status() != ExecutionStatus::Running).then(|| (execution.status().clone(), execution.error))
        })
        .await
    }

    /// Stops a run's execution, without any cleaning up.
    pub async fn stop_execution(&self, run_id: &str) {
        let arn = format!("{}:{run_id}", self.machine().replace(":stateMachine:", ":execution:"));
        let stopped = self.sfn.stop_execution().execution_arn(arn).send().await;

        stopped.expect("StopExecution");
    }

    /// Starts another execution of a run.
    pub async fn restart_execution(&self, run_id: &str) {
        let started = self
            .sfn
            .start_execution()
            .state_machine_arn(self.machine())
            .name(format!("{run_id}-again"))
            .input(json!({ "run_id": run_id }).to_string())
            .send()
            .await;

        started.expect("StartExecution");
    }

    /// Waits until a run's training job is running.
    pub async fn wait_for_training(&self, run_id: &str) {
        let log = self.marquee.home.join(format!("sagemaker/logs/{}.log", job(run_id)));

        wait::until("the training job is running", RUN_TIMEOUT, async || {
            log.exists().then_some(())
        })
        .await;
    }

    /// The archive of a run's training job, once it exists.
    pub async fn archive(&self, run_id: &str) -> Vec<u8> {
        wait::until("the training job has written a model", RUN_TIMEOUT, async || {
            self.log.get(&archive_key(run_id)).await
        })
        .await
    }

    /// Replaces the archive of a run's training job.
    pub async fn replace_archive(&self, run_id: &str, archive: Vec<u8>) {
        self.log.put(&archive_key(run_id), archive).await;
    }

    fn machine(&self) -> &str {
        self.outputs["RetrainStateMachineArn"].as_str().expect("an ARN")
    }
}

/// Deletes the item of the models, as soon as no run is active. The endpoint continues to serve the last one.
async fn delete_models(marquee: &Marquee, config: &aws_config::SdkConfig) {
    let dynamodb = aws_sdk_dynamodb::Client::new(config);
    let table = marquee.outputs()["TableName"].as_str().expect("a name").to_owned();
    wait::until("no run is active", RUN_TIMEOUT, async || {
        let deleted = dynamodb
            .delete_item()
            .table_name(&table)
            .key("pk", AttributeValue::S("MODEL".to_owned()))
            .key("sk", AttributeValue::S("MODEL".to_owned()))
            .condition_expression("attribute_not_exists(active_run)");

        let deleted = deleted.send().await.map_err(SdkError::into_service_error);
        match deleted {
            Ok(_) => Some(()),
            Err(error) if error.is_conditional_check_failed_exception() => None,
            Err(error) => panic!("DeleteItem: {error:?}"),
        }
    })
    .await;
}

fn job(run_id: &str) -> String {
    format!("{STACK}-{}", run_id.replace('-', ""))
}

fn archive_key(run_id: &str) -> String {
    format!("models/{}/output/model.tar.gz", job(run_id))
}

fn title(number: u32) -> String {
    format!("71713500-0000-7000-8000-{number:012x}")
}

fn titles() -> impl Iterator<Item = Value> {
    (0..TITLES).map(|number| {
        let genre = GENRES[number as usize % GENRES.len()];

        json!({
            "title_id": title(number), "name": format!("Film {number}"), "description": format!("A {genre} of its own kind"),
            "genres": [genre], "people": [], "language": "en", "published_at": "2026-01-01T00:00:00Z",
        })
    })
}

fn interactions(habits: Habits) -> impl Iterator<Item = Value> {
    // Contradictory data are recent, so that their titles are popular whatever other tests watch; such a model is refused and never
    // serves. Other data are old, so that the titles are not popular in the model that serves.
    let first = match habits {
        Habits::Steady => "2026-01-01T00:00:00Z".parse().expect("a time"),
        Habits::Contrary => Timestamp::now() - DAYS * DAY,
    };

    (0..PEOPLE).flat_map(move |person| {
        let preferred = shuffled(person, person, habits.tastes());
        let others = shuffled(person, person + 1, habits.tastes());

        (0..DAYS)
            .zip(preferred)
            .zip(others)
            .map(move |((day, preferred), other)| {
                let contrary = habits == Habits::Contrary && day == 4;
                let number = if contrary { other } else { preferred };

                json!({
                    "account_id": format!("ac000000-0000-7000-8000-{person:012x}"), "title_id": title(number),
                    "version": 1, "at": first + day * DAY,
                    "watched_share": 0.95, "liked": true, "not_interested": false,
                })
            })
    })
}

/// The titles of one of several tastes, in an order that depends only on the person.
fn shuffled(person: u32, taste: u32, tastes: usize) -> Vec<u32> {
    let is_of_taste = |number: &u32| *number as usize % tastes == taste as usize % tastes;
    let mut titles: Vec<u32> = (0..TITLES).filter(is_of_taste).collect();
    titles.sort_by_cached_key(|number| Sha256::digest(format!("{person} {number}")));

    titles
}
