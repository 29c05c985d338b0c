//! Retraining as an operator sees it: data that are trained on, runs, what is told of them, and which model answers.

use std::time::Duration;

use aws_sdk_dynamodb::{error::SdkError, types::AttributeValue};
use aws_sdk_sagemakerruntime::primitives::Blob;
use aws_sdk_sfn::types::ExecutionStatus;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Marquee, answer::Answer, listening::Listener, log::Log, people::Actor, wait};

/// A run, even on a busy machine.
const A_RUN: Duration = Duration::from_mins(2);
/// What the stack is called here; its training jobs' names begin with this.
const STACK: &str = "marquee";
const ENDPOINT: &str = "marquee-recommendations";
/// Where the data of these tests stand, among all others.
const OBJECT: &str = "dt=2026-01-01/retraining-tests.jsonl";

const PEOPLE: u32 = 300;
const TITLES: u32 = 40;
const GENRES: [&str; 4] = ["drama", "comedy", "horror", "western"];
/// For so many days everybody watches one title a day.
const DAYS: i32 = 6;
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Training makes use of this much work: long enough to be interrupted.
pub const LONG: [(&str, &str); 2] = [("dimensions", "256"), ("iterations", "200")];

/// What people did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habits {
    /// Everybody keeps to one genre: a model can know what they want, but not with a single number for each title.
    Steady,
    /// Half of the people watch one half of the titles, the others the other. Every fifth dealing, which is what a model is judged
    /// by, is of the others' taste: whoever learnt the taste is wrong.
    Contrary,
}

impl Habits {
    /// How many tastes there are; each has as many people and titles as any other.
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
    /// The admin who this operator is.
    pub admin: Actor,
    told: Listener,
    log: Log,
    sfn: aws_sdk_sfn::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    endpoint: aws_sdk_sagemakerruntime::Client,
    outputs: Value,
}

impl Operator {
    /// An operator who hears of everything from now on, in an installation where no model was judged before: so a test's model
    /// is not held to what another test's reached.
    pub async fn of(marquee: &Marquee) -> Self {
        let config = marquee.operator().await;
        let sagemaker = config.clone().into_builder().endpoint_url(&marquee.sagemaker).build();
        forget_models(marquee, &config).await;

        Self {
            marquee: marquee.clone(),
            admin: marquee.admin().await,
            told: marquee.subscribe("OperatorsTopicArn").await,
            log: Log::of(marquee).await,
            sfn: aws_sdk_sfn::Client::new(&config),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            endpoint: aws_sdk_sagemakerruntime::Client::new(&sagemaker),
            outputs: marquee.outputs(),
        }
    }

    /// Lets people have these habits, from the next run on.
    pub async fn people_have(&self, habits: Habits) {
        self.log
            .put_lines(&format!("interactions/{OBJECT}"), interactions(habits))
            .await;
        self.log.put_lines(&format!("titles/{OBJECT}"), titles()).await;
    }

    /// Takes these tests' people away again.
    pub async fn forget_people(&self) {
        for channel in ["interactions", "titles"] {
            self.log.delete(&format!("{channel}/{OBJECT}")).await;
        }
    }

    /// Asks for a run.
    pub async fn ask(&self, hyperparameters: &[(&str, &str)]) -> Answer {
        self.ask_for("current", hyperparameters).await
    }

    /// Asks for a run whose model takes this place.
    pub async fn ask_for(&self, place: &str, hyperparameters: &[(&str, &str)]) -> Answer {
        let told: serde_json::Map<String, Value> = hyperparameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let body = json!({ "hyperparameters": told, "place": place });

        self.admin.post("/api/admin/recommender/retrainings", &body).await
    }

    /// Begins a run, after another if there is one; returns its id.
    pub async fn begin(&self, hyperparameters: &[(&str, &str)]) -> String {
        self.begin_for("current", hyperparameters).await
    }

    /// The same for a run whose model takes this place.
    pub async fn begin_for(&self, place: &str, hyperparameters: &[(&str, &str)]) -> String {
        let begun = wait::until("a run begins", A_RUN, async || {
            let answer = self.ask_for(place, hyperparameters).await;

            (answer.status.as_u16() != 409).then_some(answer)
        })
        .await;
        begun.done(202);

        begun.json()["run_id"].as_str().expect("an id").to_owned()
    }

    /// Waits until the operators are told how a run ended, and returns the notice.
    pub async fn told_of(&self, run_id: &str, deadline: Duration) -> Value {
        self.told("run_id", run_id, deadline).await
    }

    /// Waits until the operators are told of something with this id, and returns the notice.
    pub async fn told(&self, name: &str, id: &str, deadline: Duration) -> Value {
        let notice = wait::until(&format!("the {name} {id} is told of"), deadline, async || {
            let notices = self.told.heard().await;

            notices.into_iter().find(|notice| notice[name] == id)
        })
        .await;
        let sentence = notice["sentence"].as_str().unwrap_or_default();
        assert!(!sentence.is_empty(), "{notice}");

        notice
    }

    /// Begins a run and waits until it is told how it ended.
    pub async fn retrain(&self, hyperparameters: &[(&str, &str)]) -> Value {
        let run = self.begin(hyperparameters).await;

        self.told_of(&run, A_RUN).await
    }

