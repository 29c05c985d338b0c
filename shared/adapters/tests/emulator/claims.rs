//! Items that many callers want to write and one may: claims, receipts, ended sessions.

use adapters::dynamodb::{Claim, Notices, Receipt, Transcodes};
use domain::{
    experiment::Exposure,
    ingest::Run,
    model::ModelRegistry,
    retraining::{self, Retraining, RetrainingState, TrainingOutcome},
    transcode::JobOutcome,
};
use futures::future::join_all;
use kernel::{
    error_kind::ErrorKind,
    id::{ExperimentId, RetrainingId},
    money::MicroDollars,
};

use crate::{
    fixtures::{after, kind, new_account, new_run, now},
    table::TestTable,
};

const CALLERS: usize = 10;

async fn claim(transcodes: &Transcodes, run: &Run, token: &str) -> Claim {
    let quoted = Some(MicroDollars(1_000));

    transcodes.claim(run, token, quoted, now()).await.expect("an answer")
}

async fn begin(notices: &Notices, run: &Run, seconds: u64) -> Receipt {
    notices
        .begin(run, "operators", after(seconds))
        .await
        .expect("an answer")
}

#[tokio::test]
async fn one_of_many_callers_claims_a_run_and_the_others_see_its_claim() {
    let Some(table) = TestTable::create().await else { return };
    let (transcodes, run) = (table.transcodes(), new_run());
    let tokens: Vec<String> = (0..CALLERS).map(|number| format!("token-{number}")).collect();

    let claims = join_all(tokens.iter().map(|token| claim(&transcodes, &run, token))).await;

    let stored = transcodes.find(&run).await.expect("an answer").expect("a claim");
    let winners: Vec<&String> = claims
        .iter()
        .zip(&tokens)
        .filter_map(|(claim, token)| (*claim == Claim::Ours).then_some(token))
        .collect();
    assert_eq!(winners, [&stored.task_token]);
    let others = claims.iter().filter(|claim| **claim == Claim::Existing(stored.clone()));
    assert_eq!(others.count(), CALLERS - 1);
}

#[tokio::test]
async fn runs_of_other_attempts_have_claims_of_their_own() {
    let Some(table) = TestTable::create().await else { return };
    let (transcodes, first) = (table.transcodes(), new_run());
    let second = Run {
        attempt: first.attempt.next(),
        ..first
    };

    assert_eq!(claim(&transcodes, &first, "first").await, Claim::Ours);
    assert_eq!(claim(&transcodes, &second, "second").await, Claim::Ours);
}

#[tokio::test]
async fn a_claim_takes_one_job_and_one_outcome() {
    let Some(table) = TestTable::create().await else { return };
    let (transcodes, run) = (table.transcodes(), new_run());
    claim(&transcodes, &run, "token").await;

    transcodes.record_job(&run, "job-1").await.expect("the first job");
    transcodes.record_job(&run, "job-1").await.expect("the same job again");
    assert_eq!(kind(transcodes.record_job(&run, "job-2").await), ErrorKind::Conflict);
    let complete = JobOutcome::Complete {
        picture_ms: Some(1_000),
    };
    transcodes
        .record_outcome(&run, &complete)
        .await
        .expect("the first outcome");
    assert_eq!(
        kind(transcodes.record_outcome(&run, &JobOutcome::Canceled).await),
        ErrorKind::Conflict
    );
    transcodes.set_task_token(&run, "another token").await.expect("a token");

    let found = transcodes.find(&run).await.expect("an answer").expect("a claim");
    assert_eq!(found.job_id.as_deref(), Some("job-1"));
    assert_eq!(found.outcome, Some(complete));
    assert_eq!(found.task_token, "another token");
}

#[tokio::test]
async fn a_run_that_ended_before_its_job_was_known_takes_no_job() {
    let Some(table) = TestTable::create().await else { return };
    let (transcodes, run) = (table.transcodes(), new_run());
    claim(&transcodes, &run, "token").await;
    transcodes
        .record_outcome(&run, &JobOutcome::Canceled)
        .await
        .expect("an outcome");

    assert_eq!(kind(transcodes.record_job(&run, "job-1").await), ErrorKind::Conflict);
}

#[tokio::test]
async fn late_news_of_a_run_without_a_claim_makes_no_claim() {
    let Some(table) = TestTable::create().await else { return };
    let (transcodes, run) = (table.transcodes(), new_run());

    assert_eq!(
        kind(transcodes.set_task_token(&run, "token").await),
        ErrorKind::Conflict
    );
    assert_eq!(
        kind(transcodes.record_outcome(&run, &JobOutcome::Canceled).await),
        ErrorKind::Conflict
    );
    assert!(table.contents().await.is_empty());
}

