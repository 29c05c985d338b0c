//! What steps write of an asset: each on the condition that its attempt is the newest one.

use adapters::dynamodb::{Assets, QuotaError, StepOutput};
use domain::{
    asset::{Asset, StepRecord, StepState},
    ingest::{Run, Step},
    quote::Quote,
    title::Title,
};
use kernel::{error_kind::ErrorKind, id::Attempt, money::MicroDollars};
use media::{hls::PlaybackProof, step_document::StepDocument};
use serde::{Deserialize, Serialize};

use crate::{
    fixtures::{after, begun_upload, draft, kind, new_account, next_run, now},
    table::TestTable,
};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Facts(String);

impl StepDocument for Facts {
    const NAME: &'static str = "facts";
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Ladder(String);

impl StepDocument for Ladder {
    const NAME: &'static str = "plan";
}

/// A table with an asset in its first run.
struct Running {
    table: TestTable,
    title: Title,
    asset: Asset,
    run: Run,
}

impl Running {
    async fn create() -> Option<Self> {
        let table = TestTable::create().await?;
        let mut title = draft(new_account(), "Film", now());
        table.titles().create(&title).await.expect("a new title");
        let (mut asset, upload) = begun_upload(&mut title, 1_000, now());
        let begun = table
            .titles()
            .begin_upload(&mut title, &asset, &upload, None, 1_000)
            .await;
        begun
            .map_err(|error: QuotaError| error.to_string())
            .expect("a new upload");
        title.start_processing(now()).expect("an upload");
        let run = next_run(&mut asset, now());
        table.titles().begin_run(&mut title, &mut asset).await.expect("a run");

        Some(Self {
            table,
            title,
            asset,
            run,
        })
    }

    fn assets(&self) -> Assets {
        self.table.assets()
    }

    async fn stored(&self) -> Asset {
        let found = self.assets().find(self.title.id, self.asset.id).await;

        found.expect("an answer").expect("an asset")
    }

    async fn document<T: StepDocument>(&self) -> Option<T> {
        let found = self.assets().find_with_documents(self.title.id, self.asset.id).await;
        let found = found.expect("an answer").expect("an asset");

        found.document().expect("a text")
    }

    async fn begin(&self, step: Step) {
        self.assets()
            .begin_step(&self.run, step, now())
            .await
            .expect("the newest run");
    }

    async fn progress(&self, percent: u8) -> Option<u8> {
        let progress = self.assets().progress(&self.run, percent, None, now()).await;
        progress.expect("late news is no error");

        self.stored().await.step(Step::Transcode).progress_percent
    }