    /// Begins a run and waits until its model stands beside the one that serves.
    pub async fn challenge(&self, hyperparameters: &[(&str, &str)]) -> Value {
        let run = self.begin_for("challenger", hyperparameters).await;
        let notice = self.told_of(&run, A_RUN).await;
        assert_eq!(notice["kind"], "retraining.challenging", "{notice}");

        notice
    }

    /// Begins a run and waits until its model serves.
    pub async fn promote(&self) -> Value {
        self.people_have(Habits::Steady).await;
        let notice = self.retrain(&[]).await;
        assert_eq!(notice["kind"], "retraining.promoted", "{notice}");

        notice
    }

    /// What the model that answers calls itself.
    pub async fn model(&self) -> String {
        self.answer(&json!({"version": 1, "kind": "popular", "limit": 3})).await["model"]["version"]
            .as_str()
            .expect("a version")
            .to_owned()
    }

    /// What the endpoint answers to a question.
    pub async fn answer(&self, question: &Value) -> Value {
        let asked = self.endpoint.invoke_endpoint().endpoint_name(ENDPOINT);
        let answer = asked
            .content_type("application/json")
            .body(Blob::new(question.to_string()))
            .send()
            .await
            .expect("InvokeEndpoint");
        let body = answer.body().map(Blob::as_ref).unwrap_or_default();

        serde_json::from_slice(body).expect("JSON")
    }

    /// When it was last kept what is similar to a title.
    pub async fn similar_kept_at(&self, title_id: &str) -> Option<String> {
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

    /// How an execution of the machine ended: its status, and its error if it has one.
    pub async fn execution(&self, name: &str) -> (ExecutionStatus, Option<String>) {
        let arn = format!("{}:{name}", self.machine().replace(":stateMachine:", ":execution:"));

        wait::until("the execution ends", A_RUN, async || {
            let told = self.sfn.describe_execution().execution_arn(&arn).send().await;
            let told = told.expect("DescribeExecution");

            (*told.status() != ExecutionStatus::Running).then(|| (told.status().clone(), told.error))
        })
        .await
    }

    /// Stops a run's execution, which leaves everything as it is.
    pub async fn stop_execution(&self, run_id: &str) {
        let arn = format!("{}:{run_id}", self.machine().replace(":stateMachine:", ":execution:"));
        let stopped = self.sfn.stop_execution().execution_arn(arn).send().await;

        stopped.expect("StopExecution");
    }

    /// Lets the machine go through a run once more.
    pub async fn run_again(&self, run_id: &str) {
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

    /// Waits until a run's job trains.
    pub async fn training(&self, run_id: &str) {
        let log = self.marquee.home.join(format!("sagemaker/logs/{}.log", job(run_id)));

        wait::until("the job trains", A_RUN, async || log.exists().then_some(())).await;
    }

    /// The archive that a run's job left, once it is there.
    pub async fn archive(&self, run_id: &str) -> Vec<u8> {
        wait::until("the job leaves a model", A_RUN, async || {
            self.log.get(&archive_key(run_id)).await
        })
        .await
    }

    /// Puts another archive in place of the one that a run's job left.
    pub async fn replace_archive(&self, run_id: &str, archive: Vec<u8>) {
        self.log.put(&archive_key(run_id), archive).await;
    }

    fn machine(&self) -> &str {
        self.outputs["RetrainStateMachineArn"].as_str().expect("an ARN")
    }
}

/// Forgets which models served, as soon as no run is at work. The endpoint goes on serving the last one.
async fn forget_models(marquee: &Marquee, config: &aws_config::SdkConfig) {
    let dynamodb = aws_sdk_dynamodb::Client::new(config);
    let table = marquee.outputs()["TableName"].as_str().expect("a name").to_owned();
    wait::until("no run is at work", A_RUN, async || {
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
    // What contradicts itself is of these days, and so what is popular, whatever other tests' people watch; as it is refused, its
    // titles never serve. A model that does serve is not to know them as popular.
    let first = match habits {
        Habits::Steady => "2026-01-01T00:00:00Z".parse().expect("a time"),
        Habits::Contrary => Timestamp::now() - DAYS * DAY,
    };

    (0..PEOPLE).flat_map(move |person| {
        let dear = shuffled(person, person, habits.tastes());
        let others = shuffled(person, person + 1, habits.tastes());

        (0..DAYS).zip(dear).zip(others).map(move |((day, dear), other)| {
            let contrary = habits == Habits::Contrary && day == 4;
            let number = if contrary { other } else { dear };

            json!({
                "account_id": format!("ac000000-0000-7000-8000-{person:012x}"), "title_id": title(number),
                "version": 1, "at": first + day * DAY,
                "watched_share": 0.95, "liked": true, "not_interested": false,
            })
        })
    })
}

/// The titles of one of so many tastes, in an order of this person's own that is the same each time.
fn shuffled(person: u32, taste: u32, tastes: usize) -> Vec<u32> {
    let is_of_taste = |number: &u32| *number as usize % tastes == taste as usize % tastes;
    let mut titles: Vec<u32> = (0..TITLES).filter(is_of_taste).collect();
    titles.sort_by_cached_key(|number| Sha256::digest(format!("{person} {number}")));

    titles
}