#[tokio::test]
async fn one_of_many_callers_sends_a_notice() {
    let Some(table) = TestTable::create().await else { return };
    let (notices, run) = (table.notices(), new_run());

    let receipts = join_all((0..CALLERS).map(|_| begin(&notices, &run, 0))).await;
    assert_eq!(receipts.iter().filter(|receipt| **receipt == Receipt::Ours).count(), 1);
    assert_eq!(begin(&notices, &run, 60).await, Receipt::Begun(now()));

    notices.mark_sent(&run, "operators", after(1)).await.expect("a write");
    assert_eq!(begin(&notices, &run, 60).await, Receipt::Sent);
    let other = notices.begin(&run, "owners", now()).await.expect("an answer");
    assert_eq!(other, Receipt::Ours, "each topic has a receipt");
}

#[tokio::test]
async fn a_session_ends_once_and_for_good() {
    let Some(table) = TestTable::create().await else { return };
    let ended = table.ended_sessions();

    assert!(!ended.contains("session").await.expect("an answer"));
    ended.add("session", now()).await.expect("a write");
    ended.add("session", after(60)).await.expect("harmless");

    assert!(ended.contains("session").await.expect("an answer"));
    assert!(!ended.contains("another session").await.expect("an answer"));
    assert_eq!(table.contents().await.len(), 1);
}

#[tokio::test]
async fn the_first_exposure_of_a_day_is_kept() {
    let Some(table) = TestTable::create().await else { return };
    let exposure = |seconds| Exposure {
        experiment_id: "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11"
            .parse::<ExperimentId>()
            .expect("an id"),
        account_id: "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d12".parse().expect("an id"),
        day: "2026-11-28".to_owned(),
        shown_at: after(seconds),
        arm: None,
        titles: vec![],
    };

    table.exposures().record(&exposure(0)).await.expect("a write");
    let first = table.contents().await;
    table.exposures().record(&exposure(60)).await.expect("harmless");

    assert_eq!(table.contents().await, first);
    let next_day = Exposure {
        day: "2026-11-29".to_owned(),
        ..exposure(0)
    };
    table.exposures().record(&next_day).await.expect("a write");
    assert_eq!(table.contents().await.len(), 2);
}

#[tokio::test]
async fn one_retraining_at_a_time_holds_the_models() {
    let Some(table) = TestTable::create().await else { return };
    let retrainings = table.retrainings();
    let new = || {
        let run = retraining::Run {
            run_id: RetrainingId::mint(now()),
        };
        (run, Retraining::new(run, Some(new_account()), [].into(), now()))
    };
    let ((first, started), (second, late)) = (new(), new());
    let (mut models, mut same) = (ModelRegistry::default(), ModelRegistry::default());

    retrainings
        .start(&started, &mut models, None)
        .await
        .expect("the first run");
    assert_eq!(
        kind(retrainings.start(&late, &mut same, None).await),
        ErrorKind::Conflict
    );

    assert_eq!(retrainings.find(&first).await.expect("an answer"), Some(started));
    assert_eq!(retrainings.find(&second).await.expect("an answer"), None);
    let held = table.models().find().await.expect("an answer");
    assert_eq!(held.active_run.map(|run| run.run_id), Some(first.run_id));
    assert_eq!(held, models);
}

#[tokio::test]
async fn a_retraining_has_one_outcome_and_one_end_and_late_news_makes_no_run() {
    let Some(table) = TestTable::create().await else { return };
    let retrainings = table.retrainings();
    let run = retraining::Run {
        run_id: RetrainingId::mint(now()),
    };
    let failed = |reason: &str| TrainingOutcome::Failed {
        reason: reason.to_owned(),
    };
    assert_eq!(
        kind(retrainings.training_ended(&run, &failed("early")).await),
        ErrorKind::Conflict
    );
    assert_eq!(
        kind(retrainings.wait_for_training(&run, "token").await),
        ErrorKind::Conflict
    );
    let end = async |state| retrainings.end(&run, state, None, now()).await;
    assert_eq!(kind(end(RetrainingState::Failed).await), ErrorKind::Conflict);
    assert!(table.contents().await.is_empty());

    let retraining = Retraining::new(run, None, [].into(), now());
    retrainings
        .start(&retraining, &mut ModelRegistry::default(), None)
        .await
        .expect("a run");
    retrainings
        .training_ended(&run, &failed("first"))
        .await
        .expect("the first outcome");
    assert_eq!(
        kind(retrainings.training_ended(&run, &failed("second")).await),
        ErrorKind::Conflict
    );
    end(RetrainingState::Failed).await.expect("the first end");
    assert_eq!(kind(end(RetrainingState::Promoted).await), ErrorKind::Conflict);

    let found = retrainings.find(&run).await.expect("an answer").expect("a run");
    assert_eq!(found.training_outcome, Some(failed("first")));
    assert_eq!((found.state, found.ended_at), (RetrainingState::Failed, Some(now())));
}