    /// A newer run begins.
    async fn supersede(&mut self) -> Run {
        let run = next_run(&mut self.asset, after(60));
        self.assets()
            .save(&mut self.asset)
            .await
            .expect("the asset did not change");

        run
    }
}

fn done() -> StepRecord {
    StepRecord::started(now()).done(after(1))
}

fn quote() -> Quote {
    Quote {
        amount_micros: MicroDollars(150_000),
        currency: "USD".to_owned(),
        unverified: false,
        lines: vec![],
    }
}

#[tokio::test]
async fn a_step_leaves_its_record_with_documents_for_the_steps_after_it() {
    let Some(running) = Running::create().await else { return };
    let (assets, run) = (running.assets(), running.run);

    let found = assets
        .begin_step(&run, Step::Validate, now())
        .await
        .expect("the newest run");
    assert_eq!(found.asset.step(Step::Validate).state, StepState::Running);
    let output = StepOutput::default()
        .with_document(&Facts("a film".to_owned()))
        .and_then(|output| output.with_document(&Ladder("a ladder".to_owned())))
        .expect("texts")
        .with_quote(quote())
        .with_output_of(Attempt::FIRST);
    assets
        .record(&run, Step::Validate, &done(), output, after(1))
        .await
        .expect("a write");

    let stored = running.stored().await;
    assert_eq!(stored.step(Step::Validate), done());
    assert_eq!((stored.quote, stored.transcoded), (Some(quote()), Some(Attempt::FIRST)));
    assert_eq!(running.document::<Facts>().await, Some(Facts("a film".to_owned())));
    assert_eq!(running.document::<Ladder>().await, Some(Ladder("a ladder".to_owned())));
    assert_eq!(running.document::<PlaybackProof>().await, None);
}

#[tokio::test]
async fn a_superseded_run_writes_nothing_more() {
    let Some(mut running) = Running::create().await else {
        return;
    };
    let old = running.run;
    running.supersede().await;
    let assets = running.assets();
    let before = running.table.contents().await;

    let begun = assets.begin_step(&old, Step::Validate, now()).await;
    assert_eq!(kind(begun), ErrorKind::Conflict);
    let late = assets
        .record(&old, Step::Validate, &done(), StepOutput::default(), now())
        .await;
    assert_eq!(kind(late), ErrorKind::Conflict);
    let ignored = assets
        .record_unless_superseded(&old, Step::Validate, &done(), StepOutput::default(), now())
        .await;
    ignored.expect("a conflict is ignored");
    assets
        .progress(&old, 50, None, now())
        .await
        .expect("a conflict is ignored");

    assert_eq!(running.table.contents().await, before);
}

#[tokio::test]
async fn progress_only_grows_and_only_while_the_step_runs() {
    let Some(running) = Running::create().await else { return };

    assert_eq!(running.progress(5).await, None, "the step has not begun");
    running.begin(Step::Transcode).await;
    assert_eq!(running.progress(10).await, Some(10));
    assert_eq!(running.progress(7).await, Some(10));
    assert_eq!(running.progress(10).await, Some(10));
    assert_eq!(running.progress(60).await, Some(60));

    let assets = running.assets();
    assets
        .record(&running.run, Step::Transcode, &done(), StepOutput::default(), now())
        .await
        .expect("a write");
    assert_eq!(running.progress(99).await, None, "the record of the end has none");
}

#[tokio::test]
async fn an_asset_keeps_its_documents_when_a_newer_run_begins() {
    let Some(mut running) = Running::create().await else {
        return;
    };
    let output = StepOutput::default().with_document(&Facts("a film".to_owned()));
    let output = output.expect("a text");
    let output = output.with_quote(quote()).with_output_of(Attempt::FIRST);
    let recorded = running
        .assets()
        .record(&running.run, Step::Validate, &done(), output, now())
        .await;
    recorded.expect("a write");

    running.asset = running.stored().await;
    let run = running.supersede().await;

    let stored = running.stored().await;
    assert_eq!(stored, running.asset);
    assert_eq!((stored.attempt, stored.version), (Some(run.attempt), 3));
    assert_eq!(stored.transcoded, None, "the new run begins before the transcode");
    assert_eq!(running.document::<Facts>().await, Some(Facts("a film".to_owned())));
}

#[tokio::test]
async fn an_execution_that_was_started_by_hand_is_named_until_the_next_run() {
    let Some(mut running) = Running::create().await else {
        return;
    };
    running.asset.execution = Some("by-hand".to_owned());
    let assets = running.assets();
    assets.save(&mut running.asset).await.expect("the asset did not change");
    assert_eq!(running.stored().await.execution.as_deref(), Some("by-hand"));

    running.supersede().await;

    assert_eq!(running.stored().await.execution, None);
}

#[tokio::test]
async fn of_two_decisions_about_an_asset_one_gets_a_conflict() {
    let Some(running) = Running::create().await else { return };
    let assets = running.assets();
    let (mut first, mut second) = (running.asset.clone(), running.asset.clone());
    next_run(&mut first, after(1));
    next_run(&mut second, after(2));

    assets.save(&mut first).await.expect("the first decision");

    assert_eq!(kind(assets.save(&mut second).await), ErrorKind::Conflict);
    assert_eq!((first.version, second.version), (3, 2));
    assert_eq!(running.stored().await, first);
}
