//! The step `publish`: publishes the title, whose output is checked.

use adapters::dynamodb::{Decision, StepOutput};
use domain::{
    ingest::{IngestError, Reason, Run, Step},
    title::{Publication, TitleState},
};
use kernel::{Timestamp, id::TitleId};
use media::hls::PlaybackProof;
use runtime::clock;

pub use crate::output::Context;
use crate::step::{RunningStep, StepFailure, check_owner_enabled};

/// Copies the poster to a place that needs no token, then publishes the title.
pub async fn handle(cx: Context, run: Run) -> Result<(), StepFailure> {
    let now = clock::now();
    let step = RunningStep::begin(&cx.assets, run, Step::Publish, now).await?;
    let proof: PlaybackProof = step.document()?;
    let attempt = step.input.asset.transcoded.ok_or(IngestError::Internal)?;
    let poster = proof.poster.as_ref().map(|_| poster_key(run.title_id));
    if let (Some(still), Some(poster)) = (&proof.poster, &poster) {
        cx.media.copy_immutable(still, poster, "image/jpeg").await?;
    }

    let publication = Publication {
        asset_id: run.asset_id,
        attempt,
        manifest: proof.manifest,
        poster,
        duration_ms: proof.duration_ms,
        renditions: proof.renditions,
        sounds: proof.sounds,
        published_at: now,
    };
    publish(&cx, &run, &publication, now).await?;
    tracing::info!(title.id = %run.title_id, "published {}", run.title_id);

    step.done(StepOutput::none(), clock::now()).await
}

/// A random name: posters are served without a token, and their names must not reveal the film's. A repeated step makes another
/// copy; `delete-files` deletes the one that the title does not name.
fn poster_key(title: TitleId) -> String {
    let name: [u8; 16] = rand::random();

    format!("images/{title}/{}.jpg", hex::encode(name))
}

async fn publish(cx: &Context, run: &Run, publication: &Publication, now: Timestamp) -> Result<(), StepFailure> {
    // The owner may be editing the title at the same moment.
    let published = cx.titles.update_with(run.title_id, async |title| {
        if title.asset_id != Some(run.asset_id) {
            return Err(StepFailure::from(IngestError::Superseded));
        }
        let current = title
            .publication
            .as_ref()
            .filter(|_| title.state == TitleState::Published);
        if current.is_some_and(|current| current.attempt == publication.attempt) {
            return Ok(Decision::Leave(()));
        }
        check_owner_enabled(&cx.accounts, title.owner.account_id).await?;
        title
            .publish(publication.clone(), now)
            .map_err(|error| Reason::new(IngestError::PublishConflict, error.to_string()))?;

        Ok(Decision::Write(()))
    });

    published.await?.ok_or_else(|| IngestError::Superseded.into())
}

#[cfg(test)]
mod tests {
    use adapters::{aws, dynamodb::Table, s3::Bucket};
    use domain::title::testing::publication;
    use runtime::http::testing::Services;

    use super::*;
    use crate::testing;

    fn context(services: &Services) -> Context {
        let aws = aws::at(&services.url);
        let table = Table::new(&aws, "marquee");

        Context {
            assets: table.assets(),
            titles: table.titles(),
            accounts: table.accounts(),
            transcodes: table.transcodes(),
            media: Bucket::new(&aws, "media"),
        }
    }

    #[tokio::test]
    async fn a_run_over_a_replaced_upload_publishes_nothing() {
        let run = testing::run();
        let publication = publication(run.asset_id, Timestamp::UNIX_EPOCH);
        let mut title = testing::title("processing");
        title["asset_id"] = serde_json::json!({ "S": "0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d12" });
        let items = [title, testing::account()];
        let services = Services::answering(move |call| call.answer_from(&items)).await;

        let published = publish(&context(&services), &run, &publication, Timestamp::UNIX_EPOCH).await;

        assert_eq!(published, Err(StepFailure::from(IngestError::Superseded)));
        assert!(services.calls().iter().all(|call| call.name != "PutItem"));
    }

    #[tokio::test]
    async fn a_title_whose_owner_is_disabled_is_not_published() {
        let run = testing::run();
        let publication = publication(run.asset_id, Timestamp::UNIX_EPOCH);
        let disabled = Err(StepFailure::from(IngestError::OwnerDisabled));
        for (owner, expected, writes) in [
            (testing::account(), Ok(()), 1),
            (testing::disabled_account(), disabled, 0),
        ] {
            let items = [testing::title("processing"), owner];
            let services = Services::answering(move |call| call.answer_from(&items)).await;

            let published = publish(&context(&services), &run, &publication, Timestamp::UNIX_EPOCH).await;

            assert_eq!(published, expected);
            let calls = services.calls();
            assert_eq!(calls.iter().filter(|call| call.name == "PutItem").count(), writes);
        }
    }
}
